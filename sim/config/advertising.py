"""The parameters of awareness and of advertising: what people do, and what a brand spends."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from sim.config.meanings import a_person, hours, number, per_day
from sim.config.parameters import Param, Parameters
from sim.config.source_map import Path, Problem

if TYPE_CHECKING:
    from sim.config.market import MarketConfig


class AwarenessRules(Parameters):
    """How long people remember a brand, and what restores it."""

    forgetting: float = Param(
        0.0,
        bounds=(0, 100),
        unit="per day",
        doc="rate at which one who has never ordered forgets a brand; 0: never",
        usual=(0, 0.2),
        meaning=per_day("of those who know a brand forget it"),
    )
    forgetting_buyers: float = Param(
        0.0,
        bounds=(0, 100),
        unit="per day",
        doc="the same of one who has ordered",
        usual=(0, 0.2),
        meaning=per_day("of those who know a brand forget it"),
    )
    use: float = Param(
        1.0,
        bounds=(0, 1),
        unit="share",
        doc="uses of an order that bring a forgotten brand back to mind",
        source="assumption: whoever uses a product has it in hand",
    )
    touch: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="touches that bring a forgotten brand back to mind; a lift test has to fix it",
        source="assumption, the cautious end: randomised e-mails brought .3 to .7 orders per 100 in "
        "two weeks (Hillstrom 2008)",
    )

    @property
    def forgets(self) -> bool:
        """Tell whether anybody ever forgets a brand."""
        return self.forgetting > 0 or self.forgetting_buyers > 0


class AdvertisingRules(Parameters):
    """Spend reaches people, with carry-over and diminishing returns."""

    reach: float = Param(
        0.02,
        bounds=(0, 100),
        unit="per day",
        doc="rate of being reached at unlimited spend",
        usual=(0, 1),
        meaning=per_day("of people are reached"),
    )
    half_spend: float = Param(
        100.0,
        bounds=(0.01, 1e9),
        unit="CNY per 1,000 people per day",
        doc="spend that gives half of that rate",
        usual=(0.1, 1e5),
    )
    exponent: float = Param(
        1.0,
        bounds=(0.05, 20),
        doc="shape of the response to spend; 1: returns diminish from the start; above 1: S-shaped",
        source="form: Little 1970 (ADBUDG), the Hill function; 1 an assumption",
        usual=(0.3, 5),
    )
    carryover_half_life: float = Param(
        0.0,
        bounds=(0, 36500),
        unit="days",
        doc="half-life of what earlier spend still does (adstock); 0: spend works on its day only",
        source="form: Broadbent 1979; 0 an assumption",
        usual=(0, 365),
        meaning=hours,
    )
    price_trend: float = Param(
        0.0,
        bounds=(-0.9, 100),
        unit="per year",
        doc="growth of the price of advertising; the same reach then takes so much more spend",
        usual=(-0.5, 1),
    )


class Advertising(Parameters):
    """The default channel of acquisition."""

    spend: float = Param(
        0.0,
        bounds=(0, 1e9),
        unit="CNY per 1,000 people per day",
        doc="spend on becoming known; by share_of_revenue the least, by balance the first",
        usual=(0, 1e4),
        meaning=a_person,
    )
    method: Literal["fixed", "share_of_revenue", "balance"] = Param(
        "fixed",
        doc="how spend is set: fixed; a share of recent net revenue; balance: so much that one "
        "more new customer costs what a customer is worth",
    )
    revenue_share: float = Param(
        0.1, bounds=(0, 1), unit="share of net revenue", doc="share_of_revenue: the share"
    )
    customer_value: float = Param(
        0.0,
        bounds=(0, 1e7),
        unit="CNY",
        doc="balance: what a new customer is worth, before the cost of winning one",
        usual=(0, 1e5),
    )
    half_life: float = Param(
        28.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="share_of_revenue, balance: half-life of the weights of past days in recent means",
        usual=(1, 365),
        meaning=hours,
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that a parameter of another method is given, or that a balance cannot begin."""
        if self.method == "balance" and not (self.spend and self.customer_value):
            what = "by balance nothing is ever spent without a first spend and a customer_value"
            yield ("method",), what
        for name, method in {
            "revenue_share": "share_of_revenue",
            "customer_value": "balance",
        }.items():
            given = getattr(self, name)
            default = type(self).model_fields[name].default
            if self.method != method and given not in (0, default):  # starters write defaults out
                text = f"{number(given)} has no effect: the method is {self.method}"
                yield (name,), text


REST = "the rest of the category"


def rest_problems(config: "MarketConfig") -> Iterator[Problem]:
    """Yield what a brand says that stands for the rest of the category and cannot be."""
    for name, brand in config.brands.items():
        if not brand.rest_of_category:
            continue
        path = f"brands.{name}"
        if brand.strategies:
            what = f"{name} is {REST}: many sellers have no strategies in common; leave them out"
            yield Problem(None, f"{path}.strategies", what)
        if brand.advertising.spend or brand.advertising.method != "fixed":
            what = f"{name} is {REST}: everybody knows it in any case; leave advertising out"
            yield Problem(None, f"{path}.advertising", what)
        if brand.awareness not in (1, type(brand).model_fields["awareness"].default):
            what = f"{name} is {REST}: everybody knows it; leave awareness out, or give 1"
            yield Problem(None, f"{path}.awareness", what)
