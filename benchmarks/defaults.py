"""What strategies reach at their defaults for a new brand, and which rule limits it.

    python -m benchmarks.defaults [--people N] [--days D] [--seeds S]

Brand A of a fixed market of creams begins known to 3 % of people, without burn-in. Each row relaxes
one rule, or some; what moves most tells which rule is the limit. Prints the tables of
docs/defaults.md.
"""

import argparse
from typing import Any

import numpy as np

from sim.counts import COUNTS
from sim.market import Market
from tests.markets import CREAMS

NEW_BRAND: dict[str, Any] = {"burn_in": 0, "terminal_period": 0, "brands.A.awareness": 0.03}
STRATEGIES = "brands.A.strategies"
Row = tuple[str, dict[str, Any], dict[str, Any]]
"""What is relaxed, in words, in the strategy, and in the market."""
REFERRAL: tuple[Row, ...] = (
    ("defaults", {}, {}),
    ("KOC from 1 friend", {"koc_from": 1}, {}),
    ("nobody is given up", {"ask_stop_after": None}, {}),
    ("asked by a person", {"human": True}, {}),
    ("all who answer share", {}, {"behaviour.referral.asked": 1e6}),
    ("all invitations are followed", {}, {"behaviour.referral.acceptance_intercept": float("inf")}),
    ("following triggers an occasion", {}, {"behaviour.referral.trigger": 1.0}),
    ("known to 35 % at the start", {}, {"brands.A.awareness": 0.35}),
)
FREE = {"referrals_needed": 0, "courses": 0}
AGENTS: tuple[Row, ...] = (
    ("defaults", {}, {}),
    ("no friend needed", {"referrals_needed": 0}, {}),
    ("no friend, no course", FREE, {}),
    ("the same, fee and stock 0", {**FREE, "fee": 0, "first_stock": 0}, {}),
    (
        "the same, nobody is given up",
        {**FREE, "pitch_stop_after": None, "ask_stop_after": None},
        {},
    ),
    ("the same, join_intercept 0", FREE, {"behaviour.direct_selling.join_intercept": 0}),
    ("the same, half of calls recruit", FREE, {"behaviour.direct_selling.recruiting": 0.5}),
    ("the same, levels at 0, 2,000, 10,000 CNY", {**FREE, "promote_at": [0, 2000, 10000]}, {}),
    ("the same, known to 35 % at the start", FREE, {"brands.A.awareness": 0.35}),
)
OF_REFERRAL = (
    *("orders", "touches", "referral_eligible", "referral_asked", "referral_shared", "invitations"),
    *("clicks", "referred_orders", "rewards_vested", "kocs"),
)
OF_AGENTS = (
    *("orders", "touches", "rewards_vested", "recruiting_talks", "recruiting_refused", "joins"),
    *("quits", "promotions"),
)


def depth(market: Any) -> int:
    """Return how many levels of distributors there are below the brand."""
    levels: list[int] = []
    for upline in market.distributors["upline"]:
        levels.append(1 if upline < 0 else levels[upline] + 1)
    return max(levels, default=0)


def means(changes: dict[str, Any], names: tuple[str, ...], seeds: int) -> list[float]:
    """Return what was counted of brand A, and the depth of its tree, as means over seeds."""
    found = []
    for seed in range(seeds):
        market = Market(CREAMS, rng=seed, **{**NEW_BRAND, **changes})
        market.run_model()
        total = market.counts[:, 0].sum(axis=0)
        found.append([*(total[COUNTS.index(name)] for name in names), depth(market)])
    return np.mean(found, axis=0).tolist()


def table(name: str, rows: tuple[Row, ...], names: tuple[str, ...], given: Any) -> None:
    """Print one table in Markdown."""
    shown = [*names, "levels of the tree"]
    print(f"\n| {name} | {' | '.join(one.replace('_', ' ') for one in shown)} |")
    print("|---" * (len(shown) + 1) + "|")
    size = {"people.n": given.people, "days": given.days}
    for what, strategy, market in rows:
        changes = {**size, **market, STRATEGIES: {name: strategy}}
        print(f"| {what} | {' | '.join(f'{v:,.1f}' for v in means(changes, names, given.seeds))} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    table("referral", REFERRAL, OF_REFERRAL, given)
    table("agent_recruitment", AGENTS, OF_AGENTS, given)


if __name__ == "__main__":
    main()
