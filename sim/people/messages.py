"""Ties and what goes along them: words said on one day and heard on the next."""

from enum import IntEnum

import numpy as np

from sim.counts import MESSAGES
from sim.engine.draws import draw
from sim.engine.kernels import rule
from sim.mechanisms import message_kinds
from sim.people.satisfaction import valence_of
from sim.purposes import Purpose

Kind = IntEnum(  # type: ignore[misc]
    "Kind", {"OPINION": 0, **{name: kind.number for name, kind in message_kinds().items()}}
)
"""What a message is: a mere opinion, or what a mechanism declares."""
OPINION = 0


@rule
def append(table, row, first, second):
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
def place_of_tie(w, i, j):
    """Return where the tie from `i` to `j` is stored, -1 if nowhere. Neighbours are in order of id.

    Of id and not of row, so that which tie a uniform picks does not depend on rows.
    """
    low, high = w.indptr[i], w.indptr[i + 1]
    end, wanted = high, w.people[j].id
    while low < high:
        middle = (low + high) // 2
        if w.people[w.neighbours[middle]].id < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < end and w.neighbours[low] == j else -1


@rule
def strength_of_tie(w, i, j):
    """Return the strength of the tie from `i` to `j`, 0 if there is none."""
    if w.rules[0].network_complete > 0.0:
        return np.float32(w.rules[0].network_strength)
    at = place_of_tie(w, i, j)
    return w.strength[at] if at >= 0 else np.float32(0.0)


@rule
def thin_tie(w, i, j, lost):
    """Take a share of its strength from the tie of `i` to `j`; the one back is for `j` to thin.

    Those of a complete graph are not stored, and stay as they are.
    """
    if w.rules[0].network_complete > 0.0 or lost <= 0.0:
        return
    at = place_of_tie(w, i, j)
    if at >= 0:
        w.strength[at] *= np.float32(1.0 - lost)


@rule
def tell(w, i, b, receiver, strength, kind, about):
    """Say to `receiver` what person `i` thinks of brand `b`, and what else the word is."""
    relationship = w.relationships[i, b]
    message = w.messages[w.tally[0].messages]
    w.tally[0].messages += 1
    message.speaker_id = w.people[i].id
    message.receiver, message.brand, message.kind, message.about = receiver, b, kind, about
    message.opinion = relationship.product
    message.valence = valence_of(w.rules[0], relationship)
    message.strength = strength


@rule
def say(w, i, b, u):
    """Say to the tie that `u` picks what person `i` thinks of brand `b`."""
    receiver, strength = tie(w, i, u)
    tell(w, i, b, receiver, strength, OPINION, -1)
    w.counts[b, MESSAGES] += 1


@rule
def post_content(w, i, b, day, reach):
    """Show a post about brand `b` to at most `reach` ties of person `i`."""
    for k in range(min(reach, degree(w, i))):
        u = draw(w.seed[0], w.people[i].id, k, w.brands[b].key, day, Purpose.POST)
        say(w, i, b, u)
