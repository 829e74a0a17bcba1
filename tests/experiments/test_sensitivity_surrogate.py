import numpy as np
import pytest

from experiments.errors import StudyError
from experiments.sensitivity import acceptance, samples, surrogate
from experiments.sensitivity.samples import Inputs

INPUTS = Inputs.named(acceptance.NAMES)
UNIT = samples.sobol(4, 200, seed=2).unit


def ishigami(unit, noise=0.0):
    rng = np.random.default_rng(5)
    return acceptance.ishigami((2 * unit - 1) * np.pi) + noise * rng.normal(size=len(unit))


@pytest.fixture(scope="module")
def fitted():
    return surrogate.fit(UNIT, ishigami(UNIT), INPUTS)


def test_indices_of_the_surrogate_are_right_where_it_predicts_well(fitted):
    assert fitted.q2 > 0.9
    assert np.abs(fitted.table["S1"] - acceptance.TRUE_FIRST).max() < 0.05
    assert np.abs(fitted.table["ST"] - acceptance.TRUE_TOTAL).max() < 0.05
    assert fitted.caveats == ()


def test_the_same_data_give_the_same_surrogate(fitted):
    again = surrogate.fit(UNIT, ishigami(UNIT), INPUTS)
    assert again.table.equals(fitted.table)
    assert (again.q2, again.rmse) == (fitted.q2, fitted.rmse)


def test_the_closed_form_is_leaving_one_out():
    from sklearn.gaussian_process import GaussianProcessRegressor

    unit, y = UNIT[:40], ishigami(UNIT[:40], 1.0)
    y = (y - y.mean()) / y.std()
    process, _ = surrogate._process(unit, y)
    errors = surrogate.leave_one_out(process)
    for out in (0, 13, 39):
        rest = np.arange(40) != out
        same = GaussianProcessRegressor(process.kernel_, optimizer=None).fit(unit[rest], y[rest])
        assert errors[out] == pytest.approx(y[out] - same.predict(unit[[out]])[0], abs=1e-8)


def test_q2_and_rmse_say_the_same_in_other_units(fitted):
    y = ishigami(UNIT)
    assert fitted.rmse == pytest.approx(y.std() * np.sqrt(1 - fitted.q2), rel=1e-9)


def test_groups_have_indices_of_their_own():
    inputs = Inputs.named(["x1", "x2", "rest", "rest"])
    table = surrogate.fit(UNIT, ishigami(UNIT), inputs).table
    assert list(table["input"]) == ["x1", "x2", "rest"]
    assert table["ST"][2] == pytest.approx(acceptance.TRUE_TOTAL[2], abs=0.05)


def test_a_bad_prediction_is_a_caveat_that_says_how_much_is_luck():
    y = ishigami(UNIT, 5.0)
    found = surrogate.fit(UNIT, y, INPUTS, noise_share=0.4)
    assert found.q2 < 0.8
    assert any("predicts badly" in c and "0.40 is luck" in c for c in found.caveats)
    assert any("may be luck" in c for c in surrogate.fit(UNIT, y, INPUTS).caveats)


def test_pure_noise_leaks_no_warning_and_gives_no_indices_of_note():
    y = np.random.default_rng(1).normal(size=200)
    found = surrogate.fit(UNIT, y, INPUTS)
    assert found.q2 < 0.3


def test_more_points_than_it_can_take_are_thinned_evenly_and_that_is_said(monkeypatch):
    monkeypatch.setattr(surrogate, "MOST", 50)
    found = surrogate.fit(UNIT, ishigami(UNIT), INPUTS)
    assert found.points == 50
    assert "fitted to 50 of 200 points" in found.caveats[0]
    chosen = surrogate.spread(200)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, 199, 50)
    assert set(np.diff(chosen)) == {4, 5}


def test_missing_constant_and_few_values_are_refused():
    y = ishigami(UNIT)
    y[3] = np.nan
    with pytest.raises(StudyError, match="1 of 200 values are missing"):
        surrogate.fit(UNIT, y, INPUTS)
    for unit, flat in ((UNIT, np.ones(200)), (UNIT[:19], ishigami(UNIT[:19]))):
        with pytest.raises(StudyError, match="at least 20 points with different values"):
            surrogate.fit(unit, flat, INPUTS)


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(StudyError, match=r"pip install 'huitou\[sensitivity\]'"):
        surrogate.fit(UNIT, ishigami(UNIT), INPUTS)
