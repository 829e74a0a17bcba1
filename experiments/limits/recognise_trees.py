"""Which markets are models of who brought whom, and how near people and days let them come."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from experiments.limits.switches import (
    NUMBER,
    ONE_DURABLE,
    NotALimit,
    Rules,
    all_content,
    check,
    number,
    the,
)
from experiments.limits.trees import GaltonWatson, Yule
from sim.config.market import MarketConfig
from sim.engine.calendar import NEVER
from sim.ties.network import Complete

NEAR = 0.98
"""Share of the mean of an endless population that a market must reach."""
_TREE: Rules = ONE_DURABLE | {
    "network": Complete,
    "categories.*.regularity": NUMBER,  # nobody needs it twice
    "categories.*.start": "immediate",
    "behaviour.experience.expectation": NUMBER,
    "behaviour.referral.matching": 0,
    "brands.*.strategies": dict,
}
_GALTON_WATSON: Rules = _TREE | {
    "people.sociability": NUMBER,
    "behaviour.talk.constant": 1,
    "behaviour.talk.awareness": 0,
    "behaviour.referral.acceptance_intercept": math.inf,
    "behaviour.referral.trigger": 1,
    "brands.*.awareness": NUMBER,
    "brands.*.advertising.spend": 0,
    "brands.*.contact_cap": 0,
    "brands.*.strategies.referral.kind": "none",
    "brands.*.strategies.referral.koc_from": 0,
    "brands.*.strategies.referral.audience.share": 1,
    "brands.*.strategies.referral.budget": None,
}
_YULE: Rules = _TREE | {
    "behaviour.touch.annoyance": 0,
    "behaviour.direct_selling.join_intercept": math.inf,
    "behaviour.direct_selling.full_time": 0,
    "behaviour.direct_selling.quit_intercept": -math.inf,
    "brands.*.contact_cap": None,
    "brands.*.strategies.agent_recruitment.courses": 0,
    "brands.*.strategies.agent_recruitment.referrals_needed": 0,
    "brands.*.strategies.agent_recruitment.audience.share": 1,
    "brands.*.strategies.agent_recruitment.budget": None,
}


def galton_watson(config: MarketConfig) -> GaltonWatson:
    """Return the branching process of Galton and Watson that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    limit = "a Galton-Watson process"
    brand, category = the(config.brands), the(config.categories)
    needs = all_content(config) | {
        "referral as the only strategy": list(brand.strategies) == ["referral"],
        "needs that return, so that they can be woken": category.retry_days < NEVER,
        "some who know the brand": brand.awareness > 0,
    }
    check(limit, config, _GALTON_WATSON, needs)
    brought = _brought(config)
    model = GaltonWatson(float(brought.sum()))
    if model.offspring >= 1:
        raise NotALimit(limit, [f"it needs fewer friends than {model.offspring:.4g} of each"])
    reached = model.mean_cascade_among(brand.awareness) * ended(brought)
    _near(limit, "cascade", reached, model.mean_cascade)
    return model


def _brought(config: MarketConfig) -> NDArray[np.float64]:
    """Return how many friends a customer invites on each day since the purchase, on average.

    Talk is Poisson, and turns into an invitation with a chance that depends on the delight left;
    so invitations are Poisson too. Their mean in all is close to

        talk rate x integral of 1 - exp(-k 2^(-t / h)) dt = talk rate x h / ln 2 x Ein(k),

    h being the half-life, k the rate at first, Ein(k) = gamma + ln k + E1(k). Delight fades from
    one day to the next, so it is a sum over days here, about half of the first day's rate more.
    """
    rules, product = config.behaviour, the(the(config.brands).products)
    feeling, talk = rules.experience, rules.talk
    delight = min(1.0, feeling.delight * (product.quality - number(feeling.expectation)))
    left = 0.5 ** (np.arange(config.days) / feeling.delight_half_life)
    chance = -np.expm1(-rules.referral.spontaneous * rules.referral.emotion * delight * left)
    return talk.rate / talk.period_days * number(config.people.sociability) * chance


def ended(brought: NDArray[np.float64]) -> float:
    """Return the share of a cascade that has come by the end of the run.

    By day t of a cascade it has m(t) = 1 + sum over a < t of brought(a) m(t - 1 - a) people: an
    invitation is heard, and followed, the day after.
    """
    size = lfilter([1.0], np.concatenate([[1.0], -brought]), np.ones(brought.size))
    return float(size[-1] * (1 - brought.sum()))


def yule(config: MarketConfig) -> Yule:
    """Return the pure birth process of Yule that a market is.

    Raises
    ------
    NotALimit
        If it is not one.
    """
    limit = "the Yule process"
    agency = the(config.brands).strategies.get("agent_recruitment")
    needs = all_content(config) | {
        "agency as the only strategy": list(the(config.brands).strategies) == ["agent_recruitment"],
        "one round of asking": agency is not None and agency.ask_every >= config.days - 1,
    }
    check(limit, config, _YULE, needs)
    work = config.behaviour.direct_selling
    # founders are asked on day 1 and call from then on; a call of the last day is not heard
    model = Yule(work.calls * work.recruiting / work.period_days, max(0, config.days - 2))
    founders = config.behaviour.touch.response
    _near(limit, "team of founders", model.mean_team_among(founders), model.mean_team)
    return model


def _near(limit: str, what: str, reached: float, mean: float) -> None:
    """Raise `NotALimit` where people or days are too few for the mean of an endless population."""
    if not reached >= NEAR * mean:
        few = f"more people for each who begins, or more days: the mean {what} is {reached:.4g}"
        raise NotALimit(limit, [f"it needs {few}, not {mean:.4g}"])
