"""Too much contact: the tired answer less and opt out, and the inert wake and go."""

import math

import numpy as np
import pytest
from touched import A_STRATEGIES, LOADS, REMIND, every_day, run, total

from sim.books import Account
from sim.counts import COUNTS
from sim.state import NO_DAY
from sim.strategies.interface import Does, Touch

# --- fatigue --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("does", "load"), [(Does.SELL, 1.5), (Does.REMIND, 1.5), (Does.REMIND | Does.ASK_FEEDBACK, 0.5)]
)
def test_selling_tires_more_than_serving(still, follow_up, does, load):
    changes = {"behaviour.touch.commercial_load": 1.5, "behaviour.touch.service_load": 0.5}
    changes["people.contact_sensitivity"] = 2
    market = run(still, 6, follow_up(Touch("touch", does, day=5)), **changes)
    np.testing.assert_allclose(market.world.relationships["fatigue"][:, 0], 2 * load)
    assert not market.world.relationships["fatigue"][:, 1].any()


@pytest.mark.quick
def test_fatigue_fades_by_half_lives(still, follow_up):
    touches = [Touch("one", Does.SELL, day=1), Touch("two", Does.SELL, day=11)]
    half_life = {"behaviour.touch.fatigue_half_life": 10}
    market = run(still, 12, follow_up(*touches), **LOADS, **half_life)
    np.testing.assert_allclose(market.world.relationships["fatigue"][:, 0], 1.5)


def fatigue_of_daily_touches(number: int) -> np.ndarray:
    """Return fatigue before each of `number` daily touches of load 1, half-life 14 days."""
    tired = [0.0]
    for _ in range(number - 1):
        tired.append((tired[-1] + 1) * 0.5 ** (1 / 14))
    return np.array(tired)


@pytest.mark.parametrize("sensitivity", [0.0, 0.5])
def test_the_tired_answer_less(still, follow_up, sensitivity):
    changes = {"behaviour.touch.fatigue_response": sensitivity, "people.n": 1000, **LOADS}
    changes["behaviour.touch.annoyance"] = 0
    portfolio = follow_up(*every_day(Does.ASK_FEEDBACK, 1, 10))
    market = run(still, 11, portfolio, **changes)
    answered = market.counts[1:, 0, COUNTS.index("answers")] / 1000
    expected = np.exp(-sensitivity * fatigue_of_daily_touches(10))
    np.testing.assert_allclose(answered, expected, atol=0.06)


@pytest.mark.quick
def test_what_exceeds_tolerance_annoys(still, follow_up):
    changes = {"behaviour.touch.tolerance": 3, "behaviour.touch.annoyance": 0.1, **LOADS}
    changes["behaviour.touch.response"] = 0
    portfolio = follow_up(*every_day(Does.SELL, 4, 10))
    market = still(**{"days": 11, A_STRATEGIES: portfolio, **changes})
    service = []
    while market.running:
        market.step()
        service.append(float(market.world.relationships["service"][0, 0]))
    tired = fatigue_of_daily_touches(7) + 1
    left = 0.6 * np.cumprod(1 - 0.1 * np.maximum(tired - 3, 0))
    np.testing.assert_allclose(service[4:], left, rtol=1e-5)
    assert left[2] == 0.6 > left[-1]
    off = run(still, 11, portfolio, **{**changes, "behaviour.touch.annoyance": 0})
    np.testing.assert_allclose(off.world.relationships["service"], 0.6)


@pytest.mark.parametrize("sensitivity", [0.0, 0.7])
def test_the_tired_opt_out_more_often(still, follow_up, sensitivity):
    changes = {"behaviour.touch.fatigue_opt_out": sensitivity, "people.n": 2000, **LOADS}
    changes["behaviour.touch.opt_out"] = 0.02
    market = run(still, 7, follow_up(*every_day(Does.SELL, 1, 6)), **changes)
    out = market.counts[1:, 0, COUNTS.index("opt_outs")]
    sent = market.counts[1:, 0, COUNTS.index("touches")]
    expected = 0.02 * np.exp(sensitivity * fatigue_of_daily_touches(6))
    assert (abs(out - expected * sent) < 4 * np.sqrt(expected * sent)).all()
    np.testing.assert_array_equal(sent, 2000 - np.append(0, out.cumsum()[:-1]))
    assert market.world.relationships["opted_out"][:, 0].sum() == out.sum()


@pytest.mark.quick
def test_who_opted_out_gets_nothing_more_not_even_today_and_buys_on(still, follow_up):
    changes = {"behaviour.touch.opt_out": 1}
    second = Touch("second of the day", Does.ASK_FEEDBACK, day=1)
    market = run(still, 61, follow_up(*every_day(Does.SELL, 1, 5), second, REMIND), **changes)
    assert total(market, "touches") == 100
    assert market.world.relationships["opted_out"][:, 0].all()
    assert len(market.orders) == 300
    assert total(market, "opt_outs") == 100


def test_there_is_an_interior_optimum_of_contact(still, follow_up):
    """Some care lifts satisfaction with service, more of it wears people out (Godfrey 2011)."""

    def satisfaction(per_month, **changes):
        days = np.linspace(1, 28, per_month).astype(int)
        touches = [Touch(f"{k}", Does.ASK_FEEDBACK, day=int(d)) for k, d in enumerate(days)]
        market = run(still, 120, follow_up(*touches), **{**LOADS, **changes})
        return market.world.relationships["service"][:, 0].mean()

    care = {"behaviour.touch.service_load": 0.5, "behaviour.touch.fatigue_response": 0.5}
    levels = [satisfaction(k, **care) for k in (0, 3, 8, 28, 84)]
    best = int(np.argmax(levels))
    assert 0 < best < 4, levels
    assert levels[best] > levels[0] + 0.05
    assert levels[best] > levels[-1] + 0.05
    tireless = [satisfaction(k, **{"people.contact_sensitivity": 0}) for k in (0, 3, 8, 28, 84)]
    assert tireless == sorted(tireless), "without fatigue, more is better"


# --- caps -----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("cap", "sent"), [(None, 20), (2, 6), (1, 3), (0, 0)])
def test_the_cap_holds_in_each_week(still, follow_up, cap, sent):
    """Touches on days 1 to 20: days 0 to 6, 7 to 13, 14 to 20 are the weeks."""
    portfolio = follow_up(*every_day(Does.SELL, 1, 20))
    market = run(still, 21, portfolio, **{"brands.A.contact_cap": cap})
    assert total(market, "touches") == 100 * sent
    by_week = market.counts[:, 0, COUNTS.index("touches")].reshape(3, 7).sum(axis=1)
    assert by_week.max() <= 100 * (20 if cap is None else cap)
    assert market.books.daily[:, 0, Account.TOUCHES].sum() == 150 * 100 * sent


# --- sleeping dogs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "inert_cycles", "leave"),
    [(1.0, 1.5, 0.4), (0.5, 1.5, 0.2), (0.0, 1.5, 0), (1.0, 3, 0)],
)
def test_a_touch_may_wake_the_inert_who_then_leave(still, follow_up, trigger, inert_cycles, leave):
    """After day 0 nobody buys any more; on day 60, two cycles later, they are contacted."""
    changes = {
        "behaviour.touch.inert_dropout": trigger,
        "behaviour.touch.inert_cycles": inert_cycles,
    }
    changes |= {"people.n": 1000, "categories.cream.retry_days": math.inf}
    changes |= {"behaviour.dropout.propensity": 0.4, "behaviour.dropout.satisfaction_effect": 0}
    changes |= {"behaviour.dropout.after_first": False, "days": 62}
    changes |= {"behaviour.awareness.use": 0}
    touch = Touch("still there?", Does.ASK_FEEDBACK, day=60)
    market = still(**{A_STRATEGIES: follow_up(touch), **changes})
    market.step()
    market.world.relationships["aware"] = False
    market.run_model()
    assert len(market.orders) == total(market, "touches") == 1000
    relationships = market.world.relationships[:, 0]
    assert relationships["dropped_out"].mean() == pytest.approx(leave, abs=0.05)
    assert set(relationships["dropped_out_day"]) <= {60, NO_DAY}
    assert total(market, "answers") == 1000 - relationships["dropped_out"].sum()


@pytest.mark.quick
def test_the_active_are_not_woken(still, follow_up):
    """One cycle of 30 days is still active, 29 days into it."""
    changes = {"behaviour.touch.inert_dropout": 1, "behaviour.touch.inert_cycles": 1}
    changes |= {"behaviour.dropout.propensity": 1, "behaviour.dropout.after_first": False}
    portfolio = follow_up(*every_day(Does.SELL, 7, 29))
    market = run(still, 30, portfolio, **changes)
    assert total(market, "touches") == 23 * 100
    assert not market.world.relationships["dropped_out"].any()
