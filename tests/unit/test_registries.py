"""Registries: core and mechanisms declare, and nothing is declared twice or named by the core."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim import accounts, counts, growth, mechanisms, purposes, tables, world
from sim.accounts import AccountLine, Aim, Line
from sim.books import ACCOUNTS, COSTS, REDUCTIONS, Account
from sim.engine.records import Growing
from sim.mechanisms import Mechanism, declarations, declared, installed, together
from sim.purposes import Purpose

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.quick


def core() -> list[Path]:
    folders = {f"mechanisms/{mechanism.name}" for mechanism in installed()}
    strategies = {"strategies/interface.py", "strategies/brand_view.py"}
    files = []
    for file in sorted((ROOT / "sim").rglob("*.py")):
        inside = file.relative_to(ROOT / "sim").as_posix()
        user = inside.startswith("strategies/") and inside not in strategies
        if not user and not inside.startswith(tuple(folders)):
            files.append(file)
    return files


def of_mechanisms(what: str) -> set[str]:
    return {name for _, own in declared(what) for name in own}


def members(file: Path, enum: str) -> set[str]:
    """Return the X of every `enum.X` and `enum["X"]` of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == enum:
            found.add(node.attr)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == enum:
            found |= {n.value for n in ast.walk(node.slice) if isinstance(n, ast.Constant)}
    return found


def texts(file: Path) -> set[str]:
    """Return every string of a file, docstrings aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    alone = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    constants = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in alone]
    return {n.value for n in constants if isinstance(n.value, str)}


@pytest.mark.parametrize("file", core(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_the_core_names_no_account_count_or_purpose_of_a_mechanism(file):
    assert not members(file, "Account") & of_mechanisms("ACCOUNTS")
    assert not members(file, "Purpose") & of_mechanisms("PURPOSES")
    assert not texts(file) & {name.lower() for name in of_mechanisms("ACCOUNTS")}
    own = set(counts._CORE)
    named = re.findall(r"(?:columns|COUNTS\.index)\(([^)]*)\)", file.read_text(encoding="utf-8"))
    assert {name for part in named for name in re.findall(r'"(\w+)"', part)} <= own


def test_something_is_declared_by_mechanisms():
    for what in ("ACCOUNTS", "COUNTS", "PURPOSES", "MESSAGES", "ACCRUALS", "APPENDS"):
        assert of_mechanisms(what), what
    assert declarations.growing() and declarations.relationship_tables()


# --- composition ----------------------------------------------------------------------------------


@pytest.fixture
def newcomer(monkeypatch):
    """Return a function that installs one more mechanism, which declares what it is given."""

    def install(name="newcomer", **declarations):
        package = ModuleType(f"elsewhere.{name}")
        vars(package).update(declarations)
        every = (*installed(), Mechanism(name, len(installed()), package))
        monkeypatch.setattr(mechanisms, "installed", lambda: every)

    caches = (accounts.accounts, accounts.touch_accounts, tables.growing)
    for cached in caches:
        cached.cache_clear()
    yield install
    for cached in caches:
        cached.cache_clear()


def test_a_number_used_twice_is_refused_and_both_are_named(newcomer):
    newcomer(PURPOSES={"MINE": int(Purpose.CLICK)})
    with pytest.raises(ValueError, match="PURPOSES: referral and newcomer both use 34"):
        purposes.purposes()


def test_a_number_of_the_core_is_refused_too(newcomer):
    newcomer(PURPOSES={"MINE": int(Purpose.CHOICE)})
    with pytest.raises(ValueError, match="PURPOSES: the core and newcomer both use 14"):
        purposes.purposes()


@pytest.mark.parametrize("number", [0, -1, 4096])
def test_a_number_that_does_not_fit_into_a_draw_is_refused(newcomer, number):
    newcomer(PURPOSES={"MINE": number})
    with pytest.raises(ValueError, match="MINE must be from 1 to 4095"):
        purposes.purposes()


@pytest.mark.parametrize(
    ("what", "given", "of"),
    [
        ("ACCOUNTS", {"TOUCHES": AccountLine(Line.COST)}, "the core"),
        ("ACCOUNTS", {"COMMISSIONS": AccountLine(Line.COST)}, "direct_selling"),
        ("PURPOSES", {"SHARE": 3000}, "referral"),
        ("COUNTS", ("kocs",), "status"),
        ("COUNTS", ("orders",), "the core"),
    ],
)
def test_a_name_used_twice_is_refused_and_both_are_named(newcomer, what, given, of):
    newcomer(**{what: given})
    own = {
        "ACCOUNTS": accounts.ACCOUNTS,
        "PURPOSES": purposes.PURPOSES,
        "COUNTS": counts._CORE,
    }
    name = next(iter(given))
    with pytest.raises(ValueError, match=f"{what}: {of} and newcomer both use '{name}'"):
        together(what, own[what])


def test_a_table_of_the_core_is_refused_to_a_mechanism(monkeypatch):
    monkeypatch.setattr(world, "growing", lambda: {"people": Growing(np.int32)})
    with pytest.raises(ValueError, match="TABLES: the core and a mechanism both use 'people'"):
        world._of_mechanisms()


def test_kinds_of_messages_and_accruals_have_numbers_of_their_own(newcomer):
    kind = mechanisms.message_kinds()["INVITATION"]
    newcomer(MESSAGES={"MINE": kind._replace(opinion=False)}, ACCRUALS={"MINE": 2})
    with pytest.raises(ValueError, match="MESSAGES: referral and newcomer both use 1"):
        mechanisms.message_kinds.__wrapped__()
    with pytest.raises(ValueError, match="ACCRUALS: direct_selling and newcomer both use 2"):
        mechanisms.accrual_kinds.__wrapped__()


def test_one_more_mechanism_moves_columns_but_no_draw_and_no_line(newcomer):
    before = purposes.purposes()
    newcomer(
        PURPOSES={"MINE": 2048},
        ACCOUNTS={
            "MY_GIFTS": AccountLine(Line.REDUCTION, Aim.RETENTION),
            "MY_DEBTS": AccountLine(Line.OWED),
        },
        COUNTS=("mine",),
    )
    assert purposes.purposes() == before | {"MINE": 2048}
    every = accounts.accounts()
    lines = [account.line for account in every.values()]
    assert lines == sorted(lines)
    assert accounts.named(Line.REDUCTION) == (*REDUCTIONS, "my_gifts")
    assert accounts.named(Line.COST) == COSTS
    assert accounts.spent_on(Aim.RETENTION) == ("discounts", "coupons", "my_gifts", "touches")
    assert list(every).index("CASH") == Account.CASH + 1
    assert [name.lower() for name in every if not name.startswith("MY_")] == list(ACCOUNTS)


def test_columns_are_those_of_the_names():
    assert counts.columns("orders", "first_orders") == (counts.ORDERS, counts.FIRST_ORDERS)
    for name, number in vars(counts).items():
        if name.isupper() and isinstance(number, int):
            assert counts.COUNTS[number] == {"TOUCHES_SENT": "touches"}.get(name, name.lower())
    with pytest.raises(ValueError, match="tuple"):
        counts.columns("orders", "no such count")


# --- tables ---------------------------------------------------------------------------------------


def test_every_growing_table_is_guarded_and_made():
    made = growth.empty_tables()
    for name, table in tables.growing().items():
        assert len(made[name]) == 0
        assert (f"{name}_due" in made) == table.scheduled
        assert f"used.{name} <= limit.{name}" in guard()
    assert set(growth.LIMITS.names) == {*tables.growing(), "touches_free"}
    assert set(growth.TALLY.names) == {*growth.LIMITS.names, "claimed"}


def guard() -> str:
    return inspect.getsource(getattr(growth.has_capacity, "py_func", growth.has_capacity))


def test_the_most_is_what_all_declare_together(still):
    market = still()
    most = tables.most(market.world)
    modules = [importlib.import_module(mechanism.package.__name__) for mechanism in installed()]
    of_said = [getattr(module, "APPENDS", {}).get("messages", 0) for module in modules]
    assert (
        most["messages"]
        == tables.APPENDS["messages"](market.world) + sum(of_said)
        > sum(of_said)
        > 0
    )
    asking = [module for module in modules if "triggered" in getattr(module, "APPENDS", {})]
    assert most["triggered"] == (1 + len(asking)) * market.world.products.size


def test_to_append_to_no_table_is_refused(newcomer, still):
    world = still().world
    newcomer(APPENDS={"nowhere": 1})
    with pytest.raises(ValueError, match="newcomer appends to 'nowhere', a table that nobody"):
        tables.most(world)
