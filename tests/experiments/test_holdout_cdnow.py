"""CDNOW calibrated on 39 weeks: nothing later is read, and what is said of it is as good as known."""

import datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from experiments import study as studies
from experiments.fits import Histories
from experiments.holdout import cdnow, logs
from sim.transactions.log import read
from sim.transactions.spec import LogFile

CONFIGS = Path(__file__).parents[2] / "configs" / "published"
LINES = files("lifetimes").joinpath("datasets/CDNOW_sample.txt").read_text().splitlines()
EARLY = [line for line in LINES if line.split()[2] < "19971001"]
LATE = [line for line in LINES if line.split()[2] >= "19971001"]


def source(folder, lines):
    folder.mkdir()
    (folder / "log.txt").write_text("\n".join(lines) + "\n")
    return LogFile(log=str(folder / "log.txt"), customer=1, date=2)


def test_later_rows_do_not_change_a_byte(tmp_path):
    """Neither none of them, nor others, nor customers who came later."""
    rng = np.random.default_rng(1)
    moved = [LATE[k].replace("1998", "1999") for k in rng.permutation(len(LATE))[:900]]
    strangers = [f"99999 {k:04} 19980101 1 9.99" for k in range(3000, 3100)]
    texts = []
    for k, lines in enumerate((LINES, EARLY, EARLY[:2000] + moved + strangers + EARLY[2000:])):
        found = cdnow.calibrate(source(tmp_path / str(k), lines))
        own = str(tmp_path / str(k)).encode()
        texts.append({name: text.replace(own, b"") for name, text in found.items()})
    assert texts[0] == texts[1] == texts[2]
    earlier = [line for line in EARLY if line.split()[2] < "19970930"]
    other = cdnow.calibrate(source(tmp_path / "less", earlier))
    assert len(earlier) < len(EARLY) and other["cdnow_bgnbd.yaml"] != texts[0]["cdnow_bgnbd.yaml"]


def test_a_log_read_until_a_day_is_the_log_of_earlier_lines(tmp_path):
    whole, cut = source(tmp_path / "a", LINES), source(tmp_path / "b", EARLY)
    found, plain = read(whole, datetime.date(1997, 10, 1)), read(cut)
    assert found.customers == plain.customers and found.notes == plain.notes
    assert (found.day == plain.day).all() and (found.customer == plain.customer).all()
    assert len(read(whole).day) == len(LINES)


def test_a_wrong_line_is_named_where_it_stands(tmp_path):
    broken = ["1 1 19980101 1 1.00", "2 2 soon 1 1.00", "3 3 19970101 1 1.00"]
    with pytest.raises(ValueError, match=r"log\.txt:2"):
        read(source(tmp_path / "a", broken), datetime.date(1997, 10, 1))


def test_the_committed_studies_are_those_that_39_weeks_give():
    for name, content in cdnow.calibrate().items():
        assert (CONFIGS / name).read_bytes() == content


@pytest.fixture(scope="module")
def before():
    return logs.before(cdnow.SOURCE, cdnow.UNTIL)


def test_given_39_weeks_the_models_are_as_wrong_as_published(before):
    late = logs.repeats_after(read(cdnow.SOURCE), before.days, before.log)
    assert late.sum() == 1882
    assert late.std() * np.sqrt(late.size) / late.sum() == pytest.approx(0.053, abs=5e-4)
    own = logs.classes(before.given.repeats)
    people = np.bincount(own)
    real = np.bincount(own, late) / people
    for name, (given, _, error) in cdnow.PUBLISHED.items():
        model = logs.MODELS[name].predict(before.fits[name].values)
        each = model.later(before.given, 39.0)
        assert each.sum() == pytest.approx(given, abs=1)
        found = logs.rmse(np.bincount(own, each) / people, real, people)
        assert found == pytest.approx(error, abs=1e-3)
    assert found <= 0.12


@pytest.mark.slow
def test_a_market_says_what_its_limit_says(before):
    """Of who did as much in 39 weeks, and was silent as long, as each customer of the log."""
    late = logs.repeats_after(read(cdnow.SOURCE), before.days, before.log)
    own = logs.classes(before.given.repeats)
    people = np.bincount(own)
    real = np.bincount(own, late) / people
    market = logs.simulate(studies.load(CONFIGS / cdnow.FILES["Pareto/NBD"]), before.days)
    assert market.total.mean() == pytest.approx(1745, rel=0.03)
    each = market.given(before.given)
    assert each.sum() == pytest.approx(1666, rel=0.03)
    assert logs.rmse(np.bincount(own, each) / people, real, people) <= 0.12


def test_cells_are_told_apart_by_repeats_and_silence():
    found = logs.cells(np.array([0, 0, 3, 9, 10]), np.array([0, 14, 13, 400, 400]))
    assert found[3] == found[4] and len(set(found[:4])) == 4
    silent = np.array([0.0, 14, 300])
    cell = logs.cells(np.zeros(3), silent)
    market = logs.Simulated(np.array([12]), np.zeros(3, int), cell, np.array([1, 2, 9]))
    given = Histories(np.zeros(3), np.zeros(3), np.array([1.0, 3, 20]) / 1)
    assert market.given(given) == pytest.approx([1, 2, 4]), "the last like nobody: the class"
    assert market.by_class()[0] == 4
