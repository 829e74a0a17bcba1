"""Tests of other methods, and of what is wrong with SALib 1.6.0 itself.

A test whose name begins with `test_salib` shows a defect of SALib. When it fails, SALib has
mended it: take the guard out of `salib.py`.
"""

import functools
import warnings

import numpy as np
import pytest

from experiments.errors import StudyError
from experiments.libraries import one_thread
from experiments.sensitivity import acceptance, salib, samples
from experiments.sensitivity.about import METHODS
from experiments.sensitivity.samples import Inputs

NAMES = ("x1", "x2", "x3", "inert")
QUICK = ("pawn", "rbd_fast", "fast", "dgsm")


def points(method, n=400):
    if method == "fast":
        return samples.fast(4, n, seed=1).unit
    if method == "dgsm":
        return samples.finite_differences(Inputs.named(NAMES), n, seed=1).unit
    return samples.latin(4, n, seed=1).unit


def values(unit, noise=0.0, replicates=2):
    y = acceptance.ishigami((2 * unit - 1) * np.pi)
    return y + noise * np.random.default_rng(3).normal(size=(replicates, len(y)))


@functools.cache
def found(method, n=400, seed=1, **noise):
    unit = points(method, n)
    return salib.analyse(method, unit, values(unit, **noise), NAMES, seed)


def theirs():
    return {"num_vars": 4, "names": list(NAMES), "bounds": [[0.0, 1.0]] * 4}


@pytest.mark.parametrize(
    ("method", "n"), [("rbd_fast", 2000), ("fast", 500), ("hdmr", 1300), ("delta", 500)]
)
def test_first_order_indices_are_right_without_noise(method, n):
    s1 = found(method, n).table["S1"]
    assert np.abs(s1 - acceptance.TRUE_FIRST).max() < (0.06 if method != "delta" else 0.2)


@pytest.mark.parametrize(("method", "n"), [("fast", 500), ("hdmr", 1300)])
def test_total_indices_are_right_without_noise(method, n):
    assert np.abs(found(method, n).table["ST"] - acceptance.TRUE_TOTAL).max() < 0.05


@pytest.mark.parametrize("method", ["pawn", "delta"])
def test_distributions_rank_the_control_last(method):
    ranks = found(method, 600).table[METHODS[method].rank]
    assert ranks.idxmin() == 3
    assert ranks[1] > ranks[2]


def test_dgsm_bounds_the_total_index_from_above():
    table = found("dgsm", 300).table
    assert np.all(table["dgsm"] >= acceptance.TRUE_TOTAL - 1e-9)
    assert table["dgsm"][3] == table["noise"][3] == 0
    analytic = 0.5 * 49 * (2 * np.pi) ** 2 / (acceptance.VARIANCE * np.pi**2)  # of x2
    assert table["dgsm"][1] == pytest.approx(analytic, rel=0.1)


def test_the_noise_of_a_derivative_is_what_the_control_shows():
    table = found("dgsm", 800, noise=0.5).table
    assert table["dgsm"][3] == pytest.approx(table["noise"][3], rel=0.15)
    assert table["dgsm_low"][3] <= table["noise"][3] <= table["dgsm_high"][3]


def test_the_noise_share_of_the_means_is_estimated():
    unit = points("pawn", 4000)
    share = salib.analyse("pawn", unit, values(unit, np.sqrt(acceptance.VARIANCE)), NAMES)
    assert share.noise_share == pytest.approx(1 / 3, abs=0.03)
    one = salib.analyse("pawn", unit, values(unit)[:1], NAMES)
    assert np.isnan(one.noise_share)


@pytest.mark.parametrize("method", METHODS)
def test_what_it_measures_and_what_it_cannot_do_is_said(method):
    about = METHODS[method]
    text = " ".join(about.caveats)
    assert "oise" in text
    assert "Groups are not supported" in text
    assert "hole numbers and choices" in text or "whole numbers of few values" in text
    assert about.measures.endswith(".")


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("hole", [np.nan, -np.inf])
def test_a_missing_value_is_named(method, hole):
    unit = points(method)
    y = values(unit)
    y[1, 17] = hole
    with pytest.raises(StudyError, match=rf"block 17, {method}, replicate 1 \({hole}\)"):
        salib.analyse(method, unit, y, NAMES)


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_response_is_said(method):
    unit = points(method)
    with pytest.raises(StudyError, match="the same in all runs"):
        salib.analyse(method, unit, np.full((2, len(unit)), 3.0), NAMES)


@pytest.mark.parametrize("method", [*QUICK, "delta", "hdmr"])
def test_seed_zero_reproduces_and_nothing_global_changes(method):
    np.random.seed(1)  # noqa: NPY002
    before, form = np.random.get_state()[1].copy(), warnings.formatwarning  # noqa: NPY002
    filters = list(warnings.filters)
    n = 300 if method == "hdmr" else 200
    table = found.__wrapped__(method, n, seed=0).table
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert warnings.formatwarning is form
    assert warnings.filters == filters
    np.random.seed(2)  # noqa: NPY002
    assert found.__wrapped__(method, n, seed=0).table.equals(table)


@pytest.mark.parametrize(("method", "n", "least"), [("delta", 199, 200), ("hdmr", 299, 300)])
def test_too_few_points_are_refused(method, n, least):
    with pytest.raises(StudyError, match=f"at least {least} points .got {n}"):
        found(method, n)


def test_hdmr_says_how_high_its_polynomials_go():
    assert "up to order 2," in found("hdmr", 400).notes[0]
    assert salib.hdmr_order(400, 4) == 2
    assert salib.hdmr_order(10_000, 4) == salib.MOST_ORDER
    assert salib.hdmr_order(300, 40) == 1


# -- defects of SALib -----------------------------------------------------------------------------


def test_salib_takes_seed_zero_for_none():
    from SALib.analyze import dgsm

    unit = points("dgsm", 50)
    y = values(unit)[0]
    one, two = (dgsm.analyze(theirs(), unit, y, seed=0)["dgsm_conf"] for _ in range(2))
    assert not np.array_equal(one, two)


def test_salib_gives_the_interval_of_dgsm_on_another_scale_than_the_index():
    from SALib.analyze import dgsm

    unit = points("dgsm", 400)
    raw = dgsm.analyze(theirs(), unit, values(unit)[0], seed=1)
    ours = found("dgsm", 400).table
    half = (ours["dgsm_high"] - ours["dgsm_low"]) / 2
    assert np.allclose(ours["dgsm"], raw["dgsm"])
    assert raw["dgsm_conf"][0] > 50 * half[0]
    slopes = [found("dgsm", 400, seed=s).table["dgsm"][0] for s in range(2)]
    assert slopes[0] == slopes[1]  # the seed is the bootstrap's, not the sample's


def test_salib_writes_into_the_problem_it_is_given():
    from SALib.analyze import enhanced_hdmr
    from SALib.sample import latin

    problem = theirs()
    unit = latin.sample(problem, 300, seed=1)
    assert problem != theirs()
    problem = theirs()
    with one_thread():
        enhanced_hdmr.analyze(problem, unit, values(unit)[0], poly_order=2, seed=1)
    assert len(problem["names"]) > 4


def test_salib_changes_how_python_shows_warnings():
    from SALib.analyze import delta

    form = warnings.formatwarning
    try:
        with warnings.catch_warnings():
            delta.analyze(theirs(), points("delta", 200), values(points("delta", 200))[0], 2)
        assert warnings.formatwarning is not form
    finally:
        warnings.formatwarning = form


def test_salib_warns_of_its_own_intervals_of_fast():
    from SALib.analyze import fast

    unit = points("fast", 100)
    with pytest.warns(UserWarning, match="unreliable"):
        fast.analyze(theirs(), values(unit)[0], seed=1)


def test_salib_s_default_polynomials_miss_a_response_that_turns_and_ours_do_not():
    from SALib.analyze import enhanced_hdmr

    unit = points("hdmr", 1300)
    with one_thread():
        raw = enhanced_hdmr.analyze(theirs(), unit, values(unit)[0], seed=1)
    assert raw["S"][1] < 0.1 < acceptance.TRUE_FIRST[1]
    assert found("hdmr", 1300).table["S1"][1] > 0.4


def test_salib_s_differences_vanish_near_zero_and_ignore_the_seed():
    from SALib.sample import finite_diff

    one, two = (finite_diff.sample(theirs(), 200, seed=s) for s in (1, 2))
    assert np.array_equal(one, two)
    steps = np.abs(one.reshape(200, 5, 4)[:, 1, 0] - one.reshape(200, 5, 4)[:, 0, 0])
    assert steps.min() < 1e-4
