"""From the layers of a study file to markets that are known in full, with every mistake at once."""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from sim.config import layers
from sim.config.load import check
from sim.config.market import MarketConfig
from sim.config.yaml_file import ConfigError, Problem, Tree, validate

Market = Mapping[str, Any]
"""A resolved market: plain data in which every default is written out."""
MOST_ARMS = 1000
_STORED = ContextVar("_STORED", default=False)


class Stored(dict[str, Any]):
    """A market as a results folder has it: it was made once, and is only read about now."""


@contextlib.contextmanager
def as_stored() -> Iterator[None]:
    """Take the markets of a file as they are written, all of it: they were checked at the time.

    So they can be read where their files and strategies are not, and after rules have changed.
    """
    token = _STORED.set(True)
    try:
        yield
    finally:
        _STORED.reset(token)


def plain(config: MarketConfig) -> dict[str, Any]:
    """Return a market as plain data, with every default written out."""
    # Without serialize_as_any, a strategy would be cut down to what all strategies share.
    return config.model_dump(mode="python", serialize_as_any=True)


def base(tree: Tree) -> tuple[Tree | None, list[Problem]]:
    """Return the layers of the market that a study file names, not yet checked.

    Of a file in one market of an ensemble (`experiments.across.MemberTree`), with its values.
    """
    if not isinstance(tree.data.get("market"), dict):
        return None, []  # the model of the study complains
    try:
        return layers.market(tree, ("market",), between=getattr(tree, "member", None)), []
    except ConfigError as error:
        return None, error.problems


def resolve(tree: Tree) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Return the market that layers describe, or what is wrong with it."""
    if _STORED.get():
        return _stored(tree), []
    try:
        return plain(check(tree)), []
    except ConfigError as error:
        return None, error.problems


def _stored(tree: Tree) -> Stored:
    """Return a market as it is written; what has become a parameter since gets its default."""
    try:
        return Stored(loose(plain(validate(MarketConfig, tree))))
    except ConfigError:
        return Stored(loose(tree.data))


def loose(value: Any) -> Any:
    """Copy plain data, with lists in place of tuples, so that every part can be replaced."""
    if isinstance(value, dict):
        return {key: loose(item) for key, item in value.items()}
    return [loose(item) for item in value] if isinstance(value, list | tuple) else value


def changed(
    tree: Tree, key: str
) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]], list[Problem]]:
    """Resolve a study's market under each of the named changes written at `key`.

    A mistake in what they share is reported once. The shared market need not be complete by itself
    if every change completes it.

    Returns
    -------
    dict, dict, list
        The resolved market of each; the names of its brands, right or wrong; the mistakes.
    """
    shared_tree, problems = base(tree)
    given = tree.data.get(key)
    if shared_tree is None or not isinstance(given, dict):
        return {}, {}, problems
    if len(given) > MOST_ARMS:
        what = f"has {len(given):,} changes; at most {MOST_ARMS:,} can be held against each other"
        return {}, {}, [*problems, tree.problem((key,), what)]
    shared = resolve(shared_tree)[1]
    resolved: dict[str, dict[str, Any]] = {}
    brands: dict[str, list[str]] = {}
    found: dict[Problem, None] = {}
    for name, changes in given.items():
        if not isinstance(changes, dict | None):
            continue  # the model of the study has complained
        try:
            own = layers.over(shared_tree, tree, (key, name)) if changes else shared_tree
        except ConfigError as error:
            found |= dict.fromkeys(error.problems)
            continue
        market, problems = resolve(own)
        found |= dict.fromkeys(_attribute(f"{key}.{name}", problems, shared))
        brands[name] = brand_names(own)
        if market:
            resolved[name] = market
    return resolved, brands, list(found)


def brand_names(tree: Tree) -> list[str]:
    """Return the names of a market's brands, be the market right or wrong."""
    brands = tree.data.get("brands")
    return list(brands) if isinstance(brands, dict) else []


def _attribute(where: str, problems: list[Problem], shared: list[Problem]) -> Iterator[Problem]:
    """Put a name before the path of each mistake that is not the shared market's."""
    for problem in problems:
        if problem in shared:
            yield problem
        else:
            yield Problem(problem.mark, f"{where}.{problem.path}".rstrip("."), problem.what)
