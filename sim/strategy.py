"""What a strategy is: parameters, the touches it sends, the terms it sets.

A strategy never touches a person. It describes journeys (which the engine runs), and may look at
what its brand can observe and act on that. One strategy is one file in `sim/strategies/`; a package
of one's own adds strategies through the entry-point group `huitou.strategies` (`sim.plugins`).
"""

import importlib
import json
import multiprocessing
import pkgutil
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim import plugins
from sim.names import Name
from sim.parameters import Param, Parameters
from sim.terms import Agency, Offer, Price, Referral

if TYPE_CHECKING:
    from sim.view import BrandView


_REGISTERED: dict[str, type["Strategy"]] = {}


class Does(IntFlag):
    """What a touch is about: what can follow if it is answered."""

    CONFIRM_ADDRESS = 1
    """A wrong address is put right before the order arrives."""
    CHECK_ARRIVAL = 2
    """A faulty order is replaced."""
    EXPLAIN_USE = 4
    """The product is not used wrongly."""
    ASK_DIFFICULTIES = 8
    """Wrong use is put right after the event."""
    ASK_FEEDBACK = 16
    """The buyer is asked about the effect, and heard."""
    INVITE_POST = 32
    """The satisfied may post about the brand, to their ties."""
    REMIND = 64
    """A need that is close may be met early, by this brand or not at all."""
    SELL = 128
    """An offer and nothing else."""
    INVITE_FRIENDS = 256
    """The satisfied may invite some of their ties, under a referral programme."""
    DELIGHT = 512
    """An event, an honour, a gift: it delights."""
    CULTIVATE = 1024
    """A salon or a course for those who might sell: it delights, and readies for a pitch."""
    PITCH = 2048
    """To become a distributor. Whoever has refused lately gets neither this nor a course."""

    @classmethod
    def service(cls) -> "Does":
        """Return all contents that serve; a touch with none of them only sells."""
        return (
            cls.CONFIRM_ADDRESS
            | cls.CHECK_ARRIVAL
            | cls.EXPLAIN_USE
            | cls.ASK_DIFFICULTIES
            | cls.ASK_FEEDBACK
        )


@dataclass(frozen=True)
class Touch:
    """One contact of a journey.

    Attributes
    ----------
    name
        Unique within the strategy.
    does
        What it is about.
    day
        Days after the order; or
    before_depletion
        days before the product is estimated to run out. Exactly one of the two.
    brand_orders, product_orders
        Only for orders which are the nth of the brand, of the product, from the first to the second
        number, both inclusive; `None` for no upper limit.
    human
        By a person (dear and warm) or automated (cheap and cooler).
    offer
        A discount that comes with it.
    prior_orders
        How many observed cycles the nominal cycle counts for, in the estimate of depletion.
    cost
        CNY beyond the contact itself if it is answered: of an event, a gift, a course.
    """

    name: str
    does: Does
    day: float | None = None
    before_depletion: float | None = None
    brand_orders: tuple[int, int | None] = (1, None)
    product_orders: tuple[int, int | None] = (1, None)
    human: bool = True
    offer: Offer | None = None
    prior_orders: float = 2.0
    cost: float = 0.0

    def __post_init__(self) -> None:
        """Check that the touch has one due day, and that it can be meant."""
        if (self.day is None) == (self.before_depletion is None):
            raise ValueError(f"touch {self.name!r}: give either day or before_depletion")
        for field in ("day", "before_depletion", "prior_orders", "cost"):
            value = getattr(self, field)
            if value is not None and not value >= 0:
                raise ValueError(f"touch {self.name!r}: {field} must be 0 or more (got {value})")


@dataclass(frozen=True)
class ProductFacts:
    """What a brand knows of its own product."""

    name: str
    category: str
    price: float
    cycle_days: float
    delivery_days: int
    effect_days: int
    refund_days: int


class Audience(Parameters):
    """Whom a strategy may reach. The rest is its holdout."""

    share: float = Param(
        1.0, bounds=(0, 1), unit="share of people", doc="a random share, fixed for the run"
    )
    group: Name | None = Param(
        None,
        doc="strategies of a brand that name the same group reach the same people (with a lower "
        "share, some of these); none: people of its own",
    )


class Strategy(Parameters):
    """Base of all strategies: a group of parameters that knows what to send.

    A subclass has a docstring (idea, mechanism, source), the playbook's `rows`, its parameters, and
    one or more of `terms`, `programmes`, `journey` and `decide`.
    """

    rows: ClassVar[tuple[int, ...]] = ()
    """Rows of the playbook that it implements."""
    reads: ClassVar[tuple[str, ...]] = ("customers", "orders", "invitations", "distributors")
    """The brand's records that `decide` looks at; copies are made of no others."""

    audience: Audience = Param(Audience(), doc="whom it may reach")
    budget: float | None = Param(
        None,
        bounds=(0, None),
        unit="CNY over the run",
        doc="most that it may spend on touches, rewards, commissions and bonuses, spread evenly; "
        "unspent money is carried on",
    )
    budget_days: int | None = Param(
        None,
        bounds=(1, 100_000),
        unit="days",
        doc="the budget comes in evenly over so many days from day 0; none: over the run, so that "
        "a longer run has less of it on each day",
    )

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        tuple(self.programmes())  # terms check themselves, and here their mistakes get a place
        return self

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Make the class known by its name.

        Raises
        ------
        ValueError
            If another strategy has that name.
        """
        super().__pydantic_init_subclass__(**kwargs)
        other = _REGISTERED.get(cls.key())
        if other is not None and not _is_redefined(other, cls):
            raise ValueError(plugins.taken(cls, other))
        _REGISTERED[cls.key()] = cls

    @classmethod
    def key(cls) -> str:
        """Return the name used in files: `name`, or the class name in snake_case."""
        return cls.__dict__.get("name") or re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def every(self) -> int:
        """Days between two calls of `decide`, from day 0 on; 0: never called."""
        return 0

    def terms(self, product: ProductFacts) -> Iterable[Price]:
        """Yield the terms of `product` that hold from day 0."""
        return ()

    def programmes(self) -> Iterable[Referral | Agency]:
        """Yield the programmes of the brand as a whole that hold from day 0."""
        return ()

    def journey(self, product: ProductFacts) -> Iterable[Touch]:
        """Yield the touches that follow an order of `product`."""
        return ()

    def decide(self, view: "BrandView", day: int) -> None:
        """Look at what the brand observes and set tomorrow's terms or send touches."""


def _is_redefined(old: type[Strategy], new: type[Strategy]) -> bool:
    """Tell a class that is defined once more, as in a notebook, from two of one name."""
    again = old.__qualname__ == new.__qualname__ or "<locals>" in old.__qualname__
    return old.__module__ == new.__module__ and (again or new.__module__ == "__main__")


@cache
def _scan() -> tuple[str, ...]:
    """Make all strategies known; return what is wrong with plug-ins that are left out."""
    import sim.strategies as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    broken = plugins.load(_REGISTERED, Strategy)
    if multiprocessing.parent_process() is None:  # said once, and not by every worker
        for problem in broken:
            warnings.warn(problem, plugins.PluginWarning, stacklevel=3)
    return tuple(broken)


def strategies() -> dict[str, type[Strategy]]:
    """Return all known strategies by name, sorted."""
    _scan()
    return dict(sorted(_REGISTERED.items()))


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
    broken = _scan()
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
