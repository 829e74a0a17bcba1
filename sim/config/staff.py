"""The parameters of a brand's staff: how many touches people can make in a day."""

from sim.config.meanings import number
from sim.config.parameters import Param, Parameters


def _of_a_million(capacity: float) -> str:
    """Say what a capacity comes to in a large market."""
    return f"in a market of a million people that is {number(capacity * 1000)} touches a day"


class Staff(Parameters):
    """Those who make the touches that are not automated, first come first served."""

    capacity: float | None = Param(
        None,
        bounds=(0, 1e6),
        unit="touches per 1,000 people per day",
        doc="most touches by a person; the others wait. 0: none is ever made; none: no limit",
        usual=(0, 1000),
        meaning=_of_a_million,
    )
    max_wait: int | None = Param(
        7,
        bounds=(0, 100_000),
        unit="days",
        doc="a touch that has waited longer is dropped; 0: it is made on its day or not at all; "
        "none: it waits for ever",
        source="assumption: a week after its day a follow-up has lost its subject",
        usual=(0, 90),
    )
