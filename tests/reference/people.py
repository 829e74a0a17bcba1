"""People: who they are, what each brand is to them, whom they know."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import mesa

from .figures import NEVER, NOT_YET, halved, single
from .things import Product


@dataclass(eq=False)
class Bond:
    """All that one person is to one brand. What ODD 9.1 names is rounded to single when set."""

    taste: float
    """Its log."""
    aware: bool
    propensity: float
    rate: float
    """Of dropout, a day."""
    hazard_left: float
    product: float
    service: float
    satisfaction: float
    trust: float
    expectation: float
    reference: float = 0.0
    """Log of the price remembered over the price at the start."""
    fatigue: float = 0.0
    fatigue_day: int = 0
    times_aware: int = 0
    """How often one has come to know the brand, and been reached by advertising, since day 0."""
    times_reached: int = 0
    forgotten_on: int = NEVER
    heard: float = 0.0
    word_of_mouth_day: int = NOT_YET
    delight: float = 0.0
    delight_day: int = 0
    contagion_day: int = NOT_YET
    offer: float = 0.0
    offer_until: int = NOT_YET
    offer_of: str = "coupons"
    """The account of that discount."""
    role: int = 0
    orders: int = 0
    first_day: int = NOT_YET
    last_day: int = NOT_YET
    left: int = NEVER
    back: int = NEVER
    """The day of coming back."""
    dropouts: int = 0
    in_force: float = 0.0
    """The rate at which hazard runs,"""
    since: int = NOT_YET
    """taken from what is left until this morning."""
    opted_out: bool = False
    week: int = NOT_YET
    touches: int = 0
    """In that week."""
    answered: int = 0
    unanswered: int = 0
    """Since the last answer."""
    in_vain: Counter[Any] = field(default_factory=Counter)
    """The same by strategy and touch, of touches that are given up."""
    next_talk: float = math.inf
    has_talked: bool = False
    """Or will, having used something."""
    talk_due: int = NEVER
    revenue: int = 0
    cost: int = 0
    held: bool = False
    """Whether one was a customer when the run ended."""

    @property
    def has_left(self) -> bool:
        return self.left != NEVER


@dataclass(eq=False)
class Need:
    cycle: float
    due: float
    slot: int = 0
    last: Product | None = None
    day: int = NEVER
    """When it is met next: the day of `due`, or later."""


@dataclass(eq=False)
class Holding:
    """What a person has of a product."""

    orders: int = 0
    units: int = 0
    before: int = 0
    """Units before the last order."""
    first_day: int = NOT_YET
    last_day: int = NOT_YET
    uses: int = 0


@dataclass(frozen=True)
class Fading:
    """How what a close tie has above a contact fades from its last use."""

    half_life: float
    contact: float
    """The strength of a contact."""

    def after(self, strength: float, days: int) -> float:
        if self.half_life == math.inf or strength <= self.contact:
            return strength
        return single(self.contact + halved(strength - self.contact, days, self.half_life))


class Circle:
    """Those whom a person knows: close ones in order of number, and how well; then contacts."""

    def __init__(
        self, strengths: dict[int, float], contacts: list[int], fading: Fading, today: int
    ) -> None:
        self.who = sorted(strengths)
        self.strengths, self.contacts, self.fading = strengths, contacts, fading
        self.used = dict.fromkeys(self.who, today)
        """When something went along each close tie last."""

    def __len__(self) -> int:
        return len(self.who)

    def at(self, u: float) -> int:
        return self.who[int(u * len(self.who))]

    def all(self) -> list[int]:
        """Return all whom one can ask."""
        return self.who + self.contacts

    def strength(self, other: int, today: int) -> float:
        if other in self.strengths:
            return self.fading.after(self.strengths[other], today - self.used[other])
        return self.fading.contact if other in self.contacts else 0.0

    def use(self, other: int, today: int) -> None:
        if other in self.strengths:
            self.strengths[other] = self.strength(other, today)
            self.used[other] = today

    def thin(self, other: int, share: float, today: int) -> None:
        if share > 0 and other in self.strengths:
            self.use(other, today)
            self.strengths[other] = single(self.strengths[other] * single(1.0 - share))

    def grow(self, other: int, share: float, today: int) -> None:
        """Bring a close tie nearer to 1 by a share of the way."""
        if share > 0 and other in self.strengths:
            self.use(other, today)
            now = self.strengths[other]
            self.strengths[other] = single(now + share * (1.0 - now))


class Everybody:
    """All others, all as near: a complete graph, of which nothing is stored."""

    def __init__(self, own: int, n: int, strength: float) -> None:
        self.own, self.n, self.same = own, n, strength

    def __len__(self) -> int:
        return self.n - 1

    def at(self, u: float) -> int:
        k = int(u * (self.n - 1))
        return k + 1 if k >= self.own else k

    contacts: tuple[int, ...] = ()

    def all(self) -> list[int]:
        return [i for i in range(self.n) if i != self.own]

    def strength(self, other: int, today: int) -> float:
        return self.same

    def use(self, other: int, today: int) -> None:
        """Leave it: there is nothing to fade,"""

    def thin(self, other: int, share: float, today: int) -> None:
        """be thinned,"""

    def grow(self, other: int, share: float, today: int) -> None:
        """or grow."""


def keep_word(market: Any, one: "Person", other: "Person") -> None:
    """Let the ties of two people grow, both ways, by a promise kept."""
    share, today = market.rules.ties.kept, market.day
    one.circle.grow(other.id, share, today)
    other.circle.grow(one.id, share, today)


class Person(mesa.Agent):
    """A potential customer of every brand."""

    def __init__(self, market: mesa.Model, number: int) -> None:
        super().__init__(market)
        self.id = number
        self.price_sensitivity = 1.0
        self.sociability = 1.0
        self.deal_proneness = 0.0
        self.contact_sensitivity = 1.0
        self.willingness = 0.0
        self.segment: str | None = None
        self.entry = NOT_YET
        self.exit = NEVER
        self.bonds: list[Bond] = []
        self.needs: list[Need] = []
        self.holdings: dict[int, Holding] = {}
        self.circle: Any = None

    def is_in(self, day: int) -> bool:
        """Return whether one is in the category on a day."""
        return self.entry <= day < self.exit

    def holding(self, product: Product) -> Holding:
        return self.holdings.setdefault(product.number, Holding())
