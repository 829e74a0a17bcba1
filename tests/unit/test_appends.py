"""Room in growing tables: what rules append is what is declared, and kernels ask for it before.

Found by walking the syntax trees: which tables a rule appends to, itself or through the rules that
it calls. Where a rule calls a hook the walk ends, since what mechanisms append there is theirs to
declare.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sim import tables
from sim.growth import GROWING
from sim.hooks import HOOKS
from sim.mechanisms import installed

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "sim").rglob("*.py"))
CORE = "the core"
pytestmark = pytest.mark.quick


class Function(NamedTuple):
    """A rule or kernel: the module that defines it, and its syntax tree."""

    module: str
    tree: ast.FunctionDef

    @property
    def kernel(self) -> bool:
        return any(ast.unparse(d) == "kernel" for d in self.tree.decorator_list)


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def owner_of(module: str) -> str:
    """Return the mechanism that a module belongs to."""
    for mechanism in installed():
        if module.startswith(mechanism.package.__name__ + "."):
            return mechanism.name
    return CORE


def functions(file: Path) -> Iterator[Function]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        decorators = {ast.unparse(d) for d in getattr(node, "decorator_list", [])}
        if isinstance(node, ast.FunctionDef) and decorators & {"rule", "kernel"}:
            yield Function(module_of(file), node)


ALL = {(f.module, f.tree.name): f for file in FILES for f in functions(file)}
KERNELS = [f for f in ALL.values() if f.kernel]


def called(function: Function) -> Iterator[str | Function]:
    """Yield the rules that a rule calls; a hook by its name."""
    space = vars(importlib.import_module(function.module))
    for node in ast.walk(function.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            what = space.get(node.func.id)
            if node.func.id in HOOKS and what is HOOKS[node.func.id].caller:
                yield node.func.id
            elif what is not None:
                plain = getattr(what, "py_func", what)
                name = getattr(plain, "__module__", ""), getattr(plain, "__name__", "")
                if name in ALL:
                    yield ALL[name]


def reached(start: Function, through_hooks: bool = False) -> list[Function]:
    """Return all rules that a rule leads to, itself among them."""
    found, waiting = [start], [start]
    while waiting:
        for one in called(waiting.pop()):
            new = answers(one) * through_hooks if isinstance(one, str) else [one]
            new = [f for f in new if f not in found]
            found += new
            waiting += new
    return found


def answers(hook: str) -> list[Function]:
    modules = [mechanism.module("rules").__name__ for mechanism in installed()]
    return [ALL[module, hook] for module in modules if (module, hook) in ALL]


def appends(function: Function) -> set[str]:
    """Return the tables whose tally a rule itself raises; of touches it lowers that of the free."""
    found = set()
    for node in ast.walk(function.tree):
        if isinstance(node, ast.AugAssign):
            tally, _, name = ast.unparse(node.target).rpartition(".")
            if tally == "w.tally[0]" and isinstance(node.op, ast.Add) and name in GROWING:
                found.add(name)
            if tally == "w.tally[0]" and isinstance(node.op, ast.Sub) and name == "touches_free":
                found.add(tables.TOUCHES)
    return found


def entries(owner: str) -> list[Function]:
    """Return where an owner's code is entered: its kernels, and its answers to hooks."""
    own = [f for f in KERNELS if owner_of(f.module) == owner]
    return own + [f for hook in HOOKS for f in answers(hook) if owner_of(f.module) == owner]


def appended_by(owner: str) -> set[str]:
    rules = [rule for entry in entries(owner) for rule in reached(entry)]
    return {name for rule in rules for name in appends(rule)}


DECLARED = {CORE: set(tables.APPENDS)} | {
    mechanism.name: set(getattr(mechanism.package, "APPENDS", {})) for mechanism in installed()
}


@pytest.mark.parametrize("owner", DECLARED)
def test_what_is_appended_is_what_is_declared(owner):
    assert appended_by(owner) == DECLARED[owner]


def test_the_walk_finds_every_place_that_appends():
    """Otherwise the test above could not fail where it should."""
    places = [f for f in ALL.values() if appends(f)]
    assert {name for f in places for name in appends(f)} == {*GROWING, tables.TOUCHES}
    assert len(KERNELS) > 12
    everywhere = [f for kernel in KERNELS for f in reached(kernel, through_hooks=True)]
    assert all(place in everywhere for place in places)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda f: f"{f.module}.{f.tree.name}")
def test_a_kernel_that_appends_asks_for_room_before_each_row(kernel):
    needs = any(appends(f) for f in reached(kernel, through_hooks=True))
    loops = [n for n in ast.walk(kernel.tree) if isinstance(n, ast.For | ast.While)]
    asks = [
        loop for loop in loops if ast.unparse(loop.body[0]).startswith("if not has_capacity(w)")
    ]
    assert bool(asks) == needs
