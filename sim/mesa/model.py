"""A Mesa model whose people and brands are rows of tables, and Mesa agents on demand."""

from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.mesa.agents import KINDS, Brand
from sim.mesa.live import LiveAgentSet
from sim.mesa.roster import LazyAgentSet, forget_counter
from sim.mesa.rows import RowAgent
from sim.world import World

Ids = NDArray[np.int64]
_BRAND = KINDS.index(Brand)


def _wanted(kind: type) -> NDArray[np.bool_]:
    return np.array([issubclass(known, kind) for known in KINDS])


def _rows(rows: NDArray[Any], n: int) -> Ids:
    """Return the numbers of rows, in their order."""
    if rows.dtype == bool and rows.shape == (n,):
        return np.flatnonzero(rows)
    if rows.size == 0:
        return np.empty(0, np.int64)
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise IndexError(f"rows must be whole numbers in one list, or {n} truth values")
    if rows.min() < 0 or rows.max() >= n:
        raise IndexError(f"rows of people go from 0 to {n - 1} (got {rows.min()} to {rows.max()})")
    first = np.unique(rows, return_index=True)[1]
    return rows[np.sort(first)].astype(np.int64)


class RowModel(mesa.Model):
    """What makes a market's people and brands appear as Mesa agents.

    `agents`, `agents_by_type` and `agent_types` are as in any Mesa model. Agents of a user's own
    are registered as usual, and get the ids after those of people and brands.

    Attributes
    ----------
    world : sim.world.World
        Everything that changes.
    brand_names : tuple of str
    """

    world: World
    brand_names: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Kept for good: Mesa's sets hold agents weakly, so one that nobody keeps would drop out.
        self._handles: dict[int, RowAgent] = {}
        self._roles: NDArray[np.int8] | None = None
        super().__init__(*args, **kwargs)

    @property
    def agents(self) -> LiveAgentSet:
        """All agents: people, brands, and a user's own."""
        return LiveAgentSet(self, mesa.Agent)

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """An AgentSet for each class of agent, also where there is nobody yet."""
        own = {kind: LiveAgentSet(self, kind) for kind in KINDS}
        return own | super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """All classes of agents."""
        return list(self.agents_by_type)

    def people_at(self, rows: NDArray[np.integer]) -> LazyAgentSet:
        """Return the people in these rows of the tables, in this order, each once.

        Parameters
        ----------
        rows
            Numbers of rows; or bool[n], which people.

        Raises
        ------
        IndexError
            If there are no such rows.
        """
        return LazyAgentSet(self, _rows(np.asarray(rows), self.world.people.size) + 1)

    def brand(self, name: str) -> RowAgent:
        """Return a brand.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        if name not in self.brand_names:
            raise KeyError(f"no brand {name!r}; this market has {', '.join(self.brand_names)}")
        uid = self.world.people.size + self.brand_names.index(name) + 1
        return next(self.handles(np.array([uid])))

    # --- what the sets ask -----------------------------------------------------------------------

    def handles(self, ids: Ids) -> Iterator[RowAgent]:
        """Yield the agents with these ids, each in the class of its role."""
        n = self.world.people.size
        for uid, kind in zip(ids.tolist(), self.kinds(ids).tolist(), strict=True):
            agent = self._handles.get(uid)
            if agent is None:
                row = uid - 1 if kind != _BRAND else uid - n - 1
                agent = self._handles[uid] = KINDS[kind].at(self, row)
            elif type(agent) is not KINDS[kind]:
                agent.become(KINDS[kind])
            yield agent

    def kinds(self, ids: Ids) -> Ids:
        """Return the class of each id, as an index into `KINDS`."""
        role = self.world.people["role"]
        kinds = np.full(ids.size, _BRAND)
        people = ids <= role.size
        kinds[people] = role[ids[people] - 1]
        return kinds

    def ids_of(self, kind: type) -> Ids:
        """Return the ids of all people and brands of a class or of its subclasses."""
        n, wanted = self.world.people.size, _wanted(kind)
        if wanted[:_BRAND].any() and not wanted[:_BRAND].all():
            return np.flatnonzero(wanted[self.world.people["role"]]) + 1
        first = 1 if wanted[0] else 1 + n
        last = n + len(self.brand_names) if wanted[_BRAND] else n
        return np.arange(first, last + 1)

    def count_of(self, kind: type) -> int:
        """Return how many people and brands are of a class or of its subclasses."""
        wanted = _wanted(kind)
        people = self.world.people.size
        if not wanted[:_BRAND].all():
            people = int(wanted[self.world.people["role"]].sum())
        return people + (len(self.brand_names) if wanted[_BRAND] else 0)

    def added(self, kind: type) -> list[mesa.Agent]:
        """Return the agents that a user has added, of a class or of its subclasses."""
        return [agent for agent in super().agents if isinstance(agent, kind)]

    def follow_roles(self) -> None:
        """Give the agents that somebody holds the class of their role."""
        if not self._handles:
            return
        role = self.world.people["role"]
        if self._roles is None:
            changed = np.fromiter(self._handles, np.int64)
        else:
            changed = np.flatnonzero(role != self._roles) + 1
        self._roles = role.copy()
        ids = np.array([uid for uid in changed.tolist() if uid in self._handles], np.int64)
        for _ in self.handles(ids):
            pass

    # --- what Mesa calls -------------------------------------------------------------------------

    def register_agent(self, agent: mesa.Agent) -> None:
        """Take in an agent of a user's own; making one calls this."""
        first = self.world.people.size + len(self.brand_names) + 1
        # Mesa 3.5 numbers an agent from this counter; 3.3 has numbered it already, from 1.
        self.agent_id_counter = max(first, getattr(self, "agent_id_counter", 1))
        if agent.unique_id is not None:
            agent.unique_id = self.agent_id_counter
            self.agent_id_counter += 1
            forget_counter(self)
        super().register_agent(agent)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Forget an agent of a user's own; `agent.remove()` calls this.

        Raises
        ------
        ValueError
            If it is a person or a brand.
        """
        if isinstance(agent, RowAgent):
            raise ValueError(
                f"{agent!r} cannot be removed: people and brands are the market's own; "
                "who has left the category is no longer in_market"
            )
        super().deregister_agent(agent)

    def remove_all_agents(self) -> None:
        """Refuse: without its people and brands there is no market.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            "people and brands cannot be removed from a market; agents of your own can: "
            'market.agents_by_type[YourAgent].do("remove")'
        )
