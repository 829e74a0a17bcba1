"""Starter files: a study with every parameter written out and explained by its declaration."""

import math
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel

from experiments.ensembles import shipped
from experiments.studyfile import Record, Replicates, StudyFile
from sim.config.layers import presets
from sim.config.parameters import ParameterInfo, describe, span
from sim.strategies.interface import Strategy

PRESET = "skincare"
PEOPLE = 2_000
COMMENT_COLUMN = 40
_PARTS = ("replicates", "record", "execute", "on_failure", "budget")


def starter(kind: str) -> str:
    """Return a study file of that kind, which validates and runs as it stands."""
    from experiments import kinds

    return "\n".join(kinds.kind(kind).starter()) + "\n"


def head(kind: str, idea: str) -> Iterator[str]:
    """Yield the first lines: what the file is for."""
    yield f"# {idea}"
    yield f"# Check it with `huitou validate FILE`, then `huitou {kind} FILE`."
    yield "# A comment gives unit, bounds, what is usual, default if another, meaning, [source]."
    yield ""
    yield "schema: 1"
    yield f"study: {kind}"


def market() -> Iterator[str]:
    """Yield a market in short form."""
    yield ""
    yield f"# Markets by name: {', '.join(presets())}; or the path of a file."
    yield "market:"
    yield f"  use: {PRESET}"
    yield "  set:  # what differs: any path of the market, see `huitou new run`"
    yield f"    people.n: {PEOPLE}"


def ensemble() -> Iterator[str]:
    """Yield how a study is run in all markets that a calibration does not rule out."""
    known = ", ".join(shipped()) or "none is shipped yet"
    yield "  # In each of the markets that a calibration does not rule out (docs/ensembles.md):"
    yield "  # ensemble: NAME, or {file: NAME or path, members: 32, ranges: stated | doubled | both}"
    yield f"  # Ensembles by name: {known}. At least 29 markets are needed to decide anything."


def idea(strategy: type[Strategy]) -> str:
    """Return what a strategy is, in one line."""
    return (strategy.__doc__ or "").strip().split("\n")[0]


def parts(study: type[StudyFile]) -> Iterator[str]:
    """Yield what all studies have in common, with the defaults of a kind."""
    own = {"replicates": Replicates(n=study.times), "record": Record(series=study.series)}
    for info in describe(study):
        if info.name in _PARTS:
            yield f"{info.name}:  # {info.doc}"
            yield from block(own.get(info.name, info.default), 1)


def block(model: BaseModel, depth: int) -> Iterator[str]:
    """Yield the lines of a group of parameters, in order of declaration."""
    indent = "  " * depth
    for info in describe(type(model)):
        value = getattr(model, info.name)
        if isinstance(value, dict) and value:
            yield f"{indent}{info.name}:  # {info.doc}"
            for key, item in value.items():
                yield f"{indent}  {key}:"
                yield from block(item, depth + 2)
        elif isinstance(value, BaseModel) and not hasattr(value, "dist"):
            yield f"{indent}{info.name}:  # {info.doc}"
            yield from block(value, depth + 1)
        else:
            line = f"{indent}{info.name}: {_inline(value)}"
            yield f"{line:{COMMENT_COLUMN}}  {_comment(info, value)}".rstrip()


def _inline(value: Any) -> str:
    """Write a value on one line."""
    if isinstance(value, BaseModel):
        value = {k: v for k, v in value.model_dump().items() if v is not None}
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value) < 1e15:
        return str(int(value))
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _comment(info: ParameterInfo, value: Any) -> str:
    parts = [info.unit, span((info.low, info.high))]
    if usual := span(info.usual):
        parts.append(f"usual {usual}")
    if info.default is not None and _inline(info.default) != _inline(value):
        parts.append(f"default {_inline(info.default)}")
    parts.append(info.doc)
    text = "; ".join(part for part in parts if part)
    source = f" [{info.source}]" if info.source else ""
    return f"# {text}{source}" if text else ""
