"""Weeks of a log held out of a calibrate study: what is compared, and that nothing else reads them."""

import csv
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from calibrated import carried_out, go, problems, simulate, write

from experiments import show
from experiments.calibrate import cohort as cohorts
from experiments.calibrate import held_out_views as views
from experiments.calibrate.held_out import continued
from experiments.conduct import reopen
from experiments.designs import Design
from experiments.errors import Interrupted
from experiments.report import present
from experiments.study import load
from sim.config.market import MarketConfig
from sim.market import Market

START, CUT, WEEKS = date(2023, 1, 1), 400, 8
DAYS = CUT + 7 * WEEKS
HELD = START + timedelta(CUT)
RATE = 0.02
LOG = f"""\
log: {{log: shop.csv, customer: id, date: date}}
hold_out: {{start: {HELD}, weeks: {WEEKS}}}
"""


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch):
    """Draw nothing but in the test of the picture."""
    monkeypatch.setattr("experiments.report._pictures", lambda *_: [])


def purchases(rng, people, days, first=0):
    """Return person and day of orders: everybody orders at a rate of their own, from some day on."""
    rate = np.minimum(rng.gamma(1.5, RATE / 1.5, people), 0.5)
    who = np.repeat(np.arange(people), days)
    day = np.tile(np.arange(first, first + days), people)
    bought = rng.random(len(who)) < rate[who]
    return who[bought], day[bought]


def shop(folder, rows=None, seed=5, people=400):
    if rows is None:
        rows = list(zip(*purchases(np.random.default_rng(seed), people, DAYS), strict=True))
        rows += [(0, 0), (0, DAYS - 1)]
    with (folder / "shop.csv").open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["id", "date"])
        lines.writerows([f"C{who}", START + timedelta(int(day))] for who, day in rows)
    return rows


def poisson(job, record):
    """As `simulate`, with orders of brand A at the log's rates, and of B at twice as many."""
    out = simulate(job, record)
    if record.orders:
        rng = np.random.default_rng(job.seed % 2**32)
        days = job.market["days"]
        who, day = purchases(rng, 200, days + 20, first=-20)
        other, then = purchases(rng, 400, days)
        out["orders"] = pa.table(
            {
                "person": np.concatenate([who, other]),
                "brand": np.repeat([0, 1], [len(who), len(other)]),
                "day": np.concatenate([day, then]),
            }
        )
    return out


def small(folder, more=LOG, replace=()):
    few = [
        ("waves: 3, runs: 32, ensemble: 8", "waves: 1, runs: 16, ensemble: 4"),
        ("tolerance: 40", "tolerance: 250"),
        ("low: 3.3, high: 3.9", "low: 2, high: 6"),
    ]
    return load(write(folder, [*few, *replace], more))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The study carried out once, with its folder."""
    folder = tmp_path_factory.mktemp("held")
    rows = shop(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.report._pictures", lambda *_: [])
        last, outcome, tables = carried_out(folder, small(folder), poisson)
    return SimpleNamespace(folder=folder, rows=rows, study=last, outcome=outcome, tables=tables)


# -- what is compared -----------------------------------------------------------------------------


def test_the_log_is_counted_as_plain_loops_do(done):
    facts = done.tables[views.FACTS].iloc[0]
    assert facts["look_back"] == 120 == 100 + 20  # the market's run and burn-in
    known = {w for w, d in done.rows if CUT - 120 <= d < CUT}
    later = {(w, d) for w, d in done.rows if w in known and d >= CUT}
    assert facts["known"] == len(known) and facts["orders"] == len(later)
    each = np.array([sum(w == who for w, _ in later) for who in known])
    assert facts["error"] == pytest.approx(each.std(ddof=1) * len(known) ** 0.5)
    weeks = done.tables[views.WEEKS]
    own = weeks[weeks["of"] == views.LOG]["orders"].tolist()
    assert own == [sum((d - CUT) // 7 == k for _, d in later) for k in range(WEEKS)]


def test_the_naive_forecast_is_what_customers_known_earlier_ordered(done):
    cut = CUT - 7 * WEEKS
    earlier = {w for w, d in done.rows if cut - 120 <= d < cut}
    later = {(w, d) for w, d in done.rows if w in earlier and cut <= d < CUT}
    table = done.tables[views.FORECASTS].set_index("forecast")
    expected = done.tables[views.FACTS]["known"].iloc[0] * len(later) / len(earlier)
    assert table["orders"]["same-weekday mean"] == pytest.approx(expected)


def test_cells_are_by_number_of_orders_and_silence():
    who = np.array([0, 0, 1, 2, 2, 3, 4])
    day = np.array([80, 99, 99, 40, 85, 10, 104])
    found = cohorts.cohort(who, day, 100, 60, 2)
    assert found.who.tolist() == [0, 1, 2]  # 3 is silent for too long, 4 comes later
    silences = len(cohorts.SILENT) + 1
    assert found.cell.tolist() == [silences, 0, silences + 1]  # 85 is 14 days of silence
    assert not found.later.any()
    market = cohorts.Cohort(np.arange(3), np.array([0, 1, 0]), np.array([[1, 0], [4, 2], [3, 0]]))
    by_cell = cohorts.by_cell(market)
    assert by_cell[0].tolist() == [2, 0] and by_cell[1].tolist() == [4, 2]
    assert by_cell[2] == pytest.approx([8 / 3, 2 / 3])  # of those who ordered as often
    assert by_cell[silences] == pytest.approx([8 / 3, 2 / 3])  # of all
    of = cohorts.Cohort(np.arange(4), np.array([0, 0, 1, 2]), np.zeros((4, 2)))
    assert cohorts.expected(of, market) == pytest.approx([2 + 2 + 4 + 8 / 3, 2 + 2 / 3])


def test_orders_of_one_day_count_once_and_the_cut_is_sharp():
    who, day = np.array([0, 0, 0, 0, 0]), np.array([99, 100, 100, 106, 107])
    assert cohorts.cohort(who, day, 100, 30, 2).later.tolist() == [[2, 1]]
    assert len(cohorts.cohort(who[1:], day[1:], 100, 30, 2)) == 0


def test_with_the_log_s_own_process_no_forecast_is_biased(done):
    """Both were drawn from one law, so each forecast is off by sampling alone."""
    table = done.tables[views.FORECASTS].set_index("forecast")
    assert set(table.index) == {
        "ensemble, given each history", "ensemble, per known customer", "BG/NBD", "Pareto/NBD",
        "same-weekday mean",
    }  # fmt: skip
    assert (table["off_in_errors"].abs() < 2.5).all()
    given = table.loc["ensemble, given each history"]
    assert given["low"] < given["orders"] < given["high"]


def test_a_market_that_orders_half_as_much_is_seen_to_be_off(tmp_path):
    def half(job, record):
        out = poisson(job, record)
        if record.orders:
            late = out["orders"]["day"].to_numpy() >= 100
            out["orders"] = out["orders"].filter(~late | (np.arange(len(late)) % 2 == 0))
        return out

    shop(tmp_path)
    table = carried_out(tmp_path, small(tmp_path), half)[2][views.FORECASTS].set_index("forecast")
    assert table["off"]["ensemble, given each history"] == pytest.approx(-0.5, abs=0.12)
    assert abs(table["off"]["BG/NBD"]) < 0.15


def test_markets_are_run_on_with_the_draws_of_their_calibration(tmp_path):
    shop(tmp_path)
    given = small(tmp_path)
    own = Design(given, "c", "m")
    further = Design(continued(given, [3, 7], given.spec.hold_out), "c", "m")
    seeds = own.table.set_index(["arm", "replicate"])["seed"]
    for row in further.table.itertuples():
        point = {"s000": "3", "s001": "7"}[row.arm]
        assert row.seed == seeds[point, row.replicate]
    row = own.table.index[own.table["arm"] == "3"][0]
    short, long = own.job(row).market, further.job(0).market
    assert long["days"] == short["days"] + 7 * WEEKS
    early, further = orders(short), orders(long)
    further = further[further["day"] < short["days"]]
    assert len(early) > 20
    for field in ("person", "brand", "day", "paid_cents"):  # refunds of these may come later
        assert early[field].tolist() == further[field].tolist()


def orders(data):
    market = Market(MarketConfig.model_validate(dict(data)), rng=11)
    market.run_model()
    return market.orders


def test_it_is_said_and_drawn(done):
    text = " ".join(done.study.rules.findings(done.study, done.tables))
    assert "customers known on 2024-02-05 ordered" in text and "BG/NBD" in text
    titles = [view.title for view in done.study.rules.views(done.study, done.tables)]
    assert "Weeks held out" in titles and "Models of repeat buying fitted to the log" in titles
    assert any("was not read before" in text for text in done.study.rules.method(done.study))
    assert "held_out" in show.draw(done.study, done.tables)


# -- what reads the weeks held out ------------------------------------------------------------------


def kept(outcome):
    """What the study has found without the weeks held out."""
    folder = outcome.store.folder
    found = {p.name: p.read_bytes() for p in (folder / "ensemble").glob("*.csv")}
    runs = outcome.store.read("runs").drop(columns="seconds")
    return found | {"runs": runs.sort_values(["run_id", "brand"]).to_csv().encode()}


@pytest.mark.parametrize("garbage", ["customers", "gone", "unreadable"])
def test_what_is_in_the_weeks_held_out_changes_nothing_but_the_comparison(done, garbage, tmp_path):
    rng = np.random.default_rng(1)
    early = [(w, d) for w, d in done.rows if d < CUT]
    late = [(rng.integers(10**6), d) for _, d in done.rows if d >= CUT]
    shop(tmp_path, early + ([] if garbage == "gone" else late))
    if garbage == "unreadable":
        with (tmp_path / "shop.csv").open("a") as stream:
            stream.write(f"1e+16,{HELD}\n")
    given = small(tmp_path)
    assert given.hash8 != done.study.hash8
    last, outcome, tables = carried_out(tmp_path, given, poisson)
    assert kept(outcome) == kept(done.outcome)
    assert tables[views.FITS].equals(done.tables[views.FITS])
    said = " ".join(last.rules.caveats(last, tables))
    if garbage == "customers":
        assert "No known customer ordered" in said and "nan" not in said
        columns = ["forecast", "orders", "low", "high"]
        pd.testing.assert_frame_equal(
            tables[views.FORECASTS][columns], done.tables[views.FORECASTS][columns]
        )
    elif garbage == "gone":
        assert "the log ends before the first week held out" in said
    else:
        assert "weeks held out cannot be read: shop.csv:" in said
    for view in last.rules.views(last, tables):
        assert "nan" not in str(view)


def test_the_log_s_content_is_the_study_s_and_its_place_is_not(done, tmp_path):
    shop(tmp_path, done.rows)
    assert small(tmp_path).hash8 == done.study.hash8
    assert small(tmp_path, "").hash8 != done.study.hash8
    assert small(tmp_path, LOG.replace("weeks: 8", "weeks: 7")).hash8 != done.study.hash8
    shop(tmp_path, [*done.rows[:-1], (1, DAYS - 1)])
    assert small(tmp_path).hash8 != done.study.hash8


def test_a_study_stopped_in_the_weeks_held_out_carries_on_to_the_same(done, tmp_path):
    def stopping(job, record):
        if record.orders and job.arm == "s002":
            raise KeyboardInterrupt
        return poisson(job, record)

    shop(tmp_path, done.rows)
    with pytest.raises((Interrupted, KeyboardInterrupt)):
        go(tmp_path, small(tmp_path), stopping)
    _, outcome, tables = carried_out(tmp_path, small(tmp_path), poisson)
    for name in (views.FACTS, views.FORECASTS, views.WEEKS):
        pd.testing.assert_frame_equal(tables[name], done.tables[name])
    (tmp_path / "shop.csv").unlink()  # and the folder can be read without it
    again = present(*reopen(outcome.store.folder))[0]
    pd.testing.assert_frame_equal(again[views.FORECASTS], tables[views.FORECASTS])


def test_a_log_of_which_nothing_is_held_out_is_only_fitted(tmp_path):
    shop(tmp_path)
    given = small(tmp_path, "log: {log: shop.csv, customer: id, date: date}\n")
    last, _, tables = carried_out(tmp_path, given)
    assert set(tables[views.FITS]["model"]) == {"BG/NBD", "Pareto/NBD"}
    assert views.FORECASTS not in tables and "held_out" not in show.draw(last, tables)


def test_a_log_without_any_repeat_says_so(tmp_path):
    shop(tmp_path, [(k, k % DAYS) for k in range(2 * DAYS)])
    last, _, tables = carried_out(tmp_path, small(tmp_path), poisson)
    said = " ".join(last.rules.caveats(last, tables))
    assert "too few repeat purchases for BG/NBD and Pareto/NBD" in said
    assert "No known customer ordered" in said


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (str(HELD), "2022-01-01", "tiny.yaml:19:12: hold_out.start: leaves nothing to calibrate to"),
        (str(HELD), "2023-01-20", "hold_out.start: leaves 19 days of log before it; at least 28"),
        (str(HELD), "soon", "hold_out.start: must be a day such as 2024-10-01 (got 'soon')"),
        ("weeks: 8", "weeks: 0", "hold_out.weeks: must be >= 1"),
        ("weeks: 8", "days: 90", "hold_out.days"),
        ("shop.csv", "none.csv", "log.log: there is no file 'none.csv', neither beside this one"),
        ("customer: id", "customer: who", "log: shop.csv: no column 'who'"),
        ("log: {log: shop.csv, customer: id, date: date}", "", "hold_out: needs `log`"),
        ("log: shop.csv, ", "", "log: needs `log`, the name of a file"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path, old, new, why):
    shop(tmp_path)
    assert old in LOG
    found = problems(write(tmp_path, (), LOG.replace(old, new)))
    assert len(found) == 1 and why in found[0], found


def test_a_log_of_one_customer_is_refused(tmp_path):
    shop(tmp_path, [(0, k) for k in range(0, DAYS, 20)])
    found = problems(write(tmp_path, (), LOG))
    assert "log: has 1 customers before 2024-02-05; a comparison needs at least 50" in found[0]
