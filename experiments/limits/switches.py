"""Switches that keep a market in a limit: what must be so, and what to say where it is not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.config.market import MarketConfig
from sim.config.parameters import Constant, highest_of


class NotALimit(ValueError):
    """The market is not that model; `reasons` says what keeps it from being so."""

    def __init__(self, limit: str, reasons: list[str]) -> None:
        super().__init__(f"not {limit}: " + "; ".join(reasons))
        self.reasons = reasons


Rules = dict[str, Any]
"""What must be so, by dotted path: a value, or classes of values; `*` is every brand and so on."""

NUMBER = (int, float, Constant)
COMMON: Rules = {
    "people.exit_rate": 0,
    "categories.*.regularity": 1,
    "categories.*.season_amplitude": 0,
    "behaviour.choice.outside_weight": 0,
    "behaviour.experience.complaint": 0,
    "behaviour.experience.regret": 0,
    "behaviour.awareness.forgetting": 0,
    "behaviour.awareness.forgetting_buyers": 0,
    "brands.*.awareness": 1,
    "brands.*.strategies": {},
}
AT_ONCE: Rules = {
    "burn_in": 0,
    "brands.*.misdelivery": 0,
    "brands.*.late": 0,
    "brands.*.products.*.delivery_days": 0,
    "brands.*.products.*.effect_days": 0,
}
NO_DROPOUT: Rules = {
    "behaviour.dropout.propensity": 0,
    "behaviour.dropout.rate": 0,
    "behaviour.dropout.disappointment": 0,
}
PER_ORDER: Rules = {
    "behaviour.dropout.rate": 0,
    "behaviour.dropout.disappointment": 0,
    "behaviour.dropout.comeback": 0,
    "brands.*.never_left": False,
}
"""Whoever drops out does so after an order, and for good."""
ONE_DURABLE: Rules = (
    COMMON
    | AT_ONCE
    | NO_DROPOUT
    | {
        "people.entry.kind": "start",
        "categories.*.usage": NUMBER,
        "behaviour.experience.misuse": 0,
        "brands.*.products.*.supply_days": math.inf,
        "brands.*.products.*.spread": 0,
        "brands.*.products.*.fault_rate": 0,
    }
)
"""Who buys has it at once, needs no other, and is a customer for good."""


def all_content(config: MarketConfig) -> dict[str, bool]:
    """Return what makes everybody alike, and satisfied on both counts, with one durable."""
    brand, feeling = the(config.brands), config.behaviour.experience
    product = the(brand.products)
    return {
        "one category": len(config.categories) == 1,
        "one brand": len(config.brands) == 1,
        "one product": len(brand.products) == 1,
        "prior, service and quality at or above the satisfaction threshold": (
            min(feeling.prior, brand.service, product.quality) >= feeling.satisfaction_threshold
        ),
        "quality at or above the expectation": (product.quality >= highest_of(feeling.expectation)),
    }


def number(value: Any) -> float:
    """Return the value of a distribution that is the same for everybody."""
    return value.value if isinstance(value, Constant) else float(value)


def the(mapping: Mapping[str, Any]) -> Any:
    """Return the one thing in a mapping, or the first."""
    return next(iter(mapping.values()))


def check(limit: str, config: MarketConfig, rules: Rules, needs: Mapping[str, bool]) -> None:
    """Raise `NotALimit` with everything that is not as the limit needs it."""
    sizes = {item.sizes for brand in config.brands.values() for item in brand.products.values()}
    needs = {"orders of one pack": sizes == {(1,)}, **needs}
    reasons = [f"it needs {name}" for name, holds in needs.items() if not holds]
    for rule, wanted in rules.items():
        for path, value in _values(config, rule.split("."), ""):
            if isinstance(wanted, type | tuple):
                if not isinstance(value, wanted):
                    reasons.append(f"{path} must be {_names(wanted)}")
            elif _plain(value) != wanted:
                reasons.append(f"{path} must be {wanted}")
    if reasons:
        raise NotALimit(limit, reasons)


def _plain(value: Any) -> Any:
    """Return the number of a distribution that is the same for everybody; else the value."""
    return value.value if isinstance(value, Constant) else value


def _names(classes: type | tuple[type, ...]) -> str:
    several = classes if isinstance(classes, tuple) else (classes,)
    return " or ".join(kind.__name__ for kind in several)


def _values(node: Any, parts: Sequence[str], path: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at a dotted path, and where; `*` is every key."""
    if not parts or node is None:  # nothing stands below what is not there
        yield ".".join([path, *parts]), node
        return
    for key in node if parts[0] == "*" else [parts[0]]:
        below = node.get(key) if isinstance(node, Mapping) else getattr(node, key)
        yield from _values(below, parts[1:], f"{path}.{key}" if path else key)
