"""Hearing: what was said yesterday arrives, and what it does to who hears it."""

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_room
from sim.hooks import on_message
from sim.mechanisms import message_kinds
from sim.people.messages import OPINION, Kind, learn_of
from sim.people.need import wake
from sim.purposes import Purpose
from sim.state import NO_DAY

_HAS_OPINION = np.ones(max(Kind) + 1, np.bool_)
_MAKES_AWARE = np.zeros(max(Kind) + 1, np.bool_)
for _kind in message_kinds().values():
    _HAS_OPINION[_kind.number], _MAKES_AWARE[_kind.number] = _kind.opinion, _kind.makes_aware


def hearing_order(words: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the order in which words are heard: by receiver, then speaker, then as said.

    Parameters
    ----------
    words : WORD[k]
    """
    return np.lexsort((words["speaker_id"], words["receiver"]))


@rule
def social_proof(rules, bond, day):
    """Return good less bad words heard, each counting less as it ages."""
    if bond.heard_day == NO_DAY:
        return 0.0
    return bond.heard * 0.5 ** ((day - bond.heard_day) / rules.talk_half_life)


@rule
def hear(w, word, slot, day):
    """Let a word reach its receiver: an opinion in any case, and what else it is."""
    i, person = np.int64(word.receiver), w.people[word.receiver]
    if not person.entry_day <= day < person.exit_day:
        return
    if _MAKES_AWARE[word.kind]:
        learn_of(w, i, np.int64(word.brand))
    knew = w.bonds[i, word.brand].aware
    if _HAS_OPINION[word.kind]:
        take_in(w, word, slot, day)
    if word.kind != OPINION:
        on_message(w, word, slot, knew, day)


@rule
def take_in(w, word, slot, day):
    """Take in an opinion: awareness, expectation, trust, proof, perhaps a need."""
    i, b = np.int64(word.receiver), int(word.brand)
    person, bond, rules = w.people[i], w.bonds[i, b], w.rules[0]
    # brand and speaker together say which word this is; both fold into one word of the counter
    which = w.brands[b].key + int(word.speaker_id) * 2654435761
    hears, wakes, _, _ = draw4(w.seed[0], person.id, slot, which, day, Purpose.HEARING)
    if not bond.aware:
        if hears >= rules.talk_awareness:
            return
        learn_of(w, i, b)
    strength = float(word.strength)
    bond.expectation += rules.talk_expectation * strength * (word.opinion - bond.expectation)
    room = 1.0 - bond.trust if word.valence > 0.0 else bond.trust
    bond.trust += rules.talk_trust * strength * word.valence * room
    bond.heard = social_proof(rules, bond, day) + strength * word.valence
    bond.heard_day = day
    if word.kind != OPINION:
        return  # what it asks for has chances of its own
    if word.valence >= 0.0 and wakes < rules.talk_wake_on_hearing and not bond.left:
        wake(w, i, b)


@kernel
def read(w, words, order, start, day):
    """Let yesterday's words arrive, in the given order.

    Returns
    -------
    int
        How many are read; fewer than all when a table is full.
    """
    w = borrow(w)
    for k in range(start, order.size):
        if not has_room(w):
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
