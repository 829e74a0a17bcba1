"""Advertising (ODD 7.10): spend makes aware, those with the lowest thresholds first."""

from typing import Any

from .figures import cents


def advertise(market: Any) -> None:
    rules = market.rules.advertising
    for brand in market.brands:
        spend = brand.spend
        if not spend > 0:
            continue
        paid = cents(spend * len(market.people) / 1000)
        market.books.pay(brand, "acquisition", paid, None)
        brand.advertised += rules.reach * spend / (spend + rules.half_spend)
        queue = market.unreached[brand.number]
        while queue and queue[-1].threshold <= brand.advertised:
            bond = queue.pop()
            market.count(brand, "aware_by_advertising", not bond.aware)
            bond.aware = True
