"""Budgets: what each strategy may still spend, and who goes without when that is not enough."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.accruals import price_claims
from sim.brands.portfolio import Running
from sim.config.scalars import cents
from sim.engine.draws import draw
from sim.engine.kernels import borrow, kernel
from sim.people.touches import contact_cost, release
from sim.purposes import Purpose
from sim.world import World, used


class Budgets:
    """Money of the strategies of one market.

    A strategy's budget becomes available evenly, day by day, over its `budget_days` or else over
    the run; what is not spent is carried on. Where a day's touches cost more than there is, a
    lottery decides, drawn for each person, so that the order of rows favours nobody.

    Parameters
    ----------
    portfolio
        The strategies at work.
    days
        Length of the run, in days.
    """

    def __init__(self, portfolio: list[Running], days: int) -> None:
        limits = [run.strategy.budget for run in portfolio]
        self._total = np.array([math.inf if b is None else cents(b) for b in limits])
        self._days = np.array([run.strategy.budget_days or days for run in portfolio])
        self.limited = bool(np.isfinite(self._total).any())

    def afford(self, world: World, w: Any, rows: NDArray[np.int64], day: int) -> NDArray[np.int64]:
        """Return those of the touches admitted today that there is money for; give the others up.

        Parameters
        ----------
        world, w
            State of the market, and its handle.
        rows : int64[k]
            Rows of touches.
        day
            Today.

        Returns
        -------
        int64[<= k]
            In the order given.
        """
        if not self.limited or rows.size == 0:
            return rows
        strategy, cost, lot = _price(w, rows, day)
        allowed = self._allowed(world, strategy, cost, lot, day)
        _give_up(w, rows[~allowed])
        return rows[allowed]

    def accept(self, world: World, w: Any, day: int) -> NDArray[np.bool_]:
        """Tell which of the rewards, commissions and bonuses claimed today there is money for.

        Each needs as much as it may come to in the end.

        Returns
        -------
        bool[k]
            For each of today's claims.
        """
        if not self.limited:
            claims = used(world, "accruals") - used(world, "claimed")
            return np.ones(claims, bool)
        strategy, cost, lot = price_claims(w, day)
        return self._allowed(world, strategy, cost, lot, day)

    def _allowed(
        self,
        world: World,
        strategy: NDArray[np.int64],
        cost: NDArray[np.int64],
        lot: NDArray[np.float64],
        day: int,
    ) -> NDArray[np.bool_]:
        allowed = np.ones(strategy.size, bool)
        for s in np.unique(strategy):
            mine = np.flatnonzero(strategy == s)
            by_lot = mine[np.argsort(lot[mine], kind="stable")]
            so_far = self._total[s] * min(1.0, (day + 1) / self._days[s])
            free = so_far - world.spent[s] - world.reserved[s]
            allowed[by_lot] = (np.cumsum(cost[by_lot]) <= free) | (cost[by_lot] == 0)
        return allowed


@kernel
def _price(w, rows, day):
    w = borrow(w)
    strategy = np.empty(rows.size, np.int64)
    cost = np.empty(rows.size, np.int64)
    lot = np.empty(rows.size)
    for k in range(rows.size):
        touch = w.touches[rows[k]]
        step = w.steps[touch.step]
        strategy[k] = step.strategy
        cost[k] = contact_cost(w, step) + step.extra_cents
        person = w.people[touch.person]
        lot[k] = draw(w.seed[0], person.id, 0, step.key, day, Purpose.LOTTERY)
    return strategy, cost, lot


@kernel
def _give_up(w, rows):
    w = borrow(w)
    for k in range(rows.size):
        touch = w.touches[rows[k]]
        w.relationships[
            touch.person, w.steps[touch.step].brand
        ].week_touches -= 1  # the cap is not used
        release(w, rows[k])
