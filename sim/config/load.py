"""A market from whatever describes it: a preset's name, a file, a mapping."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from sim.config import remarks
from sim.config.layers import change, is_file
from sim.config.layers import market as layered
from sim.config.market import MarketConfig
from sim.config.source_map import dotted
from sim.config.validation import explained
from sim.config.yaml_file import ConfigError, Mark, Problem, Tree, show, validate
from sim.strategies.interface import Strategy
from sim.ties.network import FromFile, build, ties
from sim.ties.network_file import read_network
from sim.transactions.log import read

_HERE = Mark("<arguments>", 1, 1)
_FILES = (("people", "entry", "log"), ("network", "file"))
_SMALL, _FEW = 200_000, 5_000_000
"""People, and ties, up to which a network is made once to see whether it can be."""


def load_market(
    source: MarketConfig | Mapping[str, Any] | str | os.PathLike[str],
    changes: Mapping[str, Any] | None = None,
) -> MarketConfig:
    """Return a checked market. What is extraordinary about it is said once (`sim.config.remarks`).

    Parameters
    ----------
    source
        A market, a mapping with the keys of one, a YAML file, or the name of a preset.
    changes
        Parameters to change: a dotted path sets, a nested mapping is merged.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        With every mistake.
    """
    if isinstance(source, MarketConfig) and not changes:
        remarks.tell(source)
        return source
    if isinstance(source, MarketConfig):
        tree = Tree(source.model_dump(mode="json"))
    elif isinstance(source, Mapping):
        if _has_strategies(source) and not changes:
            config = _as_given(source)
            remarks.tell(config)
            return config
        tree = layered(Tree(_plain(source)))
    else:
        tree = layered(Tree({"use": str(Path(source))}))
    own = _plain(changes or {})
    return check(change(tree, Tree(own, dict(_marks(own, ())))))


def _as_given(source: Mapping[str, Any]) -> MarketConfig:
    """Return the market of a mapping that holds strategies themselves, which no file can."""
    try:
        return MarketConfig.model_validate(source)
    except ValidationError as error:
        told = explained(error, MarketConfig, source)
        raise ConfigError(Problem(None, dotted(path), what) for path, what in told) from None


def check(tree: Tree) -> MarketConfig:
    """Return the market that a tree describes, once all that it names is there and can be made.

    What is extraordinary about it is said once, at file and line (`sim.config.remarks`).

    File names are taken from the file in which they stand, or from the current folder.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        With every mistake.
    """
    problems = [problem for path in _FILES if (problem := _locate(tree, path))]
    try:
        config = validate(MarketConfig, tree)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    entry = config.people.entry
    if entry.kind == "log":
        _try(tree, _FILES[0], lambda: read(entry))
    network, n = config.network, config.people.n
    if isinstance(network, FromFile):
        _try(tree, ("network",), lambda: read_network(network, n))
    if _is_quick(config):
        rng = np.random.default_rng(0)
        _try(tree, ("network",), lambda: build(network, n, rng))
    remarks.tell(config, tree)
    return config


def _is_quick(config: MarketConfig) -> bool:
    """Tell whether the network is made, or refused, in no time."""
    n = config.people.n
    wanted = ties(config.network, n)
    return n <= _SMALL and (wanted <= _FEW or wanted >= n * n)


def _try(tree: Tree, path: tuple[str, ...], make: Callable[[], object]) -> None:
    try:
        make()
    except ValueError as error:
        raise ConfigError([tree.problem(path, str(error))]) from None


def _locate(tree: Tree, path: tuple[str, ...]) -> Problem | None:
    """Make a file's name one that can be opened from here, or say that there is no such file."""
    here: Any = tree.data
    for part in path[:-1]:
        here = here.get(part) if isinstance(here, dict) else None
    name = here.get(path[-1]) if isinstance(here, dict) else None
    if not isinstance(name, str) or name.startswith("package:"):
        return None
    mark = tree.mark(path)
    beside = (Path(mark.file).parent if mark else Path()) / name
    if is_file(beside):
        here[path[-1]] = str(beside)
    elif not is_file(Path(name)):
        return tree.problem(
            path, f"there is no file {show(name)}, neither beside this one nor here"
        )
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Strategy):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _marks(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mark]]:
    """Yield the path of each piece of data, and that it is an argument."""
    yield path, _HERE
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from _marks(item, (*path, key))


def _has_strategies(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_strategies(item) for item in value.values())
    return isinstance(value, Strategy)
