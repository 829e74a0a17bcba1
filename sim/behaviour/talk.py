"""Word of mouth: what customers say today is heard tomorrow.

Talk is a Poisson process on each customer's bond with a brand; each tie carries talk_rate over mean
degree, which makes the Bass model (1969) and its network solutions (Fibich and Gibori 2010) limits.
Rates that vary with satisfaction are thinned from a constant one (Lewis and Shedler 1979).
"""

import math

import numpy as np

from sim.behaviour.need import FOREVER, day_of
from sim.calendar import schedule
from sim.draws import Purpose, draw, draw4
from sim.kernels import borrow, kernel, rule
from sim.record import AWARE_BY_WORDS, WORDS
from sim.state import NO_DAY

MOST_TALKS_A_DAY = 64
"""Talks of one customer about one brand on one day; more are not held."""


@rule
def note(table, row, first, second):
    """Enter a pair in a table of pairs."""
    table[row, 0], table[row, 1] = first, second


@rule
def degree(w, i):
    """Return how many people person `i` can talk to."""
    if w.rules[0].network_complete > 0.0:
        return w.people.size - 1
    return w.indptr[i + 1] - w.indptr[i]


@rule
def tie(w, i, u):
    """Return the person and the strength of the tie of `i` that uniform `u` picks."""
    k = int(u * degree(w, i))
    if w.rules[0].network_complete > 0.0:
        return (k if k < i else k + 1), np.float32(w.rules[0].network_strength)
    at = w.indptr[i] + k
    return np.int64(w.neighbours[at]), w.strength[at]


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
def valence_of(rules, bond):
    """Return opinion, -1 to 1, from overall satisfaction on either side of the gate."""
    gate = rules.experience_gate
    if bond.overall >= gate:
        return (bond.overall - gate) / max(1.0 - gate, 1e-9)
    return (bond.overall - gate) / max(gate, 1e-9)


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
    bond = w.bonds[i, b]
    if not math.isnan(bond.talk_due):
        return
    bond.talk_due = _next_talk(w, i, b, float(day), 0)
    if bond.talk_due < FOREVER:
        schedule(w.talk_due, i * w.brands.size + b, day_of(bond.talk_due))


@rule
def say(w, i, b, u):
    """Say to the tie that `u` picks what person `i` thinks of brand `b`."""
    receiver, strength = tie(w, i, u)
    bond = w.bonds[i, b]
    word = w.said[w.tally[0].said]
    w.tally[0].said += 1
    word.speaker_id = w.people[i].id
    word.receiver, word.brand = receiver, b
    word.opinion = bond.product
    word.valence = valence_of(w.rules[0], bond)
    word.strength = strength
    w.counts[b, WORDS] += 1


@rule
def post_content(w, i, b, day, reach):
    """Show a post about brand `b` to at most `reach` ties of person `i`."""
    for k in range(min(reach, degree(w, i))):
        u = draw(w.seed[0], w.people[i].id, k, w.brands[b].key, day, Purpose.POST)
        say(w, i, b, u)


@kernel
def speak(w, rows, start, day):
    """Let the customers due today talk.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when the table of words is full.
    """
    w = borrow(w)
    brands = w.brands.size
    rules = w.rules[0]
    top = peak(rules)
    for k in range(start, rows.size):
        if w.said.size - w.tally[0].said < MOST_TALKS_A_DAY:
            return k
        i, b = rows[k] // brands, rows[k] % brands
        bond = w.bonds[i, b]
        if bond.left or day >= w.people[i].exit_day:
            continue
        slot = 0
        while bond.talk_due < day + 1:
            if slot < MOST_TALKS_A_DAY:
                whom, thin, _, _ = draw4(
                    w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.TALK
                )
                if thin * top < intensity(rules, valence_of(rules, bond)):
                    say(w, i, b, whom)
            slot += 1
            bond.talk_due = _next_talk(w, i, b, bond.talk_due, slot)
        if bond.talk_due < FOREVER:
            schedule(w.talk_due, rows[k], day_of(bond.talk_due))
    return rows.size


@kernel
def part(w, day):
    """Let the ties of those who left a brand today know, for tomorrow."""
    w = borrow(w)
    for k in range(w.tally[0].leavers):
        i, b = np.int64(w.leavers[k, 0]), np.int64(w.leavers[k, 1])
        if w.rules[0].network_complete == 0.0:
            for at in range(w.indptr[i], w.indptr[i + 1]):
                w.bonds[w.neighbours[at], b].contagion_day = day
    w.tally[0].leavers = 0


@kernel
def hearing_order(words):
    """Return the order in which words are heard: by receiver, then speaker, then as said.

    Parameters
    ----------
    words : WORD[k]

    Returns
    -------
    int64[k]
    """
    by_speaker = np.argsort(words["speaker_id"], kind="mergesort")
    by_receiver = np.argsort(words["receiver"][by_speaker], kind="mergesort")
    return by_speaker[by_receiver]


@rule
def social_proof(rules, bond, day):
    """Return good less bad words heard, each counting less as it ages."""
    if bond.heard_day == NO_DAY:
        return 0.0
    return bond.heard * 0.5 ** ((day - bond.heard_day) / rules.talk_half_life)


@rule
def hear(w, word, slot, day):
    """Let a word reach its receiver: awareness, expectation, trust, proof, perhaps a need."""
    i, b = np.int64(word.receiver), int(word.brand)
    person, bond, rules = w.people[i], w.bonds[i, b], w.rules[0]
    if not person.entry_day <= day < person.exit_day:
        return
    # brand and speaker together say which word this is; both fold into one word of the counter
    which = w.brands[b].key + int(word.speaker_id) * 2654435761
    hears, wakes, _, _ = draw4(w.seed[0], person.id, slot, which, day, Purpose.HEARING)
    if not bond.aware:
        if hears >= rules.talk_awareness:
            return
        bond.aware = True
        w.counts[b, AWARE_BY_WORDS] += 1
    strength = float(word.strength)
    bond.expectation += rules.talk_expectation * strength * (word.opinion - bond.expectation)
    room = 1.0 - bond.trust if word.valence > 0.0 else bond.trust
    bond.trust += rules.talk_trust * strength * word.valence * room
    bond.heard = social_proof(rules, bond, day) + strength * word.valence
    bond.heard_day = day
    if word.valence >= 0.0 and wakes < rules.talk_wake_on_hearing and not bond.left:
        _wake(w, i, b)


@rule
def _wake(w, i, b):
    for p in range(w.products.size):
        if w.products[p].brand == b:
            note(w.woken, w.tally[0].woken, i, w.products[p].category)
            w.tally[0].woken += 1


@kernel
def read(w, words, order, start, day):
    """Let yesterday's words arrive, in the given order.

    Returns
    -------
    int
        How many are read; fewer than all when the table of woken needs is full.
    """
    w = borrow(w)
    for k in range(start, order.size):
        if len(w.woken) - w.tally[0].woken < w.products.size:
            return k
        hear(w, words[order[k]], _repeats(words, order, k), day)
    return order.size


@rule
def _repeats(words, order, k):
    # a speaker who says the same twice in a day makes two events
    word, count = words[order[k]], 0
    for j in range(k - 1, -1, -1):
        other = words[order[j]]
        if other.receiver != word.receiver or other.speaker_id != word.speaker_id:
            break
        count += other.brand == word.brand
    return count
