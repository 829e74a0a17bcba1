"""Forms of dropout besides the one per order: per unit of time, on disappointment; coming back."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.people import dropout
from sim.state import NO_DAY, RELATIONSHIP
from sim.strategies.interface import Does, Touch

CREAM = "brands.A.products.cream"
A_YEAR = {"behaviour.dropout.rate": 1.5, "behaviour.dropout.satisfaction_effect": 0}
MANY = {"people.n": 4000}
FORMS = {
    "rate": 2.0,
    "disappointment": 0.4,
    "propensity": 0.2,
}
DISAPPOINTING = {"behaviour.experience.expectation": 0.9}


def of(name: str) -> str:
    return f"behaviour.dropout.{name}"


def total(market, name: str) -> int:
    return int(market.counts[:, 0, COUNTS.index(name)].sum())


def dropouts(market) -> int:
    return sum(total(market, name) for name in COUNTS if name.startswith("dropouts_"))


def out(market):
    return market.world.relationships["dropped_out"][:, 0]


def finished(market):
    market.run_model()
    return market


# --- per unit of time -----------------------------------------------------------------------------


def test_lifetimes_are_exponential_from_the_first_order_on(still):
    """4.5 standard errors at 4,000 people are at most .036."""
    market = finished(still(**A_YEAR, **MANY, days=300))
    relationships = market.world.relationships[:, 0]
    days = relationships["dropped_out_day"]
    for day in (10, 60, 150, 299):
        alive = 1 - (out(market) & (days <= day)).mean()
        assert alive == pytest.approx(math.exp(-1.5 * day / 365), abs=0.036)
    assert days[out(market)].min() == 1, "not on the day of the order itself"
    # orders or not, lifetimes are the same
    rare = finished(still(**A_YEAR, **MANY, **{"days": 300, "categories.cream.usage": 0.2}))
    np.testing.assert_array_equal(days, rare.world.relationships["dropped_out_day"][:, 0])


def test_rates_of_a_gamma_make_lifetimes_pareto(still):
    """The share alive after t is (beta / (beta + t))**s, here with s = .6 and beta = .5 years."""
    gamma = {"dist": "gamma", "shape": 0.6, "rate": 0.5}
    market = finished(still(**{**A_YEAR, of("rate"): gamma}, **MANY, days=366))
    days = np.where(out(market), market.world.relationships["dropped_out_day"][:, 0], 10**6)
    for day in (30, 100, 365):
        assert (days > day).mean() == pytest.approx((0.5 / (0.5 + day / 365)) ** 0.6, abs=0.036)


@pytest.mark.quick
def test_who_has_not_bought_cannot_drop_out(still):
    market = finished(still(**A_YEAR, **{"brands.A.awareness": 0.5, "days": 200}))
    relationships = market.world.relationships[:, 0]
    assert out(market).any()
    assert (relationships["orders"][out(market)] > 0).all()
    assert (relationships["hazard_day"][relationships["orders"] == 0] == NO_DAY).all()


def test_the_period_of_the_rate(still):
    weekly = {of("rate"): 1.5 * 7 / 365, of("period_days"): 7}
    one, two = (finished(still(**A_YEAR | more, days=200)) for more in ({}, weekly))
    np.testing.assert_array_equal(out(one), out(two))


@pytest.mark.parametrize("effect", [0.0, 4.0])
def test_satisfaction_tilts_the_rate(still, effect):
    """Quality is bad, so that after the first use on day 6 people are less satisfied."""
    changes = {**A_YEAR, of("satisfaction_effect"): effect, f"{CREAM}.quality": 0.2}
    market = still(**changes, **MANY, days=31, **{"categories.cream.usage": 0.5})
    felt = []
    while market.running:
        felt.append(market.world.relationships["overall"][:, 0].astype(float).max())
        market.step()
    at = market.world.rules[0]["experience_satisfaction_threshold"]
    # the evening of a day sets the rate of the next; who has dropped out feels no more
    hazard = sum(1.5 / 365 * math.exp(-effect * (s - at)) for s in felt[1:])
    assert 1 - out(market).mean() == pytest.approx(math.exp(-hazard), abs=0.03)
    assert (hazard > 0.2) == (effect > 0)


def test_contagion_tilts_the_rate_and_fades(still):
    """On a ring every fifth person leaves on day 6; each neighbour is told once at the most."""
    ring = {"network": {"kind": "ring", "homophily": 0}, of("contagion"): 6.0}
    changes = {**A_YEAR, **MANY, **ring, of("contagion_half_life"): 20.0}
    market = still(**changes, days=80)
    leaver = np.arange(4000) % 5 == 0
    market.world.relationships["dropout"][:, 0] = np.where(leaver, 1000.0, 0.0)
    market.world.relationships["dropout_rate"][~leaver, 0] *= 1e-3  # hardly any others leave
    told = np.roll(leaver, 1) | np.roll(leaver, -1)
    market.world.relationships["dropout_rate"][told, 0] *= 1e3
    # those told are two steps from each other at least: what they do reaches nobody like them
    finished(market)
    k = math.log(2) / 20
    exposed = 79 + 5.0 * -math.expm1(-k * (79 - 6)) / k
    stay = 1 - out(market)[told].mean()
    assert stay == pytest.approx(math.exp(-1.5 / 365 * exposed), abs=0.05)
    assert stay < math.exp(-1.5 / 365 * 79) - 0.1
    assert out(market)[~told & ~leaver].mean() < 0.01


row = {
    "hazard_left": st.floats(1e-9, 25),
    "hazard_rate": st.floats(1e-7, 5),
    "contagion": st.floats(1, 100),
    "half_life": st.floats(0.01, 1e4),
    "age": st.one_of(st.none(), st.integers(0, 500)),
}


@settings(max_examples=300, deadline=None)
@given(**row)
def test_the_day_on_the_calendar_is_the_first_that_has_the_hazard(
    hazard_left, hazard_rate, contagion, half_life, age
):
    relationship = np.zeros(1, RELATIONSHIP)[0]
    relationship["hazard_left"], relationship["hazard_rate"] = hazard_left, hazard_rate
    relationship["hazard_day"] = 1000
    relationship["contagion_day"] = NO_DAY if age is None else 1000 - age
    names = [("dropout_contagion", "f8"), ("dropout_contagion_half_life", "f8")]
    rules = np.array([(contagion, half_life)], np.dtype((np.record, names)))[0]

    def reached(days: int) -> bool:
        return bool(hazard_rate * plain(dropout.exposure)(rules, relationship, days) >= hazard_left)

    patched = {name: plain(getattr(dropout, name)) for name in ("exposure", "contagion")}
    with pytest.MonkeyPatch.context() as patch:
        for name, function in patched.items():
            patch.setattr(dropout, name, function)
        days = plain(dropout.days_left)(rules, relationship)
        assert days >= 1
        if days < dropout.FARTHEST:
            assert reached(days)
        assert not reached(days - 1)


def test_the_integral_is_that_of_the_days(still):
    """Contagion of every hour, summed up, comes to the closed form."""
    market = still(**{of("contagion"): 3.0, of("contagion_half_life"): 9.0})
    rules, relationship = market.world.rules[0], market.world.relationships[0, 0]
    relationship["hazard_day"], relationship["contagion_day"] = 20, 15
    hours = 20 + (np.arange(24 * 30) + 0.5) / 24
    by_hand = (1 + 2.0 * 0.5 ** ((hours - 15) / 9.0)).sum() / 24
    assert dropout.exposure(rules, relationship, 30) == pytest.approx(by_hand, rel=1e-5)


# --- on disappointment ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quality", "expectation", "disappoints", "leave"),
    [
        (0.7, 0.6, "either", 0.0),
        (0.7, 0.9, "below_expectation", 0.4),
        (0.7, 0.9, "below_threshold", 0.0),
        (0.7, 0.9, "either", 0.4),
        (0.1, 0.05, "below_threshold", 0.4),
        (0.1, 0.05, "below_expectation", 0.0),
        (0.1, 0.05, "either", 0.4),
        (0.1, 0.9, "either", 0.4),
    ],
)
def test_what_disappoints(still, quality, expectation, disappoints, leave):
    """One use, on day 6; without disconfirmation, satisfaction goes to the quality itself."""
    experience = {"expectation": expectation, "disconfirmation": 0, "product_learning": 1}
    changes = {f"behaviour.experience.{name}": value for name, value in experience.items()}
    changes |= {of("disappointment"): 0.4, of("disappoints"): disappoints}
    changes |= {of("satisfaction_effect"): 0, f"{CREAM}.quality": quality}
    market = finished(still(**changes, **MANY, days=8))
    assert out(market).mean() == pytest.approx(leave, abs=0.035)


def test_service_disappoints_too(still):
    changes = {of("disappointment"): 1, "brands.A.service": 0.1, of("satisfaction_effect"): 0}
    changes |= {"behaviour.experience.service_learning": 1, of("disappoints"): "below_threshold"}
    market = finished(still(**changes, days=8))
    assert out(market).all()
    assert total(market, "dropouts_service") == 100


@pytest.mark.parametrize("disappoints", ["below_threshold", "below_expectation"])
def test_a_faulty_order_complained_of_disappoints(still, disappoints):
    changes = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
    changes |= {"behaviour.experience.fault_quality": 0.1, of("disappoints"): disappoints}
    changes |= {"behaviour.experience.service_learning": 1, of("satisfaction_effect"): 0}
    market = finished(still(**changes, **{of("disappointment"): 1}, days=4))
    assert out(market).all()
    assert set(market.world.relationships["dropped_out_day"][:, 0]) == {3}


# --- together -------------------------------------------------------------------------------------


def test_hazards_of_all_forms_add_up(still):
    """Each form leaves a share alive; together they leave the product. Two uses in 60 days."""

    def alive(**forms):
        given = {of(name): value for name, value in forms.items()}
        given |= {of("satisfaction_effect"): 0, **DISAPPOINTING, **MANY, "days": 60}
        return 1 - out(finished(still(**given))).mean()

    apart = math.prod(alive(**{name: value}) for name, value in FORMS.items())
    assert alive(**FORMS) == pytest.approx(apart, abs=0.03)


@pytest.mark.quick
@pytest.mark.parametrize("name", FORMS)
def test_more_hazard_brings_dropout_forward_and_replaces_nobody(still, name):
    changes = {**DISAPPOINTING, of("satisfaction_effect"): 0, "days": 100}
    one, two = (finished(still(**changes, **{of(name): FORMS[name] * k})) for k in (1, 2))
    assert out(one).sum() < out(two).sum()
    assert out(two)[out(one)].all()
    days = [market.world.relationships["dropped_out_day"][:, 0] for market in (one, two)]
    assert (days[1][out(one)] <= days[0][out(one)]).all()


@pytest.mark.quick
def test_forms_that_are_off_change_nothing(busy):
    """Their other parameters are then without effect, to the bit."""
    off = {of("disappoints"): "below_threshold", of("period_days"): 7.0}
    plain_market, other = finished(busy()), finished(busy(**off))
    np.testing.assert_array_equal(plain_market.orders, other.orders)
    np.testing.assert_array_equal(plain_market.books.daily, other.books.daily)
    for name in RELATIONSHIP.names:
        ours, theirs = (m.world.relationships[name] for m in (plain_market, other))
        np.testing.assert_array_equal(ours, theirs, name)
    assert other.world.dropout_due.link.size == 0, "and without a calendar"


@pytest.mark.quick
def test_every_form_is_off_at_zero(still):
    zero = {of(name): 0 for name in (*FORMS, "comeback")}
    market = finished(still(**zero, **DISAPPOINTING, days=200))
    assert not market.world.relationships["dropouts"].any()


# --- coming back ----------------------------------------------------------------------------------


def test_out_and_back_is_a_process_of_two_states(still):
    """With rates m out and v back the share out at t is m / (m + v) (1 - exp(-(m + v) t)).

    Each spell is rounded up to whole days, which shifts the share by less than .01.
    """
    market = still(**A_YEAR, **MANY, **{of("comeback"): 3.0, "categories.cream.usage": 0.01})
    for day in (60, 200, 700):
        while market.day <= day:
            market.running = True
            market.step()
        expected = 1.5 / 4.5 * -math.expm1(-4.5 * day / 365)
        assert out(market).mean() == pytest.approx(expected, abs=0.04)


@pytest.mark.quick
def test_who_comes_back_buys_and_talks_again(still):
    changes = {of("propensity"): 1, of("satisfaction_effect"): 0, of("comeback"): 12.0}
    ring = {"network": {"kind": "ring"}, "behaviour.talk.rate": 3, "behaviour.talk.period_days": 1}
    market = still(**changes, **ring, days=300)
    back = np.zeros(100, bool)
    while market.running:
        before = out(market).copy()
        market.step()
        back |= before & ~out(market)
        silent = market.world.relationships["talk_due"][:, 0]
        assert np.isnan(silent[before & ~out(market)]).all()
    orders = np.bincount(market.orders["person"], minlength=100)
    assert (orders[back] > 1).any() and (orders[~back] == 1).all()
    relationships = market.world.relationships[:, 0]
    assert total(market, "comebacks") == (relationships["dropouts"] - out(market)).sum() > 50
    assert (relationships["dropped_out_day"][~out(market)] == NO_DAY).all()


@pytest.mark.quick
def test_dropouts_by_cause_add_up_to_those_out_and_those_back(busy):
    forms = {of("rate"): 2.0, of("disappointment"): 0.3, of("comeback"): 4.0}
    market = finished(busy(**forms, burn_in=0))
    names = [name for name in COUNTS if name.startswith("dropouts_")]
    counted = market.counts[:, :, [COUNTS.index(name) for name in names]].sum(axis=(0, 2))
    back = market.counts[:, :, COUNTS.index("comebacks")].sum(axis=0)
    relationships = market.world.relationships
    np.testing.assert_array_equal(counted, relationships["dropouts"].sum(axis=0))
    np.testing.assert_array_equal(counted - back, relationships["dropped_out"].sum(axis=0))
    assert (back > 0).all()


@pytest.mark.quick
def test_a_later_life_has_a_threshold_of_its_own(still):
    """Were it the same again, lives would be equally long."""
    changes = {**A_YEAR, of("rate"): 6.0, of("comeback"): 300.0, "days": 900, "people.n": 300}
    market = still(**changes, **{"categories.cream.usage": 0.01})
    lives: dict[int, list[int]] = {i: [] for i in range(300)}
    since = np.zeros(300)
    while market.running:
        before = out(market).copy()
        market.step()
        for i in np.flatnonzero(out(market) & ~before):
            lives[i].append(market.day - since[i])
        since[before & ~out(market)] = market.day
    pairs = np.array([life[:2] for life in lives.values() if len(life) > 1], float)
    assert len(pairs) > 200
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.25


# --- never left -----------------------------------------------------------------------------------


@pytest.mark.quick
def test_nobody_drops_out_of_a_brand_that_is_never_left(still):
    forms = {of(name): 1 for name in ("propensity", "disappointment")} | {of("rate"): 100.0}
    changes = {"brands.B.awareness": 1, **DISAPPOINTING, **forms, of("satisfaction_effect"): 0}
    market = finished(still(**changes, **{"brands.B.never_left": True}, days=100))
    bought = market.world.relationships["orders"] > 0
    left = market.world.relationships["dropped_out"]
    assert left[bought[:, 0], 0].all() and bought[:, 0].any()
    assert not left[:, 1].any() and bought[:, 1].all()


# --- waking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_waking_acts_on_the_form_in_use(still, follow_up, form):
    """Bought on day 0, silent since, touched on day 60: an order more, or 60 days more."""

    def left(wakes: float) -> float:
        changes = {of(form): FORMS[form], of("satisfaction_effect"): 0, **MANY, "days": 61}
        changes |= {"behaviour.touch.inert_dropout": wakes, "categories.cream.retry_days": math.inf}
        changes |= {"behaviour.touch.inert_cycles": 1.5, "behaviour.awareness.use": 0}
        touch = Touch("still there?", Does.ASK_FEEDBACK, day=60)
        market = still(**changes, **{"brands.A.strategies": follow_up(touch)})
        market.step()
        market.world.relationships["aware"] = False
        return float(out(finished(market)).mean())

    alone, woken = left(0.0), left(1.0)
    again = {"propensity": 0.8, "rate": math.exp(-2.0 * 60 / 365), "disappointment": 1.0}[form]
    assert 1 - woken == pytest.approx((1 - alone) * again, abs=0.03)
