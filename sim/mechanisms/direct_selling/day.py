"""What direct selling does each day, when all have bought and talked."""

from typing import Any

import numpy as np

from sim.engine import calendar
from sim.mechanisms.direct_selling.joining import weigh_offers
from sim.mechanisms.direct_selling.work import work
from sim.world import used


def distribute(market: Any, day: int) -> None:
    """Let those asked to join decide, and the distributors who are due call, review and quit."""
    if used(market.world, "pitched"):
        offers = _offers(market.world)
        market.each(lambda w, start: weigh_offers(w, offers, start, day), len(offers))
        market.world.tally["pitched"] = 0
    if used(market.world, "distributors"):
        rows = calendar.due(market.world.distributors_due, day)
        market.each(lambda w, start: work(w, rows, start, day), rows.size)


def _offers(w: Any) -> Any:
    """Return today's recruiting talks by person, then by identity of brand and recruiter."""
    person, brand, recruiter = w.pitched[: used(w, "pitched")].T
    by = np.where(recruiter >= 0, w.people["id"][w.distributors["person"][recruiter]], 0)
    return np.lexsort((by, recruiter >= 0, w.brands["key"][brand], person))
