"""People, ties and burn-in, made once for all arms of a replicate.

No strategy is in force before day 0, so arms that differ in strategies only begin alike. To make
that beginning takes as long as to run about a year.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.identity import config_hash

if TYPE_CHECKING:
    from sim.config.market import MarketConfig
    from sim.market import Market

_last: dict[tuple[str, int], "Market"] = {}
"""The beginning made last, by what it is made of: configuration, data files and seed.

Arms of a replicate follow each other.
"""


def begin(description: Mapping[str, Any], seed: int) -> "Market":
    """Return a market at day 0.

    Parameters
    ----------
    description
        As `MarketConfig.model_dump` gives it.
    seed
        Of the run.
    """
    from sim.config.bare import without_strategies
    from sim.config.market import MarketConfig
    from sim.market import Market

    config = MarketConfig.model_validate(dict(description))
    key = _made_of(description), seed
    if key not in _last:
        forget()
        if not _two_fit(config):
            return Market(config, rng=seed)
        _last[key] = Market(without_strategies(config), rng=seed)
    return Market(config, rng=seed, beginning=_last[key])


def forget() -> None:
    """Let go of the beginning made last: it takes memory."""
    _last.clear()


def _made_of(description: Mapping[str, Any]) -> str:
    brands = {name: {**brand, "strategies": {}} for name, brand in description["brands"].items()}
    return config_hash({**description, "brands": brands})


def _two_fit(config: "MarketConfig") -> bool:
    from sim.engine import memory
    from sim.size import needed

    there = memory.available()
    return there is None or 2 * needed(config) < there
