"""Hold data against a pydantic model, and put what pydantic says in words a user can act on.

One line for each mistake, at the place in the file, without pydantic's own names: unions are
folded into one line, unknown keys come with the nearest one known.
"""

import json
import math
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.config.renamed import renamed
from sim.config.source_map import ConfigError, Path, Tree, nearest, show

ModelT = TypeVar("ModelT", bound=BaseModel)

MAX_ALLOWED_LISTED = 12
MAX_DESCRIBED = 500
_ABSENT: Any = object()


def validate(model: type[ModelT], tree: Tree) -> ModelT:
    """Build `model` from `tree`, or say everything that is wrong with it.

    Values are taken as written: text is never read as a number, nor a number as a truth value.
    A number without a fraction counts as whole, so that ``n: 1e5`` will do for an integer.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        What the tree must satisfy.
    tree : Tree
        The data, with marks.

    Returns
    -------
    pydantic.BaseModel
        The model.

    Raises
    ------
    ConfigError
        With one problem for each mistake.
    """
    nans: list[Path] = []
    data = _plain(tree.data, (), nans)
    if nans:
        raise ConfigError(tree.problem(path, "not a number") for path in nans)
    try:
        # Strict JSON mode is the only one that both refuses "0.5" for a number and takes a list
        # for a tuple or text for an enum.
        return model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        problems = [tree.problem(*said) for said in explained(error, model, data)]
        if error.error_count() > MAX_DESCRIBED:
            what = f"{error.error_count():,} mistakes in all, of which these are the first"
            problems.append(tree.problem((), what))
    raise ConfigError(problems)


def explained(
    error: ValidationError, model: type[BaseModel], data: Any
) -> Iterator[tuple[Path, str]]:
    """Yield the path of each mistake that pydantic found in `data`, and what is wrong there."""
    for fault in _fold(list(islice(_faults(error, model, data), MAX_DESCRIBED))):
        yield fault.path, fault.sentence


def _plain(value: Any, path: Path, nans: list[Path]) -> Any:
    """Copy `value` in JSON's types, collecting the paths of NaNs."""
    if hasattr(value, "item"):  # a numpy scalar set from a design
        value = value.item()
    if isinstance(value, dict):
        return {str(key): _plain(v, (*path, key), nans) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, (*path, i), nans) for i, v in enumerate(value)]
    if isinstance(value, float):
        if math.isnan(value):
            nans.append(path)
        elif value.is_integer() and abs(value) < 2**53:
            return int(value)
    return value


# -- from pydantic's errors to sentences ----------------------------------------------------------


@dataclass(frozen=True)
class _Fault:
    """One pydantic error: its own location, the path in the data, and the two compared."""

    loc: Path
    labels: frozenset[int]  # positions in loc that are pydantic's names, not keys of the data
    path: Path
    must: str
    got: str = ""
    wrong_type: bool = False
    cost: int = 1  # how much it says that the author meant something else

    @property
    def sentence(self) -> str:
        return self.must + self.got


def _faults(error: ValidationError, model: type[BaseModel], data: Any) -> Iterator[_Fault]:
    for detail in error.errors(include_url=False):
        inner = detail.get("ctx", {}).get("error")
        absent = detail["type"] in ("missing", "missing_argument")
        loc, last = (detail["loc"][:-1], detail["loc"][-1:]) if absent else (detail["loc"], ())
        path, labels = _align(loc, data, detail["input"])
        if isinstance(inner, ConfigError):  # raised by a validator about parts of its own value
            for problem in inner.problems:
                below = _keys(_follow(data, path), problem.path)
                yield _Fault(loc, labels, path + below, problem.what)
        else:
            yield _describe(dict(detail), _Fault(loc, labels, path + last, ""), model)


def _align(loc: Path, data: Any, value: Any) -> tuple[Path, frozenset[int]]:
    """Find the path in `data` that `loc` means, and which parts of `loc` are not keys.

    Pydantic puts names of union members and validators between the keys. The path kept is the
    longest one that leads to the value complained about, else the longest one that exists.
    """
    fallback: tuple[Path, frozenset[int]] | None = None
    for dropped in range(min(len(loc), 4) + 1):
        for labels in combinations(range(len(loc)), dropped):
            path = tuple(part for i, part in enumerate(loc) if i not in labels)
            found = _follow(data, path)
            if found is _ABSENT:
                continue
            if found == value:
                return path, frozenset(labels)
            fallback = fallback or (path, frozenset(labels))
    return fallback or ((), frozenset(range(len(loc))))


def _follow(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict) and str(part) in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
            data = data[part]
        else:
            return _ABSENT
    return data


def _keys(data: Any, path: str) -> Path:
    """Split a dotted path; a part that steps into a list is a number."""
    keys: Path = ()
    for part in path.split(".") if path else ():
        in_list = isinstance(_follow(data, keys), list) and part.isdecimal()
        keys = (*keys, int(part) if in_list else part)
    return keys


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a finite number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
    "dataclass": "a mapping",
}
_BOUNDS = {
    "greater_than_equal": (">=", "ge"),
    "greater_than": (">", "gt"),
    "less_than_equal": ("<=", "le"),
    "less_than": ("<", "lt"),
    "multiple_of": ("a multiple of", "multiple_of"),
}


def _describe(detail: dict[str, Any], fault: _Fault, model: type[BaseModel]) -> _Fault:
    """Put one pydantic error into words."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    type_name = kind if kind in _TYPES else re.sub("_(type|parsing|from_float)$", "", kind)
    got, wrong_type, path = f" (got {show(value)})", False, fault.path
    if kind in ("missing", "missing_argument"):
        must, got = "is required", ""
    elif (now := renamed(path)) and kind in ("extra_forbidden", "unknown_key"):
        must, got = now, ""
    elif kind == "extra_forbidden":
        must, got = _unknown("unknown key", path[-1], _allowed(model, detail["loc"][:-1])), ""
    elif "allowed" in context:  # a custom error that says what would do
        must, got = _unknown(detail["msg"], path[-1] if path else "", context["allowed"]), ""
    elif type_name in _TYPES:
        must, wrong_type = f"must be {_TYPES[type_name]}", True
    elif kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        must = f"must be {sign} {_number(context[name])}"
    elif kind in ("literal_error", "enum"):
        must, got = _choice(context["expected"], value)
        wrong_type = True
    elif kind == "union_tag_invalid":
        path = path + _discriminator(context, value)
        must, got = _choice(" or ".join(context["expected_tags"].rsplit(", ", 1)), context["tag"])
    elif kind == "union_tag_not_found":
        path, must, got = path + _discriminator(context, value), "is required", ""
    elif kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        must, got = _size(kind, context, value)
    elif "error" in context:  # a validator's own ValueError: its words are all there is to say
        must, got = str(context["error"]), ""
    else:
        must = re.sub(r"^\w+ should|^Value error, |^Assertion failed, ", _reword, detail["msg"])
    if fault.loc[-1:] == ("[key]",):
        must = "the key " + must
    cost = 2 if kind in ("missing", "extra_forbidden", "literal_error") else 1
    return _Fault(fault.loc, fault.labels, path, must, got, wrong_type, cost)


def _reword(start: re.Match[str]) -> str:
    return "must" if start[0].endswith("should") else ""


def _number(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _discriminator(context: dict[str, Any], value: Any) -> Path:
    """Name the key that tells the members of a union apart; none if it cannot be told."""
    name = context["discriminator"].strip("'")
    if not name.endswith("()"):
        return (name,)
    # A function tells them apart: the key is the one that holds the tag it found.
    items = value.items() if isinstance(value, dict) else ()
    return tuple(key for key, tag in items if tag == context.get("tag"))[:1]


def _choice(expected: str, value: object) -> tuple[str, str]:
    got = f" (got {show(value)})"
    near = nearest(value, re.findall(r"'([^']*)'", expected)) if isinstance(value, str) else None
    return f"must be {expected}", got + (f"; did you mean '{near}'?" if near else "")


def _size(kind: str, context: dict[str, Any], value: Any) -> tuple[str, str]:
    unit = "characters" if kind.startswith("string") else "items"
    actual = context.get("actual_length") or (len(value) if hasattr(value, "__len__") else 0)
    bound = f"at least {context['min_length']}" if "short" in kind else None
    return (
        f"must have {bound or 'at most ' + str(context['max_length'])} {unit}",
        f" (has {actual})",
    )


def _unknown(message: str, key: str | int, allowed: Iterable[str]) -> str:
    allowed = [str(word) for word in allowed]
    if not allowed:
        return message
    near = nearest(key, allowed)
    listed = ", ".join(allowed[:MAX_ALLOWED_LISTED])
    if len(allowed) > MAX_ALLOWED_LISTED:
        listed += f", ... and {len(allowed) - MAX_ALLOWED_LISTED} more"
    return f"{message}; " + (f"did you mean '{near}'? " if near else "") + f"allowed: {listed}"


# -- which keys a model takes at a location -------------------------------------------------------


def _allowed(model: type[BaseModel], loc: Path) -> list[str]:
    """List the keys that the model or models at `loc` take."""
    here: list[Any] = [model]
    for part in loc:
        # A part that leads nowhere is a label of pydantic's and stays where it is.
        here = [t for member in here for t in _step(member, part)] or here
        here = [member for t in here for member in members(t)]
    return list(dict.fromkeys(key for t in here if _is_model(t) for key in _fields(t)))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {f.alias or name: f.annotation for name, f in model.model_fields.items()}


def tags(annotation: Any) -> list[str]:
    """Return the fields that tell the members of a union of models apart; none if it is none."""
    models = [member for member in members(annotation) if _is_model(member)]
    if len(models) < 2:
        return []
    values = [_literals(model) for model in models]
    shared = set.intersection(*(set(of_model) for of_model in values))
    return sorted(name for name in shared if _apart([of_model[name] for of_model in values]))


def _literals(model: type[BaseModel]) -> dict[str, set[Any]]:
    """Return the fields that take a few given values, and these."""
    fields = model.model_fields.items()
    literal = ((n, f.annotation) for n, f in fields if get_origin(f.annotation) is Literal)
    return {name: set(get_args(annotation)) for name, annotation in literal}


def _apart(values: list[set[Any]]) -> bool:
    return len(set.union(*values)) == sum(map(len, values))


def members(annotation: Any) -> Iterator[Any]:
    """Yield the alternatives of a union, or the annotation itself."""
    annotation = getattr(annotation, "__value__", annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from members(member)
    else:
        yield annotation


def _step(annotation: Any, part: str | int) -> Iterator[Any]:
    """Yield what `part` may lead to from `annotation`: a field, an item, or a union's choice."""
    if not _is_model(annotation):
        yield from get_args(annotation)[1:] or get_args(annotation)
        return
    fields = _fields(annotation)
    if part in fields:
        yield fields[str(part)]
    tags = (tag for t in fields.values() if get_origin(t) is Literal for tag in get_args(t))
    if part == annotation.__name__ or part in tags:
        yield annotation


# -- one line for one value, however many members its union has -----------------------------------


def _fold(faults: list[_Fault], at: int = 0) -> list[_Fault]:
    """Reduce the complaints of a union's members to those that help.

    All of `faults` share ``loc[:at]``. Where the next parts are labels of a union, keep the
    member that came nearest; where no member fits the value at all, join what they want.
    """
    groups: dict[str | int | None, list[_Fault]] = {}
    for fault in faults:
        groups.setdefault(fault.loc[at] if at < len(fault.loc) else None, []).append(fault)
    members = [g for part, g in groups.items() if part is not None and at in g[0].labels]
    folded = [_fold(group, at + 1) for group in members]
    kept = _nearest_member(folded) if len(folded) > 1 else [f for member in folded for f in member]
    for part, group in groups.items():
        if part is None:
            kept = kept + group
        elif group not in members:
            kept = kept + _fold(group, at + 1)
    return kept


def _nearest_member(members: list[list[_Fault]]) -> list[_Fault]:
    """Choose the union member that the author most likely meant."""
    shallow = min((fault.path for member in members for fault in member), key=len)
    fits = [m for m in members if not any(f.wrong_type and f.path == shallow for f in m)]
    if fits:
        return min(fits, key=lambda m: sum(f.cost for f in m))
    wants = dict.fromkeys(
        fault.must.removeprefix("must be ") for member in members for fault in member
    )
    if _TYPES["float"] in wants:
        wants.pop(_TYPES["int"], None)
    first = members[0][0]
    hints = [f.got for member in members for f in member if "did you mean" in f.got]
    must = "must be " + " or ".join(wants)
    return [_Fault(first.loc, first.labels, shallow, must, (hints or [first.got])[0])]
