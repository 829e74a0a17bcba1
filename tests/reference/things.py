"""What there is in a market besides people: what is sold, said, promised, and written down."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import mesa

from sim.config.market import Category as CategoryConfig
from sim.engine.draws import name_key
from sim.mechanisms.direct_selling.terms import Agency
from sim.mechanisms.referral.terms import Referral
from sim.mechanisms.status.terms import Status
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
        group, own = self.strategy.audience.group, type(self.strategy)
        # under its own name it is drawn by the key that it declares, under another by that
        self.in_draws = own.in_draws() if self.name == own.key() else self.name
        names = (self.in_draws,) if group is None else ("", group)
        self.key = name_key(self.brand.name, self.in_draws)
        self.audience_key = name_key(self.brand.name, *names)
        self.audience: dict[int, bool] = {}


@dataclass(eq=False)
class Programme:
    """A referral programme. Amounts in cents."""

    of: AtWork
    terms: Referral

    def __post_init__(self) -> None:
        self.cash, self.points = cents(self.terms.cash), cents(self.terms.points)
        self.goods = cents(self.terms.goods)


class Brand(mesa.Agent):
    """A seller: what it sells, whom it has at work, its portfolio."""

    def __init__(self, market: mesa.Model, number: int, name: str, config: Any) -> None:
        super().__init__(market)
        self.number, self.name, self.config = number, name, config
        self.key = name_key(name)
        self.products: list[Product] = []
        self.spend = config.advertising.spend
        self.shipping = cents(config.shipping_cost)
        self.advertised = 0.0
        self.portfolio: list[AtWork] = []
        self.programmes: list[Programme] = []
        self.status: Status | None = None
        self.status_of: AtWork | None = None
        self.agency: Agency | None = None
        self.agency_of: AtWork | None = None
        self.steps: dict[tuple[str, Touch, str], Step] = {}
        self.owners: dict[str, AtWork] = {}
        """Which strategy sets a price, by product, and advertising."""

    @property
    def yardstick(self) -> int:
        """The mean price of its products: what rewards are measured against, in cents."""
        prices = [product.config.price for product in self.products]
        return cents(sum(prices) / len(prices))

    def honours(self, programme: Programme) -> bool:
        """Tell whether a friend of a programme counts toward the status: once for a strategy."""
        mine = (p for p in self.programmes if p.of is self.status_of)
        return next(mine, None) is programme

    def level(self, distributor: "Distributor") -> float:
        """Return a distributor's discount off the list price."""
        return self.agency.levels[distributor.level].discount


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

    def does(self, what: Does) -> bool:
        return bool(self.touch.does & what)


@dataclass(eq=False)
class Planned:
    """A touch that is to go out to a person."""

    person: Any
    step: Step
    orders: int
    """Orders of the product when it was planned."""
    order: "Order | None"
    due: int


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
    invitation: "Invitation | None" = None
    seller: "Distributor | None" = None
    resold: bool = False
    released: int = 0
    """What the distributor had paid for the stock that was sold."""

    @property
    def brand(self) -> Brand:
        return self.product.brand


class Kind(Enum):
    OPINION = "opinion"
    INVITATION = "invitation"
    SALES_CALL = "sales call"
    RECRUITING_CALL = "recruiting call"
    DISAPPOINTMENT = "disappointment"


@dataclass(eq=False)
class Word:
    receiver: int
    speaker: int
    brand: Brand
    kind: Kind
    opinion: float
    valence: float
    strength: float
    invitation: "Invitation | None" = None


@dataclass(eq=False)
class Invitation:
    number: int
    brand: Brand
    referrer: int
    friend: int
    day: int
    followed: int = NOT_YET
    order: Order | None = None
    counted: int = NOT_YET
    void: bool = False


@dataclass(eq=False)
class Distributor:
    """One engagement of a person with a brand. Amounts in cents."""

    number: int
    person: Any
    brand: Brand
    upline: "Distributor | None"
    joined: int
    full_time: bool
    level: int = 0
    quit: int = NEVER
    recruits: int = 0
    sales: int = 0
    team: int = 0
    stock: int = 0
    stock_paid: int = 0
    margin: int = 0
    commission: int = 0
    bonus: int = 0
    fee: int = 0
    reviewed: int = 0
    """Earned up to the last review."""
    next_call: float = float("inf")
    next_review: int = NEVER
    due: int = NEVER

    @property
    def at_work(self) -> bool:
        return self.quit == NEVER

    @property
    def earned(self) -> int:
        """What has been earned since joining."""
        return self.margin + self.commission + self.bonus


class State(Enum):
    CLAIMED = "claimed"
    PENDING = "pending"
    KEPT = "kept"
    VOID = "void"
    REFUSED = "refused"


class Owed(Enum):
    REWARD = "reward"
    COMMISSION = "commission"
    BONUS = "bonus"


@dataclass(eq=False)
class Promise:
    """A reward, a commission or a bonus. Amounts in cents, at what they cost."""

    number: int
    owed: Owed
    of: AtWork
    brand: Brand
    person: Any
    """Who gets it, or whose sale it is about."""
    most: int
    lot: float
    order: Order | None = None
    invitation: Invitation | None = None
    programme: Programme | None = None
    recruit: Distributor | None = None
    cash: int = 0
    points: int = 0
    goods: int = 0
    gives_goods: bool = False
    counts: bool = False
    """It counts toward an honour,"""
    completes: bool = False
    """and may be the one that completes the number."""
    state: State = State.CLAIMED
    reserved: int = 0
    due: int = NEVER
