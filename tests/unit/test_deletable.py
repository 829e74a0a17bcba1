"""Any mechanism can be deleted with its strategies: markets without them stay as they are.

The copies run as plain Python, so that nothing is compiled for each of them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]
FOLLOWUP = "'service_followup': {}"
REFERRAL = "'referral': {'kind': 'mixed', 'koc_from': 1, 'vest_days': 2}"
RECOGNITION = "'referral': {'kind': 'cash', 'koc_from': 1, 'vest_days': 2}"
AGENCY = "'agent_recruitment': {'referrals_needed': 0, 'courses': 0, 'ask_every': 5}"
WITHOUT = {
    "direct_selling": f"{FOLLOWUP}, {REFERRAL}",
    "loyalty_points": f"{FOLLOWUP}, {RECOGNITION}, {AGENCY}",
    "referral": FOLLOWUP,
    "status": f"{FOLLOWUP}, {AGENCY}",
}
"""What a brand can do that does not use the mechanism, where that is not all of the below."""
EVERYTHING = f"{FOLLOWUP}, {REFERRAL}, {AGENCY}"
MECHANISMS = sorted(file.parent.name for file in (ROOT / "sim/mechanisms").glob("*/__init__.py"))
BEHAVIOUR = {
    "referral": "'behaviour.referral': {'asked': 3, 'acceptance_intercept': 0}",
    "direct_selling": "'behaviour.direct_selling.join_intercept': 0",
}
"""Parameters that a mechanism brings."""
PROGRAM = """
import hashlib
from sim.books import ACCOUNTS
from sim.counts import COUNTS
from sim.market import Market
from sim.mechanisms import installed
market = Market("{MARKET}", rng=5, **{
    "people.n": 100, "days": 60, "burn_in": 20, "terminal_period": 10,
    "brands.A.strategies": {PORTFOLIO},
    {BEHAVIOUR},
})
market.run_model()
market.run_on()
tables = [market.orders, market.world.relationships["trust"]]
tables += [getattr(market, name, market.orders[:0]) for name in ("invitations", "distributors")]
for book, names in ((market.books.daily, ACCOUNTS), (market.books.terminal, ACCOUNTS),
                    (market.counts, COUNTS)):
    # columns by name: those of the mechanism are not there without it, and empty with it
    used = sorted(name for k, name in enumerate(names) if book[..., k].any())
    tables += [book[..., names.index(name)] for name in used]
    print(*used, end=";")
print()
print(",".join(m.name for m in installed()), len(market.orders))
print(hashlib.blake2b(b"".join(t.tobytes() for t in tables)).hexdigest())
"""


def run(folder: Path, without: str) -> list[str]:
    """Run a market that does without a mechanism; return what `sim` has, and the digest."""
    behaviour = ", ".join(text for name, text in BEHAVIOUR.items() if name != without)
    portfolio = WITHOUT.get(without, EVERYTHING)
    program = PROGRAM.replace("{MARKET}", CREAMS).replace("{PORTFOLIO}", f"{{{portfolio}}}")
    done = subprocess.run(
        [sys.executable, "-c", program.replace("{BEHAVIOUR}", behaviour)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", MECHANISMS)
def test_markets_that_do_not_use_it_are_the_same_without_it(tmp_path, name):
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=leave)
    shutil.copytree(ROOT / "configs", tmp_path / "configs", ignore=leave)
    shutil.rmtree(tmp_path / "sim/mechanisms" / name)
    for strategy in (tmp_path / "sim/strategies").glob("*.py"):
        if f"sim.mechanisms.{name}" in strategy.read_text(encoding="utf-8"):
            strategy.unlink()
    columns, here, digest = run(tmp_path, name)
    same_columns, everything, same = run(ROOT, name)
    assert name not in here and name in everything
    assert int(here.split()[1]) > 50
    assert columns == same_columns
    assert digest == same
