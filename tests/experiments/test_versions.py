"""Stored runs and edits of the program: what makes them other runs, and what does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_studies import write_study

from experiments import identity
from sim import mechanisms
from sim.engine.kernels import CACHE
from sim.market import Market
from sim.strategies.interface import strategies
from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path):
    """A copy of `sim` that may be edited; what is compiled already is used."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=leave)
    for name in ("experiments", "configs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "kept").mkdir()
    if CACHE is not None:
        (tmp_path / "kept" / "huitou-kernels").symlink_to(CACHE)
    write_study(tmp_path, 2)
    return tmp_path


def study(copy, *options):
    done = subprocess.run(
        [sys.executable, "-m", "experiments.cli", "compare", "tiny.yaml", *options],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(copy / "kept")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def edit(copy, file, old, new):
    path = copy / "sim" / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1) if old else new)


STRATEGY = """
from sim.strategies.interface import Strategy

class New(Strategy):
    "Do nothing new."
"""


def test_stored_runs_stay_as_long_as_nothing_that_they_use_has_changed(copy):
    code, said = study(copy)
    assert code == 0, said
    edit(copy, "strategies/new.py", "", STRATEGY)
    edit(copy, "strategies/referral.py", "0.0", "0.5")
    edit(copy, "mechanisms/direct_selling/rules.py", "0.0", "0.5")
    edit(copy, "people/choice.py", '"""', '"""Other words. ')
    edit(copy, "engine/memory.py", "GB of memory, and", "GB, and")
    code, said = study(copy)
    assert code == 0, said
    assert "nothing to compute" in said
    edit(copy, "strategies/service_followup.py", "_ONCE = (1, 1)", "_ONCE = (1, 2)")
    code, said = study(copy)
    assert code == 1
    assert "other code than today's (changed: the strategy service_followup (sim.str" in said
    edit(copy, "strategies/service_followup.py", "_ONCE = (1, 2)", "_ONCE = (1, 1)")
    edit(copy, "people/choice.py", "discount >= 1.0", "discount >= 0.9")
    code, said = study(copy)
    assert code == 1
    assert "other code than today's (changed: the simulator)" in said


@pytest.mark.parametrize("name", sorted(strategies()))
def test_what_a_brand_really_uses_was_expected(name):
    small = {"people.n": 60, "days": 40, "burn_in": 10, "terminal_period": 0}
    market = Market(CREAMS, rng=3, **small, **{"brands.A.strategies": {name: {}}})
    market.run_model()
    masks = int(np.bitwise_or.reduce(market.world.brands["mechanisms"]))
    really = {one.name for one in mechanisms.installed() if one.mask & masks}
    expected = identity.code_parts([name])
    assert all(f"the mechanism {one} (sim.mechanisms.{one})" in expected for one in really)
    assert bool(really) == (name in ("agent_recruitment", "prepaid_pass", "referral"))
