"""What a reader must know of the transaction logs that the markets of a study use."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from experiments.kinds import Tables
from experiments.study import Study
from sim.config.market import Entry
from sim.transactions.log import Log, read

TABLE = "log_notes"
"""Name of the table of `tables`."""


def notes(study: Study) -> list[str]:
    """Say what was read from the logs, what was set aside, and why.

    Returns
    -------
    list of str
        Sentences; one that says so, if a log cannot be read any more.
    """
    out: dict[str, None] = {}
    for market in study.points.samples():
        entry = Entry.model_validate(dict(market["people"]["entry"]))
        if entry.kind != "log":
            continue
        try:
            log = read(entry)
        except ValueError as error:
            out[f"The transaction log cannot be read now: {error}."] = None
            continue
        out |= dict.fromkeys([*log.notes, *_people(market, log), *_late(market, log)])
    return list(out)


def _people(market: Mapping[str, Any], log: Log) -> list[str]:
    """Say so if there are not as many people as customers."""
    people, customers = market["people"]["n"], len(log.customers)
    if people == customers:
        return []
    return [
        f"people.n is {people:,}, and {log.name} has {customers:,} customers: what is simulated is "
        f"multiplied by {customers / people:.4g} where it stands beside the log. With people.n: "
        f"{customers} each customer comes once."
    ]


def _late(market: Mapping[str, Any], log: Log) -> list[str]:
    """Say so if customers come after the run has ended."""
    late = log.first_days[log.first_days >= market["days"]]
    if not late.size:
        return []
    days = sorted({int(late.min()), int(late.max())})
    when = " to ".join(f"{log.start + timedelta(day)}" for day in days)
    return [
        f"{late.size:,} of {len(log.customers):,} customers of {log.name} come after the end of "
        f"the run: they bought first on {when}, day {' to '.join(map(str, days))} after the first "
        f"date of the log ({log.start}), and days is {market['days']}. If the first date is a "
        "mistake, correct it; if not, say more days."
    ]


def readable(market: Mapping[str, Any]) -> bool:
    """Tell whether a market's log can still be read; if not, `notes` says why."""
    try:
        read(Entry.model_validate(dict(market["people"]["entry"])))
    except ValueError:
        return False
    return True


def tables(study: Study) -> Tables:
    """Return the table of what `notes` says, if there is anything to say."""
    found = notes(study)
    return {TABLE: pd.DataFrame({"note": found})} if found else {}


def caveats(tables: Tables) -> list[str]:
    """Return what `notes` said when the summary was made."""
    return list(tables[TABLE]["note"]) if TABLE in tables else []
