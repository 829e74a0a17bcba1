"""The state of both markets as rows of the same columns, so that they can be compared.

Of each subject: which columns there are, where the fast market has them, and what the reference
market has in their place. The rows of both are in the same order. `compared.py` makes tables of it.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.accruals import Kind as Owes
from sim.accruals import State as Stands
from sim.books import ACCOUNTS
from sim.counts import COUNTS
from sim.market import Market
from sim.people.messages import Kind as Says

from .figures import NEVER, NOT_YET
from .market import ReferenceMarket
from .money import Side
from .things import Accrual, Order, State

Columns = dict[str, NDArray[Any]]


def row(thing: Any) -> int:
    """Return the number of a thing, -1 for none."""
    return -1 if thing is None else thing.number


def fields(table: NDArray[np.void], names: Iterable[str]) -> Columns:
    return {name: table[name].ravel() for name in names}


# --- people -------------------------------------------------------------------------------------

PERSON = (
    *("entry_day", "exit_day", "price_sensitivity", "sociability", "deal_proneness"),
    *("contact_sensitivity", "willingness", "role", "segment"),
)


def people(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        yield (
            *(p.entry, p.exit, p.price_sensitivity, p.sociability, p.deal_proneness),
            *(p.contact_sensitivity, p.willingness, max(b.role for b in p.bonds)),
            0 if p.segment is None else 1 + [*market.config.people.segments].index(p.segment),
        )


OCCASION = ("cycle", "due", "slot", "last_brand", "calendar")


def needs(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for n in p.needs:
            yield n.cycle, n.due, n.slot, n.last.brand.number if n.last else -1, n.day


RELATIONSHIP = (
    *("log_taste", "product", "service", "overall", "trust", "expectation", "log_reference"),
    *(
        "fatigue",
        "word_of_mouth",
        "dropout",
        "hazard_left",
        "dropout_rate",
        "delight",
        "delight_day",
        "fatigue_day",
        "word_of_mouth_day",
    ),
    *("contagion_day", "offer", "offer_until", "orders", "first_day", "last_day"),
    *(
        "dropped_out_day",
        "dropouts",
        "week",
        "week_touches",
        "answered",
        "unanswered",
        "role",
        "aware",
        "dropped_out",
        "opted_out",
        "in_base",
    ),
    *("talk_due", "calendar", "net_cents", "cost_cents", "offer_account", "times_aware"),
)


def bonds(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        for b in p.bonds:
            left = b.left if b.has_left else NOT_YET
            talk = b.next_talk if b.has_talked else math.nan
            yield (
                *(b.taste, b.product, b.service, b.satisfaction, b.trust, b.expectation),
                *(b.reference, b.fatigue, b.heard, b.propensity, b.hazard_left, b.rate),
                *(b.delight, b.delight_day),
                *(b.fatigue_day, b.word_of_mouth_day, b.contagion_day, b.offer, b.offer_until),
                *(b.orders, b.first_day, b.last_day, left, b.dropouts, b.week, b.touches),
                *(b.answered, b.unanswered),
                *(b.role, b.aware, b.has_left, b.opted_out, b.held, talk, b.talk_due),
                *(b.revenue, b.cost, ACCOUNTS.index(b.offer_of), b.times_aware),
            )


def in_vain(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        yield (sum(sum(b.in_vain.values()) for b in p.bonds),)


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
            fades = p.circle.fading.half_life < math.inf
            yield p.id, other, strength, p.circle.used[other] if fades else 0


TIE = ("person", "other", "strength", "last_use")


def fast_ties(market: Market) -> Columns:
    w = market.world
    speakers = np.repeat(np.arange(len(w.indptr) - 1), np.diff(w.indptr))
    used = w.last_use if w.last_use.size else np.zeros(w.neighbours.size, np.int32)
    return {"person": speakers, "other": w.neighbours, "strength": w.strength, "last_use": used}


# --- what is written down -----------------------------------------------------------------------

ORDER = (
    *("list_cents", "paid_cents", "day", "person", "nth"),
    *("nth_product", "arrived_day", "brand", "product", "units", "misaddressed"),
    *("faulty", "taught", "misused", "refunded", "reminded", "calendar"),
)


def order(o: Order, today: int) -> tuple[Any, ...]:
    return (
        *(o.list, o.paid, o.day, o.person.id, o.nth),
        *(o.nth_product, o.arrived, o.brand.number, o.product.number, o.units),
        *(o.misaddressed, o.faulty, o.taught, o.misused, o.refunded, o.reminded),
        o.due if o.due >= today else NEVER,
    )


MESSAGE = ("receiver", "speaker_id", "brand", "about", "kind", "opinion", "valence", "strength")


def words(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for w in sorted(market.said, key=lambda w: (w.receiver, w.speaker)):
        yield (
            *(w.receiver, w.speaker, w.brand.number, row(w.about), Says[w.kind]),
            *(w.opinion, w.valence, w.strength),
        )


def fast_words(market: Market) -> Columns:
    said = market._messages
    order = np.lexsort((said["speaker_id"], said["receiver"]))
    return fields(said[order], MESSAGE)


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


QUEUE = ("brand", "person", "order", "key", "nth_product", "due")


def queue(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for b in market.brands:
        for p in b.queue:
            yield b.number, p.person.id, row(p.order), p.step.key, p.orders, p.due


def fast_queue(market: Market) -> Columns:
    w, staff = market.world, market._workforce.staff
    rows = np.concatenate([np.zeros(0, np.int64), *(each.waiting for each in staff)])
    found = fields(w.touches[rows], ("person", "order", "nth_product", "due"))
    steps = w.steps[w.touches["step"][rows]]
    return found | {"brand": steps["brand"], "key": steps["key"]}


ACCRUAL = (
    *("kind", "state", "cash_cents", "goods_cents", "points_cents", "order", "person"),
    *("brand", "strategy", "keep_reserve", "calendar"),
)
STANDS = {
    State.CLAIMED: Stands.CLAIMED,
    State.ACCEPTED: Stands.ACCEPTED,
    State.VESTED: Stands.VESTED,
    State.VOID: Stands.VOID,
    State.UNFUNDED: Stands.UNFUNDED,
}


def accrual(market: ReferenceMarket, a: Accrual) -> tuple[Any, ...]:
    return (
        *(Owes[a.kind], STANDS[a.state], a.cash, a.goods, a.points, row(a.order), a.person.id),
        *(a.brand.number, market.strategies.index(a.of), a.keeps_reserve),
        a.due if a.due >= market.day else NEVER,
    )


# --- sums ---------------------------------------------------------------------------------------

DEBIT = "cash"
"""The only balance that is; income is a credit, too."""


def is_credit(market: ReferenceMarket, account: str) -> bool:
    side = market.books.sides.get(account)
    return account == "gross_sales" or (side is Side.BALANCE and account != DEBIT)


def books(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for brand in market.brands:
        day = market.books.today[brand]
        yield tuple(-day[a] if is_credit(market, a) else day[a] for a in ACCOUNTS)


def fast_books(market: Market) -> Columns:
    daily = market.books.terminal if market.books.closed_terminal else market.books.daily
    return dict(zip(ACCOUNTS, daily[-1].T, strict=True))


def counts(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for brand in market.brands:
        yield tuple(market.counts[brand, what] for what in COUNTS)


def fast_counts(market: Market) -> Columns:
    return dict(zip(COUNTS, market.counts[-1].T, strict=True))


FORGETTING = ("forgotten_on",)


def forgetting(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for p in market.people:
        yield from ((b.forgotten_on,) for b in p.bonds)


def fast_forgetting(market: Market) -> Columns:
    days = market.world.forgetting_due.link["day"]
    nobody = np.full(market.world.relationships.size, NEVER)
    return {"forgotten_on": days if days.size else nobody}


PROSPECTS = (
    *("unaware", "aware", "reached", "won", "unaware_slope", "aware_slope", "reached_slope"),
    *("ad_spend", "ad_cents", "ad_stock"),
)


def prospects(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for brand in market.brands:
        p = brand.prospects
        yield (
            *(p.number[False], p.number[True], p.reached, p.won),
            *(p.slope[False], p.slope[True], p.reached_slope),
            *(brand.spend, brand.ad_cents, brand.adstock),
        )


def fast_prospects(market: Market) -> Columns:
    w = market.world
    return fields(w.prospects, PROSPECTS[:7]) | fields(w.brands, PROSPECTS[7:])


def sellers(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for product in market.products:
        yield product.base, product.price


def money(market: ReferenceMarket) -> Iterator[tuple[Any, ...]]:
    for of in market.strategies:
        yield of.spent, of.reserved
