"""Which of the classic models a market is, and which switch keeps it from being one."""

import math

import numpy as np
from numpy.typing import NDArray

from experiments.limits.contracts import LifetimeValue, ShiftedBetaGeometric, Term
from experiments.limits.memory import VidaleWolfe
from experiments.limits.models import Bass, Dirichlet, Limit
from experiments.limits.recognise_trees import galton_watson, yule
from experiments.limits.repeats import BetaGeometric, ParetoNBD, RepeatBuying
from experiments.limits.switches import (
    AT_ONCE,
    COMMON,
    NO_DROPOUT,
    NUMBER,
    ONE_DURABLE,
    PER_ORDER,
    NotALimit,
    Rules,
    all_content,
    check,
    number,
    the,
)
from sim.config.market import MarketConfig
from sim.config.parameters import Beta, Gamma, mean_of
from sim.people.entry import entry_days
from sim.ties.network import Complete, RandomRegular, Ring

_DIRICHLET: Rules = (
    COMMON
    | NO_DROPOUT
    | {
        "people.entry.kind": "start",
        "network.kind": "none",
        "categories.*.usage": Gamma,
        "categories.*.start": "equilibrium",
        "behaviour.choice.satisfaction": 0,
        "behaviour.choice.trust": 0,
        "behaviour.choice.price": 0,
        "behaviour.choice.reference_price": 0,
        "behaviour.choice.habit": 0,
        "brands.*.products.*.supply_days": None,
    }
)
_REPEAT_BUYING: Rules = (
    COMMON
    | AT_ONCE
    | {
        "network.kind": "none",
        "categories.*.usage": Gamma,
        "categories.*.start": "immediate",
        "behaviour.dropout.satisfaction_effect": 0,
        "brands.*.products.*.supply_days": None,
    }
)
_BETA_GEOMETRIC: Rules = (
    _REPEAT_BUYING
    | PER_ORDER
    | {
        "behaviour.dropout.propensity": Beta,
        "behaviour.dropout.after_first": False,
    }
)
_PARETO_NBD: Rules = _REPEAT_BUYING | {
    "behaviour.dropout.propensity": 0,
    "behaviour.dropout.rate": Gamma,
    "behaviour.dropout.disappointment": 0,
    "behaviour.dropout.comeback": 0,
    "brands.*.never_left": False,
}
_CONTRACT: Rules = (
    COMMON
    | AT_ONCE
    | PER_ORDER
    | {
        "people.entry.kind": "start",
        "network.kind": "none",
        "categories.*.usage": NUMBER,
        "categories.*.regularity": math.inf,
        "categories.*.start": "immediate",
        "behaviour.dropout.after_first": True,
        "behaviour.dropout.satisfaction_effect": 0,
        "brands.*.products.*.supply_days": None,
    }
)
_SHIFTED_BETA_GEOMETRIC: Rules = _CONTRACT | {"behaviour.dropout.propensity": Beta}
_LIFETIME_VALUE: Rules = _CONTRACT | {
    "behaviour.dropout.propensity": NUMBER,
    "brands.*.advertising.spend": 0,
}
LATE = 0.005
"""Share of all people by which the market may be behind the Bass model because a message takes a
day: half of the .01 within which the tests hold it to the model, so that chance has the other half.
"""
_BASS: Rules = ONE_DURABLE | {
    "people.sociability": NUMBER,
    "network": (Complete, Ring, RandomRegular),
    "categories.*.start": "equilibrium",
    "behaviour.talk.constant": 1,
    "behaviour.talk.contacts": 0,
    "behaviour.talk.trigger": 1,
}

QUICK = 0.005
"""How far from the steady state of continuous time, as a share of it, that by days may be."""
_VIDALE_WOLFE: Rules = {
    "people.entry.kind": "start",
    "people.exit_rate": 0,
    "network.kind": "none",
    "behaviour.advertising.carryover_half_life": 0,
    "behaviour.advertising.price_trend": 0,
    "behaviour.awareness.use": 0,
    "brands.*.advertising.method": "fixed",
    "brands.*.rest_of_category": False,
    "brands.*.strategies": {},
}


def of(config: MarketConfig) -> Limit:
    """Return the limit that a market is in.

    Raises
    ------
    NotALimit
        If it is in none; with what to change for the nearest one.
    """
    misses: list[NotALimit] = []
    memory = (vidale_wolfe,) if config.behaviour.awareness.forgets else ()
    for read in (
        dirichlet,
        repeat_buying,
        shifted_beta_geometric,
        lifetime_value,
        bass,
        galton_watson,
        yule,
        *memory,
    ):
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
    check("the NBD-Dirichlet", config, _DIRICHLET, {"one category": len(config.categories) == 1})
    category = the(config.categories)
    mean = category.usage.mean_value * config.days / category.period_days
    concentration = config.behaviour.choice.concentration
    weights = {name: brand.share * concentration for name, brand in config.brands.items()}
    return Dirichlet(mean, category.usage.shape, weights)


def repeat_buying(config: MarketConfig) -> RepeatBuying:
    """Return the BG/NBD or Pareto/NBD that a market is.

    Raises
    ------
    NotALimit
        If it is neither; with what keeps it from being the one that its form of dropout suggests.
    """
    per_time = mean_of(config.behaviour.dropout.rate) > 0
    return pareto_nbd(config) if per_time else beta_geometric(config)


def beta_geometric(config: MarketConfig) -> BetaGeometric:
    """Return the BG/NBD that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    check("the BG/NBD", config, _BETA_GEOMETRIC, _one_brand(config))
    dropout = config.behaviour.dropout.propensity
    assert isinstance(dropout, Beta)
    return BetaGeometric(*_purchases(config), dropout.a, dropout.b, _entry(config), config.days)


def pareto_nbd(config: MarketConfig) -> ParetoNBD:
    """Return the Pareto/NBD that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    check("the Pareto/NBD", config, _PARETO_NBD, _one_brand(config))
    dropout = config.behaviour.dropout
    assert isinstance(dropout.rate, Gamma)
    s = dropout.rate.shape
    beta = s / dropout.rate.mean_value * dropout.period_days
    return ParetoNBD(*_purchases(config), s, beta, _entry(config), config.days)


def _one_brand(config: MarketConfig) -> dict[str, bool]:
    """Return what models of repeat buying need of a market besides parameters."""
    return {
        "one category": len(config.categories) == 1,
        "one brand": len(config.brands) == 1,
        "entry by a log or at the start": config.people.entry.kind != "steady",
    }


def _purchases(config: MarketConfig) -> tuple[float, float]:
    """Return shape and rate of the Gamma mixing of purchase rates, the rate in days."""
    category = the(config.categories)
    alpha = category.usage.shape / category.usage.mean_value * category.period_days
    return category.usage.shape, alpha


def _entry(config: MarketConfig) -> NDArray[np.int64]:
    """Return the day of each customer's first purchase."""
    ids = np.arange(config.people.n, dtype=np.uint64)
    return np.maximum(entry_days(config.people.entry, 0, ids), 0).astype(np.int64)


def shifted_beta_geometric(config: MarketConfig) -> ShiftedBetaGeometric:
    """Return the shifted beta-geometric that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    check("the shifted beta-geometric", config, _SHIFTED_BETA_GEOMETRIC, _contract(config))
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
    brand = the(config.brands)
    needs = _contract(config) | {"one product": len(brand.products) == 1}
    check("lifetime value at constant churn", config, _LIFETIME_VALUE, needs)
    product = the(brand.products)
    margin = product.price - product.unit_cost - brand.shipping_cost
    retention = 1 - min(1.0, max(0.0, number(config.behaviour.dropout.propensity)))
    return LifetimeValue(margin, retention, config.discount, _term(config))


def _contract(config: MarketConfig) -> dict[str, bool]:
    """Return what models of contracts need of a market besides parameters."""
    return {
        "one category": len(config.categories) == 1,
        "one brand": len(config.brands) == 1,
        # orders are on whole days, and each is counted with the nearest renewal
        "renewals two days or more apart": 2 <= the(config.categories).cycle_days < math.inf,
    }


def _term(config: MarketConfig) -> Term:
    gap = the(config.categories).cycle_days
    return Term(gap, int((config.days - 1) // gap))


def bass(config: MarketConfig) -> Bass:
    """Return the Bass model that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    network = config.network
    alone = all_content(config)
    alone["one neighbour on each side"] = getattr(network, "neighbours_each_side", 1) == 1
    check("the Bass model", config, _BASS, alone)
    category = the(config.categories)
    degree = math.inf if isinstance(network, Complete) else getattr(network, "degree", 2)
    p = number(category.usage) / category.period_days
    talk = config.behaviour.talk
    q = talk.rate / talk.period_days * number(config.people.sociability)
    model = Bass(p, q, degree, config.days)
    if (late := model.lag()) > LATE:
        raise NotALimit(
            "the Bass model",
            [
                "behaviour.talk.rate must be lower: messages are heard on the next day, and at "
                f"q = {q:.3g} a day the market is behind by up to {late:.3f} of all people"
            ],
        )
    return model


def vidale_wolfe(config: MarketConfig) -> VidaleWolfe:
    """Return the model of awareness that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    brand, name = the(config.brands), "awareness under constant advertising"
    memory, rules = config.behaviour.awareness, config.behaviour.advertising
    needs = {
        "one brand": len(config.brands) == 1,
        "advertising": brand.advertising.spend > 0,
        "forgetting at one rate above 0": 0 < memory.forgetting == memory.forgetting_buyers,
    }
    check(name, config, _VIDALE_WOLFE, needs)
    spend, c = brand.advertising.spend, rules.exponent
    gain = rules.reach * spend**c / (spend**c + rules.half_spend**c)
    model = VidaleWolfe(gain, memory.forgetting, brand.awareness, config.days)
    if abs(model.by_days() / model.steady - 1) > QUICK:
        reason = "rates must be lower: a market has days, and learns and forgets once a day"
        raise NotALimit(name, [reason])
    return model
