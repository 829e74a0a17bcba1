"""Implausibility, and waves of history matching on functions that are known."""

import numpy as np
import pytest
from scipy.stats import qmc

from experiments.calibrate import region
from experiments.calibrate.aims import Aim, form_of
from experiments.calibrate.choice import choose, medoid
from experiments.calibrate.emulator import Options
from experiments.calibrate.matching import Found, History, judge, wave_of

pytestmark = pytest.mark.quick
INPUTS = 4
AIMS = (Aim("a", 1.4, 1.6), Aim("b", 0.45, 0.55))


def points(n, seed=1):
    return qmc.Sobol(INPUTS, rng=seed).random(256)[:n]


def model(unit):
    a = unit[:, 0] + unit[:, 1] + 0.3 * unit[:, 0] * unit[:, 2]
    return np.stack([a, unit[:, 1]], axis=1)


def run(unit, luck=0.0, replicates=2, seed=1):
    rng = np.random.default_rng(seed)
    y = np.repeat(model(unit)[:, None], replicates, axis=1)
    return Found(unit, y + luck * rng.normal(size=y.shape))


def wave(found, cutoff=3.0, spare=0, aims=AIMS):
    return wave_of(found, aims, cutoff, spare, Options())


# -- scales ---------------------------------------------------------------------------------------


def test_each_unit_has_its_scale():
    assert form_of("share", 0.1, 0.2) == "logit"
    assert form_of("share of people", 0.0, 0.2) == "identity"
    assert form_of("CNY", 10, 20) == "log"
    assert form_of("CNY", -10, 20) == "identity"
    assert form_of("orders per 100 touches", 0.3, 0.7) == "identity"


@pytest.mark.parametrize(
    "aim", [Aim("x", 0.1, 0.4, "logit"), Aim("x", 10, 40, "log"), Aim("x", -1, 3)]
)
def test_the_ends_of_an_interval_are_three_standard_deviations_from_its_middle(aim):
    ends = aim.scaled(np.array([aim.low, aim.high]))
    assert (ends - aim.middle) / aim.sd == pytest.approx([-3, 3])
    assert aim.unscaled(ends) == pytest.approx([aim.low, aim.high])


def test_a_number_far_beyond_counts_as_far_and_no_number_as_none():
    aim = Aim("x", 0.2, 0.4, "logit")
    found = aim.scaled(np.array([0.0, 0.01, 1.0, np.nan]))
    assert found[0] == found[0] and found[0] == aim.scaled(np.array([0.2 / 20]))[0]
    assert np.isfinite(found[2]) and np.isnan(found[3])
    assert aim.met(np.array([0.2, 0.4, 0.41, np.nan])).tolist() == [True, True, False, False]


# -- implausibility -------------------------------------------------------------------------------


def test_implausibility_adds_up_emulator_luck_and_tolerance():
    found = run(points(120), luck=0.1)
    own = wave(found)
    new = points(30, seed=7)
    distances = own.distances(new)
    for t, aim in enumerate(AIMS):
        mean, variance = own.emulators[t].predict(new)
        both = np.maximum(variance, own.noise[t]) + aim.sd**2
        assert distances[:, t] == pytest.approx((mean - aim.middle) / np.sqrt(both))
    assert own.noise == pytest.approx([0.005, 0.005], rel=0.4)
    largest = np.abs(distances).max(axis=1) / 3
    assert own.implausibility(new) == pytest.approx(largest)
    spared = wave(found, spare=1).implausibility(new)
    assert spared == pytest.approx(np.abs(distances).min(axis=1) / 3)


def test_within_says_the_same_as_implausibility():
    new = points(200, seed=3)
    for spare in (0, 1):
        own = wave(run(points(60), luck=0.1), spare=spare)
        for level in (0.5, 1.0, 4.0):
            assert (own.within(new, level) == (own.implausibility(new) <= level)).all()


def test_runs_are_judged_by_their_mean_over_replicates_with_its_luck():
    y = np.array([[[1.5], [1.7]], [[1.5], [np.nan]], [[np.nan], [np.nan]]])
    judged = judge(Found(np.zeros((3, 1)), y), AIMS[:1])
    assert judged.luck == pytest.approx([0.02])
    sd = np.sqrt([AIMS[0].sd ** 2 + 0.01, AIMS[0].sd ** 2 + 0.02])
    assert judged.z[:2, 0] == pytest.approx([0.1 / sd[0], 0], abs=1e-12)
    assert np.isnan(judged.z[2, 0]) and np.isinf(judged.worst[2])


def test_a_number_that_too_few_runs_give_rules_nothing_out():
    found = run(points(60))
    found.y[5:, :, 1] = np.nan
    own = wave(found)
    assert own.emulators[1] is None and own.points == (60, 5)
    assert (own.distances(points(9))[:, 1] == 0).all()


def test_waves_close_in_on_what_meets_the_targets_and_keep_the_truth():
    truth = np.array([[0.9, 0.5, 0.4, 0.7]])
    history, found, drawn, shares = History(), run(points(60), 0.02), None, []
    for number in range(3):
        history.learn(found, AIMS, 3.0, 1 if number == 0 else 0, Options())
        drawn = region.draw(history, 60, INPUTS, number, before=drawn)
        shares.append(drawn.share)
        assert history.keeps(truth).all() and history.keeps(drawn.unit).all()
        new = run(drawn.unit, 0.02, seed=number + 2)
        found = Found(np.vstack([found.unit, new.unit]), np.concatenate([found.y, new.y]))
    assert shares[2] < shares[0]
    last = model(drawn.unit)
    assert all(aim.met(last[:, t]).mean() > 0.6 for t, aim in enumerate(AIMS))


def test_a_wave_learns_from_what_is_not_ruled_out_yet():
    history, found = History(), run(points(100))
    assert history.inside(found).all()
    history.learn(found, AIMS, 3.0, 0, Options())
    inside = history.inside(found)
    assert inside.sum() == 40  # ten for each input, the nearest, since fewer are not ruled out
    assert (history.level(found.unit[inside]).max() <= history.level(found.unit[~inside])).all()


# -- points from what is left ---------------------------------------------------------------------


def box(low, high):
    """A history whose one wave keeps the points of a box."""

    class Box:
        def implausibility(self, unit):
            return np.abs((unit - low) / (high - low) * 2 - 1).max(axis=1)

        def within(self, unit, level):
            return self.implausibility(unit) <= level

    return History([Box()])


def test_a_large_region_is_found_by_rejection():
    drawn = region.draw(box(0.2, 0.8), 100, INPUTS, 1)
    assert (drawn.how, drawn.level) == ("rejection", 1.0)
    assert drawn.share == pytest.approx(0.6**4, rel=0.05)
    assert drawn.unit.shape == (100, INPUTS) and box(0.2, 0.8).keeps(drawn.unit).all()


def test_a_tiny_region_is_found_by_levels_and_drawn_from_evenly():
    low, high = np.full(INPUTS, 0.61), np.full(INPUTS, 0.63)
    drawn = region.draw(box(low, high), 400, INPUTS, 1)
    assert drawn.how == "levels" and not drawn.empty
    assert drawn.share == pytest.approx(0.02**4, rel=0.6)
    assert box(low, high).keeps(drawn.unit).all()
    places = (drawn.unit - low) / (high - low)
    assert np.allclose(places.mean(axis=0), 0.5, atol=0.06)
    assert np.allclose(places.std(axis=0), 12**-0.5, atol=0.03)


def test_a_region_in_two_parts_is_drawn_from_both():
    class Parts:
        def implausibility(self, unit):
            near = np.minimum(
                np.abs(unit - 0.2).max(axis=1), np.abs(unit - np.array([0.8] * INPUTS)).max(axis=1)
            )
            return near / 0.02

        def within(self, unit, level):
            return self.implausibility(unit) <= level

    drawn = region.draw(History([Parts()]), 300, INPUTS, 2)
    assert 0.25 < (drawn.unit[:, 0] < 0.5).mean() < 0.75


def test_an_empty_region_says_how_far_it_is_from_being_one():
    class Nothing:
        def implausibility(self, unit):
            return 2 + np.abs(unit - 0.5).max(axis=1)

        def within(self, unit, level):
            return self.implausibility(unit) <= level

    drawn = region.draw(History([Nothing()]), 50, INPUTS, 1)
    assert drawn.empty and drawn.share == 0
    assert drawn.level == pytest.approx(2, abs=0.05)
    assert np.abs(drawn.unit - 0.5).max() < 0.1


def test_points_begin_where_the_last_wave_looked():
    outer = region.draw(box(0.4, 0.7), 200, INPUTS, 1)
    both = History([*box(0.4, 0.7).waves, *box(0.5, 0.9).waves])
    drawn = region._Levels(both, region.as_they_are, 5, outer).draw(100, INPUTS)
    assert both.keeps(drawn.unit).all()
    assert drawn.share == pytest.approx(0.2**4, rel=0.6)


def test_the_same_seed_gives_the_same_points():
    a, b = (region.draw(box(0.61, 0.63), 50, INPUTS, 3) for _ in range(2))
    assert (a.unit == b.unit).all() and a.share == b.share


# -- choice ---------------------------------------------------------------------------------------


def test_those_that_meet_all_come_first_and_are_far_from_each_other():
    unit = np.array([[0.1], [0.11], [0.5], [0.9], [0.3]])
    meets = np.array([True, True, True, True, False])
    worst = np.array([1.0, 0.5, 2.0, 1.0, 2.9])
    found = choose(unit, meets, worst, 3.0, 3)
    assert found.rows.tolist() == [1, 3, 2] and found.rule == "met"
    assert (found.met, found.below, found.medoid) == (4, 5, 2)
    more = choose(unit, meets, worst, 3.0, 9)
    assert more.rows.tolist() == [1, 3, 2, 0, 4] and more.rule == "cutoff"


def test_if_nothing_is_below_the_cutoff_the_nearest_are_given_and_called_so():
    unit = np.linspace(0, 1, 30)[:, None]
    worst = np.r_[np.inf, np.linspace(9, 4, 29)]
    found = choose(unit, np.zeros(30, bool), worst, 3.0, 16)
    assert found.rule == "nearest" and found.rows.tolist() == list(range(29, 21, -1))
    assert (found.met, found.below) == (0, 0)


def test_the_medoid_is_the_one_in_the_middle():
    unit = np.array([[0.0], [0.4], [1.0], [0.5], [0.6]])
    assert medoid(unit, np.array([0, 1, 2, 3])) == 1
    assert medoid(unit, np.array([], np.int64)) == -1
