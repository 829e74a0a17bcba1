"""The market's own AgentSets: always all agents of a class that there are."""

from typing import Any

import mesa
import numpy as np

from sim.mesa.agents import KINDS
from sim.mesa.roster import Ids, LazyAgentSet


class LiveAgentSet(LazyAgentSet):
    """All agents of a class that the market has at any time; its members cannot be changed.

    Parameters
    ----------
    model : sim.mesa.model.RowModel
        The market.
    kind
        The class.
    """

    def __init__(self, model: Any, kind: type) -> None:
        self._model, self._kind = model, kind

    @property
    def ids(self) -> Ids:
        """Unique ids of the people and brands in the set, in their order."""
        return self._model.ids_of(self._kind)

    @property
    def others(self) -> list[mesa.Agent]:
        """Agents of a user's own in the set; they come last."""
        return self._model.added(self._kind)

    def __len__(self) -> int:
        return self._model.count_of(self._kind) + len(self.others)

    def _has(self, uid: int) -> bool:
        return issubclass(KINDS[self._model.kinds(np.array([uid])).item()], self._kind)

    def _opened(self) -> Any:
        raise ValueError(
            "the market's own sets cannot be changed or reordered in place; work on a copy: "
            "market.agents.copy()"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model, "_kind": self._kind}
