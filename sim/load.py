"""A market from whatever describes it: a preset's name, a file, a mapping."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.config import MarketConfig
from sim.layers import market as layered
from sim.strategy import Strategy
from sim.yamlfile import Mark, Tree, assign, validate

_HERE = Mark("<arguments>", 1, 1)


def load_market(
    source: MarketConfig | Mapping[str, Any] | str | os.PathLike[str],
    changes: Mapping[str, Any] | None = None,
) -> MarketConfig:
    """Return a checked market.

    Parameters
    ----------
    source
        A market, a mapping with the keys of one, a YAML file, or the name of a preset.
    changes
        Parameters to change, by dotted path.

    Raises
    ------
    sim.yamlfile.ConfigError
        With every mistake.
    """
    if isinstance(source, MarketConfig) and not changes:
        return source
    if isinstance(source, MarketConfig):
        tree = Tree(source.model_dump(mode="json"))
    elif isinstance(source, Mapping):
        if _has_strategies(source) and not changes:
            return MarketConfig.model_validate(source)
        tree = layered(Tree(_plain(source)))
    else:
        tree = layered(Tree({"use": str(Path(source))}))
    for path, value in (changes or {}).items():
        assign(tree, path, value, _HERE)
    return validate(MarketConfig, tree)


def _plain(value: Any) -> Any:
    if isinstance(value, Strategy):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _has_strategies(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_strategies(item) for item in value.values())
    return isinstance(value, Strategy)
