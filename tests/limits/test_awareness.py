"""Under constant advertising awareness is that of Vidale and Wolfe (1957); what one more costs."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from experiments import limits
from experiments.limits.memory import awareness_by_day
from experiments.metrics_market import marginal_cac
from experiments.records import observe
from sim.config.load import load_market
from sim.market import Market

STEADY = "aware in the steady state"


# --- the oracle -----------------------------------------------------------------------------------


def test_the_oracle_solves_the_equation():
    model = limits.VidaleWolfe(0.006, 0.004, 0.9, 3000)
    solved = solve_ivp(
        lambda _, x: 0.006 * (1 - x) - 0.004 * x,
        (0, 300),
        [0.9],
        rtol=1e-10,
        atol=1e-12,
        t_eval=[100, 200, 300],
    )
    assert [model.aware(t) for t in (100, 200, 300)] == pytest.approx(list(solved.y[0]), abs=1e-8)
    assert model.steady == 0.6


def test_days_make_little_difference():
    model = limits.VidaleWolfe(0.006, 0.004, 0.0, 3000)
    known = 0.0
    for _ in range(5000):
        known *= np.exp(-0.004)
        known += (1 - known) * -np.expm1(-0.006)
    assert model.by_days() == pytest.approx(known, rel=1e-9)
    assert model.by_days() == pytest.approx(model.steady, rel=0.0025)


# --- the market -----------------------------------------------------------------------------------


def within(market: Market, model: limits.VidaleWolfe) -> None:
    """Hold a market to the model: 1 %, or three standard errors."""
    n, got = market.config.people.n, model.measured(market)
    independent = (market.config.days - model.settled) / (2 * model.settling)
    for name, value in model.expected().items():
        people = n * max(1.0, independent if name == STEADY else 1.0)
        error = np.sqrt(value * (1 - value) / people)
        assert got[name] == pytest.approx(value, abs=max(0.01 * value, 3 * error)), name


OTHERS = {
    "from nobody": {},
    "from everybody": {"brands.A.awareness": 1},
    "more forgetting": {
        "behaviour.awareness.forgetting": 0.008, "behaviour.awareness.forgetting_buyers": 0.008
    },
    "little spend": {"brands.A.advertising.spend": 20},
    "S-shaped": {"behaviour.advertising.exponent": 3, "brands.A.advertising.spend": 100},
}  # fmt: skip


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_awareness_settles_where_it_must(limit, changes):
    market = limit("awareness", 5, **{"people.n": 10_000, **changes})
    model = limits.of(market.config)
    assert isinstance(model, limits.VidaleWolfe)
    within(market, model)


TEETH = {
    "use": {"behaviour.awareness.use": 1, "categories.cream.usage": 30},
    "forgetting_buyers|one rate": {"behaviour.awareness.forgetting_buyers": 0},
    "network": {"network": {"kind": "complete"}, "behaviour.talk.rate": 0.1},
    "price_trend": {"behaviour.advertising.price_trend": 0.2},
    "entry": {"people.entry": {"kind": "steady", "later": 0.5, "over_days": 2900}},
}


@pytest.mark.parametrize("what", TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, presets, what):
    model = limits.of(load_market(presets / "awareness.yaml"))
    market = limit("awareness", 6, **{"people.n": 3000, **TEETH[what]})
    assert abs(awareness_by_day(market)[model.settled :].mean() - model.steady) > 0.02
    with pytest.raises(limits.NotALimit, match=what):
        limits.vidale_wolfe(market.config)


def test_rates_that_days_cannot_follow_are_refused(presets):
    fast = {"behaviour.awareness": {"forgetting": 0.3, "forgetting_buyers": 0.3, "use": 0}}
    with pytest.raises(limits.NotALimit, match="rates must be lower"):
        limits.vidale_wolfe(load_market(presets / "awareness.yaml", fast))


# --- what one more customer costs -----------------------------------------------------------------

PROMPT = {
    "people.n": 40_000,
    "days": 400,
    "categories.cream.usage": 300,
    "behaviour.choice.outside_weight": 0,
}
"""Whoever comes to know the only brand buys within days."""
FORGETTING = {"behaviour.awareness.forgetting": 0.0, "behaviour.awareness.forgetting_buyers": 0.0}
MARGINAL = {
    "nobody forgets": FORGETTING,
    "prospects forget": FORGETTING
    | {
        "behaviour.awareness.forgetting": 0.2,
        "categories.cream.usage": 30,
        "categories.cream.regularity": 1,
    },
    "carried over": FORGETTING | {"behaviour.advertising.carryover_half_life": 30},
    "S-shaped": FORGETTING
    | {"behaviour.advertising.exponent": 2, "brands.A.advertising.spend": 40},
}


@pytest.mark.parametrize("changes", MARGINAL.values(), ids=MARGINAL)
def test_marginal_cost_is_that_of_a_paired_comparison(presets, changes):
    """Spend a little lower and higher, with the same draws, against the derivative.

    Where people forget, a step of 5 % has a standard error of about as much.
    """
    given = PROMPT | changes
    spend = load_market(presets / "awareness.yaml", given).brands["A"].advertising.spend

    def run(factor: float):
        market = load_market(
            presets / "awareness.yaml", {**given, "brands.A.advertising.spend": spend * factor}
        )
        return observe(Market(market, rng=3))

    step = 0.2 if changes["behaviour.awareness.forgetting"] else 0.05
    less, middle, more = run(1 - step), run(1), run(1 + step)
    spent = [records.total("acquisition")[0] / 100 for records in (less, more)]
    won = [len(records.customers) for records in (less, more)]
    paired = (spent[1] - spent[0]) / (won[1] - won[0])
    assert marginal_cac(middle)[0] == pytest.approx(paired, rel=0.05)
    average = middle.total("acquisition")[0] / 100 / len(middle.customers)
    if "exponent" not in str(changes):  # where returns first rise, one more may cost less
        assert paired > 1.2 * average
