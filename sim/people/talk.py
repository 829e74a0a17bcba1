"""Talk: what customers say today, to be heard tomorrow.

Talk is a Poisson process on each customer's relationship with a brand; each tie carries talk_rate over mean
degree, which makes the Bass model (1969) and its network solutions (Fibich and Gibori 2010) limits.
Rates that vary with satisfaction are thinned from a constant one (Lewis and Shedler 1979).
"""

import math

import numpy as np

from sim.engine.calendar import schedule
from sim.engine.draws import draw, draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import speaks
from sim.people.dropout import hear_of_dropout
from sim.people.limits import MOST_TALKS_A_DAY
from sim.people.messages import say
from sim.people.occasion import FOREVER, day_of
from sim.people.satisfaction import valence_of
from sim.people.ties import degree, reach
from sim.purposes import Purpose


@rule
def peak(rules):
    """Return the highest intensity of talk."""
    return rules.talk_constant + (1.0 - rules.talk_constant) * max(1.0, rules.talk_negative_weight)


@rule
def intensity(rules, valence):
    """Return how much someone with this opinion, -1 to 1, talks; the indifferent talk least."""
    weight = rules.talk_negative_weight if valence < 0.0 else 1.0
    return rules.talk_constant + (1.0 - rules.talk_constant) * abs(valence) * weight


@rule
def _next_talk(w, i, b, time, slot):
    rules = w.rules[0]
    ties = degree(w, i) / max(rules.network_mean_degree, 1e-12)
    a_day = rules.talk_rate / rules.talk_period_days
    rate = a_day * w.people[i].sociability * ties * peak(rules)
    if rate <= 0.0:
        return math.inf
    day = int(math.floor(time))
    u = draw(w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.TALK_GAP)
    return time - math.log(u) / rate


@rule
def begin_talk(w, i, b, day):
    """Let a new customer begin to talk about the brand; nothing if that has begun."""
    relationship = w.relationships[i, b]
    if not math.isnan(relationship.talk_due):
        return
    relationship.talk_due = _next_talk(w, i, b, float(day), 0)
    if relationship.talk_due < FOREVER:
        schedule(w.talk_due, i * w.brands.size + b, day_of(relationship.talk_due))


@rule
def _speak_once(w, i, b, slot, day):
    # a talk comes to nothing, or is an opinion, unless a mechanism puts something in its place
    rules = w.rules[0]
    whom, thin, invites, far = draw4(
        w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.TALK
    )
    if thin * peak(rules) >= intensity(rules, valence_of(rules, w.relationships[i, b])):
        return
    if speaks(w, i, b, whom, invites, day):
        return
    close = degree(w, i)
    others = reach(w, i) - close
    if others > 0 and far < rules.talk_contacts:
        say(w, i, b, close + int(whom * others), day)
    else:
        say(w, i, b, int(whom * close), day)


@kernel
def speak(w, rows, start, day):
    """Let the customers due today talk.

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
        relationship = w.relationships[i, b]
        if relationship.dropped_out or day >= w.people[i].exit_day:
            continue
        slot = 0
        while relationship.talk_due < day + 1 and slot < MOST_TALKS_A_DAY:
            if relationship.aware:  # nobody speaks of what they have forgotten
                _speak_once(w, i, b, slot, day)
            slot += 1
            relationship.talk_due = _next_talk(w, i, b, relationship.talk_due, slot)
        if relationship.talk_due < day + 1:  # a Poisson process begins afresh at any time
            relationship.talk_due = _next_talk(w, i, b, day + 1.0, 0)
        if relationship.talk_due < FOREVER:
            schedule(w.talk_due, rows[k], day_of(relationship.talk_due))
    return rows.size


@kernel
def notify_dropout(w, day):
    """Let the ties of those who left a brand today know, for tomorrow."""
    w = borrow(w)
    for k in range(w.tally[0].dropouts):
        i, b = np.int64(w.dropouts[k, 0]), np.int64(w.dropouts[k, 1])
        if w.rules[0].network_complete == 0.0:
            for at in range(w.indptr[i], w.indptr[i + 1]):
                hear_of_dropout(w, np.int64(w.neighbours[at]), b, day)
    w.tally[0].dropouts = 0
