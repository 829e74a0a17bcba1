"""The parameters of points."""

from sim.config.meanings import weight
from sim.config.parameters import Param, Parameters


class PointsInChoice(Parameters):
    """Points held as a reason to choose a brand."""

    points: float = Param(
        0.5,
        bounds=(0, 100),
        doc="utility of points held, per log of 1 + their cost over the price",
        usual=(0, 10),
        meaning=weight,
    )


class PointsSpent(Parameters):
    """Spending points."""

    redeem: float = Param(
        0.2, bounds=(0, 1), unit="chance per order", doc="points held are spent on goods"
    )


BEHAVIOUR: dict[str, type[Parameters]] = {"choice": PointsInChoice, "referral": PointsSpent}
