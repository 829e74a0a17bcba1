"""What there is in a market besides people: what is sold, said, promised, and written down."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import mesa

from sim.config.market import Category as CategoryConfig
from sim.engine.draws import name_key
from sim.strategies.interface import Does, ProductFacts, Strategy, Touch

from .figures import NEVER, NOT_YET, cents


class Category:
    def __init__(self, number: int, name: str, config: CategoryConfig) -> None:
        self.number, self.name, self.config = number, name, config
        self.key = name_key(name)
        self.usual = cents(config.price)
        self.typical_cycle = config.cycle_days
        self.products: list[Product] = []


class Product:
    """What a brand sells. Prices in cents; `base` is that at the start, `price` that of today."""

    def __init__(
        self, number: int, name: str, brand: "Brand", category: Category, config: Any
    ) -> None:
        self.number, self.name, self.brand, self.category = number, name, brand, category
        self.config = config
        self.key = name_key(brand.name, name)
        self.base = self.price = cents(config.price)
        self.unit_cost = cents(config.unit_cost)
        self.promised_days = (
            config.delivery_days if config.promised_days is None else config.promised_days
        )
        lasts = config.supply_days
        self.cycles = 1.0 if lasts is None else lasts / category.typical_cycle
        self.nominal_cycle = category.typical_cycle if lasts is None else lasts
        self.journey: list[Step] = []

    @property
    def list_price(self) -> int:
        return max(self.base, self.price)

    @property
    def share(self) -> float:
        """Its share among the brand's products of the category."""
        weights = [p.config.share for p in self.brand.products if p.category is self.category]
        return self.config.share / sum(weights)

    def facts(self) -> ProductFacts:
        c = self.config
        return ProductFacts(
            name=self.name,
            category=self.category.name,
            price=c.price,
            cycle_days=self.nominal_cycle,
            delivery_days=c.delivery_days,
            effect_days=c.effect_days,
            refund_days=c.refund_days,
        )


@dataclass(eq=False)
class AtWork:
    """A strategy of a brand, and its money. Amounts in cents."""

    brand: "Brand"
    name: str
    strategy: Strategy
    budget: int | None
    spent: int = 0
    reserved: int = 0
    answers: Any = None

    def __post_init__(self) -> None:
        audience, own = self.strategy.audience, type(self.strategy)
        # under its own name it is drawn by the key that it declares, under another by that
        self.in_draws = own.in_draws() if self.name == own.key() else self.name
        group = audience.group
        names = (self.in_draws,) if group is None else ("", group)
        self.key = name_key(self.brand.name, self.in_draws)
        self.audience_key = name_key(self.brand.name, *names)
        self.audience: dict[int, bool] = {}
        self.share, self.rules = audience.share, [audience.who]
        """Of its own audience and of that of the brand which it names."""
        if (named := self.brand.config.audiences.get(group)) is not None:
            self.share = min(self.share, named.share)
            self.rules.append(named.who)

    def sends(self, touch: Touch) -> bool:
        """Return whether the part that a touch belongs to is on."""
        return touch.part is None or getattr(self.strategy, touch.part)


class Brand(mesa.Agent):
    """A seller: what it sells, whom it has at work, its portfolio."""

    def __init__(self, market: mesa.Model, number: int, name: str, config: Any) -> None:
        super().__init__(market)
        self.number, self.name, self.config = number, name, config
        self.key = name_key(name)
        self.products: list[Product] = []
        self.prospects: Any = None
        self.spend, self.ad_method = config.advertising.spend, config.advertising.method
        self.shipping = cents(config.shipping_cost)
        self.adstock = self.clock = 0.0
        self.waiting: list[tuple[float, int]] = []
        """Who waits to be reached, and the reading of the clock at which that happens."""
        self.ad_cents = 0
        self.mean_net = self.mean_reached = self.mean_won = 0.0
        self.before = (0, 0)
        """Prospects reached and won when the day began."""
        self.portfolio: list[AtWork] = []
        self.queue: list[Planned] = []
        """Touches by a person that wait for its staff."""
        self.steps: dict[tuple[str, Touch, str], Step] = {}
        self.owners: dict[str, AtWork] = {}
        """Which strategy sets a price, by product, and advertising."""

    @cached_property
    def yardstick(self) -> int:
        """The mean price of its products: what rewards are measured against, in cents."""
        prices = [product.config.price for product in self.products]
        return cents(sum(prices) / len(prices))


@dataclass(eq=False)
class Step:
    """A touch that a strategy sends, of a product or of none."""

    of: AtWork
    touch: Touch
    product: Product | None

    def __post_init__(self) -> None:
        name = self.product.name if self.product else ""
        self.key = name_key(self.of.brand.name, self.of.in_draws, self.touch.in_draws, name)
        brand = self.of.brand.config
        self.contact = cents(brand.human_cost if self.touch.human else brand.message_cost)
        self.event = cents(self.touch.cost)
        self.content = int(self.touch.does)

    def does(self, what: Does) -> bool:
        return self.content & int(what) != 0  # of flags it would take ten times as long


@dataclass(eq=False)
class Planned:
    """A touch that is to go out to a person."""

    person: Any
    step: Step
    orders: int
    """Orders of the product when it was planned."""
    order: "Order | None"
    due: int

    @property
    def brand(self) -> Brand:
        return self.step.of.brand


@dataclass(eq=False)
class Order:
    number: int
    person: Any
    product: Product
    day: int
    units: int
    nth: int
    nth_product: int
    list: int
    paid: int
    reminded: bool
    misaddressed: bool = False
    faulty: bool = False
    taught: bool = False
    misused: bool = False
    refunded: bool = False
    arrived: int = NOT_YET
    due: int = NEVER

    @property
    def brand(self) -> Brand:
        return self.product.brand


OPINION = "OPINION"
"""The kind of a word that is nothing more."""


@dataclass(eq=False)
class Word:
    receiver: int
    speaker: int
    brand: Brand
    kind: str
    opinion: float
    valence: float
    strength: float
    about: Any = None
    """What it is about, with a number."""


class State(Enum):
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    VESTED = "vested"
    VOID = "void"
    UNFUNDED = "unfunded"


@dataclass(eq=False)
class Accrual:
    """What a brand owes somebody, once a window has closed. Amounts in cents, at what they cost."""

    number: int
    kind: str
    of: AtWork
    brand: Brand
    person: Any
    """Who gets it, or whose sale it is about."""
    lot: float
    due: int
    order: Order | None = None
    terms: Any = None
    """Under which it is claimed."""
    about: Any = None
    cash: int = 0
    points: int = 0
    goods: int = 0
    reserve: int = 0
    """Of the budget, for what may come on top,"""
    keeps_reserve: bool = False
    """which stays reserved when the rest is due."""
    state: State = State.CLAIMED

    @property
    def cost(self) -> int:
        return self.cash + self.points + self.goods

    @property
    def most(self) -> int:
        """What it may come to."""
        return self.cost + self.reserve
