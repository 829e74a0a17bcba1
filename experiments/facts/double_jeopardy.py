"""Double jeopardy, and duplication of purchase: the pattern of brands in one market."""

from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import style
from experiments.facts.fact import Check, Fact, Measured, Worlds, means
from experiments.flows import YEAR
from experiments.records import Records


def measure(worlds: Worlds) -> Measured:
    """Return the pattern of the brands in the last year of each arm."""
    return {arm: _pattern(records) for arm, records in worlds.items()}


def _pattern(records: Records) -> dict[str, float]:
    year = records.between(records.days - YEAR, records.days)
    people, person = np.unique(records.orders["person"][year], return_inverse=True)
    bought = np.zeros((people.size, len(records.brands)))
    np.add.at(bought, (person, records.brand[year]), 1)
    buys = bought > 0
    penetration = buys.mean(axis=0)  # among all who bought the category at all
    frequency = bought.sum(axis=0) / buys.sum(axis=0)
    coefficients = [
        (buys[:, a] & buys[:, b]).mean() / (penetration[a] * penetration[b])
        for a, b in combinations(range(len(records.brands)), 2)
    ]
    smallest = min(coefficients)
    numbers = {
        "correlation": float(np.corrcoef(penetration, frequency)[0, 1]),
        "spread": max(coefficients) / smallest if smallest > 0 else float("nan"),
    }
    for brand, share, orders in zip(records.brands, penetration, frequency, strict=True):
        numbers |= {f"{brand} penetration": float(share), f"{brand} frequency": float(orders)}
    return numbers


def draw(table: pd.DataFrame) -> Figure:
    """Purchases per buyer against penetration in a year: six brands, each arm."""
    figure, axes = style.figure(
        "Smaller brands are bought less often", "penetration among category buyers", "orders a year"
    )
    for k, arm in enumerate(("market", "one_brand_each")):
        found = means(table, arm)
        brands = [name.split()[0] for name in found if name.endswith("penetration")]
        x = [found[f"{brand} penetration"] for brand in brands]
        y = [found[f"{brand} frequency"] for brand in brands]
        axes.scatter(x, y, color=style.colour(k), label=arm.replace("_", " "))
        for brand, *at in zip(brands, x, y, strict=True):
            axes.annotate(brand, at, xytext=(4, 4), textcoords="offset points", fontsize=9)
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    style.legend(axes, 2)
    return figure


REMARK = """\
It comes out in the whole market, though brands differ in quality, service, price and in who knows
them. It is not perfect for that reason: C is large, but cheap and worse, and its buyers come back
less than its size would have it. Where each person keeps to one brand, frequency has nothing to
do with size; the few who buy two have left one, or did not know it yet."""

FACT = Fact(
    name="double_jeopardy",
    title="Double jeopardy and duplication of purchase",
    source="Ehrenberg, Goodhardt and Barwise 1990; Ehrenberg 1988",
    mechanism="each person keeping to one brand",
    checks=(
        Check(
            name="correlation of penetration and purchases per buyer, six brands",
            published="near 1",
            quantity="correlation",
            on="market",
            off="one_brand_each",
            low=0.8,
        ),
        Check(
            name="largest duplication coefficient over smallest",
            published="about 1",
            quantity="spread",
            on="market",
            off="one_brand_each",
            high=2,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
