"""People and brands as Mesa agents, and what a researcher can ask them.

A person's class is the highest role with any brand. An agent changes class when the role does and
stays the same object, with the same `unique_id`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.books import contribution, net_revenue
from sim.engine.kernels import plain
from sim.mechanisms.declarations import seen
from sim.mesa.rows import Column, Read, RowAgent, Rows
from sim.people.touches import inert
from sim.state import NO_DAY
from sim.ties.contacts import Contacts, contacts_of

if TYPE_CHECKING:
    from sim.market import Market
    from sim.strategies.interface import Strategy


def _field(table: str, name: str) -> Column:
    return Column(lambda market, rows: getattr(market.world, table)[name][rows])


def _trait(name: str) -> Column:
    def read(market: "Market", rows: Rows) -> NDArray[Any]:
        # as float64, so that sums do not depend on how many are read at once
        return market.world.people[name][rows].astype(float)

    def write(market: "Market", rows: Rows, value: Any) -> None:
        number = float(value)
        if not 0 <= number < np.inf:
            raise ValueError(f"{name} must be a number of 0 or more (got {value})")
        market.world.people[name][rows] = number

    return Column(read, write)


def _in_market(market: "Market", rows: Rows) -> NDArray[Any]:
    people = market.world.people
    return (people["entry_day"][rows] <= market.day) & (market.day < people["exit_day"][rows])


def _over_brands(field: str) -> Read:
    return lambda market, rows: market.world.relationships[field][rows].sum(axis=1)


def _favourite(market: "Market", rows: Rows) -> NDArray[Any]:
    orders = market.world.relationships["orders"][rows]
    last = market.world.relationships["last_day"][rows].astype(np.int64)
    most = orders.max(axis=1, keepdims=True)
    best = np.where(orders == most, last, NO_DAY - 1).argmax(axis=1)
    names = np.array([*market.brand_names, None], object)
    return names[np.where(most[:, 0] > 0, best, -1)]


class Person(RowAgent):
    """Somebody who could buy; `Customer`, `KOC` and `Distributor` are the kinds there are.

    Traits can be set, one by one or with `AgentSet.set`, and count from the next day on. Everything
    else can only be read.

    Attributes
    ----------
    id : int
        Identity in random draws.
    role : int
        Highest role with any brand: 0 customer, 1 KOC, 2 distributor.
    price_sensitivity, sociability, deal_proneness, contact_sensitivity, willingness : float
        Traits, see `people` in the market file.
    entry_day, exit_day : int
        First day in the category, first day no longer in it; far away if there from the start, or
        for good.
    in_market : bool
        In the category on the coming day, `market.day`.
    orders : int
        Orders so far, of all brands, burn-in included.
    net_revenue : float
        CNY since day 0, of all brands.
    favourite_brand : str or None
        Ordered from most often; among equals, ordered from last. None before any order.
    """

    __slots__ = ()
    unique_id = Column(lambda market, rows: rows + 1)
    id = _field("people", "id")
    role = _field("people", "role")
    price_sensitivity = _trait("price_sensitivity")
    sociability = _trait("sociability")
    deal_proneness = _trait("deal_proneness")
    contact_sensitivity = _trait("contact_sensitivity")
    willingness = _trait("willingness")
    entry_day = _field("people", "entry_day")
    exit_day = _field("people", "exit_day")
    in_market = Column(_in_market)
    orders = Column(_over_brands("orders"))
    net_revenue = Column(lambda market, rows: _over_brands("net_cents")(market, rows) / 100)
    favourite_brand = Column(_favourite)

    def relationship(self, brand: str) -> "Relationship":
        """Return what this person has with a brand."""
        return Relationship(self.model, self.row, _place(self.model.brand_names, brand, "brand"))

    @property
    def relationships(self) -> dict[str, "Relationship"]:
        """What this person has with each brand."""
        return {name: self.relationship(name) for name in self.model.brand_names}

    def occasion(self, category: str) -> "Occasion":
        """Return this person's purchase occasion in a category."""
        names = tuple(self.model.config.categories)
        return Occasion(self.model, self.row, _place(names, category, "category"))

    @property
    def occasions(self) -> dict[str, "Occasion"]:
        """Return this person's purchase occasion in each category."""
        return {name: self.occasion(name) for name in self.model.config.categories}

    @property
    def ties(self) -> Any:
        """AgentSet of the people to whom this person talks: close ties."""
        world = self.model.world
        if world.rules[0]["network_complete"]:
            return self.model.people_at(np.delete(np.arange(world.people.size), self.row))
        start, end = world.indptr[self.row : self.row + 2]
        return self.model.people_at(world.neighbours[start:end])

    @property
    def contacts(self) -> Any:
        """AgentSet of this person's weak ties, whom one asks as well when one invites or sells."""
        world = self.model.world
        known = Contacts(world.people["place"], world.circle, world.distances)
        return self.model.people_at(contacts_of(known, self.row))


class Customer(Person):
    """A person who buys, or could; `Person` says what an agent knows."""

    __slots__ = ()


class KOC(Person):
    """A key opinion consumer; `Person` says what an agent knows."""

    __slots__ = ()


class Distributor(Person):
    """A person who sells for a brand; `Person` says what an agent knows."""

    __slots__ = ()


def _place(names: tuple[str, ...], name: str, what: str) -> int:
    if name not in names:
        raise KeyError(f"no {what} {name!r}; this market has {', '.join(names)}")
    return names.index(name)


class _Cell:
    """A row and column of a table of the world."""

    __slots__ = ("_column", "_market", "_row")
    _table: str

    def __init__(self, market: "Market", row: int, column: int) -> None:
        self._market, self._row, self._column = market, row, column

    def _value(self, field: str) -> Any:
        return getattr(self._market.world, self._table)[field].item(self._row, self._column)


def _cell(field: str) -> property:
    return property(lambda self: self._value(field))


def _day(field: str) -> property:
    return property(lambda self: None if self._value(field) == NO_DAY else self._value(field))


_ROLES = ("customer", "KOC", "distributor")


class Relationship(_Cell):
    """What a person has with a brand. Read only; None for what has not happened.

    Attributes
    ----------
    brand : str
        Its name.
    lifecycle_stage : str
        Prospect, defected, opted out, lapsed, first-time or repeat: the first that is true.
    aware, opted_out : bool
        Knows the brand; takes no more touches.
    orders : int
        Orders so far, burn-in included.
    first_day, last_day, dropped_out_day : int or None
        Day of the first order, of the last, and of leaving for good.
    satisfaction, product_satisfaction, service_satisfaction : float
        S, P and V, 0 to 1.
    trust, expectation : float
        T and E, 0 to 1.
    role : str
        customer, KOC or distributor: what the person is to this brand.
    referred : int
        Friends whose orders counted.
    points : float
        Points held, in CNY that they will cost the brand.
    net_revenue : float
        CNY since day 0.
    """

    __slots__ = ()
    _table = "relationships"
    brand = property(lambda self: self._market.brand_names[self._column])
    aware, opted_out = _cell("aware"), _cell("opted_out")
    orders = _cell("orders")
    first_day, last_day, dropped_out_day = (
        _day("first_day"),
        _day("last_day"),
        _day("dropped_out_day"),
    )
    satisfaction = _cell("overall")
    product_satisfaction, service_satisfaction = _cell("product"), _cell("service")
    trust, expectation = _cell("trust"), _cell("expectation")
    role = property(lambda self: _ROLES[self._value("role")])
    referred = property(lambda self: self._seen("referred"))
    points = property(lambda self: self._seen("points_cents") / 100)
    net_revenue = property(lambda self: self._value("net_cents") / 100)

    def _seen(self, name: str) -> Any:
        return seen(self._market.world, name, np.array([self._row]), self._column).item()

    @property
    def lifecycle_stage(self) -> str:
        """Where the person stands with the brand, see the class."""
        if self.orders == 0:
            return "prospect"
        if self._value("dropped_out"):
            return "dropped_out"
        if self.opted_out:
            return "opted out"
        if plain(inert)(self._market.world, self._row, self._column, self._market.day):
            return "lapsed"
        return "first-time" if self.orders == 1 else "repeat"


class Occasion(_Cell):
    """A person's purchase occasion in a category. Read only.

    Attributes
    ----------
    category : str
        Its name.
    cycle_days : float
        Mean days between occasions.
    due_day : float
        When the stock runs out and the occasion is due.
    last_brand : str or None
        Brand bought last.
    """

    __slots__ = ()
    _table = "occasions"
    category = property(lambda self: list(self._market.config.categories)[self._column])
    cycle_days, due_day = _cell("cycle"), _cell("due")

    @property
    def last_brand(self) -> str | None:
        """Brand bought last, None before any order."""
        brand = self._value("last_brand")
        return None if brand < 0 else self._market.brand_names[brand]


def _money(of: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> Column:
    return Column(lambda market, rows: of(market.books.daily.sum(axis=0))[rows] / 100)


def _customers(market: "Market", rows: Rows) -> NDArray[Any]:
    relationships = market.world.relationships
    return ((relationships["orders"][:, rows] > 0) & ~relationships["dropped_out"][:, rows]).sum(
        axis=0
    )


class Brand(RowAgent):
    """A brand. What it does is up to its strategies, so nothing of it can be set.

    Attributes
    ----------
    name : str
    aware : int
        People who know it.
    customers : int
        People with an order who have not left it.
    orders : int
        Orders so far, burn-in included.
    net_revenue, contribution : float
        CNY since day 0.
    """

    __slots__ = ()
    unique_id = Column(lambda market, rows: market.world.people.size + rows + 1)
    name = Column(lambda market, rows: np.array(market.brand_names, object)[rows])
    aware = Column(lambda market, rows: market.world.relationships["aware"][:, rows].sum(axis=0))
    customers = Column(_customers)
    orders = Column(lambda market, rows: market.world.relationships["orders"][:, rows].sum(axis=0))
    net_revenue = _money(net_revenue)
    contribution = _money(contribution)

    @property
    def prices(self) -> dict[str, float]:
        """List price of each product now, in CNY."""
        cents = self.model.world.products["price_cents"]
        parts = [name.partition("/") for name in self.model.product_names]
        return {
            product: cents.item(p) / 100
            for p, (brand, _, product) in enumerate(parts)
            if brand == self.name
        }

    @property
    def strategies(self) -> "dict[str, Strategy]":
        """The strategies of its portfolio, by name."""
        return dict(self.model.config.brands[self.name].strategies)

    @property
    def customer_agents(self) -> Any:
        """AgentSet of its customers."""
        relationships = self.model.world.relationships[:, self.row]
        return self.model.people_at(
            np.flatnonzero((relationships["orders"] > 0) & ~relationships["dropped_out"])
        )


KINDS: tuple[type[RowAgent], ...] = (Customer, KOC, Distributor, Brand)
"""Classes of people, by role, and then of brands."""
