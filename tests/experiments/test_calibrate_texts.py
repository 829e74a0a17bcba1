"""What is said of targets that random variation blurs, and of emulators that explain little."""

from types import SimpleNamespace

import pandas as pd
import pytest

from experiments.calibrate import texts

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def no_conflicts(monkeypatch):
    monkeypatch.setattr(texts, "conflicts", lambda study: [])


def tables(random_sd=0.0, r2=0.9, random_share=0.0):
    target = {"target": "repeat", "role": "fitted", "undefined": 0, "low": 0.1, "high": 0.3}
    emulator = {"target": "repeat", "wave": 1, "terms": 3, "points": 40, "r2": r2}
    return {
        "targets": pd.DataFrame([{**target, "random_sd": random_sd}]),
        "emulators": pd.DataFrame([{**emulator, "random_share": random_share}]),
    }


def said(**changes):
    study = SimpleNamespace(replicates=SimpleNamespace(n=4))
    return " ".join(texts.caveats(study, tables(**changes)))


def test_random_variation_of_more_than_half_an_interval_is_told():
    assert said(random_sd=0.19) == ""
    text = said(random_sd=0.21)  # over the root of four replicates
    assert "Random variation alone moves repeat of one market by more than half its" in text


def test_an_emulator_that_explains_less_than_half_of_what_it_could_is_told():
    assert said(r2=0.3, random_share=0.5) == ""
    assert "explain less than half of what is not random variation in repeat" in said(r2=0.3)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("unit", "low", "value", "text"),
    [("share", 0.02, 0.001, "under 0.10 %"),  # a twentieth: what is smaller counts as this small
     ("share", 0.02, 0.0011, "0.11 %"),
     ("people", 1, 0.05, "0 people"),  # less than one of what is counted
     ("orders per 100 touches", 0.3, 0.0, "0"),  # an effect, of either sign
     ("CNY", 90, float("nan"), "–")],
)  # fmt: skip
def test_a_number_far_below_its_interval_is_said_to_be_under_the_end_of_the_scale(
    unit, low, value, text
):
    row = {"low": low, "high": low * 3, "unit": unit, "medoid": value}
    assert texts.value_of(row, "medoid") == text
