"""Portfolios: what strategies of one brand can do together, and what an engine can be told."""

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest

from sim.brands.yielded import StrategyError
from sim.config.load import load_market
from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.mechanisms.direct_selling.terms import Level, SellingPlan
from sim.mechanisms.referral.terms import Referral
from sim.mechanisms.status.terms import Status
from sim.strategies.interface import Does, Offer, Strategy, Touch
from sim.terms import Price
from tests.markets import CREAMS

A = "brands.A.strategies"
NAN = float("nan")


def priced(label: str, *prices: Any, **methods: Any) -> type[Strategy]:
    """Return a strategy of a name that sets prices from day 0."""

    class Priced(Strategy):
        """Set prices."""

        name: ClassVar[str] = label

        def terms(self, product):
            return [Price(product.name, p) if isinstance(p, int | float) else p for p in prices]

    return Priced


def deciding(label: str, act: Any) -> type[Strategy]:
    """Return a strategy of a name that does something with the view every day."""

    class Deciding(Strategy):
        """Do what a test says."""

        name: ClassVar[str] = label
        every: ClassVar[int] = 1

        def decide(self, view, day):
            return act(view, day)

    return Deciding


def telling(method: str, told: Any) -> type[Strategy]:
    """Return a strategy of which one method returns what a test says."""

    def say(self, *given):
        return told(*given) if callable(told) else told

    return type("Telling", (Strategy,), {"__doc__": "Tell.", method: say})


# --- two strategies, one term ---------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("second", [190, 150], ids=["another price", "the same price"])
def test_two_strategies_that_set_one_price_are_refused_with_their_place(
    tmp_path, known_strategies, second
):
    priced("first", 150)
    priced("second", second)
    file = tmp_path / "market.yaml"
    head = f"use: {CREAMS}\nbrands:\n  A:\n    strategies:\n"
    file.write_text(f"{head}      first: {{}}\n      second: {{}}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Market(file)
    assert str(error.value) == (
        f"{file}:6:7: brands.A.strategies.second: first and second both set the price of cream "
        f"(150 and {second}); only one strategy of a brand can"
    )


@pytest.mark.quick
def test_what_is_not_at_work_or_of_another_brand_or_product_sets_nothing(still, known_strategies):
    priced("first", 150)
    priced("second", 190)
    priced("free", Price("cream", 80), Price("cream", 80))
    both = {A: {"first": {"budget": 0}, "second": {}}, "brands.B.strategies": {"first": {}}}
    assert still(**both).world.products["price_cents"].tolist() == [19000, 15000]
    assert still(**{A: {"free": {}}}).world.products["price_cents"][0] == 8000


@pytest.mark.quick
def test_two_journeys_stand_side_by_side(still, known_strategies):
    for label in ("one", "two"):
        kind = telling("journey", [Touch("ask", Does.ASK_FEEDBACK, day=3)])
        known_strategies[label] = kind
    assert len(still(**{A: {"one": {}, "two": {}}}).world.steps) == 2


@pytest.mark.quick
@pytest.mark.parametrize(
    ("term", "says"),
    [
        (SellingPlan((Level(0.4),)), r"programmes\(\) yields a selling plan twice"),
        (Status(3), "yields recognition of KOCs twice"),
    ],
    ids=["agent_recruitment", "KOCs"],
)
def test_one_strategy_cannot_do_twice_what_a_brand_has_once(still, known_strategies, term, says):
    telling("programmes", [term, term])
    with pytest.raises(ConfigError, match=says):
        still(**{A: {"telling": {}}})


def set_price(day: int, price: float) -> Any:
    return lambda view, today: view.set_price("cream", price) if today == day else None


@pytest.mark.quick
@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda view, day: view.set_price("cream", 80), "set the price of cream"),
        (lambda view, day: view.set_advertising(10), "set advertising"),
    ],
    ids=["price", "advertising"],
)
def test_two_strategies_that_set_one_term_in_a_run_end_it(still, known_strategies, act, what):
    deciding("early", lambda view, day: act(view, day) if day >= 2 else None)
    deciding("late", lambda view, day: act(view, day) if day == 7 else None)
    market = still(**{A: {"late": {}, "early": {}}})
    with pytest.raises(StrategyError) as error:
        market.run_model()
    assert str(error.value) == (
        f"day 7: brands.A.strategies.late: early and late both {what}; only one strategy of a "
        "brand can (early did on day 2)"
    )


@pytest.mark.quick
def test_nobody_changes_a_price_of_day_0_but_whoever_set_it(still, known_strategies):
    priced("fixed", 90)
    deciding("moves", set_price(4, 70))
    market = still(**{A: {"moves": {}, "fixed": {}}})
    with pytest.raises(StrategyError, match=r"day 4: .*moves: fixed and .*fixed did on day 0"):
        market.run_model()
    assert market.world.products["price_cents"][0] == 9000


@pytest.mark.quick
def test_a_strategy_changes_its_own_terms_as_it_likes(still, known_strategies):
    class Mover(Strategy):
        """Go down every day."""

        every: ClassVar[int] = 1

        def terms(self, product):
            yield Price(product.name, 99)

        def decide(self, view, day):
            view.set_price("cream", 98 - day)
            view.set_advertising(day)

    market = still(**{A: {"mover": {}}, "brands.B.strategies": {"mover": {}}, "days": 9})
    market.run_model()
    assert market.world.products["price_cents"].tolist() == [9000, 9000]


# --- what methods yield ---------------------------------------------------------------------------


class Price2:
    """Somebody else's term."""


def failing(*given: Any) -> Any:
    yield Touch("fine", Does.SELL, day=1)
    raise KeyError("no such thing")


WRONG = [
    ("terms", [Price2()], r"terms\(\) yielded .*test_portfolio\.Price2: it may yield .*\.Price$"),
    (
        "terms",
        ["cheap"],
        r"terms\(\) yielded 'cheap', of class str: it may yield .*Price",
    ),
    ("terms", [("cream", 80)], r"terms\(\) yielded \('cream', 80\), of class tuple"),
    ("terms", [None], r"terms\(\) yielded None"),
    ("terms", None, r"terms\(\) returned None: it may yield sim\.terms\.Price"),
    ("terms", Price("cream", 80), r"terms\(\) returned Price\(.*: it may yield"),
    ("terms", [Price("soap", 8)], r"terms\(\): the brand sells cream, not 'soap'"),
    ("terms", [Price("cream", 8), Price("cream", 9)], r"two prices of cream: 8 and 9"),
    ("terms", [Referral()], r"terms\(\) yielded Referral"),
    (
        "programmes",
        [Price("cream", 80)],
        r"programmes\(\) yielded Price.*Referral and .*SellingPlan",
    ),
    ("programmes", None, r"programmes\(\) returned None"),
    (
        "journey",
        ["hello"],
        r"journey\(\) yielded 'hello'.* it may yield sim\.strategies\.interface\.Touch",
    ),
    ("journey", [Price("cream", 80)], r"journey\(\) yielded Price"),
    ("journey", "abc", r"journey\(\) yielded 'a', of class str"),
    ("journey", [Touch("x", Does.SELL, day=1)] * 2, "two touches of one journey are called 'x'"),
    ("journey", failing, r"journey\(\) raised KeyError: 'no such thing'"),
    ("journey", lambda product: Touch("x", Does.SELL, day=-1), r"touch 'x': day must be from 0"),
    ("journey", lambda product: product.colour, r"raised AttributeError: .*colour"),
    ("journey", lambda product: iter(lambda: Price, 1), r"more than 10,000 times, or never ends"),
]


@pytest.mark.quick
@pytest.mark.parametrize(("method", "told", "says"), WRONG)
def test_what_an_engine_does_not_know_is_refused_where_it_stands(
    still, known_strategies, method, told, says
):
    telling(method, told)
    with pytest.raises(ConfigError, match=says) as error:
        still(**{A: {"telling": {}}})
    assert [problem.path for problem in error.value.problems] == [f"{A}.telling"]


@pytest.mark.quick
def test_code_that_raises_is_told_with_its_file_and_line(still, known_strategies):
    class Broken(Strategy):
        """Fail."""

        def journey(self, product):
            return {}[product.name]

    with pytest.raises(ConfigError, match=r"KeyError: .* \(.*test_portfolio\.py, line \d+\)"):
        still(**{A: {"broken": {}}})


@pytest.mark.quick
@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"decide": lambda self, view, day: None}, r"decide\(\) is never called"),
        ({"every": 1.5}, "every must be a whole number"),
        ({"every": -1}, "every must be from 0"),
        ({"every": True}, "every must be a number"),
        ({"every": property(lambda self: 1 // 0)}, r"every\(\) raised ZeroDivisionError"),
        ({"reads": ("order",)}, "reads must be of customers, .* 'order'"),
    ],
)
def test_a_class_that_cannot_be_meant_is_refused(still, known_strategies, members, says):
    annotated = {"__annotations__": dict.fromkeys(members, ClassVar[Any])}
    type("Telling", (Strategy,), {"__doc__": "Tell.", **annotated, **members})
    with pytest.raises(ConfigError, match=rf"A\.strategies\.telling: {says}"):
        still(**{A: {"telling": {}}})


# --- deciding -------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda view, day: view.orders["x"], "raised ValueError|no field"),
        (lambda view, day: [][day], r"decide\(\) raised IndexError"),
        (lambda view, day: view.set_price("cream", NAN), "price must be from 0"),
        (lambda view, day: view.set_price("cream", True), "price must be a number"),
        (lambda view, day: view.set_price("cream", "9"), "price must be a number"),
        (lambda view, day: view.set_advertising(np.array([1.0])), "spend must be a number"),
        (lambda view, day: view.survey(True), "share must be a number"),
        (lambda view, day: view.send("hello", view.people), "only a Touch can be sent"),
        (lambda view, day: view.send(HELLO, view.people > 3), "people must be a row of whole"),
        (lambda view, day: view.send(HELLO, view.people * 1.0), "people must be a row of whole"),
        (lambda view, day: view.send(HELLO, 3), "people must be a row of whole"),
        (lambda view, day: Price("cream", 80), r"decide\(\) asks by `view`"),
        (lambda view, day: (yield), r"decide\(\) asks by `view`"),
    ],
)
def test_a_mistake_in_deciding_is_told_with_strategy_and_day(still, known_strategies, act, says):
    deciding("errs", act)
    with pytest.raises(StrategyError, match=rf"^day 0: brands\.A\.strategies\.errs: .*({says})"):
        still(**{A: {"errs": {}}}).run_model()


HELLO = Touch("hello", Does.SELL, day=0)


# --- values in touches and terms ------------------------------------------------------------------

NUMBERS = ["1", None, True, np.bool_(True), NAN, float("inf"), np.array([1.0]), 1j, -1]
LEVELS = (Level(0.4),)


@pytest.mark.quick
@pytest.mark.parametrize("value", NUMBERS, ids=repr)
@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda x: Price("cream", x), "price"),
        (Offer, "discount"),
        (lambda x: Offer(0.1, days=x), "days"),
        (lambda x: Touch("x", Does.SELL, day=1, cost=x), "touch 'x': cost"),
        (lambda x: Touch("x", Does.SELL, day=1, prior_orders=x), "touch 'x': prior_orders"),
        (lambda x: Touch("x", Does.SELL, day=x), "touch 'x': (day|give either day)"),
        (lambda x: Touch("x", Does.SELL, day=1, brand_orders=(x, None)), "touch 'x': brand_orders"),
        (lambda x: Referral(cash=x), "cash"),
        (lambda x: Referral(vest_days=x), "vest_days"),
        (Status, "friends"),
        (lambda x: Referral(goods_at=(x,)), "goods_at"),
        (lambda x: SellingPlan(LEVELS, fee=x), "fee"),
        (lambda x: SellingPlan(LEVELS, courses=x), "courses"),
        (Level, "discount"),
    ],
)
def test_what_is_no_number_within_bounds_is_refused(make, field, value):
    with pytest.raises(ValueError, match=f"^{field}"):
        make(value)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Price(3, 80.0), "product must be text"),
        (lambda: Price("", 80.0), "product must be text"),
        (lambda: Touch(7, Does.SELL, day=1), "name must be text"),
        (lambda: Touch("x", 8, day=1), r"does must be made of Does\.SELL"),
        (lambda: Touch("x", Does(1 << 20), day=1), "does must be made of"),
        (lambda: Touch("x", Does.SELL, day=1, human="no"), "human must be True or False"),
        (lambda: Touch("x", Does.SELL, day=1, human=0), "human must be True or False"),
        (lambda: Touch("x", Does.SELL, day=1, offer=0.1), "offer must be of class Offer"),
        (lambda: Touch("x", Does.SELL, day=1, brand_orders=2), "brand_orders must be two numbers"),
        (lambda: Touch("x", Does.SELL, day=1, product_orders=(3, 1)), "product_orders must ascend"),
        (lambda: Offer(0.1, days=2.5), "days must be a whole number"),
        (lambda: Status(1.5), "friends must be a whole number"),
        (lambda: Referral(goods_at="13"), "goods_at must be a tuple"),
        (lambda: SellingPlan((0.4, 0.5)), "levels must be of class Level"),
        (lambda: SellingPlan(0.4), "levels must be a tuple"),
        (lambda: SellingPlan(()), "levels must have at least one level"),
    ],
)
def test_what_is_of_another_kind_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.quick
def test_numbers_of_other_kinds_become_pythons_own():
    touch = Touch("x", Does.SELL, day=np.float32(2.5), cost=Fraction(1, 2), human=np.bool_(False))
    assert touch == Touch("x", Does.SELL, day=2.5, cost=0.5, human=False)
    assert [type(v) for v in (touch.day, touch.cost, touch.human)] == [float, float, bool]
    term = Referral(cash=np.int64(20), points_days=np.int32(3), vest_days=7.0, goods_at=[1, 3])
    assert term == Referral(cash=20, points_days=3, vest_days=7, goods_at=(1, 3))
    assert type(term.vest_days) is int and type(term.cash) is int


@pytest.mark.quick
def test_strategies_given_as_objects_are_checked_too(known_strategies, busy_mapping):
    busy_mapping["brands"]["A"]["strategies"] = {"a": priced("a", 9)(), "b": priced("b", 8)()}
    with pytest.raises(ConfigError, match=r"A\.strategies\.b: a and b both set the price of cream"):
        load_market(busy_mapping)
