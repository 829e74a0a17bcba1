"""The parameters of behaviour: how people choose, judge, trust, tire, talk, refer, sell and leave.

The same for every brand. What each does is section 7 of docs/odd.md; the rules themselves are in
`sim/people/` and `sim/mechanisms/`. Dropout is in `behaviour_dropout.py`, talk and rewards in
`behaviour_social.py`, awareness and advertising in `advertising.py`, and what a mechanism adds is
in `behaviour.py` of its folder.
"""

from typing import TYPE_CHECKING, Any

from sim.config.advertising import AdvertisingRules, AwarenessRules
from sim.config.behaviour_dropout import DropoutRules
from sim.config.behaviour_social import RewardRules, TalkRules, TieRules
from sim.config.composition import Groups, composed, together
from sim.config.meanings import hours, per_cent, weight, years
from sim.config.parameters import Constant, Distribution, Param, Parameters
from sim.mechanisms.declarations import behaviour as of_mechanisms


class PurchaseOccasionRules(Parameters):
    """Consumption beyond the person's own cycle."""

    consumption_flexibility: float = Param(
        0.0, bounds=(0, 1), doc="share of stock bought early or in bulk that is used up in addition"
    )


class ChoiceRules(Parameters):
    """P(brand) is proportional to aware x taste x exp(U); these are the coefficients of U."""

    concentration: float = Param(
        1.2,
        bounds=(1e-3, 1e6),
        doc="S of the Dirichlet: taste for a brand is Gamma(S x share); small = sole buyers",
        source="1 to 2 in published fits of packaged goods; assumption for the market at hand",
    )
    outside_weight: float = Param(
        0.1,
        bounds=(0, 1e6),
        doc="w0, the weight of buying nothing, on the scale of taste",
        usual=(0, 10),
    )
    wait_weight: float = Param(
        1.0, bounds=(0, 1e6), doc="weight of waiting when only a reminder asks", usual=(0, 100)
    )
    satisfaction: float = Param(
        2.0,
        bounds=(-100, 100),
        doc="utility of one unit of satisfaction above the satisfaction threshold",
        usual=(0, 10),
        meaning=weight,
    )
    trust: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="utility of one unit of trust above the prior",
        usual=(0, 10),
        meaning=weight,
    )
    price: float = Param(
        1.5,
        bounds=(0, 100),
        doc="utility lost per log unit of price",
        usual=(0, 10),
        meaning=weight,
    )
    reference_price: float = Param(
        1.0,
        bounds=(0, 100),
        doc="utility lost per log unit above the price remembered",
        usual=(0, 10),
        meaning=weight,
    )
    loss_aversion: float = Param(
        2.0,
        bounds=(0, 100),
        doc="how much a price above the reference outweighs one below it",
        source="about 2, Tversky and Kahneman 1992",
        usual=(0, 10),
    )
    habit: float = Param(
        0.4,
        bounds=(0, 100),
        doc="utility of the brand bought last, if it satisfied on both counts",
        usual=(0, 5),
        meaning=weight,
    )
    offer: float = Param(
        1.0,
        bounds=(0, 100),
        doc="extra pull per unit of discount, times deal proneness",
        usual=(0, 20),
        meaning=weight,
    )
    social_proof: float = Param(
        0.2,
        bounds=(0, 100),
        doc="utility per positive message received lately",
        usual=(0, 5),
        meaning=weight,
    )
    status: float = Param(
        0.3,
        bounds=(0, 100),
        doc="utility of a brand of which one is a KOC or a distributor",
        usual=(0, 5),
        meaning=weight,
    )
    holding_cost: float = Param(
        0.5,
        bounds=(0, 100),
        unit="log odds per further pack",
        doc="utility lost per pack of an order beyond the first: cash and space tied up",
        usual=(0, 5),
        meaning=weight,
    )
    size_dissimilarity: float = Param(
        0.5,
        bounds=(0.01, 1),
        doc="how independent chance is between sizes of a product: 1 = as between products, near 0 "
        "= the size of highest utility is bought",
        source="0 to 1 where people maximise utility, McFadden 1978; the value is an assumption",
    )


class ExperienceRules(Parameters):
    """Expectation and disconfirmation (Oliver 1980), product and service apart."""

    prior: float = Param(
        0.6, bounds=(0, 1), doc="satisfaction with product and service before any experience"
    )
    expectation: Distribution = Param(
        Constant(value=0.6),
        bounds=(0, 1),
        doc="quality that a person expects before any experience",
    )
    satisfaction_threshold: float = Param(
        0.5, bounds=(0, 1), doc="satisfied means at or above this"
    )
    exponent: float = Param(
        -8.0,
        bounds=(None, 1),
        doc="CES exponent of product and service; -.inf = the lower of both",
        infinite=True,
        usual=(-100, 1),
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
        0.5,
        bounds=(0, 100),
        doc="how far a surprise moves the judgement beyond quality itself",
        usual=(0, 5),
    )
    loss_aversion: float = Param(
        2.0,
        bounds=(0, 100),
        doc="how much a bad surprise outweighs a good one",
        source="about 2:1, Anderson and Sullivan 1993",
        usual=(0, 10),
    )
    fault_quality: float = Param(
        0.1, bounds=(0, 1), doc="quality and service felt when an order arrives faulty"
    )
    misuse: float = Param(
        0.15,
        bounds=(0, 1),
        unit="share",
        doc="first uses of a product that go wrong untaught",
        usual=(0, 0.5),
        meaning=per_cent("of first uses"),
    )
    misuse_loss: float = Param(0.4, bounds=(0, 1), doc="share of quality lost when used wrongly")
    delight: float = Param(
        0.5, bounds=(0, 100), doc="delight per unit of quality above expectation", usual=(0, 5)
    )
    delight_half_life: float = Param(
        30.0,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of delight",
        source="it decays: Rust and Oliver 2000; how fast is an assumption",
        usual=(0.5, 3650),
        meaning=hours,
    )
    complaint: float = Param(
        0.5, bounds=(0, 1), unit="share", doc="faulty orders whose buyer asks for the money back"
    )
    regret: float = Param(
        0.2,
        bounds=(0, 100),
        doc="chance of a refund per unit of quality short of expectation",
        usual=(0, 5),
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
        1.0, bounds=(0, 100), doc="fatigue added by a touch that only sells", usual=(0, 10)
    )
    service_load: float = Param(
        0.4,
        bounds=(0, 100),
        doc="fatigue added by a touch that serves, with or without an offer",
        usual=(0, 10),
    )
    fatigue_half_life: float = Param(
        14.0,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of fatigue",
        usual=(0.5, 3650),
        meaning=hours,
    )
    fatigue_response: float = Param(
        0.5, bounds=(0, 100), doc="log response lost per unit of fatigue", usual=(0, 5)
    )
    tolerance: float = Param(
        2.0, bounds=(0, 1e6), doc="fatigue above this costs service satisfaction", usual=(0, 100)
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
        usual=(0, 0.1),
        meaning=per_cent("of customers opt out at each touch, when rested"),
    )
    fatigue_opt_out: float = Param(
        0.7, bounds=(0, 100), doc="log of the opt-out chance per unit of fatigue", usual=(0, 5)
    )
    inert_cycles: float = Param(
        2.0, bounds=(0, 1e6), unit="cycles", doc="silent for this long = inert", usual=(0, 20)
    )
    inert_dropout: float = Param(
        0.5,
        bounds=(0, 1),
        doc="chance that a touch adds the hazard of one more order, and of the silence once more, "
        "to that of an inert customer",
        source="direction from Ascarza, Iyengar and Schleicher 2016; size an assumption",
    )
    remind_reach: float = Param(
        21.0,
        bounds=(0, 36500),
        unit="days",
        doc="a reminder can bring forward a purchase occasion this close",
        usual=(0, 365),
        meaning=years,
    )
    ugc: float = Param(
        0.15, bounds=(0, 1), unit="share", doc="satisfied answerers who post content when asked"
    )
    event_delight: float = Param(
        0.3, bounds=(0, 1), doc="share of the way to full delight that an event attended brings"
    )
    ugc_reach: int = Param(
        5, bounds=(0, 1000), unit="ties", doc="ties who see a post, at the most", usual=(0, 200)
    )


_CORE: Groups = {
    "purchase_occasion": (PurchaseOccasionRules, "consumption"),
    "choice": (ChoiceRules, "choice among brands"),
    "experience": (ExperienceRules, "satisfaction"),
    "dropout": (DropoutRules, "leaving a brand"),
    "trust": (TrustRules, "trust"),
    "reference_price": (ReferencePriceRules, "price memory"),
    "touch": (TouchRules, "being contacted"),
    "talk": (TalkRules, "word of mouth"),
    "ties": (TieRules, "ties between people"),
    "referral": (RewardRules, "inviting friends"),
    "advertising": (AdvertisingRules, "being reached by advertising"),
    "awareness": (AwarenessRules, "forgetting a brand"),
}
"""The groups that the market itself declares: their parameters, and what they are about."""

if TYPE_CHECKING:

    class Behaviour(Parameters):
        """How people behave; the same for every brand."""

        def __getattr__(self, name: str) -> Any: ...

else:
    _GROUPS = composed(_CORE, of_mechanisms(), __name__)
    # pickle looks for a class by its name
    vars().update({rules.__name__: rules for rules, _ in _GROUPS.values()})
    Behaviour = together(
        "Behaviour", "How people behave; the same for every brand.", _GROUPS, __name__
    )
