"""The structure of the code: what may import what, and how long a file and a function may be."""

import ast
from pathlib import Path

import pytest

from sim.mechanisms.declarations import behaviour, growing, relationship_tables, terms
from sim.term_tables import names_of

ROOT = Path(__file__).parents[2]
SIM = sorted((ROOT / "sim").rglob("*.py"))
ALL = sorted(
    file
    for folder in ("sim", "experiments", "tests", "benchmarks")
    for file in (ROOT / folder).rglob("*.py")
)
MECHANISMS = sorted(
    folder.parent.name for folder in (ROOT / "sim/mechanisms").glob("*/__init__.py")
)
MOST_LINES, MOST_IN_A_FUNCTION = 400, 60
pytestmark = pytest.mark.quick


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {module_of(file) for file in SIM}


def imports(file: Path) -> set[str]:
    """Modules that a file imports when it is itself imported, type checking aside."""
    found = set()
    for node in top_level(ast.parse(file.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in KNOWN else node.module for name in names}
    return found


def top_level(body):
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from top_level(node.body)
            yield from top_level(node.orelse)


GRAPH = {module_of(file): imports(file) & KNOWN for file in SIM}


def test_no_circle_of_imports():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for other in sorted(GRAPH[module]):
                visit(other, (*path, module))
            done.add(module)

    for module in GRAPH:
        visit(module, ())


@pytest.mark.parametrize("file", SIM, ids=module_of)
def test_sim_knows_nothing_of_experiments(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.split(".")[0] == "experiments" for name in names)


def test_the_engine_knows_nothing_of_the_market():
    for module, others in GRAPH.items():
        if module.startswith("sim.engine"):
            assert all(other.startswith("sim.engine") for other in others), module


def test_only_the_engine_compiles():
    """Numba's own cache would not see a change in another file."""
    others = [file for file in SIM if file.name != "kernels.py"]
    assert not [file.name for file in others if "njit" in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_only_its_own_folder_imports_a_mechanism(mechanism):
    package = f"sim.mechanisms.{mechanism}"
    for module, others in GRAPH.items():
        if not module.startswith((package, "sim.strategies")):
            assert not any(other.startswith(package) for other in others), module


CORE = [
    file for file in SIM if not module_of(file).startswith(("sim.mechanisms.", "sim.strategies."))
]
OWN = {
    *(name for term in terms() for name in names_of(term)),
    *relationship_tables(),
    *growing(),
    *(
        f"{group}_{name}"
        for declared in behaviour()
        for group, rules in declared.items()
        for name in rules.model_fields
    ),
}
"""Tables and parameters that mechanisms declare."""


@pytest.mark.parametrize("file", CORE, ids=module_of)
def test_the_core_names_no_table_and_no_parameter_of_a_mechanism(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            of = ast.unparse(node.value).rpartition(".")[2]
            mine = of in ("w", "world", "_world", "rules", "rules[0]", "tally[0]", "limits[0]")
            assert not (mine and node.attr.removesuffix("_due") in OWN), ast.unparse(node)


@pytest.mark.parametrize("file", ALL, ids=module_of)
def test_files_and_functions_are_short(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MOST_IN_A_FUNCTION, f"{node.name} has {lines} lines"
