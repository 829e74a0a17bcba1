"""Metrics of a brand's staff: how busy it is, and how long touches by a person wait for it.

Without a capacity (`brands.B.staff.capacity`) nothing waits, and how busy staff is is not defined.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records
from experiments.registry import Numbers, flow, metric, ratio


@flow("touches by a person", "touches")
def human_touches(records: Records) -> NDArray[np.int64]:
    """Touches that were made by a person over the run."""
    return records.counted("human_touches")


@flow("capacity of staff", "touches")
def human_capacity(records: Records) -> NDArray[np.int64]:
    """Touches that staff could have made over the run; 0 without a capacity."""
    return records.counted("human_capacity")


@metric("utilisation of staff", "share")
def human_utilisation(records: Records) -> Numbers:
    """Touches made by a person over those that staff could have made."""
    return ratio(records.count("human_touches"), records.count("human_capacity"))


@metric("mean wait for staff", "days")
def human_wait(records: Records) -> Numbers:
    """Mean days by which touches made by a person came after their day; 0 for those in time."""
    return ratio(records.count("human_wait_days"), records.count("human_touches"))


@metric("touches by a person made late", "share")
def human_late_share(records: Records) -> Numbers:
    """Share of the touches made by a person that came after their day."""
    return ratio(records.count("human_touches_late"), records.count("human_touches"))


@metric("touches by a person dropped while waiting", "share")
def human_dropped_share(records: Records) -> Numbers:
    """Share of the touches made or dropped by the last day that the wait for staff cost.

    They had waited too long, or no longer made sense when somebody had time.
    """
    dropped = records.count("human_touches_expired") + records.count("human_touches_moot")
    return ratio(dropped, dropped + records.count("human_touches"))


@metric("touches waiting for staff, daily mean", "touches")
def human_backlog(records: Records) -> Numbers:
    """Mean number of touches by a person that wait in the evening; 0 without a capacity."""
    return records.counted("human_touches_waiting").mean(axis=0)


@metric("touches waiting for staff on the last day", "touches")
def human_backlog_last(records: Records) -> Numbers:
    """Touches by a person that wait in the evening of the last day."""
    return records.counted("human_touches_waiting")[-1].astype(float)
