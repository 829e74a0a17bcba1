"""Audiences, parts, giving up, and staff, put into a market that has been drawn: for any at all."""

import random
from typing import Any

from any_staff import with_staff

from sim.strategies.interface import strategies

CONDITIONS: list[dict[str, Any]] = [
    {"orders": [2, None]},
    {"recency": [0, 12]},
    {"cycles": [0.4, None]},
    {"tenure": [4, 40]},
    {"spent": [None, 90]},
    {"answered": [1, None]},
    {"unanswered": [0, 1]},
    {"referred": 0},
    {"role": ["koc", "distributor"]},
    {"segment": "north"},
]


def any_rule(pick: random.Random) -> dict[str, Any]:
    """Return a rule of a few conditions."""
    one, two, three = pick.sample(CONDITIONS, 3)
    rules = [one, {"not": one}, one | two, {"any": [one, two]}]
    return pick.choice([*rules, {"any": [one, {"all": [two, {"not": three}]}], "recency": [0, 90]}])


def with_audiences(market: dict[str, Any], often: float = 0.3) -> dict[str, Any]:
    """Return the market with rules of audiences, parts off, touches given up, and staff.

    They follow from what is known of it, so that nothing more is drawn for them. A strategy has a
    rule with chance `often`, each part a rule of its own with half of that.
    """
    pick = random.Random(repr(market))
    people = {**market["people"], "segments": {"north": 0.3, "south": pick.choice([0.1, 0.7])}}
    brands = {}
    for name, each in market["brands"].items():
        portfolio = {n: _ruled(n, s, pick, often) for n, s in each["strategies"].items()}
        brands[name] = {**each, "strategies": portfolio}
        if pick.random() < 0.3:
            brands[name]["audiences"] = {"pilot": {"share": 0.7, "who": any_rule(pick)}}
    return with_staff({**market, "people": people, "brands": brands})


def _ruled(
    name: str, strategy: dict[str, Any], pick: random.Random, often: float
) -> dict[str, Any]:
    parts = strategies()[name].parts if name in strategies() else ()
    audience = dict(strategy.get("audience", {}))
    if pick.random() < often:
        audience["who"] = any_rule(pick)
    audience["touches"] = {part: any_rule(pick) for part in parts if pick.random() < often / 2}
    off = {part: False for part in parts if pick.random() < often / 3}
    stops = [f"{part}_stop_after" for part in parts]
    known = strategies()[name].model_fields if name in strategies() else {}
    given_up = {stop: pick.choice([None, 1, 2, 5]) for stop in stops if stop in known}
    return {**strategy, "audience": audience, **off, **given_up}
