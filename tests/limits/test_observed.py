"""A log beside its simulation: what counts as a repeat, whose, and until when."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from experiments.run import observed
from experiments.style import STYLE
from sim.config.load import load_market
from sim.market import Market
from sim.transactions.log import read
from sim.transactions.spec import LogFile

LINES = [
    "id,date,amount",
    "ann,2024-01-01,10",
    "ann,2024-01-01,5",  # the same day: no repeat
    "ann,2024-01-03,7",
    "ann,2024-01-03,7",  # one repeat, in two lines
    "bob,2024-01-04,9",
    "ann,2024-01-06,8",
    "bob,2024-01-05,2",
]


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("\n".join(LINES))
    return read(LogFile(log=str(file)))


def test_repeats_are_later_days_on_which_a_customer_bought(log):
    assert observed.repeats_in_log(log, 6).tolist() == [0, 0, 1, 1, 2, 3]


def test_lines_count_in_any_order(log, tmp_path):
    file = tmp_path / "turned.csv"
    file.write_text("\n".join([LINES[0], *LINES[:0:-1]]))
    turned = read(LogFile(log=str(file)))
    assert observed.repeats_in_log(turned, 6).tolist() == [0, 0, 1, 1, 2, 3]


def test_after_its_last_day_the_log_says_nothing(log):
    assert np.isnan(observed.repeats_in_log(log, 9)[6:]).all()
    assert observed.repeats_in_log(log, 3).tolist() == [0, 0, 1]


def test_the_log_that_lifetimes_ships():
    file = LogFile(log="package:lifetimes/datasets/CDNOW_sample.txt", customer=1, date=2)
    real = observed.repeats_in_log(read(file), 546)
    assert (real[39 * 7 - 1], real[78 * 7 - 1]) == (2457, 4339)


@pytest.mark.parametrize("people", [500, 2357, 5000])
def test_what_is_real_is_what_the_log_has_however_many_people(presets, people):
    config = load_market(presets / "cdnow.yaml", {"people.n": people})
    frame = observed.compare(config, np.full((2, 546), 2.0 * people))
    assert (frame["real"][39 * 7 - 1], frame["real"][78 * 7 - 1]) == (2457, 4339)
    assert frame["simulated"].to_numpy() == pytest.approx(2.0 * 2357)  # two for each customer
    assert frame["model"][78 * 7 - 1] == pytest.approx(4171, rel=0.003)
    said = observed.scaled(frame)
    assert said == "" if people == 2357 else f"times {2357 / people:.4g}" in said


def series(*runs):
    """The table `series` of a few days; each run is (orders, first orders) by day."""
    frames = [
        pd.DataFrame(
            {"run_id": f"r{k}", "day": range(len(run)), "n_orders": 0, "n_first_orders": 0}
        ).assign(n_orders=[o for o, _ in run], n_first_orders=[f for _, f in run])
        for k, run in enumerate(runs)
    ]
    return pd.concat(frames).sample(frac=1, random_state=1)  # in no order


def test_repeats_of_a_study_are_orders_after_the_first():
    rows = series([(2, 2), (3, 1), (1, 0)], [(1, 1), (0, 0), (4, 2)])
    assert observed.repeats_in_series(rows).tolist() == [[0, 2, 3], [0, 0, 2]]


def test_a_run_and_its_series_say_the_same(presets):
    market = Market(load_market(presets / "cdnow.yaml", {"days": 60, "people.n": 500}), rng=1)
    market.run_model()
    counts = market.counts[:, 0]
    from sim.counts import FIRST_ORDERS, ORDERS

    rows = series(list(zip(counts[:, ORDERS], counts[:, FIRST_ORDERS], strict=True)))
    by_day = observed.repeats_in_market(market, "CDNOW")
    assert by_day[-1] > 10
    assert observed.repeats_in_series(rows)[0].tolist() == by_day.tolist()


@pytest.fixture
def table(presets):
    config = load_market(presets / "cdnow.yaml", {"days": 120, "people.n": 4714})
    rng = np.random.default_rng(1)
    simulated = rng.poisson(30, (8, 120)).cumsum(axis=1).astype(float)
    return observed.compare(config, simulated), simulated


def test_the_table_is_for_as_many_customers_as_the_log_has(table):
    frame, simulated = table
    assert len(frame) == 120
    assert frame["simulated"].to_numpy() == pytest.approx(simulated.mean(axis=0) / 2)
    assert (frame["low"] < frame["simulated"]).all()
    assert (frame["simulated"] < frame["high"]).all()
    assert (frame["least"] <= frame["low"]).mean() > 0.9  # a mean is surer than a run
    assert frame["real"].is_monotonic_increasing
    assert frame["model"].iloc[-1] == pytest.approx(frame["real"].iloc[-1], rel=0.2)


def test_the_model_is_shown_only_if_the_market_is_the_model(presets, table):
    config = load_market(
        presets / "cdnow.yaml",
        {"days": 120, "people.n": 4714, "behaviour.dropout.satisfaction_effect": 1},
    )
    frame = observed.compare(config.model_dump(serialize_as_any=True), table[1])
    assert frame["model"].isna().all()
    assert frame["real"].equals(table[0]["real"])
    assert observed.view(frame).rows[0][1] == "–"


def test_no_log_no_comparison(presets):
    config = load_market(presets / "cdnow.yaml", {"people.entry.kind": "start"})
    assert observed.compare(config, np.zeros((2, 546))) is None


def test_the_rows_say_half_and_end_in_weeks(table):
    frame = table[0].iloc[:112]
    half, end = observed.view(frame).rows
    assert len(half) == len(end) == len(observed.view(frame).columns)
    assert (half[0], end[0]) == ("week 8, calibration end", "week 16, end")
    assert end[3] == f"{frame['real'].iloc[-1]:,.0f}"
    mean = f"{frame['simulated'].iloc[-1]:,.0f}"
    assert end[2].startswith(mean)
    assert end[2] != mean  # the interval follows


def test_one_run_has_no_interval_but_is_drawn(presets, table):
    config = load_market(presets / "cdnow.yaml", {"days": 120, "people.n": 4714})
    frame = observed.compare(config, table[1][:1])
    assert frame["low"].isna().all()
    assert observed.view(frame).rows[0][2] == f"{frame['simulated'].iloc[59]:,.0f}"
    observed.figure(frame)


def test_the_figure_has_both_curves_in_weeks_and_the_end_of_calibration(table):
    frame = table[0]
    with matplotlib.rc_context(STYLE):
        axes = observed.figure(frame).axes[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    for name in observed.COLUMNS:
        x, y = lines[name].get_data()
        assert x[-1] == pytest.approx(120 / 7)
        assert np.array_equal(y, frame[name])
    marks = [line.get_xdata()[0] for line in axes.get_lines() if len(line.get_xdata()) == 2]
    assert marks == [pytest.approx(60 / 7)]
    assert any("calibration ends, week 8.57" in text.get_text() for text in axes.texts)
