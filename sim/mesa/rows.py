"""Agents that are rows of a market's tables, and the properties they read there."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.market import Market

Rows = NDArray[np.int64]
Read = Callable[["Market", Rows], NDArray[Any]]
Write = Callable[["Market", Rows, Any], None]


class Column:
    """A property that is read from tables, of one agent or of many at once.

    Parameters
    ----------
    read
        Returns one value for each of the rows.
    write
        Stores a value in each of the rows; without it the property cannot be set.
    """

    def __init__(self, read: Read, write: Write | None = None) -> None:
        self.read, self._write = read, write
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        return self.read(agent.model, np.array([agent.row])).tolist()[0]

    def __set__(self, agent: Any, value: Any) -> None:
        self.write(agent.model, np.array([agent.row]), value)

    def write(self, market: "Market", rows: Rows, value: Any) -> None:
        """Store one value in each of the rows.

        Raises
        ------
        AttributeError
            If the property cannot be set.
        """
        if self._write is None:
            raise AttributeError(f"{self.name!r} cannot be set: it follows from what happens")
        self._write(market, rows, value)


class RowAgent(mesa.Agent):
    """An agent whose properties are in the market's tables.

    Attributes
    ----------
    model : sim.market.Market
    row : int
        Row of the table of people, or of brands.
    unique_id : int
        1 to n for people, then brands, then agents that a user adds.
    pos
        Place in a Mesa space, if a user's own code puts the agent in one.
    """

    __slots__ = ("model", "row")
    model: Any
    row: int
    pos: Any = None

    def __init__(self, model: Any = None, *args: Any, **kwargs: Any) -> None:
        raise TypeError(
            f"a {type(self).__name__} comes with the market: people.n and brands say how many; "
            "an agent of your own derives from mesa.Agent"
        )

    @classmethod
    def at(cls, model: Any, row: int) -> "RowAgent":
        """Return a new view on a row; `AgentSet`s give the one that is kept."""
        agent = cls.__new__(cls)
        _set_model(agent, model)
        _set_row(agent, row)
        return agent

    @classmethod
    def settable(cls, name: str) -> Any:
        """Return what is stored under `name` in the class, if agents let it be set.

        Raises
        ------
        AttributeError
            If there is no such property.
        """
        if name == "pos" or isinstance(getattr(cls, name, None), Column):
            return getattr(cls, name)
        raise AttributeError(
            f"{cls.__name__} has no property {name!r} to set: agents are rows of tables; "
            "keep values of your own in an array, by agent.row"
        )

    def become(self, kind: type) -> None:
        """Change class, for a changed role."""
        object.__setattr__(self, "__class__", kind)

    def __setattr__(self, name: str, value: Any) -> None:
        self.settable(name)
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.unique_id}>"

    def __getstate__(self) -> tuple[Any, int, Any]:
        return self.model, self.row, self.pos

    def __setstate__(self, state: tuple[Any, int, Any]) -> None:
        for name, value in zip(("model", "row", "pos"), state, strict=True):
            object.__setattr__(self, name, value)


_set_model = RowAgent.__dict__["model"].__set__
_set_row = RowAgent.__dict__["row"].__set__
