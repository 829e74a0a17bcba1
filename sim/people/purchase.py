"""Purchase: an order is placed, paid for and booked, and everything that follows is set off."""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import FIRST_ORDERS, ORDERS
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import discount, on_close, on_order
from sim.people.awareness import first_order
from sim.people.dropout import follow_rate
from sim.people.experience import dispatch
from sim.people.occasion import advance
from sim.people.touches import plan
from sim.state import NO_DAY


@rule
def discount_for(w, i, p, units, day):
    """Return the discount on an order, and whether terms give it, not the offer in hand.

    The larger of both holds, for all packs of the order; of two as large the offer is used.
    """
    relationship = w.relationships[i, w.products[p].brand]
    offer = relationship.offer if day <= relationship.offer_until else 0.0
    by_terms = discount(w, i, p, units, day)
    return max(offer, by_terms), by_terms > offer


@rule
def pay(w, i, p, order, share, by_terms):
    """Post a sale: list price, price cut, coupon or other discount, goods and shipping."""
    product = w.products[p]
    b = np.int64(product.brand)
    list_cents = max(product.base_cents, product.price_cents) * order.units
    cut = list_cents - product.price_cents * order.units
    coupon = int(math.floor((list_cents - cut) * share + 0.5))
    order.list_cents, order.paid_cents = list_cents, list_cents - cut - coupon
    post(w, i, b, Account.CASH, Account.GROSS_SALES, list_cents)
    if cut > 0:
        post(w, i, b, Account.DISCOUNTS, Account.CASH, cut)
    if coupon > 0 and by_terms:
        post(w, i, b, Account.DISCOUNTS, Account.CASH, coupon)
    elif coupon > 0:
        post(w, i, b, w.relationships[i, b].offer_account, Account.CASH, coupon)
    post(w, i, b, Account.COST_OF_GOODS, Account.CASH, product.cost_cents * order.units)
    post(w, i, b, Account.SHIPPING, Account.CASH, w.brands[b].shipping_cents)


@rule
def remember_price(w, order):
    """Move the price remembered toward the price paid."""
    base = w.products[order.product].base_cents * order.units
    if base > 0 and order.paid_cents > 0:
        relationship = w.relationships[order.person, order.brand]
        paid = math.log(order.paid_cents / base)
        relationship.log_reference += w.rules[0].reference_price_learning * (
            paid - relationship.log_reference
        )


@rule
def new_order(w, i, p, units, day):
    """Enter an order in the table and in what person and brand share; return its row."""
    b = np.int64(w.products[p].brand)
    relationship, holding = w.relationships[i, b], w.holdings[i, p]
    number = w.tally[0].orders
    w.tally[0].orders += 1
    relationship.orders += 1
    holding.orders += 1
    if relationship.orders == 1:
        relationship.first_day = day
        w.counts[b, FIRST_ORDERS] += 1
        first_order(w, i, b, day)
    if holding.orders == 1:
        holding.first_day = day
    else:
        holding.units += w.orders[holding.last_order].units
    relationship.last_day = holding.last_day = day
    holding.last_order = number
    order = w.orders[number]
    order.day, order.person, order.brand, order.product, order.units = day, i, b, p, units
    order.nth, order.nth_product = relationship.orders, holding.orders
    order.arrived_day = NO_DAY
    order.seller = order.reseller = order.invitation = -1
    w.counts[b, ORDERS] += 1
    return number


@rule
def buy(w, i, p, units, day):
    """Let person `i` buy `units` packs, with all that follows; return the order's row."""
    product = w.products[p]
    b, c = np.int64(product.brand), np.int64(product.category)
    relationship, occasion = w.relationships[i, b], w.occasions[i, c]
    share, by_terms = discount_for(w, i, p, units, day)
    number = new_order(w, i, p, units, day)
    order = w.orders[number]
    pay(w, i, p, order, share, by_terms)
    if share > 0.0 and not by_terms:
        relationship.offer, relationship.offer_until = 0.0, NO_DAY
    if on_order(w, number, day):
        w.closing[w.tally[0].closing] = number
        w.tally[0].closing += 1
    remember_price(w, order)
    occasion.last_brand = b
    advance(w, i, c, units, product.cycles, float(day))
    dispatch(w, number, day)
    follow_rate(w, i, b, day)
    plan(w, number, day)
    return number


@kernel
def close_all(w, numbers, start):
    """Look at today's orders that mean something to others than the buyer.

    They are noted as people buy and looked at afterwards, so that it does not matter who bought
    first: which of two friends is the tenth, or takes the last of a distributor's stock.

    Parameters
    ----------
    w : World
    numbers : int64[k]
        Orders, sorted by identity of buyer and brand, and by number.
    start : int
        The first to run.

    Returns
    -------
    int
        How many of `numbers` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    for k in range(start, numbers.size):
        if not has_capacity(w):
            return k
        on_close(w, numbers[k])
    return numbers.size
