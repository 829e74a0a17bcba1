"""Choice: needs meet brands.

P(brand) is proportional to aware x taste weight x exp(U), drawn as a race: the highest log weight
plus Gumbel noise wins, one draw per person and product: a new product moves nobody else's luck.
With U = 0 and Gamma tastes this is the Dirichlet of Goodhardt, Ehrenberg and Chatfield (1984).
"""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import FIRST_ORDERS, ORDERS, REMINDED_ORDERS
from sim.engine.draws import Purpose, draw, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.people.experience import dispatch
from sim.people.hearing import social_proof
from sim.people.messages import note
from sim.people.need import MOST_A_DAY, enter, put_off, stock
from sim.people.referral import invited_by
from sim.people.reward import points_held, redeem
from sim.people.roles import CUSTOMER
from sim.people.satisfaction import satisfied
from sim.people.selling import seller_of
from sim.people.touches import plan
from sim.state import NO_DAY

ONE = np.int64(1)
"""Packs bought at a time."""


@rule
def offer_in_hand(bond, day):
    """Return the discount that a customer can use today, as a share of the price."""
    return bond.offer if day <= bond.offer_until else 0.0


@rule
def discount_for(bond, day):
    """Return the discount that a customer has today: an offer in hand, or that of the role."""
    return max(offer_in_hand(bond, day), bond.privilege)


@rule
def ally_utility(w, i, b, day):
    """Return the utility of a role with the brand, of points held, and of a distributor's call."""
    rules, bond, ally = w.rules[0], w.bonds[i, b], w.allies[i, b]
    utility = rules.choice_status if bond.role != CUSTOMER else 0.0
    points = points_held(ally, day)
    if points > 0:
        utility += rules.choice_points * math.log1p(points / max(1, w.brands[b].price_cents))
    if ally.pitcher > 0 and day <= ally.pitch_until:
        utility += rules.distribution_persuasion
    return utility


@rule
def price_utility(w, i, p, discount):
    """Return the utility of a product's price: dear for the category, dear against memory."""
    rules, product = w.rules[0], w.products[p]
    log_price = product.log_price  # what is free counts as a cent, whose logarithm is 0
    if discount >= 1.0:
        log_price = 0.0
    elif discount > 0.0:
        log_price = max(0.0, log_price + math.log1p(-discount))
    utility = -rules.choice_price * (log_price - w.categories[product.category].log_usual)
    if product.base_cents > 0:
        loss = log_price - product.log_base - w.bonds[i, product.brand].log_reference
        weight = rules.choice_loss_aversion if loss > 0.0 else 1.0
        utility -= rules.choice_reference_price * weight * loss
    return utility * w.people[i].price_sensitivity


@rule
def appeal(w, i, p, day):
    """Return the log weight of product `p` for person `i`."""
    rules, product = w.rules[0], w.products[p]
    b = np.int64(product.brand)
    bond = w.bonds[i, b]
    discount = discount_for(bond, day)
    score = bond.log_taste + product.log_share
    score += rules.choice_satisfaction * (bond.overall - rules.experience_gate)
    score += rules.choice_trust * (bond.trust - rules.trust_prior)
    score += price_utility(w, i, p, discount)
    score += rules.choice_offer * w.people[i].deal_proneness * discount
    score += rules.choice_social_proof * social_proof(rules, bond, day)
    if w.needs[i, product.category].last_brand == b and satisfied(rules, bond):
        score += rules.choice_habit
    brand = w.brands[b]
    if brand.agency or brand.programme_end > brand.programme_start:
        score += ally_utility(w, i, b, day)
    return score


@rule
def considers(w, i, b):
    """Tell whether person `i` would think of brand `b` at all."""
    bond = w.bonds[i, b]
    return bond.aware and not bond.left


@rule
def luck(w, i, key, slot, day, purpose):
    """Return the Gumbel noise of one contender in one choice."""
    return gumbel(draw(w.seed[0], w.people[i].id, slot, key, day, purpose))


@rule
def race(w, i, c, slot, day, purpose):
    """Return the product that person `i` chooses in category `c`, or -1 for none."""
    best, pick = -math.inf, np.int64(-1)
    outside = w.rules[0].choice_log_outside
    if outside > -math.inf:
        best = outside + luck(w, i, w.categories[c].key, slot, day, purpose)
    for p in range(w.products.size):
        product = w.products[p]
        if product.category == c and considers(w, i, np.int64(product.brand)):
            score = appeal(w, i, p, day) + luck(w, i, product.key, slot, day, purpose)
            if score > best:
                best, pick = score, np.int64(p)
    return pick


@rule
def pay(w, i, p, order, discount, by_role):
    """Post a sale: list price, price cut, coupon or other discount, goods and shipping."""
    product = w.products[p]
    b = np.int64(product.brand)
    list_cents = max(product.base_cents, product.price_cents) * order.units
    cut = list_cents - product.price_cents * order.units
    coupon = int(math.floor((list_cents - cut) * discount + 0.5))
    order.list_cents, order.paid_cents = list_cents, list_cents - cut - coupon
    post(w, i, b, Account.CASH, Account.GROSS_SALES, list_cents)
    if cut > 0:
        post(w, i, b, Account.DISCOUNTS, Account.CASH, cut)
    if coupon > 0 and by_role:
        post(w, i, b, Account.DISCOUNTS, Account.CASH, coupon)
    elif coupon > 0 and w.bonds[i, b].friend_offer:
        post(w, i, b, Account.FRIEND_DISCOUNTS, Account.CASH, coupon)
    elif coupon > 0:
        post(w, i, b, Account.COUPONS, Account.CASH, coupon)
    post(w, i, b, Account.COST_OF_GOODS, Account.CASH, product.cost_cents * order.units)
    post(w, i, b, Account.SHIPPING, Account.CASH, w.brands[b].shipping_cents)


@rule
def remember_price(w, order):
    """Move the price remembered toward the price paid."""
    base = w.products[order.product].base_cents * order.units
    if base > 0 and order.paid_cents > 0:
        bond = w.bonds[order.person, order.brand]
        paid = math.log(order.paid_cents / base)
        bond.log_reference += w.rules[0].reference_price_learning * (paid - bond.log_reference)


@rule
def new_order(w, i, p, units, day):
    """Enter an order in the table and in what person and brand share; return its row."""
    b = np.int64(w.products[p].brand)
    bond, holding = w.bonds[i, b], w.holdings[i, p]
    number = w.tally[0].orders
    w.tally[0].orders += 1
    bond.orders += 1
    holding.orders += 1
    if bond.orders == 1:
        bond.first_day = day
        w.counts[b, FIRST_ORDERS] += 1
    if holding.orders == 1:
        holding.first_day = day
    else:
        holding.units += w.orders[holding.last_order].units
    bond.last_day = holding.last_day = day
    holding.last_order = number
    order = w.orders[number]
    order.day, order.person, order.brand, order.product, order.units = day, i, b, p, units
    order.nth, order.nth_product = bond.orders, holding.orders
    order.arrived_day = NO_DAY
    order.seller = order.invitation = -1
    w.counts[b, ORDERS] += 1
    return number


@rule
def buy(w, i, p, units, day):
    """Let person `i` buy: order, payment, stock, dispatch, the journey; return the order's row."""
    product = w.products[p]
    b, c = np.int64(product.brand), np.int64(product.category)
    bond, need = w.bonds[i, b], w.needs[i, c]
    discount, by_role = discount_for(bond, day), bond.privilege > offer_in_hand(bond, day)
    number = new_order(w, i, p, units, day)
    order = w.orders[number]
    pay(w, i, p, order, discount, by_role)
    if discount > 0.0 and not by_role:
        bond.offer, bond.offer_until = 0.0, NO_DAY
    social_side(w, number, day)
    remember_price(w, order)
    need.last_brand = b
    stock(w, i, c, units, product.cycles, float(day))
    dispatch(w, number, day)
    plan(w, number, day)
    return number


@rule
def social_side(w, number, day):
    """Note to whom else an order means something, referrer and distributor; let points be spent."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    brand = w.brands[b]
    if brand.programme_end > brand.programme_start:
        if order.nth == 1:
            order.invitation = invited_by(w, i, b, day)
        redeem(w, number, day)
    seller = seller_of(w, i, b, order.nth, day) if brand.agency else -1
    if seller >= 0 or order.invitation >= 0:
        note(w.claims, w.tally[0].claims, number, seller)
        w.tally[0].claims += 1


@rule
def has_room(w):
    """Tell whether the growing tables hold another person's day."""
    spare = MOST_A_DAY + 1
    return (
        w.orders.size - w.tally[0].orders >= spare
        and w.tally[0].touches_free >= spare * max(1, w.steps.size)
        and len(w.leavers) - w.tally[0].leavers >= spare
        and w.said.size - w.tally[0].said >= spare
        and len(w.claims) - w.tally[0].claims >= spare
    )


@kernel
def choose_due(w, rows, start, day):
    """Meet the needs that fall due today.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of needs, person x category.
    start : int
        The first to run.
    day : int

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    categories = w.categories.size
    for k in range(start, rows.size):
        if not has_room(w):
            return k
        i, c = rows[k] // categories, rows[k] % categories
        need = w.needs[i, c]
        slot = 0
        while need.due < day + 1 and slot < MOST_A_DAY:
            pick = race(w, i, c, slot, day, Purpose.CHOICE)
            if pick < 0:
                put_off(w, i, c)
            else:
                buy(w, i, pick, ONE, day)
            slot += 1
        enter(w, i, c, day + 1)
    return rows.size


@rule
def _open_early(w, i, c, day):
    # a need that stands anyway goes to all brands; one that never comes cannot be woken
    due = w.needs[i, c].due
    return day + 1 <= due < math.inf


@kernel
def choose_reminded(w, rows, start, day):
    """Let reminders due today compete with waiting, and with each other for the same person.

    `rows` are the numbers of the reminders, sorted by person and category; the result is as in
    `choose_due`.
    """
    w = borrow(w)
    k = start
    while k < rows.size:
        if not has_room(w):
            return k
        i = np.int64(w.reminded[rows[k], 1])
        c = np.int64(w.products[w.steps[w.reminded[rows[k], 0]].product].category)
        wait = w.rules[0].choice_wait_weight
        best, pick = -math.inf, np.int64(-1)
        if wait > 0.0:
            best = math.log(wait) + luck(w, i, w.categories[c].key, 0, day, Purpose.CHOICE_REMINDED)
        while k < rows.size and w.reminded[rows[k], 1] == i:
            p = np.int64(w.steps[w.reminded[rows[k], 0]].product)
            if w.products[p].category != c:
                break
            score = appeal(w, i, p, day)
            score += luck(w, i, w.products[p].key, 0, day, Purpose.CHOICE_REMINDED)
            if considers(w, i, np.int64(w.products[p].brand)) and score > best:
                best, pick = score, p
            k += 1
        if pick >= 0 and _open_early(w, i, c, day):
            w.orders[buy(w, i, pick, ONE, day)].reminded = True
            w.counts[w.products[pick].brand, REMINDED_ORDERS] += 1
            enter(w, i, c, day + 1)
    return rows.size


@kernel
def choose_woken(w, rows, start, day):
    """Let needs that a word woke today be met early, by any brand; result as in `choose_due`."""
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_room(w):
            return k
        i, c = np.int64(w.woken[rows[k], 0]), np.int64(w.woken[rows[k], 1])
        if k > 0 and w.woken[rows[k - 1], 0] == i and w.woken[rows[k - 1], 1] == c:
            continue
        if not _open_early(w, i, c, day):
            continue
        pick = race(w, i, c, 0, day, Purpose.CHOICE_WOKEN)
        if pick >= 0:
            buy(w, i, pick, ONE, day)
            enter(w, i, c, day + 1)
    return rows.size
