"""What a calibrate study says of a transaction log: the file, and the weeks held out of it.

While a study is read, nothing of its log is looked at but what is before these weeks.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from experiments.identity import file_hash
from experiments.shop import FEWEST
from experiments.sources import is_file
from sim.config.parameters import Param, Parameters
from sim.config.source_map import Problem, Tree
from sim.transactions.log import Log, read
from sim.transactions.spec import LogFile

LEAST_DAYS = 28
"""Days of log before the weeks held out; fewer say nothing of how often anybody buys."""


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"must be a day such as 2024-10-01 (got {text!r})") from None


class HoldOut(Parameters):
    """The weeks of a log that are kept from all that is fitted."""

    start: Annotated[str, AfterValidator(_day)] = Param(
        doc="their first day, as 2024-10-01: lines of this day and later are compared, never fitted"
    )
    weeks: int = Param(13, bounds=(1, 520), unit="weeks", doc="how many")

    @property
    def day(self) -> date:
        """Their first day."""
        return date.fromisoformat(self.start)

    @property
    def days(self) -> int:
        """How many days they have."""
        return 7 * self.weeks


def located(log: LogFile | None, tree: Tree) -> tuple[LogFile | None, list[Problem]]:
    """Return a log whose file can be opened from here; it may lie beside the study's file."""
    if log is None:
        return None, []
    name, path = log.log, ("log", "log")
    if name is None:
        return None, [tree.problem(("log",), "needs `log`, the name of a file")]
    if name.startswith("package:"):
        return log, []
    mark = tree.mark(path)
    beside = (Path(mark.file).parent if mark else Path()) / name
    found = next((p for p in (beside, Path(name)) if is_file(p)), None)
    if found is None:
        what = f"there is no file {name!r}, neither beside this one nor here"
        return None, [tree.problem(path, what)]
    tree.data["log"]["log"] = str(found)
    return log.model_copy(update={"log": str(found)}), []


def log_problems(log: LogFile | None, hold_out: HoldOut | None, tree: Tree) -> Iterator[Problem]:
    """Say what is wrong with a log up to the weeks held out; these are not looked at."""
    if hold_out is not None and "log" not in tree.data:
        yield tree.problem(("hold_out",), "needs `log`, of which it is the end")
    if log is None:
        return
    try:
        found = read(log, hold_out.day if hold_out else None)
    except ValueError as error:
        if hold_out is not None and "no purchases in it" in str(error):
            what = f"leaves nothing to calibrate to: {error}"
            yield tree.problem(("hold_out", "start"), what)
        else:
            yield tree.problem(("log",), str(error))
        return
    if hold_out is None:
        return
    if (days := (hold_out.day - found.start).days) < LEAST_DAYS:
        what = f"leaves {days} days of log before it; at least {LEAST_DAYS} are needed"
        yield tree.problem(("hold_out", "start"), what)
    elif (n := len(found.customers)) < FEWEST:
        what = f"has {n} customers before {hold_out.start}; a comparison needs at least {FEWEST}"
        yield tree.problem(("log",), what)


def log_text(log: LogFile | None, hold_out: HoldOut | None) -> str:
    """Return what of a log makes it another study: what is in the file, and how it is read."""
    if log is None:
        return ""
    own: dict[str, Any] = log.model_dump(mode="json", exclude={"log"})
    held = hold_out.model_dump(mode="json") if hold_out else None
    return json.dumps([file_hash(str(log.log)), own, held])


def before(log: LogFile, hold_out: HoldOut | None) -> tuple[Log, int]:
    """Return the part of a log that may be fitted, and how many days it is of."""
    if hold_out is None:
        found = read(log)
        return found, int(found.day.max()) + 1
    found = read(log, hold_out.day)
    return found, (hold_out.day - found.start).days


def whole_weeks(log: Log, hold_out: HoldOut) -> int:
    """Return how many of the weeks held out the whole log covers to their end."""
    end = log.start + timedelta(int(log.day.max()) + 1)
    return min(max((end - hold_out.day).days, 0) // 7, hold_out.weeks)
