"""The parameters of talk, of ties, and of what rewards are worth."""

import math
from collections.abc import Iterator

from sim.config.meanings import hours, number
from sim.config.parameters import Param, Parameters
from sim.config.source_map import Path

MOST_A_DAY = 64
"""Messages, or calls, of one person about one brand on one day; more are not made."""


class TalkRules(Parameters):
    """Word of mouth: a Poisson process while a customer."""

    rate: float = Param(
        0.01, bounds=(0, 1e6), unit="per period", doc="talk of a customer with average ties"
    )
    period_days: float = Param(
        1.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `rate`",
        usual=(0.01, 3650),
        meaning=hours,
    )
    constant: float = Param(
        0.3, bounds=(0, 1), doc="share of talk that does not depend on satisfaction"
    )
    negative_weight: float = Param(
        1.5,
        bounds=(0, 100),
        doc="how much more the dissatisfied talk",
        source="direction from Anderson 1998; size an assumption",
        usual=(0, 10),
    )
    awareness: float = Param(1.0, bounds=(0, 1), doc="chance that hearing makes aware")
    trigger: float = Param(
        0.01, bounds=(0, 1), doc="chance that hearing no ill triggers a purchase occasion at once"
    )
    expectation: float = Param(
        0.2, bounds=(0, 1), doc="share of the way to the speaker's view, times tie strength"
    )
    trust: float = Param(0.1, bounds=(0, 1), doc="trust moved by a message, times tie strength")
    half_life: float = Param(
        60.0,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of a message as social proof",
        usual=(0.5, 3650),
        meaning=hours,
    )

    contacts: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="talk that reaches a contact in place of a close tie, where people have contacts",
        source="strong ties carry most of it: Brown and Reingen 1987",
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that there is more talk than can be held."""
        yield from too_many("rate", self.rate / self.period_days, "messages")


class TieRules(Parameters):
    """What makes a close tie stronger, and weaker when nothing is said along it."""

    shared: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="of the way to 1 that a tie gains when what a friend recommended satisfies",
    )
    kept: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="of the way to 1 that a tie gains when the reward for a friend is paid, or what a tie "
        "has sold is kept",
    )
    half_life: float = Param(
        math.inf,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of what a tie has above a contact, from its last use; .inf = no fading",
        source="ties decay without use: Burt 2000; how fast is an assumption",
        infinite=True,
        usual=(7, 3650),
        meaning=hours,
    )


class RewardRules(Parameters):
    """What a reward is worth: the log of 1 + value / (`scale` x price)."""

    scale: float = Param(
        0.1,
        bounds=(1e-4, 100),
        unit="share of price",
        doc="reward that is worth log 2",
        source="about 10 % is usual, ReferralCandy",
        usual=(0.01, 2),
    )
    gradient: float = Param(
        1.0,
        bounds=(0, 100),
        doc="how much more a threshold reward is worth just before it is reached",
        source="direction from Kivetz, Urminsky and Zheng 2006; size an assumption",
        usual=(0, 10),
    )


def too_many(name: str, a_day: float, what: str) -> Iterator[tuple[Path, str]]:
    """Yield that more of something happens a day than can be held."""
    if a_day > MOST_A_DAY:
        yield (name,), f"{number(a_day)} {what} a day, of which at most {MOST_A_DAY} are made"
