"""The parameters of behaviour: how people choose, judge, trust, tire, talk, refer, sell and leave.

The same for every brand. What each does is section 7 of docs/odd.md; the rules themselves are in
`sim/behaviour/`.
"""

from sim.parameters import Beta, Distribution, Param, Parameters


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
    points: float = Param(
        0.5,
        bounds=(0, None),
        doc="utility of points held, per log of 1 + their cost over the price",
    )
    status: float = Param(
        0.3, bounds=(0, None), doc="utility of a brand of which one is a KOC or a distributor"
    )


class ExperienceRules(Parameters):
    """Expectation and disconfirmation (Oliver 1980), product and service apart."""

    prior: float = Param(
        0.6, bounds=(0, 1), doc="satisfaction with product and service before any experience"
    )
    expectation: float = Param(0.6, bounds=(0, 1), doc="quality expected before any experience")
    gate: float = Param(0.5, bounds=(0, 1), doc="satisfied means at or above this")
    exponent: float = Param(
        -8.0,
        bounds=(None, 1),
        doc="CES exponent of product and service; -.inf = the lower of both",
        infinite=True,
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
    delight: float = Param(
        0.5, bounds=(0, None), doc="delight per unit of quality above expectation"
    )
    delight_half_life: float = Param(
        30.0,
        bounds=(1e-3, None),
        unit="days",
        doc="half-life of delight",
        source="it decays: Rust and Oliver 2000; how fast is an assumption",
    )
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
    event_delight: float = Param(
        0.3, bounds=(0, 1), doc="share of the way to full delight that an event attended brings"
    )
    ugc_reach: int = Param(5, bounds=(0, 1000), unit="ties", doc="ties who see a post, at the most")


class TalkRules(Parameters):
    """Word of mouth: a Poisson process while a customer."""

    rate: float = Param(
        0.01, bounds=(0, None), unit="per period", doc="talk of a customer with average ties"
    )
    period_days: float = Param(1.0, bounds=(1e-3, None), unit="days", doc="the period of `rate`")
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


class ReferralRules(Parameters):
    """Inviting friends, and following an invitation.

    The motive is delight plus benefit less what asking costs in standing; only those satisfied on
    both counts invite. Logs of 1 + value / (`scale` x price) measure what a reward is worth.
    """

    asked: float = Param(
        0.2, bounds=(0, None), doc="rate of inviting when asked, per unit of motive"
    )
    spontaneous: float = Param(
        0.1, bounds=(0, None), doc="rate at which a talk becomes an invitation, per unit of motive"
    )
    invitations: float = Param(
        5.0,
        bounds=(0, 50),
        unit="ties",
        doc="mean number of ties invited when asked, times sociability",
    )
    emotion: float = Param(1.0, bounds=(0, None), doc="motive per unit of delight")
    scale: float = Param(
        0.1,
        bounds=(1e-6, None),
        unit="share of price",
        doc="reward that is worth log 2",
        source="about 10 % is usual, ReferralCandy",
    )
    cash: float = Param(1.0, bounds=(0, None), doc="motive per log unit of cash")
    goods: float = Param(0.8, bounds=(0, None), doc="motive per log unit of goods")
    points: float = Param(0.7, bounds=(0, None), doc="motive per log unit of points")
    honour: float = Param(
        0.15, bounds=(0, None), unit="share of price", doc="what the way to an honour is worth"
    )
    gradient: float = Param(
        1.0,
        bounds=(0, None),
        doc="how much more a threshold reward is worth just before it is reached",
        source="direction from Kivetz, Urminsky and Zheng 2006; size an assumption",
    )
    koc: float = Param(1.5, bounds=(0, None), doc="multiplies the motive of a KOC")
    cash_cost: float = Param(
        0.35,
        bounds=(0, None),
        doc="motive lost when friends may think one is paid",
        source="direction from Ryu and Feick 2007; size an assumption",
    )
    goods_cost: float = Param(0.15, bounds=(0, None), doc="the same where goods are given")
    points_cost: float = Param(0.1, bounds=(0, None), doc="the same where points are given")
    fairness: float = Param(
        0.6,
        bounds=(0, 1),
        unit="share",
        doc="of that cost and suspicion, taken away when the friend gets something too",
    )
    caution: float = Param(
        2.5, doc="log odds against following an invitation; -.inf = all do", infinite=True
    )
    tie: float = Param(1.5, doc="log odds of following per unit of tie strength")
    trust: float = Param(1.0, doc="log odds of following per unit of trust above the prior")
    known: float = Param(0.5, doc="log odds of following if one knew the brand before")
    transparency: float = Param(0.5, doc="log odds of following at fully transparent prices")
    offer: float = Param(3.0, doc="log odds of following per unit of discount x deal proneness")
    suspicion: float = Param(
        1.0, bounds=(0, None), doc="log odds of following lost per unit of the cost of asking"
    )
    refusal: float = Param(0.3, bounds=(0, None), doc="log odds lost per invitation not followed")
    wake: float = Param(
        0.1, bounds=(0, 1), doc="chance that following an invitation wakes the need at once"
    )
    bad_tie: float = Param(
        0.2, bounds=(0, 1), doc="share of a tie's strength lost when the friend is disappointed"
    )
    bad_trust: float = Param(0.2, bounds=(0, 1), doc="share of the referrer's trust lost by that")
    bad_delight: float = Param(1.0, bounds=(0, 1), doc="share of delight lost by that")
    redeem: float = Param(
        0.2, bounds=(0, 1), unit="chance per order", doc="points held are spent on goods"
    )


class DistributionRules(Parameters):
    """Selling on one's own account: joining, working, and giving up."""

    reluctance: float = Param(
        4.0, doc="log odds against joining when asked; -.inf = all join", infinite=True
    )
    willingness: float = Param(4.0, doc="log odds of joining per unit of willingness")
    prejudice: float = Param(
        0.3,
        bounds=(0, 1),
        unit="share of willingness",
        doc="taken away by prejudice against selling to friends",
    )
    cultivation: float = Param(0.5, doc="log odds of joining per salon or course attended")
    satisfaction: float = Param(2.0, doc="log odds per unit of satisfaction above the gate")
    tie: float = Param(1.0, doc="log odds per unit of tie strength, if a distributor asks")
    margin: float = Param(2.0, doc="log odds per unit of discount off the list price")
    hope: float = Param(
        1.0, doc="log odds per unit of discount that higher levels have more, peer bonus included"
    )
    fee: float = Param(
        0.5, bounds=(0, None), doc="log odds lost per log of 1 + price of entry over product price"
    )
    incumbency: float = Param(
        1.0, doc="log odds of staying with the brand one works for, before its satisfaction"
    )
    full_time: float = Param(
        0.5, bounds=(0, 1), doc="chance per unit of willingness that it is one's only work"
    )
    full_time_factor: float = Param(
        5.0, bounds=(1e-3, None), doc="calls and hours of full-time work, relative to part-time"
    )
    calls: float = Param(
        3.0, bounds=(0, None), unit="per period", doc="calls on ties in part-time work"
    )
    period_days: float = Param(7.0, bounds=(1e-3, None), unit="days", doc="the period of `calls`")
    recruiting: float = Param(
        0.2, bounds=(0, 1), unit="share of calls", doc="calls that are about joining"
    )
    persuasion: float = Param(
        1.0, doc="utility of a brand on whose behalf a distributor has just called"
    )
    wake: float = Param(0.15, bounds=(0, 1), doc="chance that a sales call wakes the need at once")
    call_days: int = Param(
        14, bounds=(0, 365), unit="days", doc="how long an order counts for the call before it"
    )
    strain: float = Param(
        0.02, bounds=(0, 1), doc="share of a tie's strength lost per call, sales or recruiting"
    )
    review_days: int = Param(
        30, bounds=(1, 3650), unit="days", doc="how often earnings are compared with effort"
    )
    hours: float = Param(
        20.0, bounds=(1e-3, None), unit="hours per 30 days", doc="effort of part-time work"
    )
    wage: float = Param(
        20.0, bounds=(1e-3, 1e6), unit="CNY per hour", doc="what the effort should bring"
    )
    giving_up: float = Param(
        -3.0,
        doc="log odds of quitting at a review when the effort paid; -.inf = never",
        infinite=True,
    )
    shortfall: float = Param(
        0.5,
        bounds=(0, None),
        doc="log odds of quitting per unit of what was expected and not earned, from -5 to 5",
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
    referral: ReferralRules = Param(ReferralRules(), doc="inviting friends")
    distribution: DistributionRules = Param(DistributionRules(), doc="selling on one's own account")
    advertising: AdvertisingRules = Param(AdvertisingRules(), doc="becoming aware")
