"""A clock that is set while a study runs: nothing hangs, is lost, or takes less than no time."""

import io
import time

import numpy as np
import pytest
import tiny_studies
from tiny_studies import study

from experiments.conduct import conduct
from experiments.progress import Plain

DAY = 86_400.0


@pytest.mark.parametrize("jump", [-3650 * DAY, -DAY, -1.0, DAY, 3650 * DAY])
def test_the_clock_is_set_again_and_again(tmp_path, monkeypatch, jump):
    rng, real = np.random.default_rng(1), time.time
    off = 0.0

    def clock() -> float:
        nonlocal off
        off += jump * rng.uniform(0, 1)
        return real() + off

    monkeypatch.setattr("time.time", clock)
    said = io.StringIO()
    for n in (2, 5):
        outcome = conduct(
            study(tmp_path, n), tmp_path / "results", Plain(said), simulate=tiny_studies.fake
        )
        assert outcome.done == outcome.planned == 2 * n
    sessions = outcome.store.manifest()["sessions"]
    assert [session["runs"] for session in sessions] == [4, 6]
    assert all(0 <= session["seconds"] < 60 for session in sessions), sessions
    assert (outcome.store.read("runs")["seconds"] >= 0).all()
    assert " -" not in said.getvalue()
