"""What a market file may say: every parameter of the market, declared once.

Money is in CNY here (whole fen count); `sim.state` turns it into integer cents. Targets of
calibration (repeat rates, refund rates and so on) are never parameters: they are outputs.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import SerializeAsAny, ValidationInfo, field_validator, model_validator

from sim.brands.portfolio import build_portfolio, problems
from sim.config.advertising import Advertising, rest_problems
from sim.config.audience import NamedAudience, Segments
from sim.config.behaviour import Behaviour
from sim.config.market_remarks import of_market
from sim.config.meanings import (
    ALIKE,
    alike,
    discounted,
    exits,
    hours,
    number,
    per_cent,
    years,
)
from sim.config.names import Name
from sim.config.parameters import Beta, Distribution, Gamma, LogNormal, Param, Parameters, mean_of
from sim.config.sizes import MOST_UNITS, Sizes
from sim.config.source_map import ConfigError, Path, Problem
from sim.config.staff import Staff
from sim.strategies.interface import Strategy
from sim.ties.network import NetworkConfig, SmallWorld
from sim.transactions.spec import LogFile


class EntryRule(Parameters):
    """Which rule people enter by."""

    kind: Literal["start", "steady", "log"] = Param(
        "start",
        doc="start: all are there on the first day; steady: some come later, evenly; "
        "log: each customer of a transaction log comes on the day of the first purchase",
    )
    later: float = Param(
        0.0, bounds=(0, 1), unit="share of people", doc="steady: share who come after day 0"
    )
    over_days: int = Param(
        730,
        bounds=(1, 100_000),
        unit="days",
        doc="steady: those who come later come evenly over so many days from day 0, however long "
        "the run",
    )


class Entry(LogFile, EntryRule):
    """When people come into the category: by a rule, or as the customers of a transaction log."""


class People(Parameters):
    """Who could buy: how many, and how they differ."""

    n: int = Param(10_000, bounds=(1, 100_000_000), unit="people", doc="number of people")
    entry: Entry = Param(Entry(), doc="when people come into the category")
    exit_rate: float = Param(
        0.0,
        bounds=(0, 12),
        unit="per year",
        doc="rate at which a person leaves the category",
        usual=(0, 1),
        meaning=exits,
    )
    price_sensitivity: Distribution = Param(
        LogNormal(mean=1, sigma=0.5),
        bounds=(0, 100),
        doc="multiplies every effect of price",
        usual=(0, 10),
    )
    sociability: Distribution = Param(
        Gamma(mean=1, shape=2), bounds=(0, 100), doc="multiplies the rate of talk", usual=(0, 10)
    )
    deal_proneness: Distribution = Param(
        Beta(a=2, b=3),
        bounds=(0, 1),
        doc="multiplies the pull of an offer",
        usual=ALIKE,
        meaning=alike,
    )
    contact_sensitivity: Distribution = Param(
        LogNormal(mean=1, sigma=0.5),
        bounds=(0, 100),
        doc="multiplies the fatigue that a touch causes",
        usual=(0, 10),
    )
    segments: Segments = Param(
        {},
        doc="kinds of people that brands can tell apart, and the share of people of each; "
        "the rest is in none",
    )
    willingness: Distribution = Param(
        Beta(a=1.5, b=6),
        bounds=(0, 1),
        doc="wish to sell on one's own account, 0 to 1, before prejudice",
        usual=ALIKE,
        meaning=alike,
    )


class Category(Parameters):
    """What people buy again and again, and how often."""

    usage: Distribution = Param(
        Gamma(mean=8, shape=2),
        bounds=(0, 1e6),
        unit="purchase occasions per period",
        doc="how often a person buys in the category, on average",
    )
    period_days: float = Param(
        365.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `usage`",
        usual=(0.01, 3650),
        meaning=years,
    )
    price: float = Param(
        100.0,
        bounds=(0.01, 1e7),
        unit="CNY",
        doc="usual price, against which prices are judged",
        usual=(0.1, 1e5),
    )
    regularity: float = Param(
        3.0,
        bounds=(0.01, None),
        infinite=True,
        doc="shape of the Gamma gaps between occasions: 1 = exponential, .inf = a fixed cycle",
        usual=(0.1, None),
    )
    retry_days: float = Param(
        7.0,
        bounds=(0.01, None),
        unit="days",
        doc="a skipped occasion returns after this; .inf = never",
        infinite=True,
        usual=(0.1, 3650),
        meaning=hours,
    )
    start: Literal["equilibrium", "fresh", "immediate"] = Param(
        "equilibrium",
        doc="first occasion: equilibrium: residual life of the cycle; fresh: one whole gap; "
        "immediate: on the day of entry",
    )
    season_amplitude: float = Param(
        0.0, bounds=(0, 0.99), doc="yearly season: the share by which occasions swing"
    )
    season_peak_day: float = Param(
        0.0, bounds=(0, 366), unit="day of the year", doc="when the season is highest"
    )

    @property
    def cycle_days(self) -> float:
        """Return the gap between occasions of a person of average usage, in days."""
        usage = mean_of(self.usage)
        return self.period_days / usage if usage > 0 else float("inf")

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that occasions come more often than once a day."""
        if self.cycle_days < 1:
            a_day = number(1 / self.cycle_days)
            yield (
                ("usage",),
                f"{a_day} purchase occasions a day on average, of which at most 64 are met",
            )


class Product(Parameters):
    """One thing a brand sells."""

    category: Name = Param(doc="the category it serves")
    price: float = Param(bounds=(0, 1e7), unit="CNY", doc="list price", usual=(0, 1e5))
    unit_cost: float = Param(bounds=(0, 1e7), unit="CNY", doc="cost of goods per unit")
    quality: float = Param(0.7, bounds=(0, 1), doc="mean quality as used")
    spread: float = Param(
        0.1, bounds=(0, 1), doc="standard deviation of quality between orders", usual=(0, 0.5)
    )
    fault_rate: float = Param(
        0.02,
        bounds=(0, 1),
        unit="share",
        doc="orders that arrive defective or damaged",
        usual=(0, 0.3),
        meaning=per_cent("of orders arrive defective or damaged"),
    )
    supply_days: float | None = Param(
        None,
        bounds=(0.01, None),
        infinite=True,
        unit="days",
        doc="how long a pack lasts the average user; none: one cycle; .inf: durable",
        usual=(0.5, 3650),
        meaning=hours,
    )
    sizes: Sizes = Param(
        (1,), unit="packs", doc=f"an order may hold so many packs: ascending, at most {MOST_UNITS}"
    )
    delivery_days: int = Param(
        3, bounds=(0, 365), unit="days", doc="from order to arrival", usual=(0, 90)
    )
    promised_days: int | None = Param(
        None, bounds=(0, 365), unit="days", doc="delivery promised; none: delivery_days"
    )
    effect_days: int = Param(
        3,
        bounds=(0, 365),
        unit="days",
        doc="from arrival until quality can be judged",
        usual=(0, 180),
    )
    refund_days: int = Param(7, bounds=(0, 365), unit="days", doc="refund window after arrival")
    share: float = Param(
        1.0, bounds=(1e-9, 1e9), doc="weight among the brand's products of the category"
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that the product is sold below its cost."""
        if self.unit_cost > self.price > 0:
            text = f"{number(self.unit_cost)} CNY is above the list price of {number(self.price)}"
            yield ("unit_cost",), f"{text}: each order makes a loss"


class Brand(Parameters):
    """A seller: what it sells, how it serves, and its portfolio of strategies."""

    share: float = Param(
        0.3, bounds=(1e-9, 1), doc="mean taste for the brand, as a share of the market"
    )
    awareness: float = Param(
        0.3, bounds=(0, 1), unit="share of people", doc="who know the brand at the start"
    )
    rest_of_category: bool = Param(
        False,
        doc="it stands for all other brands: everybody always knows it, nobody leaves it for good, "
        "and it has no advertising and no strategies",
    )
    service: float = Param(0.6, bounds=(0, 1), doc="service felt in an ordinary delivery")
    transparency: float = Param(
        0.3,
        bounds=(0, 1),
        doc="how plain its price is to see: share of a distributor's buyers who buy direct; "
        "an invitation is followed the sooner",
    )
    never_left: bool = Param(False, doc="nobody drops out of it: as of all other brands together")
    misdelivery: float = Param(
        0.02,
        bounds=(0, 1),
        unit="share",
        doc="first orders sent to a wrong address",
        usual=(0, 0.3),
        meaning=per_cent("of first orders go to a wrong address"),
    )
    late: float = Param(
        0.05,
        bounds=(0, 1),
        unit="share",
        doc="orders that arrive late by late_days",
        usual=(0, 0.5),
        meaning=per_cent("of orders are late"),
    )
    late_days: int = Param(3, bounds=(0, 365), unit="days", doc="how late", usual=(0, 90))
    shipping_cost: float = Param(
        6.0, bounds=(0, 1e6), unit="CNY per order", doc="paid by the brand", usual=(0, 500)
    )
    message_cost: float = Param(
        0.05, bounds=(0, 1e4), unit="CNY", doc="one automated touch", usual=(0, 10)
    )
    human_cost: float = Param(
        1.5, bounds=(0, 1e4), unit="CNY", doc="one touch by a person", usual=(0, 200)
    )
    contact_cap: int | None = Param(
        None, bounds=(0, 1000), unit="touches per 7 days", doc="most touches per customer"
    )
    staff: Staff = Param(Staff(), doc="who makes the touches that are not automated")
    advertising: Advertising = Param(Advertising(), doc="acquisition")
    products: dict[Name, Product] = Param(doc="what it sells, by name")
    audiences: dict[Name, NamedAudience] = Param(
        {}, doc="audiences that strategies can name as their `group`, by name"
    )
    strategies: dict[str, SerializeAsAny[Strategy]] = Param(
        {}, doc="its portfolio, by strategy name"
    )

    @field_validator("strategies", mode="plain", json_schema_input_type=dict[str, Any])
    @classmethod
    def _portfolio(cls, value: Any, info: ValidationInfo) -> dict[str, Strategy]:
        return build_portfolio(value, strict=info.mode == "json")

    @field_validator("products")
    @classmethod
    def _sells(cls, value: dict[str, Product]) -> dict[str, Product]:
        if not value:
            raise ValueError("a brand needs at least one product")
        return value


class MarketConfig(Parameters):
    """A whole market: everything a run needs besides its seed."""

    notice: str = Param(
        "",
        doc="what a reader of any result must know first, for instance that the market is not "
        "calibrated; printed first, and without effect on the run",
    )
    days: int = Param(
        730,
        bounds=(1, 100_000),
        unit="days",
        doc="length of the run",
        usual=(1, 20_000),
        meaning=years,
    )
    burn_in: int = Param(
        180,
        bounds=(0, 100_000),
        unit="days",
        doc="days before day 0, without strategies",
        usual=(0, 3650),
        meaning=years,
    )
    terminal_period: int = Param(
        365,
        bounds=(0, 100_000),
        unit="days",
        doc="days run on after the end, without acquisition, to value the customers held",
        usual=(0, 3650),
        meaning=years,
    )
    discount: float = Param(
        0.10,
        bounds=(0, 1),
        unit="per year",
        doc="rate at which money loses value",
        usual=(0, 0.3),
        meaning=discounted,
    )
    people: People = Param(People(), doc="who could buy")
    network: NetworkConfig = Param(SmallWorld(mean_degree=10, rewire=0.1), doc="ties")
    behaviour: Behaviour = Param(Behaviour(), doc="how people behave")
    categories: dict[Name, Category] = Param(doc="what is bought, by name")
    brands: dict[Name, Brand] = Param(doc="sellers, by name")

    @field_validator("categories", "brands")
    @classmethod
    def _some(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if not value:
            raise ValueError(f"a market needs at least one of its {info.field_name}")
        if len(value) > 1000:
            raise ValueError(f"at most 1000 {info.field_name}")
        return value

    @model_validator(mode="after")
    def _known_categories(self) -> "MarketConfig":
        for brand, spec in self.brands.items():
            for product, item in spec.products.items():
                if item.category not in self.categories:
                    path = f"brands.{brand}.products.{product}.category"
                    known = ", ".join(self.categories)
                    what = f"no category {item.category!r}; this market has {known}"
                    raise ConfigError([Problem(None, path, what)])
        return self

    @model_validator(mode="after")
    def _strategies_fit(self) -> "MarketConfig":
        if found := [*rest_problems(self), *problems(self)]:
            raise ConfigError(found)
        return self

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield what is unusual about parameters of different groups."""
        yield from of_market(self)
