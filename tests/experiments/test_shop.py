"""What a shop's log says, against plain loops; and the study that is written from it."""

import csv
import itertools
from datetime import date, timedelta

import numpy as np
import pytest
import yaml

from experiments import metrics
from experiments.errors import UsageError
from experiments.identities.__main__ import findings
from experiments.kind_names import KINDS
from experiments.shop import YEAR, look
from experiments.shop_starter import starter_for, starter_from_log
from sim.config.yaml_file import read as read_yaml
from sim.transactions.spec import LogFile

DAYS, START = 1200, date(2021, 1, 1)
HEADER = ("Order", "Customer ID", "Created at", "Total")


def purchases(seed: int = 3, customers: int = 900, days: int = DAYS):
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(customers):
        day, rate, p = rng.uniform(0, days), rng.gamma(0.7, 1 / 70), rng.beta(1, 2)
        while day < days:
            rows.append((f"C{k:05}", int(day), round(float(rng.lognormal(4.5, 0.4)), 2)))
            if rng.uniform() < p:
                break
            day += rng.exponential(1 / rate)
    rows += [("C00001", days - 1, 50.0), ("C00002", 0, 50.0)]
    return rows


def written(path, rows, header=HEADER):
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(header)
        for k, (who, day, paid) in enumerate(rows):
            lines.writerow([k, who, START + timedelta(day), f"{paid:.2f}"])
    return path


@pytest.fixture(scope="module")
def rows():
    return purchases()


@pytest.fixture(scope="module")
def file(rows, tmp_path_factory):
    return written(tmp_path_factory.mktemp("shop") / "shop.csv", rows)


@pytest.fixture(scope="module")
def shop(file):
    return look(LogFile(log=str(file), customer="Customer ID", date="Created at", amount="Total"))


def by_customer(rows):
    found: dict[str, dict[int, float]] = {}
    for who, day, paid in rows:
        own = found.setdefault(who, {})
        own[day] = own.get(day, 0) + paid
    return found


def test_what_is_said_is_what_the_metrics_mean(shop, rows):
    everybody, start = by_customer(rows), DAYS - YEAR
    said = {each.metric: each.value for each in shop.said}
    year = [sorted(d for d in own if d >= start) for own in everybody.values()]
    year = [days for days in year if days]
    assert said["orders_per_buyer"] == pytest.approx(np.mean([len(days) for days in year]))
    assert said["one_order_share"] == pytest.approx(np.mean([len(days) == 1 for days in year]))
    gaps = [b - a for days in year for a, b in itertools.pairwise(days)]
    assert said["gap_median"] == np.median(gaps)
    late = [(d, paid, min(own)) for own in everybody.values() for d, paid in own.items()
            if d >= start]  # fmt: skip
    assert said["aov"] == pytest.approx(np.mean([paid for _, paid, _ in late]))
    again = sum(paid for d, paid, first in late if d > first)
    assert said["returning_revenue"] == pytest.approx(again / sum(paid for _, paid, _ in late))
    first = [min(own) for own in everybody.values()]
    before = sum(start - YEAR <= day < start for day in first)
    growth = sum(day >= start for day in first) / before
    assert said["new_customer_growth"] == pytest.approx(growth)
    new = [days for days in year if days[0] - start >= 90]
    seen = [days for days in new if DAYS - 1 - days[0] >= 90]
    rate = np.mean([len(days) > 1 and days[1] - days[0] <= 90 for days in seen])
    assert said["panel_repeat_1"] == pytest.approx(rate)
    assert set(said) | set(shop.unsaid) <= set(metrics.METRICS)


def test_intervals_hold_the_value_and_narrow_with_more_customers(shop, tmp_path):
    for each in shop.said:
        assert each.low <= each.value <= each.high, each
    more = written(tmp_path / "more.csv", purchases(4, 3600))
    wide = look(LogFile(log=str(more), customer="Customer ID", date="Created at", amount="Total"))
    own = {each.metric: each.high - each.low for each in shop.said}
    other = {each.metric: each.high - each.low for each in wide.said}
    for metric in ("orders_per_buyer", "one_order_share", "panel_repeat"):
        assert other[metric] == pytest.approx(own[metric] / 2, rel=0.3)


def test_a_log_that_is_short_or_has_no_amounts_says_less(tmp_path):
    short = written(tmp_path / "short.csv", purchases(5, 300, 200))
    found = look(LogFile(log=str(short), customer="Customer ID", date="Created at", amount="none"))
    assert not found.said
    assert "200 days" in found.unsaid["orders_per_buyer"] and "amounts" in found.unsaid["aov"]
    text = starter_from_log(short, columns={"amount": "none"})
    data = yaml.safe_load(text)
    assert not data["targets"] and "# orders_per_buyer: not from this log" in text
    assert "repeat: {metric: repeat_rate" in text, "so it is asked for"


# -- the file -------------------------------------------------------------------------------------


def test_the_study_is_written_from_the_log(file, shop, tmp_path):
    text = starter_from_log(file)
    data = yaml.safe_load(text)
    assert data["study"] == "calibrate" and data["of"] == "A"
    said = {each.metric: each for each in shop.said}
    assert {"orders_per_buyer", "one_order_share", "panel_repeat"} <= set(data["targets"])
    for target in (data["targets"] | data["held"]).values():
        assert target["low"] < target["high"]
        value = said[target["metric"]].value
        assert target["low"] <= value <= target["high"] and "shop.csv" in target["source"]
    price = data["market"]["set"]["brands.A.products.cream.price"]
    assert price == pytest.approx(said["aov"].value, abs=0.01)
    assert "BG/NBD: r " in text and "Pareto/NBD: r " in text
    assert "advertising_cac" in text and "refund_rate" in text and "margin" in text
    (tmp_path / "study.yaml").write_text(text)
    found = findings(read_yaml(tmp_path / "study.yaml"))  # resolves the market too
    assert [f for f in found if f.kind == "conflict"] == []


def test_a_target_that_no_resample_moves_still_has_width(tmp_path):
    rows = [(f"C{k}", k * 3, 10.0) for k in range(DAYS // 3)]  # nobody comes twice
    file = written(tmp_path / "same.csv", rows)
    data = yaml.safe_load(starter_from_log(file))
    assert (
        data["targets"]["one_order_share"]["low"] < 1 < data["targets"]["one_order_share"]["high"]
    )
    for target in (data["targets"] | data.get("held", {})).values():
        assert target["low"] < target["high"]


def test_lines_from_a_day_on_are_not_read(file, rows, tmp_path):
    until = START + timedelta(1000)
    early = written(tmp_path / "shop.csv", [row for row in rows if row[1] < 1000])
    assert starter_from_log(file, until=until) == starter_from_log(early, until=until)


def test_columns_are_found_by_name_or_said(tmp_path, rows):
    odd = written(tmp_path / "odd.csv", rows[:200], ("n", "x", "when", "y"))
    with pytest.raises(
        UsageError, match=r"which column is the customer\? Say --customer .*x, when"
    ):
        starter_from_log(odd)
    columns = {"customer": "x", "date": "2", "amount": "y"}
    text = starter_for("calibrate", str(odd), columns, None)
    assert "study: calibrate" in text
    with pytest.raises(UsageError, match="for `huitou new calibrate`, not for run"):
        starter_for("run", str(odd), columns, None)
    with pytest.raises(UsageError, match="cannot be read"):
        starter_from_log(tmp_path / "none.csv")


@pytest.mark.skipif("calibrate" not in KINDS, reason="no studies of that kind are installed")
def test_on_the_command_line(file, tmp_path, huitou):
    out = tmp_path / "mine.yaml"
    code, said, _ = huitou("new", "calibrate", "--from", file, "-o", out)
    assert code == 0 and "huitou calibrate" in said
    code, said, err = huitou("validate", out)
    assert code == 0, err
    code, _, err = huitou("new", "calibrate", "--from", file, "--customer", "nobody")
    assert code == 2 and "no column 'nobody'" in err


def test_other_studies_take_nothing_from_a_log(file, huitou):
    code, _, err = huitou("new", "run", "--from", file)
    assert code == 2 and "not for run" in err
