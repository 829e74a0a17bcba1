"""A study from the numbers that every shop knows: what is refused, what is written, what is said."""

import csv
import math
from datetime import date, timedelta

import numpy as np
import pytest
import yaml

from experiments.brand_numbers import FACTOR, Numbers
from experiments.brand_starter import conflicts, starter_from_numbers, told
from experiments.errors import UsageError
from experiments.study import load
from sim.config.load import load_market

FIVE = {"repeat": 0.18, "one_order": 0.7, "cac": 100, "refunds": 0.08, "margin": 0.7, "price": 199}
SAID = ("--repeat", ".18", "--one-order", ".7", "--cac", "100", "--refunds", ".08", "--margin", ".7",
        "--price", "199")  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"repeat": 12}, "--repeat is a share above 0 and below 1: 12 % is 0.12 (got 12)"),
        ({"one_order": 70}, "--one-order is a share above 0 and below 1: 70 % is 0.7"),
        ({"refunds": 0}, "--refunds is a share"),
        ({"churn": 1}, "--churn is a share"),
        ({"margin": -0.5}, "--margin is a share"),
        ({"margin": math.nan}, "--margin is a share"),
        ({"cac": 0}, "--cac is an amount above 0"),
        ({"cac": math.inf}, "--cac is an amount above 0"),
        ({"price": 1e9}, "--price must be from 0.01 to 10,000,000"),
        ({"one_order": 0.7, "churn": 0.6}, "say --one-order or --churn, not both"),
        ({"repeat": 12, "cac": -1}, "--repeat is a share"),
    ],
)
def test_numbers_that_cannot_be_are_refused(wrong, why):
    with pytest.raises(UsageError) as caught:
        Numbers(**wrong)
    assert why in str(caught.value)
    if len(wrong) == 2 and "cac" in wrong:
        assert "--cac" in str(caught.value)  # all at once


@pytest.mark.parametrize("missing", FIVE)
def test_five_are_needed_and_a_price(missing):
    given = {name: value for name, value in FIVE.items() if name != missing}
    with pytest.raises(UsageError, match=missing.replace("_", "-")):
        starter_from_numbers(Numbers(**given))


@pytest.mark.parametrize("preset", ["skincare", "coffee"])
def test_the_study_has_the_numbers_with_their_tolerances(preset, tmp_path):
    text = starter_from_numbers(Numbers(**FIVE), preset=preset)
    (tmp_path / "brand.yaml").write_text(text)
    study = load(tmp_path / "brand.yaml")
    targets = study.spec.targets
    for name in ("repeat", "one_order", "refunds"):
        low, high = (share / (1 - share) for share in targets[name].ends)
        odds = FIVE[name] / (1 - FIVE[name])
        assert low == pytest.approx(odds / FACTOR, rel=2e-3)
        assert high == pytest.approx(odds * FACTOR, rel=2e-3)
    assert targets["cac"].ends == pytest.approx((100 / FACTOR, 100 * FACTOR))
    own, preset_market = study.base["brands"]["A"], load_market(preset)
    for key, product in own["products"].items():
        before = preset_market.brands["A"].products[key]
        assert product["unit_cost"] == pytest.approx(product["price"] * 0.3, abs=0.01)
        ratio = product["price"] / before.price
        rival = next(iter(study.base["brands"]["B"]["products"].values()))
        was = next(iter(preset_market.brands["B"].products.values()))
        assert rival["price"] / was.price == pytest.approx(ratio, rel=1e-3)
    assert own["shipping_cost"] == 0  # the margin is after shipping
    assert study.spec.lift_tests and not told(text)
    assert study.spec.method.ensemble >= 29  # fewer decide nothing


def test_churn_is_what_retention_leaves():
    given = {name: value for name, value in FIVE.items() if name != "one_order"}
    target = yaml.safe_load(starter_from_numbers(Numbers(**given, churn=0.8)))["targets"]["churn"]
    assert target["metric"] == "retention"
    assert target["low"] < 0.2 < target["high"] < 0.5


def test_numbers_that_contradict_each_other_are_said(huitou, tmp_path):
    code, out, err = huitou("new", "calibrate", *SAID, "-o", "brand.yaml")
    assert code == 0 and "wrote brand.yaml" in out and "remark" not in err
    assert huitou("validate", "brand.yaml")[0] == 0
    odd = [*SAID]
    odd[1], odd[3], odd[5] = ".5", ".9", "5000"
    code, _, err = huitou("new", "calibrate", *odd, "-o", "odd.yaml")
    assert code == 0 and "remark: Unusual: repeat 0.5 and one-order share 0.9" in err
    assert "remark: Unusual: a new customer costs what" in err
    text = (tmp_path / "odd.yaml").read_text()
    assert "# Unusual: repeat 0.5" in text and load(tmp_path / "odd.yaml")


def test_targets_that_no_market_can_meet_are_found_in_a_starter():
    text = starter_from_numbers(Numbers(**FIVE))
    assert not conflicts(text)
    more = "targets:\n  often: {metric: orders_per_buyer, low: 1.05, high: 1.1, source: books}\n"
    found = conflicts(text.replace("targets:\n", more))
    assert len(found) == 1 and "often" in found[0] and "one_order" in found[0]


def test_numbers_are_for_calibrate_alone(huitou):
    code, _, err = huitou("new", "run", "--cac", "100")
    assert code == 2 and "not for run" in err
    code, _, err = huitou("new", "calibrate", "--cac", "100")
    assert code == 2 and "needs --repeat, --one-order or --churn, --refunds" in err
    code, _, err = huitou("new", "calibrate", *SAID, "--preset", "nonsense")
    assert code == 2 and "nonsense" in err
    code, _, err = huitou("new", "calibrate", "--hold-out", "13")
    assert code == 2 and "--from" in err


# -- together with a log --------------------------------------------------------------------------


def log(path, customers=400, days=800, names=("Customer ID", "Created at", "Total")):
    rng = np.random.default_rng(2)
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(names)
        for k in range(customers):
            day = int(rng.uniform(0, days))
            while day < days:
                lines.writerow([f"C{k}", date(2022, 1, 1) + timedelta(day), "120.00"])
                day += 1 + int(rng.exponential(90))
        lines.writerow(["C0", date(2022, 1, 1), "120.00"])
        lines.writerow(["C0", date(2022, 1, 1) + timedelta(days - 1), "120.00"])
    return path


def test_a_log_and_what_it_cannot_say(huitou, tmp_path):
    log(tmp_path / "shop.csv")
    told = ("--cac", "100", "--refunds", ".08", "--margin", ".6", "--hold-out", "13")
    code, _, err = huitou("new", "calibrate", "--from", "shop.csv", *told, "-o", "brand.yaml")
    assert code == 0, err
    data = yaml.safe_load((tmp_path / "brand.yaml").read_text())
    assert {"cac", "refunds", "one_order_share"} <= set(data["targets"])
    assert data["market"]["set"]["brands.A.products.cream.price"] == 120
    assert data["market"]["set"]["brands.A.products.cream.unit_cost"] == 48
    assert data["hold_out"] == {"start": date(2022, 1, 1) + timedelta(800 - 91), "weeks": 13}
    assert huitou("validate", "brand.yaml")[0] == 0
    code, _, err = huitou("new", "calibrate", "--from", "shop.csv", "--price", "5")
    assert code == 2 and "--price: the log says it" in err
    code, _, err = huitou("new", "calibrate", "--from", "shop.csv", "--hold-out", "200")
    assert code == 2 and "--hold-out 200: shop.csv is of 800 days" in err


def test_the_weeks_held_out_are_not_in_the_starter(huitou, tmp_path):
    lines = log(tmp_path / "shop.csv").read_text().splitlines()
    cut = str(date(2022, 1, 1) + timedelta(800 - 91))
    arguments = ("new", "calibrate", "--from", "shop.csv", "--hold-out", "13")
    before = huitou(*arguments)[1]
    garbage = [
        f"X{k},{line.split(',')[1]},{k + 1}.50" if line.split(",")[1] >= cut and k else line
        for k, line in enumerate(lines)
    ]
    garbage[0] = lines[0]
    assert garbage != lines
    (tmp_path / "shop.csv").write_text("\n".join(garbage) + "\n")
    assert huitou(*arguments)[1] == before
