"""Choice: purchase occasions meet brands, and a product is bought in one of the sizes on offer.

P(brand) is proportional to aware x taste weight x exp(U), drawn by the highest log weight
plus Gumbel noise, one draw per person and product: adding a product leaves all other draws unchanged.
With U = 0 and Gamma tastes this is the Dirichlet of Goodhardt, Ehrenberg and Chatfield (1984).

Where several numbers of packs are on offer they are a nest of a nested logit (McFadden 1978): the
product competes by its inclusive value, and the size is drawn within it, one draw per size. With
one size the inclusive value is the log weight, and no size is drawn.
"""

import math

import numpy as np

from sim.counts import REMINDED_ORDERS
from sim.engine.draws import draw, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import offers_units, utility
from sim.people.hearing import social_proof
from sim.people.limits import MOST_A_DAY, MOST_UNITS
from sim.people.occasion import enter, postpone
from sim.people.purchase import buy, discount_for
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
        loss = log_price - product.log_base - w.relationships[i, product.brand].log_reference
        weight = rules.choice_loss_aversion if loss > 0.0 else 1.0
        worth -= rules.choice_reference_price * weight * loss
    return worth * w.people[i].price_sensitivity


@rule
def log_weight(w, i, p, units, day):
    """Return the log weight of `units` packs of product `p` for person `i`."""
    rules, product = w.rules[0], w.products[p]
    b = np.int64(product.brand)
    relationship = w.relationships[i, b]
    discount, _ = discount_for(w, i, p, units, day)
    score = relationship.log_taste + product.log_share
    score += rules.choice_satisfaction * (
        relationship.overall - rules.experience_satisfaction_threshold
    )
    score += rules.choice_trust * (relationship.trust - rules.trust_prior)
    score += price_utility(w, i, p, discount)
    score += rules.choice_offer * w.people[i].deal_proneness * discount
    score += rules.choice_social_proof * social_proof(rules, relationship, day)
    if w.occasions[i, product.category].last_brand == b and satisfied(rules, relationship):
        score += rules.choice_habit
    score -= rules.choice_holding_cost * (units - 1)
    role = rules.choice_status if relationship.role != CUSTOMER else 0.0
    return score + (role + utility(w, i, p, units, day))


@rule
def considers(w, i, b):
    """Tell whether person `i` would think of brand `b` at all."""
    relationship = w.relationships[i, b]
    return relationship.aware and not relationship.dropped_out


@rule
def noise(w, i, key, slot, day, purpose):
    """Return the Gumbel noise of one contender in one choice."""
    return gumbel(draw(w.seed[0], w.people[i].id, slot, key, day, purpose))


@rule
def sizes_on_offer(w, i, p, day):
    """Return the numbers of packs that person `i` may order, as a mask: bit u - 1 for u packs."""
    sizes = w.products[p].sizes
    for units in range(1, MOST_UNITS + 1):
        if offers_units(w, i, p, units, day):
            sizes |= 1 << (units - 1)
    return sizes


@rule
def weigh_sizes(w, i, p, slot, day, purpose):
    """Return the inclusive value of product `p` for person `i`, and the packs that it would be."""
    sizes, key = sizes_on_offer(w, i, p, day), w.products[p].key
    several = sizes & (sizes - 1) != 0
    spread = w.rules[0].choice_size_dissimilarity
    largest, total, best, pick = -math.inf, 0.0, -math.inf, 1
    for units in range(1, MOST_UNITS + 1):
        if not sizes >> (units - 1) & 1:
            continue
        value = log_weight(w, i, p, units, day)
        if not several:
            return value, units
        score = value / spread + noise(w, i, key, slot + MOST_A_DAY * units, day, purpose)
        if score > best:
            best, pick = score, units
        if value > largest:  # the sum is kept relative to the largest, so that nothing overflows
            total *= math.exp((largest - value) / spread)
            largest = value
        total += math.exp((value - largest) / spread)
    return largest + spread * math.log(total), pick


@rule
def choose(w, i, c, slot, day, purpose):
    """Return the product that person `i` chooses in category `c`, -1 for none, and the packs."""
    best, pick, packs = -math.inf, np.int64(-1), 0
    outside = w.rules[0].choice_log_outside
    if outside > -math.inf:
        best = outside + noise(w, i, w.categories[c].key, slot, day, purpose)
    for p in range(w.products.size):
        product = w.products[p]
        if product.category == c and considers(w, i, np.int64(product.brand)):
            value, units = weigh_sizes(w, i, p, slot, day, purpose)
            score = value + noise(w, i, product.key, slot, day, purpose)
            if score > best:
                best, pick, packs = score, np.int64(p), units
    return pick, packs


@rule
def _meet_due(w, row, day):
    # the occasions of one person and category that fall due today
    i, c = row // w.categories.size, row % w.categories.size
    occasion = w.occasions[i, c]
    slot = 0
    while occasion.due < day + 1 and slot < MOST_A_DAY:
        pick, packs = choose(w, i, c, slot, day, Purpose.CHOICE)
        if pick < 0:
            postpone(w, i, c)
        else:
            buy(w, i, pick, packs, day)
        slot += 1
    enter(w, i, c, day + 1)


@rule
def _open_early(w, i, c, day):
    # an occasion that is due anyway goes to all brands; one that never comes cannot be triggered
    due = w.occasions[i, c].due
    return day + 1 <= due < math.inf


@rule
def _meet_reminded(w, rows, k, day):
    # the reminders of one person about one category; returns the place of the next
    i = np.int64(w.reminded[rows[k], 1])
    c = np.int64(w.products[w.steps[w.reminded[rows[k], 0]].product].category)
    wait = w.rules[0].choice_wait_weight
    best, pick, packs = -math.inf, np.int64(-1), 0
    if wait > 0.0:
        best = math.log(wait) + noise(w, i, w.categories[c].key, 0, day, Purpose.CHOICE_REMINDED)
    while k < rows.size and w.reminded[rows[k], 1] == i:
        p = np.int64(w.steps[w.reminded[rows[k], 0]].product)
        if w.products[p].category != c:
            break
        value, units = weigh_sizes(w, i, p, 0, day, Purpose.CHOICE_REMINDED)
        score = value + noise(w, i, w.products[p].key, 0, day, Purpose.CHOICE_REMINDED)
        if considers(w, i, np.int64(w.products[p].brand)) and score > best:
            best, pick, packs = score, p, units
        k += 1
    if pick >= 0 and _open_early(w, i, c, day):
        w.orders[buy(w, i, pick, packs, day)].reminded = True
        w.counts[w.products[pick].brand, REMINDED_ORDERS] += 1
        enter(w, i, c, day + 1)
    return k


@rule
def _meet_triggered(w, rows, k, day):
    # several messages trigger an occasion once
    i, c = np.int64(w.triggered[rows[k], 0]), np.int64(w.triggered[rows[k], 1])
    if k > 0 and w.triggered[rows[k - 1], 0] == i and w.triggered[rows[k - 1], 1] == c:
        return
    if _open_early(w, i, c, day):
        pick, packs = choose(w, i, c, 0, day, Purpose.CHOICE_TRIGGERED)
        if pick >= 0:
            buy(w, i, pick, packs, day)
            enter(w, i, c, day + 1)


@kernel
def choose_today(w, rows, start, day, purpose):
    """Meet occasions today: those that fall due, or those that something lets be met early.

    One kernel for all, since choosing and buying are the most code there is.

    Parameters
    ----------
    w : World
    rows : int64[k]
        By `purpose`: rows of occasions, person x category; numbers of reminders; numbers of
        occasions triggered. The latter two are sorted by person and category.
    start : int
        The first to run.
    day : int
    purpose : int
        `CHOICE`: what is due meets all brands. `CHOICE_REMINDED`: reminders compete with waiting,
        and with each other for the same person. `CHOICE_TRIGGERED`: what a message has triggered
        meets all brands early.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    k = start
    while k < rows.size:
        if not has_capacity(w):
            return k
        if purpose == Purpose.CHOICE_REMINDED:
            k = _meet_reminded(w, rows, k, day)
            continue
        if purpose == Purpose.CHOICE:
            _meet_due(w, rows[k], day)
        else:
            _meet_triggered(w, rows, k, day)
        k += 1
    return rows.size
