"""Deliberate errors, one at a time, in the source of a module.

A mutant is a module's function with one thing changed: an operator, a comparison, a condition, a
number, or a statement left out. (DeMillo, Lipton and Sayward 1978, "Hints on test data selection".)

Two things are left alone: how much room a table must have (if more is asked for it grows early, and
with too little the program stops), and the borrowing of the world (which is for compiled code
only). What is known to change no market is in `equivalent.tsv`, each with the reason.
"""

import ast
import copy
import importlib
import linecache
import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
_RULES = re.compile(r"^@(rule|kernel)$", re.MULTILINE)
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for folder in ("sim/people", "sim/mechanisms")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if _RULES.search(file.read_text(encoding="utf-8"))
]
MODULES += ["sim.accruals", "sim.books"]
_ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_ROOM = re.compile(
    r"(size|\)) - w\.tally\[0\]|tally\[0\]\.\w+ \+ 1 >= |has_capacity\(w\)|_free == 0"
)

TABLE = Path(__file__).with_name("equivalent.tsv")
_ROWS = TABLE.read_text(encoding="utf-8").splitlines()[1:]
_EQUIVALENT = {tuple(row.split("\t")[:4]) for row in _ROWS}


class Mutant(NamedTuple):
    """One deliberate error.

    Attributes
    ----------
    path : tuple of str
        Name of the function, below that of its class if it has one.
    line : int
        Line of the source.
    what : str
        What was changed into what.
    code : code
        Of the changed function.
    """

    path: tuple[str, ...]
    line: int
    what: str
    code: CodeType


def source(module: str) -> Path:
    """Return the source file of a module."""
    return Path(importlib.import_module(module).__file__ or "")


def function_of(module: str, path: tuple[str, ...]) -> FunctionType:
    """Return a function or method of a module; of a property the function that gets it."""
    found: Any = importlib.import_module(module)
    for name in path:
        found = found.__dict__[name] if isinstance(found, type) else getattr(found, name)
    return found.fget if isinstance(found, property) else found


def mutants(file: Path) -> Iterator[Mutant]:
    """Yield every mutant of the functions and methods of a source file."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    for path, function in _functions(module.body, ()):
        for line, what, changed in _changes(function):
            yield Mutant((*path, function.name), line, what, _compiled(changed, file))


def equivalent(module: str, mutant: Mutant) -> bool:
    """Tell whether a mutant is known to change no market."""
    line = linecache.getline(str(source(module)), mutant.line).strip()
    return (module, ".".join(mutant.path), line, " ".join(mutant.what.split())) in _EQUIVALENT


def _functions(
    body: list[ast.stmt], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, (*path, node.name))
        elif isinstance(node, ast.FunctionDef):
            yield path, node


def _compiled(function: ast.FunctionDef, file: Path) -> CodeType:
    bare = copy.copy(function)
    bare.decorator_list = []
    tree = ast.fix_missing_locations(ast.Module([bare], []))
    code = compile(tree, str(file), "exec")
    return next(part for part in code.co_consts if isinstance(part, CodeType))


def _changes(function: ast.FunctionDef) -> Iterator[tuple[int, str, ast.FunctionDef]]:
    """Yield line, description and changed copy for everything in a function that can be changed."""
    count = sum(1 for _ in ast.walk(function))
    alone = _left_alone(function)
    for place in range(count):
        node = _nth(function, place)
        if getattr(node, "lineno", 0) in alone:
            continue
        for variant in range(_variants(node)):
            changed = copy.deepcopy(function)
            target = _nth(changed, place)
            before = ast.unparse(target.test if isinstance(target, ast.If | ast.While) else target)
            after = _change(changed, target, variant)
            if after is not None:
                # of a condition of several lines, the line of the if itself is never stopped at
                at = node.test if isinstance(node, ast.If | ast.While) else node
                what = f"{before} -> {after}{_within(function, node)}"
                yield getattr(at, "lineno", function.lineno), what, changed


def _left_alone(function: ast.FunctionDef) -> set[int]:
    """Return the lines that look whether a table has room, what follows if not, and borrowings."""
    if function.name == "has_capacity":
        return set(range(function.lineno, (function.end_lineno or 0) + 1))
    lines: set[int] = set()
    for node in ast.walk(function):
        asks = isinstance(node, ast.If) and _ROOM.search(ast.unparse(node.test))
        if asks or (isinstance(node, ast.Assign) and ast.unparse(node) == "w = borrow(w)"):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def _nth(function: ast.FunctionDef, place: int) -> ast.AST:
    for k, node in enumerate(ast.walk(function)):
        if k == place:
            return node
    raise IndexError(place)


def _within(function: ast.FunctionDef, node: ast.AST) -> str:
    # a number alone does not say which of a line it is
    if not isinstance(node, ast.Constant):
        return ""
    around = [each for each in ast.walk(function) if node in ast.iter_child_nodes(each)]
    return f" in {ast.unparse(around[0])}" if isinstance(around[0], ast.expr) else ""


def _variants(node: ast.AST) -> int:
    match node:
        case ast.Compare(ops=ops):
            return sum(len(_COMPARISONS.get(type(op), ())) for op in ops)
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            deletable = isinstance(node, ast.AugAssign)
            return (type(op) in _ARITHMETIC) + deletable
        case ast.Constant(value=value) if isinstance(value, int | float):
            return 1
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not() | ast.USub()) | ast.If() | ast.While():
            return 1
        case ast.IfExp() | ast.Assign() | ast.Continue() | ast.Break():
            return 1
        case ast.Expr(value=ast.Call()):
            return 1
        case ast.Call(func=ast.Name(id="min" | "max")):
            return 1
    return 0


def _change(function: ast.FunctionDef, node: ast.AST, variant: int) -> str | None:
    """Change a node of a function in place and say into what; None if it cannot be."""
    match node:
        case ast.Compare(ops=ops):
            others = [(k, _COMPARISONS.get(type(op), ())) for k, op in enumerate(ops)]
            place, other = [(k, new) for k, every in others for new in every][variant]
            ops[place] = other()
        case ast.AugAssign(op=op) if variant == 0 and type(op) in _ARITHMETIC:
            node.op = _ARITHMETIC[type(op)]()
        case ast.BinOp(op=op):
            node.op = _ARITHMETIC[type(op)]()
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=value):
            node.value = value + 1
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return _replace(function, node, node.operand)
        case ast.If() | ast.While() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return f"not ({ast.unparse(node.test.operand)})"
        case ast.Call(func=ast.Name(id=name)) if name in ("min", "max"):
            node.func = ast.Name("max" if name == "min" else "min", ast.Load())
        case ast.stmt():
            _replace(function, node, ast.Pass())
            return "left out"
        case _:
            return None
    return ast.unparse(node)


def _replace(function: ast.FunctionDef, old: ast.AST, new: ast.AST) -> str:
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])
    return ast.unparse(new)
