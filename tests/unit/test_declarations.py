"""A mechanism comes in by its declarations: terms, tables, columns, parameters, and one strategy.

It is put into a copy of the sources, which runs as plain Python: nothing is compiled for it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.config.composition import composed
from sim.config.parameters import Param, Parameters
from sim.mechanisms import installed
from sim.mechanisms.declarations import columns, form_of, growing, relationship_tables_of, seen
from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]
FILES = {
    "sim/mechanisms/presents/__init__.py": '''
"""Who has ordered often enough gets a present, and likes the brand the more."""

ORDER = 90
APPENDS = {"presents": 65}
''',
    "sim/mechanisms/presents/terms.py": """
from dataclasses import dataclass
from typing import ClassVar

from sim.terms import BrandTerm, Count, Days, Money, Several, Share, Term, Thresholds


@dataclass(frozen=True)
class Size(Term):
    value: float = Money(doc="of a present")


@dataclass(frozen=True)
class Presents(BrandTerm):
    TABLE: ClassVar[str] = "present_terms"
    ALONE: ClassVar[str] = "presents"

    sizes: tuple[Size, ...] = Several(Size, doc="first, second ... present")
    at: tuple[int, ...] = Thresholds((2, 4), most=3, doc="numbers of orders")
    least: int = Count(0, doc="orders of the product")
    chance: float = Share(1.0, doc="of presents that please")
    wait: int = Days(0, doc="from day 0")
""",
    "sim/mechanisms/presents/state.py": """
from sim.engine.records import Growing, OfRelationships, record
from sim.mechanisms.declarations import Column, Rows

TABLES = {
    "presented": OfRelationships(record(("times", "i4"))),
    "presents": Growing(
        record(("person", "i4"), ("day", "i4"), ("cents", "i8"), ("brand", "i2")), scheduled=True
    ),
}
COLUMNS = {"presented": Column("presented", "times")}
ROWS = {"presents": Rows("presents", ("person", "cents"))}
""",
    "sim/mechanisms/presents/behaviour.py": '''
from sim.config.parameters import Param, Parameters


class Pull(Parameters):
    presents: float = Param(0.5, bounds=(0, 10), doc="utility of each present")


class Presenting(Parameters):
    """Getting presents. They please."""

    most: int = Param(9, bounds=(0, 99), doc="presents that please")


BEHAVIOUR = {"choice": Pull, "presenting": Presenting}
''',
    "sim/mechanisms/presents/rules.py": """
from sim.engine.kernels import rule


@rule
def utility(w, i, p, units, day):
    times = w.presented[i, w.products[p].brand].times
    return w.rules[0].choice_presents * min(times, w.rules[0].presenting_most)


@rule
def on_order(w, number, day):
    order = w.orders[number]
    i, b = order.person, order.brand
    terms, mine = w.present_terms[b], w.presented[i, b]
    for k in range(terms.at.size):
        if order.nth == terms.at[k] and mine.times < terms.sizes and day >= terms.wait:
            row = w.tally[0].presents
            w.tally[0].presents += 1
            present = w.presents[row]
            present.person, present.brand, present.day = i, b, day
            present.cents = w.sizes[b, mine.times].value_cents
            mine.times += 1
    return False
""",
    "sim/strategies/presents.py": '''
"""Give presents. Idea, mechanism, source: a test."""

from typing import ClassVar

from sim.config.parameters import Param
from sim.mechanisms.presents.terms import Presents as Terms
from sim.mechanisms.presents.terms import Size
from sim.strategies.interface import Strategy


class Presents(Strategy):
    """Give presents."""

    reads = ("customers", "presents")
    value: float = Param(7.5, bounds=(0, 100), doc="of the first")
    every: ClassVar[int] = 10

    def programmes(self):
        yield Terms((Size(self.value), Size(2 * self.value)))

    def decide(self, view, day):
        theirs = view.customers["presented"]
        assert theirs.sum() == len(view.presents)
        assert set(view.presents["cents"]) <= {750, 1500}
''',
}
PROGRAM = """
import numpy as np
from sim.market import Market

def run(**changes):
    market = Market("{MARKET}", rng=5, **{
        "people.n": 200, "days": 250, "burn_in": 0, "terminal_period": 0, **changes,
    })
    market.run_model()
    return market

with_them = {"brands.A.strategies": {"presents": {}}, "behaviour.choice.presents": 3}
market = run(**with_them)
orders, made = market.orders, market.presents
due = orders[(orders["brand"] == 0) & np.isin(orders["nth"], [2, 4])]
assert len(made) == len(due) > 20
for field in ("person", "day"):
    assert sorted(made[field]) == sorted(due[field])
assert made["cents"].tolist() == [750 if nth == 2 else 1500 for nth in due["nth"]]
assert market.world.presented["times"][:, 0].sum() == len(made)
assert not market.world.presented["times"][:, 1:].any()
tables = {"present_terms", "sizes", "presented", "presents", "presents_due"}
assert tables < set(market.world._fields)
assert market.world.presents_due.link.size == market.world.presents.size

without = run()
assert without.world.presented.shape == (0, 3) and not len(without.presents)
assert (market.orders["brand"] == 0).sum() > (without.orders["brand"] == 0).sum()
deaf = run(**with_them | {"behaviour.presenting.most": 0})
plain = run(**{"brands.A.strategies": {}})
assert deaf.orders.tobytes() == plain.orders.tobytes()
for wrong, says in (
    ({"behaviour.choice.presents": 11}, "presents"),
    ({"behaviour.presenting.most": 100}, "most"),
    ({"brands.A.strategies": {"presents": {"value": 101}}}, "value"),
):
    try:
        run(**wrong)
    except ValueError as error:
        assert says in str(error), error
    else:
        raise AssertionError(wrong)
print("as declared")
"""


def test_a_mechanism_comes_in_by_its_declarations(tmp_path):
    leave = shutil.ignore_patterns("__pycache__")
    for folder in ("sim", "configs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=leave)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.lstrip())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{MARKET}", CREAMS)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout == "as declared\n", done.stderr


# --- parameters -----------------------------------------------------------------------------------


class Core(Parameters):
    """A group of the core."""

    first: float = Param(1.0, doc="something")

    def remarks(self):
        yield ("first",), "said by the core"


class Further(Parameters):
    """What a mechanism adds."""

    second: float = Param(2.0, doc="something else")

    def remarks(self):
        yield ("second",), "said by a mechanism"


class Own(Parameters):
    """Selling, and buying.

    A group of its own.
    """

    third: float = Param(3.0, doc="something else")


@pytest.mark.quick
def test_several_declare_parameters_of_one_group():
    groups = composed({"a": (Core, "the core's")}, [{"a": Further, "b": Own}], __name__)
    assert list(groups) == ["a", "b"]
    (rules, about), own = groups["a"], groups["b"]
    assert about == "the core's"
    assert own == (Own, "selling, and buying")
    assert rules().model_dump() == {"first": 1.0, "second": 2.0}
    assert [what for _, what in rules().remarks()] == ["said by the core", "said by a mechanism"]
    assert isinstance(rules(), Core) and isinstance(rules(), Further)


@pytest.mark.quick
def test_a_parameter_cannot_be_declared_twice():
    with pytest.raises(ValueError, match=r"behaviour\.a: .* both use 'second'"):
        composed({"a": (Core, "")}, [{"a": Further}, {"a": Further}], __name__)


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.quick
def test_what_nobody_uses_has_no_rows_and_reads_as_none(still):
    unused, people = still(), np.array([1, 5])
    for mechanism in installed():
        for name in relationship_tables_of(mechanism):
            assert getattr(unused.world, name).shape == (0, 2)
    for name in columns():
        found = seen(unused.world, name, people, 0)
        assert found.tolist() == [0, 0]
        assert found.dtype == form_of(name)
    assert seen(unused.world, "no such column", people, 0).tolist() == [0, 0]


@pytest.mark.quick
def test_what_a_brand_uses_has_a_row_for_everybody(still):
    used = still(**{"brands.A.strategies": {"referral": {"kind": "cash", "koc_from": 0}}}).world
    shapes = {
        name: getattr(used, name).shape for m in installed() for name in relationship_tables_of(m)
    }
    has = {name for name, shape in shapes.items() if shape == used.relationships.shape}
    assert has == {"referring"}
    used.referring["vested"][5, 0] = 3
    assert seen(used, "referred", np.array([1, 5]), 0).tolist() == [0, 3]
    assert seen(used, "referred", np.array([1, 5]), 1).tolist() == [0, 0]


@pytest.mark.quick
def test_a_calendar_goes_with_a_table_that_has_days(still):
    world = still().world
    scheduled = {name for name, table in growing().items() if table.scheduled}
    assert scheduled
    assert scheduled == {name for name in growing() if hasattr(world, f"{name}_due")}
