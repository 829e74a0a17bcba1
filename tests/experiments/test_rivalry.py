"""Tables about all brands: what a portfolio brings, whoever has it, and who wins from whom."""

from pathlib import Path

import pandas as pd
import pytest
from tiny_studies import MARKET

from experiments.compare import effects as comparing
from experiments.compare import rivalry
from experiments.spend import acting_brands
from experiments.study import Study, load

CONFIGS = Path(__file__).parents[2] / "configs"
ROTATION = """\
schema: 1
study: compare
market: {use: market.yaml}
arms:
  nobody:
  one: {brands.A.strategies: {service_followup: {}}, brands.B.strategies: {referral: {}}}
  two: {brands.A.strategies: {referral: {}}, brands.B.strategies: {service_followup: {}}}
"""


def study(folder: Path, text: str = ROTATION) -> Study:
    (folder / "market.yaml").write_text(MARKET)
    (folder / "s.yaml").write_text(text)
    return load(folder / "s.yaml")


def results(**cells: list[float]) -> pd.DataFrame:
    """Long-run profit by arm and brand (`one_A=[...]`), a value for each replicate."""
    rows = [
        dict(zip(("arm", "brand"), place.split("_"), strict=True))
        | {"replicate": k, **dict.fromkeys(rivalry.METRICS, value)}
        for place, values in cells.items()
        for k, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


FOUND = results(
    nobody_A=[100, 110, 120],
    nobody_B=[200, 210, 230],
    one_A=[104, 113, 125],  # follow-up: +4 +3 +5
    one_B=[201, 211, 231],  # referral: +1 +1 +1
    two_A=[98, 111, 119],  # referral: -2 +1 -1
    two_B=[206, 215, 237],  # follow-up: +6 +5 +7
)


def test_a_portfolio_is_averaged_over_the_brands_that_have_it(tmp_path):
    table = rivalry.portfolios(FOUND, study(tmp_path))
    rows = table[table["metric"] == "long_run_contribution"].set_index("portfolio")
    assert list(rows.index) == ["service_followup", "referral"]
    assert (rows["brands"] == "A, B").all()
    assert rows.loc["service_followup", "difference"] == pytest.approx(5)  # 5, 4, 6
    assert rows.loc["referral", "difference"] == pytest.approx((-0.5 + 1 + 0) / 3)
    # 5, 4, 6 have standard deviation 1: half-width t(.975, 2) / sqrt(3)
    assert rows.loc["service_followup", "half_paired"] == pytest.approx(2.484138, abs=1e-5)
    assert rows.loc["service_followup", "p_holm"] == pytest.approx(
        2 * rows.loc["service_followup", "p"]
    )


def test_a_replicate_that_an_arm_lacks_is_left_out(tmp_path):
    lacking = FOUND[~((FOUND["arm"] == "two") & (FOUND["replicate"] == 2))]
    table = rivalry.portfolios(lacking, study(tmp_path))
    row = table[table["metric"] == "long_run_contribution"].iloc[0]
    assert (row["pairs"], row["difference"]) == (2, pytest.approx(4.5))  # 5, 4


def test_what_brands_do_in_the_baseline_is_no_arm_of_theirs(tmp_path):
    followup = "service_followup: {}"
    text = ROTATION.replace(
        "nobody:",
        f"nobody: {{brands.A.strategies: {{{followup}}}, brands.B.strategies: {{{followup}}}}}",
    )
    shared = rivalry.shared_portfolios(study(tmp_path, text))
    assert shared["service_followup"] == [("one", "A"), ("two", "B")]


def test_only_what_several_brands_do_alike_is_a_portfolio_to_average(tmp_path):
    alike = ROTATION.replace("B.strategies: {service_followup: {}}", "B.strategies: {none: {}}")
    assert set(rivalry.shared_portfolios(study(tmp_path, alike))) == {"referral"}
    other = ROTATION.replace(
        "B.strategies: {service_followup: {}}", "B.strategies: {service_followup: {coupon: 0}}"
    )
    assert set(rivalry.shared_portfolios(study(tmp_path, other))) == {"referral"}


def test_equal_names_with_other_parameters_are_told_apart(tmp_path):
    cheap = "{referral: {reward: 9}}"
    text = f"{ROTATION}  three: {{brands.A.strategies: {cheap}, brands.B.strategies: {cheap}}}\n"
    shared = rivalry.shared_portfolios(study(tmp_path, text))
    assert shared["referral"] == [("one", "B"), ("two", "A")]
    assert shared["referral (three)"] == [("three", "A"), ("three", "B")]


def test_every_brand_has_its_mean_and_its_effect():
    means = rivalry.means(FOUND, ["share_of_revenue"]).set_index(["arm", "brand"])
    assert means.loc[("one", "A"), "mean"] == pytest.approx(114)
    effects = rivalry.effects(FOUND, "nobody").set_index(["arm", "brand", "metric"])
    assert effects.loc[("two", "B", "long_run_revenue"), "difference"] == pytest.approx(6)


def test_a_brand_that_the_baseline_lacks_has_no_effect():
    table = rivalry.effects(
        FOUND[FOUND["brand"] == "A"].replace({"arm": {"nobody": "x"}}), "nobody"
    )
    assert table.empty


def test_the_switching_table_is_by_replicate(tmp_path):
    design = pd.DataFrame({"run_id": ["a", "b"], "arm": "nobody", "replicate": [0, 1]})
    curve = pd.DataFrame(
        [
            ("a", "A", 0, 0, 3.0, 4.0),
            ("a", "A", 1, 0, 1.0, 4.0),
            ("b", "A", 0, 0, 1.0, 2.0),
            ("b", "A", 0, 1, 0.0, 2.0),  # another category
            ("b", "A", 1, 0, 1.0, 2.0),
            ("b", "A", 1, 1, 2.0, 2.0),
        ],
        columns=["run_id", "brand", "x", "y", "top", "bottom"],
    )
    table = rivalry.switching(curve, design, study(tmp_path)).set_index(["arm", "from", "to"])
    assert len(table) == 2
    row = table.loc[("nobody", "A", "A")]
    assert row["mean"] == pytest.approx((3 / 4 + 1 / 4) / 2)
    assert (row["n"], table.loc[("nobody", "A", "B"), "mean"]) == (2, pytest.approx(0.5))


def test_the_study_of_rivals_gives_every_family_to_every_brand_once():
    rivals = load(CONFIGS / "studies" / "rivals.yaml")
    described = rivals.arms[rivals.baseline]["brands"]
    brands = [name for name, brand in described.items() if not brand["rest_of_category"]]
    shared = rivalry.shared_portfolios(rivals)
    assert len(shared) == len(brands) == 3
    for places in shared.values():
        assert sorted(brand for _, brand in places) == sorted(brands)
        assert len({arm for arm, _ in places}) == 3
    assert set(acting_brands(rivals.arms)) == set(brands)


def test_the_quickstart_leaves_the_rivals_alone():
    quickstart = load(CONFIGS / "quickstart.yaml")
    assert acting_brands(quickstart.arms) == [quickstart.of]
    assert rivalry.shared_portfolios(quickstart) == {}


def test_nothing_to_stack_keeps_its_columns():
    assert list(rivalry.stack([], comparing.EFFECT).columns) == comparing.EFFECT
