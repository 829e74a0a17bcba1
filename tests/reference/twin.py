"""What a twin is: a mechanism, written a second time, that plugs into the reference market.

It is asked by methods of the names of hooks (`hooks.py`). What else the core must know of it, it
declares. A method of its own that is neither begins with an underscore.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from sim.strategies.interface import Does

from .hooks import HOOKS
from .money import Side
from .things import Accrual, AtWork, Brand, Order


class Verb(NamedTuple):
    """A content of touches: where it is booked if nobody says, and whether it delights."""

    account: str
    delights: bool = False


class Message(NamedTuple):
    """A kind of word: whether it is an opinion too, and makes aware in any case."""

    opinion: bool = True
    makes_aware: bool = False


class Kept(NamedTuple):
    """Things that a mechanism writes down: for brands to see, and as the fast market has them."""

    table: str
    """In the fast market, where it is called so in the world, the tally and a calendar."""
    columns: dict[str, str]
    """Types by name."""
    rows: Callable[[Any], Iterable[Any]]
    """Of a twin."""
    row: Callable[[Any], tuple[Any, ...]]
    record: str
    """What brands call it,"""
    seen: tuple[str, ...]
    """and the columns that they see."""


class Twin:
    """A mechanism that does nothing."""

    ORDER: ClassVar[int] = 0
    ACCOUNTS: ClassVar[Mapping[str, Side]] = {}
    VERBS: ClassVar[Mapping[Does, Verb]] = {}
    MESSAGES: ClassVar[Mapping[str, Message]] = {}
    STATE: ClassVar[Callable[[], Any]] = dict
    """Makes what a person has with a brand."""
    KEPT: ClassVar[tuple[Kept, ...]] = ()
    CUSTOMER: ClassVar[Mapping[str, str]] = {}
    """What brands see of a customer: types by name."""
    RELATIONSHIP: ClassVar[tuple[str, ...]] = ()
    """Names of fields of the fast market that are compared, by person and brand,"""
    SALE: ClassVar[tuple[str, ...]] = ()
    """by order,"""
    ACCRUAL: ClassVar[tuple[str, ...]] = ()
    """and by accrual."""

    @classmethod
    def strategies(cls, brand: Mapping[str, Any]) -> dict[str, Any]:
        """Return strategies, by name, that have a brand of the tests' markets use the mechanism.

        They follow from what is known of the brand, so that nothing more is drawn for them. Those
        of the twins without any are in the tests' markets themselves.
        """
        return {}

    def __init__(self, market: Any) -> None:
        self.market = market
        self.states: dict[tuple[int, int], Any] = {}

    def state(self, person: int, brand: Brand) -> Any:
        """Return what a person has with a brand."""
        found = self.states.get((person, brand.number))
        if found is None:
            found = self.states[person, brand.number] = self.STATE()
        return found

    def take(self, of: AtWork, terms: Any) -> None:
        """Take a term that a strategy sets, if it is one's own."""

    def distribute(self) -> None:
        """Act when all have bought and talked."""

    def of_customer(self, person: Any, brand: Brand) -> tuple[Any, ...]:
        """Return the values of `CUSTOMER`; likewise those below."""
        return ()

    def of_relationship(self, person: Any, brand: Brand) -> tuple[Any, ...]:
        return ()

    def of_sale(self, order: Order) -> tuple[Any, ...]:
        return ()

    def of_accrual(self, accrual: Accrual) -> tuple[Any, ...]:
        return ()


def check(kind: type[Twin]) -> type[Twin]:
    """Return a kind of twin.

    Raises
    ------
    TypeError
        If a method of it is named after no hook.
    """
    parts = [vars(part) for part in kind.__mro__ if part not in Twin.__mro__]
    own = {name for part in parts for name, value in part.items() if callable(value)}
    own = {name for name in own if not name.startswith("_")}
    if strange := own - set(HOOKS) - set(vars(Twin)):
        raise TypeError(
            f"{kind.__name__}.{min(strange)}: no hook has that name (tests/reference/hooks.py); "
            "a method of the twin's own begins with an underscore"
        )
    return kind
