"""To which account a touch is booked: its sender decides, and profit does not move with it."""

from typing import Any, ClassVar

import numpy as np
import pytest

from experiments import flows, metrics
from experiments.flows import ACQUIRING, KEEPING, REWARDS, SELLING, SPENDING
from experiments.records import observe
from sim.accounts import touch_accounts
from sim.books import ACCOUNTS, COSTS, REDUCTIONS, Account, contribution, net_revenue
from sim.brands.journeys import step_row
from sim.brands.portfolio import Running, facts
from sim.config.market import MarketConfig
from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.mechanisms.direct_selling.terms import Level, SellingPlan
from sim.mechanisms.referral.terms import Referral
from sim.strategies.agent_recruitment import AgentRecruitment as OurAgency
from sim.strategies.interface import Does, Strategy, Touch
from sim.strategies.referral import Referral as OurReferral
from sim.strategies.service_followup import ServiceFollowup

A = "brands.A.strategies"
TOUCH_ACCOUNTS = tuple(touch_accounts())
OF_TOUCHES = [Account[name.upper()] for name in TOUCH_ACCOUNTS]
CONTACT = 150
"""Cents, of a touch by a person in the market of these tests, which 100 people answer."""


def sending(touch: Touch, account: str | None = None, terms: tuple[Any, ...] = ()) -> Any:
    """Return a strategy that sends a touch after each order, and sets terms."""
    declared = account

    class Sender(Strategy):
        """Send one touch."""

        account: ClassVar[Any] = declared

        def programmes(self):
            yield from terms

        def journey(self, product):
            yield touch

    return Sender


def booked(market: Market) -> dict[str, int]:
    """Return the accounts of touches of brand A on which anything was booked, in cents."""
    total = market.books.daily[:, 0].sum(axis=0)
    return {ACCOUNTS[a]: int(total[a]) for a in OF_TOUCHES if total[a]}


def run(still, touch: Touch, account: str | None = None, terms: Any = (), **changes: Any) -> Market:
    sending(touch, account, terms)
    market = still(**{A: {"sender": {}}, "days": 20, **changes})
    market.run_model()
    market.books.audit(market.world.relationships)
    return market


# --- the sender decides ---------------------------------------------------------------------------


@pytest.mark.quick
def test_a_birthday_gift_keeps_customers_and_wins_none(still, known_strategies):
    """10 CNY, no referral programme anywhere: it must not move what acquisition costs."""
    gift = Touch("gift", Does.DELIGHT, day=3, cost=10.0)
    changes = {"brands.A.advertising.spend": 50, "days": 20}
    with_it, without = run(still, gift, **changes), still(**changes)
    without.run_model()
    assert booked(with_it) == {"touches": 100 * (1000 + CONTACT)}
    ours, theirs = observe(with_it), observe(without)
    for metric in (metrics.cac, flows.acquisition_spend):
        np.testing.assert_array_equal(metric(ours), metric(theirs))
    assert metrics.cac(ours)[0] > 0
    assert flows.retention_spend(ours)[0] == 100 * (1000 + CONTACT) / 100


@pytest.mark.quick
@pytest.mark.parametrize(
    ("does", "account"),
    [
        *((flag, "touches") for flag in (*Does.service(), Does.REMIND, Does.SELL, Does.DELIGHT)),
        (Does.INVITE_POST | Does.ASK_FEEDBACK, "touches"),
        (Does(0), "touches"),
        (Does.INVITE_FRIENDS, "referral_asks"),
        (Does.PITCH, "recruiting"),
    ],
    ids=str,
)
def test_where_nobody_says_asking_for_friends_and_recruiting_are_acquisition(
    still, known_strategies, does, account
):
    """What is asked for counts, not what comes of it."""
    terms = (Referral(), SellingPlan((Level(0.4),), referrals=0))
    market = run(still, Touch("it", does, day=5, cost=2.0), terms=terms)
    assert booked(market) == {account: 100 * (200 + CONTACT)}


@pytest.mark.quick
def test_a_course_is_training_with_its_contact(still, known_strategies, agency):
    sending(Touch("course", Does.CULTIVATE, day=5, cost=2.0))
    market = still(**{A: {"sender": {}, **agency(courses=1)}, "days": 20})
    market.run_model()
    assert booked(market) == {"training": 100 * (200 + CONTACT)}


@pytest.mark.quick
@pytest.mark.parametrize("of_touch", [None, *TOUCH_ACCOUNTS])
@pytest.mark.parametrize("of_strategy", [None, *TOUCH_ACCOUNTS])
@pytest.mark.parametrize("does", [Does.DELIGHT, Does.INVITE_FRIENDS, Does.REMIND | Does.PITCH])
def test_a_touch_overrules_its_strategy_and_both_overrule_content(of_touch, of_strategy, does):
    sender = sending(Touch("it", does, day=5, account=of_touch), of_strategy)()
    (touch,) = sender.journey(None)
    named = of_touch or of_strategy
    if named is not None:
        assert sender.account_of(touch) == named
        row = step_row(touch, Running(0, "sender", sender), 0, ("A", "cream"), 0)
        assert row["account"] == Account[named.upper()]


@pytest.mark.quick
@pytest.mark.parametrize("account", TOUCH_ACCOUNTS)
def test_the_account_moves_neither_orders_nor_profit_nor_what_customers_are_worth(
    still, known_strategies, account
):
    touch = Touch("it", Does.DELIGHT, day=5, cost=3.0)
    changes = {"days": 60, "brands.A.products.cream.fault_rate": 0.3}
    plain, other = (run(still, touch, name, **changes) for name in ("touches", account))
    assert booked(other) == {account: booked(plain)["touches"]}
    np.testing.assert_array_equal(other.orders, plain.orders)
    for total in (net_revenue, contribution):
        np.testing.assert_array_equal(total(other.books.daily), total(plain.books.daily))
    for field in ("net_cents", "cost_cents"):
        np.testing.assert_array_equal(
            other.world.relationships[field], plain.world.relationships[field]
        )
    np.testing.assert_array_equal(other.books.unallocated, plain.books.unallocated)
    np.testing.assert_array_equal(other.world.spent, plain.world.spent)


@pytest.mark.quick
def test_a_touch_sent_by_decide_is_booked_like_one_of_a_journey(still, known_strategies):
    class Sender(Strategy):
        """Ask and honour."""

        every: ClassVar[int] = 5
        account: ClassVar[Any] = "referral_asks"

        def decide(self, view, day):
            if day == 5:
                view.send(Touch("ask", Does.SELL, day=0), view.people)
                honour = Touch("fair", Does.SELL, day=0, cost=1, account="status_rewards")
                view.send(honour, view.people[:10])

    market = still(**{A: {"sender": {}}, "days": 20})
    market.run_model()
    assert booked(market) == {"referral_asks": 100 * CONTACT, "status_rewards": 10 * 250}


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("does", "says"),
    [
        (Does.DELIGHT | Does.INVITE_FRIENDS, "referral_asks and touches"),
        (Does.CULTIVATE | Does.PITCH, "recruiting and training"),
        (Does.REMIND | Does.INVITE_FRIENDS | Does.PITCH, "recruiting and referral_asks and touch"),
    ],
    ids=str,
)
def test_a_touch_of_several_kinds_is_booked_nowhere_unsaid(still, known_strategies, does, says):
    sending(Touch("it", does, day=5))
    with pytest.raises(ConfigError, match=f"'it' does several things, .* {says}") as error:
        still(**{A: {"sender": {}}})
    assert [problem.path for problem in error.value.problems] == [f"{A}.sender"]


@pytest.mark.quick
@pytest.mark.parametrize(
    "account", ["cash", "gross_sales", "TOUCHES", "", 8, Account.TOUCHES, True]
)
def test_no_other_account_can_be_named(still, known_strategies, account):
    with pytest.raises(ValueError, match=r"touch 'it': account must be touches, .* or None"):
        Touch("it", Does.SELL, day=1, account=account)
    sending(Touch("it", Does.SELL, day=1), account)
    with pytest.raises(ConfigError, match=r"A\.strategies\.sender: account must be touches"):
        still(**{A: {"sender": {}}})


# --- what comes with Huitou -----------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("strategy", "accounts"),
    [
        (ServiceFollowup(), {"touches"}),
        (OurReferral(), {"referral_asks"}),
        (OurAgency(), {"training", "referral_asks"}),
    ],
    ids=["service", "referral", "agent_recruitment"],
)
def test_journeys_of_our_strategies(market_config, strategy, accounts):
    config: MarketConfig = market_config()
    touches = strategy.journey(facts(config.brands["A"], "cream", config))
    assert {strategy.account_of(touch) for touch in touches} == accounts


@pytest.mark.quick
def test_every_account_of_spending_is_in_one_list():
    """An account more must be said to win, to keep, to sell or to train."""
    lists = (*ACQUIRING, *KEEPING, *SELLING, "training")
    assert sorted(lists) == sorted(SPENDING)
    given = {"referral_cash", "referral_goods", "referral_points", "points_breakage"}
    assert set(REWARDS) == given < set(ACQUIRING)
    no_choice = {"refunds", "cost_of_goods", "shipping"}
    assert {*REDUCTIONS, *COSTS} - set(SPENDING) == no_choice
    assert set(TOUCH_ACCOUNTS) <= set(COSTS)
