"""Paths into parameters that nobody has written: the same wherever a path may be given."""

import pytest

from sim.config import layers
from sim.config.load import check, load_market
from sim.config.source_map import ConfigError, nearest
from sim.config.yaml_file import parse
from sim.market import Market
from tests.markets import CREAMS

pytestmark = pytest.mark.quick

BARE = {
    "categories": {"c": {"usage": 4.0}},
    "brands": {"A": {"products": {"p": {"category": "c", "price": 10, "unit_cost": 4}}}},
}


def by_arguments(changes):
    return load_market(BARE, changes)


def by_set(changes):
    tree = parse("use: skincare")
    return check(layers.market(type(tree)({**BARE, "set": changes}, tree.marks)))


def by_arm(changes):
    base = layers.market(type(parse("a: 1"))(dict(BARE)))
    return check(layers.over(base, type(base)({"arms": {"x": changes}}), ("arms", "x")))


WAYS = (by_arguments, by_set, by_arm)


@pytest.mark.parametrize("way", WAYS)
def test_the_rest_of_a_default_stays(way):
    market = way({"behaviour.dropout.propensity.a": 0.3})
    assert market.behaviour.dropout.propensity.model_dump() == {"dist": "beta", "a": 0.3, "b": 6.0}
    market = way({"behaviour": {"dropout": {"propensity": {"a": 0.3}}}})
    assert market.behaviour.dropout.propensity.model_dump() == {"dist": "beta", "a": 0.3, "b": 6.0}
    assert way({"network.mean_degree": 4}).network.model_dump() == {
        **load_market(BARE).network.model_dump(),
        "mean_degree": 4,
    }
    assert way({"brands.A.strategies.referral.goods_at.0": 2}).brands["A"].strategies[
        "referral"
    ].goods_at == (2, 3, 10)


@pytest.mark.parametrize("way", WAYS)
def test_another_kind_takes_nothing_of_the_old_one_with_it(way):
    ring = {"network.neighbours_each_side": 2, "network.kind": "ring"}
    assert way(ring).network.neighbours_each_side == 2
    traits = {"people.sociability.mean": 2, "people.sociability.sigma": 1}
    market = way({**traits, "people.sociability.dist": "lognormal"})
    assert market.people.sociability.model_dump() == {"dist": "lognormal", "mean": 2.0, "sigma": 1}
    # where a number stands, and where the kind is the same
    market = way(
        {
            "categories.c.usage.dist": "gamma",
            "categories.c.usage.mean": 3,
            "categories.c.usage.shape": 2,
        }
    )
    assert market.categories["c"].usage.mean == 3
    assert way({"network.kind": "small_world", "network.rewire": 0.3}).network.mean_degree == 10
    # `kind` of one model is a parameter like any other
    market = way({"people.entry.later": 0.2, "people.entry.kind": "steady"})
    assert (market.people.entry.kind, market.people.entry.later) == ("steady", 0.2)


@pytest.mark.parametrize("way", WAYS)
def test_a_star_stands_for_every_name(way):
    assert way({"brands.*.products.*.price": 12}).brands["A"].products["p"].price == 12
    with pytest.raises(ConfigError, match="there is nothing in the market that '\\*' could stand"):
        way({"brands.B.products.*.price": 12})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("path", "said"),
    (
        (
            "categories.c.usage.mean",
            "categories.c.usage is 4.0, which has no parameters of its own",
        ),
        ("behaviour.dropout.propensity.a.b", "propensity.a is 0.8, which has no parameters of its"),
        ("behaviour.dropout.propensity.c", "behaviour.dropout.propensity.c: unknown key"),
        ("people.sociabilty.mean", "people.sociabilty: unknown key; did you mean 'sociability'"),
        ("n", "n: is no parameter of a market; did you mean 'people.n'"),
        ("dropout.contagion", "did you mean 'behaviour.dropout.contagion'"),
        ("peple.n", "did you mean 'people.n'"),
        ("Days", "did you mean 'days'"),
        ("awarenes", "or 'brands.A.awareness'?"),
        ("seed", "is no parameter of a market; the seed of a run is `rng` in Python"),
        ("random_seed", "Market(rng=3)"),
        ("foo", "foo: is no parameter of a market; it has notice, days, burn_in"),
    ),
)
def test_what_cannot_be_set_is_refused_in_the_same_words(way, path, said):
    with pytest.raises(ConfigError) as caught:
        way({path: 3})
    assert said in str(caught.value) and len(caught.value.problems) == 1


def test_arguments_merge_as_an_arm_does():
    """They replaced: `people={"n": 300}` lost the preset's other people without a word."""
    own = load_market(CREAMS).people
    assert load_market(CREAMS, {"people": {"n": 300}}).people == own.model_copy(update={"n": 300})


def test_a_mistake_of_an_argument_is_not_put_down_to_the_preset():
    with pytest.raises(ConfigError, match=r"^<arguments>:1:1: people.sociabilty"):
        load_market("skincare", {"people.sociabilty.mean": 3})


def test_a_market_says_how_its_seed_is_given():
    with pytest.raises(ConfigError, match=r"seed of a run is `rng` in Python, as in Market\(rng=3"):
        Market(BARE, seed=3)


@pytest.mark.parametrize(
    ("word", "allowed", "meant"),
    (
        ("nn", ["n", "rate"], "n"),
        ("gvm", ["gmv", "nps"], "gmv"),
        ("cat", ["cac"], None),  # another word, not a slip
        ("clv", ["ltv"], None),
        ("of", ["off", "on"], "off"),
        ("COFFEE", ["coffee"], "coffee"),
        ("Long-run revenue", ["long_run_revenue"], "long_run_revenue"),
        ("rate", ["buy_rate", "click_rate"], None),  # several hold it
        ("repeat", ["repeat_rate", "buy_rate"], "repeat_rate"),
        ("护发品", ["护肤品"], None),  # hair care is not skin care
        ("咖啡", ["咖啡豆"], "咖啡豆"),
        ("", ["n", "of"], None),
        ("xyzzy", ["people", "days"], None),
    ),
)
def test_a_slip_is_told_from_another_word(word, allowed, meant):
    assert nearest(word, allowed) == meant
