"""A market with any parameter at either end of what is allowed runs, and gives numbers.

Every parameter of people, behaviour, categories, brands, products, networks and strategies is put
to its lowest and its highest value, to some large ones where there is no bound, and to each of its
names. A combination that is refused is; all others are run to the last table.
"""

import math
import typing
from collections.abc import Iterator
from typing import Any

import pytest

from experiments import curves, metrics
from experiments.records import observe
from sim.config import behaviour as rules
from sim.config import parameters
from sim.config.market import Brand, Category, MarketConfig, People, Product
from sim.config.parameters import LIMIT, ParameterInfo, Parameters, Spread, describe
from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.strategies import interface as strategy
from sim.ties import network

EVERY = 20
"""One case in so many is in `make test`."""
SMALL = {"days": 40, "people.n": 60}
LONGEST, MOST = 300, 10_000
"""Days and people beyond which nothing new is to be learnt."""


def distributions(most: float) -> list[Any]:
    """Return distributions at the ends of their parameters, with means up to `most`."""
    means, shapes = (0, 1e-6, most), (1e-3, 1, LIMIT)
    return [
        0, 1e-300, most, LIMIT,
        *({"dist": "gamma", "mean": m, "shape": s} for m in means for s in shapes),
        {"dist": "gamma", "shape": 1, "rate": 1 / most},
        *({"dist": "beta", "a": a, "b": b} for a in (1e-3, LIMIT) for b in (1e-3, LIMIT)),
        *({"dist": "lognormal", "mean": m, "sigma": s} for m in (1e-300, most) for s in (0, 5)),
    ]  # fmt: skip


NETWORKS = (
    network.Complete,
    network.Ring,
    network.SmallWorld,
    network.ScaleFree,
    network.RandomRegular,
    network.ErdosRenyi,
    network.Blocks,
)


def ends(info: ParameterInfo) -> list[Any]:
    """Return the ends of a parameter, or all its values if they have names."""
    kinds = {k for k in (info.annotation, *typing.get_args(info.annotation)) if isinstance(k, type)}
    if info.annotation is bool:
        return [True, False]
    if typing.get_origin(info.annotation) is typing.Literal:
        return list(typing.get_args(info.annotation))
    if not kinds & {int, float}:
        return []
    whole, infinite = float not in kinds, ".inf" in info.doc
    low = [info.low] if info.low is not None else [-LIMIT, -1e6, -50]
    high = [info.high] if info.high is not None else [1000, 1e6, LIMIT]
    more = [-math.inf] * (infinite and info.low is None)
    more += [math.inf] * (infinite and info.high is None)
    near = [1 if whole else 1e-300] * (info.low == 0)
    return [int(v) if whole else v for v in (*low, *high, *near)] + more


def cases(model: type[Parameters], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each parameter of a group and of those below it, with each of its ends."""
    for info in describe(model):
        if isinstance(info.default, Spread):
            yield from ((path + info.name, v) for v in distributions(info.high or LIMIT))
        elif isinstance(info.annotation, type) and issubclass(info.annotation, Parameters):
            yield from cases(info.annotation, f"{path}{info.name}.")
        else:
            yield from ((path + info.name, value) for value in ends(info))


def everything() -> Iterator[tuple[str, Any]]:
    yield from cases(People, "people.")
    yield from cases(rules.Behaviour, "behaviour.")
    yield from cases(Category, "categories.cream.")
    yield from cases(Brand, "brands.A.")
    yield from cases(Product, "brands.A.products.cream.")
    for name, kind in strategy.strategies().items():
        owner = "A" if name == "service_followup" else "C"
        yield from cases(kind, f"brands.{owner}.strategies.{name}.")
    for name, value in cases(MarketConfig):
        if "." not in name:
            yield name, value if name == "discount" else min(value, LONGEST)
    for graph in NETWORKS:
        kind = graph.model_fields["kind"].default
        for info in describe(graph):
            if info.name != "kind":
                yield from (
                    ("network", {"kind": kind, info.name: v}) for v in (*ends(info), 4, 58, 59)
                )


CASES = [*everything()]


def run(market_config: Any, path: str, value: Any) -> bool:
    """Run the small market with one value in it; tell whether it was allowed."""
    try:
        config = market_config(**{**SMALL, path: value})
    except ConfigError as error:
        assert str(error)
        return False
    if config.people.n > MOST:
        return False
    records = observe(Market(config, rng=1))
    for name, column in metrics.columns(records).items():
        assert len(column) == len(records.brands), name
    assert not curves.table(records).empty
    return True


def test_there_are_many_cases():
    assert len(CASES) > 900
    assert {path.split(".")[0] for path, _ in CASES} >= {"people", "behaviour", "network"}


@pytest.mark.parametrize(("path", "value"), CASES[::EVERY])
def test_some_parameters_at_their_ends(market_config, path, value):
    run(market_config, path, value)


@pytest.mark.slow
def test_every_parameter_at_its_ends(market_config):
    failed, ran = [], 0
    for path, value in CASES:
        try:
            ran += run(market_config, path, value)
        except Exception as error:
            failed.append(f"{path} = {value}: {type(error).__name__}: {error}")
    assert not failed, "\n".join(failed)
    assert ran > 0.6 * len(CASES)


def test_a_number_beyond_all_others_is_refused(market_config):
    with pytest.raises(ConfigError, match=r"half_life: must be <= 1000000000000 \(got 1e\+300\)"):
        market_config(**{"behaviour.talk.half_life": 1e300})
    with pytest.raises(ConfigError, match="usage: must be <= "):
        market_config(**{"categories.cream.usage": math.inf})
    assert parameters.LIMIT < 2.0**127  # what four bytes hold
