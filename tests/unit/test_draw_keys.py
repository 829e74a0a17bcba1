"""Names for readers can change: strategies and touches are drawn by keys that are for good."""

from functools import partial
from typing import ClassVar

import numpy as np
import pytest

from sim.books import ACCOUNTS
from sim.brands.portfolio import facts
from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.mechanisms import accrual_kinds, message_kinds
from sim.strategies.interface import Does, Strategy, Touch, strategies
from sim.strategies.service_followup import ServiceFollowup
from tests.markets import CREAMS

# Append when something is added; never change a line: results of published studies hang on it.
# Numbers of draw purposes are in test_draws.py.
KEYS = {
    "agency": ("course", "ask for friends", "pitch"),
    "none": (),
    "prepaid_pass": (),
    "referral": ("ask for friends", "salon"),
    "service_followup": (
        "remind after the first order",
        "remind",
        "confirm the address",
        "check arrival, explain use",
        "ask about difficulties",
        "ask about the effect",
    ),
}
OF_ACCRUALS = {"REFERRAL": 0, "RESALE": 1, "RECRUIT": 2, "EXPIRY": 3}
"""Enter the draw of lots where a budget is short."""
OF_MESSAGES = {
    **{"INVITATION": 1, "SALES_CALL": 2, "RECRUITING": 3, "DISAPPOINTMENT": 4},
    **{"COME_ALONG": 5, "THANKS": 6},
}
"""Enter the order in which messages of one speaker arrive."""
OURS = {name: cls for name, cls in strategies().items() if cls.__module__.startswith("sim.")}
BRANDS = {
    "A": {"service_followup": {"audience": {"share": 0.7}, "budget": 300.0}},
    "B": {"referral": {"koc_from": 1, "vest_days": 2, "salon_days": 10}},
    "C": {"agent_recruitment": {"referrals_needed": 0, "course_after": 1, "ask_every": 5}},
}
CHANGES = {
    "people.n": 200,
    "days": 100,
    "burn_in": 60,
    "terminal_period": 0,
    "behaviour.referral": {"asked": 3, "acceptance_intercept": 0},
    "behaviour.direct_selling.join_intercept": 0,
}


def touches(monkeypatch, cls):
    """Return the touches that the strategy in a module makes, each once, by draw key."""
    made: dict[str, Touch] = {}

    def note(*args, **fields):
        touch = Touch(*args, **fields)
        made[touch.in_draws] = touch
        return touch

    monkeypatch.setattr(f"{cls.__module__}.Touch", note, raising=False)
    return made


class Sent:
    """What `decide` needs of a view to send to nobody."""

    def __init__(self):
        names = ("attended", "referred", "ask_from", "person")
        self.customers = {name: np.zeros(0) for name in names}
        self.customers |= {name: np.zeros(0, bool) for name in ("distributor", "opted_out", "koc")}

    def send(self, touch, people):
        """Take a touch."""


@pytest.mark.quick
@pytest.mark.parametrize("name", OURS)
def test_keys_are_declared_and_for_good(monkeypatch, market_config, name):
    cls = OURS[name]
    name = cls.in_draws()
    made = touches(monkeypatch, cls)
    brand = market_config().brands["A"]
    product = facts(brand, next(iter(brand.products)), market_config())
    for slow_from in (0, 365):
        strategy = cls(**({"slow_from": slow_from} if "slow_from" in cls.model_fields else {}))
        list(strategy.journey(product))
        if name in KEYS:
            strategy.decide(Sent(), 30)
    assert isinstance(cls.__dict__["draw_key"], str)
    assert all(touch.draw_key is not None for touch in made.values())
    if name in KEYS:
        assert sorted(made) == sorted(KEYS[name])


@pytest.mark.quick
def test_no_strategy_of_before_is_gone():
    assert set(KEYS) <= {cls.in_draws() for cls in OURS.values()}


@pytest.mark.quick
def test_numbers_that_enter_draws_are_for_good():
    assert {name: accrual_kinds()[name] for name in OF_ACCRUALS} == OF_ACCRUALS
    assert {name: message_kinds()[name].number for name in OF_MESSAGES} == OF_MESSAGES


def run(brands, prefix=""):
    portfolios = {
        f"brands.{brand}.strategies": {prefix + name: given for name, given in own.items()}
        for brand, own in brands.items()
    }
    market = Market(CREAMS, rng=7, **CHANGES, **portfolios)
    market.run_model()
    return market


def renamed(*args, **fields):
    """Return a touch under another name."""
    return Touch("new " + args[0], *args[1:], **fields)


def same(one, other):
    tables = ("orders", "invitations", "distributors")
    equal = [np.array_equal(getattr(one, name), getattr(other, name)) for name in tables]
    return all(equal) and np.array_equal(one.books.daily, other.books.daily)


@pytest.fixture
def market():
    market = run(BRANDS)
    for name in ("touches", "referral_asks", "training", "recruiting", "status_rewards"):
        assert market.books.daily[..., ACCOUNTS.index(name)].any(), name
    return market


def rename(names, monkeypatch, keep):
    """Give strategies and all their touches other names; keep their draw keys or not."""
    for name in names:
        old = strategies()[name]
        space = {"__doc__": old.__doc__, "__module__": __name__, "name": f"new_{name}"}
        space["__annotations__"] = {"name": ClassVar[str]}
        if keep:
            space["draw_key"] = old.draw_key
        type(old)(f"New{old.__name__}", (old,), space)
        monkeypatch.setattr(f"{old.__module__}.Touch", renamed)


def test_renamed_strategies_and_touches_give_the_same_orders(market, monkeypatch, known_strategies):
    rename(("service_followup", "referral", "agent_recruitment"), monkeypatch, keep=True)
    assert same(market, run(BRANDS, "new_"))


def test_without_their_draw_keys_renamed_strategies_give_others(
    market, monkeypatch, known_strategies
):
    rename(("service_followup", "referral", "agent_recruitment"), monkeypatch, keep=False)
    assert not same(market, run(BRANDS, "new_"))


# --- what declares none ---------------------------------------------------------------------------


@pytest.mark.quick
def test_without_a_key_it_is_the_name(known_strategies):
    class Plain(Strategy):
        """Declare nothing."""

    class Heir(ServiceFollowup):
        """Inherit all but the key."""

    assert (Plain.in_draws(), Heir.in_draws()) == ("plain", "heir")
    assert Touch("ask", Does.SELL, day=1).in_draws == "ask"
    assert Touch("ask", Does.SELL, day=1, draw_key="old").in_draws == "old"


@pytest.mark.quick
def test_two_strategies_of_a_brand_cannot_share_draws(known_strategies, still):
    class Variant(ServiceFollowup):
        """Share the draws of what it varies, so that both can be compared."""

        draw_key = "service_followup"

    still(**{"brands.A.strategies": {"variant": {}}})
    both = {"service_followup": {}, "variant": {}}
    with pytest.raises(ConfigError, match="service_followup and variant both have the draw key"):
        still(**{"brands.A.strategies": both})


@pytest.mark.quick
def test_two_touches_of_a_journey_cannot_share_draws(known_strategies, still):
    class Twice(Strategy):
        """Send two touches that are drawn alike."""

        def journey(self, product):
            touch = partial(Touch, does=Does.SELL, day=1)
            return [touch("one"), touch("two", draw_key="one")]

    with pytest.raises(ConfigError, match="two touches of one journey have the draw key 'one'"):
        still(**{"brands.A.strategies": {"twice": {}}})


@pytest.mark.quick
@pytest.mark.parametrize("key", ["", 3, True])
def test_a_draw_key_is_a_text(key):
    with pytest.raises(ValueError, match="draw_key"):
        Touch("ask", Does.SELL, day=1, draw_key=key)
