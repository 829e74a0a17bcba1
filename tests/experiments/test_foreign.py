"""What a strategy from elsewhere depends on: a change of any of it is another identity."""

import importlib
import shutil
import sys
import threading

import pytest

from experiments import foreign, identity, sources
from experiments.errors import StudyError
from sim.strategies.interface import Strategy

pytestmark = pytest.mark.quick

FILES = {
    "shop/__init__.py": "",
    "shop/plans/__init__.py": "",
    "shop/plans/followup.py": """
        from . import rates
        from ..base import Base

        class Followup(Base):
            def journey(self, product):
                from shop.deep import helper
                import beside
                return helper.touches(rates.RATE)
        """,
    "shop/plans/rates.py": "RATE = 0.3  # a comment\n",
    "shop/base.py": "class Base: ...\n",
    "shop/deep/__init__.py": "",
    "shop/deep/helper.py": "import importlib\nopen = importlib.import_module('shop.' + 'hidden')\n",
    "shop/hidden.py": "X = 1\n",
    "shop/data/prices.csv": "1,2\n",
    "shop/data/terms.yaml": "reward: 10\n",
    "beside.py": "import further\n",
    "further.py": "TABLE = 'table.json'\n",
    "table.json": "{}\n",
    "stranger.py": "X = 1\n",
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shop/plans/followup.py", FILES["shop/plans/followup.py"] + "\n        X = 2\n"),
        ("shop/plans/rates.py", "RATE = 0.31\n"),
        ("shop/base.py", "class Base: x = 1\n"),
        ("shop/deep/helper.py", "X = 3\n"),
        ("shop/hidden.py", "X = 2\n"),
        ("shop/data/prices.csv", "1,3\n"),
        ("shop/data/terms.yaml", "reward: 11\n"),
        ("shop/data/new.json", "[]\n"),
        ("shop/__init__.py", "X = 1\n"),
        ("beside.py", "import further\nX = 1\n"),
        ("further.py", "TABLE = 'table.json'\nX = 1\n"),
        ("table.json", "[]\n"),
    ],
)
def test_whatever_it_needs_counts(files, name, text):
    files(FILES)
    before = foreign.depends(["shop.plans.followup"])
    files({name: text})
    assert foreign.depends(["shop.plans.followup"]) != before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shop/plans/rates.py", '"""Words."""\nRATE = 0.3  # others\n'),
        ("shop/base.py", "class Base:\n    'What it is.'\n    ...\n"),
        ("stranger.py", "X = 2\n"),
        ("other/__init__.py", "X = 2\n"),
        ("shop/study.yaml", "study: compare\nreplicates: {n: 3}\n"),
        ("shop/results/tiny-1/config.resolved.yaml", "study: run\n"),
        ("shop/__pycache__/base.cpython-311.pyc", "x"),
        ("shop/.git/HEAD", "x"),
    ],
)
def test_what_it_does_not_need_does_not(files, name, text):
    files(FILES)
    before = foreign.depends(["shop.plans.followup"])
    files({name: text})
    assert foreign.depends(["shop.plans.followup"]) == before


def test_where_a_package_lies_does_not_count(files, tmp_path, monkeypatch):
    folder = files(FILES)
    before = foreign.depends(["shop.plans.followup"])
    shutil.move(folder, tmp_path / "elsewhere")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    importlib.invalidate_caches()
    assert foreign.depends(["shop.plans.followup"]) == before


@pytest.mark.parametrize("changed", ["ns/plan.py", "ns/other.py", "ns/data.csv", "ns/whole/a.py"])
def test_a_package_without_init(files, changed):
    files(
        {
            "ns/plan.py": "from . import other\nfrom ns.whole import a\n",
            "ns/other.py": "X = 1\n",
            "ns/data.csv": "1\n",
            "ns/whole/__init__.py": "",
            "ns/whole/a.py": "X = 1\n",
        }
    )
    before = foreign.depends(["ns.plan"])
    files({changed: "X = 3\n"})
    assert foreign.depends(["ns.plan"]) != before


def test_libraries_count_by_version_but_not_those_that_huitou_needs(files, monkeypatch):
    files({"plan.py": "import numpy, pandas, lifetimes, no_such_library\nimport sim.terms, os\n"})
    found = foreign.depends(["plan"])
    known = importlib.metadata.version
    assert found.keys() == {"plan.py", "library Lifetimes", "library no_such_library"}
    assert found["library no_such_library"] == "absent"
    monkeypatch.setattr("importlib.metadata.version", lambda name: known(name) + ".1")
    assert foreign.depends(["plan"]) != found


def test_a_cycle_of_imports_comes_to_an_end(files):
    files({"one.py": "import two\n", "two.py": "import one\n"})
    assert foreign.depends(["one"]).keys() == {"one.py", "two.py"}


def test_a_helper_that_a_strategy_of_ours_imports_counts(files, monkeypatch):
    folder = files({"added.py": "import helper\n", "helper.py": "X = 1\n"})
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_file_location("sim.strategies.added", folder / "added.py")
    )
    monkeypatch.setitem(sys.modules, module.__name__, module)
    before = foreign.depends([module.__name__])
    assert before.keys() == {"sim/strategies/added.py", "helper.py"}
    files({"helper.py": "X = 2\n"})
    assert foreign.depends([module.__name__]) != before


# -- classes that no source describes -------------------------------------------------------------


def made(text: str, module: str = "__main__"):
    """What a notebook defines."""
    space = {"__name__": module, "Strategy": Strategy}
    exec(text, space)
    return space["Mine"]


NOTEBOOK = """
RATE = 0.3
def helper(x):
    return inner(x) * 2
def inner(x):
    return x + 1
class Mine(Strategy):
    cost: float = 1.0
    def journey(self, product):
        return [helper(RATE) for _ in range(2)]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 0.3", "RATE = 0.4"),
        ("x + 1", "x + 2"),
        ("x + 1", "x - 1"),
        ("* 2", "* 3"),
        ("range(2)", "range(3)"),
        ("cost: float = 1.0", "cost: float = 2.0"),
        ("def inner(x)", "def inner(x, y=1)"),
        ("    def journey", "    reads = ('orders',)\n    def journey"),
    ],
)
def test_a_strategy_of_a_notebook_is_its_code_and_all_that_it_takes(known_strategies, old, new):
    before = foreign._version(made(NOTEBOOK), "it")
    assert foreign._version(made(NOTEBOOK), "it") == before
    assert foreign._version(made(NOTEBOOK.replace(old, new)), "it") != before


def test_words_in_a_notebook_do_not_count(known_strategies):
    words = NOTEBOOK
    for head in ("class Mine(Strategy):\n    ", "def inner(x):\n    ", "product):\n        "):
        words = words.replace(head, f"{head}'Words.'  # more\n{head.rpartition(chr(10))[2]}")
    assert words.count("Words.") == 3
    assert foreign._version(made(words), "it") == foreign._version(made(NOTEBOOK), "it")


def of_a_factory(rate):
    class Made(Strategy):
        """Send what the factory says."""

        def journey(self, product):
            return rate

    return Made


def test_classes_of_a_factory_are_told_apart_by_what_it_was_given(known_strategies):
    one, two, again = (foreign._version(of_a_factory(rate), "it") for rate in ([1], [2], [1]))
    assert one == again != two


def test_a_helper_in_a_file_counts_for_a_notebook_too(files, known_strategies):
    files({"helper.py": "def f(): return g()\ndef g(): return 1\n"})
    text = "from helper import f\nclass Mine(Strategy):\n    def journey(self, p): return f()\n"
    before = foreign._version(made(text), "it")
    del sys.modules["helper"]
    files({"helper.py": "def f(): return g()\ndef g(): return 21\n"})
    assert foreign._version(made(text), "it") != before


def test_what_has_no_version_is_refused(known_strategies):
    text = "class Mine(Strategy):\n    def journey(self, p): return LOCK\n"
    cls = made(text)
    cls.journey.__globals__["LOCK"] = threading.Lock()
    with pytest.raises(StudyError, match=r"Mine was made in a notebook .* of which no version"):
        foreign._version(cls, "it")


# -- what is in memory and what is on disk --------------------------------------------------------


def test_code_that_changes_while_a_process_uses_it_is_refused(files, known_strategies):
    plan = "from sim.strategies.interface import Strategy\nimport aid\nclass Plan(Strategy): ...\n"
    files({"plan.py": plan})
    files({"aid.py": "X = 1\n"})
    importlib.import_module("plan")
    before = identity.code_version(["plan"])
    files({"aid.py": "X = 1  # a comment\n"})
    assert identity.code_version(["plan"]) == before
    files({"aid.py": "X = 2\n"})
    with pytest.raises(StudyError, match=r"strategy plan \(plan\) has changed on disk .* restart"):
        identity.code_version(["plan"])
    assert identity.code_version([]) != before


def test_a_file_that_a_parameter_of_a_strategy_names_counts(tmp_path):
    path = tmp_path / "rates.csv"
    market = {"brands": {"A": {"strategies": {"mine": {"table": str(path), "kind": "cash"}}}}}
    without = identity.config_hash(market)
    path.write_text("1\n")
    first = identity.config_hash(market)
    path.write_text("2\n")
    assert len({without, first, identity.config_hash(market)}) == 3
    assert list(identity.data_files(market)) == [str(path)]


# -- the definitions of metrics -------------------------------------------------------------------


def test_stored_numbers_depend_on_metrics_and_not_on_plots():
    needed = sources.closure("experiments.simulate").keys()
    names = ("simulate", "metrics", "metrics_claims", "flows", "curves", "records", "responses")
    assert {f"experiments.{name}" for name in names} <= needed
    assert not needed & {f"experiments.{x}" for x in ("study", "report", "show", "store", "cli")}


@pytest.mark.parametrize("name", ["metrics", "flows", "warmup", "curves", "customer_base"])
def test_a_changed_definition_is_another_version(name, monkeypatch):
    before = identity._metrics_on_disk()
    path = sources.closure("experiments.simulate")[f"experiments.{name}"]
    content = sources.content
    monkeypatch.setattr(sources, "content", lambda p, **how: content(p, **how) + "x" * (p == path))
    assert identity._metrics_on_disk() != before


def test_a_metric_of_ones_own_belongs_to_the_version(monkeypatch):
    from experiments.registry import METRICS, Metric

    def mine(factor):
        def function(records):
            return factor

        function.__module__ = "__main__"
        return Metric("mine", "mine", "CNY", function)

    found = [identity.metrics_version()]
    for factor in (1, 1, 2):
        monkeypatch.setitem(METRICS, "mine", mine(factor))
        found.append(identity.metrics_version())
    assert found[1] == found[2]
    assert len(set(found)) == 3
