"""Advertising: awareness at a rate with diminishing returns and carry-over, at a cost."""

import math
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from sim.books import Account
from sim.config.load import load_market
from sim.config.yaml_file import ConfigError
from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.people import ad_budget, advertising
from sim.strategies.interface import Strategy
from tests.conftest import STILL

RULES = {"behaviour.advertising.reach": 0.05, "behaviour.advertising.half_spend": 100}


def campaign(still, spend, days=30, **changes):
    base = {**RULES, "people.n": 2000, "days": days}
    nobody_buys = {"categories.cream.usage": 0, "categories.cream.start": "fresh"}
    market = still(**{**base, **nobody_buys, "brands.B.advertising.spend": spend, **changes})
    market.run_model()
    return market


@pytest.fixture
def pressure(monkeypatch):
    """The rate of being reached by spend, with a reach of .05 and a half spend of 100."""
    for module in (advertising, ad_budget):
        monkeypatch.setattr(module, "pressure", plain(advertising.pressure))
    monkeypatch.setattr(ad_budget, "pressure_slope", plain(advertising.pressure_slope))
    monkeypatch.setattr(ad_budget, "_worth_more", plain(ad_budget._worth_more))

    def rate(spend, exponent=1.0, of=advertising.pressure):
        rules = {"reach": 0.05, "half_spend": 100.0, "exponent": exponent}
        return of(SimpleNamespace(**{f"advertising_{k}": v for k, v in rules.items()}), spend)

    return rate


@pytest.mark.quick
def test_returns_diminish(pressure):
    spend = np.array([0.0, 50, 100, 200, 400, 1e12])
    rate = np.array([pressure(x) for x in spend])
    assert rate[0] == 0
    assert rate[2] == pytest.approx(0.025), "half of the reach at the half spend"
    assert rate[-1] == pytest.approx(0.05), "and never more than the reach"
    per_yuan = np.diff(rate) / np.diff(spend)
    assert (per_yuan > 0).all()
    assert (np.diff(per_yuan) < 0).all()


@pytest.mark.quick
@pytest.mark.parametrize("exponent", [0.5, 1, 1.0001, 2.5])
def test_the_exponent_shapes_the_response(pressure, exponent):
    assert pressure(100.0, exponent) == pytest.approx(0.025), "half at the half spend in any case"
    low = pressure(1.0, exponent) / pressure(1.0)
    assert (low > 1) if exponent < 1 else ((low < 1.001) and (exponent < 2)) or (low < 0.01)
    slope = plain(advertising.pressure_slope)
    for spend in (3.0, 100.0, 700.0):
        step = 1e-6
        up, down = (pressure(spend * math.exp(x), exponent) for x in (step, -step))
        wanted = (up - down) / (2 * step)
        assert pressure(spend, exponent, slope) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.quick
def test_the_balance_is_where_one_more_yuan_brings_one(pressure):
    """With an exponent of 1 it has a closed form, but for those whom the day itself reaches."""
    balanced = plain(ad_budget.balanced)
    for gain in (5e4, 1e6):
        spend = pressure(gain, of=balanced)
        closed = math.sqrt(0.05 * 100 * gain * math.exp(-pressure(spend))) - 100
        assert spend == pytest.approx(closed, rel=1e-9)
    assert pressure(1000.0, of=balanced) == pytest.approx(0, abs=1e-12), "too dear from the start"
    assert pressure(1000.0, 3.0, balanced) == 0
    assert pressure(1e6, 3.0, balanced) > 100 * (2 / 4) ** (1 / 3), "where returns diminish"
    assert pressure(2e6, of=balanced) > pressure(1e6, of=balanced)


@pytest.mark.parametrize("spend", [50, 100, 200])
def test_awareness_spreads_at_the_rate_paid_for(still, spend):
    market = campaign(still, spend)
    aware = market.world.relationships["aware"]
    rate = 0.05 * spend / (spend + 100)
    assert aware[:, 1].mean() == pytest.approx(1 - math.exp(-rate * 30), abs=0.035)
    assert market.counts[:, 1, COUNTS.index("aware_by_advertising")].sum() == aware[:, 1].sum()
    assert market.counts[:, 0, COUNTS.index("aware_by_advertising")].sum() == 0


@pytest.mark.quick
@pytest.mark.parametrize("reach", [0.05, 0.0])
def test_it_costs_what_is_spent_whatever_it_does(still, reach):
    market = campaign(still, 100, **{"behaviour.advertising.reach": reach})
    cost = market.books.daily[:, :, Account.ACQUISITION]
    assert (cost[:, 1] == 100 * 100 * 2).all()
    assert not cost[:, 0].any()
    assert market.books.unallocated.tolist() == [0, 30 * 100 * 100 * 2]
    assert market.world.relationships["aware"][:, 1].any() == (reach > 0)


@pytest.mark.quick
def test_no_spend_no_awareness_no_cost(still):
    market = campaign(still, 0)
    assert not market.world.relationships["aware"][:, 1].any()
    assert not market.books.daily.any()


@pytest.mark.quick
def test_more_spend_reaches_the_same_people_and_more(still):
    less, more = campaign(still, 30), campaign(still, 300)
    known, better_known = (m.world.relationships["aware"][:, 1] for m in (less, more))
    assert known.any()
    assert (better_known >= known).all()
    assert better_known.sum() > known.sum()


@pytest.mark.quick
def test_everybody_is_reached_in_the_end_and_then_nobody_more(still):
    market = campaign(still, 1e9, **{"behaviour.advertising.reach": 1})
    assert market.world.relationships["aware"][:, 1].all()
    reached = market.counts[:, 1, COUNTS.index("aware_by_advertising")]
    assert reached.sum() == 2000 and reached[-5:].sum() == 0


@pytest.mark.quick
def test_who_is_reached_can_buy_from_that_day_on(still):
    changes = {**RULES, "brands.A.awareness": 0, "brands.B.advertising.spend": 100, "days": 40}
    market = still(**changes, **{"categories.cream.retry_days": 1})
    aware_on = np.full(100, 99)
    for day in range(40):
        market.step()
        new = market.world.relationships["aware"][:, 1] & (aware_on == 99)
        aware_on[new] = day
    first = {int(o["person"]): int(o["day"]) for o in market.orders[market.orders["nth"] == 1]}
    assert len(first) > 50
    assert first == {i: d for i, d in enumerate(aware_on.tolist()) if d < 99}


# --- carry-over and price -------------------------------------------------------------------------


def reached(market):
    return market.counts[:, 1, COUNTS.index("aware_by_advertising")]


@pytest.mark.quick
def test_spend_is_carried_over_and_loses_nothing(still, deciding_spend):
    """A campaign of ten days; all in all its pressure is the same, spread over time."""
    few = {"behaviour.advertising.half_spend": 1e6, "behaviour.advertising.reach": 30}
    changes = {**few, "people.n": 20_000, "days": 150, "brands.B.strategies": deciding_spend}
    nobody_buys = {"categories.cream.usage": 0, "categories.cream.start": "fresh"}
    now = still(**changes, **nobody_buys)
    later = still(**changes, **nobody_buys, **{"behaviour.advertising.carryover_half_life": 10})
    for market in (now, later):
        market.run_model()
    assert reached(now)[11:].sum() == 0
    assert reached(later)[11:].sum() > 0.4 * reached(later).sum()
    hazard = [m.world.brands["ad_hazard"][1] for m in (now, later)]
    assert hazard[1] == pytest.approx(hazard[0], rel=0.001)


@pytest.fixture
def deciding_spend(known_strategies):
    class Campaign(Strategy):
        """Advertise for ten days."""

        every: ClassVar[int] = 1

        def decide(self, view, day):
            view.set_advertising(100.0 if day < 10 else 0.0)

    return {Campaign.key(): {}}


@pytest.mark.quick
def test_a_dearer_medium_reaches_fewer_for_the_same_money(still):
    trend = {"behaviour.advertising.price_trend": 1.0}
    same, dearer = campaign(still, 100, 300), campaign(still, 100, 300, **trend)
    assert (same.books.daily == dearer.books.daily).all()
    rate = sum(0.05 * x / (x + 100) for x in 100 / 2 ** (np.arange(300) / 365))
    assert dearer.world.brands["ad_hazard"][1] == pytest.approx(rate)
    assert same.world.brands["ad_hazard"][1] == pytest.approx(300 * 0.025)


@pytest.mark.quick
def test_nobody_is_reached_before_they_come_or_after_they_leave(still):
    changes = {"people.entry": {"kind": "steady", "later": 0.6, "over_days": 60}}
    market = campaign(still, 1e9, 40, **changes, **{"people.exit_rate": 5})
    people, aware = market.world.people, market.world.relationships["aware"][:, 1]
    came = people["entry_day"] < 40
    assert (~came).sum() > 100 and not aware[~came].any()
    stayed = (people["entry_day"] < 20) & (people["exit_day"] > 39)
    assert aware[stayed].mean() > 0.5
    assert reached(market).sum() == aware.sum()


@pytest.mark.quick
def test_burn_in_makes_nobody_aware(still):
    market = campaign(still, 1e9, 5, **{"burn_in": 50, "brands.B.awareness": 0.3})
    start = still(**{**RULES, "people.n": 2000, "burn_in": 50, "brands.B.awareness": 0.3})
    assert start.world.relationships["aware"][:, 1].mean() == pytest.approx(0.3, abs=0.04)
    assert reached(market).sum() > 0


# --- spend by a rule ------------------------------------------------------------------------------

SELLS = {"brands.A.advertising.method": "share_of_revenue", "brands.A.advertising.spend": 3}


@pytest.mark.quick
def test_spend_is_a_share_of_recent_net_revenue(still):
    """All 100 people buy for 100 CNY on days 0 and 30; the mean keeps half of it a day."""
    share = {"brands.A.advertising.revenue_share": 0.2, "brands.A.advertising.half_life": 1}
    market = still(**SELLS, **share, days=40)
    market.run_model()
    spent = market.books.daily[:, 0, Account.ACQUISITION]
    mean, expected = 0.0, [30]
    for day in range(39):
        mean = mean / 2 + (10_000 * 100 if day in (0, 30) else 0) / 2
        expected.append(max(30, math.floor(0.2 * mean + 0.5)))
    assert spent.tolist() == expected
    assert spent.max() == 100_000 and spent.min() == 30, "at least what the file says"


def balancing(still, value, **changes):
    base = {**RULES, "people.n": 3000, "days": 60, "burn_in": 0, "brands.A.awareness": 0}
    method = {"method": "balance", "spend": 20, "customer_value": value, "half_life": 7}
    given = {f"brands.A.advertising.{name}": item for name, item in method.items()}
    market = still(**base, **given, **{"categories.cream.retry_days": 1}, **changes)
    while market.running:
        market.step()
        yield market


@pytest.mark.quick
def test_in_balance_one_more_customer_costs_what_one_is_worth(still):
    value, last = 30.0, None
    for market in balancing(still, value):
        brand, prospects = market.world.brands[0], market.world.prospects[0]
        if market.day > 5 and brand["ad_spend"] > 0:
            s, wins = brand["ad_spend"], brand["won_mean"] / brand["reached_mean"]
            rate = 0.05 * s / (s + 100)
            more = wins * prospects["unaware"] * math.exp(-rate) * 5 / (s + 100) ** 2
            assert 3000 / 1000 / more == pytest.approx(value, rel=1e-6)
            last = market.day
    assert last is not None and last > 20
    spent = market.books.daily[:, 0, Account.ACQUISITION]
    assert spent[-1] < spent[10], "the fewer are left, the dearer"


@pytest.mark.quick
def test_who_values_customers_more_spends_more(still):
    spent = []
    for value in (30, 60):
        *_, market = balancing(still, value)
        spent.append(market.books.daily[:, 0, Account.ACQUISITION].sum())
    assert spent[1] > 1.2 * spent[0]


@pytest.mark.quick
def test_a_fixed_spend_does_not_look_at_revenue(still):
    plain_, other = (
        still(),
        still(**{"brands.A.advertising.revenue_share": 0.5, "brands.A.advertising.half_life": 3}),
    )
    for market in (plain_, other):
        market.run_model()
    np.testing.assert_array_equal(plain_.books.daily, other.books.daily)


@pytest.mark.quick
def test_an_unknown_method_is_refused():
    with pytest.raises(ConfigError, match=r"brands.A.advertising.method"):
        load_market(STILL, {"brands.A.advertising.method": "percent"})
