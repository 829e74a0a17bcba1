"""Choice: needs meet brands.

P(brand) is proportional to aware x taste weight x exp(U), drawn as a race: the highest log weight
plus Gumbel noise wins, one draw per person and product: a new product moves nobody else's luck.
With U = 0 and Gamma tastes this is the Dirichlet of Goodhardt, Ehrenberg and Chatfield (1984).
"""

import math

import numpy as np

from sim.counts import REMINDED_ORDERS
from sim.engine.draws import draw, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_room
from sim.hooks import utility
from sim.people.hearing import social_proof
from sim.people.limits import MOST_A_DAY
from sim.people.need import enter, put_off
from sim.people.purchase import ONE, buy, discount_for
from sim.people.roles import CUSTOMER
from sim.people.satisfaction import satisfied
from sim.purposes import Purpose


@rule
def price_utility(w, i, p, discount):
    """Return the utility of a product's price: dear for the category, dear against memory."""
    rules, product = w.rules[0], w.products[p]
    log_price = product.log_price  # what is free counts as a cent, whose logarithm is 0
    if discount >= 1.0:
        log_price = 0.0
    elif discount > 0.0:
        log_price = max(0.0, log_price + math.log1p(-discount))
    worth = -rules.choice_price * (log_price - w.categories[product.category].log_usual)
    if product.base_cents > 0:
        loss = log_price - product.log_base - w.bonds[i, product.brand].log_reference
        weight = rules.choice_loss_aversion if loss > 0.0 else 1.0
        worth -= rules.choice_reference_price * weight * loss
    return worth * w.people[i].price_sensitivity


@rule
def log_weight(w, i, p, day):
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
    role = rules.choice_status if bond.role != CUSTOMER else 0.0
    return score + (role + utility(w, i, p, day))


@rule
def considers(w, i, b):
    """Tell whether person `i` would think of brand `b` at all."""
    bond = w.bonds[i, b]
    return bond.aware and not bond.left


@rule
def noise(w, i, key, slot, day, purpose):
    """Return the Gumbel noise of one contender in one choice."""
    return gumbel(draw(w.seed[0], w.people[i].id, slot, key, day, purpose))


@rule
def choose(w, i, c, slot, day, purpose):
    """Return the product that person `i` chooses in category `c`, or -1 for none."""
    best, pick = -math.inf, np.int64(-1)
    outside = w.rules[0].choice_log_outside
    if outside > -math.inf:
        best = outside + noise(w, i, w.categories[c].key, slot, day, purpose)
    for p in range(w.products.size):
        product = w.products[p]
        if product.category == c and considers(w, i, np.int64(product.brand)):
            score = log_weight(w, i, p, day) + noise(w, i, product.key, slot, day, purpose)
            if score > best:
                best, pick = score, np.int64(p)
    return pick


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
            pick = choose(w, i, c, slot, day, Purpose.CHOICE)
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
            best = math.log(wait) + noise(
                w, i, w.categories[c].key, 0, day, Purpose.CHOICE_REMINDED
            )
        while k < rows.size and w.reminded[rows[k], 1] == i:
            p = np.int64(w.steps[w.reminded[rows[k], 0]].product)
            if w.products[p].category != c:
                break
            score = log_weight(w, i, p, day)
            score += noise(w, i, w.products[p].key, 0, day, Purpose.CHOICE_REMINDED)
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
        pick = choose(w, i, c, 0, day, Purpose.CHOICE_WOKEN)
        if pick >= 0:
            buy(w, i, pick, ONE, day)
            enter(w, i, c, day + 1)
    return rows.size
