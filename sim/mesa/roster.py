"""AgentSets over rows: an agent is made when somebody looks at it, and then kept.

With `sim.mesa.collect`, the only file with Mesa's private names. Both serve Mesa 3.3, the last for
Python 3.11, and Mesa 3.5.
"""

import math
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from operator import attrgetter, index
from random import Random
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.mesa.agents import KINDS, Brand, Person
from sim.mesa.rows import Column, RowAgent

try:
    from mesa.agentset import AgentSet, GroupBy
except ImportError:  # Mesa 3.3
    from mesa.agent import AgentSet, GroupBy

Ids = NDArray[np.int64]
_INFINITY = float("inf")
_REQUIRED: Any = object()


def forget_counter(model: mesa.Model) -> None:
    """Drop the counter that Mesa 3.3 keeps for a model, in a table that holds models for ever."""
    getattr(mesa.Agent, "_ids", {}).pop(model, None)


class LazyAgentSet(AgentSet):
    """An AgentSet of people and brands that makes agents only when it must.

    What Mesa's sets can do, it can. Properties kept in tables are read and written there at once,
    without any agent. A result with an agent of a user's own in it is an ordinary AgentSet, and a
    set becomes one when its members are changed.

    Parameters
    ----------
    model : sim.mesa.model.RowModel
        The market.
    ids : int64[k]
        Unique ids of the members, in their order.
    """

    def __init__(self, model: Any, ids: Ids) -> None:
        self._model, self._ids = model, ids
        self._members: frozenset[int] | None = None

    @property
    def ids(self) -> Ids:
        """Unique ids of the people and brands in the set, in their order."""
        return self._ids

    @property
    def others(self) -> list[mesa.Agent]:
        """Agents of a user's own in the set; they come last."""
        return []

    @property
    def random(self) -> Random:
        """The model's `random`."""
        return self._model.random

    @property
    def _agents(self) -> "weakref.WeakKeyDictionary[mesa.Agent, None]":
        # for methods that another Mesa may have
        return weakref.WeakKeyDictionary(dict.fromkeys(self))

    # --- a collection ----------------------------------------------------------------------------

    def __len__(self) -> int:
        return self.ids.size + len(self.others)

    def __iter__(self) -> Iterator[mesa.Agent]:
        others = self.others
        yield from self._model.handles(self.ids)
        yield from others

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"

    def __reversed__(self) -> Iterator[mesa.Agent]:
        return reversed(self.to_list())

    def __contains__(self, agent: object) -> bool:
        if isinstance(agent, RowAgent):
            return agent.model is self._model and self._has(agent.unique_id)
        return any(agent is other for other in self.others)

    def _has(self, uid: int) -> bool:
        if self._members is None:
            self._members = frozenset(self._ids.tolist())
        return uid in self._members

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice) or self.others:
            return self.to_list()[item]
        return next(self._model.handles(self.ids[[index(item)]]))

    def to_list(self) -> list[mesa.Agent]:
        """Return the agents as a list."""
        return list(self)

    def copy(self) -> Any:
        """Return a set of the present members."""
        return self._set(self.ids, self.others)

    __copy__ = copy

    def _set(self, ids: Any, others: list[mesa.Agent]) -> Any:
        members = LazyAgentSet(self._model, np.asarray(ids, np.int64))
        return AgentSet([*members, *others], self.random) if others else members

    def _from_iterable(self, agents: Iterable[mesa.Agent]) -> Any:
        return AgentSet(agents, self.random)  # the result of &, |, - and ^

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model, "_ids": self._ids, "_members": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # --- changing members ------------------------------------------------------------------------

    def _opened(self) -> Any:
        """Become an ordinary AgentSet, whose members can be changed."""
        agents, random = self.to_list(), self.random
        self.__dict__.clear()
        self.__class__ = AgentSet
        AgentSet.__init__(self, agents, random)
        return self

    def add(self, agent: mesa.Agent) -> None:
        """Add an agent."""
        self._opened().add(agent)

    def discard(self, agent: mesa.Agent) -> None:
        """Remove an agent if it is in the set."""
        self._opened().discard(agent)

    def remove(self, agent: mesa.Agent) -> None:
        """Remove an agent that is in the set."""
        self._opened().remove(agent)

    # --- choosing and ordering -------------------------------------------------------------------

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: float = _INFINITY,
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> Any:
        """Return the agents that pass, as Mesa does; by class alone, without making any.

        Parameters
        ----------
        filter_func
            Tells whether an agent passes.
        at_most
            A number of agents; a `float` up to 1 is a share, rounded down. None below 0.
        inplace
            Change this set.
        agent_type
            Class, or tuple of classes, of the agents.

        Raises
        ------
        ValueError
            If `at_most` is not a number.
        """
        if at_most != at_most:
            raise ValueError("at_most must be a number of agents or a share (got NaN)")
        if inplace:
            return self._opened().select(filter_func, at_most, True, agent_type)
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        ids, others = self._of_type(agent_type) if agent_type else (self.ids, self.others)
        if filter_func is not None:
            return self._passing(ids, others, filter_func, at_most)
        if at_most < len(ids) + len(others):
            most = max(0, math.ceil(at_most))
            ids, others = ids[:most], others[: max(0, most - ids.size)]
        return self._set(ids, others)

    def _of_type(self, kind: type) -> tuple[Ids, list[mesa.Agent]]:
        ids, wanted = self.ids, np.array([issubclass(known, kind) for known in KINDS])
        others = [agent for agent in self.others if isinstance(agent, kind)]
        return ids[wanted[self._model.kinds(ids)]], others

    def _passing(
        self,
        ids: Ids,
        others: list[mesa.Agent],
        passes: Callable[[Any], bool],
        most: float,
    ) -> Any:
        chosen: list[mesa.Agent] = []
        for agent in (*self._model.handles(ids), *others):
            if len(chosen) >= most:
                break
            if passes(agent):
                chosen.append(agent)
        own = [agent.unique_id for agent in chosen if isinstance(agent, RowAgent)]
        return self._set(own, [agent for agent in chosen if not isinstance(agent, RowAgent)])

    def shuffle(self, inplace: bool = False) -> Any:
        """Return the agents in random order."""
        if inplace:
            return self._opened().shuffle(inplace=True)
        if self.others:
            return self.copy().shuffle()
        ids = self.ids.tolist()
        self.random.shuffle(ids)
        return self._set(ids, [])

    def sort(
        self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> Any:
        """Return the agents in order of a property or of what a function returns."""
        if inplace:
            return self._opened().sort(key, ascending, inplace=True)
        if self.others:
            return self.copy().sort(key, ascending)
        if isinstance(key, str) and "." in key:
            key = attrgetter(key)
        values = self.get(key) if isinstance(key, str) else [key(agent) for agent in self]
        order = sorted(range(len(values)), key=values.__getitem__, reverse=not ascending)
        return self._set(self.ids[order], [])

    def groupby(self, by: Callable[[Any], Any] | str, result_type: str = "agentset") -> Any:
        """Return the agents in groups by a property or by what a function returns.

        Raises
        ------
        ValueError
            If `result_type` is neither `"agentset"` nor `"list"`.
        """
        if result_type not in ("agentset", "list"):
            raise ValueError(f"result_type must be 'agentset' or 'list' (got {result_type!r})")
        if self.others or result_type != "agentset":
            return AgentSet(self.to_list(), self.random).groupby(by, result_type)
        values = self.get(by) if isinstance(by, str) else [by(agent) for agent in self]
        groups: dict[Any, list[int]] = defaultdict(list)
        for uid, value in zip(self.ids.tolist(), values, strict=True):
            groups[value].append(uid)
        return _Groups({value: self._set(ids, []) for value, ids in groups.items()})

    # --- doing -----------------------------------------------------------------------------------

    def do(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a method, or a function, on each agent."""
        self._call(self.to_list(), method, args, kwargs)
        return self

    def shuffle_do(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a method, or a function, on each agent in random order."""
        agents = self.to_list()
        self.random.shuffle(agents)
        self._call(agents, method, args, kwargs)
        return self

    def map(self, method: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Return what a method, or a function, returns for each agent."""
        return self._call(self.to_list(), method, args, kwargs)

    def _call(self, agents: list[Any], method: Any, args: Any, kwargs: Any) -> list[Any]:
        called = []
        for agent in agents:
            if isinstance(agent, RowAgent) or agent in self:  # one of a user's own may be gone
                function = getattr(agent, method) if isinstance(method, str) else None
                result = function(*args, **kwargs) if function else method(agent, *args, **kwargs)
                called.append(result)
        return called

    # --- properties ------------------------------------------------------------------------------

    def _parts(self) -> list[tuple[type[RowAgent], NDArray[np.bool_], Ids]]:
        """Return people and brands apart: class, mask of `ids`, rows."""
        ids, n = self.ids, self._model.world.people.size
        parts = [(Person, ids <= n, 1), (Brand, ids > n, n + 1)]
        return [(cls, mask, ids[mask] - first) for cls, mask, first in parts if mask.any()]

    def column(self, name: str, missing: Any = _REQUIRED) -> NDArray[Any] | None:
        """Return a property of all people and brands in the set, read at once.

        Parameters
        ----------
        name
            Of the property.
        missing
            What stands for it where a class does not have it.

        Returns
        -------
        array[k] or None
            None if it is not kept in tables, or a class lacks it and `missing` is not given.
        """
        read: list[tuple[NDArray[np.bool_], NDArray[Any]]] = []
        for cls, mask, rows in self._parts():
            stored = getattr(cls, name, None)
            if isinstance(stored, Column):
                read.append((mask, stored.read(self._model, rows)))
            elif missing is not _REQUIRED and not hasattr(cls, name):
                read.append((mask, np.fromiter(repeat(missing, rows.size), object, rows.size)))
            else:
                return None
        if len(read) == 1:
            return read[0][1]
        out = np.empty(self.ids.size, np.result_type(*(values for _, values in read), np.int8))
        for mask, values in read:
            out[mask] = values
        return out

    def get(
        self, attr_names: Any, handle_missing: str = "error", default_value: Any = None
    ) -> list[Any]:
        """Return a property, or a list of several, of each agent."""
        if handle_missing not in ("error", "default"):
            raise ValueError(
                f"Unknown handle_missing option: {handle_missing}, "
                "should be one of 'error' or 'default'"
            )
        default = default_value if handle_missing == "default" else _REQUIRED
        if isinstance(attr_names, str):
            return self._get(attr_names, default)
        names = list(attr_names)
        if not names:
            return [[] for _ in range(len(self))]
        return [list(v) for v in zip(*(self._get(n, default) for n in names), strict=True)]

    def _get(self, name: str, default: Any) -> list[Any]:
        agents: Iterable[Any] = self.others
        column = self.column(name, default)
        if column is None:
            self._check(name, default)
            agents, column = self, np.empty(0)
        if default is _REQUIRED:
            return column.tolist() + [getattr(agent, name) for agent in agents]
        return column.tolist() + [getattr(agent, name, default) for agent in agents]

    def _check(self, name: str, default: Any) -> None:
        """Fail before all agents are made if one of them lacks a property."""
        for cls, mask, _ in self._parts():
            if default is _REQUIRED and not hasattr(cls, name):
                getattr(next(self._model.handles(self.ids[mask][:1])), name)

    def set(self, attr_name: str, value: Any) -> Any:
        """Set a property of every agent, in the tables where it is kept there."""
        columns = [(cls.settable(attr_name), rows) for cls, _, rows in self._parts()]
        if self.others or not all(isinstance(column, Column) for column, _ in columns):
            return self.do(setattr, attr_name, value)
        for column, rows in columns:
            column.write(self._model, rows, value)
        return self


class _Groups(GroupBy):
    """Groups of rows, which aggregate without making agents."""

    def agg(self, attr_name: str, func: Callable[[list[Any]], Any]) -> dict[Any, Any]:
        return {name: group.agg(attr_name, func) for name, group in self.groups.items()}
