"""Any market at all, larger and wilder than those of the properties: `any_market` and more."""

import math
import random
from typing import Any

from any_audience import with_audiences
from any_market import (
    Some,
    all_of,
    all_rewards,
    amount,
    brand,
    category,
    eager_friends,
    few_limits,
    lively_sellers,
    several,
    share,
    social_portfolio,
    some_share,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sim.config.behaviour import Behaviour
from sim.config.parameters import Parameters, describe

from .made_up import Meddler
from .mechanisms import installed


def one_of(*values: Any) -> Some:
    return st.sampled_from(values)


weak_ties = {
    "contacts": one_of(0, 2, 6),
    "contact_strength": one_of(0.1, 0.5),
    "homophily_dropout": one_of(0.0, 0.6),
}


def tied(optional: Any = None, **required: Some) -> Some:
    return st.fixed_dictionaries(required, optional={**weak_ties, **(optional or {})})


network = st.one_of(
    all_of(kind=one_of("none")),
    all_of(kind=one_of("complete"), strength=one_of(0.3, 1.0)),
    tied(
        {"neighbours_each_side": one_of(1, 3), "homophily": one_of(0.3, 1.0)}, kind=one_of("ring")
    ),
    tied(
        kind=one_of("small_world"),
        mean_degree=one_of(4, 8),
        rewire=one_of(0.0, 0.3),
        strength_spread=one_of(0.0, 0.5),
        homophily=one_of(0.0, 0.5),
    ),
    tied(kind=one_of("scale_free"), mean_degree=one_of(4), clustering=one_of(0.0, 0.8)),
    tied(kind=one_of("random_regular"), degree=one_of(4), homophily=one_of(0.0, 0.7)),
    tied(kind=one_of("erdos_renyi"), mean_degree=one_of(0.5, 5.0), strength=one_of(0.5, 0.9)),
    tied(
        kind=one_of("blocks"),
        sizes=one_of((0.5, 0.5), (0.2, 0.3, 0.5)),
        mean_degree_within=one_of(5.0),
        strength_spread=one_of(0.3),
    ),
)
living_ties = several(
    shared=one_of(0.0, 0.3), kept=one_of(0.0, 0.4), half_life=one_of(3.0, 60.0, math.inf)
)
dropout_forms = {
    "rate": one_of(0.0, 1.5, 20.0, {"dist": "gamma", "shape": 0.6, "rate": 0.2}),
    "disappointment": one_of(0.0, 0.3, 1.0),
    "disappoints": one_of("below_threshold", "below_expectation", "either"),
    "comeback": one_of(0.0, 2.0, 20.0),
}
advertising = several(
    reach=one_of(0.1, 0.5),
    exponent=one_of(0.5, 2.5),
    carryover_half_life=one_of(0.5, 10.0),
    price_trend=one_of(-0.5, 2.0),
)
awareness = several(
    forgetting=one_of(0.02, 0.2),
    forgetting_buyers=one_of(0.01, 0.1),
    use=share,
    touch=share,
)
behaviour = several(
    purchase_occasion=several(consumption_flexibility=share),
    choice=several(
        concentration=one_of(0.3, 5.0),
        outside_weight=one_of(0.0, 1.0),
        wait_weight=one_of(0.0, 0.3),
        reference_price=one_of(0.0, 3.0),
        habit=one_of(0.0, 2.0),
        social_proof=one_of(0.0, 2.0),
        points=one_of(0.0, 3.0),
        status=one_of(0.0, 2.0),
        holding_cost=one_of(0.0, 0.1, 2.0),
        size_dissimilarity=one_of(0.01, 0.3, 1.0),
    ),
    experience=several(
        satisfaction_threshold=one_of(0.0, 0.3, 0.7, 1.0),
        exponent=one_of(-math.inf, -1.0, 0.5, 1.0),
        expectation=one_of(0.4, {"dist": "beta", "a": 3, "b": 2}),
        disconfirmation=one_of(0.0, 2.0),
        loss_aversion=one_of(0.0, 3.0),
        fault_quality=one_of(0.0, 0.5),
        misuse=share,
        delight=one_of(0.0, 3.0),
        delight_half_life=one_of(3.0, 100.0),
        complaint=share,
        regret=one_of(0.0, 3.0),
    ),
    dropout=several(
        propensity=one_of(0.0, 0.05, 0.5, {"dist": "beta", "a": 1, "b": 5}),
        common=one_of(0.0, 0.4, 1.0),
        after_first=st.booleans(),
        satisfaction_effect=one_of(0.0, 6.0),
        contagion=one_of(1.0, 4.0),
        contagion_half_life=one_of(5.0, 300.0),
        **dropout_forms,
    ),
    trust=several(kept=share, broken=share, prior=one_of(0.1, 0.9)),
    reference_price=several(learning=share),
    touch=several(
        response=one_of(0.5, 1.0),
        automation_warmth=share,
        commercial_load=one_of(0.0, 3.0),
        tolerance=one_of(0.0, 1.0),
        annoyance=one_of(0.0, 0.5),
        opt_out=one_of(0.0, 0.01, 0.1),
        inert_cycles=one_of(0.0, 1.0),
        inert_dropout=share,
        remind_reach=one_of(0.0, 5.0, 60.0),
        ugc=share,
        event_delight=share,
        ugc_reach=one_of(0, 2, 9),
    ),
    talk=several(
        rate=one_of(0.0, 0.1, 0.5),
        constant=one_of(0.0, 1.0),
        negative_weight=one_of(0.0, 3.0),
        awareness=share,
        trigger=share,
        half_life=one_of(5.0),
        contacts=share,
    ),
    ties=living_ties,
    referral=several(
        asked=one_of(1.0, 5.0),
        spontaneous=one_of(1.0, 5.0),
        invitations=one_of(1.0, 20.0),
        emotion=one_of(0.0, 3.0),
        scale=one_of(0.01, 1.0),
        gradient=one_of(0.0, 3.0),
        status_reward=one_of(0.0, 1.0),
        acceptance_intercept=one_of(math.inf, 0.0, -2.0),
        refusal=one_of(0.0, 2.0),
        fairness=share,
        matching=one_of(0.0, 0.5, 3.0),
        trigger=share,
        failed_tie_loss=share,
        failed_trust_loss=share,
        failed_delight_loss=share,
        redeem=share,
    ),
    direct_selling=st.one_of(
        lively_sellers,
        several(
            join_intercept=one_of(0.0, -2.0),
            prejudice=share,
            fee=one_of(0.0, 2.0),
            incumbency=one_of(-2.0, 2.0),
            full_time=share,
            calls=one_of(2.0, 20.0),
            recruiting=share,
            trigger=share,
            call_days=one_of(0, 30),
            tie_erosion=share,
            review_days=one_of(3, 15),
            quit_intercept=one_of(-math.inf, -1.0, 1.0),
            shortfall=one_of(0.0, 2.0),
        ),
    ),
    advertising=advertising,
    awareness=awareness,
)
meddler = st.builds(
    dict,
    period=one_of(0, 1, 4, 7),
    price=st.one_of(st.none(), amount),
    prior_orders=one_of(0.0, 2.0),
    cash=st.one_of(st.none(), amount),
    recruits=st.booleans(),
    budget=one_of(None, None, 20, 200),
    budget_days=one_of(None, 40),
    audience=st.fixed_dictionaries({"share": some_share}, optional={"group": one_of("pilot")}),
)
traits = several(
    price_sensitivity=one_of(0.0, {"dist": "gamma", "mean": 1.1, "shape": 1.7}),
    sociability=one_of(3.0, {"dist": "gamma", "mean": 2, "shape": 0.3}),
    deal_proneness=some_share,
    contact_sensitivity=one_of(0.2, {"dist": "lognormal", "mean": 1.3, "sigma": 0.9}),
    willingness=one_of(0.0, 1.0, {"dist": "beta", "a": 2, "b": 2}),
)


lively_behaviour = all_of(
    ties=living_ties,
    talk=one_of({"rate": 0.1}, {"rate": 0.3, "trigger": 0.3, "awareness": 0.5}),
    touch=one_of({"response": 1.0}, {"response": 1.0, "ugc": 1.0, "opt_out": 0.0}),
    experience=all_of(
        satisfaction_threshold=one_of(0.0, 0.4), exponent=one_of(-8.0, 1.0), regret=one_of(0.2, 2.0)
    ),
    dropout=several(propensity=one_of(0.0, 0.02), **dropout_forms),
    choice=one_of({}, {"points": 3.0, "status": 2.0, "outside_weight": 0.0}),
    referral=one_of(
        {"asked": 5.0, "acceptance_intercept": 0.0, "trigger": 1.0, "matching": 1.0}, eager_friends
    ),
    direct_selling=lively_sellers,
    purchase_occasion=one_of({}, {"consumption_flexibility": 0.3}),
    advertising=advertising,
    awareness=one_of({}, {}, {"forgetting": 0.05, "forgetting_buyers": 0.03, "touch": 0.5}),
)


quick_levels = one_of(
    {}, {"discounts": (0.3, 0.6), "promote_at": (0, 1), "peer_bonus": 0.05, "budget": None}
)


@st.composite
def whole_markets(
    draw: st.DrawFn, people: tuple[int, int] = (20, 300), days: tuple[int, int] = (60, 200)
) -> dict[str, Any]:
    """Generate markets of any kind; of the made-up strategy the parameters, see `with_meddler`.

    Two in three are such that people like what they get, and friends and distributors matter.
    """
    lively = draw(one_of(True, True, False))
    kinds = draw(categories(lively))
    names = draw(one_of("A", "AB", "ABC", "ABCDE"))
    return with_audiences(
        {
            "days": draw(st.integers(*days)),
            "burn_in": draw(one_of(0, 15, 40)),
            "terminal_period": draw(one_of(0, 20)),
            "people": {
                "n": draw(st.integers(*people)),
                "entry": draw(
                    one_of(
                        {}, *({"kind": "steady", "later": 0.5, "over_days": d} for d in (60, 400))
                    )
                ),
                "exit_rate": draw(one_of(0, 0.5, 3)),
                **draw(traits),
            },
            "network": draw(network),
            "behaviour": draw(lively_behaviour if lively else behaviour),
            "categories": kinds,
            "brands": {name: draw(seller(lively, sorted(kinds))) for name in names},
        }
    )


@st.composite
def categories(draw: st.DrawFn, lively: bool) -> dict[str, Any]:
    kinds = {name: draw(category()) for name in draw(one_of(["c"], ["c", "d"], ["c", "d", "e"]))}
    usage = one_of(10, 40, 60, {"dist": "gamma", "mean": 29.3, "shape": 0.73})
    for kind in kinds.values():
        kind["usage"] = 60 if lively else draw(usage)
        kind["start"] = draw(one_of("equilibrium", "fresh", "immediate"))
        kind["season_peak_day"] = draw(one_of(0, 200))
    return kinds


spending = all_of(
    spend=amount,
    method=one_of("fixed", "fixed", "share_of_revenue", "balance"),
    revenue_share=one_of(0.1, 0.5),
    customer_value=one_of(20, 1000),
    half_life=one_of(1.0, 10.0),
)


@st.composite
def seller(draw: st.DrawFn, lively: bool, categories: list[str]) -> dict[str, Any]:
    each = draw(brand(categories))
    each |= {"share": draw(one_of(0.1, 0.5)), "awareness": draw(one_of(0.3, 0.9))}
    each["never_left"] = draw(one_of(False, False, False, True))
    if lively:
        each |= {"service": 0.9, "misdelivery": 0.1, "late": 0.1}
        each["strategies"] = draw(social_portfolio)
        for strategy in each["strategies"].values():
            strategy |= draw(few_limits)
        each["strategies"]["referral"] |= draw(all_rewards)
        each["strategies"]["agent_recruitment"] |= draw(quick_levels)
        for item in each["products"].values():
            item |= {"quality": draw(one_of(0.5, 0.9)), "fault_rate": 0.05}
            item |= {"refund_days": draw(one_of(0, 9)), "supply_days": draw(one_of(5.0, None))}
        for twin in installed().values():
            each["strategies"] |= twin.strategies(each)
    each["advertising"] = draw(spending)
    if draw(one_of(*[False] * 7, True)):
        return each | {
            "rest_of_category": True,
            "strategies": {},
            "advertising": {},
            "awareness": 1,
        }
    if draw(st.booleans()):
        each["strategies"] |= {"meddler": draw(meddler), "none": {}}
    return each


def with_meddler(market: dict[str, Any]) -> dict[str, Any]:
    """Return the market with the made-up strategy itself."""
    brands = {}
    for name, each in market["brands"].items():
        portfolio = dict(each["strategies"])
        if "meddler" in portfolio:
            portfolio["meddler"] = Meddler(**portfolio["meddler"])
        brands[name] = {**each, "strategies": portfolio}
    return {**market, "brands": brands}


def with_all_moved(market: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the market with every number of behaviour that it leaves out moved by up to half."""
    pick = random.Random(number)
    groups = {info.name: type(info.default) for info in describe(Behaviour)}
    given = market["behaviour"]
    moved = {name: _moved(group, pick) | given.get(name, {}) for name, group in groups.items()}
    return {**market, "behaviour": moved}


def _moved(group: type[Parameters], pick: random.Random) -> dict[str, float]:
    found = {}
    for info in describe(group):
        if isinstance(info.default, int | float) and not isinstance(info.default, bool):
            value = (info.default or 0.3) * pick.uniform(0.5, 1.5)
            low = -math.inf if info.low is None else info.low
            value = max(low, value if info.high is None else min(info.high, value))
            found[info.name] = round(value) if info.annotation is int else value
    return found


def market_number(number: int, kind: Some) -> tuple[dict[str, Any], int]:
    """Return the market of a kind with that number, and a seed; each number is one of its own.

    Left to itself, hypothesis looks for trouble near what it has tried, here at some seconds each.
    """
    found: list[dict[str, Any]] = []

    @seed(number)
    @settings(
        max_examples=2,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(kind)
    def collect(market: dict[str, Any]) -> None:
        found.append(market)

    collect()
    return found[-1], number * 0x9E3779B97F4A7C15 % 2**64
