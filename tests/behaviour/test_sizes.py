"""Sizes: how many packs are bought at once, by a nested logit within the product."""

import math
from itertools import product

import numpy as np
import pytest
import yaml
from staff import count

from sim.config.load import load_market
from sim.config.source_map import ConfigError
from sim.engine.kernels import plain
from sim.hooks import HOOKS
from sim.mechanisms import bind
from sim.people.choice import sizes_on_offer
from sim.people.touches import inert
from sim.strategies.interface import Does, Touch

N = 4000
A, B = (f"brands.{name}.products.cream" for name in "AB")
CHOICE = "behaviour.choice."
PAIR = {"people.n": N, "days": 1, "brands.B.awareness": 1}
"""Two brands that all know, equally liked; everybody needs a pack on day 0."""
NOISE = 4 * math.sqrt(0.25 / N)
"""Four standard errors of a share of one half, the widest there is. Of the 16 shares held to the
closed form one is beyond with a chance below .001 if the model is right; a share that is wrong by
.05 is found with a chance of .99. Without the dissimilarity B's share would be .34 for .45."""


def shares(market) -> dict[tuple[int, int], float]:
    """Return what share of orders each product and number of packs has."""
    pairs, number = np.unique(market.orders[["product", "units"]], return_counts=True)
    total = number.sum()
    return {(int(p), int(u)): float(k / total) for (p, u), k in zip(pairs, number, strict=True)}


def nested_logit(values, apart):
    """Return the closed form: values of (product, units), and the dissimilarity."""
    nest = {
        p: sum(math.exp(v / apart) for (q, _), v in values.items() if q == p) for p, _ in values
    }
    total = sum(each**apart for each in nest.values())
    return {
        (p, u): nest[p] ** apart / total * math.exp(v / apart) / nest[p]
        for (p, u), v in values.items()
    }


# --- the closed form ------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("apart", "cost"), [(1.0, 0.4), (0.5, 0.4), (0.1, 0.05), (0.5, 0.0)])
def test_products_and_sizes_have_the_shares_of_a_nested_logit(still, apart, cost):
    rules = {f"{CHOICE}size_dissimilarity": apart, f"{CHOICE}holding_cost": cost}
    market = still(**PAIR, **rules, **{f"{A}.sizes": [1, 2, 4]})
    market.step()
    values = {(p, u): -cost * (u - 1) for p, u in ((0, 1), (0, 2), (0, 4), (1, 1))}
    found = shares(market)
    for pair, share in nested_logit(values, apart).items():
        assert found.get(pair, 0.0) == pytest.approx(share, abs=NOISE), pair


@pytest.mark.quick
def test_the_size_of_highest_utility_is_bought_as_sizes_become_alike(still):
    """Then a size that nobody takes wins the product no buyer."""
    rules = {f"{CHOICE}size_dissimilarity": 0.01, f"{CHOICE}holding_cost": 1}
    market = still(**PAIR, **rules, **{f"{A}.sizes": [2, 3]})
    market.step()
    one = math.exp(-1) / (1 + math.exp(-1))
    assert shares(market) == {
        (0, 2): pytest.approx(one, abs=NOISE),
        (1, 1): pytest.approx(1 - one, abs=NOISE),
    }


@pytest.mark.quick
def test_cheaper_further_packs_make_larger_orders(still):
    means = []
    for cost in (4, 1, 0.25, 0):
        market = still(**PAIR, **{f"{A}.sizes": [1, 2, 5], f"{CHOICE}holding_cost": cost})
        market.step()
        means.append(market.orders["units"].mean())
    assert means == sorted(means)
    assert 1 <= means[0] < 1.05
    assert means[-1] > 1.5


# --- the limit of one pack, and draws -------------------------------------------------------------

COLUMNS = ["day", "person", "product", "units", "paid_cents", "arrived_day"]


def bought(market) -> np.ndarray:
    market.run_model()
    return market.orders[COLUMNS].copy()


def test_a_size_that_is_never_worth_it_changes_nothing(busy):
    sizes = ["brands.A.products.cream.sizes", "brands.C.products.soap.sizes"]
    one = bought(busy())
    dear = bought(busy(**{name: [1, 3] for name in sizes}, **{f"{CHOICE}holding_cost": 100}))
    np.testing.assert_array_equal(one, dear)


@pytest.mark.quick
def test_one_size_draws_nothing_of_its_own(still):
    """Threes alone: who buys what is as with ones alone, if further packs cost nothing."""
    free = {f"{CHOICE}holding_cost": 0}
    one = bought(still(**PAIR, **free))
    three = bought(still(**PAIR, **free, **{f"{p}.sizes": [3] for p in (A, B)}))
    assert set(one["units"]) == {1}
    assert set(three["units"]) == {3}
    np.testing.assert_array_equal(one[["person", "product"]], three[["person", "product"]])
    np.testing.assert_array_equal(3 * one["paid_cents"], three["paid_cents"])


@pytest.mark.quick
def test_a_further_size_leaves_all_other_draws_unchanged(still):
    """Who takes up the new size aside, nobody buys anything else, and nobody another size of it."""
    free = {f"{CHOICE}holding_cost": 0.5}
    few = bought(still(**PAIR, **free, **{f"{A}.sizes": [1, 3], f"{B}.sizes": [1, 3]}))
    more = bought(still(**PAIR, **free, **{f"{A}.sizes": [1, 2, 3], f"{B}.sizes": [1, 3]}))
    np.testing.assert_array_equal(few["person"], more["person"])
    changed = few[["product", "units"]] != more[["product", "units"]]
    new = (more["product"] == 0) & (more["units"] == 2)
    came = (few["product"] == 1) & (more["product"] == 0)
    assert new.sum() > 100
    assert came.any(), "the nest as a whole has become more attractive"
    np.testing.assert_array_equal(changed, new | came)


@pytest.mark.quick
def test_draws_of_sizes_are_independent_of_those_of_products(still):
    """All alike: the six pairs of product and size are as frequent, by chi-square."""
    even = {f"{CHOICE}holding_cost": 0, f"{CHOICE}size_dissimilarity": 1}
    market = still(**PAIR, **even, **{f"{p}.sizes": [1, 2, 3] for p in (A, B)})
    market.step()
    found = shares(market)
    number = np.array([found.get(pair, 0) * N for pair in product((0, 1), (1, 2, 3))])
    assert ((number - N / 6) ** 2 / (N / 6)).sum() < 20.5  # the .999 quantile of 5 degrees


# --- stock ----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("units", [1, 3])
def test_packs_last_one_after_the_other(still, units):
    market = still(**{"days": 200, f"{A}.sizes": [units]})
    market.run_model()
    days = np.unique(market.orders["day"]).tolist()
    assert days == list(range(0, 200, 30 * units))
    assert market.orders["units"].sum() == 100 * units * len(days)


def test_what_is_used_in_a_year_does_not_depend_on_sizes(still):
    """Stocking up moves purchases: the clock of each person's packs is the same draw for draw."""
    common = {
        "days": 730,
        "people.n": 300,
        "categories.cream.regularity": 3,
        f"{CHOICE}holding_cost": 0.2,
    }
    runs = {}
    for sizes in ([1], [1, 3, 5]):
        market = still(**common, **{f"{A}.sizes": sizes})
        market.run_model()
        orders = market.orders
        packs = np.bincount(orders["person"], orders["units"], minlength=300)
        runs[len(sizes)] = orders, packs, market.world.occasions["due"][:, 0].copy()
    (ones, single, due), (mixed, several, later) = runs[1], runs[3]
    assert len(mixed) < 0.6 * len(ones)
    ahead = several - single  # packs at home at the end, of those who stocked up
    assert ((ahead >= 0) & (ahead < 5)).all()
    assert (later[ahead == 0] == due[ahead == 0]).all()
    assert (later[ahead > 0] > due[ahead > 0]).all()


@pytest.mark.quick
def test_a_refund_gives_all_packs_back_and_the_need_returns(still):
    faulty = {f"{A}.fault_rate": 1, "behaviour.experience.complaint": 1, f"{A}.sizes": [3]}
    market = still(**faulty, **{"days": 20, "categories.cream.retry_days": 4})
    market.run_model()
    orders = market.orders
    assert np.unique(orders["day"]).tolist() == [0, 7, 14]  # 3 days of delivery, and 4
    assert set(orders["paid_cents"]) == {30_000}
    assert orders["refunded"].all()
    assert not market.world.relationships["net_cents"].any()


# --- money, offers, reminders ---------------------------------------------------------------------


@pytest.mark.quick
def test_money_of_several_packs(still):
    """Goods by the pack, shipping by the order, a coupon on all of it, a memory by the pack."""
    market = still(**{"days": 1, "people.n": 10, f"{A}.sizes": [3]})
    market.world.relationships["offer"][:, 0], market.world.relationships["offer_until"][:, 0] = (
        0.2,
        9,
    )
    market.step()
    relationships = market.world.relationships[:, 0]
    assert set(market.orders["list_cents"]) == {30_000}
    assert set(market.orders["paid_cents"]) == {24_000}
    assert set(relationships["net_cents"] - relationships["cost_cents"]) == {
        24_000 - 3 * 4000 - 600
    }
    assert set(relationships["offer"]) == {0}
    np.testing.assert_allclose(relationships["log_reference"], 0.25 * math.log(0.8), rtol=1e-6)


def test_a_reminded_purchase_draws_its_size_anew(still, follow_up):
    sizes = {f"{A}.sizes": [1, 2], f"{CHOICE}holding_cost": 0, f"{CHOICE}wait_weight": 0}
    rules = {"behaviour.touch.remind_reach": 365, "behaviour.touch.automation_warmth": 1}
    remind = Touch("remind", Does.REMIND, day=20, human=False)
    portfolio = {"brands.A.strategies": follow_up(remind)}
    market = still(**{"days": 21, "people.n": N, **sizes, **rules, **portfolio})
    market.run_model()
    first, second = (market.orders[market.orders["day"] == day] for day in (0, 20))
    assert second["reminded"].all()
    np.testing.assert_array_equal(first["person"], second["person"])
    assert len(second) == N
    assert (second["units"] == 2).mean() == pytest.approx(0.5, abs=NOISE)
    assert (first["units"] == second["units"]).mean() == pytest.approx(0.5, abs=NOISE)


def test_a_purchase_that_word_of_mouth_triggers_draws_its_size(still):
    sizes = {f"{A}.sizes": [1, 2], f"{CHOICE}holding_cost": 0}
    talk = {"behaviour.talk.rate": 1, "behaviour.talk.period_days": 1, "behaviour.talk.constant": 1}
    waking = {**talk, "behaviour.talk.trigger": 1, "network": {"kind": "complete"}}
    market = still(**{"days": 12, "people.n": 1000, **sizes, **waking})
    market.run_model()
    triggered = market.orders[market.orders["day"] > 0]
    assert len(triggered) > 1000
    error = 4 * math.sqrt(0.25 / len(triggered))
    assert (triggered["units"] == 2).mean() == pytest.approx(0.5, abs=error)


@pytest.mark.quick
def test_a_reminder_before_depletion_counts_all_packs(still, follow_up):
    touch = Touch("remind", Does.SELL, before_depletion=7, prior_orders=1)
    market = still(**{"days": 90, f"{A}.sizes": [3], "brands.A.strategies": follow_up(touch)})
    market.run_model()
    assert np.flatnonzero(count(market, "touches")).tolist() == [3 * 30 - 7]


@pytest.mark.quick
@pytest.mark.parametrize("units", [1, 3])
def test_who_has_stocked_up_is_inert_only_after_cycles_of_all_packs(still, units):
    market = still(**{f"{A}.sizes": [units], "behaviour.touch.inert_cycles": 2})
    market.step()
    last = 2 * 30 * units
    assert [plain(inert)(market.world, 0, 0, day) for day in (last, last + 1)] == [False, True]


# --- what mechanisms offer ------------------------------------------------------------------------


@pytest.fixture
def offering(monkeypatch):
    """Let the mechanism of bit 0 offer two packs to person 0."""
    bind()
    hook = HOOKS["offers_units"]
    monkeypatch.setattr(hook, "composed", hook.composed)  # so that both are put back
    monkeypatch.setattr(hook, "source", hook.source)

    def two_to_the_first(w, i, p, units, day):
        return i == 0 and units == 2

    hook.bind([(0, two_to_the_first)])


@pytest.mark.quick
def test_a_mechanism_offers_sizes_besides_those_of_the_product(still, offering):
    world = still(**{f"{A}.sizes": [1, 3]}).world
    assert plain(sizes_on_offer)(world, 0, 0, 0) == 0b101, "its brand does not use the mechanism"
    world.brands["mechanisms"] = 1
    assert plain(sizes_on_offer)(world, 0, 0, 0) == 0b111
    assert plain(sizes_on_offer)(world, 1, 0, 0) == 0b101


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("sizes", "what"),
    [
        ([], "sizes: a product needs at least one size"),
        ([0], "sizes.0: must be >= 1"),
        ([-3, 1], "sizes.0: must be >= 1"),
        ([1, 1.5], "sizes.1: must be a whole number"),
        ([1, True], "sizes.1: must be a whole number"),
        ([1, "3"], "sizes.1: must be a whole number"),
        ([3, 1], "sizes: must ascend (got 3, 1)"),
        ([1, 1], "sizes: must ascend (got 1, 1)"),
        ([1, 25], "sizes.1: must be <= 24"),
        ([1, 10**30], "sizes.1: must be <= 24"),
        (3, "sizes: must be a list"),
        (None, "sizes: must be a list"),
    ],
)
def test_sizes_that_cannot_be_meant_are_refused_at_their_place(busy_mapping, tmp_path, sizes, what):
    busy_mapping["brands"]["A"]["products"]["cream"]["sizes"] = sizes
    file = tmp_path / "market.yaml"
    file.write_text(yaml.safe_dump(busy_mapping, default_flow_style=None))
    with pytest.raises(ConfigError) as refused:
        load_market(str(file))
    (line,) = str(refused.value).splitlines()
    assert f"brands.A.products.cream.{what}" in line
    row = int(line.partition("market.yaml:")[2].partition(":")[0])
    assert "sizes" in file.read_text().splitlines()[row - 1]
