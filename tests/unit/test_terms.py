"""Terms are declared once: what is refused, the record and its rows follow from the declaration."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from sim.mechanisms import installed
from sim.mechanisms.declarations import terms, terms_of
from sim.mechanisms.direct_selling.terms import Level, SellingPlan
from sim.mechanisms.referral.terms import Referral
from sim.mechanisms.status.terms import Status
from sim.term_tables import Given, names_of, record_of, tables_of
from sim.terms import (
    BrandTerm,
    Count,
    Days,
    Money,
    Nested,
    Offer,
    Price,
    Product,
    Several,
    Share,
    Term,
    Thresholds,
    kinds,
)

pytestmark = pytest.mark.quick

IDENTITY = {"key", "brand", "strategy", "share", "audience_key", "who_start", "who_end"}


@dataclass(frozen=True)
class Tier(Term):
    """A term within a term."""

    share: float = Share(doc="of something")
    spend: float = Money(0.0, doc="from which it is given")


@dataclass(frozen=True)
class Gift(BrandTerm):
    """A term of all kinds of fields."""

    TABLE: ClassVar[str] = "gifts"

    tiers: tuple[Tier, ...] = Several(Tier, doc="from the lowest")
    worth: float = Money(0.0, most=50, doc="of a gift", alone="a dear gift")
    part: float = Share(0.25, doc="of people")
    wait: int = Days(3, most=9, doc="until it comes")
    orders: int = Count(2, least=1, most=5, doc="before it")
    at: tuple[int, ...] = Thresholds((1, 4), most=3, doc="numbers of orders")


@dataclass(frozen=True)
class Only(Gift):
    """The same, of which a brand has one."""

    ALONE: ClassVar[str] = "a gift"


TIERS = (Tier(0.1), Tier(0.2, 12.345))


def given(term, brand=0, strategy=0):
    return Given(term, brand, strategy, key=100 + strategy, audience_key=7, share=0.5)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"worth": 50.01}, r"worth must be from 0 to 50 \(got 50.01\)"),
        ({"worth": -1}, "worth must be from 0 to 50"),
        ({"part": 1.1}, r"part must be from 0 to 1 \(got 1.1\)"),
        ({"wait": 10}, "wait must be from 0 to 9"),
        ({"wait": 2.5}, "wait must be a whole number"),
        ({"orders": 0}, "orders must be from 1 to 5"),
        ({"at": (0, 2)}, "at must be from 1 to"),
        ({"at": (3, 2)}, r"at must ascend \(got 3, 2\)"),
        ({"at": (2, 2)}, "at must be different numbers"),
        ({"at": ()}, "at must be 1 to 3 numbers"),
        ({"at": (1, 2, 3, 4)}, "at must be 1 to 3 numbers"),
        ({"at": 3}, "at must be a tuple"),
        ({"tiers": ()}, "tiers must have at least one tier"),
        ({"tiers": (0.1,)}, "tiers must be of class Tier"),
        ({"part": "half"}, "part must be a number"),
        ({"part": True}, "part must be a number"),
    ],
    ids=str,
)
def test_what_is_out_of_bounds_is_refused_with_name_and_bounds(wrong, says):
    with pytest.raises(ValueError, match=f"^{says}"):
        Gift(**{"tiers": TIERS, **wrong})


LEAST = {SellingPlan: {"levels": (Level(0.4),)}, Status: {"friends": 3}, Level: {"discount": 0.4}}
LEAST |= {Offer: {"discount": 0.1}, Price: {"product": "cream", "price": 80}}
NUMBERS = [
    pytest.param(term, name, kind, id=f"{term.__name__}.{name}")
    for term in (*terms(), Level, Offer, Price)
    for name, kind in kinds(term).items()
    if not isinstance(kind, Nested) and name not in ("product", "goods_at")
]


@pytest.mark.parametrize(("term", "name", "kind"), NUMBERS)
def test_every_number_of_every_term_has_bounds(term, name, kind):
    for inside in (kind.low, kind.high):
        assert getattr(term(**{**LEAST.get(term, {}), name: inside}), name) == inside
    for outside in (kind.low - 1, kind.high + 1):
        says = re.escape(f"{name} must be from {kind.low:g} to {kind.high:g} (got")
        with pytest.raises(ValueError, match=f"^{says}"):
            term(**{**LEAST.get(term, {}), name: outside})


# --- records and rows -----------------------------------------------------------------------------


def test_the_record_follows_from_the_fields():
    dtype = record_of(Gift)
    own = {name: dtype[name] for name in dtype.names if name not in IDENTITY}
    assert own == {
        "tiers": np.dtype("i4"),
        "worth_cents": np.dtype("i8"),
        "part": np.dtype("f8"),
        "wait": np.dtype("i4"),
        "orders": np.dtype("i4"),
        "at": np.dtype(("i4", (3,))),
    }
    assert set(record_of(Tier).names) == {"share", "spend_cents"}
    assert set(dtype.names) > IDENTITY
    assert dtype.type is np.record


def test_rows_follow_from_what_is_given():
    first = Gift(TIERS, worth=9.99, orders=5)
    second = Gift((Tier(0.3),), at=(2,))
    tables = tables_of(Gift, [given(first, 0, 4), given(second, 2, 6)], brands=3)
    assert list(tables) == ["gifts", "gifts_of", "tiers"]
    table = tables["gifts"]
    assert table["worth_cents"].tolist() == [999, 0]
    assert table["orders"].tolist() == [5, 2]
    assert table["at"].tolist() == [[1, 4, 0], [2, 0, 0]]
    assert table["tiers"].tolist() == [2, 1]
    assert table["strategy"].tolist() == [4, 6]
    assert table["key"].tolist() == [104, 106]
    assert (table["share"] == 0.5).all() and (table["audience_key"] == 7).all()
    assert tables["gifts_of"].tolist() == [(0, 1), (1, 1), (1, 2)]
    assert tables["tiers"]["share"].tolist() == [[0.1, 0.2], [0.3, 0]]
    assert tables["tiers"]["spend_cents"].tolist() == [[0, 1234], [0, 0]]


@dataclass(frozen=True)
class Sample(BrandTerm):
    """A term about a product."""

    TABLE: ClassVar[str] = "samples"

    product: str | None = Product(doc="given away")


def test_a_product_is_named_and_the_record_has_its_row():
    rows = {"cream": 3, "soap": 4}
    told = [given(Sample(name), 1)._replace(products=rows) for name in ("soap", None)]
    table = tables_of(Sample, told, brands=2)["samples"]
    assert table["product"].tolist() == [4, 3], "the first if none is named"
    with pytest.raises(ValueError, match="product must be text"):
        Sample(3)


def test_of_what_is_alone_there_is_a_row_for_each_brand():
    tables = tables_of(Only, [given(Only(TIERS, worth=2), 1, 4)], brands=3)
    assert list(tables) == ["gifts", "tiers"]
    assert tables["gifts"]["strategy"].tolist() == [-1, 4, -1]
    assert tables["gifts"]["brand"].tolist() == [0, 1, 2]
    assert tables["gifts"]["worth_cents"].tolist() == [0, 200, 0]
    assert tables["tiers"].shape == (3, 2)


def test_a_term_says_of_what_there_can_be_one():
    assert list(Gift(TIERS).alone()) == []
    assert list(Gift(TIERS, worth=1).alone()) == ["a dear gift"]
    assert list(Only(TIERS, worth=1).alone()) == ["a gift", "a dear gift"]


def test_without_terms_tables_have_the_same_records():
    for term in terms():
        empty = tables_of(term, (), 2)
        assert list(empty) == names_of(term)
        assert empty[term.TABLE].dtype == record_of(term)


# --- what rules read ------------------------------------------------------------------------------

VARIABLES = {Referral: ["programme"], SellingPlan: ["plan"], Level: []}
"""How rules call a row of each, if not by the name of its class."""


def read_in(folder: Path, term: type[Term]) -> set[str]:
    """Return the fields that the rules of a folder read in rows of a class of terms."""
    table = getattr(term, "TABLE", "levels")
    variables = VARIABLES.get(term, [term.__name__.lower()])
    found = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                of = ast.unparse(node.value)
                if of in variables or of.startswith(f"w.{table}["):
                    found.add(node.attr)
    return found


@pytest.mark.parametrize(
    ("mechanism", "term"),
    [
        pytest.param(mechanism, term, id=term.__name__)
        for mechanism in installed()
        for term in (*terms_of(mechanism), *([Level] if mechanism.name == "direct_selling" else []))
    ],
)
def test_rules_read_all_fields_of_a_term_and_no_others(mechanism, term):
    folder = Path(str(mechanism.package.__file__)).parent
    columns = {kind.column(name)[0] for name, kind in kinds(term).items()}
    read = read_in(folder, term)
    assert columns <= read
    assert read - columns <= IDENTITY
