"""Purchase occasions: when stock runs out, and what buying does to it.

Gaps between occasions are Gamma (Chatfield and Goodhardt 1973; shape 1 gives Ehrenberg's NBD, 1959).
The draw of a gap belongs to the day the old stock runs out, so that whoever buys, early or late,
and in whatever quantity, the same person runs out on the same days in every arm of a study.
"""

import math

from sim.engine.calendar import NEVER, cancel, schedule
from sim.engine.draws import gamma_gap
from sim.engine.kernels import borrow, kernel, rule
from sim.purposes import Purpose

YEAR = 365.0
FOREVER = float(NEVER)


@rule
def day_of(time):
    """Return the whole day of a time in days, `NEVER` if it is beyond all days."""
    return int(math.floor(time)) if time < FOREVER else int(NEVER)


@rule
def _season(category, time):
    turn = 2.0 * math.pi / YEAR
    return category.season_amplitude / turn * math.sin(turn * (time - category.season_peak_day))


@rule
def after(category, start, gap):
    """Return when `gap` days of average season have passed since `start`.

    With season, occasions run on a clock whose speed is 1 + amplitude x cos(2 pi (day - peak) / 365);
    its reading is inverted by bisection.
    """
    if category.season_amplitude == 0.0 or math.isinf(gap):
        return start + gap
    reading = start + _season(category, start) + gap
    swing = category.season_amplitude * YEAR / (2.0 * math.pi)
    low, high = reading - swing, reading + swing
    for _ in range(50):
        middle = 0.5 * (low + high)
        if middle + _season(category, middle) < reading:
            low = middle
        else:
            high = middle
    return max(high, start)


@rule
def advance(w, i, c, units, size, now):
    """Put off the next occasion of person `i` in category `c` by `units` packs.

    Parameters
    ----------
    w : World
    i, c : int
        Person and category.
    units : int
        Packs bought.
    size : float
        Cycles that one pack lasts.
    now : float
        Time of the purchase, in days.
    """
    occasion, category = w.occasions[i, c], w.categories[c]
    flexible = w.rules[0].purchase_occasion_consumption_flexibility
    due, slot = occasion.due, occasion.slot
    if due > now:
        due -= flexible * (due - now)
    for unit in range(units):
        day = day_of(due)
        gap = size * occasion.cycle
        if not math.isinf(gap):
            gap *= gamma_gap(
                w.seed[0],
                w.people[i].id,
                slot,
                category.key,
                day,
                Purpose.NEED_GAP,
                category.regularity,
            )
        if unit > 0:
            gap *= 1.0 - flexible
        due = after(category, due, gap)
        if due >= FOREVER:
            due = math.inf
            break
        slot = slot + 1 if day_of(due) == day else 0
    occasion.due, occasion.slot = due, slot


@rule
def postpone(w, i, c):
    """Let an occasion that was not met return after the category's retry time."""
    occasion = w.occasions[i, c]
    later = occasion.due + w.categories[c].retry_days
    occasion.slot = occasion.slot + 1 if day_of(later) == day_of(occasion.due) else 0
    occasion.due = later if later < FOREVER else math.inf


@rule
def enter(w, i, c, tomorrow):
    """Put the next occasion on the calendar, not before `tomorrow`; take it off if there is none."""
    row = i * w.categories.size + c
    day = max(day_of(w.occasions[i, c].due), tomorrow)
    if day >= NEVER or day >= w.people[i].exit_day:
        cancel(w.occasions_due, row)
    else:
        schedule(w.occasions_due, row, day)


@rule
def trigger(w, i, b):
    """Trigger the occasions that brand `b` serves, to be met today if they can be."""
    for p in range(w.products.size):
        if w.products[p].brand == b:
            row = w.tally[0].triggered
            w.triggered[row, 0], w.triggered[row, 1] = i, w.products[p].category
            w.tally[0].triggered += 1


@kernel
def enter_all(w, first_day):
    """Put everybody's first occasion on the calendar."""
    w = borrow(w)
    for i in range(w.people.size):
        for c in range(w.categories.size):
            enter(w, i, c, first_day)
