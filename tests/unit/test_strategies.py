"""The battery that every strategy passes: a new file in sim/strategies inherits it."""

import ast
import importlib
import pickle
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, Literal, get_args, get_origin

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import sim.strategies
from sim.accounts import touch_accounts
from sim.books import Account
from sim.brands.portfolio import build_portfolio, facts
from sim.config.market import MarketConfig
from sim.config.parameters import LIMIT, ParameterInfo, describe
from sim.mechanisms import installed
from sim.strategies.interface import Does, Strategy, Touch, strategies

INTERFACE = ("__init__", "interface", "brand_view")
FILES = sorted(
    path for path in Path(sim.strategies.__path__[0]).glob("*.py") if path.stem not in INTERFACE
)
OURS = {name: cls for name, cls in strategies().items() if cls.__module__.startswith("sim.")}
every_strategy = pytest.mark.parametrize("name", OURS)
WHERE = "brands.A.strategies"
PARTS = [(name, part) for name, cls in OURS.items() for part in cls.parts]
ABSENT = [{"budget": 0}, {"audience": {"share": 0}}, {"audience": {"who": {"orders": 0}}}]
"""No customer of a brand has no order with it."""
OPEN = {"agent_recruitment": {"referrals_needed": 0}}
"""So that within the days of the busy market somebody can be eligible for all that it does."""
NO_EFFECT = {
    "behaviour.touch.response": 0,
    "behaviour.touch.opt_out": 0,
    "behaviour.touch.inert_dropout": 0,
    "behaviour.touch.annoyance": 0,
}
ALLOWED = (
    "sim.strategies.interface",
    "sim.strategies.brand_view",
    "sim.terms",
    *(f"{mechanism.package.__name__}.terms" for mechanism in installed()),
    "sim.config.parameters",
    "sim.config.meanings",
)
OF_TOUCHES = [Account[name.upper()] for name in touch_accounts()]
SPENT = [
    *OF_TOUCHES,
    Account.REFERRAL_CASH,
    Account.REFERRAL_GOODS,
    Account.REFERRAL_POINTS,
    Account.COMMISSIONS,
    Account.RECRUIT_BONUSES,
    Account.PEER_BONUSES,
]
"""What counts against a budget."""
FELT = ["product", "service", "overall", "trust", "expectation", "aware", "dropped_out", "orders"]


def run(busy, name: str | None, rng: int = 1, given: Any = None, **changes: Any) -> Any:
    """Return a market after its run in which brand A has one strategy, or none."""
    market = busy(rng, **{WHERE: {name: given or {}} if name else {}, **changes})
    market.run_model()
    return market


def assert_same(one: Any, two: Any) -> None:
    np.testing.assert_array_equal(one.orders, two.orders)
    np.testing.assert_array_equal(one.books.daily, two.books.daily)
    np.testing.assert_array_equal(one.counts, two.counts)


def reached(market: Any) -> Any:
    """Return bool[people]: who has had a touch of brand A."""
    relationships = market.world.relationships[:, 0]
    return (relationships["answered"] > 0) | (relationships["unanswered"] > 0)


def without(cls: type[Strategy], gone: tuple[str, ...]) -> str:
    """Make a strategy that has never had the touches of some parts; return its name."""

    def journey(self: Any, product: Any) -> Any:
        return [touch for touch in cls.journey(self, product) if touch.part not in gone]

    def decide(self: Any, view: Any, day: int) -> None:
        send = view.send
        view.send = lambda touch, *to: None if touch.part in gone else send(touch, *to)
        cls.decide(self, view, day)

    own = {"journey": journey, "draw_key": cls.in_draws(), "__module__": __name__}
    own |= {"decide": decide} if cls.decide is not Strategy.decide else {}
    own |= {"__annotations__": {"draw_key": ClassVar[str]}, "__doc__": "Less."}
    return type("Without" + cls.__name__, (cls,), own).key()


def told(strategy: Strategy, config: MarketConfig) -> tuple[list[Touch], list[Any]]:
    """Return all touches and terms that a strategy tells for brand A."""
    brand = config.brands["A"]
    products = [facts(brand, name, config) for name in brand.products]
    return (
        [touch for product in products for touch in strategy.journey(product)],
        [term for product in products for term in strategy.terms(product)],
    )


def does_more(name: str) -> bool:
    """Tell whether a strategy does more than it tells of products: decides, or sets other terms."""
    return OURS[name].decide is not Strategy.decide or bool(list(OURS[name]().programmes()))


def values(parameter: ParameterInfo) -> st.SearchStrategy[Any]:
    """Return what a parameter may be, from its declaration."""
    low, high = parameter.low, parameter.high
    return of_type(parameter.annotation, low, high, parameter.default)


def of_type(kind: Any, low: Any, high: Any, default: Any) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(low, high)
    if kind is float:
        low, high = -LIMIT if low is None else low, LIMIT if high is None else high
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if kind is NoneType:
        return st.none()
    if get_origin(kind) is tuple:  # its members hang together
        return st.just(default)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return st.fixed_dictionaries({}, optional={p.name: values(p) for p in describe(kind)})
    if get_args(kind):
        return st.one_of([of_type(part, low, high, default) for part in get_args(kind)])
    return st.just(default)


# --- every file is a strategy ---------------------------------------------------------------------


@pytest.mark.quick
def test_strategies_are_found_by_their_files():
    assert {path.stem for path in FILES} == set(OURS)
    assert "none" in OURS
    assert list(strategies()) == sorted(strategies())


@pytest.mark.quick
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_strategy_reaches_nothing_but_its_interface(path):
    """It knows the modules of ALLOWED: no people, no market, no private names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
            if node.module == "sim":
                names = [f"sim.{alias.name}" for alias in node.names]
        for name in names:
            assert not name.startswith("sim") or name in ALLOWED, name
            assert name.split(".")[0] not in ("importlib", "inspect", "gc", "random"), name
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            assert isinstance(node.value, ast.Name), node.attr
            assert node.value.id == "self", f"private name {node.attr} of something else"
        if isinstance(node, ast.Name):
            assert node.id not in ("getattr", "setattr", "vars", "eval", "exec", "__import__")


def lines_beside_parameters(text):
    """Count the lines of a strategy; the declaration of a parameter counts as one."""
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    declared = [n for node in classes for n in node.body if isinstance(n, ast.AnnAssign)]
    return len(text.splitlines()) - sum(n.end_lineno - n.lineno for n in declared)


@every_strategy
@pytest.mark.quick
def test_documented(name):
    cls = OURS[name]
    module = importlib.import_module(cls.__module__)
    text = Path(module.__file__).read_text(encoding="utf-8")
    assert lines_beside_parameters(text) <= 125, "one strategy, one short file"
    assert cls.__doc__
    assert module.__doc__
    assert "Idea:" in module.__doc__ + cls.__doc__
    assert all(isinstance(row, int) and 1 <= row <= 40 for row in cls.rows)
    assert len(set(cls.rows)) == len(cls.rows)
    if cls.rows:
        assert "Playbook row" in module.__doc__
        assert "Mechanism:" in module.__doc__
        assert "Source:" in module.__doc__
    for parameter in describe(cls):
        assert parameter.doc, parameter.name
        assert parameter.source, parameter.name
        kind = parameter.annotation
        no_unit = kind in (bool, str) or get_origin(kind) is Literal or hasattr(kind, "rows")
        nested = isinstance(kind, type) and issubclass(kind, BaseModel)
        assert parameter.unit or no_unit or nested, f"{parameter.name} has no unit"


# --- parameters -----------------------------------------------------------------------------------


@every_strategy
@pytest.mark.quick
@given(data=st.data())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_lies_within_bounds_builds(market_config, name, data):
    parameters = st.fixed_dictionaries(
        {}, optional={p.name: values(p) for p in describe(OURS[name])}
    )
    chosen = data.draw(parameters)
    built = build_portfolio({name: chosen})[name]
    for key, value in chosen.items():
        if not isinstance(value, dict):
            assert getattr(built, key) == value
    touches, terms = told(built, market_config())
    assert all(isinstance(touch, Touch) for touch in touches)
    assert all(term.price >= 0 for term in terms)
    assert pickle.loads(pickle.dumps(built)) == built


@every_strategy
@pytest.mark.quick
def test_whatever_lies_beyond_bounds_is_refused(name):
    for parameter in describe(OURS[name]):
        for bound, step in ((parameter.low, -1), (parameter.high, 1)):
            if bound is not None:
                with pytest.raises(ValidationError):
                    build_portfolio({name: {parameter.name: bound + step}})
    with pytest.raises(ValidationError):
        build_portfolio({name: {"no_such_parameter": 1}})


@every_strategy
@pytest.mark.parametrize("end", ["low", "high"])
def test_it_runs_at_its_bounds(busy, name, end):
    extreme = {p.name: getattr(p, end) for p in describe(OURS[name])}
    extreme |= {"budget": None, "audience": {}}
    chosen = {key: value for key, value in extreme.items() if value is not None}
    market = run(busy, name, given=chosen, **{"days": 40})
    market.books.audit(market.world.relationships)
    assert (market.day, market.running) == (40, False)
    assert len(market.orders) > 100


# --- behaviour ------------------------------------------------------------------------------------


@every_strategy
@pytest.mark.quick
def test_deterministic(busy, name):
    assert_same(run(busy, name), run(busy, name))


@every_strategy
@pytest.mark.quick
@pytest.mark.parametrize("absent", ABSENT, ids=str)
def test_without_budget_or_audience_it_is_absent(busy, name, absent):
    assert_same(run(busy, name, given=absent), run(busy, None))


@every_strategy
@pytest.mark.quick
def test_whoever_is_not_in_the_share_or_does_not_meet_the_rule_gets_no_touch(busy, name):
    audience = {"share": 0.6, "who": {"segment": "north"}}
    market = run(busy, name, given={"audience": audience}, **{"people.segments": {"north": 0.5}})
    meant = market.in_audience("A", name) & (market.world.people["segment"] == 1)
    touched = reached(market)
    assert not (touched & ~meant).any()
    assert touched.any() or not reached(run(busy, name)).any(), "others get theirs"


@pytest.mark.quick
@pytest.mark.parametrize("name, part", PARTS)
def test_a_part_that_is_off_is_as_if_there_were_no_such_touch(busy, known_strategies, name, part):
    """The other market's strategy has never heard of the touches of that part."""
    off, other = run(busy, name, given={part: False}), run(busy, without(OURS[name], (part,)))
    assert_same(off, other)
    assert off.world.relationships.tobytes() == other.world.relationships.tobytes()


@pytest.mark.quick
@pytest.mark.parametrize("name", [name for name, cls in OURS.items() if cls.parts])
def test_with_all_parts_off_it_touches_nobody(busy, known_strategies, name):
    parts = OURS[name].parts
    off = run(busy, name, given=dict.fromkeys(parts, False))
    assert not reached(off).any()
    assert_same(off, run(busy, without(OURS[name], parts)))
    if not list(OURS[name]().programmes()):
        assert_same(off, run(busy, None))


@every_strategy
@pytest.mark.quick
def test_each_touch_that_a_journey_has_belongs_to_a_part(market_config, name):
    for part in OURS[name].parts:
        assert OURS[name].model_fields[part].annotation is bool
        assert OURS[name]().sends(Touch("one", Does.SELL, day=1, part=part))
    touches, _ = told(OURS[name](), market_config())
    assert {touch.part for touch in touches} <= set(OURS[name].parts)


@every_strategy
@pytest.mark.quick
def test_it_never_spends_more_than_its_budget(busy, name):
    free = run(busy, name).books.daily[:, 0, SPENT].sum()
    market = run(busy, name, given={"budget": 30})
    spent = market.books.daily[:, 0, SPENT].sum(axis=1).cumsum()
    assert (spent <= 3000 * np.arange(1, 61) / 60).all()
    assert spent[-1] > 300 or free < 3000, "what there is can be spent"


@every_strategy
@pytest.mark.quick
def test_it_survives_pickling_in_the_middle_of_a_run(busy, name):
    whole, part = run(busy, name), busy(**{WHERE: {name: {}}})
    for _ in range(20):
        part.step()
    later = pickle.loads(pickle.dumps(part))
    later.run_model()
    assert_same(later, whole)


@every_strategy
@pytest.mark.quick
def test_it_moves_the_books_that_it_says_it_moves(busy, market_config, name):
    """Touches cost, coupons come off, price terms show; what it does not do leaves no trace."""
    touches, terms = told(OURS[name](), market_config())
    market, without = run(busy, name, given=OPEN.get(name)), run(busy, None)
    total = market.books.daily[:, 0].sum(axis=0)
    decides = does_more(name)
    booked = {OURS[name]().account_of(touch) for touch in touches}
    moved = {
        **{Account[name.upper()]: name in booked for name in touch_accounts()},
        Account.COUPONS: any(touch.offer for touch in touches),
        Account.DISCOUNTS: bool(terms),
    }
    for account, says_so in moved.items():
        if says_so:
            assert total[account] > 0, account.name
        elif not decides:
            assert total[account] == 0, account.name
    if not (touches or terms or decides):
        assert_same(market, without)


@every_strategy
@pytest.mark.quick
def test_with_its_mechanism_off_it_only_costs(busy, market_config, name):
    """Where nobody answers or minds, touches change nothing that people do or feel."""
    strategy = OURS[name]()
    if told(strategy, market_config())[1] or does_more(name):
        pytest.skip("it sets terms, which are no touches")
    market, without = run(busy, name, **NO_EFFECT), run(busy, None, **NO_EFFECT)
    np.testing.assert_array_equal(market.orders, without.orders)
    for field in FELT:
        np.testing.assert_array_equal(
            market.world.relationships[field], without.world.relationships[field], field
        )
    difference = market.books.daily - without.books.daily
    difference[:, 0, [*OF_TOUCHES, Account.CASH]] = 0
    assert not difference.any()


@every_strategy
def test_with_its_mechanism_on_it_makes_a_difference(busy, market_config, name):
    touches, terms = told(OURS[name](), market_config())
    decides = does_more(name)
    market, without = run(busy, name), run(busy, None)
    if touches or terms or decides:
        assert market.orders.tobytes() != without.orders.tobytes()
    else:
        assert_same(market, without)
