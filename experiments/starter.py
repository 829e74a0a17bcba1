"""Starter files: a study with every parameter written out and explained by its declaration."""

import math
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel

from experiments.study import CompareStudy, RunStudy, StudyFile
from sim.layers import presets
from sim.load import load_market
from sim.parameters import ParameterInfo, describe
from sim.strategy import Strategy, strategies

PRESET = "skincare"
PEOPLE = 2_000
COMMENT_COLUMN = 40
_PARTS = ("replicates", "record", "execute", "on_failure")


def starter(kind: str) -> str:
    """Return a study file of that kind, which validates and runs as it stands."""
    makers = {"run": _run, "compare": _compare}
    return "\n".join(makers[kind]()) + "\n"


def _head(kind: str, idea: str) -> Iterator[str]:
    yield f"# {idea}"
    yield f"# Check it with `huitou validate FILE`, then `huitou {kind} FILE`."
    yield "# A comment gives unit, bounds, default where it differs, meaning, [source]."
    yield ""
    yield "schema: 1"
    yield f"study: {kind}"


def _run() -> Iterator[str]:
    yield from _head("run", "What happens in a market?")
    market = load_market(PRESET, {"people.n": PEOPLE})
    yield ""
    yield f"# The market {PRESET!r} with everything written out; `market: {{use: {PRESET}}}` is the"
    yield "# short form, and takes `set: {dotted.path: value}` for what differs."
    yield "market:"
    yield from _block(market, 1)
    yield ""
    yield from _study_parts(RunStudy, {"n": 1})


def _compare() -> Iterator[str]:
    yield from _head("compare", "Which arm earns a brand more, by how much, and how sure is that?")
    first = next(iter(load_market(PRESET).brands))
    yield ""
    yield f"# Markets by name: {', '.join(presets())}; or the path of a file."
    yield "market:"
    yield f"  use: {PRESET}"
    yield "  set:  # what differs: any path of the market, see `huitou new run`"
    yield f"    people.n: {PEOPLE}"
    yield ""
    yield f"of: {first}  # the brand whose results are compared"
    yield ""
    yield "# What each arm changes. A dotted path sets, a nested mapping is merged."
    yield f"# Strategies: {', '.join(strategies())}; see `huitou strategies`."
    yield "arms:"
    yield "  none: {}"
    for name, strategy in strategies().items():
        if strategy.rows:
            yield f"  {name}:"
            yield f"    brands.{first}.strategies:"
            yield f"      {name}:  # {_idea(strategy)}"
            yield from _block(strategy(), 4)
    yield ""
    yield "baseline: none  # the arm that the others are compared to"
    yield ""
    yield from _study_parts(CompareStudy, {"n": 20})


def _idea(strategy: type[Strategy]) -> str:
    return (strategy.__doc__ or "").strip().split("\n")[0]


def _study_parts(study: type[StudyFile], replicates: dict[str, Any]) -> Iterator[str]:
    for info in describe(study):
        if info.name in _PARTS:
            part = info.default
            if info.name == "replicates":
                part = part.model_copy(update=replicates)
            yield f"{info.name}:  # {info.doc}"
            yield from _block(part, 1)


def _block(model: BaseModel, depth: int) -> Iterator[str]:
    """Yield the lines of a group of parameters, in order of declaration."""
    indent = "  " * depth
    for info in describe(type(model)):
        value = getattr(model, info.name)
        if isinstance(value, dict) and value:
            yield f"{indent}{info.name}:  # {info.doc}"
            for key, item in value.items():
                yield f"{indent}  {key}:"
                yield from _block(item, depth + 2)
        elif isinstance(value, BaseModel) and not hasattr(value, "dist"):
            yield f"{indent}{info.name}:  # {info.doc}"
            yield from _block(value, depth + 1)
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
    parts = [info.unit, _bounds(info)]
    if info.default is not None and _inline(info.default) != _inline(value):
        parts.append(f"default {_inline(info.default)}")
    parts.append(info.doc)
    text = "; ".join(part for part in parts if part)
    source = f" [{info.source}]" if info.source else ""
    return f"# {text}{source}" if text else ""


def _bounds(info: ParameterInfo) -> str:
    low, high = (None if end is None else _number(end) for end in (info.low, info.high))
    if low is None:
        return f"at most {high}" if high else ""
    return f"{low} to {high}" if high else f"at least {low}"


def _number(value: float) -> str:
    whole = float(value).is_integer() and abs(value) < 1e15
    return f"{int(value):,}" if whole else f"{value:g}"
