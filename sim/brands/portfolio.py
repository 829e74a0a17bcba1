"""The portfolios of a market: which strategies are at work, and whether they can stand together.

No two strategies of a brand may set the same term; which of them held would be chance. Both are
named, and the later in the file is where the mistake is shown.
"""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim.brands.yielded import yielded
from sim.config.audience import Audience, NamedAudience, leaves
from sim.config.scalars import cents
from sim.config.source_map import ConfigError, Problem
from sim.strategies.interface import (
    ProductFacts,
    Strategy,
    Touch,
    broken_plugins,
    strategies,
)
from sim.terms import OfProduct, Price, kinds

if TYPE_CHECKING:
    from sim.config.market import Brand, MarketConfig


MOST_TERMS = 62
"""Terms of a kind that a brand may have; an invitation has a bit for each of its programmes."""


class Running(NamedTuple):
    """A strategy at work for a brand.

    Attributes
    ----------
    brand
        Index of the brand.
    name
        Name in the brand's portfolio.
    strategy
        The strategy with its parameters.
    audience
        Whom it may reach, within the audience of the brand that it names.
    rules
        Rows of the table of conditions, from and to, by the part whose rule they are; "" for that
        of touches of no part, and of terms.
    """

    brand: int
    name: str
    strategy: Strategy
    audience: Audience = Audience()
    rules: Mapping[str, tuple[int, int]] = MappingProxyType({"": (0, 0)})

    @property
    def draw_key(self) -> str:
        """Its identity in draws: that of its class, or the name of one's own that it was given."""
        cls = type(self.strategy)
        return cls.in_draws() if self.name == cls.key() else self.name


def running(config: "MarketConfig") -> list[Running]:
    """Return every strategy at work, brand by brand; one without any budget is absent."""
    return [
        Running(b, name, strategy, strategy.audience.within(_declared(brand, strategy)))
        for b, brand in enumerate(config.brands.values())
        for name, strategy in brand.strategies.items()
        if strategy.budget is None or cents(strategy.budget) > 0
    ]


def _declared(brand: "Brand", strategy: Strategy) -> NamedAudience | None:
    return brand.audiences.get(strategy.audience.group or "")


def facts(brand: "Brand", name: str, config: "MarketConfig") -> ProductFacts:
    """Return what a brand knows of its product `name`."""
    product = brand.products[name]
    supply = product.supply_days
    return ProductFacts(
        name=name,
        category=product.category,
        price=product.price,
        cycle_days=config.categories[product.category].cycle_days if supply is None else supply,
        delivery_days=product.delivery_days,
        effect_days=product.effect_days,
        refund_days=product.refund_days,
    )


# --- what one strategy tells ---------------------------------------------------------------------


def touches_of(strategy: Strategy, product: ProductFacts) -> list[Touch]:
    """Return the touches of a strategy that follow an order of `product`, those switched off aside.

    Raises
    ------
    ValueError
        If it yields anything but touches, two of one name or draw key, or one for no account, or of
        no part of the strategy.
    """
    touches = yielded(strategy, "journey", (Touch,), product)
    names: set[str] = set()
    keys: set[str] = set()
    for touch in touches:
        if touch.name in names:
            raise ValueError(f"two touches of one journey are called {touch.name!r}")
        if touch.in_draws in keys:
            raise ValueError(f"two touches of one journey have the draw key {touch.in_draws!r}")
        names.add(touch.name)
        keys.add(touch.in_draws)
        strategy.account_of(touch)
    return [touch for touch in touches if strategy.sends(touch)]


def prices_of(strategy: Strategy, brand: "Brand", config: "MarketConfig") -> dict[str, float]:
    """Return the prices in CNY, by product, that a strategy of `brand` sets for day 0.

    Raises
    ------
    ValueError
        If it yields anything but prices, one of a product that the brand does not sell, or two
        prices of one product.
    """
    prices: dict[str, float] = {}
    for product in brand.products:
        for term in yielded(strategy, "terms", (Price,), facts(brand, product, config)):
            _see_sold("terms", brand, term.product)
            if prices.setdefault(term.product, term.price) != term.price:
                two = f"{prices[term.product]:g} and {term.price:g}"
                raise ValueError(f"terms(): two prices of {term.product}: {two}")
    return prices


def see_products(strategy: Strategy, brand: "Brand") -> None:
    """See that the products that terms of a strategy name are sold by its brand.

    Raises
    ------
    ValueError
        If one is not.
    """
    for term in strategy.programmes():
        for name, kind in kinds(type(term)).items():
            product = getattr(term, name)
            if isinstance(kind, OfProduct) and product is not None:
                _see_sold("programmes", brand, product)


def _see_sold(method: str, brand: "Brand", product: str) -> None:
    if product not in brand.products:
        sold = ", ".join(brand.products)
        raise ValueError(f"{method}(): the brand sells {sold}, not {product!r}")


# --- what the strategies of a market tell together -----------------------------------------------


def problems(config: "MarketConfig") -> Iterator[Problem]:
    """Yield what is wrong with the strategies of a market, each at the strategy."""
    at_work = running(config)
    for b, (name, brand) in enumerate(config.brands.items()):
        path = f"brands.{name}.strategies"
        prices: dict[str, dict[str, float]] = {}
        for label, strategy in brand.strategies.items():
            try:
                prices[label] = prices_of(strategy, brand, config)
                see_products(strategy, brand)
                for product in brand.products:
                    touches_of(strategy, facts(brand, product, config))
            except ValueError as error:
                yield Problem(None, f"{path}.{label}", str(error))
            yield from _no_segment(config, f"{path}.{label}.audience", strategy.audience)
        for label, audience in brand.audiences.items():
            yield from _no_segment(config, f"brands.{name}.audiences.{label}", audience)
        mine = [run for run in at_work if run.brand == b]
        for label, what in (
            *_same_price(mine, prices),
            *_same_programme(mine),
            *_same_draws(mine),
            *_too_many(mine),
        ):
            yield Problem(None, f"{path}.{label}", what)


def _no_segment(config: "MarketConfig", path: str, audience: NamedAudience) -> Iterator[Problem]:
    """Yield the segments in rules of an audience that the market does not have."""
    rules = {"who": audience.who}
    if isinstance(audience, Audience):
        rules |= {f"touches.{part}": rule for part, rule in audience.touches.items()}
    known = config.people.segments
    for where, rule in rules.items():
        for leaf in leaves(rule):
            if leaf.what == "segment" and leaf.label not in known:
                listed = ", ".join(known) or "none"
                what = f"no segment {leaf.label!r}; people.segments has {listed}"
                yield Problem(None, f"{path}.{where}", what)


def only_one(first: str, second: str, what: str) -> str:
    """Return that two strategies of a brand do what only one can."""
    return f"{first} and {second} both {what}; only one strategy of a brand can"


def _same_price(
    mine: list[Running], prices: dict[str, dict[str, float]]
) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for name in (run.name for run in mine):
        for product, price in prices.get(name, {}).items():
            other = first.setdefault(product, name)
            if other != name:
                both = f"{prices[other][product]:g} and {price:g}"
                yield name, only_one(other, name, f"set the price of {product} ({both})")


def _same_draws(mine: list[Running]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for run in mine:
        other = first.setdefault(run.draw_key, run.name)
        if other != run.name:
            yield run.name, only_one(other, run.name, f"have the draw key {run.draw_key!r}")


def _same_programme(mine: list[Running]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for name, strategy in ((run.name, run.strategy) for run in mine):
        for what in (what for term in strategy.programmes() for what in term.alone()):
            if what not in first:
                first[what] = name
            elif name == first[what]:
                yield name, f"programmes() yields {what} twice"
            else:
                yield name, only_one(first[what], name, f"have {what}")


def _too_many(mine: list[Running]) -> Iterator[tuple[str, str]]:
    """Yield that a brand has more terms of a kind than an invitation can tell apart."""
    found: dict[type, int] = {}
    for name, strategy in ((run.name, run.strategy) for run in mine):
        for term in strategy.programmes():
            found[type(term)] = found.get(type(term), 0) + 1
            if found[type(term)] == MOST_TERMS + 1:
                yield (
                    name,
                    f"more than {MOST_TERMS} terms of class {type(term).__name__} of a brand",
                )


# --- from a file ---------------------------------------------------------------------------------


def build_portfolio(value: Any, strict: bool = False) -> dict[str, Strategy]:
    """Turn `{name: parameters}` into strategies.

    Parameters
    ----------
    value
        What a file or a caller gave.
    strict
        Take values as written, as for files: "0.5" is no number.

    Raises
    ------
    pydantic.ValidationError
        With one error for each mistake, located below the strategy's name.
    """
    if not isinstance(value, Mapping):
        raise PydanticCustomError(
            "portfolio", "must be a mapping of strategy names to their parameters"
        )
    known = strategies()
    built: dict[str, Strategy] = {}
    errors: list[InitErrorDetails] = []
    for name, given in value.items():
        if isinstance(given, Strategy):
            built[name] = given
        elif name not in known:
            errors.append(_unknown(str(name), known))
        else:
            try:
                built[name] = _build(known[name], {} if given is None else given, strict)
            except ValidationError as error:
                errors.extend(_below(str(name), error, known[name]))
    if errors:
        raise ValidationError.from_exception_data("strategies", errors)
    return built


def _build(cls: type[Strategy], given: Any, strict: bool) -> Strategy:
    if strict:
        return cls.model_validate_json(json.dumps(given), strict=True)
    return cls.model_validate(given)


def _unknown(name: str, known: Mapping[str, type[Strategy]]) -> InitErrorDetails:
    broken = broken_plugins()
    message = "unknown strategy" + (f" ({'; '.join(broken)})" if broken else "")
    context = {"allowed": list(known), "message": message}
    return InitErrorDetails(
        type=PydanticCustomError("unknown_key", "{message}", context),
        loc=(name,),
        input=name,
    )


def _below(name: str, error: ValidationError, cls: type[Strategy]) -> Iterator[InitErrorDetails]:
    for detail in error.errors(include_url=False):
        kind: Any = detail["type"]
        inner = detail.get("ctx", {}).get("error")
        if isinstance(inner, ConfigError):  # about parts of the value
            yield from _within((name, *detail["loc"]), inner, detail["input"])
            continue
        if kind == "extra_forbidden" and len(detail["loc"]) == 1:
            kind = PydanticCustomError(
                "unknown_key", "unknown key", {"allowed": list(cls.model_fields)}
            )
        elif kind in ("value_error", "assertion_error"):
            words = str(detail.get("ctx", {}).get("error", detail["msg"]))
            kind = PydanticCustomError("value", "{error}", {"error": words})
        yield InitErrorDetails(
            type=kind,
            loc=(name, *detail["loc"]),
            input=detail["input"],
            ctx=dict(detail.get("ctx", {})),
        )


def _within(
    loc: tuple[int | str, ...], error: ConfigError, value: Any
) -> Iterator[InitErrorDetails]:
    """Yield the mistakes in parts of a value, each at its own place."""
    for problem in error.problems:
        here, keys = value, problem.path.split(".") if problem.path else []
        for key in keys:
            here = here[int(key)] if isinstance(here, list | tuple) else here[key]
        yield InitErrorDetails(
            type=PydanticCustomError("value", "{error}", {"error": problem.what}),
            loc=(*loc, *(int(key) if key.isdecimal() else key for key in keys)),
            input=here,
        )
