"""Where a study sets what the members of its ensemble set too: the study's own word counts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments import markets
from experiments.choosing import Asked
from sim.config import remarks
from sim.config.paths import expand
from sim.config.yaml_file import Tree

Keys = tuple[str, ...]
OWN = ("market", "set")


def settled(asked: Asked, tree: Tree) -> Asked:
    """Return an ensemble whose members have no free parameter that the study sets itself.

    What the study sets is remarked on, there and in its arms and factors.

    Parameters
    ----------
    asked
        The ensemble.
    tree
        The study file, without its ensemble.
    """
    layered, _ = markets.base(tree)
    if layered is None or asked.choice.inline:
        return asked
    _elsewhere(asked, tree)
    free = {path: _meant(layered.data, path) for path in asked.ensemble.free}
    fixed = set()
    for place, key in _set_by(tree):
        for path, meant in free.items():
            found = _meant(layered.data, key)
            if not any(_touch(a, b) for a in found for b in meant):
                continue
            does = "is varied" if place[0] == "factors" else "counts"
            what = f"{does} in every market of the ensemble, whatever that has for {path}"
            remarks.say((*place, key), what, tree)
            if place == OWN and all(any(b[: len(a)] == a for a in found) for b in meant):
                fixed.add(path)
    members = tuple(
        replace(m, free={k: v for k, v in m.free.items() if k not in fixed}) for m in asked.members
    )
    return replace(asked, members=members)


def _elsewhere(asked: Asked, tree: Tree) -> None:
    """Remark on an ensemble that was calibrated in another market than that of the study."""
    market = asked.ensemble.about.get("market")
    then = market.get("use") if isinstance(market, dict) else None
    now = tree.data["market"].get("use")
    if isinstance(then, str) and isinstance(now, str) and Path(then).stem != Path(now).stem:
        remarks.say(("market", "use"), f"{now}; the ensemble was calibrated in {then}", tree)


def _set_by(tree: Tree) -> Iterator[tuple[Keys, str]]:
    """Yield where a study sets a parameter, and its path."""
    market = tree.data.get("market")
    yield from ((OWN, key) for key in _paths(market.get("set") if isinstance(market, dict) else {}))
    arms = tree.data.get("arms")
    for name, changes in arms.items() if isinstance(arms, dict) else ():
        yield from ((("arms", str(name)), key) for key in _paths(changes))
    factors = tree.data.get("factors")
    yield from ((("factors",), key) for key in (factors if isinstance(factors, dict) else {}))


def _paths(changes: Any, above: str = "") -> Iterator[str]:
    """Yield the dotted paths of changes; below a dotted key a value is set as a whole."""
    for key, value in changes.items() if isinstance(changes, Mapping) else ():
        path = f"{above}{key}"
        if "." not in str(key) and isinstance(value, Mapping) and value:
            yield from _paths(value, f"{path}.")
        else:
            yield path


def _meant(data: Any, path: str) -> list[Keys]:
    try:
        return [tuple(one.split(".")) for one in expand(data, path)]
    except ValueError:
        return []


def _touch(a: Keys, b: Keys) -> bool:
    return a[: len(b)] == b or b[: len(a)] == a
