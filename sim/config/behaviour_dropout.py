"""The parameters of dropout: what ends a relationship with a brand, and whether people come back."""

from typing import Literal

from sim.config.meanings import hours, per_cent, years
from sim.config.parameters import Beta, Constant, Distribution, Param, Parameters, mean_of


class DropoutRules(Parameters):
    """How people drop out of a brand: per order, per unit of time, on disappointment; the sum.

    Per order as in the BG/NBD (Fader, Hardie and Lee 2005), per unit of time as in the Pareto/NBD
    (Schmittlein, Morrison and Colombo 1987). Each form is off where its parameter is 0.
    """

    propensity: Distribution = Param(
        Beta(a=0.8, b=6.0),
        bounds=(0, 1),
        unit="chance per experience",
        doc="per order: each person's chance of dropout with each brand at an experience",
        usual=(0, 0.5),
        meaning=per_cent("of customers drop out after an experience, on average"),
    )
    common: float = Param(
        0.0,
        bounds=(0, 1),
        doc="correlation of how prone a person is to drop out of two brands, of its normal scores: "
        "what is the person's own, and may be alike across ties (`network.homophily_dropout`)",
    )
    after_first: bool = Param(
        True,
        doc="per order: whether the first order brings a chance of dropout too (false in BG/NBD)",
    )
    rate: Distribution = Param(
        Constant(value=0.0),
        bounds=(0, 1e6),
        unit="per period",
        doc="per unit of time: each person's rate of dropout from each brand, from the first order",
    )
    period_days: float = Param(
        365.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `rate`",
        usual=(0.01, 3650),
        meaning=years,
    )
    disappointment: float = Param(
        0.0,
        bounds=(0, 1),
        unit="chance per experience",
        doc="on disappointment: chance of dropout at an experience that disappoints",
    )
    disappoints: Literal["below_threshold", "below_expectation", "either"] = Param(
        "either",
        doc="which experience does: one that leaves a customer dissatisfied with product or "
        "service, one of lower quality than expected, or either",
    )
    comeback: float = Param(
        0.0,
        bounds=(0, 365),
        unit="per year",
        doc="rate at which a person who has dropped out considers the brand again; 0 = never",
        usual=(0, 5),
    )
    satisfaction_effect: float = Param(
        3.0,
        bounds=(0, 100),
        doc="log of chances and rates of dropout per unit of satisfaction below the threshold",
        usual=(0, 20),
    )
    contagion: float = Param(
        1.8,
        bounds=(1, 100),
        doc="a tie's defection multiplies chances and rates by this at first; 1 = none",
        source="Nitzan and Libai 2011",
        usual=(1, 10),
    )
    contagion_half_life: float = Param(
        30.0,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of that effect",
        usual=(0.5, 3650),
        meaning=hours,
    )

    def on_days(self) -> bool:
        """Return whether people drop out or come back on days that are known before."""
        return mean_of(self.rate) > 0 or self.comeback > 0
