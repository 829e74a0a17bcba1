"""The parameters of inviting friends."""

from sim.config.meanings import odds
from sim.config.parameters import Param, Parameters


class ReferralRules(Parameters):
    """Inviting friends, and following an invitation.

    The motive is delight plus benefit less what asking costs in standing; only those satisfied on
    both counts invite.
    """

    matching: float = Param(
        0.0,
        bounds=(0, 10),
        doc="power of a friend's taste for the brand by which a friend counts when one is chosen to "
        "be invited; 0 = all count alike",
        source="direction from Schmitt, Skiera and Van den Bulte 2011; size an assumption",
        usual=(0, 3),
    )
    asked: float = Param(
        0.2, bounds=(0, 1e6), doc="rate of inviting when asked, per unit of motive", usual=(0, 20)
    )
    spontaneous: float = Param(
        0.1,
        bounds=(0, 1e6),
        doc="rate at which a talk becomes an invitation, per unit of motive",
        usual=(0, 20),
    )
    invitations: float = Param(
        5.0,
        bounds=(0, 50),
        unit="ties",
        doc="mean number of ties invited when asked, times sociability",
        usual=(0, 20),
    )
    emotion: float = Param(1.0, bounds=(0, 100), doc="motive per unit of delight", usual=(0, 10))
    cash: float = Param(1.0, bounds=(0, 100), doc="motive per log unit of cash", usual=(0, 10))
    goods: float = Param(0.8, bounds=(0, 100), doc="motive per log unit of goods", usual=(0, 10))
    points: float = Param(0.7, bounds=(0, 100), doc="motive per log unit of points", usual=(0, 10))
    koc: float = Param(1.5, bounds=(0, 100), doc="multiplies the motive of a KOC", usual=(0, 10))
    cash_cost: float = Param(
        0.35,
        bounds=(0, 100),
        doc="motive lost when friends may think one is paid",
        source="direction from Ryu and Feick 2007; size an assumption",
        usual=(0, 5),
    )
    goods_cost: float = Param(
        0.15, bounds=(0, 100), doc="the same where goods are given", usual=(0, 5)
    )
    points_cost: float = Param(
        0.1, bounds=(0, 100), doc="the same where points are given", usual=(0, 5)
    )
    fairness: float = Param(
        0.6,
        bounds=(0, 1),
        unit="share",
        doc="of that cost and suspicion, taken away when the friend gets something too",
    )
    acceptance_intercept: float = Param(
        -2.5,
        doc="log odds of following an invitation, all else being 0; .inf = all do",
        infinite=True,
        usual=(-10, 10),
    )
    tie: float = Param(
        1.5,
        bounds=(-100, 100),
        doc="log odds of following per unit of tie strength",
        usual=(-10, 10),
        meaning=odds,
    )
    trust: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds of following per unit of trust above the prior",
        usual=(-10, 10),
        meaning=odds,
    )
    known: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of following if one knew the brand before",
        usual=(-10, 10),
        meaning=odds,
    )
    transparency: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of following at fully transparent prices",
        usual=(-10, 10),
        meaning=odds,
    )
    offer: float = Param(
        3.0,
        bounds=(-100, 100),
        doc="log odds of following per unit of discount x deal proneness",
        usual=(-20, 20),
        meaning=odds,
    )
    suspicion: float = Param(
        1.0,
        bounds=(0, 100),
        doc="log odds of following lost per unit of the cost of asking",
        usual=(0, 10),
        meaning=odds,
    )
    refusal: float = Param(
        0.3,
        bounds=(0, 100),
        doc="log odds lost per invitation not followed",
        usual=(0, 10),
        meaning=odds,
    )
    trigger: float = Param(
        0.1,
        bounds=(0, 1),
        doc="chance that following an invitation triggers a purchase occasion at once",
    )
    failed_tie_loss: float = Param(
        0.2, bounds=(0, 1), doc="share of a tie's strength lost when the friend is disappointed"
    )
    failed_trust_loss: float = Param(
        0.2, bounds=(0, 1), doc="share of the referrer's trust lost by that"
    )
    failed_delight_loss: float = Param(1.0, bounds=(0, 1), doc="share of delight lost by that")


BEHAVIOUR = {"referral": ReferralRules}
