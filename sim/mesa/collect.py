"""Data collection: Mesa's interface, with columns for agents that are rows.

With `sim.mesa.roster`, the only file with Mesa's private names: `mesa.batch_run` reads them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.books import contribution, net_revenue
from sim.counts import ORDERS
from sim.mesa.roster import LazyAgentSet
from sim.state import NO_DAY

if TYPE_CHECKING:
    from sim.market import Market


class Records(Sequence[tuple[Any, ...]]):
    """What was collected from agents at one time: columns, and as a sequence Mesa's tuples.

    Parameters
    ----------
    time
        Of the collection.
    ids : int64[k]
        Unique ids of the agents.
    columns : list of array[k]
        One for each reporter.
    """

    def __init__(self, time: Any, ids: NDArray[Any], columns: list[NDArray[Any]]) -> None:
        self.time, self.ids, self.columns = time, ids, columns

    def __len__(self) -> int:
        return self.ids.size

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        columns = [column.tolist() for column in self.columns]
        return zip(repeat(self.time), self.ids.tolist(), *columns, strict=False)

    def __getitem__(self, item: Any) -> Any:
        return list(self)[item]


class _Attribute:
    """Reports an attribute of an agent; unlike Mesa's own way to do so, it can be pickled."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, agent: Any) -> Any:
        return getattr(agent, self.name)


class _Applied:
    """Reports what a function with further arguments returns for an agent."""

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Any]) -> None:
        self.function, self.arguments = function, arguments

    def __call__(self, agent: Any) -> Any:
        return self.function(agent, *self.arguments)


def _reporter(given: Any) -> Any:
    if isinstance(given, str):
        return _Attribute(given)
    return _Applied(given[0], given[1]) if isinstance(given, list) else given


def _reporters(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _reporter(reporter) for name, reporter in (given or {}).items()}


class DataCollector(mesa.DataCollector):
    """Mesa's DataCollector, fast where it reports attributes of a market's people and brands.

    Attributes named by a string are read from the tables at once and kept as columns. Where some of
    the agents lack one, it is missing there; if all do, that is an error.

    Parameters
    ----------
    model_reporters, agent_reporters, agenttype_reporters, tables
        As in Mesa.
    """

    def __init__(
        self,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        agenttype_reporters: Mapping[type, Mapping[str, Any]] | None = None,
        tables: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        by_type = {kind: _reporters(given) for kind, given in (agenttype_reporters or {}).items()}
        super().__init__(model_reporters, _reporters(agent_reporters), by_type, tables)

    def collect(self, model: Any) -> None:
        """Collect everything of the present time."""
        super().collect(model)
        if self.agent_reporters:
            time = next(reversed(self._agent_records))
            self._agent_records[time] = _records(time, model.agents, self.agent_reporters)
        if self.agenttype_reporters:
            time, kinds = next(reversed(self._agenttype_records.items()))
            for kind, reporters in self.agenttype_reporters.items():
                kinds[kind] = _records(time, _of_type(model, kind), reporters)

    # Mesa's `collect` notes the time; what it would keep, a tuple for each agent, is put in above.
    def _record_agents(self, model: Any) -> tuple[()]:
        return ()

    def _record_agenttype(self, model: Any, agent_type: type) -> tuple[()]:
        return ()

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """Return what was collected from all agents, by step and agent."""
        if not self.agent_reporters:
            return super().get_agent_vars_dataframe()  # complains
        return _frame(list(self._agent_records.values()), list(self.agent_reporters))

    def get_agenttype_vars_dataframe(self, agent_type: type) -> pd.DataFrame:
        """Return what was collected from the agents of a class, by step and agent."""
        if agent_type not in self.agenttype_reporters:
            return super().get_agenttype_vars_dataframe(agent_type)  # complains
        records = [kinds[agent_type] for kinds in self._agenttype_records.values()]
        return _frame(records, list(self.agenttype_reporters[agent_type]))


def _of_type(model: Any, kind: type) -> Any:
    if kind in model.agent_types:
        return model.agents_by_type[kind]
    if not issubclass(kind, mesa.Agent):
        raise ValueError(
            f"Agent type {kind} is not recognized as an Agent type in the model or Agent subclass. "
            f"Use an Agent (sub)class, like {model.agent_types}."
        )
    return model.agents.select(agent_type=kind)


def _records(time: Any, agents: Any, reporters: Mapping[str, Any]) -> Records:
    ids = _reported(agents, _Attribute("unique_id")).astype(np.int64)
    return Records(time, ids, [_reported(agents, reporter) for reporter in reporters.values()])


def _reported(agents: Any, reporter: Callable[[Any], Any]) -> NDArray[Any]:
    if not isinstance(reporter, _Attribute):
        return _array([reporter(agent) for agent in agents])
    if isinstance(agents, LazyAgentSet) and not agents.others:
        column = agents.column(reporter.name)
        if column is not None:
            return column
    return _array(_values(agents, reporter.name))


def _values(agents: Any, name: str) -> list[Any]:
    missing = object()
    values = agents.get(name, "default", missing)
    if values and all(value is missing for value in values):
        raise AttributeError(f"no agent has the attribute {name!r}")
    return [None if value is missing else value for value in values]


def _array(values: list[Any]) -> NDArray[Any]:
    return pd.Series(values, dtype=None if values else object).to_numpy()


def _frame(records: list[Records], names: list[str]) -> pd.DataFrame:
    steps = list(chain.from_iterable(repeat(day.time, len(day)) for day in records))
    ids = np.concatenate([day.ids for day in records]) if records else np.empty(0, np.int64)
    index = pd.MultiIndex.from_arrays([steps, ids], names=["Step", "AgentID"])
    columns: dict[str, Any] = {
        name: np.concatenate([day.columns[k] for day in records]) if records else []
        for k, name in enumerate(names)
    }
    return pd.DataFrame(columns, index=index)


class DailyCollector(mesa.DataCollector):
    """The market's own collector: for each brand and day, what the books and counts say.

    Nothing is collected as days pass, since everything is there to be read afterwards; `collect`
    does nothing. Its variables, for a brand A, are `orders_A`, `net_revenue_A` and
    `contribution_A` of the day, in CNY, and `customers_A` at its end.

    Parameters
    ----------
    market
        The market.
    """

    def __init__(self, market: "Market") -> None:
        # Not Mesa's, which begins with lists to be filled.
        self._market = market
        self._days, self._vars = -1, dict[str, list[float]]()
        self.model_reporters = {name: name for name in _daily(market)}
        self.agent_reporters: dict[str, Any] = {}
        self.agenttype_reporters: dict[type, Any] = {}
        self._agent_records: dict[Any, Any] = {}
        self._agenttype_records: dict[Any, Any] = {}
        self.tables: dict[str, Any] = {}

    @property
    def model_vars(self) -> dict[str, list[float]]:
        """Values of each variable, one for each day so far."""
        if self._days != self._market.books.closed:
            self._vars = {name: values.tolist() for name, values in _daily(self._market).items()}
            self._days = self._market.books.closed
        return self._vars

    @property
    def _collection_steps(self) -> list[float]:
        return [float(step) for step in range(1, self._market.books.closed + 1)]

    def collect(self, model: mesa.Model) -> None:
        """Do nothing; see the class."""


def _daily(market: "Market") -> dict[str, NDArray[Any]]:
    daily = market.books.daily
    tables = {
        "orders": market.counts[:, :, ORDERS],
        "net_revenue": net_revenue(daily) / 100,
        "contribution": contribution(daily) / 100,
        "customers": _customers(market),
    }
    return {
        f"{what}_{brand}": table[:, b]
        for b, brand in enumerate(market.brand_names)
        for what, table in tables.items()
    }


def _customers(market: "Market") -> NDArray[np.int64]:
    relationships = market.world.relationships
    return _until(relationships["first_day"], market) - _until(
        relationships["dropped_out_day"], market
    )


def _until(day: NDArray[np.int32], market: "Market") -> NDArray[np.int64]:
    """Return how many of the days in each column had come by the end of each day of the run."""
    days = market.books.closed
    counted = np.zeros((days, day.shape[1]), np.int64)
    for b in range(day.shape[1]):
        when = day[day[:, b] != NO_DAY, b]
        counted[:, b] = np.bincount(np.maximum(when, 0), minlength=days)[:days].cumsum()
    return counted
