"""What is nonsense is refused; what is extraordinary is said, once, where it was written."""

import math
import warnings
from pathlib import Path
from typing import ClassVar

import pytest

from experiments.markets import plain
from experiments.study import load
from sim import terms
from sim.config import behaviour as rules
from sim.config.lag import lag
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.config.parameters import Parameters, Spread, describe
from sim.config.remarks import Remark, find, silent, written
from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.strategies import interface as strategy
from tests.markets import BEANS

CONFIGS = [
    path
    for path in sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))
    if path.parent.name != "ensembles"  # about the table beside it, and no study
]
pytestmark = pytest.mark.quick


def remarks(market_config, **changes) -> dict[str, str]:
    """Return what is said of the busy market with some values changed, by path."""
    with silent():
        config = market_config(**changes)
        usual = set(find(market_config()))
    return {".".join(map(str, p)): what for p, what in find(config) if (p, what) not in usual}


# --- what is refused ------------------------------------------------------------------------------

NONSENSE = {
    "discount": (10, "must be <= 1 "),
    "people.exit_rate": (30, "must be <= 12 "),
    "people.willingness": (2.0, "must be a share of 0 to 1 for everybody (got 2)"),
    "people.deal_proneness": (5.0, "must be a share of 0 to 1 for everybody (got 5)"),
    "people.sociability": (1e300, "must be <= 1000000000000 "),
    "people.price_sensitivity": (101, "must be <= 100 (got 101)"),
    "people.contact_sensitivity": (-1, "must be >= 0 "),
    "behaviour.dropout.propensity": (30, "must be a share of 0 to 1"),
    "behaviour.choice.price": (1e6, "must be <= 100 "),
    "behaviour.choice.trust": (-1000, "must be >= -100 "),
    "behaviour.referral.tie": (1e9, "must be <= 100 "),
    "behaviour.talk.period_days": (1e10, "must be <= 36500 "),
    "behaviour.talk.rate": (1e300, "must be <= 1000000 "),
    "behaviour.direct_selling.hours": (1000, "must be <= 720 "),
    "behaviour.advertising.reach": (365, "must be <= 100 "),
    "brands.A.share": (30, "must be <= 1 "),
    "brands.A.awareness": (30, "must be <= 1 "),
    "categories.cream.price": (1e12, "must be <= 10000000 "),
    "categories.cream.usage": (1e9, "must be <= 1,000,000 (got 1,000,000,000)"),
    "people.n": (10**30, "must be <= 100000000 "),
    "days": ("365", "must be a whole number (got '365')"),
    "burn_in": (True, "must be a whole number (got true)"),
    "behaviour.trust.kept": (True, "must be a number (got true)"),
    "behaviour.trust.prior": ("0.5", "must be a number (got '0.5')"),
    "network.mean_degree": (10**15, "must be <= 1000000 "),
    "brands.C.strategies.referral.goods_at": ([10**30], "goods_at must be from 1 to 100000"),
}


@pytest.mark.parametrize("path", NONSENSE)
def test_nonsense_is_refused(market_config, path):
    value, says = NONSENSE[path]
    with pytest.raises(ConfigError) as refused:
        market_config(**{path: value})
    assert path.removesuffix(".goods_at") in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("trait", "spread", "says"),
    [
        ("willingness", {"dist": "gamma", "mean": 0.2, "shape": 2}, "gamma has values above 1"),
        ("deal_proneness", {"dist": "lognormal", "mean": 0.4, "sigma": 0.1}, "values above 1"),
        ("willingness", {"dist": "constant", "value": 1.5}, "(got 1.5)"),
        ("sociability", {"dist": "gamma", "mean": 1e6, "shape": 2}, "the mean must be <= 100 "),
        ("sociability", {"dist": "gamma", "shape": 1, "rate": 1e-9}, "the mean must be <= 100 "),
        ("price_sensitivity", {"dist": "lognormal", "mean": 1, "sigma": 9}, "must be <= 5 "),
        ("sociability", {"dist": "gamma", "mean": 1, "shape": 1e-6}, "must be >= 0.001 "),
    ],
)
def test_a_trait_is_where_it_can_be(market_config, trait, spread, says):
    with pytest.raises(ConfigError) as refused:
        market_config(**{f"people.{trait}": spread})
    assert f"people.{trait}" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "spread",
    [0, 1, {"dist": "beta", "a": 2, "b": 5}, {"dist": "lognormal", "mean": 0.4, "sigma": 0}],
)
def test_a_share_may_differ_between_people_within_0_and_1(market_config, spread):
    assert market_config(**{"people.willingness": spread}).people.willingness is not None


def test_every_number_has_bounds_and_every_default_is_usual():
    """But for the few where infinity means never, or for ever."""
    open_ended = set()
    groups = [MarketConfig, rules.Behaviour, *strategy.strategies().values()]
    while groups:
        group = groups.pop()
        for info in describe(group):
            kind = info.annotation
            if isinstance(kind, type) and issubclass(kind, Parameters):
                groups.append(kind)
            number = isinstance(info.default, int | float) and not isinstance(info.default, bool)
            if (number or isinstance(info.default, Spread)) and None in (info.low, info.high):
                open_ended.add(info.name)
    assert open_ended == {
        "exponent", "acceptance_intercept", "join_intercept", "quit_intercept",
        "half_life", "delight_half_life", "contagion_half_life", "fatigue_half_life",
    }  # fmt: skip
    assert not [*find(rules.Behaviour())]
    for cls in strategy.strategies().values():
        assert not [*find(cls())]


# --- what is said ---------------------------------------------------------------------------------

SAID = {
    "brands.A.advertising.method": ("balance", "nothing is ever spent without a first spend"),
    "brands.A.advertising.customer_value": (90, "90 has no effect: the method is fixed"),
    "behaviour.awareness.forgetting": (0.7, "50.3% of those who know a brand forget it in one day"),
    "people.exit_rate": (3, "3 per year is unusual (usual: 0 to 1): half of all people have left "
                            "the category after 84.3 days"),
    "discount": (0.5, "0.5 per year is unusual (usual: 0 to 0.3): money in one year is worth 67%"),
    "people.sociability": (
        {"dist": "gamma", "mean": 50, "shape": 2}, "a mean of 50 is unusual (usual: 0 to 10)"),
    "behaviour.dropout.propensity": (0.9, "90% of customers drop out after an experience"),
    "behaviour.choice.satisfaction": (20, "weight of a brand in a choice by 4.85e+08"),
    "behaviour.referral.tie": (-20, "multiplies the odds by 2.06e-09"),
    "behaviour.experience.delight_half_life": (1e6, "that is 2740 years"),
    "behaviour.touch.opt_out": (0.4, "40% of customers opt out at each touch"),
    "behaviour.direct_selling.calls": (700, "100 calls a day, of which at most 64 are made"),
    "categories.cream.usage": (3650, "10 purchase occasions a day on average, of which at most 64 are met"),
    "brands.A.products.cream.price": (30_000, "300 times the usual price of cream, 100"),
    "brands.A.products.cream.unit_cost": (130, "each order makes a loss"),
    "brands.A.advertising.spend": (20_000, "that is 7,300 CNY for each person and year"),
    "brands.A.late": (0.9, "90% of orders are late"),
    "days": (36_500, "that is 100 years"),
    "people.willingness": (1, "(usual: 0.0001 to 0.98): all people are alike, at 1 or close to it"),
    "people.deal_proneness": (0, "all people are alike, at 0 or close to it"),
    "brands.A.strategies.service_followup.coupon": (1, "0% of the price is paid"),
    "brands.A.strategies.referral.friend_discount": (0.9, "10% of the price is paid"),
    "brands.A.strategies.referral.reward": (5000, "5,000 CNY per friend is unusual (usual: 0 to "
                                                  "1,000): for a friend who bought and kept it"),
    "brands.A.strategies.referral.salon_cost": (9000, "9,000 CNY per KOC who comes is unusual"),
    "brands.A.strategies.referral.points_days": (1, "1 days is unusual (usual: 30 to 1,825): that "
                                                    "is 24 hours"),
    "brands.A.strategies.referral.valid_days": (3650, "that is 10 years"),
    "brands.A.strategies.referral.goods_at": ([1, 3, 500], "500 friends is unusual (usual: 1 to"),
    "brands.A.strategies.agent_recruitment.discounts": ([0.4, 0.5, 0.95], "5% of the price is paid"),
    "brands.A.strategies.agent_recruitment.first_stock": (900_000, "900,000 CNY at list price is unusual"),
    "brands.A.strategies.agent_recruitment.refusal_days": (3650, "that is 10 years"),
    "brands.A.strategies.agent_recruitment.peer_bonus": (0.7, "70% of what the downline sells"),
    "brands.A.strategies.service_followup.lead_days": (55, "55 days before depletion is unusual"),
    "brands.A.strategies.service_followup.coupon_days": (300, "300 days is unusual (usual: 1 to"),
    "brands.A.strategies.service_followup.audience.share": (0, "0 is 0% of people are"),
    "categories.cream.retry_days": (36_500, "that is 100 years"),
    "categories.cream.period_days": (7300, "that is 20 years"),
    "behaviour.talk.period_days": (7300, "that is 20 years"),
}  # fmt: skip


@pytest.mark.parametrize("path", SAID)
def test_what_is_extraordinary_is_said_in_plain_words(market_config, path):
    value, says = SAID[path]
    found = remarks(market_config, **{path: value})
    assert says in found[path]
    assert set(found) - {"behaviour.talk.rate"} == {path}


def test_brands_that_nobody_can_come_to_know_are_said(market_config):
    unknown = {f"brands.{brand}.awareness": 0 for brand in market_config().brands}
    silent = {f"brands.{brand}.advertising.spend": 0 for brand in market_config().brands}
    assert "nobody can ever buy" in remarks(market_config, **unknown, **silent)["brands"]
    assert "brands" not in remarks(market_config, **unknown)
    assert "brands" not in remarks(
        market_config, **{**unknown, "brands.A.awareness": 0.1}, **silent
    )


def test_infinity_is_written_on_purpose(market_config):
    assert not remarks(market_config, **{"behaviour.referral.acceptance_intercept": math.inf})


def test_later_entries_that_the_run_does_not_see_are_said_unless_written_out(market_config):
    entry = {"kind": "steady", "later": 0.4}
    found = remarks(market_config, **{"people.entry": entry})["people.entry"]
    assert found.startswith("over_days is not given: 40% of people come over 730 days, and 3% ")
    assert not remarks(market_config, **{"people.entry": {**entry, "over_days": 730}})


def test_a_budget_that_does_not_come_in_during_the_run_is_said(market_config):
    strategy = "brands.A.strategies.service_followup"
    found = remarks(market_config, **{f"{strategy}.budget": 9, f"{strategy}.budget_days": 240})
    assert "longer than the run of 60 days: 25% of the budget" in found[f"{strategy}.budget_days"]


@pytest.fixture
def price(known_strategies):
    """A strategy that sets a price for day 0, and others from day 3 on."""

    class Price(strategy.Strategy):
        """Set prices."""

        every: ClassVar[int] = 1
        first: float = 100
        later: tuple[float, ...] = (100,)

        def terms(self, product):
            return [terms.Price(product.name, self.first)] if product.name == "cream" else []

        def decide(self, view, day):
            if day >= 3:
                view.set_price("cream", self.later[day % len(self.later)])

    return Price


def far(start: float) -> str:
    return (
        f"sets a price of cream below {start / 5:g} or above {start * 5:g} CNY: less than 0.2 or "
        f"more than 5 times the list price at the start, {start:g} CNY"
    )


@pytest.mark.parametrize(("cny", "said"), [(20, 0), (500, 0), (19.9, 1), (500.5, 1), (0, 1)])
def test_a_price_of_day_0_far_from_the_list_price_is_said_at_the_strategy(
    market_config, price, cny, said
):
    found = remarks(market_config, **{"brands.A.strategies": {"price": {"first": cny}}})
    assert found == ({"brands.A.strategies.price": far(100)} if said else {})


@pytest.mark.parametrize(
    ("prices", "times"),
    [([20, 500, 90], 0), ([19.9], 1), ([501, 90], 1), ([10, 900, 50, 1e6], 1)],
)
def test_a_price_that_is_set_in_the_run_is_said_once_for_each_product(still, price, prices, times):
    market = still(**{"brands.A.strategies": {"price": {"first": 90, "later": prices}}})
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", Remark)
        market.run_model()
    assert [str(w.message) for w in found] == [f"brands.A.strategies.price: {far(100)}"] * times


def test_parameters_of_ties_that_do_nothing_are_said(market_config):
    alike = {"network.homophily_dropout": 0.5}
    found = remarks(market_config, **alike, **{"behaviour.talk.contacts": 0.2})
    assert "nothing is alike by it" in found["network.homophily_dropout"]
    assert "nobody has contacts" in found["behaviour.talk.contacts"]
    spread = {"behaviour.experience.expectation": {"dist": "beta", "a": 3, "b": 2}}
    assert not remarks(market_config, **alike, **spread)
    assert not remarks(market_config, **alike, **{"behaviour.dropout.common": 0.2})
    assert not remarks(market_config, **{"behaviour.talk.contacts": 0.2, "network.contacts": 10})


def test_fast_talk_is_said(market_config):
    """As fast as in a Bass model that is late by more than .015 of all people."""
    fast = {"behaviour.talk.rate": 10 / 365, "behaviour.talk.trigger": 1,
            "people.sociability": 1, "categories.cream.usage": 0.03,
            "categories.soap.usage": 0.03}  # fmt: skip
    found = remarks(market_config, **fast)
    late = lag(0.03 / 365, 10 / 365)
    assert f"late by {late:.1%} of all people" in found["behaviour.talk.rate"]
    assert 0.015 < late < 0.02
    assert not remarks(market_config, **fast, network={"kind": "none"})
    assert not remarks(market_config, **{**fast, "behaviour.talk.rate": 5 / 365})


# --- where it is said -----------------------------------------------------------------------------

FILE = f"""\
use: {BEANS}
set:
  people.n: 50
  days: 5
  burn_in: 0

people:
  exit_rate: 3
"""


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "odd.yaml").write_text(FILE)
    return tmp_path / "odd.yaml"


def said(recwarn_or_list) -> list[tuple[str, int]]:
    return [(Path(w.filename).name, w.lineno) for w in recwarn_or_list if w.category is Remark]


def test_a_file_is_remarked_on_at_its_line_and_once(file):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default", Remark)
        config = load_market(file)
        Market(config, rng=1)
        Market(config, rng=2)
    assert said(found) == [("odd.yaml", 8)]
    assert str(found[0].message).startswith("people.exit_rate: 3 per year is unusual")


def test_a_market_made_in_python_is_remarked_on_where_it_is_made():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", Remark)
        Market(BEANS, rng=1, **{"people.n": 20, "days": 2, "burn_in": 0, "discount": 0.5})
    assert [name for name, _ in said(found)] == [Path(__file__).name]
    with pytest.warns(Remark, match=r"discount: 0\.5"):
        load_market({"use": BEANS, "discount": 0.5})
    with silent():
        made = MarketConfig.model_validate(plain(load_market(BEANS, {"discount": 0.5})))
    with pytest.warns(Remark, match=r"discount: 0\.5"):
        load_market(made)


def test_a_factor_is_remarked_on_where_its_range_goes_too_far(tmp_path):
    study = "schema: 1\nstudy: sweep\nresponse: orders\n"
    study += f"market: {{use: {BEANS}, set: {{people.n: 50}}}}\nfactors:\n"
    (tmp_path / "s.yaml").write_text(study + "  people.exit_rate: {range: [0.1, 2]}\n")
    with pytest.warns(Remark, match=r"factors.people.exit_rate: at 2.0: .*exit_rate: 2 per"):
        load(tmp_path / "s.yaml")
    (tmp_path / "s.yaml").write_text(study + "  people.exit_rate: {choices: [0, true]}\n")
    with pytest.raises(ConfigError, match=r"exit_rate: must be a number .got true"):
        load(tmp_path / "s.yaml")


def test_the_command_line_says_each_remark_once(huitou, file):
    code, out, err = huitou("validate", file)
    assert code == 0
    assert out.startswith("ok ")
    assert err.splitlines() == [
        f"remark: {file}:8:3: people.exit_rate: 3 per year is unusual (usual: 0 to 1): half of all "
        "people have left the category after 84.3 days"
    ]


def test_a_study_says_its_remarks_once_however_many_arms_and_runs(huitou, file, tmp_path):
    (tmp_path / "study.yaml").write_text(
        "schema: 1\nstudy: compare\nmarket: {use: odd.yaml}\narms: {a: {}, b: {discount: 0.5}}\n"
        "replicates: {n: 2}\nexecute: {engine: inline}\n"
    )
    code, _, err = huitou("compare", "study.yaml", "--quiet")
    assert code == 0
    assert [line.split(": ")[1].rsplit("/")[-1] for line in err.splitlines()] == [
        "odd.yaml:8:3",
        "study.yaml:4:19",
    ]


def test_a_starter_file_says_what_is_usual(huitou):
    lines = huitou("new", "run")[1].splitlines()
    line = next(line for line in lines if line.strip().startswith("exit_rate:"))
    assert "per year; 0 to 12; usual 0 to 1; default 0; rate at which" in line


def test_other_warnings_are_left_alone():
    lines: list[str] = []
    with (
        pytest.warns(UserWarning, match="something else"),
        written(lines.append),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("always")
        warnings.warn("something else", stacklevel=1)
    assert not lines


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_what_is_shipped_is_free_of_remarks(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)
        assert load(path)
