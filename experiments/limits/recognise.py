"""Which of the classic models a market is, and which switch keeps it from being one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel

from experiments.limits.contracts import LifetimeValue, ShiftedBetaGeometric, Term
from experiments.limits.models import Bass, BetaGeometric, Dirichlet, Limit
from sim.config import MarketConfig
from sim.entry import entry_days
from sim.network import Complete, RandomRegular, Ring
from sim.parameters import Beta, Constant, Gamma


class NotALimit(ValueError):
    """The market is not that model; `reasons` says what keeps it from being so."""

    def __init__(self, limit: str, reasons: list[str]) -> None:
        super().__init__(f"not {limit}: " + "; ".join(reasons))
        self.reasons = reasons


Rules = dict[str, Any]
"""What must be so, by dotted path: a value, or classes of values; `*` is every brand and so on."""

_NUMBER = (int, float, Constant)
_COMMON: Rules = {
    "people.exit_rate": 0,
    "categories.*.regularity": 1,
    "categories.*.season_amplitude": 0,
    "behaviour.choice.outside_weight": 0,
    "behaviour.experience.complaint": 0,
    "behaviour.experience.regret": 0,
    "brands.*.awareness": 1,
    "brands.*.strategies": {},
}
_AT_ONCE: Rules = {
    "burn_in": 0,
    "brands.*.misdelivery": 0,
    "brands.*.late": 0,
    "brands.*.products.*.delivery_days": 0,
    "brands.*.products.*.effect_days": 0,
}
_DIRICHLET: Rules = _COMMON | {
    "people.entry.kind": "start",
    "network.kind": "none",
    "categories.*.usage": Gamma,
    "categories.*.start": "equilibrium",
    "behaviour.choice.satisfaction": 0,
    "behaviour.choice.trust": 0,
    "behaviour.choice.price": 0,
    "behaviour.choice.reference_price": 0,
    "behaviour.choice.habit": 0,
    "behaviour.dropout.propensity": 0,
    "brands.*.products.*.supply_days": None,
}
_BETA_GEOMETRIC: Rules = (
    _COMMON
    | _AT_ONCE
    | {
        "network.kind": "none",
        "categories.*.usage": Gamma,
        "categories.*.start": "immediate",
        "behaviour.dropout.propensity": Beta,
        "behaviour.dropout.after_first": False,
        "behaviour.dropout.tilt": 0,
        "brands.*.products.*.supply_days": None,
    }
)
_CONTRACT: Rules = (
    _COMMON
    | _AT_ONCE
    | {
        "people.entry.kind": "start",
        "network.kind": "none",
        "categories.*.usage": _NUMBER,
        "categories.*.regularity": math.inf,
        "categories.*.start": "immediate",
        "behaviour.dropout.after_first": True,
        "behaviour.dropout.tilt": 0,
        "brands.*.products.*.supply_days": None,
    }
)
_SHIFTED_BETA_GEOMETRIC: Rules = _CONTRACT | {"behaviour.dropout.propensity": Beta}
_LIFETIME_VALUE: Rules = _CONTRACT | {
    "behaviour.dropout.propensity": _NUMBER,
    "brands.*.advertising.spend": 0,
}
_BASS: Rules = (
    _COMMON
    | _AT_ONCE
    | {
        "people.entry.kind": "start",
        "people.sociability": _NUMBER,
        "network": (Complete, Ring, RandomRegular),
        "categories.*.usage": _NUMBER,
        "categories.*.start": "equilibrium",
        "behaviour.dropout.propensity": 0,
        "behaviour.experience.misuse": 0,
        "behaviour.talk.constant": 1,
        "behaviour.talk.wake_on_hearing": 1,
        "brands.*.products.*.supply_days": math.inf,
        "brands.*.products.*.spread": 0,
        "brands.*.products.*.fault_rate": 0,
    }
)


def of(config: MarketConfig) -> Limit:
    """Return the limit that a market is in.

    Raises
    ------
    NotALimit
        If it is in none; with what to change for the nearest one.
    """
    misses: list[NotALimit] = []
    for read in (dirichlet, beta_geometric, shifted_beta_geometric, lifetime_value, bass):
        try:
            return read(config)
        except NotALimit as miss:
            misses.append(miss)
    raise min(misses, key=lambda miss: len(miss.reasons))


def dirichlet(config: MarketConfig) -> Dirichlet:
    """Return the NBD-Dirichlet that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    _check("the NBD-Dirichlet", config, _DIRICHLET, {"one category": len(config.categories) == 1})
    category = _the(config.categories)
    mean = category.usage.mean_value * config.days / category.period_days
    concentration = config.behaviour.choice.concentration
    weights = {name: brand.share * concentration for name, brand in config.brands.items()}
    return Dirichlet(mean, category.usage.shape, weights)


def beta_geometric(config: MarketConfig) -> BetaGeometric:
    """Return the BG/NBD that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    alone = {"one category": len(config.categories) == 1, "one brand": len(config.brands) == 1}
    alone["entry by a log or at the start"] = config.people.entry.kind != "steady"
    _check("the BG/NBD", config, _BETA_GEOMETRIC, alone)
    category, dropout = _the(config.categories), config.behaviour.dropout.propensity
    assert isinstance(dropout, Beta)
    alpha = category.usage.shape / category.usage.mean_value * category.period_days
    ids = np.arange(config.people.n, dtype=np.uint64)
    entry = np.maximum(entry_days(config.people.entry, config.days, 0, ids), 0).astype(np.int64)
    return BetaGeometric(category.usage.shape, alpha, dropout.a, dropout.b, entry, config.days)


def shifted_beta_geometric(config: MarketConfig) -> ShiftedBetaGeometric:
    """Return the shifted beta-geometric that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    _check("the shifted beta-geometric", config, _SHIFTED_BETA_GEOMETRIC, _contract(config))
    dropout = config.behaviour.dropout.propensity
    assert isinstance(dropout, Beta)
    return ShiftedBetaGeometric(dropout.a, dropout.b, _term(config))


def lifetime_value(config: MarketConfig) -> LifetimeValue:
    """Return the lifetime value at constant churn that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    brand = _the(config.brands)
    needs = _contract(config) | {"one product": len(brand.products) == 1}
    _check("lifetime value at constant churn", config, _LIFETIME_VALUE, needs)
    product = _the(brand.products)
    margin = product.price - product.unit_cost - brand.shipping_cost
    retention = 1 - min(1.0, max(0.0, _number(config.behaviour.dropout.propensity)))
    return LifetimeValue(margin, retention, config.discount, _term(config))


def _contract(config: MarketConfig) -> dict[str, bool]:
    """Return what models of contracts need of a market besides parameters."""
    return {
        "one category": len(config.categories) == 1,
        "one brand": len(config.brands) == 1,
        # orders are on whole days, and each is counted with the nearest renewal
        "renewals two days or more apart": 2 <= _the(config.categories).cycle_days < math.inf,
    }


def _term(config: MarketConfig) -> Term:
    gap = _the(config.categories).cycle_days
    return Term(gap, int((config.days - 1) // gap))


def bass(config: MarketConfig) -> Bass:
    """Return the Bass model that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    brand, feeling = _the(config.brands), config.behaviour.experience
    product, network = _the(brand.products), config.network
    pleased = min(feeling.prior, brand.service, product.quality) >= feeling.gate
    alone = {
        "one category": len(config.categories) == 1,
        "one brand": len(config.brands) == 1,
        "one product": len(brand.products) == 1,
        "one neighbour on each side": getattr(network, "neighbours_each_side", 1) == 1,
        "prior, service and quality at or above the gate": pleased,
        "quality at or above the expectation": product.quality >= feeling.expectation,
    }
    _check("the Bass model", config, _BASS, alone)
    category = _the(config.categories)
    degree = math.inf if isinstance(network, Complete) else getattr(network, "degree", 2)
    p = _number(category.usage) / category.period_days
    talk = config.behaviour.talk
    q = talk.rate / talk.period_days * _number(config.people.sociability)
    return Bass(p, q, degree, config.days)


def _number(value: Any) -> float:
    return value.value if isinstance(value, Constant) else float(value)


def _the(mapping: Mapping[str, Any]) -> Any:
    return next(iter(mapping.values()))


def _check(limit: str, config: MarketConfig, rules: Rules, needs: Mapping[str, bool]) -> None:
    """Raise `NotALimit` with everything that is not as the limit needs it."""
    reasons = [f"it needs {name}" for name, holds in needs.items() if not holds]
    for rule, wanted in rules.items():
        for path, value in _values(config, rule.split("."), ""):
            if isinstance(wanted, type | tuple):
                if not isinstance(value, wanted):
                    reasons.append(f"{path} must be {_names(wanted)}")
            elif isinstance(value, BaseModel) or value != wanted:
                reasons.append(f"{path} must be {wanted}")
    if reasons:
        raise NotALimit(limit, reasons)


def _names(classes: type | tuple[type, ...]) -> str:
    several = classes if isinstance(classes, tuple) else (classes,)
    return " or ".join(kind.__name__ for kind in several)


def _values(node: Any, parts: Sequence[str], path: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at a dotted path, and where; `*` is every key."""
    if not parts:
        yield path, node
        return
    for key in node if parts[0] == "*" else [parts[0]]:
        below = node[key] if isinstance(node, Mapping) else getattr(node, key)
        yield from _values(below, parts[1:], f"{path}.{key}" if path else key)
