"""Do nothing beyond selling and delivering: the arm that all others are measured against."""

from typing import ClassVar

from sim.strategies.interface import Strategy


class DoNothing(Strategy):
    """Do nothing beyond selling and delivering.

    Idea: a brand with an empty portfolio, under a name, so that a study can list it as an arm.
    """

    name: ClassVar[str] = "none"
    draw_key: ClassVar[str] = "none"
