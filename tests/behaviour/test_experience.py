"""Experience: product and service judged apart, promises kept and broken, faults, wrong use."""

import math

import numpy as np
import pytest

from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.people import satisfaction as feeling

aggregate = plain(feeling.aggregate)
CREAM = "brands.A.products.cream"
FELT = ["product", "service", "overall", "trust", "expectation"]


def after(market, days: int):
    """Run some days and return what everybody feels about brand A, the same for all."""
    for _ in range(days):
        market.step()
    felt = np.unique(market.world.relationships[:, 0][FELT])
    assert len(felt) == 1
    return felt[0]


# --- product --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("quality", "judged"),
    [
        (0.6, 0.6),  # as expected
        (0.7, 0.75),  # a good surprise moves the judgement by half of it
        (0.5, 0.4),  # a bad one by twice as much
        (0.95, 1.0),  # no more than all
        (0.1, 0.0),
    ],
)
def test_quality_is_judged_against_expectation(still, quality, judged):
    relationship = after(still(**{f"{CREAM}.quality": quality}), 7)
    assert relationship["product"] == pytest.approx(0.6 + 0.5 * (judged - 0.6), rel=1e-6)
    assert relationship["expectation"] == pytest.approx(0.6 + 0.3 * (quality - 0.6), rel=1e-6)


def test_losses_loom_twice_as_large_and_not_when_that_is_off(still):
    def effects(**changes):
        off = {**changes, "behaviour.experience.disconfirmation": 0}
        return [
            after(still(**{f"{CREAM}.quality": q}, **changes), 7)["product"]
            - after(still(**{f"{CREAM}.quality": q}, **off), 7)["product"]
            for q in (0.65, 0.55)
        ]

    good, bad = effects()
    assert bad == pytest.approx(-2 * good, rel=1e-3)
    good, bad = effects(**{"behaviour.experience.loss_aversion": 1})
    assert bad == pytest.approx(-good, rel=1e-3)


def test_people_get_used_to_quality(still):
    """The same quality pleases less and less as it comes to be expected."""
    market = still(**{"days": 200, f"{CREAM}.quality": 0.8})
    expectation = [after(market, 7)["expectation"]]
    expectation += [after(market, 30)["expectation"] for _ in range(5)]
    np.testing.assert_allclose(expectation, 0.8 - 0.2 * 0.7 ** np.arange(1, 7), rtol=1e-5)
    assert after(market, 0)["product"] < 0.6 + 0.4  # never more than quality and half a surprise
    fixed = still(**{"days": 200, "behaviour.experience.expectation_learning": 0})
    assert after(fixed, 190)["expectation"] == pytest.approx(0.6)


def test_quality_varies_between_orders_by_its_spread(still):
    market = still(**{"people.n": 2000, "days": 7, f"{CREAM}.spread": 0.1})
    market.run_model()
    learnt = (market.world.relationships["expectation"][:, 0] - 0.6) / 0.3
    assert learnt.mean() == pytest.approx(0.1, abs=0.01)
    assert learnt.std() == pytest.approx(0.1, abs=0.01)


# --- service --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("service", [0.2, 0.6, 0.9])
def test_service_is_felt_on_delivery(still, service):
    market = still(**{"brands.A.service": service})
    assert after(market, 3)["service"] == pytest.approx(0.6)
    assert after(market, 1)["service"] == pytest.approx(0.6 + 0.3 * (service - 0.6), rel=1e-6)


@pytest.mark.quick
def test_a_late_parcel_is_bad_service(still):
    market = still(**{"brands.A.late": 1, "brands.A.late_days": 4})
    assert after(market, 7)["service"] == pytest.approx(0.6)
    relationship = after(market, 1)
    assert set(market.orders["arrived_day"]) == {7}
    assert relationship["service"] == pytest.approx(0.6 + 0.3 * (0.5 * (0.6 + 0.1) - 0.6), rel=1e-6)


@pytest.mark.quick
def test_a_parcel_that_goes_astray_comes_later_and_annoys_twice(still):
    market = still(**{"brands.A.misdelivery": 1})
    relationship = after(market, 4)
    assert market.orders["arrived_day"].max() < 0
    assert relationship["service"] == pytest.approx(0.6 + 0.3 * (0.1 - 0.6), rel=1e-6)
    after(market, 3)
    assert set(market.orders["arrived_day"]) == {6}
    market.run_model()
    second = market.orders["nth"] == 2
    assert set(market.orders["arrived_day"][second]) == {33}, "only first orders go astray"


# --- both -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_overall_satisfaction_lies_between_the_lower_and_the_mean():
    exponents = [-math.inf, -50.0, -8.0, -1.0, 0.0, 0.5, 1.0]
    values = [aggregate(0.9, 0.3, exponent) for exponent in exponents]
    assert values[0] == 0.3
    assert values[1] == pytest.approx(0.3, abs=0.005), "-inf is the limit"
    assert values[3] == pytest.approx(2 / (1 / 0.9 + 1 / 0.3)), "harmonic mean"
    assert values[4] == pytest.approx(math.sqrt(0.27)), "geometric mean"
    assert values[6] == pytest.approx(0.6)
    assert values == sorted(values)
    assert aggregate(0.9, 0.3, 1e-7) == pytest.approx(values[4], rel=1e-5), "0 is the limit too"
    for exponent in exponents:
        assert aggregate(0.3, 0.9, exponent) == aggregate(0.9, 0.3, exponent)
        assert aggregate(0.7, 0.7, exponent) == pytest.approx(0.7)
    assert aggregate(0.9, 0.0, -8.0) == aggregate(0.9, 0.0, 0.0) == 0.0
    assert aggregate(0.9, 0.0, 1.0) == aggregate(0.0, 0.9, 1.0) == pytest.approx(0.45)


@pytest.mark.parametrize("form", [feeling.aggregate, aggregate], ids=["compiled", "plain"])
@pytest.mark.parametrize("exponent", [-1e3, -2e4, -1e12])
def test_an_exponent_far_below_nought_gives_the_lower_of_the_two(form, exponent):
    for one, other in ((0.9, 0.3), (0.6, 0.6), (1e-300, 0.5), (1.0, 0.5)):
        lower = min(one, other) * (1.0 if one == other else 0.5) ** (1 / exponent)
        assert form(one, other, exponent) == pytest.approx(lower, rel=1e-9)


@pytest.mark.parametrize(("quality", "service"), [(0.95, 0.1), (0.1, 0.95)])
def test_service_cannot_rescue_a_bad_product_nor_the_other_way_round(still, quality, service):
    """Good in one and bad in the other, brand A loses its buyers to B, as if bad in both."""

    def share(q, s, exponent=-8.0):
        changes = {f"{CREAM}.quality": q, "brands.A.service": s, "brands.B.awareness": 1}
        changes |= {"behaviour.choice.satisfaction": 4, "people.n": 1000, "days": 361}
        market = still(**changes, **{"behaviour.experience.exponent": exponent})
        market.run_model()
        late = market.orders[market.orders["day"] == 360]
        assert len(late) == 1000
        return (late["brand"] == 0).mean()

    mixed, good, bad = share(quality, service), share(0.95, 0.95), share(0.1, 0.1)
    assert good > 0.6
    assert mixed < 0.3
    assert mixed - bad < 0.15
    assert share(quality, service, exponent=1.0) > mixed + 0.1, "an average would rescue it"


# --- trust ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_trust_rises_slowly_and_falls_fast(still):
    kept = after(still(), 4)["trust"]
    broken = after(still(**{"brands.A.late": 1, "brands.A.late_days": 1}), 5)["trust"]
    assert kept == pytest.approx(0.5 + 0.05 * 0.5, rel=1e-6)
    assert broken == pytest.approx(0.5 - 0.3 * 0.5, rel=1e-6)
    off = {"behaviour.trust.kept": 0, "behaviour.trust.broken": 0}
    assert after(still(**off), 4)["trust"] == 0.5
    assert after(still(**off, **{"brands.A.late": 1}), 8)["trust"] == 0.5


@pytest.mark.quick
@pytest.mark.parametrize(
    ("promised", "trust"),
    [
        (3, 0.525),
        (None, 0.525),  # what is usual is what is promised
        (4, 0.525 + 0.05 * 0.475),
        (5, 0.525 + 0.05 * 0.475),  # better than promised counts twice
        (2, 0.35),
    ],
)
def test_a_promise_over_kept_or_broken(still, promised, trust):
    market = still(**{f"{CREAM}.promised_days": promised})
    assert after(market, 4)["trust"] == pytest.approx(trust, rel=1e-6)


def test_many_promises_kept_and_one_broken(still):
    market = still(**{"days": 400})
    trust = [after(market, 4)["trust"]] + [after(market, 30)["trust"] for _ in range(9)]
    assert (np.diff(trust) > 0).all()
    assert trust[-1] < 1
    market.world.brands["late"] = 1.0
    fallen = after(market, 33)["trust"]
    assert fallen < trust[3], "one lapse undoes more than five deliveries"


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_faults_come_at_their_rate(still, rate):
    market = still(**{"people.n": 1000, "days": 4, f"{CREAM}.fault_rate": rate})
    market.run_model()
    faulty = market.orders["faulty"]
    assert faulty.mean() == pytest.approx(rate, abs=0.05)
    assert market.counts[:, 0, COUNTS.index("faults")].sum() == faulty.sum()
    felt = market.world.relationships[market.orders["person"], 0]
    np.testing.assert_allclose(felt["service"], np.where(faulty, 0.45, 0.6), rtol=1e-6)
    np.testing.assert_allclose(felt["trust"], np.where(faulty, 0.35, 0.525), rtol=1e-6)


@pytest.mark.quick
def test_a_faulty_pack_is_bad_in_use(still):
    relationship = after(still(**{f"{CREAM}.fault_rate": 1}), 7)
    assert relationship["product"] == pytest.approx(0.6 + 0.5 * (0 - 0.6), rel=1e-6)
    assert relationship["expectation"] == pytest.approx(0.6 + 0.3 * (0.1 - 0.6), rel=1e-6)


# --- wrong use ------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("misuse", [0.0, 0.4, 1.0])
def test_first_uses_go_wrong_at_their_rate(still, misuse):
    market = still(**{"people.n": 1000, "behaviour.experience.misuse": misuse, "days": 40})
    market.run_model()
    first, second = (market.orders["misused"][market.orders["nth"] == n] for n in (1, 2))
    assert first.mean() == pytest.approx(misuse, abs=0.05)
    assert not second.any()
    assert second.size == 1000


@pytest.mark.quick
def test_wrong_use_spoils_quality(still):
    relationship = after(still(**{"behaviour.experience.misuse": 1}), 7)
    assert relationship["expectation"] == pytest.approx(0.6 + 0.3 * (0.7 * 0.6 - 0.6), rel=1e-6)


def test_each_product_is_to_be_learnt_anew(still):
    """The first use of a second product goes wrong, though the brand is known."""
    soap = {"usage": 1, "period_days": 40, "regularity": math.inf, "start": "fresh"}
    other = {"category": "soap", "price": 10, "unit_cost": 4, "spread": 0, "fault_rate": 0}
    market = still(
        **{
            "behaviour.experience.misuse": 1,
            "categories.soap": soap,
            "brands.A.products.soap": other,
            "days": 100,
        }
    )
    market.run_model()
    np.testing.assert_array_equal(market.orders["misused"], market.orders["nth_product"] == 1)
    assert set(market.orders["nth"][market.orders["misused"]]) == {1, 3}
