"""Ties: whom a person can reach, close ties and contacts, and how strong the tie is today.

Close ties are stored, and carry most of what is said (Brown and Reingen 1987). Contacts are weak
ties (Granovetter 1973); they are worked out when somebody is looked for among them
(`sim.ties.contacts`), so they stay as they are, while a close tie grows, wears and fades.
"""

import numpy as np

from sim.engine.kernels import rule


@rule
def degree(w, i):
    """Return how many close ties person `i` has: people to talk to."""
    if w.rules[0].network_complete > 0.0:
        return w.people.size - 1
    return w.indptr[i + 1] - w.indptr[i]


@rule
def reach(w, i):
    """Return how many people person `i` can ask: close ties, then contacts."""
    return degree(w, i) + 2 * w.distances.size


@rule
def contact(w, i, k):
    """Return the `k`-th contact of person `i`: at each distance on the circle, on either side."""
    step = np.int64(w.distances[k >> 1])
    place = np.int64(w.people[i].place) + (step if k & 1 == 0 else -step)
    return np.int64(w.circle[place % w.circle.size])


@rule
def within_reach(w, i, k):
    """Return the `k`-th of all within reach of person `i`."""
    if w.rules[0].network_complete > 0.0:
        return np.int64(k if k < i else k + 1)
    close = w.indptr[i + 1] - w.indptr[i]
    return np.int64(w.neighbours[w.indptr[i] + k]) if k < close else contact(w, i, k - close)


@rule
def _are_contacts(w, i, j):
    apart = abs(np.int64(w.people[i].place) - np.int64(w.people[j].place))
    apart = min(apart, w.circle.size - apart)
    low, high = 0, w.distances.size
    while low < high:
        middle = (low + high) // 2
        if w.distances[middle] < apart:
            low = middle + 1
        else:
            high = middle
    return low < w.distances.size and w.distances[low] == apart


@rule
def place_of_tie(w, i, identity):
    """Return where the close tie from `i` to the person of that id is stored, -1 if nowhere.

    Neighbours are in order of id and not of row, so that which tie a uniform picks does not depend
    on rows.
    """
    low, high = w.indptr[i], w.indptr[i + 1]
    end = high
    while low < high:
        middle = (low + high) // 2
        if w.people[w.neighbours[middle]].id < identity:
            low = middle + 1
        else:
            high = middle
    return low if low < end and w.people[w.neighbours[low]].id == identity else -1


@rule
def _strength_at(w, at, day):
    # of a stored tie: unused, it fades toward that of a contact, and does not grow by that
    rules, strength = w.rules[0], w.strength[at]
    if w.last_use.size == 0 or strength <= rules.network_contact_strength:
        return strength
    fresh = 0.5 ** ((day - w.last_use[at]) / rules.ties_half_life)
    above = float(strength) - rules.network_contact_strength
    return np.float32(rules.network_contact_strength + above * fresh)


@rule
def strength_of_tie(w, i, j, day):
    """Return the strength of the tie from `i` to `j` today, 0 if there is none."""
    rules = w.rules[0]
    if rules.network_complete > 0.0:
        return np.float32(rules.network_strength)
    at = place_of_tie(w, i, w.people[j].id)
    if at >= 0:
        return _strength_at(w, at, day)
    return np.float32(rules.network_contact_strength if _are_contacts(w, i, j) else 0.0)


@rule
def _use(w, at, day):
    if w.last_use.size > 0:
        w.strength[at] = _strength_at(w, at, day)
        w.last_use[at] = day


@rule
def tie(w, i, k, day):
    """Return the `k`-th of all within reach of person `i`, and the strength of the tie, used today."""
    rules, j = w.rules[0], within_reach(w, i, k)
    if rules.network_complete > 0.0:
        return j, np.float32(rules.network_strength)
    at = w.indptr[i] + k
    if at >= w.indptr[i + 1]:
        at = place_of_tie(w, i, w.people[j].id)  # a contact may be a close tie, too
    if at < 0:
        return j, np.float32(rules.network_contact_strength)
    _use(w, at, day)
    return j, w.strength[at]


@rule
def use_tie(w, i, identity, day):
    """Note that a message passes today along the tie of `i` to the person of that id."""
    if w.last_use.size > 0:
        at = place_of_tie(w, i, identity)
        if at >= 0:
            _use(w, at, day)


@rule
def thin_tie(w, i, j, lost, day):
    """Take a share of its strength from the tie of `i` to `j`; the one back is for `j` to thin.

    Contacts, and the ties of a complete graph, are not stored, and stay as they are.
    """
    if lost <= 0.0 or w.rules[0].network_complete > 0.0:
        return
    at = place_of_tie(w, i, w.people[j].id)
    if at >= 0:
        _use(w, at, day)
        w.strength[at] *= np.float32(1.0 - lost)


@rule
def keep_word(w, i, j, day):
    """Let a promise kept between `i` and `j` strengthen both their ties; in the evening only."""
    for _ in range(2):
        strengthen_tie(w, i, j, w.rules[0].ties_kept, day)
        i, j = j, i


@rule
def strengthen_tie(w, i, j, gained, day):
    """Move the tie of `i` to `j` by a share of the way to 1; the one back is for `j` to move.

    As with thinning, only what is stored changes.
    """
    if gained <= 0.0 or w.rules[0].network_complete > 0.0:
        return
    at = place_of_tie(w, i, w.people[j].id)
    if at >= 0:
        _use(w, at, day)
        strength = float(w.strength[at])
        w.strength[at] = strength + gained * (1.0 - strength)
