"""The page on known truths says what the rows say."""

import numpy as np
import pytest
import yaml

from experiments.calibrate import known_truth

pytestmark = pytest.mark.quick


def result(level, ratio):
    n = len(known_truth.FREE)
    return {
        "truth": [0.5] * n,
        "given": [0.5] * len(known_truth.TARGETS),
        "tried": 2,
        "levels": [0.2, level],
        "shares": [0.1, 0.01],
        "empty": False,
        "sd": [ratio * 12**-0.5] * n,
        "mean": [0.5] * n,
    }


@pytest.mark.parametrize(("lost", "ratio", "holds"), [(5, 0.5, "yes"), (6, 0.95, "no")])
def test_the_page(lost, ratio, holds):
    results = [result(1.2 if k < lost else 0.9, ratio) for k in range(100)]
    found = known_truth.table(results)
    text = known_truth.markdown(found)
    assert f"| truths not ruled out | ≥ 95 of 100 | {100 - lost} of 100 | {holds} |" in text
    for name in known_truth.IDENTIFIED:
        assert f"| spread left of `{name}` | ≤ 0.67 | {ratio:.2f} | {holds} |" in text
    assert ("Nothing here identifies: none of them." in text) == (ratio < 0.9)
    assert "drawn anew because a target was not defined in them:\n100." in text


def test_what_a_truth_gives_is_inside_its_interval_and_known_up_to_a_factor():
    given = np.array([0.4, 90.0, 0.2, 1.5, 0.3, 0.05])
    for aim, value in zip(known_truth.aims(given), given, strict=True):
        assert aim.scaled(np.array([value]))[0] == pytest.approx(aim.middle)
        assert aim.sd == pytest.approx(np.log(known_truth.TOLERANCE) / 3)
    assert known_truth.usable(given)
    assert not known_truth.usable(np.where(given == 0.3, 0, given))
    assert not known_truth.usable(np.where(given == 0.3, np.nan, given))


def test_its_market_follows_no_other():
    assert "use" not in known_truth.MARKET
    results = [result(0.9, 0.5)] * 3
    shown = known_truth.markdown(known_truth.table(results)).split("```")[1]
    assert yaml.safe_load(shown.removeprefix("yaml")) == known_truth.MARKET


def test_what_is_declared_identified_is_free():
    assert set(known_truth.IDENTIFIED) < set(known_truth.FREE)
    spec, points = known_truth.study()
    assert len(points) == known_truth.FIRST and spec.replicates.n == known_truth.REPLICATES
