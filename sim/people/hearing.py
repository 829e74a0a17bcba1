"""Hearing: what was said yesterday arrives, and what it does to who hears it."""

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import on_message
from sim.mechanisms import message_kinds
from sim.people.awareness import learn_of
from sim.people.messages import OPINION, Kind
from sim.people.occasion import trigger
from sim.people.ties import use_tie
from sim.purposes import Purpose
from sim.state import NO_DAY

_HAS_OPINION = np.ones(max(Kind) + 1, np.bool_)
_MAKES_AWARE = np.zeros(max(Kind) + 1, np.bool_)
for _kind in message_kinds().values():
    _HAS_OPINION[_kind.number], _MAKES_AWARE[_kind.number] = _kind.opinion, _kind.makes_aware


def hearing_order(messages: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the order in which words are heard: by receiver, then speaker, then as said.

    Parameters
    ----------
    words : MESSAGE[k]
    """
    return np.lexsort((messages["speaker_id"], messages["receiver"]))


@rule
def social_proof(rules, relationship, day):
    """Return good less bad words heard, each counting less as it ages."""
    if relationship.word_of_mouth_day == NO_DAY:
        return 0.0
    return relationship.word_of_mouth * 0.5 ** (
        (day - relationship.word_of_mouth_day) / rules.talk_half_life
    )


@rule
def hear(w, message, slot, day):
    """Let a word reach its receiver: an opinion in any case, and what else it is."""
    i, person = np.int64(message.receiver), w.people[message.receiver]
    if not person.entry_day <= day < person.exit_day:
        return
    use_tie(w, i, message.speaker_id, day)
    if _MAKES_AWARE[message.kind]:
        learn_of(w, i, np.int64(message.brand), day)
    knew = w.relationships[i, message.brand].aware
    if _HAS_OPINION[message.kind]:
        take_in(w, message, slot, day)
    if message.kind != OPINION:
        on_message(w, message, slot, knew, day)


@rule
def take_in(w, message, slot, day):
    """Take in an opinion: awareness, expectation, trust, proof, perhaps a purchase occasion."""
    i, b = np.int64(message.receiver), int(message.brand)
    person, relationship, rules = w.people[i], w.relationships[i, b], w.rules[0]
    # brand and speaker together say which word this is; both fold into one word of the counter
    which = w.brands[b].key + int(message.speaker_id) * 2654435761
    hears, wakes, _, _ = draw4(w.seed[0], person.id, slot, which, day, Purpose.HEARING)
    if hears < rules.talk_awareness:
        learn_of(w, i, b, day)
    if not relationship.aware:
        return
    strength = float(message.strength)
    relationship.expectation += (
        rules.talk_expectation * strength * (message.opinion - relationship.expectation)
    )
    room = 1.0 - relationship.trust if message.valence > 0.0 else relationship.trust
    relationship.trust += rules.talk_trust * strength * message.valence * room
    relationship.word_of_mouth = social_proof(rules, relationship, day) + strength * message.valence
    relationship.word_of_mouth_day = day
    if message.kind != OPINION:
        return  # what it asks for has chances of its own
    if message.valence >= 0.0 and wakes < rules.talk_trigger and not relationship.dropped_out:
        trigger(w, i, b)


@kernel
def read(w, messages, order, start, day):
    """Let yesterday's words arrive, in the given order.

    Returns
    -------
    int
        How many are read; fewer than all when a table is full.
    """
    w = borrow(w)
    for k in range(start, order.size):
        if not has_capacity(w):
            return k
        hear(w, messages[order[k]], _repeats(messages, order, k), day)
    return order.size


@rule
def _repeats(messages, order, k):
    # a speaker who says the same twice in a day makes two events
    message, count = messages[order[k]], 0
    for j in range(k - 1, -1, -1):
        other = messages[order[j]]
        if other.receiver != message.receiver or other.speaker_id != message.speaker_id:
            break
        count += other.brand == message.brand
    return count
