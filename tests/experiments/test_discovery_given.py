"""What scenario discovery is given: cases, factors, packages; and what is refused."""

import sys

import numpy as np
import pandas as pd
import pytest
from planted_boxes import FACTORS, MANY, box_of, planted, runs

from experiments.discovery import Cases, discover, prepare
from experiments.errors import StudyError
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, parse, validate


class File(Parameters):
    cases: Cases = Param()


@pytest.mark.parametrize("text", ["{}", "{at_least: 1, top: 0.1}"])
def test_there_is_one_way_to_say_what_is_sought(text):
    with pytest.raises(ConfigError, match="give one of at_least, at_most, top"):
        validate(File, parse(f"cases: {text}"))
    assert validate(File, parse("cases: {top: 0.2}")).cases.top == 0.2


def test_the_highest_are_as_many_as_asked_and_their_equals():
    values = np.array([5.0, 1, 9, 7, 7, 2, 3, 8, 0, 4])
    assert values[Cases(top=0.2).among(values)].tolist() == [9, 8]
    assert values[Cases(top=0.3).among(values)].tolist() == [9, 7, 7, 8]
    assert values[Cases(top=0.01).among(values)].tolist() == [9]
    assert Cases(top=0.2).text("y", values) == "y of at least 8 (the highest 20 %)"


def test_factors_are_numbers_whole_numbers_or_categories():
    frame = runs(60).assign(constant=3, size=pd.Categorical(["S", "M", "L"] * 20, ["S", "M", "L"]))
    known = prepare(frame, [*FACTORS, "constant", "size"])
    assert "constant" not in known
    assert known["talk"].dtype == np.float64 and known["lead"].dtype == np.int64
    assert list(known["kind"].cat.categories) == ["cash", "goods", "points"]
    assert list(known["asked"].cat.categories) == ["false", "true"]
    assert list(known["size"].cat.categories) == ["S", "M", "L"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda f: f.assign(lead=f["lead"].where(f["lead"] > 1)), r"\d+ runs of 300 have no lead"),
        (lambda f: f.assign(kind=f["kind"].where(f["lead"] > 1)), r"\d+ runs of 300 have no kind"),
        (lambda f: f.assign(y=f["y"].where(f.index > 0)), "1 run of 300 have no y: complete"),
        (lambda f: f.assign(y=np.inf), "300 runs of 300 have no y"),
        (lambda f: f.assign(y=0.0), "no run has y of at least 50; values go from 0 to 0"),
        (lambda f: f.assign(y=99.0), "every run has y of at least 50"),
        (lambda f: f.assign(**dict.fromkeys(FACTORS, 1)), "talk, reward, .* do not vary"),
        (lambda f: f.iloc[:49], r"at least 50 runs \(got 49\)"),
    ],
)
def test_what_cannot_be_analysed_is_refused(change, complaint):
    frame = runs(300)
    frame = change(frame.assign(y=planted(box_of(frame))))
    with pytest.raises(StudyError, match=complaint):
        discover(frame, FACTORS, "y", MANY)


@pytest.mark.parametrize("package", ["ema_workbench", "sklearn"])
def test_absent_packages_are_named(package, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    frame = runs(100)
    with pytest.raises(StudyError, match=r"pip install 'huitou\[discovery\]'"):
        discover(frame.assign(y=planted(frame["talk"] > 0.03)), FACTORS, "y", MANY)
