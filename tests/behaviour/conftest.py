"""What tests of referral share: programmes of their own, ties by hand, friends who are invited.

What tests of distributors share is in `staff`, which this makes importable.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.books import Account
from sim.market import Market
from sim.people.audience import audience
from sim.people.messages import Kind
from sim.state import MESSAGE, NO_DAY
from sim.strategies.interface import Strategy, Touch
from sim.terms import BrandTerm

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def programme(known_strategies: dict[str, type[Strategy]]) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a portfolio of one strategy: programmes, and a journey."""

    def portfolio(
        *given: BrandTerm | tuple[BrandTerm, ...],
        key: str = "friends",
        touches: Iterable[Touch] = (),
        **parameters: Any,
    ) -> dict[str, Any]:
        journey_of = tuple(touches)
        several = (one if isinstance(one, tuple) else (one,) for one in given)
        terms = tuple(chain.from_iterable(several))

        class Offered(Strategy):
            """Offer what a test says."""

            name: ClassVar[str] = key

            def programmes(self) -> tuple[BrandTerm, ...]:
                return terms

            def journey(self, product: Any) -> tuple[Touch, ...]:
                return journey_of

        return {key: parameters}

    return portfolio


@pytest.fixture
def tied(tmp_path: Any) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a network of the given ties, each both ways."""

    def network(ties: Iterable[tuple[int, int]], **given: Any) -> dict[str, Any]:
        file = tmp_path / "ties.csv"
        file.write_text("".join(f"{a},{b}\n" for a, b in ties))
        return {"kind": "edge_list", "file": str(file), **given}

    return network


def open_to(market: Market, people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the programmes of brand A that are open to some people, a bit for each."""
    w, found = market.world, np.zeros(people.size, np.int64)
    for k, row in enumerate(w.programmes[w.programmes["brand"] == 0]):
        ids = w.people["id"][people]
        mine = audience(int(w.seed[0]), ids, int(row["audience_key"]), float(row["share"]))
        found |= mine.astype(np.int64) << k
    return found


@pytest.fixture
def invite() -> Callable[..., None]:
    """Return a function that lets friends hear of an invitation to brand A on the coming day."""

    def tell(market: Market, pairs: Iterable[tuple[int, int]], **word: Any) -> None:
        """Tell the second of each pair what the first has to say."""
        world = market.world
        referrer, friend = np.array(list(pairs)).T
        first = int(world.tally[0]["invitations"])
        made = world.invitations[first : first + friend.size]
        made["referrer"], made["friend"], made["day"] = referrer, friend, market.day - 1
        made["clicked_day"] = made["vested_day"] = NO_DAY
        made["order"] = -1
        made["terms"] = open_to(market, referrer)
        world.tally[0]["invitations"] += friend.size
        said = np.zeros(friend.size, MESSAGE)
        said["speaker_id"], said["receiver"] = world.people["id"][referrer], friend
        said["kind"], said["about"] = Kind.INVITATION, first + np.arange(friend.size)
        for field, value in {"opinion": 0.6, "strength": 0.5, **word}.items():
            said[field] = value
        market._messages = said

    return tell


AT_ONCE: dict[str, Any] = {
    "brands.A.awareness": 0,
    "categories.cream.retry_days": 1,
    "behaviour.referral.acceptance_intercept": math.inf,
    "behaviour.referral.trigger": 0,
    "behaviour.referral.failed_trust_loss": 0,
}
"""Nobody knows A who was not invited; then the need, which stands every day, is met at once."""


@pytest.fixture
def referring(still: Callable[..., Market], invite: Callable[..., None]) -> Callable[..., Market]:
    """Return a function that runs a market in which friends are invited, and buy, on given days."""

    def run(
        portfolio: dict[str, Any],
        invitations: Mapping[int, Iterable[tuple[int, int]]],
        *,
        customers: Iterable[int] = (),
        watch: Callable[[Market], None] = lambda market: None,
        **changes: Any,
    ) -> Market:
        """Run it; `customers` buy from day 0 on unasked, and `watch` sees the market every day."""
        market = still(**{"brands.A.strategies": portfolio, **AT_ONCE, **changes})
        market.world.relationships["aware"][list(customers), 0] = True
        while market.running:
            if market.day in invitations:
                invite(market, invitations[market.day])
            market.step()
            watch(market)
        return market

    return run


@pytest.fixture(scope="session")
def posted() -> Callable[..., dict[int, int]]:
    """Return a function that tells on which days an account of A moved, and by how many cents."""

    def moves(market: Market, account: Account) -> dict[int, int]:
        cents = market.books.daily[:, 0, account]
        return {int(day): int(cents[day]) for day in np.flatnonzero(cents)}

    return moves
