"""What was read of a log, and what was set aside, reaches whoever reads the results."""

import hashlib
import json
import os

import pytest

from experiments import identity, logs
from experiments import load as opened
from experiments.study import load
from sim.transactions import log as transactions

LOG = "id,date,amount\na,2024-01-01,5\n,2024-01-02,5\nb,2024-01-03,5\na,2024-01-09,5\n"
STUDY = """
schema: 1
study: {kind}
market:
  use: cdnow
  set:
    days: 30
    people.n: 4
    people.entry: {{kind: log, log: log.csv}}
replicates: {{n: 2, seed: 1}}
{more}
"""
ARMS = "arms: {none: {}, dearer: {brands.CDNOW.products.CD.price: 120}}\nbaseline: none\n"
READ = "log.csv: 3 purchases of 2 customers from 2024-01-01 to 2024-01-09."
ASIDE = "Set aside: 1 of 4 lines, with no customer's id (first: log.csv:3)."
PEOPLE = "people.n is 4, and log.csv has 2 customers"


@pytest.fixture
def study(tmp_path):
    """Return a function that writes a study of a kind."""
    (tmp_path / "log.csv").write_text(LOG)

    def written(kind="run", more=""):
        path = tmp_path / f"{kind}.yaml"
        path.write_text(STUDY.format(kind=kind, more=more))
        return path

    return written


def test_a_run_says_what_was_set_aside_wherever_it_is_read(huitou, study):
    path = study()
    code, out, _ = huitou("run", path)
    assert code == 0
    folder = next((path.parent / "results").iterdir())
    summary = json.loads((folder / "summary.json").read_text())
    page = (folder / "report.html").read_text()
    for said in (READ, ASIDE, PEOPLE):
        assert said in out
        assert any(said in text for text in summary["caveats"])
        assert said in page.replace("&#39;", "'")
    assert "(simulated and model: times 0.5, customers over people)" in " ".join(out.split())
    assert opened(folder).summary["log"]["real"].iloc[8] == 1


def test_every_kind_of_study_says_it(huitou, study):
    code, out, _ = huitou("compare", study("compare", ARMS))
    assert code == 0
    assert READ in out and ASIDE in out and PEOPLE in out


def test_checking_a_file_says_it_before_anything_is_run(huitou, study):
    code, out, _ = huitou("validate", study())
    assert code == 0
    assert READ in out and ASIDE in out and PEOPLE in out


def test_a_log_that_cannot_be_used_stops_the_study_with_file_and_line(huitou, study):
    path = study()
    (path.parent / "log.csv").write_text(LOG + "c,1197-01-01,5\n")
    code, out, err = huitou("run", path)
    assert (code, out) == (2, "")
    assert "people.entry.log: log.csv:6: 1197-01-01 lies far from the other dates" in err
    assert not (path.parent / "results").exists()


def test_customers_who_come_after_the_end_of_the_run_are_told(study):
    said = "come after the end of the run"
    assert not any(said in note for note in logs.notes(load(study())))
    late = "".join(f"c{k},2024-0{2 + k % 2}-0{1 + k},5\n" for k in range(4))
    (study().parent / "log.csv").write_text(LOG + late)
    note = next(note for note in logs.notes(load(study())) if said in note)
    assert note.startswith("4 of 6 customers of log.csv come")
    assert "2024-02-01 to 2024-03-04, day 31 to 63 after" in note and "days is 30" in note


def test_a_study_whose_log_is_gone_says_so(study):
    loaded = load(study())
    (study().parent / "log.csv").unlink()
    assert logs.tables(loaded)[logs.TABLE]["note"].str.contains("cannot be read").any()


def test_a_file_is_hashed_again_only_if_it_changes(tmp_path, monkeypatch):
    path, times, real = tmp_path / "log.csv", [], hashlib.file_digest
    market = {"people": {"entry": {"log": str(path)}}}
    monkeypatch.setattr(hashlib, "file_digest", lambda *how: times.append(how) or real(*how))
    path.write_text(LOG)
    os.utime(path, (1, 1))  # of a file just written nobody can tell whether it changes again
    one = identity.config_hash(market)
    assert identity.config_hash(market) == one
    assert len(times) == 1
    path.write_text(LOG + "c,2024-01-01,5\n")
    assert identity.config_hash(market) != one


def test_a_study_reads_its_log_once(huitou, study, monkeypatch):
    """In the one process of the command; a worker has the log from it, or reads it once."""
    times, real = [], transactions.source.grid
    monkeypatch.setattr(transactions.source, "grid", lambda file: times.append(1) or real(file))
    code, _, _ = huitou("run", study(more="execute: {workers: 1}"))
    assert code == 0
    assert len(times) == 1
