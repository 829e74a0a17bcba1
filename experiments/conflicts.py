"""Where a study and the members of its ensemble meet: which value counts, and what does not fit."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments import markets
from experiments.choosing import Asked
from experiments.identity import config_hash
from sim.config import remarks
from sim.config.market import MarketConfig
from sim.config.paths import absent, expand
from sim.config.yaml_file import ConfigError, Problem, Tree

Keys = tuple[str, ...]
OWN = ("market", "set")
LAYERS = ("use", "set")
"""Keys of a market that say where the rest comes from."""


def settled(asked: Asked, tree: Tree) -> Asked:
    """Return an ensemble whose members have no free parameter that the study sets itself.

    What the study sets is remarked on, there and in its arms and factors.

    Parameters
    ----------
    asked
        The ensemble.
    tree
        The study file, without its ensemble.

    Raises
    ------
    ConfigError
        If the members set a parameter of what the study's market has not.
    """
    layered, _ = markets.base(tree)
    if layered is None or asked.choice.inline:
        return asked
    free = {path: _meant(layered.data, path) for path in asked.ensemble.free}
    if lacking := list(_not_in_market(asked, free, layered)):
        raise ConfigError(lacking)
    _remark_on_other_market(asked, tree)
    _remark_on_overridden(free, tree)
    fixed = set()
    for place, key in _set_by(tree):
        found = _meant(layered.data, key)
        for path in _overlapping(free, found):
            if _multiplies(tree, place, key):
                continue
            does = "is varied" if place[0] == "factors" else "counts"
            what = f"{does} in every market of the ensemble, whatever that has for {path}"
            remarks.say((*place, key), what, tree)
            if place == OWN and all(any(b[: len(a)] == a for a in found) for b in free[path]):
                fixed.add(path)
    members = tuple(
        replace(m, free={k: v for k, v in m.free.items() if k not in fixed}) for m in asked.members
    )
    return replace(asked, members=members)


def _not_in_market(
    asked: Asked, free: Mapping[str, list[Keys]], layered: Tree
) -> Iterator[Problem]:
    """Yield free parameters of a brand, a product or a strategy that the market has not.

    A member would add it to the market, and so to every arm.
    """
    for path, meant in free.items():
        for keys in meant:
            if lacking := absent(MarketConfig, layered.data, keys):
                what = f"the market of the study has no {'.'.join(map(str, lacking))}"
                what += ", and a market of the ensemble would add it to all arms"
                yield Problem(asked.ensemble.mark(path=path), path, what)
                break


def _remark_on_other_market(asked: Asked, tree: Tree) -> None:
    """Remark on an ensemble that was calibrated in another market than that of the study.

    What the study sets in its market is set on purpose. So the market that counts is the one that
    the study uses, with what the calibration set.
    """
    about, own = asked.ensemble.about, tree.data["market"]
    market, known = about.get("market"), about.get("market_hash")
    then = market if isinstance(market, dict) else {}
    was, now = then.get("use"), own.get("use")
    if then and isinstance(known, str):
        used = {"use": now} if now else {key: own[key] for key in own if key != "set"}
        member = {**(then.get("set") or {}), **asked.ensemble.members[0].set}
        laid = {**used, **{key: value for key, value in then.items() if key != "use"}}
        laid["set"] = member  # free parameters have a value in a member only
        here = _hash(Tree({"market": laid}, tree.marks))
        if here and here != known:
            what = (
                f"the ensemble was calibrated in another market ({was or 'in full'}, hash {known}; "
            )
            what += f"here {here}), or by another version: what it does not vary is taken from here"
            remarks.say(("market", "use") if now else ("market",), what, tree)
    elif isinstance(was, str) and isinstance(now, str) and Path(was).stem != Path(now).stem:
        remarks.say(("market", "use"), f"{now}; the ensemble was calibrated in {was}", tree)


def _hash(tree: Tree) -> str | None:
    """Return the identity of a market; nothing if it is none."""
    layered, _ = markets.base(tree)
    with remarks.silent():
        market = markets.resolve(layered)[0] if layered else None
    return config_hash(market) if market else None


def _multiplies(tree: Tree, place: Keys, key: str) -> bool:
    """Tell whether a study multiplies what each market of the ensemble has."""
    factor = tree.data["factors"][key] if place[0] == "factors" else None
    return isinstance(factor, Mapping) and factor.get("scale") is not None


def _remark_on_overridden(free: Mapping[str, list[Keys]], tree: Tree) -> None:
    """Remark on what a study writes beside the market that it uses, and the members set as well."""
    own = tree.data["market"]
    if own.get("use") is None:
        return
    for key in _paths({key: own[key] for key in own if key not in LAYERS}):
        keys = tuple(key.split("."))
        for path in _overlapping(free, [keys]):
            what = (
                f"each market of the ensemble has its own value of {path}; under `set` this counts"
            )
            remarks.say(("market", *keys), what, tree)


def _overlapping(free: Mapping[str, list[Keys]], found: list[Keys]) -> Iterator[str]:
    """Yield the free parameters that some paths lead to, into or above."""
    for path, meant in free.items():
        if any(a[: len(b)] == b or b[: len(a)] == a for a in found for b in meant):
            yield path


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
