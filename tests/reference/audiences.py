"""Who is in an audience (ODD 7.5): a random share for the run, and a rule that holds on a day."""

import math
from collections.abc import Callable
from typing import Any

from sim.config.audience import Combined

from . import journeys

ROLES = ["customer", "koc", "distributor"]
PRIOR_ORDERS = 2.0


def holds(market: Any, rule: Any, person: Any, brand: Any) -> bool:
    """Return whether a rule holds of a person and a brand today; no rule always does."""
    if rule is None:
        return True
    if isinstance(rule, Combined):
        answers = [holds(market, part, person, brand) for part in rule.parts]
        return {"all": all(answers), "any": any(answers), "not": not answers[0]}[rule.how]
    bond = person.bonds[brand.number]
    if rule.what == "role":
        return ROLES[bond.role] == rule.label
    if rule.what == "segment":
        return person.segment == rule.label
    return rule.low <= SEEN[rule.what](market, person, brand, bond) <= rule.high


def days_since(field: str) -> Callable[..., float]:
    def days(market: Any, person: Any, brand: Any, bond: Any) -> float:
        return market.day - getattr(bond, field) if bond.orders else math.inf

    return days


def silence(market: Any, person: Any, brand: Any, bond: Any) -> float:
    """Return the cycles for which a customer has bought nothing of a brand."""
    gaps = [math.inf]
    for product in brand.products:
        holding = person.holdings.get(product.number)
        if holding is not None and holding.orders:
            packs = holding.units - holding.before
            gap = journeys.lasts(PRIOR_ORDERS, product, holding) * packs
            gaps.append((market.day - holding.last_day) / gap)
    return min(gaps)


SEEN: dict[str, Callable[..., float]] = {
    "orders": lambda market, person, brand, bond: bond.orders,
    "recency": days_since("last_day"),
    "tenure": days_since("first_day"),
    "cycles": silence,
    "spent": lambda market, person, brand, bond: bond.revenue / 100,
    "answered": lambda market, person, brand, bond: bond.answered,
    "unanswered": lambda market, person, brand, bond: bond.unanswered,
    "referred": lambda market, person, brand, bond: market.hooks.friends_referred(person, brand),
}
