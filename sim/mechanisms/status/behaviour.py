"""The parameters of status."""

from sim.config.parameters import Param, Parameters


class StatusRules(Parameters):
    """What recognition moves."""

    status_reward: float = Param(
        0.15,
        bounds=(0, 100),
        unit="share of price",
        doc="what the way to a status reward is worth",
        usual=(0, 2),
    )


BEHAVIOUR = {"referral": StatusRules}
