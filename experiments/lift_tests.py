"""A lift test: what a randomised experiment with touches would measure in a market.

A brand sends the touches of some strategies to a random share of people; the others are held out.
What the experiment measures is how much more those who were touched order within a window, per
touch, than they would have without. A real experiment estimates that by those held out. Here the
same people are looked at in the market without these strategies, which has the same random draws:
up to somebody's first touch the two are the same, and the difference after it is the effect on that
very person. Its mean is that of the experiment, and its scatter is far smaller.

Only a first touch has an untouched customer to compare with, so that only windows after first
touches count. With everybody's later touches the two markets would differ before the window begins.
A window that the run does not see to its end does not count: its orders would be too few.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from experiments.records import Records
    from sim.market import Market

GROUP = "lift_test"
METRIC = "extra_orders_per_100_touches"
UNIT = "orders per 100 touches"


@dataclass(frozen=True)
class Lift:
    """A lift test, measured like a response of a run.

    Attributes
    ----------
    name
        What it is called.
    of
        The brand; `None`: the first.
    column
        What its numbers are called on disk.
    strategies
        By name, the parameters of the strategies that send the touches.
    share
        Of people, who may be touched.
    after, until
        First day on which a touch counts, and the first on which none does any more.
    window
        For so many days orders count, that of the first touch among them.
    """

    name: str
    of: str | None
    column: str
    strategies: Mapping[str, Any] = field(hash=False)
    share: float
    after: int
    until: int
    window: int

    @property
    def label(self) -> str:
        """What tells it from all other responses."""
        return self.column

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"lift test {self.name}"

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return UNIT

    def market(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return a resolved market with the strategies for the share of people."""
        of = self.of or next(iter(base["brands"]))
        audience = {"share": self.share, "group": GROUP}
        new = {
            name: {**own, "audience": {**(own.get("audience") or {}), **audience}}
            for name, own in self.strategies.items()
        }
        return with_strategies(base, of, new)

    def measure(
        self, base: Mapping[str, Any], seed: int, records: "Records"
    ) -> NDArray[np.float64]:
        """Return float64[brands]: extra orders per 100 touches; NaN if no first touch counts.

        Parameters
        ----------
        base, seed
            The run's market without the test, resolved, and its seed.
        records
            The records of that run.
        """
        from experiments.beginnings import begin

        brand = records.brands.index(self.of) if self.of else 0
        until = min(self.until, records.days - self.window + 1)
        own = begin(base, seed) if base["brands"][records.brands[brand]]["strategies"] else None
        first, touches, orders = self._followed(begin(self.market(base), seed), own, brand, until)
        without = records.orders[records.orders["brand"] == brand]
        extra = self._within(orders, first) - self._within(without, first)
        out = np.full(len(records.brands), np.nan)
        if touches:
            out[brand] = 100 * extra / touches
        return out

    def _followed(
        self, market: "Market", other: "Market | None", brand: int, until: int
    ) -> tuple[NDArray[np.int64], int, NDArray[np.void]]:
        """Run the test to the end of its last window, beside the market without it if that touches too.

        Returns
        -------
        int64[people], int, ORDER[k]
            The day of each first touch that counts, -1 for none; touches in the windows; orders.
        """
        people, end = len(market.world.people), until + self.window - 1
        first, counted = np.full(people, -1), 0
        days = _touched(market, brand, end)
        others = _touched(other, brand, end) if other is not None else iter(())
        for day, touched in enumerate(days):
            also = next(others, np.zeros(people, bool))
            fresh = touched & ~also & (first == -1)
            first[fresh] = day if self.after <= day < until else -2
            inside = (first >= 0) & (day < first + self.window)
            counted += int((touched & inside).sum())
        orders = market.orders
        return np.where(first < 0, -1, first), counted, orders[orders["brand"] == brand]

    def _within(self, orders: NDArray[np.void], first: NDArray[np.int64]) -> int:
        """Return how many orders fell into the window after their person's first touch."""
        began = first[orders["person"]]
        after = orders["day"] - began
        return int(((began >= 0) & (after >= 0) & (after < self.window)).sum())


def with_strategies(
    base: Mapping[str, Any], of: str, strategies: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a resolved market in which a brand uses strategies besides its own."""
    brand = base["brands"][of]
    brand = {**brand, "strategies": {**brand["strategies"], **strategies}}
    return {**base, "brands": {**base["brands"], of: brand}}


def _touched(market: "Market", brand: int, end: int) -> Iterator[NDArray[np.bool_]]:
    """Run a market, and yield for each day who was touched: every touch is answered or not."""
    before = _tally(market, brand)
    for _ in range(end):
        market.step()
        now = _tally(market, brand)
        yield (now != before).any(axis=1)
        before = now


def _tally(market: "Market", brand: int) -> NDArray[np.int64]:
    relationships = market.world.relationships[:, brand]
    return np.stack([relationships["answered"], relationships["unanswered"]], 1).astype(np.int64)
