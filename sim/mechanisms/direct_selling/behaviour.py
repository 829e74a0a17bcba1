"""The parameters of selling on one's own account."""

from collections.abc import Iterator

from sim.config.behaviour_social import too_many
from sim.config.meanings import hours, odds, weight
from sim.config.parameters import Param, Parameters
from sim.config.source_map import Path


class DirectSellingRules(Parameters):
    """Selling on one's own account: joining, working, and giving up."""

    join_intercept: float = Param(
        -4.0,
        doc="log odds of joining when asked, all else being 0; .inf = all join",
        infinite=True,
        usual=(-10, 10),
    )
    willingness: float = Param(
        4.0,
        bounds=(-100, 100),
        doc="log odds of joining per unit of willingness",
        usual=(-20, 20),
        meaning=odds,
    )
    prejudice: float = Param(
        0.3,
        bounds=(0, 1),
        unit="share of willingness",
        doc="taken away by prejudice against selling to friends",
    )
    cultivation: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of joining per salon or course attended",
        usual=(-10, 10),
        meaning=odds,
    )
    satisfaction: float = Param(
        2.0,
        bounds=(-100, 100),
        doc="log odds per unit of satisfaction above the satisfaction threshold",
        usual=(-10, 10),
        meaning=odds,
    )
    tie: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds per unit of tie strength, if a distributor asks",
        usual=(-10, 10),
        meaning=odds,
    )
    margin: float = Param(
        2.0,
        bounds=(-100, 100),
        doc="log odds per unit of discount off the list price",
        usual=(-10, 10),
        meaning=odds,
    )
    expected_advancement: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds per unit of discount that higher levels have more, peer bonus included",
        usual=(-10, 10),
        meaning=odds,
    )
    fee: float = Param(
        0.5,
        bounds=(0, 100),
        doc="log odds lost per log of 1 + price of entry over product price",
        usual=(0, 10),
        meaning=odds,
    )
    incumbency: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds of staying with the brand one works for, before its satisfaction",
        usual=(-10, 10),
        meaning=odds,
    )
    full_time: float = Param(
        0.5, bounds=(0, 1), doc="chance per unit of willingness that it is one's only work"
    )
    full_time_factor: float = Param(
        5.0,
        bounds=(0.01, 1000),
        doc="calls and hours of full-time work, relative to part-time",
        usual=(1, 20),
    )
    calls: float = Param(
        3.0, bounds=(0, 1e6), unit="per period", doc="calls on ties in part-time work"
    )
    period_days: float = Param(
        7.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `calls`",
        usual=(0.01, 3650),
        meaning=hours,
    )
    recruiting: float = Param(
        0.2, bounds=(0, 1), unit="share of calls", doc="calls that are about joining"
    )
    persuasion: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="utility of a brand on whose behalf a distributor has just called",
        usual=(0, 10),
        meaning=weight,
    )
    trigger: float = Param(
        0.15, bounds=(0, 1), doc="chance that a sales call triggers a purchase occasion at once"
    )
    call_days: int = Param(
        14, bounds=(0, 365), unit="days", doc="how long an order counts for the call before it"
    )
    tie_erosion: float = Param(
        0.02, bounds=(0, 1), doc="share of a tie's strength lost per call, sales or recruiting"
    )
    review_days: int = Param(
        30, bounds=(1, 3650), unit="days", doc="how often earnings are compared with effort"
    )
    hours: float = Param(
        20.0,
        bounds=(0.01, 720),
        unit="hours per 30 days",
        doc="effort of part-time work",
        usual=(1, 300),
    )
    wage: float = Param(
        20.0,
        bounds=(1e-3, 1e6),
        unit="CNY per hour",
        doc="what the effort should bring",
        usual=(1, 1000),
    )
    quit_intercept: float = Param(
        -3.0,
        doc="log odds of quitting at a review when the effort paid; -.inf = never",
        infinite=True,
        usual=(-10, 10),
    )
    shortfall: float = Param(
        0.5,
        bounds=(0, 100),
        doc="log odds of quitting per unit of what was expected and not earned, from -5 to 5",
        usual=(0, 10),
        meaning=odds,
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that there are more calls than can be made."""
        yield from too_many("calls", self.calls / self.period_days, "calls")


BEHAVIOUR = {"direct_selling": DirectSellingRules}
