"""Markets of the Complete Journey: the NBD-Dirichlet's limit, and habit beside it."""

from typing import Any, NamedTuple

import numpy as np

from experiments.fits import Fit
from experiments.identity import seed
from experiments.panel_statistics import profile
from experiments.panels import DAYS, Panel
from sim.config import remarks
from sim.market import Market

PEOPLE, FEW_PEOPLE = 20_000, 8_000
OTHERS = "others"
HABITS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
FACTORS = (1.0, 1.3, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4)
"""What is tried: every pair of them."""
BOOTSTRAPS = 100


def market(found: Fit, category: str, habit: float = 0.0, factor: float = 1.0) -> dict[str, Any]:
    """Return the market that has the fitted NBD-Dirichlet as its limit, or one beside it.

    Parameters
    ----------
    found
        The fit.
    category
        Name of the category.
    habit
        Weight of the brand bought last; 0 in the limit.
    factor
        Of the concentration of tastes: with habit, tastes must be more alike for people to keep to as
        many brands.
    """
    p = {name: float(f"{value:.4g}") for name, value in found.parameters.items()}
    weights = {name: p[name] for name in found.names[2:]}
    total = sum(weights.values())
    brands = {
        f"M{name}" if name != OTHERS else name: {
            "share": round(weight / total, 8),
            "awareness": 1,
            "products": {"x": {"category": category, "price": 9, "unit_cost": 2}},
        }
        for name, weight in weights.items()
    }
    choice = dict.fromkeys(
        (
            "outside_weight",
            "satisfaction",
            "trust",
            "price",
            "reference_price",
            "offer",
            "social_proof",
        ),
        0,
    )
    return {
        "days": DAYS,
        "burn_in": 0,
        "terminal_period": 0,
        "people": {"n": PEOPLE},
        "network": {"kind": "none"},
        "categories": {
            category: {
                "usage": {"dist": "gamma", "mean": p["mean"], "shape": p["shape"]},
                "period_days": DAYS,
                "regularity": 1,
                "start": "equilibrium",
            }
        },
        "behaviour": {
            "choice": {**choice, "concentration": float(f"{factor * total:.4g}"), "habit": habit},
            "experience": {"complaint": 0, "regret": 0},
            "dropout": {"propensity": 0},
        },
        "brands": brands,
    }


def simulated(given: Any, makers: list[int], replicate: int) -> Panel:
    """Run a market, and return what its people bought as a panel.

    Parameters
    ----------
    given
        A market: what `market` returns, or a `MarketConfig`.
    makers
        Ids of its brands, in order; its last brand stands for all others.
    replicate
        Which, from 0.
    """
    with remarks.silent():
        run = Market(given, rng=seed(1, replicate))
    run.run_model()
    ids = np.array([*makers, -1])
    orders = run.orders
    rows = np.stack([orders["person"], orders["day"], ids[orders["brand"]]]).astype(np.int64)
    person, day, maker = np.unique(rows, axis=1)
    people = np.arange(run.config.people.n)
    return Panel(people, person, maker, day, np.ones(len(person)), run.config.days)


class Choice(NamedTuple):
    """The habit and the factor with which a market is nearest to a panel.

    Attributes
    ----------
    habit, factor
    distance, without
        Mean squared difference of its numbers from the panel's, in standard errors of these over
        households; and that of the NBD-Dirichlet's limit.
    """

    habit: float
    factor: float
    distance: float
    without: float


def choose(panel: Panel, makers: list[int], found: Fit, category: str) -> Choice:
    """Return the pair of habit and factor, of all tried, with which the market is nearest."""
    own = {name: x for name, x in profile(panel, makers).items() if not np.isnan(x)}
    rng, n = np.random.default_rng(1), len(panel.households)
    draws = [profile(panel.resampled(rng.integers(0, n, n)), makers) for _ in range(BOOTSTRAPS)]
    error = {name: float(np.nanstd([draw[name] for draw in draws])) for name in own}

    def distance(habit: float, factor: float) -> float:
        given = market(found, category, habit, factor) | {"people": {"n": FEW_PEOPLE}}
        shown = profile(simulated(given, makers, 0), makers)
        off = [(shown[name] - own[name]) / error[name] for name in own if error[name] > 0]
        return float(np.nanmean(np.square(off)))

    tried = {(habit, factor): distance(habit, factor) for habit in HABITS for factor in FACTORS}
    best = min(tried, key=lambda pair: tried[pair])
    return Choice(*best, tried[best], tried[0.0, 1.0])
