"""Packages of users that add strategies: broken ones, and one that changes between two studies."""

import json
import sys
import warnings

import pytest
from tiny_studies import COMPARE, MARKET, run_as_process

from sim import plugins
from sim.strategies.interface import Strategy

GOOD = """
from typing import ClassVar
from sim.strategies.interface import Does, Strategy, Touch
from shop.aid import touches

class Visits(Strategy):
    "Visit."
    def journey(self, product):
        yield from touches()
"""
AID = """
from sim.strategies.interface import Does, Touch

def touches():
    for day in (1, 2, 3, 4):
        yield Touch(f"visit{day}", Does.DELIGHT, day=day, cost=COST)

COST = 10.0
"""


def package(folder, files, point="shop.visits:Visits", name="shop"):
    """A package with its metadata, as an installer leaves it."""
    for file, text in {f"{name}/__init__.py": "", **files}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    info = folder / f"{name}_plans-2.1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plans\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(f"[huitou.strategies]\nplan = {point}\n")
    return folder


@pytest.fixture
def forgotten():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


BROKEN = {
    "a library is missing": (
        "import os\nimport no_such_library\n",
        "shop.visits:Visits",
        "visits.py:2: ModuleNotFoundError: No module named 'no_such_library'",
    ),
    "no Python": ("x = 1\ndef f(:\n", "shop.visits:Visits", "visits.py:2: SyntaxError"),
    "it raises": ("def f():\n    1 / 0\nf()\n", "shop.visits:Visits", "py:2: ZeroDivisionError"),
    "it leaves": ("import sys\nsys.exit(3)\n", "shop.visits:Visits", "visits.py:2: SystemExit: 3"),
    "no such name": ("x = 1\n", "shop.visits:Visits", "has no attribute 'Visits'"),
    "no such module": ("x = 1\n", "shop.gone", "No module named 'shop.gone'"),
    "no such package": ("x = 1\n", "gone", "No module named 'gone'"),
    "no strategy": ("class Visits: ...\n", "shop.visits:Visits", "is neither a Strategy nor a"),
    "an object": ("Visits = 3\n", "shop.visits:Visits", "3 is neither a Strategy nor a module"),
    "an empty module": ("x = 1\n", "shop.visits", "nor a module that defines one"),
    "a name is taken": (
        "from sim.strategies.interface import Strategy\n\nclass Referral(Strategy): ...\n",
        "shop.visits",
        "visits.py:3: ValueError: the strategy shop.visits.Referral is called 'referral', as is "
        "sim.strategies.referral.Referral",
    ),
    "half of it is known": (
        "from sim.strategies.interface import Strategy\n"
        "class Half(Strategy): ...\nimport no_such_library\n",
        "shop.visits",
        "visits.py:3: ModuleNotFoundError",
    ),
}


@pytest.mark.quick
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_left_out_and_said(
    tmp_path, monkeypatch, known_strategies, forgotten, case
):
    source, point, words = BROKEN[case]
    monkeypatch.syspath_prepend(package(tmp_path, {"shop/visits.py": source}, point))
    before = dict(known_strategies)
    (said,) = plugins.load(known_strategies, Strategy)
    assert known_strategies == before
    assert said.startswith(f"the plug-in shop-plans 2.1 (huitou.strategies: plan = {point}) is ")
    assert words in said
    assert said.endswith("or remove it: pip uninstall shop-plans")


@pytest.mark.quick
def test_one_that_works_is_known_beside_one_that_does_not(
    tmp_path, monkeypatch, known_strategies, forgotten
):
    package(tmp_path, {"shop/visits.py": GOOD, "shop/aid.py": AID})
    package(tmp_path, {"other/x.py": "1 / 0\n"}, "other.x", "other")
    monkeypatch.syspath_prepend(tmp_path)
    (said,) = plugins.load(known_strategies, Strategy)
    assert "other-plans" in said
    assert known_strategies["visits"].__module__ == "shop.visits"


@pytest.mark.quick
def test_two_that_take_the_same_name(tmp_path, monkeypatch, known_strategies, forgotten):
    files = {"shop/visits.py": GOOD, "shop/aid.py": AID}
    package(tmp_path, files)
    twin = GOOD.replace('"Visit."', '"Again."')
    package(tmp_path, {"twin/visits.py": twin}, "twin.visits:Visits", "twin")
    (tmp_path / "twin_plans-2.1.dist-info" / "entry_points.txt").write_text(
        "[huitou.strategies]\nzzz = twin.visits:Visits\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (said,) = plugins.load(known_strategies, Strategy)
    assert "twin.visits.Visits is called 'visits', as is shop.visits.Visits" in said
    assert known_strategies["visits"].__module__ == "shop.visits"


@pytest.mark.quick
def test_to_define_a_class_once_more_replaces_it(known_strategies):
    def define(module, qualname):
        space = {"__module__": module, "__qualname__": qualname}
        return type(Strategy)("Mine", (Strategy,), space)

    define("__main__", "Mine")
    again = define("__main__", "Mine")
    assert known_strategies["mine"] is again
    with pytest.raises(ValueError, match=r"is called 'mine', as is __main__.Mine"):
        define("shop", "Mine")
    assert known_strategies["mine"] is again


@pytest.mark.quick
def test_a_broken_plugin_is_said_once_and_where_it_is_missed(monkeypatch, known_strategies):
    from pydantic import ValidationError

    from sim.brands.portfolio import build_portfolio
    from sim.strategies import interface as strategy

    monkeypatch.setattr(plugins, "load", lambda *_: ["the plug-in shop is left out: why"])
    strategy.broken_plugins.cache_clear()
    try:
        with pytest.warns(plugins.PluginWarning, match="shop is left out: why"):
            strategy.strategies()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert "referral" in strategy.strategies()
            with pytest.raises(ValidationError, match=r"unknown strategy \(the plug-in shop is"):
                build_portfolio({"visits": {}})
    finally:
        strategy.broken_plugins.cache_clear()


def huitou(folder, *arguments):
    """Run the command as a user would who has installed what is in `folder`."""
    process = run_as_process(*arguments, folder=folder)
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    return process.returncode, out, err


def test_the_command_line_goes_on_without_a_broken_plugin(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(package(tmp_path, {"shop/visits.py": "import no_such_library\n"}))
    code, out, err = huitou(tmp_path, "strategies", "--json")
    assert code == 0
    assert "referral" in {item["name"] for item in json.loads(out)}
    assert err.count("is left out") == err.count("huitou: warning: ") == 1
    with_it = "    strategies: {visits: {}}\n    products"
    (tmp_path / "m.yaml").write_text(MARKET.replace("    products", with_it, 1))
    code, _, err = huitou(tmp_path, "validate", "m.yaml")
    assert code == 2
    assert "m.yaml:12:18: brands.A.strategies.visits: unknown strategy (the plug-in" in err
    assert "visits.py:1: ModuleNotFoundError: No module named 'no_such_library'" in err


def test_a_helper_that_changes_is_another_study_result(tmp_path, monkeypatch):
    """The strategy's own file stays as it is; a module that it uses does not."""
    site = package(tmp_path / "site", {"shop/visits.py": GOOD, "shop/aid.py": AID})
    monkeypatch.syspath_prepend(site)
    (tmp_path / "market.yaml").write_text(MARKET)
    options = {"n": 2, "seed": 1, "engine": "inline", "fraction": 0, "retry": 0, "series": "false"}
    study = COMPARE.format(strategies="{visits: {}}", **options)
    (tmp_path / "tiny.yaml").write_text(study)
    code, first, err = huitou(tmp_path, "compare", "tiny.yaml")
    assert code == 0, err
    (site / "shop/aid.py").write_text(AID.replace("10.0", "10.0  # CNY"))
    code, again, err = huitou(tmp_path, "compare", "tiny.yaml")
    assert (code, again) == (0, first)
    assert "nothing to compute" in err
    (site / "shop/aid.py").write_text(AID.replace("10.0", "90.0"))
    code, out, err = huitou(tmp_path, "compare", "tiny.yaml")
    assert (code, out) == (1, "")
    assert "computed by other code than today's (changed: the strategy visits (shop.visits))" in err
    code, out, err = huitou(tmp_path, "compare", "tiny.yaml", "--recompute")
    assert code == 0, err
    assert "4 runs in" in err and "are computed again" in err
    code, afresh, _ = huitou(tmp_path, "compare", "tiny.yaml", "--results", "afresh")
    assert out.replace("results/", "afresh/") == afresh != first
