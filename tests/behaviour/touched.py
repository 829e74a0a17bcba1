"""What tests of touches share: how to run a market, count in it, and touch people daily."""

from sim.counts import COUNTS
from sim.strategies.interface import Does, Touch

CREAM = "brands.A.products.cream"
A_STRATEGIES = "brands.A.strategies"
REMIND = Touch("remind", Does.REMIND, before_depletion=7)
LOADS = {"behaviour.touch.service_load": 1.0, "behaviour.touch.commercial_load": 1.0}


def run(still, days, portfolio, **changes):
    """Return a market after some days in which brand A has a portfolio."""
    market = still(**{"days": days, A_STRATEGIES: portfolio, **changes})
    market.run_model()
    return market


def total(market, name: str, brand: int = 0) -> int:
    return int(market.counts[:, brand, COUNTS.index(name)].sum())


def every_day(does: Does, first: int, last: int, **given) -> list[Touch]:
    return [Touch(f"on day {day}", does, day=day, **given) for day in range(first, last + 1)]
