"""Prepaid passes: bought at an order, drawn by later ones, given back with a refund, or dormant."""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import columns
from sim.engine.draws import draw, draw4
from sim.engine.kernels import rule
from sim.mechanisms.prepaid import MESSAGES
from sim.people.audience import in_audience
from sim.people.messages import say, tell
from sim.people.occasion import trigger
from sim.people.ties import degree, tie
from sim.purposes import Purpose

_SOLD, _DRAWN = columns("passes_sold", "units_drawn")
_COME_ALONG = MESSAGES["COME_ALONG"].number


# --- what a balance is worth -------------------------------------------------------------------


@rule
def to_draw(w, i, p, units):
    """Return how many of `units` packs are paid for ahead, and the revenue of these, in cents.

    Each unit is worth the price of a pass over its units, rounded down; the last takes what is
    left, so that a pass comes to its price, to the cent.
    """
    b = np.int64(w.products[p].brand)
    prepaid, balance = w.prepaid_passes[b], w.balances[i, b]
    if prepaid.product != p or balance.units_left == 0:
        return 0, 0
    if units >= balance.units_left:
        return np.int64(balance.units_left), balance.prepaid_cents
    return np.int64(units), units * (prepaid.price_cents // prepaid.units)


@rule
def to_pay(w, p, units, drawn, cents):
    """Return what an order comes to, in cents: the revenue of units drawn, and the others."""
    return cents + w.products[p].price_cents * (units - drawn)


@rule
def discount(w, i, p, units, day):
    """Return by how much the order is cheaper than at the list price."""
    drawn, cents = to_draw(w, i, p, units)
    price = w.products[p].price_cents * units
    due = to_pay(w, p, units, drawn, cents)
    return 1.0 - due / price if due < price else 0.0


@rule
def utility(w, i, p, units, day):
    """Return the utility of packs that are all paid for."""
    drawn, _ = to_draw(w, i, p, units)
    return w.rules[0].choice_entitlement if drawn == units else 0.0


# --- buying a pass, and drawing it down --------------------------------------------------------


@rule
def on_order(w, number, day):
    """Let an order draw on the buyer's pass; who has none may buy one, for the orders to come."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    if w.balances[i, b].units_left > 0:
        _draw_down(w, number, day)
    elif in_audience(w, i, w.prepaid_passes[b], day) and not w.brands[b].closed:
        _buy_pass(w, i, b, order.nth & 0xFFF, day)
    return False


@rule
def _buy_pass(w, i, b, slot, day):
    prepaid, rules = w.prepaid_passes[b], w.rules[0]
    price = w.products[prepaid.product].price_cents
    saved = math.log(max(1, price * prepaid.units) / max(1, prepaid.price_cents))
    odds = rules.prepaid_purchase_intercept + rules.prepaid_saving * saved
    odds += rules.prepaid_trust * (w.relationships[i, b].trust - rules.trust_prior)
    u = draw(w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.PREPAY)
    if u >= 1.0 / (1.0 + math.exp(min(700.0, -odds))):
        return
    balance = w.balances[i, b]
    post(w, i, b, Account.CASH, Account.DEFERRED_REVENUE, prepaid.price_cents)
    balance.prepaid_cents += prepaid.price_cents
    balance.units_left += prepaid.units
    balance.passes_bought += 1
    w.counts[b, _SOLD] += 1


@rule
def _draw_down(w, number, day):
    order = w.orders[number]
    i, b, p = np.int64(order.person), np.int64(order.brand), np.int64(order.product)
    drawn, cents = to_draw(w, i, p, np.int64(order.units))
    due = to_pay(w, p, np.int64(order.units), drawn, cents)
    price = w.products[p].price_cents * np.int64(order.units)
    if drawn == 0 or order.paid_cents != min(due, price):
        return  # another product, or another discount was larger
    if due > price:  # the units are worth more than they cost today: that is revenue too
        post(w, i, b, Account.CASH, Account.GROSS_SALES, due - price)
        order.list_cents += due - price
        order.paid_cents = due
    balance = w.balances[i, b]
    row = w.tally[0].drawdowns
    w.tally[0].drawdowns += 1
    entry = w.drawdowns[row]
    entry.order, entry.person, entry.brand, entry.day = number, i, b, day
    entry.units, entry.cents, entry.before = drawn, cents, balance.last_drawdown
    balance.last_drawdown = row + 1
    balance.units_left -= drawn
    balance.prepaid_cents -= cents
    post(w, i, b, Account.DEFERRED_REVENUE, Account.CASH, cents)  # the sale had booked it as cash
    w.counts[b, _DRAWN] += drawn
    _come_with_others(w, i, b, order.nth & 0xFFF, day)


@rule
def _come_with_others(w, i, b, slot, day):
    close = degree(w, i)
    if close == 0:
        return
    rules, key = w.rules[0], w.brands[b].key
    company, guest, buzz, hearer = draw4(
        w.seed[0], w.people[i].id, slot, key, day, Purpose.DRAW_DOWN
    )
    if company < rules.prepaid_company:
        friend, strength = tie(w, i, int(guest * close), day)
        tell(w, i, b, friend, strength, _COME_ALONG, -1)
    if buzz < rules.prepaid_buzz:
        say(w, i, b, int(hearer * close), day)


@rule
def on_message(w, message, slot, knew, day):
    """Give whoever is asked to come along a purchase occasion, open to any brand."""
    i, b = np.int64(message.receiver), np.int64(message.brand)
    if message.kind == _COME_ALONG and not w.relationships[i, b].dropped_out:
        trigger(w, i, b)


# --- refund and dropout ------------------------------------------------------------------------


@rule
def on_refund(w, number, day):
    """Give the units of an order back in place of the money; after a dropout they are dormant."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    balance = w.balances[i, b]
    row = balance.last_drawdown - 1
    while row >= 0 and w.drawdowns[row].order > number:
        row = w.drawdowns[row].before - 1
    if row < 0 or w.drawdowns[row].order != number:
        return
    entry = w.drawdowns[row]
    balance.units_left += entry.units
    balance.prepaid_cents += entry.cents
    if w.relationships[i, b].dropped_out:
        post(w, i, b, Account.CASH, Account.DORMANT_BALANCES, entry.cents)
    else:
        post(w, i, b, Account.CASH, Account.DEFERRED_REVENUE, entry.cents)


@rule
def on_dropout(w, i, b, day):
    """Move what is not drawn to the dormant balances."""
    post(
        w, i, b, Account.DEFERRED_REVENUE, Account.DORMANT_BALANCES, w.balances[i, b].prepaid_cents
    )


@rule
def on_comeback(w, i, b, day):
    """Move what had become dormant back to what is owed."""
    post(
        w, i, b, Account.DORMANT_BALANCES, Account.DEFERRED_REVENUE, w.balances[i, b].prepaid_cents
    )
