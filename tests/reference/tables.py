"""The state of both markets as tables of the same rows and columns, so that they can be compared.

A table says which columns there are, where the fast market has them, and what the reference market
has in their place. The rows of both are in the same order.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.accruals import Kind as Owes
from sim.accruals import State as Stands
from sim.books import ACCOUNTS
from sim.counts import COUNTS
from sim.market import Market
from sim.people.messages import Kind as Says
from tests.kept import kept

from .figures import NEVER, NOT_YET
from .market import ReferenceMarket
from .money import Account
from .things import Distributor, Invitation, Kind, Order, Owed, Promise, State, Word

Columns = dict[str, NDArray[Any]]
LATEST = 400
"""Rows of long tables that are compared each day; all are at the end."""


class Table(NamedTuple):
    name: str
    fast: Callable[[Market], Columns]
    reference: Callable[[ReferenceMarket], Iterable[tuple[Any, ...]]]
    columns: tuple[str, ...]


def row(thing: Any) -> int:
    """Return the number of a thing, -1 for none."""
    return -1 if thing is None else thing.number


def counted(thing: Any) -> int:
    """Return the number of a thing plus 1, 0 for none."""
    return row(thing) + 1


def fields(table: NDArray[np.void], names: Iterable[str]) -> Columns:
    return {name: table[name].ravel() for name in names}


def latest(rows: Any, everything: bool) -> Any:
    return rows if everything else rows[-LATEST:]


# --- people -------------------------------------------------------------------------------------

PERSON = (
    *("entry_day", "exit_day", "price_sensitivity", "sociability", "deal_proneness"),
    *("contact_sensitivity", "willingness", "role"),
)


def people(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        yield (
            *(p.entry, p.exit, p.price_sensitivity, p.sociability, p.deal_proneness),
            *(p.contact_sensitivity, p.willingness, max(role(b) for b in p.bonds)),
        )


def role(bond: Any) -> int:
    return 2 if bond.at_work else 1 if bond.is_koc else 0


NEED = ("cycle", "due", "slot", "last_brand", "calendar")


def needs(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for n in p.needs:
            yield n.cycle, n.due, n.slot, n.last.brand.number if n.last else -1, n.day


BOND = (
    *("log_taste", "product", "service", "overall", "trust", "expectation", "log_reference"),
    *("fatigue", "heard", "dropout", "delight", "delight_day", "fatigue_day", "heard_day"),
    *("contagion_day", "offer", "offer_until", "orders", "first_day", "last_day"),
    *("left_day", "week", "week_touches", "role", "aware", "left", "opted_out", "held"),
    *("talk_due", "calendar", "net_cents", "cost_cents", "offer_account"),
)


def bonds(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for b in p.bonds:
            left = b.left if b.has_left else NOT_YET
            talk = b.next_talk if b.has_talked else math.nan
            yield (
                *(b.taste, b.product, b.service, b.satisfaction, b.trust, b.expectation),
                *(b.reference, b.fatigue, b.heard, b.propensity, b.delight, b.delight_day),
                *(b.fatigue_day, b.heard_day, b.contagion_day, b.offer, b.offer_until),
                *(b.orders, b.first_day, b.last_day, left, b.week, b.touches),
                *(role(b), b.aware, b.has_left, b.opted_out, b.held, talk, b.talk_due),
                *(b.revenue, b.cost, ACCOUNTS.index(b.offer_of)),
            )


ALLY = (
    *("points_cents", "goods_cents", "points_until", "invitation", "invited_until", "refused"),
    *("bought", "vested", "goods_claimed", "goods_friends", "honour_claimed", "attended"),
    *("pitch_from", "agent", "seller", "pitcher", "pitch_until", "honour_reserved", "koc"),
)


def allies(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for b in p.bonds:
            yield (
                *(b.points, b.goods_waiting, b.points_until, counted(b.followed)),
                *(b.followed_until, b.refused, b.bought, b.counted, b.goods_claimed),
                *(b.goods_earned, b.claimed, b.attended, b.ask_from),
                *(counted(b.engagement if b.at_work else None), counted(b.seller)),
                *(counted(b.caller), b.call_until, b.honour_reserved, b.koc),
            )


HOLDING = ("orders", "units", "first_day", "last_day", "uses")


def holdings(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for product in market.products:
            h = p.holdings.get(product.number)
            if h is None or h.orders == 0:
                yield 0, 0, 0, 0, 0
            else:
                yield h.orders, h.before, h.first_day, h.last_day, h.uses


def fast_holdings(market: Market) -> Columns:
    found = fields(market.world.holdings, HOLDING)
    return {name: np.where(found["orders"] > 0, values, 0) for name, values in found.items()}


def ties(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for other, strength in getattr(p.circle, "strengths", {}).items():
            yield p.id, other, strength


def fast_ties(market: Market) -> Columns:
    w = market.world
    speakers = np.repeat(np.arange(len(w.indptr) - 1), np.diff(w.indptr))
    return {"person": speakers, "other": w.neighbours, "strength": w.strength}


# --- what is written down -----------------------------------------------------------------------

ORDER = (
    *("list_cents", "paid_cents", "margin_cents", "day", "person", "seller", "invitation"),
    *("nth", "nth_product", "arrived_day", "brand", "product", "units", "misaddressed"),
    *("faulty", "taught", "misused", "refunded", "reminded", "calendar"),
)


def order(o: Order, today: int) -> tuple[Any, ...]:
    margin = o.paid - o.released if o.seller else 0
    return (
        *(o.list, o.paid, margin, o.day, o.person.id, row(o.seller), row(o.invitation)),
        *(o.nth, o.nth_product, o.arrived, o.brand.number, o.product.number, o.units),
        *(o.misaddressed, o.faulty, o.taught, o.misused, o.refunded, o.reminded),
        o.due if o.due >= today else NEVER,
    )


INVITATION = (
    *("referrer", "friend", "day", "clicked_day", "order", "vested_day", "brand", "void"),
)


def invitation(i: Invitation) -> tuple[Any, ...]:
    return (
        *(i.referrer, i.friend, i.day, i.followed, row(i.order), i.counted, i.brand.number),
        i.void,
    )


WORD = ("receiver", "speaker_id", "brand", "about", "kind", "opinion", "valence", "strength")
SAYS = {
    Kind.OPINION: Says.OPINION,
    Kind.INVITATION: Says.INVITATION,
    Kind.SALES_CALL: Says.SALES_CALL,
    Kind.RECRUITING_CALL: Says.RECRUITING,
    Kind.DISAPPOINTMENT: Says.DISAPPOINTMENT,
}


def words(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for w in sorted(market.said, key=lambda w: (w.receiver, w.speaker)):
        yield (
            *(w.receiver, w.speaker, w.brand.number, about(market, w), SAYS[w.kind]),
            *(w.opinion, w.valence, w.strength),
        )


def about(market: ReferenceMarket, word: Word) -> int:
    calls = word.kind in (Kind.SALES_CALL, Kind.RECRUITING_CALL)
    bond = market.people[word.speaker].bonds[word.brand.number]
    return row(bond.engagement) if calls else row(word.invitation)


def fast_words(market: Market) -> Columns:
    said = market._heard
    order = np.lexsort((said["speaker_id"], said["receiver"]))
    return fields(said[order], WORD)


TOUCH = ("person", "order", "key", "nth_product", "day")


def touches(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    planned = (p for day in market.agenda.touches.values() for p in day)
    yield from sorted((p.person.id, row(p.order), p.step.key, p.orders, p.due) for p in planned)


def fast_touches(market: Market) -> Columns:
    w = market.world
    day = w.touches_due.link["day"]
    due = np.flatnonzero(day != NEVER)
    table = w.touches[due]
    found = fields(table, ("person", "order", "nth_product"))
    found |= {"key": w.steps["key"][table["step"]], "day": day[due]}
    order = np.lexsort([found[name] for name in reversed(TOUCH)])
    return {name: found[name][order] for name in TOUCH}


AGENT = (
    *("person", "brand", "upline", "joined_day", "quit_day", "level", "full_time", "recruits"),
    *("sales_cents", "team_cents", "stock_cents", "paid_cents", "margin_cents"),
    *("commission_cents", "bonus_cents", "fee_cents", "reviewed_cents", "contact_due"),
    *("review_day", "calendar"),
)


def agent(d: Distributor) -> tuple[Any, ...]:
    return (
        *(d.person.id, d.brand.number, row(d.upline), d.joined),
        *(NOT_YET if d.at_work else d.quit, d.level, d.full_time, d.recruits),
        *(d.sales, d.team, d.stock, d.stock_paid, d.margin, d.commission, d.bonus, d.fee),
        *(d.reviewed, d.next_call, d.next_review, d.due),
    )


PENDING = (
    *("kind", "state", "cash_cents", "goods_cents", "points_cents", "order", "person"),
    *("programme", "brand", "strategy", "goods", "keep_reserve", "calendar"),
)
OWES = {Owed.REWARD: Owes.REFERRAL, Owed.COMMISSION: Owes.RESALE, Owed.BONUS: Owes.RECRUIT}
STANDS = {
    State.CLAIMED: Stands.CLAIMED,
    State.PENDING: Stands.ACCEPTED,
    State.KEPT: Stands.VESTED,
    State.VOID: Stands.VOID,
    State.REFUSED: Stands.UNFUNDED,
}


def promise(market: ReferenceMarket, p: Promise) -> tuple[Any, ...]:
    programmes = [one for brand in market.brands for one in brand.programmes]
    return (
        *(OWES[p.owed], STANDS[p.state], p.cash, p.goods, p.points, row(p.order)),
        *(p.person.id, -1 if p.programme is None else programmes.index(p.programme)),
        *(p.brand.number, market.strategies.index(p.of), p.gives_goods, p.completes),
        p.due if p.due >= market.day else NEVER,
    )


def fast_promises(market: Market, everything: bool) -> Columns:
    w = market.world
    table = w.pending[: w.tally[0]["pending"]]
    owed = np.flatnonzero(table["kind"] != Owes.EXPIRY)
    found = fields(table[owed], [c for c in PENDING if c != "calendar"])
    found["calendar"] = w.pending_due.link["day"][owed]
    return {name: latest(values, everything) for name, values in found.items()}


EXPIRY = ("person", "brand", "day")


def expiries(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    yield from sorted(
        (i, b, day) for day, rows in market.agenda.points.rows.items() for i, b in rows
    )


def fast_expiries(market: Market) -> Columns:
    w = market.world
    table = w.pending[: w.tally[0]["pending"]]
    day = w.pending_due.link["day"][: len(table)]
    found = np.flatnonzero((table["kind"] == Owes.EXPIRY) & (day != NEVER))
    who = (table[c][found].tolist() for c in ("person", "brand"))
    rows = sorted(set(zip(*who, day[found].tolist(), strict=True)))
    return dict(zip(EXPIRY, np.array(rows, np.int64).reshape(-1, 3).T, strict=True))


# --- sums ---------------------------------------------------------------------------------------

CREDIT = {Account.GROSS_SALES, Account.POINTS_OWED, Account.REWARDS_PENDING}
CREDIT |= {Account.CHANNEL_DEPOSITS, Account.JOINING_FEES}


def books(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for brand in market.brands:
        day = market.books.today[brand]
        yield tuple(-day[a] if a in CREDIT else day[a] for a in map(Account, ACCOUNTS))


def fast_books(market: Market) -> Columns:
    daily = market.books.held if market.books.closed_held else market.books.daily
    return dict(zip(ACCOUNTS, daily[-1].T, strict=True))


def counts(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for brand in market.brands:
        yield tuple(market.counts[brand, what] for what in COUNTS)


def fast_counts(market: Market) -> Columns:
    return dict(zip(COUNTS, market.counts[-1].T, strict=True))


def sellers(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for product in market.products:
        yield product.base, product.price


def money(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for of in market.strategies:
        yield of.spent, of.reserved


# --- all of it ----------------------------------------------------------------------------------


def of_state() -> list[Table]:
    """Return the tables of what there is about each person, and of prices."""

    def rows_and_calendar(table: str, calendar: str, names: tuple[str, ...]) -> Any:
        def columns(market: Market) -> Columns:
            found = fields(getattr(market.world, table), [c for c in names if c != "calendar"])
            return found | {"calendar": getattr(market.world, calendar).link["day"]}

        return columns

    return [
        Table("person", lambda m: fields(m.world.people, PERSON), people, PERSON),
        Table("need", rows_and_calendar("needs", "needs_due", NEED), needs, NEED),
        Table("bond", rows_and_calendar("bonds", "talk_due", BOND), bonds, BOND),
        Table("ally", lambda m: fields(kept(m.world), ALLY), allies, ALLY),
        Table("holding", fast_holdings, holdings, HOLDING),
        Table("tie", fast_ties, ties, ("person", "other", "strength")),
        Table("touch", fast_touches, touches, TOUCH),
        Table(
            "product",
            lambda m: fields(m.world.products, ("base_cents", "price_cents")),
            sellers,
            ("base_cents", "price_cents"),
        ),
    ]


def of_records(everything: bool) -> list[Table]:
    """Return the tables of what is written down and never taken out, the latest rows of them."""

    def rows(table: str, tally: str, calendar: str | None, names: tuple[str, ...]) -> Any:
        def columns(market: Market) -> Columns:
            w = market.world
            size = w.tally[0][tally]
            found = fields(getattr(w, table)[:size], [c for c in names if c != "calendar"])
            if calendar:
                found["calendar"] = getattr(w, calendar).link["day"][:size]
            return {name: latest(values, everything) for name, values in found.items()}

        return columns

    def some(rows: list[Any]) -> Any:
        return latest(rows, everything)

    return [
        Table(
            "order",
            rows("orders", "orders", "orders_due", ORDER),
            lambda m: [order(o, m.day) for o in some(m.orders)],
            ORDER,
        ),
        Table(
            "invitation",
            rows("invitations", "invitations", None, INVITATION),
            lambda m: map(invitation, some(m.invitations)),
            INVITATION,
        ),
        Table(
            "distributor",
            rows("agents", "agents", "agents_due", AGENT),
            lambda m: map(agent, some(m.distributors)),
            AGENT,
        ),
        Table(
            "promise",
            lambda m: fast_promises(m, everything),
            lambda m: [promise(m, p) for p in some(m.promises)],
            PENDING,
        ),
        Table("expiry", fast_expiries, expiries, EXPIRY),
    ]


def of_day() -> list[Table]:
    """Return the tables of what happened on one day."""
    return [
        Table("count", fast_counts, counts, COUNTS),
        Table("word", fast_words, words, WORD),
        Table("books", fast_books, books, ACCOUNTS),
        Table(
            "budget",
            lambda m: {"spent": m.world.spent, "reserved": m.world.reserved},
            money,
            ("spent", "reserved"),
        ),
    ]


def outside(day: int, days: int) -> list[Table]:
    """Return what is compared after a day of burn-in or of the continuation."""
    if 0 <= day < days:
        return []
    booked = [table for table in of_day() if day >= days and table.name != "count"]
    return booked + of_state() + of_records(False)


def same(one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where two columns are equal; not a number equals itself."""
    return (one == two) | ((one != one) & (two != two))
