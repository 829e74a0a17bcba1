"""Reselling: buyers pay the distributor, and the brand ships from stock paid for by the distributor.

Revenue arises when a person buys: what the distributor paid for that stock leaves the deposits, and
what the distributor keeps is a reduction of the brand's sales. Stock nobody buys brings the brand
nothing.
"""

import numpy as np

from sim.accruals import draw_lots_by, enter
from sim.books import Account, post
from sim.counts import columns
from sim.engine.draws import draw
from sim.engine.kernels import rule
from sim.mechanisms.direct_selling import ACCRUALS
from sim.mechanisms.direct_selling.work import working
from sim.purposes import Purpose
from sim.state import NO_DAY

_RESALE = ACCRUALS["RESALE"]
(_RESALES,) = columns("resales")


@rule
def seller_of(w, i, b, nth, day):
    """Return the row of DISTRIBUTORSHIP from whom person `i` buys the `nth` order of brand `b`, -1 for none.

    The distributor of one's earlier orders, while at work, or else whoever called lately. Where
    prices are transparent, buyers find the brand's own shop.
    """
    brand, relationship, selling = w.brands[b], w.relationships[i, b], w.selling[i, b]
    if selling.distributor > 0 or (brand.closed and not relationship.in_base):
        return -1
    seller = selling.seller
    if not working(w, seller):
        called = day <= selling.pitch_until and working(w, selling.pitcher)
        seller = selling.pitcher if called else 0
    if seller == 0:
        return -1
    if brand.transparency > 0.0:
        u = draw(w.seed[0], w.people[i].id, nth & 0xFFF, brand.key, day, Purpose.BYPASS)
        if u < brand.transparency:
            return -1
    selling.seller = seller
    return seller - 1


@rule
def stock_up(w, row, cents):
    """Let distributor `row` pay for stock of `cents` at list price, less the level's discount."""
    distributor = w.distributors[row]
    i, b = np.int64(distributor.person), np.int64(distributor.brand)
    paid = int(cents * (1.0 - w.levels[b, distributor.level].discount) + 0.5)
    post(w, i, b, Account.CASH, Account.CHANNEL_DEPOSITS, paid)
    distributor.stock_cents += cents
    distributor.paid_cents += paid


@rule
def resell(w, number, row):
    """Let distributor `row` sell order `number` from stock; a new lot is bought when it is short.

    What the buyer pays is the distributor's, coupons come out of the margin, and the brand is left
    with what was paid for the stock.
    """
    order, distributor = w.orders[number], w.distributors[row]
    i, b = np.int64(order.person), np.int64(order.brand)
    short = order.list_cents - distributor.stock_cents
    if short > 0:
        stock_up(w, row, max(short, w.selling_plans[b].stock_cents))
    released = distributor.paid_cents
    if order.list_cents < distributor.stock_cents:
        released = distributor.paid_cents * order.list_cents // distributor.stock_cents
    order.seller, order.margin_cents = row, order.paid_cents - released
    post(w, i, b, Account.CHANNEL_DEPOSITS, Account.CASH, released)
    post(w, i, b, Account.RESELLER_MARGINS, Account.CASH, order.margin_cents)
    _move(distributor, order, 1)
    w.counts[b, _RESALES] += 1
    claim_commissions(w, number, row)


@rule
def take_back(w, order):
    """Undo a resale that was sent back: the distributor has the stock again, and no margin."""
    i, b = np.int64(order.person), np.int64(order.brand)
    released = order.paid_cents - order.margin_cents
    post(w, i, b, Account.CASH, Account.CHANNEL_DEPOSITS, released)
    post(w, i, b, Account.CASH, Account.RESELLER_MARGINS, order.margin_cents)
    _move(w.distributors[order.seller], order, -1)


@rule
def _move(distributor, order, sign):
    distributor.stock_cents -= sign * order.list_cents
    distributor.paid_cents -= sign * (order.paid_cents - order.margin_cents)
    distributor.margin_cents += sign * order.margin_cents
    distributor.sales_cents += sign * order.list_cents


# --- commissions --------------------------------------------------------------------------------


@rule
def claim_commissions(w, number, row):
    """Claim for a resale by distributor `row` what its uplines may get, at the most."""
    order, distributor = w.orders[number], w.distributors[row]
    b = np.int64(order.brand)
    plan = w.selling_plans[b]
    top = w.levels[b, plan.levels - 1].discount - w.levels[b, distributor.level].discount
    entered = enter(w, _RESALE, b, plan.strategy, np.int64(distributor.person))
    draw_lots_by(w, entered, order.person, order.nth, w.brands[b].key + _RESALE)
    accrual = w.accruals[entered]
    accrual.order, accrual.distributor = number, row
    accrual.due_day = order.day + 1
    if distributor.upline >= 0:  # each payment is rounded to cents
        accrual.reserve_cents = int(order.list_cents * (top + plan.peer_bonus)) + plan.levels


@rule
def _commission(w, i, b, account, accrual, cents):
    post(w, i, b, account, Account.CASH, cents)
    w.spent[accrual.strategy] += cents


@rule
def pay_uplines(w, accrual):
    """Pay the uplines of a resale: each what its level has over the highest below; one peer bonus.

    Who has quit gets nothing, and the next above stands in their place.
    """
    order, seller = w.orders[accrual.order], w.distributors[accrual.distributor]
    b, sold = np.int64(order.brand), order.list_cents
    seller.team_cents += sold
    level, peer_paid = seller.level, False
    up = seller.upline
    while up >= 0:
        upline = w.distributors[up]
        upline.team_cents += sold
        if upline.quit_day == NO_DAY:
            i = np.int64(upline.person)
            if upline.level > level:
                gap = w.levels[b, upline.level].discount - w.levels[b, level].discount
                cents = int(sold * gap + 0.5)
                _commission(w, i, b, Account.COMMISSIONS, accrual, cents)
                upline.commission_cents += cents
                level = upline.level
            elif upline.level == level and not peer_paid:
                cents = int(sold * w.selling_plans[b].peer_bonus + 0.5)
                _commission(w, i, b, Account.PEER_BONUSES, accrual, cents)
                upline.commission_cents += cents
                peer_paid = True
        up = upline.upline
