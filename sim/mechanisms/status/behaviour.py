"""The parameters of status."""

from sim.config.parameters import Param, Parameters


class StatusRules(Parameters):
    """What recognition moves."""

    honour: float = Param(
        0.15,
        bounds=(0, 100),
        unit="share of price",
        doc="what the way to an honour is worth",
        usual=(0, 2),
    )


BEHAVIOUR = {"referral": StatusRules}
