"""Which mechanisms a strategy may use, from its sources: before a run, and on the safe side.

A brand uses a mechanism whose terms a strategy sets, or whose touches it sends. So a strategy may
use the mechanisms that it imports, those whose terms it names, and those that give a meaning to a
content of touches (`Does`) that it names. Where its sources do not tell, it may use all.
"""

import ast
import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sim.mechanisms import Mechanism
from sim.mechanisms.declarations import names_read
from sim.strategies.interface import Does


class Need(NamedTuple):
    """What some code depends on.

    Attributes
    ----------
    found
        A hash for each file, a version for each library.
    modules
        Names of modules that it imports, or may.
    texts
        Its sources, and those of all that it imports beside the engine.
    is_all_seen
        Whether its sources say all that it does.
    """

    found: Mapping[str, str]
    modules: frozenset[str]
    texts: tuple[str, ...]
    is_all_seen: bool


NONE = Need({}, frozenset(), (), True)


def may_use(need: Need, mechanism: Mechanism) -> bool:
    """Tell whether code may use a mechanism."""
    if not need.is_all_seen:
        return True
    package = mechanism.package.__name__
    folder = package.replace(".", "/")
    if any(_is_in(name, package, ".") for name in need.modules):
        return True
    if any(_is_in(label, folder, "/") for label in need.found):
        return True
    said = [_said(text) for text in need.texts]
    terms = names_read(mechanism)
    return any(one.verbs & mechanism.verbs or one.names & terms for one in said)


def _is_in(name: str, whole: str, between: str) -> bool:
    return name == whole or name.startswith(whole + between)


class _Said(NamedTuple):
    """Names in a source, and what its touches may be about, as flags of `Does`."""

    names: frozenset[str]
    verbs: int


@functools.lru_cache(maxsize=1024)
def _said(text: str) -> _Said:
    """Read a source; if it does not say plainly which touches it sends, they may be any."""
    nodes = list(ast.walk(ast.parse(text)))
    names = {name for node in nodes for name in _names(node)}
    told = {id(inner) for node in nodes for inner in _annotation(node)}
    verbs = 0
    for node in nodes:
        if (said := _flags(node)) is not None:
            told.add(id(said[0]))
            verbs |= said[1]
    in_doubt = any((_is_does(node) and id(node) not in told) or _adds(node) for node in nodes)
    return _Said(frozenset(names), int(sum(Does)) if in_doubt else verbs)


def _flags(node: ast.AST) -> tuple[ast.AST, int] | None:
    """Return where a node takes `Does`, and which flags: of `Does.SELL` or `Does(128)`."""
    if isinstance(node, ast.Attribute) and _is_does(node.value) and node.attr in Does.__members__:
        return node.value, int(Does[node.attr])
    if isinstance(node, ast.Call) and _is_does(node.func) and len(node.args) == 1:
        number = getattr(node.args[0], "value", None)
        return (node.func, number) if isinstance(number, int) else None
    return None


def _adds(node: ast.AST) -> bool:
    """Tell where something may be added to a content that is read, as in `touch.does | 64`."""
    if not isinstance(node, ast.BinOp | ast.AugAssign) or isinstance(node.op, ast.BitAnd):
        return False
    return any(getattr(part, "attr", "") == "does" for part in ast.iter_child_nodes(node))


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.alias):
        return [node.name]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _annotation(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all that is in an annotation, or the type of what a function returns."""
    for kind in ("annotation", "returns"):
        if isinstance(said := getattr(node, kind, None), ast.AST):
            yield from ast.walk(said)


def _is_does(node: ast.AST) -> bool:
    """Tell where a source takes `Does`, or may."""
    renamed = isinstance(node, ast.alias) and node.asname is not None
    return (renamed or not isinstance(node, ast.alias)) and Does.__name__ in _names(node)
