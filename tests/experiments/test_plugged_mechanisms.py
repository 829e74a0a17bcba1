"""Mechanisms of a user's own package: found, compiled, kept, and in the identity of runs."""

import importlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from sim import mechanisms, plugins
from sim.engine.kernels import CACHE
from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]
PACKAGE = '''
"""Who has an even number is left in peace."""
from sim.strategies.interface import Does

ORDER = 15
VERBS = Does.DELIGHT
'''
RULES = '''
from peace.aid import EVERY
from sim.engine.kernels import rule

@rule
def touch_fits(w, touch, day):
    """Return whether the person is not left in peace."""
    return touch.person % EVERY != 0
'''
STRATEGY = """
from sim.strategies.interface import Does, Strategy, Touch

class Gifts(Strategy):
    "Give."
    def journey(self, product):
        yield Touch("gift", Does.DELIGHT, day=3)
"""
FILES = {
    "peace/__init__.py": PACKAGE,
    "peace/rules.py": RULES,
    "peace/aid.py": "EVERY = 2\n",
    "gifts.py": STRATEGY,
}


def write(folder: Path, files: dict[str, str], points: str) -> Path:
    """Write packages with their metadata, as an installer leaves them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    info = folder / "calm-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calm\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)
    return folder


MECHANISM = "[huitou.mechanisms]\ncalm = peace\n"
BOTH = f"{MECHANISM}[huitou.strategies]\ngifts = gifts:Gifts\n"


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """Install packages for this process, and forget them afterwards."""
    caches = (plugins.mechanisms, mechanisms.installed, mechanisms.broken)
    before = set(sys.modules)

    def install(changes=None, points=MECHANISM):
        write(tmp_path, FILES | (changes or {}), points)
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        for cached in caches:
            cached.cache_clear()
        return plugins.mechanisms()

    yield install
    for cached in caches:
        cached.cache_clear()
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.quick
def test_it_stands_in_order_and_its_bit_comes_last(plugged):
    own = {one.name: one.bit for one in mechanisms.installed()}
    found, problems = plugged()
    assert (list(found), problems) == (["peace"], ())
    all_ = mechanisms.installed()
    orders = [one.package.ORDER for one in all_]
    assert orders == sorted(orders) and [one.name for one in all_][:3] == [
        "referral",
        "peace",
        "status",
    ]
    assert {one.name: one.bit for one in all_} == own | {"peace": len(own)}


BROKEN = {
    "a library is missing": (
        "import no_such_library\n",
        "peace/__init__.py:1: ModuleNotFoundError",
    ),
    "no order": (
        PACKAGE.replace("ORDER", "PLACE"),
        "TypeError: peace has no number ORDER, so it is",
    ),
    "it raises": ("1 / 0\n", "peace/__init__.py:1: ZeroDivisionError"),
    "it asks for the market": (
        "import sim.people.no_such_rules\n",
        "peace/__init__.py:1: ModuleNotFoundError",
    ),
}


@pytest.mark.quick
@pytest.mark.parametrize("case", BROKEN)
def test_a_package_that_cannot_be_imported_is_left_out_and_said(plugged, case):
    source, words = BROKEN[case]
    found, (said,) = plugged({"peace/__init__.py": source})
    assert found == {}
    assert "peace" not in {one.name for one in mechanisms.installed()}
    assert said.startswith("the plug-in calm 1.0 (huitou.mechanisms: calm = peace) is left out: ")
    assert words in said
    assert said.endswith("or remove it: pip uninstall calm")


@pytest.mark.quick
@pytest.mark.parametrize("target", ["peace.aid", "peace:ORDER", "gifts"])
def test_what_is_no_package_is_no_mechanism(plugged, target):
    found, (said,) = plugged(points=MECHANISM.replace("peace", target))
    assert found == {}
    assert "is not a package" in said


@pytest.mark.quick
def test_two_of_one_name_are_refused(plugged):
    files = {"other/__init__.py": "", "other/peace/__init__.py": PACKAGE}
    files |= {"other/referral/__init__.py": PACKAGE}
    points = f"{MECHANISM}calm2 = other.peace\ncalm3 = other.referral\n"
    found, problems = plugged(files, points)
    assert list(found) == ["peace"]
    second, third = problems
    assert "the mechanism other.peace is called 'peace', as is peace: rename its folder" in second
    assert "other.referral is called 'referral', as is sim.mechanisms.referral" in third


RULES_BROKEN = {
    "other parameters": (
        RULES.replace("(w, touch, day)", "(w, touch)"),
        r"TypeError: peace.rules.touch_fits: a rule for this hook takes \(w, touch, day\), "
        r"not \(w, touch\) \(.*rules.py, line 5\)",
    ),
    "a library is missing": (
        f"{RULES}import no_such_library\n",
        r"rules.py:9: ModuleNotFoundError",
    ),
    "no Python": ("def f(:\n", "rules.py:1: SyntaxError"),
}


@pytest.mark.quick
@pytest.mark.parametrize("case", RULES_BROKEN)
def test_rules_that_cannot_be_used_are_left_out_and_said(plugged, case):
    source, words = RULES_BROKEN[case]
    plugged({"peace/rules.py": source})
    with pytest.warns(plugins.PluginWarning, match=words):
        assert list(mechanisms.broken()) == ["peace"]


PROGRAM = """
import json, hashlib
from sim.market import Market
from sim.engine.kernels import KERNELS
from experiments import identity

market = Market("{MARKET}", rng=5, **{
    "people.n": 200, "days": 60, "burn_in": 20, "terminal_period": 0,
    "brands.A.strategies": {PORTFOLIO},
})
market.run_model()
compiled = {k.__name__: sum(k.stats.cache_misses.values()) for k in KERNELS if CACHED}
print(json.dumps({
    "compiled": sorted(name for name, times in compiled.items() if times),
    "touches": int(market.counts[..., market_counts.index("touches")].sum()),
    "orders": hashlib.blake2b(market.orders.tobytes()).hexdigest(),
    "used": sorted(identity.code_parts(["gifts"])),
    "version": identity.code_version(["gifts"]),
    "without": identity.code_version(["service_followup"]),
}))
"""


def run(folder: Path, portfolio: str = "{'gifts': {}}", **environment: str) -> dict:
    """Run a small market as somebody would who has installed what is in the folder."""
    program = PROGRAM.replace("{MARKET}", CREAMS).replace("{PORTFOLIO}", portfolio)
    program = program.replace("CACHED", str("NUMBA_DISABLE_JIT" not in environment))
    program = f"from sim.counts import COUNTS\nmarket_counts = COUNTS\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kept(folder: Path) -> dict[str, str]:
    """A folder for what is compiled, filled with what is known already."""
    where = folder / "kept" / "huitou-kernels"
    where.mkdir(parents=True)
    for file in CACHE.iterdir() if CACHE is not None else ():
        os.link(file, where / file.name)
    return {"NUMBA_CACHE_DIR": str(folder / "kept")}


@pytest.mark.skipif(CACHE is None, reason="nothing is compiled")
def test_it_is_compiled_once_and_again_when_a_number_in_it_changes(tmp_path):
    where = kept(tmp_path)
    run(write(tmp_path / "bare", {"gifts.py": STRATEGY}, BOTH.removeprefix(MECHANISM)), **where)
    site = write(tmp_path / "site", FILES, BOTH)
    first, second = run(site, **where), run(site, **where)
    assert first["compiled"] == ["admit", "serve"], "those that ask it, and no others"
    assert second == first | {"compiled": []}
    (site / "peace/aid.py").write_text("EVERY = 3\n")
    third = run(site, **where)
    assert third["compiled"] == first["compiled"]
    assert third["touches"] > first["touches"] > 0, "two in three are not left in peace"
    assert third["version"] != first["version"]
    assert third["without"] == first["without"]
    assert "the mechanism peace (peace)" in first["used"]


PLAIN = {"NUMBA_DISABLE_JIT": "1"}


def test_one_that_no_brand_uses_changes_no_bit(tmp_path):
    site = write(tmp_path / "site", FILES, BOTH)
    bare = write(tmp_path / "bare", {"gifts.py": STRATEGY}, BOTH.removeprefix(MECHANISM))
    other = "{'service_followup': {}, 'referral': {'kind': 'mixed', 'koc_from': 1}}"
    with_it, without = run(site, other, **PLAIN), run(bare, other, **PLAIN)
    assert with_it["orders"] == without["orders"]
    assert run(site, **PLAIN)["touches"] < run(bare, **PLAIN)["touches"]
    assert "the mechanism peace (peace)" not in without["used"]


SWAPPED = """
from sim import mechanisms
from sim.mechanisms import installed
turned = tuple(one._replace(bit=62 - one.bit) for one in installed())
mechanisms.installed = lambda: turned
"""


def test_results_do_not_depend_on_the_number_of_a_bit(tmp_path, monkeypatch):
    site = write(tmp_path / "site", FILES, BOTH)
    portfolio = "{'gifts': {}, 'referral': {'kind': 'mixed', 'koc_from': 1}}"
    before = run(site, portfolio, **PLAIN)
    monkeypatch.setitem(globals(), "PROGRAM", SWAPPED + PROGRAM)
    assert run(site, portfolio, **PLAIN) == before


def test_a_market_that_uses_a_broken_one_is_refused(tmp_path):
    files = FILES | {"peace/rules.py": RULES.replace("(w, touch, day)", "(w, touch)")}
    site = write(tmp_path / "site", files, BOTH)
    program = (
        "from sim.market import Market\n"
        "small = {'people.n': 50, 'days': 5, 'burn_in': 5, 'terminal_period': 0}\n"
        f"Market({CREAMS!r}, rng=1, **small)\n"
        "print('without it')\n"
        f"Market({CREAMS!r}, rng=1, **small, **{{'brands.A.strategies': {{'gifts': {{}}}}}})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=site,
        env=os.environ | PLAIN | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "without it\n"
    assert "PluginWarning: the plug-in calm 1.0" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: the plug-in calm 1.0 (huitou.mechanisms: calm = peace)")
    assert "takes (w, touch, day), not (w, touch)" in last


@pytest.mark.quick
def test_a_broken_one_is_said_where_broken_strategies_are(plugged, known_strategies):
    from sim.strategies import interface

    plugged({"peace/__init__.py": "1 / 0\n"})
    interface.broken_plugins.cache_clear()
    try:
        with pytest.warns(plugins.PluginWarning, match=r"calm = peace\) is left out"):
            interface.strategies()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            interface.strategies()
    finally:
        interface.broken_plugins.cache_clear()


# --- what would be read otherwise than its author meant --------------------------------------------

MISMEANT = {
    "a slip in the name of a hook": (
        {"peace/rules.py": RULES.replace("def touch_fits", "def touch_fit")},
        r"peace.rules.touch_fit: no hook has that name; did you mean 'touch_fits'\?",
    ),
    "a purpose of our own": (
        {"peace/__init__.py": f"{PACKAGE}PURPOSES = {{'CALM': 100}}\n"},
        r"PURPOSES: CALM must be from 2048 to 4095 \(got 100\)",
    ),
    "a table without appends": (
        {
            "peace/state.py": "import numpy as np\nfrom sim.engine.records import Growing\n"
            "TABLES = {'naps': Growing(np.int32)}\n"
        },
        "APPENDS must say the most rows that one step appends to naps",
    ),
}


@pytest.mark.quick
@pytest.mark.parametrize("case", MISMEANT)
def test_what_its_author_cannot_have_meant_is_refused(plugged, case):
    changes, words = MISMEANT[case]
    plugged(changes)
    with pytest.warns(plugins.PluginWarning, match=words):
        assert list(mechanisms.broken()) == ["peace"]


@pytest.mark.quick
def test_rules_of_its_own_may_have_any_name(plugged):
    own = "\n@rule\ndef touch_fitting(w, person):\n    return person > 0\n"
    plugged({"peace/rules.py": RULES + own})
    assert mechanisms.broken() == {}


@pytest.mark.quick
@pytest.mark.parametrize("part", ["terms", "state", "behaviour"])
def test_a_mistake_in_what_it_declares_leaves_it_out(plugged, part):
    found, (said,) = plugged({f"peace/{part}.py": "def f(:\n"})
    assert found == {}
    assert f"peace/{part}.py:1: SyntaxError" in said


@pytest.mark.quick
def test_an_order_that_is_no_number_is_refused(plugged):
    found, (said,) = plugged({"peace/__init__.py": PACKAGE.replace("15", "float('nan')")})
    assert found == {}
    assert "has no number ORDER" in said


CLASHES = {
    "an account": (
        {"peace/__init__.py": f"{PACKAGE}COUNTS = ('orders',)\n"},
        "COUNTS: the core and peace both use 'orders'",
    ),
    "a table": (
        {
            "peace/state.py": "import numpy as np\nfrom sim.engine.records import Growing\n"
            "TABLES = {'orders': Growing(np.int32)}\n"
        },
        "TABLES: the core and a mechanism both use 'orders'",
    ),
    "a parameter": (
        {
            "peace/behaviour.py": "from sim.config.parameters import Param, Parameters\n"
            "class Fee(Parameters):\n    'Pay.'\n    selling_fee: float = Param(0.9, doc='fee')\n"
            "BEHAVIOUR = {'direct': Fee}\n"
        },
        "direct.selling_fee and direct_selling.fee both use 'direct_selling_fee'",
    ),
}


@pytest.mark.parametrize("case", CLASHES)
def test_what_is_declared_twice_is_refused_in_one_line(tmp_path, case):
    changes, words = CLASHES[case]
    write(tmp_path, FILES | changes, MECHANISM)
    done = subprocess.run(
        [sys.executable, "-m", "experiments.cli", "validate", CREAMS],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=False,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
