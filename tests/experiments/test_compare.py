import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments import intervals
from experiments.compare import effects

pytestmark = pytest.mark.quick

nan = float("nan")


def results(**arms: list[float]) -> pd.DataFrame:
    rows = [
        {"arm": arm, "replicate": k, "m": value}
        for arm, values in arms.items()
        for k, value in enumerate(values)
        if not np.isnan(value)
    ]
    return pd.DataFrame(rows)


def test_a_difference_by_hand():
    # differences 1, 2, 3: mean 2, sd 1, half-width t(.975, 2) / sqrt(3) = 4.302653 / 1.732051
    table = effects.effects(results(none=[10, 20, 30], x=[11, 22, 33]), ["m"], "none")
    row = table.iloc[0]
    assert row["pairs"] == 3
    assert row["difference"] == pytest.approx(2)
    assert row["low"] == pytest.approx(2 - 2.484138, abs=1e-6)
    assert row["high"] == pytest.approx(2 + 2.484138, abs=1e-6)
    assert row["relative"] == pytest.approx(0.1)
    assert row["correlation"] == pytest.approx(1)


def test_intervals_and_p_values_are_scipys():
    rng = np.random.default_rng(5)
    a, b = rng.normal(10, 2, 12), rng.normal(9, 3, 12)
    row = intervals.difference(a, b)
    paired = stats.ttest_rel(a, b)
    assert row["p"] == pytest.approx(paired.pvalue)
    assert (row["low"], row["high"]) == pytest.approx(tuple(paired.confidence_interval(0.95)))
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert row["half_unpaired"] == pytest.approx((welch.high - welch.low) / 2)
    assert row["correlation"] == pytest.approx(stats.pearsonr(a, b).statistic)


def test_pairing_is_by_replicate_and_incomplete_pairs_are_dropped():
    table = effects.effects(results(none=[1, 2, nan, 4], x=[nan, 4, 100, 8]), ["m"], "none")
    row = table.iloc[0]
    assert row["pairs"] == 2
    assert row["difference"] == pytest.approx(3)  # (4 - 2 + 8 - 4) / 2


def test_the_means_of_an_arm_use_all_its_replicates():
    table = intervals.means(results(none=[1, 2, 3], x=[nan, 4, 6]), ["m"]).set_index("arm")
    assert table.loc["none", "mean"] == 2
    assert table.loc["x", "mean"] == 5
    assert table.loc["x", "n"] == 2


def test_one_pair_has_no_interval():
    row = effects.effects(results(none=[1], x=[3]), ["m"], "none").iloc[0]
    assert row["difference"] == 2
    assert np.isnan([row["low"], row["high"], row["p"], row["p_holm"], row["correlation"]]).all()


def test_an_arm_that_changes_nothing():
    row = effects.effects(results(none=[1, 2, 3], x=[1, 2, 3]), ["m"], "none").iloc[0]
    assert (row["difference"], row["low"], row["high"], row["p"]) == (0, 0, 0, 1)


def test_an_arm_that_changes_the_same_everywhere():
    row = effects.effects(results(none=[1, 2, 3], x=[2, 3, 4]), ["m"], "none").iloc[0]
    assert (row["low"], row["high"], row["p"]) == (1, 1, 0)


def test_arms_that_do_not_vary_have_no_correlation():
    assert np.isnan(intervals.correlation(np.ones(4), np.arange(4.0)))


def test_holm_by_hand():
    # sorted .01 .02 .04: times 3, 2, 1 = .03 .04 .04
    assert intervals.holm(np.array([0.04, 0.01, 0.02])) == pytest.approx([0.04, 0.03, 0.04])
    assert intervals.holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])


def test_holm_is_that_of_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(2).uniform(size=30) ** 3
    assert intervals.holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])


def test_holm_leaves_out_what_was_not_tested():
    adjusted = intervals.holm(np.array([0.01, nan, 0.02]))
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.02])
    assert np.isnan(adjusted[1])


def money(gain: list[float], spend: list[float]) -> pd.DataFrame:
    base = pd.DataFrame({"arm": "none", "replicate": range(len(gain))})
    base["long_run_contribution"], base["long_run_spend"] = 100.0, 10.0
    other = base.assign(arm="x")
    other["long_run_contribution"] += gain
    other["long_run_spend"] += spend
    return pd.concat([base, other], ignore_index=True)


def test_return_on_spend_is_a_ratio_of_means():
    row = effects.returns(money([4, 6, 5], [2, 2, 2.0]), "none").iloc[0]
    assert row["mean"] == pytest.approx(2.5)
    direct = intervals.interval(np.array([4, 6, 5]) / 2)
    assert (row["low"], row["high"]) == pytest.approx((direct.low, direct.high))


@pytest.mark.parametrize("spend", [[0, 0, 0.0], [-1, -1, -1.0], [3, -2.5, 1.0]])
def test_return_on_spend_is_blank_unless_more_was_surely_spent(spend):
    assert np.isnan(effects.returns(money([4, 6, 5], spend), "none").iloc[0]["mean"])


def test_the_coverage_of_the_paired_interval():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        shared = rng.normal(0, 10, 8)
        a, b = shared + rng.normal(1, 1, 8), shared + rng.normal(0, 1, 8)
        row = intervals.difference(a, b)
        hits += row["low"] <= 1 <= row["high"]
    assert 0.92 <= hits / 400 <= 0.98
