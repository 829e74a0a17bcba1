"""The market, by the day: section 3 of docs/odd.md as a list of calls."""

from collections import Counter
from typing import Any

import mesa
import numpy as np

from sim.config.load import load_market
from sim.engine.draws import draw, draw4, poisson
from sim.purposes import Purpose

from . import (
    accruals,
    advertising,
    audiences,
    awareness,
    buying,
    choice,
    experience,
    hearing,
    office,
    start,
    talk,
    touches,
)
from .agenda import Agenda
from .figures import cents, single
from .hooks import Hooks
from .mechanisms import installed
from .money import Books
from .people import Person
from .things import Accrual, AtWork, Brand, Category, Order, Product, Word
from .twin import Twin

Kinds = dict[str, type[Twin]]


class ReferenceMarket(mesa.Model):
    """Brands that compete for the same people, written from docs/odd.md alone.

    Burn-in happens when the market is made, so that its first step is day 0.

    Parameters
    ----------
    config
        As `sim.market.Market` takes it.
    rng : int
        Seed of the run.
    twins : dict of str to type
        The mechanisms there are, by name; all that are found if not given.
    **changes
        Parameters to change, by dotted path.

    Raises
    ------
    NotImplementedError
        If people enter as a transaction log says.
    """

    def __init__(
        self, config: Any, *, rng: int = 0, twins: Kinds | None = None, **changes: Any
    ) -> None:
        super().__init__(rng=rng)
        self.config = load_market(config, changes)
        self.key, self.seed = np.uint64(rng), rng
        self.rules = self.config.behaviour
        self.gate = single(self.rules.experience.satisfaction_threshold)
        self.day = -self.config.burn_in
        self.closed = False
        self.single, self.poisson = single, poisson
        self.make_tables()
        self.plug_in(installed() if twins is None else twins)
        start.sellers(self)
        self.books = Books(self)
        self.people: list[Person] = start.Population(self).people()
        self.prepare_advertising()
        self.burn_in()

    def make_tables(self) -> None:
        self.categories: list[Category] = []
        self.brands: list[Brand] = []
        self.products: list[Product] = []
        self.strategies: list[AtWork] = []
        self.orders: list[Order] = []
        self.accruals: list[Accrual] = []
        self.claims: list[Accrual] = []
        self.said: list[Word] = []
        self.agenda = Agenda()
        self.counts: Counter[tuple[Brand, str]] = Counter()
        self.mean_ties = 0.0
        self.new_day()

    def plug_in(self, kinds: Kinds) -> None:
        """Ask the twins of mechanisms from now on."""
        self.twins = {name: kind(self) for name, kind in kinds.items()}
        self.hooks: Any = Hooks(self.twins.values())
        self.verbs = {does: verb for kind in kinds.values() for does, verb in kind.VERBS.items()}
        self.messages = {
            k: message for kind in kinds.values() for k, message in kind.MESSAGES.items()
        }

    def new_day(self) -> None:
        """Forget what holds for one day only."""
        self.reminded: set[tuple[int, int, int]] = set()
        self.woken: set[tuple[int, int]] = set()
        self.closing: list[Order] = []
        self.partings: list[tuple[Person, Brand]] = []
        self.counts.clear()

    def prepare_advertising(self) -> None:
        for brand in self.brands:
            brand.prospects = awareness.Prospects()
            self.spend(brand, brand.spend)
        awareness.queue(self)

    def spend(self, brand: Brand, amount: float) -> None:
        """Let a brand spend so much on advertising every day."""
        brand.spend, brand.ad_cents = amount, cents(amount * len(self.people) / 1000)

    def burn_in(self) -> None:
        while self.day < 0:
            self.one_day()
        for person in self.people:
            for bond in person.bonds:
                bond.revenue = bond.cost = 0
        start.strategies(self)

    # --- time -----------------------------------------------------------------------------------

    def step(self) -> None:
        """Run one day."""
        if self.closed:
            raise RuntimeError("time has moved on outside the run")
        self.one_day()
        self.running = self.day < self.config.days

    def run_model(self) -> None:
        while self.running:
            self.step()

    def run_on(self) -> None:
        """Run the terminal period: nobody advertises, invites or recruits any more."""
        self.close()
        for _ in range(self.config.terminal_period):
            self.one_day()

    def close(self) -> None:
        self.closed = True
        for brand in self.brands:
            brand.ad_method, brand.adstock = "fixed", 0.0
            self.spend(brand, 0.0)
        for person in self.people:
            for bond in person.bonds:
                bond.held = bond.orders > 0

    def one_day(self) -> None:
        """Run one day. The order is the model."""
        self.new_day()
        self.books.new_day()
        awareness.begin_day(self)  # 1 read
        advertising.advertise(self)
        hearing.read(self)
        experience.deliver(self)  # 2 deliver
        touches.serve(self)  # 3 serve
        choice.choose(self)  # 4 choose
        talk.speak(self)  # 5 talk
        self.distribute()  # 6 distribute
        accruals.settle(self)  # 7 settle
        advertising.plan(self)
        self.books.balance()
        office.decide(self)  # 8 decide
        self.day += 1

    def distribute(self) -> None:
        buying.close(self)
        for twin in self.twins.values():
            twin.distribute()

    # --- what all parts use ---------------------------------------------------------------------

    def draws(
        self, purpose: Purpose, person: int, other: int = 0, day: int = 0, slot: int = 0
    ) -> Any:
        """Return the four uniforms of an event."""
        return draw4(self.key, person, slot, other, day, int(purpose))

    def count(self, brand: Brand, what: str, times: int = 1) -> None:
        if times:
            self.counts[brand, what] += times

    def reaches(self, of: AtWork, person: int) -> bool:
        """Return whether a person is in the random share of a strategy."""
        if person not in of.audience:
            u = draw(self.key, person, 0, of.audience_key, 0, int(Purpose.AUDIENCE))
            of.audience[person] = of.share >= 1 or u < of.share
        return of.audience[person]

    def meant(self, of: AtWork, person: Person, part: str | None = None) -> bool:
        """Return whether a person is in the audience of a strategy, or of a part of it, today."""
        rules = [*of.rules, of.strategy.audience.touches.get(part or "")]
        return self.reaches(of, person.id) and all(
            audiences.holds(self, rule, person, of.brand) for rule in rules
        )
