"""Markets in layers: a named market, a file's own changes, an arm's changes.

Every value keeps the file and line that it came from, through all layers.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import sim
from sim.config.market import MarketConfig
from sim.config.paths import expand, unknown, write_out, write_out_below
from sim.config.source_map import KINDS
from sim.config.yaml_file import (
    ConfigError,
    Mark,
    Problem,
    Tree,
    assign,
    merge,
    nearest,
    read,
    show,
)

KeyPath = tuple[str | int, ...]
MAX_LAYERS = 16
MAX_CHANGES = 1000


def subtree(tree: Tree, path: KeyPath) -> Tree:
    """Return the mapping at `path` as a tree of its own, with its marks."""
    data: Any = tree.data
    for part in path:
        data = data[part]
    marks = {p[len(path) :]: mark for p, mark in tree.marks.items() if p[: len(path)] == path}
    return Tree(data, marks)


def market(
    tree: Tree, path: KeyPath = (), above: tuple[Path, ...] = (), between: Tree | None = None
) -> Tree:
    """Return the market written at `path`: what it uses, then its own keys, then what it sets.

    Parameters
    ----------
    tree, path
        The file, and where in it.
    above
        The files that use this one.
    between
        Changes that lie below what is set and above all the rest.

    Raises
    ------
    ConfigError
        If a layer cannot be found, or a path cannot be set.
    """
    own = subtree(tree, path)
    use, setting = own.data.get("use"), own.data.get("set")
    _check(own, use, setting, len(above))
    rest = {key: value for key, value in own.data.items() if key not in ("use", "set")}
    marks = {p: mark for p, mark in own.marks.items() if p[:1] not in (("use",), ("set",))}
    result = Tree(rest, marks)
    if use is not None:
        result = _merged(_used(own, use, above), result)
    if between is not None:
        result = change(result, between)
    if setting:
        result = over(result, own, ("set",))
    return result


def _check(own: Tree, use: Any, setting: Any, depth: int) -> None:
    problems = []
    if use is not None and not isinstance(use, str):
        problems.append(own.problem(("use",), f"must be a market's name or path (got {show(use)})"))
    if setting is not None and not isinstance(setting, dict):
        what = f"must be a mapping of dotted paths to values (got {show(setting)})"
        problems.append(own.problem(("set",), what))
    if depth > MAX_LAYERS:
        problems.append(own.problem(("use",), f"more than {MAX_LAYERS} layers"))
    if problems:
        raise ConfigError(problems)


def _used(own: Tree, use: str, above: tuple[Path, ...]) -> Tree:
    mark = own.mark(("use",))
    file = find(use, Path(mark.file).parent if mark else Path())
    if file is None:
        known = presets()
        near = nearest(use, known)
        what = f"there is no market {show(use)}" + (f"; did you mean '{near}'?" if near else "")
        what += f"; a path to a file, or one of: {', '.join(known)}"
        raise ConfigError([Problem(mark, "use", what)])
    if file.resolve() in above:
        raise ConfigError([Problem(mark, "use", f"goes in a circle: {file} is used by itself")])
    below = read(file)
    inside = "study" in below.data and isinstance(below.data.get("market"), dict)
    return market(below, ("market",) if inside else (), (*above, file.resolve()))


def find(use: str, near: Path) -> Path | None:
    """Return the file of a market: a path seen from `near` or from here, or a preset's name."""
    for candidate in (near / use, Path(use)):
        if is_file(candidate):
            return candidate
    return presets().get(use)


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def presets() -> dict[str, Path]:
    """Return the markets that come with the program, by name."""
    root = Path(sim.__path__[0])
    # Installed, configs/ lies inside the package; in a checkout, beside it.
    for folder in (root / "configs", root.parent / "configs"):
        if (folder / "markets").is_dir():
            files = [*folder.glob("markets/*.yaml"), *folder.glob("limits/*.yaml")]
            return {path.stem: path for path in sorted(files)}
    return {}


def over(base: Tree, tree: Tree, path: KeyPath) -> Tree:
    """Lay the changes written at `path` over `base`: dotted keys set, nested mappings merge.

    Raises
    ------
    ConfigError
        With every path that cannot be set.
    """
    changes = subtree(tree, path)
    if len(changes.data) > MAX_CHANGES:
        raise ConfigError([tree.problem(path, f"changes more than {MAX_CHANGES} parameters")])
    try:
        return change(base, changes)
    except ConfigError as error:
        where = ".".join(str(part) for part in path)
        named = (Problem(p.mark, f"{where}.{p.path}".strip("."), p.what) for p in error.problems)
        raise ConfigError(named) from None


def change(base: Tree, changes: Tree) -> Tree:
    """Return a market with changes: dotted keys set, nested mappings merge.

    Where a path leads into parameters that are at their defaults, the rest of these stays.

    Raises
    ------
    ConfigError
        With every path that cannot be set.
    """
    nested = {k: v for k, v in changes.data.items() if _merges(k, v)}
    marks = {p: mark for p, mark in changes.marks.items() if p and p[0] in nested}
    result = _merged(base, Tree(nested, marks))
    problems: list[Problem] = []
    for key in sorted(changes.data, key=_kinds_first(changes.data)):
        if what := unknown(MarketConfig, base.data, key):
            problems.append(Problem(changes.mark((key,)), key, what))
        elif key not in nested:
            try:
                _set(result, changes, key, changes.data[key])
            except ConfigError as error:
                problems += error.problems
    if problems:
        raise ConfigError(problems)
    return result


def _kinds_first(keys: Iterable[str]) -> Callable[[str], tuple[bool, int]]:
    """Order paths as written, but first those that say which parameters there are."""
    order = {key: k for k, key in enumerate(keys)}
    return lambda key: (key.rsplit(".", 1)[-1] not in KINDS, order[key])


def _merged(base: Tree, above: Tree) -> Tree:
    base = Tree(deepcopy(base.data), base.marks)
    write_out_below(MarketConfig, base.data, above.data)
    return merge(base, above)


def _merges(key: str, value: Any) -> bool:
    return "." not in key and isinstance(value, dict)


def _set(result: Tree, changes: Tree, key: str, value: Any) -> None:
    """Set all that a dotted path means, and keep the positions of everything below it."""
    mark = changes.mark((key,)) or Mark("", 0, 0)
    try:
        paths = list(expand(result.data, key))
    except ValueError as error:
        raise ConfigError([Problem(mark, key, str(error))]) from None
    for path in paths:
        if all(path.split(".")):
            written = write_out(MarketConfig, result.data, tuple(path.split(".")), value)
            result.marks |= dict.fromkeys(written, mark)
        assign(result, path, value, mark)
        target = _target(result.data, path)
        for below, place in changes.marks.items():
            if below[:1] == (key,) and len(below) > 1:
                result.marks[(*target, *below[1:])] = place


def _target(data: Any, key: str) -> KeyPath:
    """Return the path that a dotted key means in `data`, where numbers step into lists."""
    path: list[str | int] = []
    for part in key.split("."):
        path.append(int(part) if isinstance(data, list) else part)
        data = data[path[-1]]
    return tuple(path)


def difference(base: Mapping[str, Any], other: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return the dotted paths to set in `base` so that it becomes `other`."""
    if path and list(base) != list(other)[: len(base)]:
        return {path: dict(other)}  # keys were taken out or moved, which no path can say
    changes: dict[str, Any] = {}
    for key, value in other.items():
        dotted = f"{path}.{key}" if path else key
        old = base.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and value:
            changes |= difference(old, value, dotted)
        elif key not in base or old != value or type(old) is not type(value):
            changes[dotted] = value
    return changes
