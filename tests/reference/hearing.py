"""Words arrive (ODD 7.6, 9.5 Read): opinions, and what twins make of the others."""

from collections import Counter
from typing import Any

from sim.purposes import Purpose

from . import awareness
from .figures import PAIRS, halved, single
from .people import Bond, Person
from .things import OPINION, Word


def read(market: Any) -> None:
    """Let yesterday's words arrive, in order of receiver, speaker, and as said."""
    before: Counter[tuple[int, int, int]] = Counter()
    words, market.said = market.said, []
    for word in sorted(words, key=lambda w: (w.receiver, w.speaker)):
        pair = (word.receiver, word.speaker, word.brand.number)
        receiver = market.people[word.receiver]
        if receiver.is_in(market.day):
            hear(market, receiver, word, before[pair])
        before[pair] += 1


def hear(market: Any, receiver: Person, word: Word, repeat: int) -> None:
    bond = receiver.bonds[word.brand.number]
    receiver.circle.use(word.speaker, market.day)
    kind = market.messages.get(word.kind)
    if kind and kind.makes_aware:
        learn(market, receiver, word)
    knew = bond.aware
    if kind is None or kind.opinion:
        opinion(market, receiver, bond, word, repeat)
    if kind:
        market.hooks.on_message(word, repeat, knew)


def luck(market: Any, purpose: Purpose, word: Word, repeat: int) -> Any:
    pair = word.brand.key + PAIRS * word.speaker
    return market.draws(purpose, word.receiver, pair, market.day, repeat)


def learn(market: Any, receiver: Person, word: Word) -> None:
    made = awareness.become_aware(market, receiver, word.brand)
    market.count(word.brand, "aware_by_word_of_mouth", made)


def wake(market: Any, receiver: Person, word: Word) -> None:
    """Let the needs that a brand serves be met today."""
    for product in word.brand.products:
        market.woken.add((receiver.id, product.category.number))


def opinion(market: Any, receiver: Person, bond: Bond, word: Word, repeat: int) -> None:
    rules = market.rules.talk
    aware, wakes, *_ = luck(market, Purpose.HEARING, word, repeat)
    if aware < rules.awareness:
        learn(market, receiver, word)
    if not bond.aware:
        return
    difference = single(word.opinion - bond.expectation)
    bond.expectation = single(bond.expectation + rules.expectation * word.strength * difference)
    room = 1.0 - bond.trust if word.valence > 0 else bond.trust
    bond.trust = single(bond.trust + rules.trust * word.strength * word.valence * room)
    left = halved(bond.heard, market.day - bond.word_of_mouth_day, rules.half_life)
    bond.heard = single(left + single(word.strength * word.valence))
    bond.word_of_mouth_day = market.day
    mere = word.kind == OPINION and word.valence >= 0 and not bond.has_left
    if mere and wakes < rules.trigger:
        wake(market, receiver, word)
