"""What a market file may say: every parameter of the market, declared once.

Money is in CNY here (whole fen count); `sim.state` turns it into integer cents. Targets of
calibration (repeat rates, refund rates and so on) are never parameters: they are outputs.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator, model_validator

from sim.located import ConfigError, Problem
from sim.network import NetworkConfig, SmallWorld
from sim.parameters import Beta, Distribution, Gamma, LogNormal, Param, Parameters
from sim.strategy import Strategy, build_portfolio

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]


class Entry(Parameters):
    """When people come into the category, and when they leave it."""

    kind: Literal["start", "steady", "log"] = Param(
        "start",
        doc="start: all are there on the first day; steady: some come later, evenly; "
        "log: each customer of a transaction log comes on the day of the first purchase",
    )
    later: float = Param(
        0.0, bounds=(0, 1), unit="share of people", doc="steady: share who come after day 0"
    )
    log: str | None = Param(
        None,
        doc="log: a CSV or text file, or package:NAME/PATH for one that a Python package ships",
    )
    customer: str | int = Param("id", doc="log: column of the customer, by name or number from 0")
    date: str | int = Param("date", doc="log: column of the date (YYYYMMDD or YYYY-MM-DD)")


class People(Parameters):
    """Who could buy: how many, and how they differ."""

    n: int = Param(10_000, bounds=(1, 100_000_000), unit="people", doc="number of people")
    entry: Entry = Param(Entry(), doc="when people come into the category")
    exit_rate: float = Param(
        0.0, bounds=(0, 100), unit="per year", doc="rate at which a person leaves the category"
    )
    price_sensitivity: Distribution = Param(
        LogNormal(mean=1, sigma=0.5), doc="multiplies every effect of price"
    )
    sociability: Distribution = Param(Gamma(mean=1, shape=2), doc="multiplies the rate of talk")
    deal_proneness: Distribution = Param(Beta(a=2, b=3), doc="multiplies the pull of an offer")
    contact_sensitivity: Distribution = Param(
        LogNormal(mean=1, sigma=0.5), doc="multiplies the fatigue that a touch causes"
    )


class Category(Parameters):
    """A need that returns, and how often."""

    usage: Distribution = Param(
        Gamma(mean=8, shape=2), unit="needs per period", doc="how often a person needs the category"
    )
    period_days: float = Param(365.0, bounds=(1e-3, None), unit="days", doc="the period of `usage`")
    price: float = Param(
        100.0, bounds=(0.01, None), unit="CNY", doc="usual price, against which prices are judged"
    )
    regularity: float = Param(
        3.0,
        bounds=(0.01, None),
        doc="shape of the Gamma gaps between needs: 1 = exponential, .inf = a fixed cycle",
    )
    retry_days: float = Param(
        7.0, bounds=(0.01, None), unit="days", doc="a skipped need returns after this; .inf = never"
    )
    start: Literal["equilibrium", "fresh", "immediate"] = Param(
        "equilibrium",
        doc="first need: equilibrium: residual life of the cycle; fresh: one whole gap; "
        "immediate: on the day of entry",
    )
    season_amplitude: float = Param(
        0.0, bounds=(0, 0.99), doc="yearly season: the need rate swings by this share of its mean"
    )
    season_peak_day: float = Param(
        0.0, bounds=(0, 366), unit="day of the year", doc="when the season is highest"
    )

    @property
    def cycle_days(self) -> float:
        """Return the gap between needs of a person of average usage, in days."""
        usage = self.usage if isinstance(self.usage, float) else self.usage.mean_value
        return self.period_days / usage if usage > 0 else float("inf")


class NeedRules(Parameters):
    """Consumption beyond the person's own cycle."""

    consumption_flexibility: float = Param(
        0.0, bounds=(0, 1), doc="share of stock bought early or in bulk that is used up in addition"
    )


class ChoiceRules(Parameters):
    """P(brand) is proportional to aware x taste x exp(U); these are the coefficients of U."""

    concentration: float = Param(
        1.2,
        bounds=(1e-3, None),
        doc="S of the Dirichlet: taste for a brand is Gamma(S x share); small = sole buyers",
        source="1 to 2 in published fits of packaged goods; assumption for the market at hand",
    )
    outside_weight: float = Param(
        0.1, bounds=(0, None), doc="w0, the weight of buying nothing, on the scale of taste"
    )
    wait_weight: float = Param(
        1.0, bounds=(0, None), doc="weight of waiting when only a reminder asks"
    )
    satisfaction: float = Param(2.0, doc="utility of one unit of satisfaction above the gate")
    trust: float = Param(1.0, doc="utility of one unit of trust above the prior")
    price: float = Param(1.5, bounds=(0, None), doc="utility lost per log unit of price")
    reference_price: float = Param(
        1.0, bounds=(0, None), doc="utility lost per log unit above the price remembered"
    )
    loss_aversion: float = Param(
        2.0,
        bounds=(0, None),
        doc="how much a price above the reference outweighs one below it",
        source="about 2, Tversky and Kahneman 1992",
    )
    habit: float = Param(
        0.4,
        bounds=(0, None),
        doc="utility of the brand bought last, if it satisfied on both counts",
    )
    offer: float = Param(
        1.0, bounds=(0, None), doc="extra pull per unit of discount, times deal proneness"
    )
    social_proof: float = Param(0.2, bounds=(0, None), doc="utility per good word heard lately")


class ExperienceRules(Parameters):
    """Expectation and disconfirmation (Oliver 1980), product and service apart."""

    prior: float = Param(
        0.6, bounds=(0, 1), doc="satisfaction with product and service before any experience"
    )
    expectation: float = Param(0.6, bounds=(0, 1), doc="quality expected before any experience")
    gate: float = Param(0.5, bounds=(0, 1), doc="satisfied means at or above this")
    exponent: float = Param(
        -8.0, bounds=(None, 1), doc="CES exponent of product and service; -.inf = the lower of both"
    )
    product_learning: float = Param(
        0.5, bounds=(0, 1), doc="weight of the newest use in product satisfaction"
    )
    service_learning: float = Param(
        0.3, bounds=(0, 1), doc="weight of the newest encounter in service satisfaction"
    )
    expectation_learning: float = Param(
        0.3, bounds=(0, 1), doc="weight of the newest use in expectation"
    )
    disconfirmation: float = Param(
        0.5, bounds=(0, None), doc="how far a surprise moves the judgement beyond quality itself"
    )
    loss_aversion: float = Param(
        2.0,
        bounds=(0, None),
        doc="how much a bad surprise outweighs a good one",
        source="about 2:1, Anderson and Sullivan 1993",
    )
    fault_quality: float = Param(
        0.1, bounds=(0, 1), doc="quality and service felt when an order arrives faulty"
    )
    misuse: float = Param(
        0.15, bounds=(0, 1), unit="share", doc="first uses of a product that go wrong untaught"
    )
    misuse_loss: float = Param(0.4, bounds=(0, 1), doc="share of quality lost when used wrongly")
    complaint: float = Param(
        0.5, bounds=(0, 1), unit="share", doc="faulty orders whose buyer asks for the money back"
    )
    regret: float = Param(
        0.2, bounds=(0, None), doc="chance of a refund per unit of quality short of expectation"
    )


class DropoutRules(Parameters):
    """After an experience a person may leave the brand for good (Fader, Hardie and Lee 2005)."""

    propensity: Distribution = Param(
        Beta(a=0.8, b=6.0), unit="chance per experience", doc="each person's chance with each brand"
    )
    after_first: bool = Param(
        True, doc="whether the coin falls after the first order too (false in BG/NBD)"
    )
    tilt: float = Param(
        3.0, bounds=(0, None), doc="log of the hazard per unit of satisfaction below the gate"
    )
    contagion: float = Param(
        1.8,
        bounds=(1, None),
        doc="a tie's defection multiplies the hazard by this at first; 1 = none",
        source="Nitzan and Libai 2011",
    )
    contagion_half_life: float = Param(
        30.0, bounds=(1e-3, None), unit="days", doc="half-life of that effect"
    )


class TrustRules(Parameters):
    """Trust rises slowly with promises kept and falls fast with promises broken."""

    prior: float = Param(0.5, bounds=(0, 1), doc="trust before any experience")
    kept: float = Param(0.05, bounds=(0, 1), doc="share of the way to 1 per promise kept")
    broken: float = Param(0.3, bounds=(0, 1), doc="share of trust lost per promise broken")


class ReferencePriceRules(Parameters):
    """The price a person has come to expect of a brand."""

    learning: float = Param(
        0.25, bounds=(0, 1), doc="weight of the newest price paid in the price remembered"
    )


class TouchRules(Parameters):
    """How people take being contacted."""

    response: float = Param(
        0.35, bounds=(0, 1), unit="share", doc="human touches answered by a rested customer"
    )
    automation_warmth: float = Param(
        0.7, bounds=(0, 1), doc="an automated touch's share of a human one's response and effect"
    )
    service_quality: float = Param(
        0.9, bounds=(0, 1), doc="service felt when a human touch is answered"
    )
    commercial_load: float = Param(
        1.0, bounds=(0, None), doc="fatigue added by a touch that only sells"
    )
    service_load: float = Param(
        0.4, bounds=(0, None), doc="fatigue added by a touch that serves, with or without an offer"
    )
    fatigue_half_life: float = Param(
        14.0, bounds=(1e-3, None), unit="days", doc="half-life of fatigue"
    )
    fatigue_response: float = Param(
        0.5, bounds=(0, None), doc="log response lost per unit of fatigue"
    )
    tolerance: float = Param(
        2.0, bounds=(0, None), doc="fatigue above this costs service satisfaction"
    )
    annoyance: float = Param(
        0.05, bounds=(0, 1), doc="service satisfaction lost per touch and unit above tolerance"
    )
    opt_out: float = Param(
        0.003,
        bounds=(0, 1),
        unit="chance per touch",
        doc="opting out when rested",
        source="below Klaviyo 2023's .6 % a message, which includes fatigued customers",
    )
    fatigue_opt_out: float = Param(
        0.7, bounds=(0, None), doc="log of the opt-out chance per unit of fatigue"
    )
    inert_cycles: float = Param(
        2.0, bounds=(0, None), unit="cycles", doc="silent for this long = inert"
    )
    wake_leave: float = Param(
        0.5,
        bounds=(0, 1),
        doc="a touch makes an inert customer throw the dropout coin with this chance",
        source="direction from Ascarza, Iyengar and Schleicher 2016; size an assumption",
    )
    remind_reach: float = Param(
        21.0, bounds=(0, None), unit="days", doc="a reminder can bring forward a need this close"
    )
    ugc: float = Param(
        0.15, bounds=(0, 1), unit="share", doc="satisfied answerers who post content when asked"
    )
    ugc_reach: int = Param(5, bounds=(0, 1000), unit="ties", doc="ties who see a post, at the most")


class TalkRules(Parameters):
    """Word of mouth: a Poisson process while a customer."""

    rate: float = Param(
        0.01, bounds=(0, None), unit="per day", doc="talk of a customer with average ties"
    )
    constant: float = Param(
        0.3, bounds=(0, 1), doc="share of talk that does not depend on satisfaction"
    )
    negative_weight: float = Param(
        1.5,
        bounds=(0, None),
        doc="how much more the dissatisfied talk",
        source="direction from Anderson 1998; size an assumption",
    )
    awareness: float = Param(1.0, bounds=(0, 1), doc="chance that hearing makes aware")
    wake_on_hearing: float = Param(
        0.01, bounds=(0, 1), doc="chance that hearing no ill wakes the need at once"
    )
    expectation: float = Param(
        0.2, bounds=(0, 1), doc="share of the way to the speaker's view, times tie strength"
    )
    trust: float = Param(0.1, bounds=(0, 1), doc="trust moved by a word, times tie strength")
    half_life: float = Param(
        60.0, bounds=(1e-3, None), unit="days", doc="half-life of a word as social proof"
    )


class AdvertisingRules(Parameters):
    """Spend makes people aware, with diminishing returns."""

    reach: float = Param(
        0.02, bounds=(0, None), unit="per day", doc="rate of becoming aware at unlimited spend"
    )
    half_spend: float = Param(
        100.0,
        bounds=(1e-9, None),
        unit="CNY per 1,000 people per day",
        doc="spend that gives half of that rate",
    )


class Behaviour(Parameters):
    """How people behave; the same for every brand."""

    need: NeedRules = Param(NeedRules(), doc="consumption")
    choice: ChoiceRules = Param(ChoiceRules(), doc="choice among brands")
    experience: ExperienceRules = Param(ExperienceRules(), doc="satisfaction")
    dropout: DropoutRules = Param(DropoutRules(), doc="leaving a brand")
    trust: TrustRules = Param(TrustRules(), doc="trust")
    reference_price: ReferencePriceRules = Param(ReferencePriceRules(), doc="price memory")
    touch: TouchRules = Param(TouchRules(), doc="being contacted")
    talk: TalkRules = Param(TalkRules(), doc="word of mouth")
    advertising: AdvertisingRules = Param(AdvertisingRules(), doc="becoming aware")


class Product(Parameters):
    """One thing a brand sells."""

    category: Name = Param(doc="the category it serves")
    price: float = Param(bounds=(0, 1e7), unit="CNY", doc="list price")
    unit_cost: float = Param(bounds=(0, 1e7), unit="CNY", doc="cost of goods per unit")
    quality: float = Param(0.7, bounds=(0, 1), doc="mean quality as used")
    spread: float = Param(0.1, bounds=(0, 1), doc="standard deviation of quality between orders")
    fault_rate: float = Param(
        0.02, bounds=(0, 1), unit="share", doc="orders that arrive defective or damaged"
    )
    supply_days: float | None = Param(
        None,
        bounds=(1e-3, None),
        unit="days",
        doc="how long a pack lasts the average user; none: one cycle; .inf: durable",
    )
    delivery_days: int = Param(3, bounds=(0, 365), unit="days", doc="from order to arrival")
    promised_days: int | None = Param(
        None, bounds=(0, 365), unit="days", doc="delivery promised; none: delivery_days"
    )
    effect_days: int = Param(
        3, bounds=(0, 365), unit="days", doc="from arrival until quality can be judged"
    )
    refund_days: int = Param(7, bounds=(0, 365), unit="days", doc="refund window after arrival")
    share: float = Param(
        1.0, bounds=(1e-9, None), doc="weight among the brand's products of the category"
    )


class Advertising(Parameters):
    """The default channel of acquisition."""

    spend: float = Param(
        0.0, bounds=(0, 1e9), unit="CNY per 1,000 people per day", doc="spend on becoming known"
    )


class Brand(Parameters):
    """A seller: what it sells, how it serves, and its portfolio of strategies."""

    share: float = Param(
        0.3, bounds=(1e-9, None), doc="mean taste for the brand, as a share of the market"
    )
    awareness: float = Param(
        0.3, bounds=(0, 1), unit="share of people", doc="who know the brand at the start"
    )
    service: float = Param(0.6, bounds=(0, 1), doc="service felt in an ordinary delivery")
    misdelivery: float = Param(
        0.02, bounds=(0, 1), unit="share", doc="first orders sent to a wrong address"
    )
    late: float = Param(
        0.05, bounds=(0, 1), unit="share", doc="orders that arrive late by late_days"
    )
    late_days: int = Param(3, bounds=(0, 365), unit="days", doc="how late")
    shipping_cost: float = Param(
        6.0, bounds=(0, 1e6), unit="CNY per order", doc="paid by the brand"
    )
    message_cost: float = Param(0.05, bounds=(0, 1e4), unit="CNY", doc="one automated touch")
    human_cost: float = Param(1.5, bounds=(0, 1e4), unit="CNY", doc="one touch by a person")
    contact_cap: int | None = Param(
        None, bounds=(0, 1000), unit="touches per 7 days", doc="most touches per customer"
    )
    advertising: Advertising = Param(Advertising(), doc="acquisition")
    products: dict[Name, Product] = Param(doc="what it sells, by name")
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

    days: int = Param(730, bounds=(1, 100_000), unit="days", doc="length of the run")
    burn_in: int = Param(
        180, bounds=(0, 100_000), unit="days", doc="days before day 0, without strategies"
    )
    continuation: int = Param(
        365,
        bounds=(0, 100_000),
        unit="days",
        doc="days run on after the end, without acquisition, to value the customers held",
    )
    discount: float = Param(
        0.10, bounds=(0, 10), unit="per year", doc="rate at which money loses value"
    )
    people: People = Param(People(), doc="who could buy")
    network: NetworkConfig = Param(SmallWorld(mean_degree=10, rewire=0.1), doc="ties")
    behaviour: Behaviour = Param(Behaviour(), doc="how people behave")
    categories: dict[Name, Category] = Param(doc="needs, by name")
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
