"""The parameters of prepaid passes. All sizes are assumptions: no data on them are known to us."""

from sim.config.meanings import odds, weight
from sim.config.parameters import Param, Parameters


class EntitlementInChoice(Parameters):
    """What is paid for already as a reason to choose a brand."""

    entitlement: float = Param(
        0.5,
        bounds=(0, 100),
        doc="utility of a product whose packs are all paid for ahead",
        source="direction from Gourville and Soman 1998; size an assumption",
        usual=(0, 10),
        meaning=weight,
    )


class PrepaidRules(Parameters):
    """Buying a prepaid pass, and coming with others to draw it down."""

    purchase_intercept: float = Param(
        -6.0,
        bounds=(-100, 100),
        doc="log odds of buying a pass at an order, where it saves nothing; at -100 nobody does",
        usual=(-15, 5),
        meaning=odds,
    )
    saving: float = Param(
        1.0,
        bounds=(0, 100),
        doc="log odds per log of the list price over what the pass takes for a unit",
        usual=(0, 10),
        meaning=odds,
    )
    trust: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds per unit of trust above the prior: what is paid ahead may be lost",
        usual=(-10, 10),
        meaning=odds,
    )
    company: float = Param(
        0.1,
        bounds=(0, 1),
        unit="chance per order",
        doc="drawing brings a tie along, who then knows the brand and has a purchase occasion",
    )
    buzz: float = Param(
        0.05,
        bounds=(0, 1),
        unit="chance per order",
        doc="drawing makes the holder tell a tie what they think of the brand",
    )


BEHAVIOUR: dict[str, type[Parameters]] = {"choice": EntitlementInChoice, "prepaid": PrepaidRules}
