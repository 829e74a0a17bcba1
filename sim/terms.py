"""Terms: what a brand offers to whoever meets the condition, in words that strategies use.

A term is a class of typed fields, each declared once: its kind, default, bounds and meaning. From
that derive the check of what a strategy gives, the record that rules read (`sim.term_tables`) and
its row. A field has one name everywhere; money, in CNY, is integer cents in a field `<name>_cents`.

The terms of mechanisms are in `sim/mechanisms/*/terms.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar

from sim.config.scalars import cents, number, text, whole

MOST = 1e7
"""CNY; no single amount is larger."""
MOST_DAYS = 100_000
MOST_COUNT = 100_000


# --- kinds of fields -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What a field of a term holds.

    Attributes
    ----------
    doc
        What it is, in a line.
    unit
        Of its values.
    low, high
        Bounds, both inclusive.
    alone
        What a term is in which the field is not 0, where a brand can have one of these only.
    """

    doc: str
    unit: str
    low: float = 0.0
    high: float = 1.0
    alone: str = ""

    def check(self, name: str, value: object) -> Any:
        """Return the value as a plain one of Python's own.

        Raises
        ------
        ValueError
            If it is of another kind or out of bounds, with the field's name.
        """
        return number(name, value, self.low, self.high)

    def column(self, name: str) -> tuple[Any, ...]:
        """Return the field of the record: name, dtype, and shape if it is an array."""
        return name, "f8"

    def stored(self, value: Any) -> Any:
        """Return what that field of the record holds."""
        return value


class _Money(Kind):
    def column(self, name: str) -> tuple[Any, ...]:
        return f"{name}_cents", "i8"

    def stored(self, value: Any) -> Any:
        return cents(value)


class _Whole(Kind):
    def check(self, name: str, value: object) -> Any:
        return whole(name, value, self.low, self.high)

    def column(self, name: str) -> tuple[Any, ...]:
        return name, "i4"


class _Text(Kind):
    def check(self, name: str, value: object) -> Any:
        return text(name, value)


class OfProduct(Kind):
    """The name of a product of the brand, or None for its first; the record holds its row."""

    def check(self, name: str, value: object) -> Any:
        """Return the name as text, or None."""
        return None if value is None else text(name, value)

    def column(self, name: str) -> tuple[Any, ...]:
        """Return the field of the record."""
        return name, "i4"

    def row(self, value: str | None, products: Mapping[str, int]) -> int:
        """Return the product's row, given those of the brand by name."""
        return next(iter(products.values())) if value is None else products[value]


@dataclass(frozen=True)
class _Thresholds(_Whole):
    most: int = 1

    def check(self, name: str, value: object) -> Any:
        given = listed(name, value)
        if not 1 <= len(given) <= self.most:
            raise ValueError(f"{name} must be 1 to {self.most} numbers (got {value!r})")
        found = tuple(whole(name, one, self.low, self.high) for one in given)
        ascending(name, found)
        if len(set(found)) < len(found):
            raise ValueError(f"{name} must be different numbers (got {value!r})")
        return found

    def column(self, name: str) -> tuple[Any, ...]:
        return name, "i4", (self.most,)

    def stored(self, value: Any) -> Any:
        return (*value, *[0] * (self.most - len(value)))


@dataclass(frozen=True)
class Nested(_Whole):
    """Several terms of one class within a term; the record holds how many there are.

    Attributes
    ----------
    of
        Their class.
    """

    of: "type[Term]" = None  # type: ignore[assignment]

    def check(self, name: str, value: object) -> Any:
        """Return a tuple of terms, at least one."""
        given = listed(name, value)
        if not given:
            raise ValueError(f"{name} must have at least one {self.of.__name__.lower()}")
        if not all(isinstance(one, self.of) for one in given):
            raise ValueError(f"{name} must be of class {self.of.__name__} (got {value!r})")
        return given

    def stored(self, value: Any) -> Any:
        """Return how many there are."""
        return len(value)


def ascending(name: str, values: Sequence[float]) -> None:
    """See that values ascend.

    Raises
    ------
    ValueError
        If they do not.
    """
    if list(values) != sorted(values):
        raise ValueError(f"{name} must ascend (got {', '.join(f'{v:g}' for v in values)})")


def listed(name: str, values: object) -> tuple[object, ...]:
    """Return a tuple or list as a tuple.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if not isinstance(values, tuple | list):
        raise ValueError(f"{name} must be a tuple (got {values!r})")
    return tuple(values)


def _declare(kind: Kind, default: Any) -> Any:
    return field(default=MISSING if default is ... else default, metadata={"kind": kind})


def Money(default: Any = ..., *, doc: str, most: float = MOST, alone: str = "") -> Any:
    """Declare an amount in CNY; the record has it in cents."""
    return _declare(_Money(doc, "CNY", 0.0, most, alone), default)


def Share(default: Any = ..., *, doc: str, alone: str = "") -> Any:
    """Declare a share, 0 to 1."""
    return _declare(Kind(doc, "share", 0.0, 1.0, alone), default)


def Days(default: Any = ..., *, doc: str, most: int = MOST_DAYS) -> Any:
    """Declare a whole number of days."""
    return _declare(_Whole(doc, "days", 0, most), default)


def Count(default: Any = ..., *, doc: str, least: int = 0, most: int = MOST_COUNT) -> Any:
    """Declare a whole number of something."""
    return _declare(_Whole(doc, "number", least, most), default)


def Thresholds(default: Any = ..., *, doc: str, most: int) -> Any:
    """Declare `most` whole numbers above 0 at the most, ascending; the record has 0 for none."""
    return _declare(_Thresholds(doc, "number", 1, MOST_COUNT, most=most), default)


def Text(default: Any = ..., *, doc: str) -> Any:
    """Declare a text, for terms that have no record."""
    return _declare(_Text(doc, "text"), default)


def Product(default: Any = None, *, doc: str) -> Any:
    """Declare a product of the brand, by its name; None for the first. The record has its row."""
    return _declare(OfProduct(doc, "product"), default)


def Several(of: "type[Term]", *, doc: str) -> Any:
    """Declare terms within a term; they have a table of their own, by the field's name."""
    return _declare(Nested(doc, "terms", of=of), ...)


# --- terms ---------------------------------------------------------------------------------------


class Term:
    """Base of all terms: a frozen dataclass whose fields are declared by kind."""

    def __post_init__(self) -> None:
        """Check every field by itself, and then all of them together."""
        for name, kind in kinds(type(self)).items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))
        self.check()

    def check(self) -> None:
        """See that fields go together.

        Raises
        ------
        ValueError
            If they do not.
        """


class BrandTerm(Term):
    """Base of the terms that mechanisms define, which hold for a brand as a whole.

    Attributes
    ----------
    TABLE
        Name of their table among those of the market.
    ALONE
        What it is, if a brand can have one only; its table then has one row a brand. Otherwise
        those of a brand add up.
    """

    TABLE: ClassVar[str]
    ALONE: ClassVar[str] = ""

    def alone(self) -> Iterator[str]:
        """Yield what this is of which a brand can have one only."""
        if self.ALONE:
            yield self.ALONE
        for name, kind in kinds(type(self)).items():
            if kind.alone and getattr(self, name):
                yield kind.alone


def kinds(term: type[Term]) -> Mapping[str, Kind]:
    """Return the fields of a class of terms, by name."""
    return {one.name: one.metadata["kind"] for one in fields(term)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Offer(Term):
    """A discount in the customer's hand."""

    discount: float = Share(doc="off the price")
    days: int = Days(14, doc="how long it holds")


@dataclass(frozen=True)
class Price(Term):
    """The list price of a product from day 0 on.

    Below the price in the market file, the difference is booked as a discount.
    """

    product: str = Text(doc="name of the product")
    price: float = Money(doc="asked for one pack")
