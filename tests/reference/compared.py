"""Which tables of both markets are compared, and when: the core's, and those that twins add."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.books import ACCOUNTS
from sim.counts import COUNTS
from sim.market import Market
from tests.kept import kept

from . import tables as core
from .market import Kinds, ReferenceMarket
from .tables import Columns, fields
from .twin import Kept

LATEST = 400
"""Rows of long tables that are compared each day; all are at the end."""


class Table(NamedTuple):
    name: str
    fast: Callable[[Market], Columns]
    reference: Callable[[ReferenceMarket], Iterable[tuple[Any, ...]]]
    columns: tuple[str, ...]


def latest(rows: Any, everything: bool) -> Any:
    return rows if everything else rows[-LATEST:]


# --- what twins add -----------------------------------------------------------------------------


def by_relationship(name: str, columns: tuple[str, ...]) -> Table:
    """Return the table of what a mechanism adds by person and brand."""

    def fast(market: Market) -> Columns:
        return fields(kept(market.world), columns)

    def reference(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
        twin = market.twins[name]
        return (twin.of_relationship(p, brand) for p in market.people for brand in market.brands)

    return Table(f"bond, {name}", fast, reference, columns)


def of_twins(kinds: Kinds) -> list[Table]:
    return [
        by_relationship(name, kind.RELATIONSHIP)
        for name, kind in kinds.items()
        if kind.RELATIONSHIP
    ]


def fast_written(market: Market, written: Kept, everything: bool) -> Columns:
    w, names = market.world, [name for name in written.columns if name != "calendar"]
    size = w.tally[0][written.table]
    found = fields(getattr(w, written.table)[:size], names)
    if "calendar" in written.columns:
        found["calendar"] = getattr(w, f"{written.table}_due").link["day"][:size]
    return {name: latest(values, everything) for name, values in found.items()}


def written_by_twin(
    market: ReferenceMarket, name: str, written: Kept, everything: bool
) -> Iterable[tuple[Any, ...]]:
    return map(written.row, latest(written.rows(market.twins[name]), everything))


# --- all of it ----------------------------------------------------------------------------------


def of_state(kinds: Kinds) -> list[Table]:
    """Return the tables of what there is about each person, and of prices."""

    def rows_and_calendar(table: str, calendar: str, names: tuple[str, ...]) -> Any:
        def columns(market: Market) -> Columns:
            found = fields(getattr(market.world, table), [c for c in names if c != "calendar"])
            return found | {"calendar": getattr(market.world, calendar).link["day"]}

        return columns

    return [
        Table("person", lambda m: fields(m.world.people, core.PERSON), core.people, core.PERSON),
        Table(
            "need",
            rows_and_calendar("occasions", "occasions_due", core.OCCASION),
            core.needs,
            core.OCCASION,
        ),
        Table(
            "bond",
            rows_and_calendar("relationships", "talk_due", core.RELATIONSHIP),
            core.bonds,
            core.RELATIONSHIP,
        ),
        Table("forgetting", core.fast_forgetting, core.forgetting, core.FORGETTING),
        Table("prospects", core.fast_prospects, core.prospects, core.PROSPECTS),
        *of_twins(kinds),
        Table("in vain", lambda m: {"tries": m.world.tries.sum(axis=1)}, core.in_vain, ("tries",)),
        Table("holding", core.fast_holdings, core.holdings, core.HOLDING),
        Table("tie", core.fast_ties, core.ties, core.TIE),
        Table("touch", core.fast_touches, core.touches, core.TOUCH),
        Table("queue", core.fast_queue, core.queue, core.QUEUE),
        Table(
            "product",
            lambda m: fields(m.world.products, ("base_cents", "price_cents")),
            core.sellers,
            ("base_cents", "price_cents"),
        ),
    ]


def of_records(kinds: Kinds, everything: bool) -> list[Table]:
    """Return the tables of what is written down and never taken out, the latest rows of them."""

    def rows(table: str, calendar: str | None, names: tuple[str, ...]) -> Any:
        def columns(market: Market) -> Columns:
            w = market.world
            size = w.tally[0][table]
            found = fields(getattr(w, table)[:size], [c for c in names if c != "calendar"])
            if calendar:
                found["calendar"] = getattr(w, calendar).link["day"][:size]
            return {name: latest(values, everything) for name, values in found.items()}

        return columns

    def some(rows: list[Any]) -> Any:
        return latest(rows, everything)

    def of_each(table: str, kind: str, names: tuple[str, ...], of: Any, things: Any) -> Table:
        def reference(market: ReferenceMarket) -> list[Any]:
            return [of(market.twins[kind])(each) for each in some(things(market))]

        return Table(f"{table}, {kind}", rows(table, None, names), reference, names)

    found = [
        Table(
            "order",
            rows("orders", "orders_due", core.ORDER),
            lambda m: [core.order(o, m.day) for o in some(m.orders)],
            core.ORDER,
        ),
        Table(
            "accrual",
            rows("accruals", "accruals_due", core.ACCRUAL),
            lambda m: [core.accrual(m, a) for a in some(m.accruals)],
            core.ACCRUAL,
        ),
    ]
    for name, kind in kinds.items():
        if kind.SALE:
            of = attrgetter("of_sale")
            found.append(of_each("orders", name, kind.SALE, of, lambda m: m.orders))
        if kind.ACCRUAL:
            of = attrgetter("of_accrual")
            found.append(of_each("accruals", name, kind.ACCRUAL, of, lambda m: m.accruals))
        for written in kind.KEPT:
            fast = partial(fast_written, written=written, everything=everything)
            reference = partial(written_by_twin, name=name, written=written, everything=everything)
            found.append(Table(written.record, fast, reference, tuple(written.columns)))
    return found


def of_day() -> list[Table]:
    """Return the tables of what happened on one day."""
    return [
        Table("count", core.fast_counts, core.counts, COUNTS),
        Table("word", core.fast_words, core.words, core.MESSAGE),
        Table("books", core.fast_books, core.books, ACCOUNTS),
        Table(
            "budget",
            lambda m: {"spent": m.world.spent, "reserved": m.world.reserved},
            core.money,
            ("spent", "reserved"),
        ),
    ]


def outside(day: int, days: int, kinds: Kinds) -> list[Table]:
    """Return what is compared after a day of burn-in or of the terminal period."""
    if 0 <= day < days:
        return []
    booked = [table for table in of_day() if day >= days and table.name != "count"]
    return booked + of_state(kinds) + of_records(kinds, False)


def same(one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where two columns are equal; not a number equals itself."""
    return (one == two) | ((one != one) & (two != two))
