"""Talk (ODD 7.6, 9.5 Talk): customers speak to ties about brands, for tomorrow."""

import math
from typing import Any

from sim.purposes import Purpose

from . import dropout
from .figures import MOST_A_DAY, NEVER, day_of, single
from .people import Bond, Person
from .things import OPINION, Brand, Word


def speak(market: Any) -> None:
    """Let customers due to talk do so, and ties of those who left today learn of it."""
    for i, b in market.agenda.talks.take(market.day):
        person, brand = market.people[i], market.brands[b]
        if person.bonds[b].talk_due == market.day:
            talk(market, person, brand)
    for person, brand in market.partings:
        for other in getattr(person.circle, "who", ()):
            dropout.hear(market, market.people[other].bonds[brand.number])


def talk(market: Any, person: Person, brand: Brand) -> None:
    bond = person.bonds[brand.number]
    if bond.has_left or not person.is_in(market.day):
        bond.talk_due = NEVER
        return
    talks, tomorrow = 0, market.day + 1
    while bond.next_talk < tomorrow and talks < MOST_A_DAY:
        if bond.aware:
            hold(market, person, bond, brand, talks)
        talks += 1
        bond.next_talk = bond.next_talk + gap(market, person, brand, market.day, talks)
    if bond.next_talk < tomorrow:
        bond.next_talk = tomorrow + gap(market, person, brand, tomorrow, 0)
    schedule(market, person, brand, tomorrow)


def begin(market: Any, person: Person, brand: Brand) -> None:
    """Let a customer who has used something begin to talk."""
    bond = person.bonds[brand.number]
    bond.has_talked = True
    bond.next_talk = market.day + gap(market, person, brand, market.day, 0)
    schedule(market, person, brand, market.day)


def schedule(market: Any, person: Person, brand: Brand, earliest: int) -> None:
    bond = person.bonds[brand.number]
    bond.talk_due = max(earliest, day_of(bond.next_talk))
    market.agenda.talks.add(bond.talk_due, (person.id, brand.number))


def gap(market: Any, person: Person, brand: Brand, day: int, talks: int) -> float:
    """Return the days to the next talk that may be held."""
    rules = market.rules.talk
    rate = rules.rate / rules.period_days * person.sociability
    rate *= len(person.circle) / market.mean_ties if market.mean_ties > 0 else 0.0
    rate *= peak(market)
    if not rate > 0:
        return math.inf
    u = market.draws(Purpose.TALK_GAP, person.id, brand.key, day, talks)[0]
    return -math.log(u) / rate


def peak(market: Any) -> float:
    c = market.rules.talk.constant
    return c + (1.0 - c) * max(1.0, market.rules.talk.negative_weight)


def intensity(market: Any, v: float) -> float:
    rules = market.rules.talk
    felt = (1.0 - rules.constant) * abs(v)
    return rules.constant + (felt * rules.negative_weight if v < 0 else felt)


def valence(market: Any, bond: Bond) -> float:
    """Return satisfaction on either side of the satisfaction threshold, -1 to 1."""
    s, gate = bond.satisfaction, market.gate
    if s < gate:
        return (s - gate) / gate
    return (s - gate) / (1.0 - gate) if gate < 1 else 0.0


def hold(market: Any, person: Person, bond: Bond, brand: Brand, talks: int) -> None:
    """Hold a talk, unless it is thinned out; a twin may say something else in it."""
    which, thin, invites, far = market.draws(Purpose.TALK, person.id, brand.key, market.day, talks)
    if not thin * peak(market) < intensity(market, valence(market, bond)):
        return
    if not market.hooks.speaks(person, brand, which, invites):
        contacts = person.circle.contacts
        to_contact = len(contacts) > 0 and far < market.rules.talk.contacts
        whom = contacts[int(which * len(contacts))] if to_contact else person.circle.at(which)
        say(market, person, brand, whom, OPINION)


def say(
    market: Any,
    speaker: Person,
    brand: Brand,
    receiver: int,
    kind: str,
    about: Any = None,
) -> None:
    """Say a word, which arrives tomorrow."""
    bond = speaker.bonds[brand.number]
    speaker.circle.use(receiver, market.day)
    word = Word(
        receiver=receiver,
        speaker=speaker.id,
        brand=brand,
        kind=kind,
        opinion=bond.product,
        valence=single(valence(market, bond)),
        strength=single(speaker.circle.strength(receiver, market.day)),
        about=about,
    )
    market.said.append(word)
    market.count(brand, "messages", kind == OPINION)
