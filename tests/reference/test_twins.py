"""Each mechanism has its twin, which plugs in by hooks, can be left out, and does something."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from reference.any_whole_market import market_number, whole_markets
from reference.compare import first_differences
from reference.hooks import HOOKS, asked
from reference.mechanisms import installed
from reference.twin import Twin, check
from sim import hooks as fast_hooks
from sim.config.load import load_market
from sim.mechanisms import installed as mechanisms

HERE = Path(__file__).parent
ODD = (HERE.parents[1] / "docs/odd.md").read_text(encoding="utf-8")
TWINS = list(installed())


# --- every mechanism has one --------------------------------------------------------------------


def without_twin(names: set[str], odd: str) -> list[str]:
    """Say what is to be written where, of mechanisms that are not written a second time."""
    missing = [
        f"{name}: write tests/reference/mechanisms/{name}.py, a class derived from Twin, from the "
        f"section of docs/odd.md on it, so that its money and state are compared"
        for name in sorted(names - set(TWINS))
    ]
    heading = r"^### 7\.\d+ .+ \(`sim/mechanisms/{}`\)$"
    return missing + [
        f"{name}: write a section of docs/odd.md, headed '### 7.N Title (`sim/mechanisms/{name}`)'"
        for name in sorted(names)
        if not re.search(heading.format(name), odd, re.M)
    ]


def test_every_mechanism_is_described_and_has_a_twin() -> None:
    names = {mechanism.name for mechanism in mechanisms()}
    assert not without_twin(names, ODD)
    assert set(TWINS) == names, "twins of mechanisms that there are not"


def test_a_mechanism_without_a_twin_is_refused() -> None:
    twin, section = without_twin({*TWINS, "lucky_dip"}, ODD)
    assert twin.startswith("lucky_dip: write tests/reference/mechanisms/lucky_dip.py")
    assert "`sim/mechanisms/lucky_dip`" in section


def test_twins_are_asked_in_the_order_of_the_mechanisms() -> None:
    assert [mechanism.name for mechanism in mechanisms()] == TWINS


# --- hooks --------------------------------------------------------------------------------------


def test_hooks_have_the_names_of_the_market() -> None:
    assert set(HOOKS) <= set(fast_hooks.HOOKS)


def test_whatever_hook_a_mechanism_answers_its_twin_is_asked_by() -> None:
    """A hook new to the market is new to the reference, too."""
    for mechanism in mechanisms():
        rules = vars(mechanism.module("rules"))
        answered = {
            name
            for name, hook in fast_hooks.HOOKS.items()
            if name in rules and rules[name] is not hook.caller
        }
        assert answered <= set(HOOKS), f"{mechanism.name}: add it to tests/reference/hooks.py"


def test_a_method_named_after_no_hook_is_refused() -> None:
    class Misspelt(Twin):
        def on_odrer(self, order: Any) -> bool:
            return False

    with pytest.raises(TypeError, match=r"Misspelt\.on_odrer: no hook has that name"):
        check(Misspelt)

    class Heir(Misspelt):
        pass

    with pytest.raises(TypeError, match="on_odrer"):
        check(Heir)


class Says:
    """A twin that gives one answer to everything, and notes that it was asked."""

    def __init__(self, answer: Any, log: list[Any]) -> None:
        self.answer, self.log = answer, log

    def __getattr__(self, name: str) -> Any:
        def answer(about: Any) -> Any:
            self.log.append(self.answer)
            return self.answer

        return answer


@pytest.mark.parametrize(
    ("name", "answers", "together", "heard"),
    [
        ("utility", [0.5, -2.0, 1.0], -0.5, 3),
        ("utility", [], 0, 0),
        ("discount", [0.2, 0.4, 0.1], 0.4, 3),
        ("role", [], 0, 0),
        ("on_order", [False, True, False], True, 3),
        ("on_order", [False, False], False, 2),
        ("touch_fits", [True, False, True], False, 2),
        ("vests", [], True, 0),
        ("on_vest", [1, 2], None, 2),
    ],
)
def test_answers_combine(name: str, answers: list[Any], together: Any, heard: int) -> None:
    log: list[Any] = []
    assert asked(name, [Says(answer, log) for answer in answers])("it") == together
    assert log == answers[:heard]


# --- what the core knows of them ----------------------------------------------------------------

SHARED = (
    *("sim.engine.draws", "sim.purposes", "sim.config.", "sim.ties.", "sim.strategies."),
    *("sim.terms", *(f"sim.mechanisms.{name}.terms" for name in installed())),
)
COMPARES = {
    *("compare.py", "compared.py", "tables.py"),
    *("made_up.py", "any_whole_market.py", "conftest.py"),
}
CORE = [f for f in sorted(HERE.glob("*.py")) if f.name not in COMPARES and "test_" not in f.name]
ALL = [*CORE, *sorted(HERE.glob("mechanisms/**/*.py"))]


def imported(file: Path) -> list[str]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return [
        "." * node.level + (node.module or "") for node in nodes if isinstance(node, ast.ImportFrom)
    ]


@pytest.mark.parametrize("file", CORE, ids=lambda file: file.stem)
def test_the_core_names_no_twin(file: Path) -> None:
    assert not [name for name in imported(file) if name.startswith(".mechanisms.")]


@pytest.mark.parametrize("file", ALL, ids=lambda file: str(file.relative_to(HERE)))
def test_nothing_is_shared_with_the_market_but_what_the_page_says(file: Path) -> None:
    of_sim = [name for name in imported(file) if name.split(".")[0] == "sim"]
    assert all(name.startswith(SHARED) for name in of_sim), of_sim


# --- leaving one out ----------------------------------------------------------------------------


SOME_BRAND = {"share": 0.5, "products": {"p": {"price": 10}}}


def unused(name: str, portfolio: dict[str, Any]) -> dict[str, Any]:
    """Return the strategies of a brand that do not use a mechanism."""
    kept = {key: dict(value) for key, value in portfolio.items() if key != "meddler"}
    own = installed()[name].strategies(SOME_BRAND)
    kept = {key: value for key, value in kept.items() if key not in own}
    if name == "direct_selling":
        kept.pop("agent_recruitment", None)
    elif name == "referral":
        kept = {
            key: value
            for key, value in kept.items()
            if key not in ("referral", "agent_recruitment")
        }
    elif name == "status" and "referral" in kept:
        kept["referral"] |= {"koc_from": 0}
    elif name == "loyalty_points" and "referral" in kept:
        kept["referral"] |= {"kind": "cash"}
    return kept


def without(name: str, market: dict[str, Any]) -> dict[str, Any]:
    brands = {
        key: brand | {"strategies": unused(name, brand.get("strategies", {}))}
        for key, brand in market["brands"].items()
    }
    return market | {"brands": brands}


def idle(kind: type[Twin]) -> type[Twin]:
    """Return a twin that is there, declares what that kind does, and does nothing."""
    declared = {name: getattr(kind, name) for name in ("ORDER", "ACCOUNTS", "VERBS", "MESSAGES")}
    zeros = (0,) * len(kind.CUSTOMER)
    declared |= {"CUSTOMER": kind.CUSTOMER, "of_customer": lambda *_: zeros}
    return check(type("Idle", (Twin,), declared))


@pytest.mark.parametrize("name", TWINS)
def test_markets_that_do_not_use_it_are_equal_without_it(
    busy_mapping: dict[str, Any], name: str
) -> None:
    drawn, seed = market_number(7, whole_markets(people=(20, 40), days=(30, 40)))
    others = {key: kind for key, kind in installed().items() if key != name}
    for market, number in ((busy_mapping, 1), (drawn, seed)):
        differences, _, reference = first_differences(
            load_market(without(name, market)), number, twins=others
        )
        assert not differences, str(differences[0])
        assert name not in reference.twins
        assert len(reference.orders) > 0


@pytest.mark.parametrize("name", TWINS)
def test_a_market_that_uses_it_differs_if_it_does_nothing(
    busy_mapping: dict[str, Any], name: str
) -> None:
    kinds = installed()
    differences, *_ = first_differences(
        load_market(busy_mapping), 1, twins=kinds | {name: idle(kinds[name])}
    )
    assert differences, f"{name} does nothing here: let the busy market of tests/conftest.py use it"
