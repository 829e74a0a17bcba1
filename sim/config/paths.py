"""Paths of parameters: where they lead although nobody has written it, and what may be meant.

A file names few parameters; the others have their defaults. A path may lead into one of these
(`behaviour.dropout.propensity.a`): the default is then written out, so that the rest of it stays.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from sim.config.renamed import renamed
from sim.config.source_map import KINDS, Path, bare, nearest
from sim.config.validation import members, tags
from sim.strategies.interface import Strategy, strategies

ALL = "*"
MOST = 3
"""So many paths are suggested at most."""


def expand(data: Any, dotted: str) -> Iterator[str]:
    """Yield the paths that a dotted path means in `data`, where `*` stands for every key.

    Raises
    ------
    ValueError
        If there is nothing that it could stand for.
    """
    parts = dotted.split(".")
    if ALL not in parts:
        yield dotted
        return
    at = parts.index(ALL)
    here = data
    for part in parts[:at]:
        here = _at(here, part)
    keys = list(here) if isinstance(here, dict) else range(len(here or ()))
    if not keys:
        raise ValueError(nothing_for(ALL))
    for key in keys:
        yield from expand(data, ".".join([*parts[:at], str(key), *parts[at + 1 :]]))


def nothing_for(part: str) -> str:
    """Say that a part of a path stands for nothing."""
    return f"there is nothing in the market that {part!r} could stand for"


def write_out(model: type[BaseModel], data: dict[str, Any], path: Path, value: Any) -> list[Path]:
    """Write out the defaults that a path leads into, in place, before a value is set there.

    A path that ends in the `kind` or `dist` that tells the members of a union apart may ask for
    another member: nothing of the old one stays.

    Parameters
    ----------
    model
        What the data are to satisfy.
    data
        Mappings, lists and scalars, as a file has them.
    path
        The keys; what they lead to need not be there.
    value
        What is to be set.

    Returns
    -------
    list
        The paths that have been written.
    """
    written: list[Path] = []
    annotation: Any = model
    here: Any = data
    above: Any = None
    for k, key in enumerate(path[:-1]):
        if isinstance(here, dict) and here.get(str(key)) is None:
            here[str(key)] = _default(_member(annotation, here), key)
            written.append(path[: k + 1])
        annotation, above, here = _below(annotation, here, key), here, _at(here, key)
    same = isinstance(here, dict) and here.get(path[-1]) == value
    if path[-1] in tags(annotation) and isinstance(above, dict) and not same:
        above[path[-2]] = {}
        written.append(path[:-1])
    return written


def write_out_below(model: type[BaseModel], data: dict[str, Any], changes: Any) -> None:
    """Write out the defaults that nested changes lead into; what names its kind is whole."""
    for path in _leaves(changes, ()):
        for end in range(2, len(path) + 1):
            within = _follow(changes, path[: end - 1])
            if any(tag in within for tag in KINDS):
                break
            write_out(model, data, path[:end], None)


def _leaves(changes: Any, path: Path) -> Iterator[Path]:
    if not isinstance(changes, dict) or not changes:
        yield path
        return
    for key, value in changes.items():
        yield from _leaves(value, (*path, key))


def _follow(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _at(here: Any, key: str | int) -> Any:
    if isinstance(here, list):
        inside = str(key).isdecimal() and int(key) < len(here)
        return here[int(key)] if inside else None
    return here.get(key) if isinstance(here, dict) else None


def absent(model: type[BaseModel], data: Mapping[str, Any], path: Path) -> Path | None:
    """Return the first part of a path that leads to what has a name of its own, and is not there.

    Brands, products and strategies have names. To set a parameter of one that is not there would
    add it; a parameter that is not there is only at its default.
    """
    annotation: Any = model
    here: Any = data
    for k, key in enumerate(path):
        is_named = any(get_origin(one) is dict for one in members(annotation))
        if is_named and _at(here, key) is None:
            return path[: k + 1]
        owner, below = _member(annotation, here), _at(here, key)
        annotation = _below(annotation, here, key)
        here = _default(owner, key) if below is None else below
    return None


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [m for m in members(annotation) if isinstance(m, type) and issubclass(m, BaseModel)]


def _member(annotation: Any, here: Any) -> type[BaseModel] | None:
    """Return the model that `here` is written for; of a union, the member that it names."""
    models = _models(annotation)
    for tag in tags(annotation):
        named = here.get(tag) if isinstance(here, dict) else None
        models = [m for m in models if named in get_args(m.model_fields[tag].annotation)]
    return models[0] if models else None


def _below(annotation: Any, here: Any, key: str | int) -> Any:
    """Return what is to be at a key of `here`; None if that is not known."""
    if owner := _member(annotation, here):
        field = owner.model_fields.get(str(key))
        return field.annotation if field else None
    for one in members(annotation):
        origin, args = get_origin(one), get_args(one)
        if origin is dict:
            return strategies().get(str(key)) if Strategy in members(args[1]) else args[1]
        if origin in (list, tuple):
            return args[0]
    return None


def _default(owner: type[BaseModel] | None, key: str | int) -> Any:
    """Return the default of a parameter as a file has it; an empty mapping if it has none.

    Of parameters that all are at their defaults nothing is written out, since nobody gave them.
    """
    field = owner.model_fields.get(str(key)) if owner else None
    if field is None or field.is_required():
        return {}
    default = field.get_default(call_default_factory=True)
    plain = isinstance(default, BaseModel) and not tags(field.annotation)
    if default is None or (plain and not default.model_fields_set):
        return {}
    return to_jsonable_python(default)


# -- what may be meant ----------------------------------------------------------------------------


def unknown(model: type[BaseModel], data: Mapping[str, Any], dotted: str) -> str | None:
    """Say what may be meant by a path whose first key is no parameter; None if it is one."""
    first = dotted.split(".", maxsplit=1)[0]
    if first in model.model_fields:
        return None
    if now := renamed((first,)):
        return now
    if bare(first) in ("seed", "randomseed", "randomstate", "rngseed", "rng"):
        return (
            "is no parameter of a market; the seed of a run is `rng` in Python, as in "
            "Market(rng=3), and `replicates.seed` in a study file"
        )
    known = list(_paths(model, data, ()))
    meant = [path for path in known if bare(path).endswith("." + bare(dotted))]
    if not meant and (near := nearest(dotted, known) or nearest(first, model.model_fields)):
        meant = [near]
    if not meant:
        ends = {path.rsplit(".", 1)[-1] for path in known}
        near = nearest(dotted.rsplit(".", 1)[-1], ends)
        meant = [path for path in known if near and path.endswith("." + near)]
    what = "is no parameter of a market"
    if meant:
        others = f", or {len(meant) - MOST} others like it" if len(meant) > MOST else ""
        return f"{what}; did you mean {' or '.join(map(repr, meant[:MOST]))}{others}?"
    return f"{what}; it has {', '.join(model.model_fields)}"


def _paths(annotation: Any, here: Any, way: Path) -> Iterator[str]:
    """Yield the dotted paths of all parameters, with the names of categories and brands there."""
    if len(way) > 0:
        yield ".".join(map(str, way))
    for model in _models(annotation):
        for name, field in model.model_fields.items():
            yield from _paths(field.annotation, _at(here, name), (*way, name))
    if isinstance(here, dict) and not _models(annotation):
        for name, value in here.items():
            yield from _paths(_below(annotation, here, name), value, (*way, name))
