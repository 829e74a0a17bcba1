"""What a strategy is: parameters, the touches it sends, the terms it sets.

A strategy never touches a person. It describes journeys (which the engine runs), and may look at
what its brand can observe and act on that. One strategy is one file in `sim/strategies/`; a
package of one's own adds strategies by an entry point (`sim.plugins`).
"""

import importlib
import multiprocessing
import pkgutil
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import model_validator

from sim import plugins
from sim.accounts import OTHER_TOUCHES, touch_accounts
from sim.brands.yielded import explain, yielded
from sim.config.audience import Audience
from sim.config.parameters import Param, Parameters
from sim.config.scalars import number, text, tidy, truth, whole
from sim.terms import MOST, MOST_COUNT, BrandTerm, Offer, Price

if TYPE_CHECKING:
    from sim.strategies.brand_view import BrandView


TouchAccount = str
"""Name of an account to which a sender may book a touch: see `sim.accounts.touch_accounts`."""
_NEVER = 1e6
"""Days; nothing is further away."""
_MOST_ORDERS = 2**31 - 1
STOP_AFTER: int | None = 3
"""Touches in a row without an answer after which strategies that ask give up."""

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
    """An occasion that is close may be met early, by this brand or not at all."""
    SELL = 128
    """An offer and nothing else."""
    INVITE_FRIENDS = 256
    """The satisfied may invite some of their ties, under a referral programme."""
    DELIGHT = 512
    """An event, a status reward, a gift: it delights."""
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
    account
        To which account the contact and this cost are booked; `None`: as its strategy says.
    draw_key
        The touch's identity in draws, unique within the strategy and never changed, so that the
        name can be; `None`: the name.
    part
        The part of the strategy that it belongs to, by which it can be switched off and have a rule
        of its own; `None`: it cannot.
    stop_after
        Once so many in a row have gone unanswered, whatever the product, this customer gets no
        more; `None`: no such number.
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
    account: TouchAccount | None = None
    draw_key: str | None = None
    part: str | None = None
    stop_after: int | None = None

    def __post_init__(self) -> None:
        """Check that the touch has one due day, and that it can be meant."""
        tidy(self, "name", text)
        for name in ("draw_key", "part"):
            if getattr(self, name) is not None:
                tidy(self, name, text)
        try:
            self._check()
        except ValueError as error:
            raise ValueError(f"touch {self.name!r}: {error}") from None

    @property
    def in_draws(self) -> str:
        """Its identity in draws: `draw_key`, or else its name."""
        return self.name if self.draw_key is None else self.draw_key

    def _check(self) -> None:
        if (self.day is None) == (self.before_depletion is None):
            raise ValueError("give either day or before_depletion")
        tidy(
            self, "day" if self.before_depletion is None else "before_depletion", number, 0, _NEVER
        )
        tidy(self, "prior_orders", number, 0, _NEVER)
        tidy(self, "cost", number, 0, MOST)
        tidy(self, "brand_orders product_orders", _from_to)
        tidy(self, "human", truth)
        if self.stop_after is not None:
            tidy(self, "stop_after", whole, 1, MOST_COUNT)
        if not (isinstance(self.does, Does) and self.does in Does(sum(Does))):
            raise ValueError(f"does must be made of Does.SELL and the like (got {self.does!r})")
        if not (self.offer is None or isinstance(self.offer, Offer)):
            raise ValueError(f"offer must be of class Offer, or None (got {self.offer!r})")
        _check_account(self.account)


def _from_to(field: str, value: object) -> tuple[int, int | None]:
    """Return a range of orders, the second number `None` for no upper limit."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"{field} must be two numbers, the second or None (got {value!r})")
    low = whole(field, value[0], 1, _MOST_ORDERS)
    high = None if value[1] is None else whole(field, value[1], 1, _MOST_ORDERS)
    if high is not None and high < low:
        raise ValueError(f"{field} must ascend (got {value!r})")
    return low, high


def _check_account(account: object) -> None:
    if account is not None and not (isinstance(account, str) and account in touch_accounts()):
        known = ", ".join(touch_accounts())
        raise ValueError(f"account must be {known} or None (got {account!r})")


def _usual_account(content: Does) -> str:
    """Return the account of touches that do one thing, where their sender names none."""
    named = (name for name, verbs in touch_accounts().items() if verbs & content)
    return next(named, OTHER_TOUCHES)


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


def stop_after(what: str) -> Any:
    """Declare after how many touches in a row without an answer a customer gets no more of them."""
    return Param(
        STOP_AFTER,
        bounds=(1, MOST_COUNT),
        unit="touches",
        doc=f"{what} in a row without an answer, after which this customer gets no more; none: never",
        usual=(1, 50),
    )


class Strategy(Parameters):
    """Base of all strategies: a group of parameters that knows what to send.

    A subclass has a docstring (idea, mechanism, source), the playbook's `rows`, its parameters, and
    one or more of `terms`, `programmes`, `journey` and `decide`.
    """

    rows: ClassVar[tuple[int, ...]] = ()
    """Rows of the playbook that it implements."""
    reads: ClassVar[tuple[str, ...] | None] = None
    """The brand's records that `decide` looks at; copies are made of no others. `None`: of all."""
    account: ClassVar[TouchAccount | None] = None
    """To which account its touches are booked, contact and cost, unless a touch says otherwise.

    `None`: to the account that a mechanism declares for what the touch does, else to `touches`.
    """

    parts: ClassVar[tuple[str, ...]] = ()
    """Its parts, each of touches: a parameter of that name, true or false, switches it off."""
    draw_key: ClassVar[str | None] = None
    """Its identity in draws, never changed, so that class, module and name can be.

    `None`: its name. A subclass does not inherit it; to declare that of another strategy is to
    share its draws, which no two strategies of one brand may do.
    """

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
        """Check what can be checked without a market, so that mistakes get a place in the file."""
        cls = type(self)
        _check_account(self.account)
        if unknown := [name for name in self.reads or () if name not in readable()]:
            raise ValueError(f"reads must be of {', '.join(readable())} (got {unknown[0]!r})")
        try:
            whole("every", self.every, 0, _NEVER)
        except Exception as error:
            raise ValueError(explain(self, "every", error)) from error
        if cls.decide is not Strategy.decide and cls.every is Strategy.every:
            raise ValueError(
                "decide() is never called: the class does not say `every` how many days"
            )
        yielded(self, "programmes", brand_terms())
        for part in self.parts:
            truth(f"the part {part!r}", getattr(self, part, None))
        if unknown := [name for name in self.audience.touches if name not in self.parts]:
            known = ", ".join(self.parts) or "none"
            raise ValueError(f"audience.touches: no part {unknown[0]!r}; its parts are: {known}")
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

    @classmethod
    def in_draws(cls) -> str:
        """Return its identity in draws: the `draw_key` of the class itself, or else its name."""
        return cls.__dict__.get("draw_key") or cls.key()

    @property
    def every(self) -> int:
        """Days between two calls of `decide`, from day 0 on; 0: never called."""
        return 0

    def sends(self, touch: Touch) -> bool:
        """Tell whether the part that a touch belongs to is not switched off.

        Raises
        ------
        ValueError
            If the strategy has no such part.
        """
        if touch.part is not None and touch.part not in self.parts:
            raise ValueError(f"touch {touch.name!r}: the strategy has no part {touch.part!r}")
        return touch.part is None or bool(getattr(self, touch.part))

    def account_of(self, touch: Touch) -> TouchAccount:
        """Return the account to which a touch of this strategy is booked: the sender decides.

        Raises
        ------
        ValueError
            If neither says so, and the touch asks for several things that are booked apart.
        """
        if (named := touch.account or self.account) is not None:
            return named
        accounts = {_usual_account(content) for content in touch.does} or {OTHER_TOUCHES}
        if len(accounts) > 1:
            raise ValueError(
                f"touch {touch.name!r} does several things, which are booked to "
                f"{' and '.join(sorted(accounts))}: say to which with account=..."
            )
        return accounts.pop()

    def terms(self, product: ProductFacts) -> Iterable[Price]:
        """Yield the terms of `product` that hold from day 0."""
        return ()

    def programmes(self) -> Iterable[BrandTerm]:
        """Yield the terms of the brand as a whole that hold from day 0.

        What there is to offer, each mechanism defines: `sim/mechanisms/*/terms.py`.
        """
        return ()

    def journey(self, product: ProductFacts) -> Iterable[Touch]:
        """Yield the touches that follow an order of `product`."""
        return ()

    def decide(self, view: "BrandView", day: int) -> None:
        """Look at what the brand observes and set tomorrow's terms or send touches."""


def brand_terms() -> tuple[type[BrandTerm], ...]:
    """Return what `programmes` may yield, as the mechanisms define it."""
    from sim.mechanisms import declarations

    return declarations.terms()


def readable() -> tuple[str, ...]:
    """Return the records that a strategy may read: the market's, and those of the mechanisms."""
    from sim.mechanisms import declarations

    return "customers", "orders", *declarations.rows()


def _is_redefined(old: type[Strategy], new: type[Strategy]) -> bool:
    """Tell a class that is defined once more, as in a notebook, from two of one name."""
    again = old.__qualname__ == new.__qualname__ or "<locals>" in old.__qualname__
    return old.__module__ == new.__module__ and (again or new.__module__ == "__main__")


@cache
def broken_plugins() -> tuple[str, ...]:
    """Make all strategies known; return what is wrong with plug-ins that are left out."""
    import sim.strategies as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    broken = [*plugins.load(_REGISTERED, Strategy), *plugins.mechanisms()[1]]
    if multiprocessing.parent_process() is None:  # said once, and not by every worker
        for problem in broken:
            warnings.warn(problem, plugins.PluginWarning, stacklevel=3)
    return tuple(broken)


def strategies() -> dict[str, type[Strategy]]:
    """Return all known strategies by name, sorted."""
    broken_plugins()
    return dict(sorted(_REGISTERED.items()))
