"""Dropout: hazard adds up until it reaches a threshold, and the relationship ends.

Each person has one threshold with each brand, exponential of mean 1. An experience after which a
chance p of dropout stands adds the hazard -log(1 - p), so that a person survives it with chance
1 - p, as if a coin had been tossed: the law is that of the BG/NBD (Fader, Hardie and Lee 2005).
One threshold in place of a coin each time keeps arms of a study coupled: an order more in one arm
brings a dropout forward, and does not replace it by another.

Hazard per unit of time runs from the first order on, at a rate of each relationship's own: that is
the Pareto/NBD (Schmittlein, Morrison and Colombo 1987). It costs events, and not people x days:
the day on which it will reach the threshold stands on a calendar, and moves when the rate does.
"""

import math

from sim.counts import (
    COMEBACKS,
    DROPOUTS_BOTH,
    DROPOUTS_NEITHER,
    DROPOUTS_PRODUCT,
    DROPOUTS_SERVICE,
)
from sim.engine.calendar import NEVER, cancel, schedule
from sim.engine.draws import draw
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import on_comeback, on_dropout
from sim.people.messages import append
from sim.people.roles import CUSTOMER, take_role
from sim.people.satisfaction import satisfied
from sim.purposes import Purpose
from sim.state import NO_DAY

FARTHEST = 1_000_000
"""Days ahead beyond which no dropout is put on the calendar: more than the longest run."""
YEAR = 365.0


# --- hazards -------------------------------------------------------------------------------------


@rule
def satisfaction_tilt(rules, relationship):
    """Return what satisfaction multiplies chances and rates of dropout by."""
    return math.exp(
        -rules.dropout_satisfaction_effect
        * (relationship.overall - rules.experience_satisfaction_threshold)
    )


@rule
def contagion(rules, relationship, day):
    """Return what a tie's dropout adds to the factor 1, less with every day since."""
    if relationship.contagion_day == NO_DAY:
        return 0.0
    age = day - relationship.contagion_day
    return (rules.dropout_contagion - 1.0) * 0.5 ** (age / rules.dropout_contagion_half_life)


@rule
def hazard(rules, relationship, chance, day):
    """Return the hazard of a chance of dropout, tilted; infinite if dropout is certain."""
    chance *= satisfaction_tilt(rules, relationship)
    chance *= 1.0 + contagion(rules, relationship, day)
    return math.inf if chance >= 1.0 else -math.log1p(-chance)


@rule
def disappoints(rules, relationship, shortfall):
    """Tell whether an experience this far below expectation, and felt already, disappoints."""
    return (rules.dropout_below_expectation > 0.0 and shortfall > 0.0) or (
        rules.dropout_below_threshold > 0.0 and not satisfied(rules, relationship)
    )


@rule
def disappointment(rules, relationship, shortfall, day):
    """Return the hazard of an experience that disappoints, 0 for any other."""
    if rules.dropout_disappointment > 0.0 and disappoints(rules, relationship, shortfall):
        return hazard(rules, relationship, rules.dropout_disappointment, day)
    return 0.0


@rule
def wake(w, i, b, day):
    """Let a touch make an inert customer think again: add the hazard of the forms in use.

    Per order, that of one more order; per unit of time, that of the silence once more.
    """
    rules, relationship = w.rules[0], w.relationships[i, b]
    added = hazard(rules, relationship, relationship.dropout, day)
    if relationship.hazard_day != NO_DAY:
        silence = day - relationship.last_day
        rate = relationship.hazard_rate * (1.0 + contagion(rules, relationship, day))
        added += rate * silence
    add_hazard(w, i, b, added, day)


@rule
def add_hazard(w, i, b, added, day):
    """Take hazard from what is left; whoever has none left drops out.

    `follow_rate` is to be called afterwards, on the same day.
    """
    relationship = w.relationships[i, b]
    if added == 0.0 or relationship.dropped_out or w.brands[b].never_left:
        return
    settle(w.rules[0], relationship, day)
    relationship.hazard_left -= added
    if relationship.hazard_left <= 0.0:
        drop_out(w, i, b, day)


# --- hazard per unit of time ---------------------------------------------------------------------


@rule
def exposure(rules, relationship, days):
    """Return the integral of contagion's factor over `days` from the day of the last settlement."""
    if relationship.contagion_day == NO_DAY:
        return float(days)
    decay = math.log(2.0) / rules.dropout_contagion_half_life
    extra = contagion(rules, relationship, relationship.hazard_day)
    return days - extra * math.expm1(-decay * days) / decay


@rule
def settle(rules, relationship, day):
    """Take the hazard of the time until this morning from what is left."""
    if relationship.hazard_day != NO_DAY:
        days = day - relationship.hazard_day
        relationship.hazard_left -= relationship.hazard_rate * exposure(rules, relationship, days)
        relationship.hazard_day = day


@rule
def days_left(rules, relationship):
    """Return after how many days from the last settlement no hazard is left."""
    rate, left = relationship.hazard_rate, relationship.hazard_left
    if rate * exposure(rules, relationship, FARTHEST) < left:
        return FARTHEST
    # contagion only adds, and less with every day, so the crossing lies between these two
    steepest = 1.0 + contagion(rules, relationship, relationship.hazard_day)
    low = max(0, int(left / (rate * steepest)) - 1)
    high = min(FARTHEST, int(left / rate) + 2) if left < rate * FARTHEST else FARTHEST
    while high - low > 1:
        middle = (low + high) // 2
        if rate * exposure(rules, relationship, middle) < left:
            low = middle
        else:
            high = middle
    return high


@rule
def enter_dropout(w, i, b):
    """Put the day on which the hazard of time will have run out on the calendar."""
    relationship = w.relationships[i, b]
    if relationship.hazard_day != NO_DAY:
        days = days_left(w.rules[0], relationship)
        due = relationship.hazard_day + days if days < FARTHEST else NEVER
        schedule(w.dropout_due, i * w.brands.size + b, due)


@rule
def follow_rate(w, i, b, day):
    """Let the hazard of time go on at today's rate; after the first order it begins.

    To be called when satisfaction may have changed, or hazard was added.
    """
    rules, relationship = w.rules[0], w.relationships[i, b]
    if relationship.dropout_rate == 0.0 or relationship.orders == 0:
        return
    if relationship.dropped_out or w.brands[b].never_left:
        return
    rate = relationship.dropout_rate * satisfaction_tilt(rules, relationship)
    if relationship.hazard_day == NO_DAY:
        relationship.hazard_day = day
    elif rate == relationship.hazard_rate and relationship.hazard_day != day:
        return  # what was settled today has moved, and its day on the calendar with it
    settle(rules, relationship, day)
    relationship.hazard_rate = rate
    enter_dropout(w, i, b)


@rule
def hear_of_dropout(w, i, b, day):
    """Let person `i` know, for tomorrow, that a tie has dropped out of brand `b`."""
    relationship = w.relationships[i, b]
    settle(w.rules[0], relationship, day)
    relationship.contagion_day = day
    enter_dropout(w, i, b)


# --- dropping out, and coming back ---------------------------------------------------------------


@rule
def drop_out(w, i, b, day):
    """End the relationship, and tell those whom it concerns."""
    rules, relationship = w.rules[0], w.relationships[i, b]
    relationship.dropped_out, relationship.dropped_out_day = True, day
    relationship.dropouts += 1
    cancel(w.talk_due, i * w.brands.size + b)
    if relationship.hazard_day != NO_DAY:
        cancel(w.dropout_due, i * w.brands.size + b)
        relationship.hazard_day = NO_DAY
    append(w.dropouts, w.tally[0].dropouts, i, b)
    w.tally[0].dropouts += 1
    on_dropout(w, i, b, day)
    if relationship.role != CUSTOMER:
        take_role(w, i, b)
    w.counts[b, cause(rules, relationship)] += 1
    if rules.dropout_comeback > 0.0:
        u = draw(
            w.seed[0], w.people[i].id, slot(relationship), w.brands[b].key, 0, Purpose.COMEBACK
        )
        wait = math.ceil(-math.log(u) / rules.dropout_comeback * YEAR)
        if wait < FARTHEST:
            schedule(w.dropout_due, i * w.brands.size + b, day + max(1, int(wait)))


@rule
def slot(relationship):
    """Return the slot of draws about a relationship that has begun again so many times."""
    return relationship.dropouts & 0xFFF


@rule
def cause(rules, relationship):
    """Return the count of dropouts with what had failed the satisfaction threshold."""
    bad_product = relationship.product < rules.experience_satisfaction_threshold
    bad_service = relationship.service < rules.experience_satisfaction_threshold
    if bad_product and bad_service:
        return DROPOUTS_BOTH
    if bad_product:
        return DROPOUTS_PRODUCT
    return DROPOUTS_SERVICE if bad_service else DROPOUTS_NEITHER


@rule
def come_back(w, i, b, day):
    """Let a person consider a brand again, with a threshold of their own; talk follows use."""
    relationship = w.relationships[i, b]
    u = draw(
        w.seed[0], w.people[i].id, slot(relationship), w.brands[b].key, 0, Purpose.DROPOUT_THRESHOLD
    )
    relationship.hazard_left = -math.log(u)
    relationship.dropped_out, relationship.dropped_out_day = False, NO_DAY
    relationship.talk_due = math.nan
    on_comeback(w, i, b, day)
    take_role(w, i, b)
    w.counts[b, COMEBACKS] += 1
    follow_rate(w, i, b, day)


@kernel
def run_out(w, rows, start, day):
    """Let people drop out whose hazard per unit of time has run out, and come back who do today.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of relationships, person x brand.
    start : int
        The first to run.
    day : int

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    brands = w.brands.size
    for k in range(start, rows.size):
        if not has_capacity(w):
            return k
        i, b = rows[k] // brands, rows[k] % brands
        if day >= w.people[i].exit_day:
            continue
        if w.relationships[i, b].dropped_out:
            come_back(w, i, b, day)
        else:
            settle(w.rules[0], w.relationships[i, b], day)
            drop_out(w, i, b, day)
    return rows.size
