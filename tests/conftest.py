"""Small markets that every test can afford.

`busy` has every mechanism at work: three brands, two categories, ties, faults, coupons, dropout.
`still` has none: needs like clockwork, certain quality, nobody talks, nobody leaves, nobody is ever
annoyed, and every effect on choice is off; brand B is there, but nobody knows it. A test of one
mechanism switches that one on, and knows what must come out.
"""

import copy
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.accounts import Line, named
from sim.books import ACCOUNTS
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.market import Market
from sim.mechanisms.direct_selling.terms import Level, SellingPlan
from sim.strategies import interface as strategy
from sim.strategies.interface import Does, Strategy, Touch, TouchAccount

BUSY: dict[str, Any] = {
    "days": 60,
    "burn_in": 20,
    "terminal_period": 20,
    "people": {"n": 120, "exit_rate": 0.3},
    "network": {"kind": "small_world", "mean_degree": 6, "rewire": 0.1},
    "behaviour": {
        "talk": {"rate": 0.05, "trigger": 0.1},
        "touch": {"ugc": 0.5, "opt_out": 0.02},
        "experience": {"misuse": 0.3, "regret": 0.5},
        "referral": {"asked": 3, "acceptance_intercept": 0, "trigger": 0.8, "redeem": 0.5},
        "direct_selling": {"join_intercept": 0, "calls": 10, "quit_intercept": -1, "trigger": 0.5},
        "advertising": {"reach": 0.02},
    },
    "categories": {
        "cream": {"usage": {"dist": "gamma", "mean": 20, "shape": 2}, "season_amplitude": 0.4},
        "soap": {"usage": {"dist": "gamma", "mean": 30, "shape": 1}, "regularity": 1, "price": 20},
    },
    "brands": {
        "A": {
            "awareness": 0.6,
            "misdelivery": 0.2,
            "advertising": {"spend": 50},
            "products": {
                "cream": {"category": "cream", "price": 100, "unit_cost": 40, "fault_rate": 0.1},
                "soap": {"category": "soap", "price": 22, "unit_cost": 9, "delivery_days": 1},
            },
            "strategies": {"service_followup": {}},
        },
        "B": {
            "share": 0.5,
            "awareness": 0.5,
            "service": 0.4,
            "products": {
                "cream": {"category": "cream", "price": 80, "unit_cost": 30, "quality": 0.5},
                "big": {"category": "cream", "price": 150, "unit_cost": 60, "supply_days": 40},
            },
        },
        "C": {
            "share": 0.2,
            "awareness": 0.2,
            "late": 0.3,
            "advertising": {"spend": 100},
            "products": {
                "soap": {
                    "category": "soap",
                    "price": 18,
                    "unit_cost": 8,
                    "fault_rate": 0.1,
                    "delivery_days": 0,
                    "effect_days": 0,
                },
            },
            "strategies": {
                "service_followup": {"automated": True},
                "referral": {
                    "kind": "mixed",
                    "mix": {"goods": 1},
                    "reward": 6,
                    "goods_at": [1, 2, 3],
                    "koc_from": 1,
                    "salon_days": 20,
                    "ask_day": 2,
                    "vest_days": 3,
                    "points_days": 5,
                },
                "agent_recruitment": {
                    "referrals_needed": 0,
                    "courses": 0,
                    "ask_day": 3,
                    "ask_every": 10,
                    "fee": 5,
                    "first_stock": 50,
                    "promote_at": [0, 20, 60],
                    "recruit_bonus": 2,
                    "refusal_days": 15,
                    "vest_days": 3,
                },
            },
        },
    },
}

_STILL_BRAND: dict[str, Any] = {
    "share": 0.5,
    "awareness": 1,
    "service": 0.6,
    "misdelivery": 0,
    "late": 0,
    "shipping_cost": 6,
    "human_cost": 1.5,
    "products": {
        "cream": {
            "category": "cream",
            "price": 100,
            "unit_cost": 40,
            "quality": 0.7,
            "spread": 0,
            "fault_rate": 0,
            "delivery_days": 3,
            "effect_days": 3,
        }
    },
}

STILL: dict[str, Any] = {
    "days": 60,
    "burn_in": 0,
    "terminal_period": 30,
    "people": {
        "n": 100,
        "price_sensitivity": 1,
        "sociability": 1,
        "deal_proneness": 1,
        "contact_sensitivity": 1,
    },
    "network": {"kind": "none"},
    # a pack lasts everybody 30 days exactly, and all run out on day 0
    "categories": {
        "cream": {"usage": 1, "period_days": 30, "regularity": float("inf"), "start": "immediate"}
    },
    "behaviour": {
        "choice": {
            "concentration": 1e6,  # so all have the same tastes
            "outside_weight": 0,
            "satisfaction": 0,
            "trust": 0,
            "price": 0,
            "reference_price": 0,
            "habit": 0,
            "offer": 0,
            "social_proof": 0,
        },
        "experience": {"misuse": 0, "complaint": 0, "regret": 0},
        "dropout": {"propensity": 0, "contagion": 1},
        "touch": {
            "response": 1,
            "opt_out": 0,
            "commercial_load": 0,
            "service_load": 0,
            "inert_dropout": 0,
            "ugc": 0,
        },
        "talk": {"rate": 0, "trigger": 0},
    },
    "brands": {"A": _STILL_BRAND, "B": {**_STILL_BRAND, "awareness": 0}},
}


@pytest.fixture(scope="session")
def debit() -> NDArray[np.int64]:
    """Return the sign that makes each account of `Books.daily` a debit balance."""
    credit = named(Line.SALES, Line.OWED, Line.APART)
    return np.array([-1 if name in credit else 1 for name in ACCOUNTS])


@pytest.fixture
def busy_mapping() -> dict[str, Any]:
    """Return the busy market as a mapping of one's own, to add to and rearrange."""
    return copy.deepcopy(BUSY)


@pytest.fixture(scope="session")
def market_config() -> Callable[..., MarketConfig]:
    """Return a function that makes the busy market, changed by dotted paths."""

    def build(**dotted: Any) -> MarketConfig:
        return load_market(BUSY, dotted)

    return build


@pytest.fixture(scope="session")
def busy() -> Callable[..., Market]:
    """Return a function that makes a market with everything at work."""

    def build(rng: int = 1, **dotted: Any) -> Market:
        return Market(BUSY, rng=rng, **dotted)

    return build


@pytest.fixture(scope="session")
def still() -> Callable[..., Market]:
    """Return a function that makes a market in which only what the test says happens."""

    def build(rng: int = 1, **dotted: Any) -> Market:
        return Market(STILL, rng=rng, **dotted)

    return build


@pytest.fixture
def huitou(monkeypatch, capsys, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process, in an empty folder: code, out, err."""
    from experiments import cli, kinds

    for name in kinds.NAMES:  # so that no test pays for the libraries
        kinds.kind(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["huitou", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(done.value.code or 0), out, err

    return call


@pytest.fixture
def known_strategies() -> Iterator[dict[str, type[Strategy]]]:
    """Let a test define strategies, and forget them afterwards."""
    strategy.strategies()  # those in files are known from here on
    before = dict(strategy._REGISTERED)
    yield strategy._REGISTERED
    strategy._REGISTERED.clear()
    strategy._REGISTERED.update(before)


@pytest.fixture
def follow_up(known_strategies: dict[str, type[Strategy]]) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a portfolio whose journey is the given touches."""

    def portfolio(*touches: Touch, **parameters: Any) -> dict[str, Any]:
        class Scripted(Strategy):
            """Send what a test says after each order."""

            journey_of: ClassVar[tuple[Touch, ...]] = touches

            def journey(self, product: Any) -> tuple[Touch, ...]:
                return self.journey_of

        return {Scripted.key(): parameters}

    return portfolio


@pytest.fixture
def agency(known_strategies: dict[str, type[Strategy]]) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a portfolio: a selling plan, whose strategy asks people on given days.

    `asked` has the people for each day on which they are to be asked, None for all customers. The
    agency has one level at 40 % off and no conditions, unless `terms` say otherwise.
    """

    def portfolio(
        asked: Mapping[int, Any] = {},
        does: Does = Does.PITCH,
        label: str = "selling",
        audience: float = 1.0,
        **terms: Any,
    ) -> dict[str, Any]:
        given = SellingPlan(**{"levels": (Level(0.4),), "referrals": 0, **terms})

        class Selling(Strategy):
            """Have distributors."""

            name: ClassVar[str] = label
            every: ClassVar[int] = 1
            account: ClassVar[TouchAccount] = "recruiting"

            def programmes(self) -> Iterator[SellingPlan]:
                yield given

            def decide(self, view: Any, day: int) -> None:
                if day + 1 in asked:
                    people = asked[day + 1]
                    people = view.people if people is None else np.asarray(people)
                    view.send(Touch("pitch", does, day=0), people)

        return {label: {"audience": {"share": audience}}}

    return portfolio
