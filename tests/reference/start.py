"""The first day (ODD, sections 5 and 9.4): who there is, and what strategies begin with."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, ndtri

from sim.engine.draws import uniforms
from sim.purposes import Purpose
from sim.strategies.interface import Strategy
from sim.ties.homophily import alike
from sim.ties.network import Ties, build

from . import need
from .feelings import aggregate
from .figures import ALWAYS, NEVER, YEAR, cents, log_gamma, quantile, single
from .people import Bond, Circle, Everybody, Fading, Need, Person
from .things import AtWork, Brand, Category, Product, Step

TRAITS = {
    "price_sensitivity": Purpose.PRICE_SENSITIVITY,
    "sociability": Purpose.SOCIABILITY,
    "deal_proneness": Purpose.DEAL_PRONENESS,
    "contact_sensitivity": Purpose.CONTACT_SENSITIVITY,
    "willingness": Purpose.WILLINGNESS,
}


class Population:
    """Makes the people, trait by trait."""

    def __init__(self, market: Any) -> None:
        self.market, self.config = market, market.config
        self.n = self.config.people.n
        self.ids = np.arange(self.n, dtype=np.uint64)
        key = np.array([market.seed, int(Purpose.NETWORK)], np.uint64)
        rng = np.random.Generator(np.random.Philox(key=key))
        self.ties = build(self.config.network, self.n, rng)

    def draws(self, purpose: Purpose, other: int = 0) -> NDArray[np.float64]:
        return uniforms(self.market.seed, self.ids, other, 0, purpose)

    def people(self) -> list[Person]:
        everybody = [Person(self.market, number) for number in range(self.n)]
        contacts = self.contacts()
        self.market.mean_ties = self.ties.mean_degree
        for person in everybody:
            person.circle = self.circle(self.ties, person.id, contacts)
        self.give_traits(everybody)
        self.give_segments(everybody)
        self.enter_and_exit(everybody)
        for category in self.market.categories:
            self.give_needs(everybody, category)
        for brand in self.market.brands:
            self.give_bonds(everybody, brand)
        return everybody

    def contacts(self) -> list[list[int]]:
        """Return the contacts of each person: those at some distances on a circle."""
        count = getattr(self.config.network, "contacts", 0)
        if count == 0:
            return [[]] * self.n
        place = self.draws(Purpose.CONTACTS)[:, 0].tolist()
        circle = sorted(range(self.n), key=place.__getitem__)
        lots = {
            d: self.market.draws(Purpose.CONTACTS, d)[1] for d in range(1, (self.n - 1) // 2 + 1)
        }
        apart = sorted(sorted(lots, key=lots.__getitem__)[: count // 2])
        found: list[list[int]] = [[]] * self.n
        for at, i in enumerate(circle):
            both = [(at + side * d) % self.n for d in apart for side in (1, -1)]
            found[i] = [circle[where] for where in both]
        return found

    def circle(self, ties: Ties, i: int, contacts: list[list[int]]) -> Circle | Everybody:
        network = self.config.network
        if ties.complete:
            return Everybody(i, self.n, network.strength)
        mine = slice(ties.indptr[i], ties.indptr[i + 1])
        who, strength = ties.neighbours[mine].tolist(), ties.strength[mine].tolist()
        strengths = dict(zip(who, strength, strict=True))
        half_life = self.config.behaviour.ties.half_life
        fading = Fading(half_life, getattr(network, "contact_strength", 0.0))
        return Circle(strengths, contacts[i], fading, -self.config.burn_in)

    def give_traits(self, everybody: list[Person]) -> None:
        for trait, purpose in TRAITS.items():
            values = quantile(getattr(self.config.people, trait), self.draws(purpose)[:, 0])
            for person, value in zip(everybody, values.tolist(), strict=True):
                setattr(person, trait, single(value))

    def give_segments(self, everybody: list[Person]) -> None:
        """Lay the shares of segments end to end; each person's draw falls into one or none."""
        u = self.draws(Purpose.SEGMENT)[:, 0]
        begins = 0.0
        for segment, share in self.config.people.segments.items():
            ends = begins + share
            for person, v in zip(everybody, u.tolist(), strict=True):
                if begins <= v < ends:
                    person.segment = segment
            begins = ends

    def enter_and_exit(self, everybody: list[Person]) -> None:
        entry, rate = self.config.people.entry, self.config.people.exit_rate
        if entry.kind == "log":
            raise NotImplementedError("the reference market does not read transaction logs")
        enters, exits = self.draws(Purpose.ENTRY)[:, :2], self.draws(Purpose.EXIT)[:, 0]
        for person, (u, when), v in zip(everybody, enters, exits, strict=True):
            late = entry.kind == "steady" and u < entry.later
            person.entry = int(when * entry.over_days) if late else ALWAYS
            if rate > 0:
                stays = max(person.entry, 0) - math.log(v) / rate * YEAR
                person.exit = min(NEVER, math.floor(stays) + 1)

    def likened(self, purpose: Purpose, key: int = 0, by: str = "homophily") -> NDArray[np.float64]:
        """Return the uniforms of a trait that homophily makes alike."""
        u = self.draws(purpose, key)
        homophily = getattr(self.config.network, by, 0.0)
        return alike(self.ties, u[:, 0], u[:, 1], homophily) if homophily > 0 else u[:, 0]

    def give_needs(self, everybody: list[Person], category: Category) -> None:
        config = category.config
        usage = quantile(config.usage, self.likened(Purpose.USAGE, category.key))
        wait = self.first_wait(category)
        for person, rate, share in zip(everybody, usage.tolist(), wait.tolist(), strict=True):
            cycle = config.period_days / rate if rate > 0 else math.inf
            begins = max(person.entry, -self.config.burn_in)
            due = begins + cycle * share if cycle < math.inf else math.inf
            person.needs.append(Need(cycle, due))
            need.schedule(self.market, person, category, -self.config.burn_in)

    def first_wait(self, category: Category) -> NDArray[np.float64]:
        """Return how long the first need takes, in cycles."""
        shape, start = category.config.regularity, category.config.start
        u = self.draws(Purpose.FIRST_NEED, category.key)
        if start == "immediate":
            return np.zeros(self.n)
        if start == "fresh":
            return np.ones(self.n) if math.isinf(shape) else gammaincinv(shape, u[:, 0]) / shape
        if math.isinf(shape):
            return u[:, 1]
        return gammaincinv(shape + 1.0, u[:, 0]) / shape * u[:, 1]

    def proneness(self, brand: Brand, purpose: int) -> NDArray[np.float64]:
        """Return uniforms of how prone people are to drop out, in part common to all brands."""
        own = self.draws(purpose, brand.key)[:, 0]
        share = self.config.behaviour.dropout.common
        if share == 0:
            return own
        common = self.likened(Purpose.DROPOUT_COMMON, by="homophily_dropout")
        score = math.sqrt(share) * ndtri(common) + math.sqrt(1 - share) * ndtri(own)
        return np.clip(ndtr(score), np.nextafter(0, 1), np.nextafter(1, 0))

    def give_bonds(self, everybody: list[Person], brand: Brand) -> None:
        rules = self.config.behaviour
        own, prior = rules.experience, single(rules.experience.prior)
        shape = rules.choice.concentration * brand.config.share
        taste = log_gamma(shape, self.likened(Purpose.TASTE, brand.key))
        knows = self.draws(Purpose.INITIAL_AWARENESS, brand.key)[:, 0] < brand.config.awareness
        everybody_knows = brand.config.rest_of_category
        propensity = quantile(
            rules.dropout.propensity, self.proneness(brand, Purpose.DROPOUT_PROPENSITY)
        )
        rates = quantile(rules.dropout.rate, self.proneness(brand, Purpose.DROPOUT_RATE))
        rates = rates / rules.dropout.period_days
        bears = -np.log(self.draws(Purpose.DROPOUT_THRESHOLD, brand.key)[:, 0])
        standard = self.likened(Purpose.EXPECTATION, by="homophily_dropout")
        expects = quantile(own.expectation, standard)
        for i, person in enumerate(everybody):
            bond = Bond(
                taste=single(taste[i]),
                aware=bool(knows[i]) or everybody_knows,
                propensity=single(propensity[i]),
                rate=single(rates[i]),
                hazard_left=float(bears[i]),
                product=prior,
                service=prior,
                satisfaction=single(aggregate(own.prior, own.prior, own.exponent)),
                trust=single(rules.trust.prior),
                expectation=single(expects[i]),
            )
            person.bonds.append(bond)


# --- sellers ------------------------------------------------------------------------------------


def sellers(market: Any) -> None:
    """Make the categories, brands and products of the file, numbered as it lists them."""
    for name, config in market.config.categories.items():
        market.categories.append(Category(len(market.categories), name, config))
    known = {category.name: category for category in market.categories}
    for name, config in market.config.brands.items():
        brand = Brand(market, len(market.brands), name, config)
        market.brands.append(brand)
        for product, item in config.products.items():
            made = Product(len(market.products), product, brand, known[item.category], item)
            market.products.append(made)
            brand.products.append(made)
            made.category.products.append(made)


def strategies(market: Any) -> None:
    """Let the strategies begin: prices, terms, journeys."""
    for brand in market.brands:
        for name, strategy in brand.config.strategies.items():
            budget = None if strategy.budget is None else cents(strategy.budget)
            if budget != 0:
                brand.portfolio.append(AtWork(brand, name, strategy, budget))
        for at_work in brand.portfolio:
            _begin(brand, at_work, at_work.strategy)
        market.strategies.extend(brand.portfolio)


def _begin(brand: Brand, at_work: AtWork, strategy: Strategy) -> None:
    for terms in strategy.programmes():
        for twin in brand.model.twins.values():
            twin.take(at_work, terms)
    for product in brand.products:
        for price in strategy.terms(product.facts()):
            brand.owners[price.product] = at_work
            next(p for p in brand.products if p.name == price.product).price = cents(price.price)
        for touch in filter(at_work.sends, strategy.journey(product.facts())):
            product.journey.append(step_of(brand, at_work, touch, product))


def step_of(brand: Brand, at_work: AtWork, touch: Any, product: Product | None) -> Step:
    """Return the step of a touch; the same of a strategy is one."""
    what = (at_work.name, touch, product.name if product else "")
    return brand.steps.setdefault(what, Step(at_work, touch, product))
