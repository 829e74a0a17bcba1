from itertools import combinations

import numpy as np
import pytest

from experiments.errors import StudyError
from experiments.sensitivity import acceptance, samples, sobol
from experiments.sensitivity.samples import INERT, Inputs
from experiments.sensitivity.verdict import verdict

NAMES = ("x1", "x2", "x3", INERT)
INDICES = ["S1", "ST"]


def values(labels, n, seed=1, noise=0.0, replicates=2):
    """Ishigami's values at a Saltelli design: float64[replicates, n, inputs + 2]."""
    inputs = Inputs.named(labels)
    sample = samples.saltelli(inputs, n, seed)
    y = acceptance.ishigami((2 * sample.unit - 1) * np.pi).reshape(n, -1)
    rng = np.random.default_rng(seed)
    return y + noise * rng.normal(size=(replicates, *y.shape)), inputs.names


def salib(y, groups):
    from SALib.analyze import sobol as theirs

    k = len(groups)
    names = [f"x{j}" for j in range(k)]
    problem = {"num_vars": k, "names": names, "bounds": [[0, 1]] * k, "groups": list(groups)}
    return theirs.analyze(problem, (y - y.mean()).ravel(), calc_second_order=False, seed=1)


@pytest.mark.parametrize("labels", [NAMES, ("x1", "others", "others", INERT)])
def test_without_noise_it_equals_the_textbook_estimator(labels):
    y, names = values(labels, 256)
    ours = sobol.analyse(y, names)
    theirs = salib(y[0], labels)
    for index in INDICES:
        assert np.abs(ours.table[index] - theirs[index]).max() < 1e-12
    assert ours.noise_share == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("replicates", [2, 3, 5])
def test_it_is_the_mean_over_pairs_of_replicates_of_the_formulas(replicates):
    y, names = values(NAMES, 50, noise=3.0, replicates=replicates)
    centred = y - y.mean()
    a, ab, b = centred[:, :, 0], centred[:, :, 1:-1], centred[:, :, -1]
    first, total, variance = np.zeros(4), np.zeros(4), 0.0
    pairs = list(combinations(range(replicates), 2))
    for k, m in pairs:
        both = [np.concatenate([a[r], b[r]]) for r in (k, m)]
        variance += np.cov(*both, ddof=0)[0, 1] / len(pairs)
        for j in range(4):
            d = [a[r] - ab[r, :, j] for r in (k, m)]
            total[j] += (d[0] * d[1]).mean() / 2 / len(pairs)
            first[j] -= (b[k] * d[1] + b[m] * d[0]).mean() / 2 / len(pairs)
    found = sobol.analyse(y, names)
    assert found.variance == pytest.approx(variance, rel=1e-12)
    assert np.allclose(found.table["S1"], first / variance, rtol=0, atol=1e-12)
    assert np.allclose(found.table["ST"], total / variance, rtol=0, atol=1e-12)
    scatter = np.mean([np.concatenate([a[r], b[r]]).var() for r in range(replicates)])
    assert found.noise_share == pytest.approx(1 - variance / scatter, rel=1e-12)


def test_adding_a_constant_to_whole_numbers_changes_no_bit():
    y, names = values(NAMES, 64, noise=3.0)
    cents = np.round(1000 * y)
    assert sobol.analyse(cents + 123_456_789, names).table.equals(sobol.analyse(cents, names).table)


def test_adding_a_constant_changes_nothing_but_rounding():
    y, names = values(NAMES, 64, noise=3.0)
    found, moved = (sobol.analyse(v, names).table.drop(columns="input") for v in (y, y + 37.7))
    assert np.abs(found - moved).to_numpy().max() < 1e-12


def test_scaling_changes_nothing_but_rounding():
    y, names = values(NAMES, 64, noise=3.0)
    found, moved = (sobol.analyse(v, names).table.drop(columns="input") for v in (y, -1e6 * y))
    assert np.abs(found - moved).to_numpy().max() < 1e-12


def test_a_resample_is_the_estimator_on_the_resampled_blocks():
    y, names = values(NAMES, 40, noise=3.0)
    rng = np.random.default_rng(4)
    drawn = rng.integers(40, size=40)
    features = sobol._features(sobol._centred(y))
    moments = features.moments(np.bincount(drawn, minlength=40) / 40)
    again = sobol.analyse(y[:, drawn], names)
    assert moments.variance == pytest.approx(again.variance, rel=1e-10)
    assert np.allclose(moments.total / moments.variance, again.table["ST"], rtol=0, atol=1e-10)
    assert np.allclose(moments.first / moments.variance, again.table["S1"], rtol=0, atol=1e-10)


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_missing_value_is_named_and_never_becomes_a_zero(hole):
    y, names = values(NAMES, 16)
    y[1, 3, 2] = hole
    with pytest.raises(StudyError, match=rf"1 of 192 .*block 3, AB:x2, replicate 1 \({hole}\)"):
        sobol.analyse(y, names)


def test_many_missing_values_are_counted():
    y, names = values(NAMES, 16)
    y[0, :7, 0] = np.nan
    with pytest.raises(StudyError, match=r"7 of 192.*block 4, A, replicate 0 .nan., and 2 more"):
        sobol.analyse(y, names)


def test_one_replicate_is_refused_with_the_reason():
    y, names = values(NAMES, 16)
    with pytest.raises(
        StudyError, match=r"at least 2 replicates.*noise would count as interaction"
    ):
        sobol.analyse(y[:1], names)


def test_values_of_another_shape_are_refused():
    y, names = values(NAMES, 16)
    with pytest.raises(ValueError, match="are not those of 3 inputs"):
        sobol.analyse(y, names[:3])


def test_a_single_group_of_everything_explains_everything():
    y, names = values(["all"] * 4, 256)
    table = sobol.analyse(y, names).table
    assert table["ST"][0] == pytest.approx(1, abs=0.1)
    assert table["S1"][0] == pytest.approx(1, abs=0.1)


def test_salib_analyses_a_single_group_as_if_it_were_none_and_does_not_say_so():
    """If this fails, SALib has mended it: say so in `salib.py`."""
    from SALib.analyze import sobol as theirs
    from SALib.sample import sobol as sampler

    problem = {
        "num_vars": 4,
        "names": list(NAMES),
        "bounds": [[-np.pi, np.pi]] * 4,
        "groups": ["all"] * 4,
    }
    x = sampler.sample(problem, 1024, calc_second_order=False, seed=1)
    assert len(x) == 1024 * 6  # the sampler has ignored the group, and the analysis has not
    y = acceptance.ishigami(x)
    found = theirs.analyze(problem, y, calc_second_order=False, seed=1)
    assert len(found["ST"]) == 1
    assert found["ST"][0] < 0.9  # it is 1


def test_salib_turns_a_missing_value_into_zeros_without_a_warning():
    """If this fails, SALib has mended it: say so in `salib.py`."""
    y, names = values(NAMES, 64)
    y[0, 3, 1] = np.nan
    found = salib(y[0], names)
    assert np.array_equal(found["S1"], np.zeros(4))
    assert np.array_equal(found["ST"], np.zeros(4))


def test_salib_s_intervals_of_sobol_jansen_grow_with_the_number_of_resamples():
    """If this fails, SALib has mended it: say so in `docs/sensitivity.md`."""
    from SALib.analyze.sobol_jansen import analyze

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    rng = np.random.default_rng(1)
    x = np.repeat(rng.random((200, 1, 3)), 4, axis=1)
    for j in range(3):
        x[:, j + 1, j] = rng.random(200)
    y = acceptance.ishigami((2 * x - 1) * np.pi).ravel()
    state = np.random.get_state()  # noqa: NPY002
    few, many = (analyze(problem, y, 200, n, seed=1)["ST_conf"] for n in (500, 8000))
    np.random.set_state(state)  # noqa: NPY002
    assert np.all(many / few > 1.5)


def test_too_little_variance_gives_a_verdict_and_no_indices():
    rng = np.random.default_rng(3)
    y = rng.normal(size=(2, 64, 6))
    y[1] = -y[0]  # replicates that contradict each other: the covariance is negative
    found = sobol.analyse(y, NAMES)
    assert found.variance < 0
    assert found.table[["S1", "ST", "ST_low", "S1_high"]].isna().all(axis=None)
    assert verdict(found).level == "noise only"
    assert "cannot be told from noise" in verdict(found).sentence


def test_pure_noise_is_called_noise():
    rng = np.random.default_rng(3)
    levels = [verdict(sobol.analyse(rng.normal(size=(2, 100, 6)), NAMES)).level for _ in range(40)]
    assert levels.count("noise only") >= 35


def test_a_constant_response_gives_a_verdict_and_no_indices():
    found = sobol.analyse(np.full((2, 16, 6), 0.1), NAMES)
    assert found.table[["S1", "ST", "ST_low", "S1_high"]].isna().all(axis=None)
    assert verdict(found).level == "constant"
    assert "the same in all 16 blocks" in verdict(found).sentence


def test_many_blocks_without_noise_converge():
    y, names = values(NAMES, 1024)
    assert verdict(sobol.analyse(y, names)).level == "converged"


def test_a_wide_interval_is_not_yet_convergence_and_says_what_it_takes():
    y, names = values(NAMES, 128, noise=4.0)
    found = verdict(sobol.analyse(y, names))
    assert found.level == "not yet"
    assert "ST of x1 is known to ± 0." in found.sentence
    assert "blocks" in found.sentence.split("which takes about ")[1]


def test_a_control_that_seems_to_matter_is_a_doubt():
    y, _ = values(["x1", "x2", INERT], 1024)
    renamed = ("x1", "x3", INERT)
    control = sobol.analyse(y[:, :, [0, 1, 3, 2, 4]], renamed)  # x2 in place of the control
    found = verdict(control)
    assert found.level == "not yet"
    assert "the control's ST, which is 0, has the interval" in found.sentence


def test_halves_that_disagree_are_a_doubt():
    y, names = values(NAMES, 1024)
    y[:, 512:, 1] = y[:, 512:, 0]  # x1 does nothing in the second half
    found = verdict(sobol.analyse(y, names), threshold=0.2)
    assert found.level == "not yet"
    assert "half of the blocks give another ST of x1" in found.sentence


def test_growth_ends_with_the_whole():
    y, names = values(NAMES, 100, noise=1.0)
    table = sobol.growth(y, names)
    assert list(table["blocks"].unique()) == [12, 25, 50, 100]
    last = table[table["blocks"] == 100].drop(columns="blocks").reset_index(drop=True)
    assert last.equals(sobol.analyse(y, names).table)
