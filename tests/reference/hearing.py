"""Words arrive (ODD 7.6, 9.5 Read): opinions, invitations, calls, disappointments."""

from collections import Counter
from typing import Any

from sim.purposes import Purpose

from . import buying, referral
from .figures import PAIRS, chance, halved, single
from .people import Bond, Person
from .things import Kind, Word


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
    if word.kind is Kind.DISAPPOINTMENT:
        take_blame(market, receiver, bond, word)
        return
    if word.kind in (Kind.SALES_CALL, Kind.RECRUITING_CALL):
        become_aware(market, bond, word)
    knew = bond.aware
    opinion(market, receiver, bond, word, repeat)
    if word.kind is Kind.INVITATION:
        weigh(market, receiver, bond, word, knew, repeat)
    elif word.kind is not Kind.OPINION:
        answer_call(market, receiver, bond, word, repeat)


def luck(market: Any, purpose: Purpose, word: Word, repeat: int) -> Any:
    pair = word.brand.key + PAIRS * word.speaker
    return market.draws(purpose, word.receiver, pair, market.day, repeat)


def become_aware(market: Any, bond: Bond, word: Word) -> None:
    if not bond.aware:
        bond.aware = True
        market.count(word.brand, "aware_by_words")


def wake(market: Any, receiver: Person, word: Word) -> None:
    """Let the needs that a brand serves be met today."""
    for product in word.brand.products:
        market.woken.add((receiver.id, product.category.number))


def take_blame(market: Any, receiver: Person, bond: Bond, word: Word) -> None:
    """Let a referrer learn that the friend is disappointed."""
    rules = market.rules.referral
    receiver.circle.thin(word.speaker, rules.bad_tie)
    bond.trust = single(bond.trust * (1.0 - rules.bad_trust))
    bond.delight = single(bond.delight * (1.0 - rules.bad_delight))


def opinion(market: Any, receiver: Person, bond: Bond, word: Word, repeat: int) -> None:
    rules = market.rules.talk
    aware, wakes, *_ = luck(market, Purpose.HEARING, word, repeat)
    if not bond.aware:
        if not aware < rules.awareness:
            return
        become_aware(market, bond, word)
    difference = single(word.opinion - bond.expectation)
    bond.expectation = single(bond.expectation + rules.expectation * word.strength * difference)
    room = 1.0 - bond.trust if word.valence > 0 else bond.trust
    bond.trust = single(bond.trust + rules.trust * word.strength * word.valence * room)
    left = halved(bond.heard, market.day - bond.heard_day, rules.half_life)
    bond.heard = single(left + single(word.strength * word.valence))
    bond.heard_day = market.day
    mere = word.kind is Kind.OPINION and word.valence >= 0 and not bond.has_left
    if mere and wakes < rules.wake_on_hearing:
        wake(market, receiver, word)


def weigh(market: Any, receiver: Person, bond: Bond, word: Word, knew: bool, repeat: int) -> None:
    """Let an invitation be followed or not."""
    holding = bond.followed is not None and market.day <= bond.followed_until
    if bond.orders > 0 or bond.has_left or market.closed or holding:
        return
    brand, rules = word.brand, market.rules.referral
    offers = referral.open_to(market, brand, word.speaker)
    discount = max((p.terms.friend_discount for p in offers), default=0.0)
    days = max((p.terms.valid_days for p in offers), default=0)
    cost = referral.social_cost(market, offers)
    log_odds = -rules.caution + rules.tie * word.strength
    log_odds += rules.trust * (bond.trust - market.rules.trust.prior)
    log_odds += rules.transparency * brand.config.transparency
    log_odds += rules.offer * discount * receiver.deal_proneness
    log_odds += rules.known if knew else 0.0
    log_odds -= rules.suspicion * cost + rules.refusal * bond.refused
    follows, wakes, *_ = luck(market, Purpose.CLICK, word, repeat)
    if not follows < chance(log_odds):
        bond.refused += 1
        return
    market.count(brand, "clicks")
    word.invitation.followed = market.day
    bond.followed, bond.followed_until = word.invitation, market.day + days
    become_aware(market, bond, word)
    buying.hand(bond, discount, market.day + days, market.day, "friend_discounts")
    if wakes < rules.wake:
        wake(market, receiver, word)


def answer_call(market: Any, receiver: Person, bond: Bond, word: Word, repeat: int) -> None:
    rules = market.rules.distribution
    receiver.circle.thin(word.speaker, rules.strain)
    caller = market.people[word.speaker].bonds[word.brand.number].engagement
    if word.kind is Kind.RECRUITING_CALL:
        market.asked_to_join.append((receiver, word.brand, caller))
        return
    if bond.has_left or bond.at_work or not caller.at_work:
        return
    bond.caller, bond.call_until = caller, market.day + rules.call_days
    if luck(market, Purpose.CALLED, word, repeat)[0] < rules.wake:
        wake(market, receiver, word)
