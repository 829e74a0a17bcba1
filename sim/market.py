"""The market as a Mesa model: the day as one list."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim import accruals, mechanisms
from sim.books import Books
from sim.brands.audiences import compile_rules
from sim.brands.brand_interface import consult, set_prices
from sim.brands.budgets import Budgets
from sim.brands.journeys import audience_key, compile_steps, with_steps
from sim.brands.portfolio import Running, running
from sim.brands.programmes import compile_terms
from sim.brands.workforce import Workforce
from sim.config.bare import without_strategies
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.counts import COUNTS
from sim.engine import calendar
from sim.engine.draws import seed_of
from sim.engine.kernels import handle
from sim.growth import grow
from sim.mechanisms import declarations
from sim.mechanisms.use import adopt
from sim.mesa.collect import DailyCollector
from sim.mesa.model import RowModel
from sim.people import (
    ad_budget,
    advertising,
    choice,
    experience,
    hearing,
    occasion,
    presence,
    purchase,
    talk,
    today,
)
from sim.people import touches as touch
from sim.people.audience import audience
from sim.people.customers import customers
from sim.people.dropout import run_out
from sim.people.population import build_world
from sim.purposes import Purpose
from sim.strategies.brand_view import Answers
from sim.world import World, duplicate, used

Rows = NDArray[np.int64]


class Market(RowModel, mesa.Model):
    """Brands that compete for the same people.

    Burn-in happens when the market is made, so that its first step is day 0.

    Parameters
    ----------
    config
        A market, the mapping or YAML file that describes one, or the name of a preset.
    rng
        Seed of the run, 0 <= rng < 2**64; anything else that `numpy.random.default_rng` takes is
        used to draw one. None: a fresh seed.
    scenario
        Mesa's; its `rng` is the seed if `rng` is not given.
    simulator
        Mesa's; the one that is to run this market.
    beginning
        A market of the same seed and description but without strategies, made and not stepped. Its
        people, ties and burn-in are taken over: they are the same, and need not be made again. It
        stays as it is.
    **kwargs
        Parameters to change, by dotted path: `Market("skincare", **{"people.n": 500})`.

    Attributes
    ----------
    day : int
        The day that the next step will run.
    world : sim.world.World
        Everything that changes.
    books : sim.books.Books
        Money.
    answers : dict of int to (int64[k], float64[k])
        By strategy, as numbered in the portfolio: who answered its last survey, and what.
    owners : dict of (int, str) to (str, int)
        By brand and term: which strategy has set it, and on which day first.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        If the market is badly described.
    ValueError
        If `beginning` is not that of this market.
    """

    def __init__(
        self,
        config: MarketConfig | Mapping[str, Any] | str | os.PathLike[str] = "skincare",
        *,
        rng: Any = None,
        scenario: Any = None,
        simulator: Any = None,
        beginning: "Market | None" = None,
        **kwargs: Any,  # by this name: the dashboard of Mesa 3.3 looks for it
    ) -> None:
        if rng is None and scenario is not None:
            rng = getattr(scenario, "rng", None)
        self.seed_used = seed_of(rng)
        super().__init__(rng=self.seed_used)
        if scenario is not None:
            self.scenario = scenario
        self.config = load_market(config, kwargs)
        self.brand_names = tuple(self.config.brands)
        self.product_names = tuple(
            f"{name}/{product}"
            for name, brand in self.config.brands.items()
            for product in brand.products
        )
        self._world: World
        brands = len(self.brand_names)
        self.books = Books(self.config.days, self.config.terminal_period, brands)
        self._counts = np.zeros((self.config.days, brands, len(COUNTS)), np.int64)
        self._portfolio: list[Running] = []
        self._budgets = Budgets([], self.config.days)
        self._workforce = Workforce(self.config)
        self.answers: dict[int, Answers] = {}
        self.owners: dict[tuple[int, str], tuple[str, int]] = {}
        self.in_terminal_period = False
        if beginning is None:
            self._burn_in()
        else:
            self._take_over(beginning)
        self._put_strategies_in_force()
        self.datacollector = DailyCollector(self)
        if simulator is not None:
            simulator.setup(self)

    # --- the day -----------------------------------------------------------------------------

    def step(self) -> None:
        """Run one day. The order is the model (docs/odd.md, section 3).

        Raises
        ------
        RuntimeError
            After the terminal period, in which time has moved on outside the run.
        """
        if self.in_terminal_period:
            raise RuntimeError("the terminal period has been run: this market cannot be stepped")
        self._one_day()
        if self.day >= self.config.days:
            self.running = False
        self.follow_roles()

    def _one_day(self) -> None:
        day = self.day
        self._read(day)  # 1 messages of yesterday arrive, and advertising
        self._deliver(day)  # 2 people drop out or come back; orders arrive and are judged
        self._serve(day)  # 3 touches due today go out and are answered
        self._choose(day)  # 4 purchase occasions meet brands
        self._talk(day)  # 5 opinions and invitations, for tomorrow
        self._distribute(day)  # 6 distributors sell, join, call, are promoted, and quit
        self._settle(day)  # 7 promises are kept, and the books balance and close
        self._decide(day)  # 8 tomorrow's terms
        self.day += 1

    def _read(self, day: int) -> None:
        presence.begin_day(self.world, self.handle, day)
        advertising.advertise(self.handle, day)
        if self._messages.size:
            messages, order = self._messages, hearing.hearing_order(self._messages)
            self.each(lambda w, start: hearing.read(w, messages, order, start, day), order.size)

    def _deliver(self, day: int) -> None:
        ending = calendar.due(self.world.dropout_due, day)
        self.each(lambda w, start: run_out(w, ending, start, day), ending.size)
        rows = calendar.due(self.world.orders_due, day)
        self.each(lambda w, start: experience.deliver(w, rows, start, day), rows.size)

    def _serve(self, day: int) -> None:
        if day < 0 or not (self._portfolio or self._workforce.staff):
            return
        rows = self._workforce.admit(self.world, self.handle, day)
        rows = self._budgets.afford(self.world, self.handle, rows, day)
        self.each(lambda w, start: touch.serve(w, rows, start, day), rows.size)

    def _choose(self, day: int) -> None:
        self._meet(calendar.due(self.world.occasions_due, day), Purpose.CHOICE)
        self._meet(today.reminders(self.world), Purpose.CHOICE_REMINDED)
        self._meet(today.triggered(self.world), Purpose.CHOICE_TRIGGERED)
        self.world.tally["reminded"] = self.world.tally["triggered"] = 0

    def _meet(self, rows: Rows, purpose: Purpose) -> None:
        day, why = self.day, int(purpose)
        self.each(lambda w, start: choice.choose_today(w, rows, start, day, why), rows.size)

    def _talk(self, day: int) -> None:
        rows = calendar.due(self.world.talk_due, day)
        self.each(lambda w, start: talk.speak(w, rows, start, day), rows.size)
        talk.notify_dropout(self.handle, day)

    def _distribute(self, day: int) -> None:
        if used(self.world, "closing"):
            orders = today.closing(self.world)
            self.each(lambda w, start: purchase.close_all(w, orders, start), orders.size)
            self.world.tally["closing"] = 0
        for phase in mechanisms.phases("distribute"):
            phase(self, day)
        self._messages = self.world.messages[: used(self.world, "messages")].copy()
        self.world.tally["messages"] = 0

    def _settle(self, day: int) -> None:
        if used(self.world, "accruals"):
            allowed = self._budgets.accept(self.world, self.handle, day)
            accruals.accept(self.handle, allowed)
            rows = calendar.due(self.world.accruals_due, day)
            self.each(lambda w, start: accruals.settle_due(w, rows, start, day), rows.size)
        ad_budget.plan(self.world, self.handle, day + 1)
        if day < 0:
            self.world.ledger[:] = 0
        else:
            self.books.settle(self.world.ledger, self.in_terminal_period)
            if not self.in_terminal_period:
                self._counts = _at_least(self._counts, day + 1)
                self._counts[day] = self.world.counts
        self.world.counts[:] = 0

    def _decide(self, day: int) -> None:
        for index, run in enumerate(self._portfolio):
            every = run.strategy.every
            if every and day >= 0 and day % every == 0:
                consult(self, index, run)

    # --- before and after the run ---------------------------------------------------------------

    def _burn_in(self) -> None:
        self.world = grow(build_world(self.config, self.seed_used))
        self._messages = self.world.messages[:0].copy()
        self.day = -self.config.burn_in
        occasion.enter_all(self.handle, self.day)
        while self.day < 0:
            self._one_day()
        self.world.relationships["net_cents"] = 0
        self.world.relationships["cost_cents"] = 0

    def _take_over(self, beginning: "Market") -> None:
        mine = self.seed_used, without_strategies(self.config), 0
        if (beginning.seed_used, beginning.config, beginning.day) != mine:
            raise ValueError(
                "beginning is to be a market of the same seed and description without strategies, "
                "before its first step"
            )
        self.world = duplicate(beginning.world)
        self._messages = beginning._messages.copy()
        self.day = 0

    def _put_strategies_in_force(self) -> None:
        segments = list(self.config.people.segments)
        self._portfolio, conditions = compile_rules(running(self.config), segments)
        self._budgets = Budgets(self._portfolio, self.config.days)
        steps = compile_steps(
            self.config, self._portfolio, self.world.brands, list(self.product_names)
        )
        world = with_steps(self.world, steps)._replace(
            conditions=conditions,
            spent=np.zeros(len(self._portfolio), np.int64),
            reserved=np.zeros(len(self._portfolio), np.int64),
            **compile_terms(self.config, self._portfolio),
        )
        self.world = grow(adopt(world))
        set_prices(self, self._portfolio)

    def run_model(self) -> None:
        """Run to the last day."""
        while self.running:
            self.step()

    def run_on(self) -> None:
        """Run the terminal period, which values the customers held at the end.

        Nobody advertises, invites or recruits any more, and only what those do who were customers
        at the end is booked, in `books.terminal`. The market cannot be stepped afterwards.

        Raises
        ------
        RuntimeError
            If the terminal period has been run.
        """
        if self.in_terminal_period:
            raise RuntimeError("the terminal period has been run already")
        self.books.audit(self.world.relationships)
        self.world.relationships["in_base"] = self.world.relationships["orders"] > 0
        self.world.brands[["ad_method", "ad_spend", "ad_cents", "ad_stock"]] = 0
        self.world.brands["closed"] = True
        self.in_terminal_period, self.running = True, False
        for _ in range(self.config.terminal_period):
            self._one_day()
        self.follow_roles()

    # --- what others may ask ---------------------------------------------------------------------

    @property
    def world(self) -> World:
        """Everything that changes, as tables."""
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        self._world = world
        self.handle = handle(world)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.handle = handle(self._world)

    @property
    def orders(self) -> NDArray[np.void]:
        """ORDER[orders so far]: every order, in order of day; burn-in has negative days."""
        return self.world.orders[: used(self.world, "orders")]

    def __getattr__(self, name: str) -> NDArray[np.void]:
        """Return the rows so far of what a mechanism lets others see, see `ROWS` in its folder.

        Of those that come with Huitou: `invitations`, who invited whom under a referral programme,
        in order of day; `distributors`, every engagement as one, in order of joining, ended or not.
        """
        found = None if name.startswith("_") else declarations.rows().get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.world, found.table)[: used(self.world, found.table)]

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[days so far, brands, len(COUNTS)]: what was counted each day."""
        return self._counts[: self.books.closed]

    @property
    def customers(self) -> NDArray[np.void]:
        """CUSTOMER[k]: one row for each person and brand with an order."""
        return customers(self.world)

    def in_audience(self, brand: str, strategy: str) -> NDArray[np.bool_]:
        """bool[people]: the random share of people whom a strategy of a brand may reach.

        Who of them it reaches on a day is a matter of its rule; the others are its holdout.

        Raises
        ------
        KeyError
            If the brand has no such strategy at work.
        """
        for run in self._portfolio:
            if (self.brand_names[run.brand], run.name) == (brand, strategy):
                key, share = audience_key(run, brand), run.audience.share
                return audience(self.seed_used, self.world.people["id"], key, share)
        raise KeyError(f"{brand} has no strategy {strategy!r} at work")

    def plan_touches(self, step: NDArray[np.void], people: NDArray[np.integer]) -> None:
        """Plan a touch outside any journey, for tomorrow.

        Parameters
        ----------
        step : STEP[1]
            What to send; it is added to the table of steps unless it is there.
        people : int[k]
            To whom.
        """
        steps = np.concatenate([self.world.steps, step], dtype=self.world.steps.dtype)
        world = with_steps(self.world, steps)
        same = np.flatnonzero(self.world.steps == steps[-1])
        if same.size == 0:
            self.world = grow(adopt(world))
        row = int(same[0]) if same.size else len(self.world.steps) - 1
        whom = np.unique(people).astype(np.int64)
        tomorrow = self.day + 1
        self.each(lambda w, start: touch.plan_all(w, whom, start, row, tomorrow), whom.size)

    # --- helpers -------------------------------------------------------------------------------

    def each(self, kernel: Callable[[Any, int], int], rows: int) -> None:
        """Run a kernel over `rows` rows; where it stops because a table is full, make room."""
        done = 0
        while done < rows:
            done = kernel(self.handle, done)
            if done < rows:
                self.world = grow(self.world)


def _at_least(table: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    if rows <= len(table):
        return table
    return np.concatenate([table, np.zeros_like(table)])
