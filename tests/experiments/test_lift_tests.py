"""Lift tests: what a randomised experiment with touches measures in a market."""

import numpy as np
import pytest
from tiny_studies import MARKET

from experiments.beginnings import begin, forget
from experiments.designs import Job
from experiments.lift_tests import GROUP, Lift
from experiments.markets import plain
from experiments.records import observe
from experiments.simulate import simulate
from experiments.studyfile import Record
from sim.config.load import load_market
from sim.config.yaml_file import parse

REMIND = {"service_followup": {"follow": False, "coupon": 0, "automated": True}}
IDLE = {
    "behaviour.touch.response": 0,
    "behaviour.touch.service_load": 0,
    "behaviour.touch.commercial_load": 0,
    "behaviour.touch.inert_dropout": 0,
    "behaviour.touch.opt_out": 0,
}


def market(**changes):
    changes = {"people.n": 300, "days": 120, **changes}
    return plain(load_market(parse(MARKET).data, changes))


def lift(of="A", strategies=None, share=0.5, after=0, until=10**6, window=14):
    return Lift("r", of, "lift[r]", strategies or REMIND, share, after, until, window)


def measured(test, base, seed=5):
    try:
        return test.measure(base, seed, observe(begin(base, seed)))
    finally:
        forget()


def test_touches_that_do_nothing_lift_nothing_to_the_last_order():
    found = measured(lift(), market(**IDLE))
    assert found[0] == 0 and np.isnan(found[1])


def test_no_touch_is_no_number():
    never = {"service_followup": {"follow": False, "remind": False, "remind_first": False}}
    assert np.isnan(measured(lift(strategies=never), market())).all()
    assert np.isnan(measured(lift(after=119), market())[0])


def test_a_touch_that_restores_what_was_forgotten_lifts():
    lost = {"behaviour.awareness.forgetting_buyers": 0.1, "behaviour.awareness.forgetting": 0.1}
    lifts = [
        np.mean([measured(lift(), market(**{**IDLE, **lost, key: share}), s)[0] for s in range(3)])
        for key, share in (("behaviour.awareness.touch", 0), ("behaviour.awareness.touch", 1))
    ]
    assert lifts[0] == 0 and lifts[1] > 3


def test_reminders_bring_orders_forward_into_the_window():
    base = market(**{"behaviour.touch.response": 1, "behaviour.touch.remind_reach": 14})
    short = np.mean([measured(lift(window=7), base, s)[0] for s in range(3)])
    assert short > 5


def test_the_strategies_go_to_a_share_of_people_and_the_rest_of_the_market_stays():
    base = market()
    own = lift(strategies={"service_followup": {"audience": {"who": {"orders": [2, None]}}}})
    with_test = own.market(base)
    audience = with_test["brands"]["A"]["strategies"]["service_followup"]["audience"]
    assert audience == {"who": {"orders": [2, None]}, "share": 0.5, "group": GROUP}
    assert with_test["brands"]["B"] == base["brands"]["B"]
    assert base["brands"]["A"]["strategies"] == {}


def test_only_first_touches_from_a_day_to_a_day_count():
    base = market(**{"behaviour.touch.response": 1, "behaviour.touch.remind_reach": 14})
    test = lift(share=0.999, after=30, until=60)
    run = begin(test.market(base), 5)
    first, touches, orders = test._followed(run, None, 0, 74)
    assert first[first >= 0].min() >= 30 and first.max() < 60
    assert touches >= (first >= 0).sum() > 5
    assert (orders["brand"] == 0).all() and orders["day"].max() < 74
    forget()


def test_touches_of_the_markets_own_strategies_are_not_the_tests():
    own = {"brands.A.strategies": {"service_followup": {"remind": False, "remind_first": False}}}
    base = market(**own, **IDLE)
    again = {"referral": {}}
    found = measured(lift(strategies=again), base)
    run, other = begin(lift(strategies=again).market(base), 5), begin(base, 5)
    first, _, _ = lift(strategies=again)._followed(run, other, 0, 120)
    followed = lift()._followed(begin(base, 5), None, 0, 120)[0]
    forget()
    assert (followed >= 0).sum() > (first >= 0).sum() > 0
    assert np.isfinite(found[0])


def test_a_run_stores_it_like_a_response_and_repeats_it():
    base = market()
    job = Job("r", "c", "x", "m", "0", 0, 5, base, (lift(),))  # type: ignore[arg-type]
    tables = [simulate(job, Record(series=False))["runs"] for _ in range(2)]
    forget()
    values = [table.column("lift[r]").to_pylist() for table in tables]
    assert values[0][0] == values[1][0] == measured(lift(), base)[0]
    plain_job = Job("r", "c", "x", "m", "0", 0, 5, base)
    without = simulate(plain_job, Record(series=False))["runs"]
    rest = tables[0].drop_columns(["lift[r]"])
    assert without.to_pandas().equals(rest.to_pandas())  # in which no value equals no value


@pytest.mark.parametrize("of", ["A", None])
def test_the_brand_is_the_first_unless_it_is_named(of):
    assert np.isfinite(measured(lift(of=of), market())[0])
