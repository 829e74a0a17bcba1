"""What is unusual about values of a market from different groups."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.config.lag import lag
from sim.config.meanings import number
from sim.config.parameters import mean_of
from sim.config.source_map import Path

if TYPE_CHECKING:
    from sim.config.market import MarketConfig

FAR_BEHIND = 0.015
"""Share of all people by which a curve of adoption may be late without a remark (`lag`)."""


def entry_and_run(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that not all who come later do so in the run, where the file does not say how long."""
    entry = config.people.entry
    unsaid = entry.kind == "steady" and "over_days" not in entry.model_fields_set
    if unsaid and entry.later > 0 and entry.over_days != config.days:
        part = entry.later * min(1.0, config.days / entry.over_days)
        yield (
            ("people", "entry"),
            f"over_days is not given: {entry.later:.0%} of people come over {entry.over_days} days,"
            f" and {part:.0%} during the run of {config.days:,}",
        )


def unknown_for_ever(config: "MarketConfig") -> bool:
    """Tell whether nobody knows a brand at the start, and none advertises; talk needs a buyer."""
    brands = config.brands.values()
    return not any(brand.awareness or brand.advertising.spend for brand in brands)


def fast_talk(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that word of mouth is so fast that it matters that it takes a day."""
    talk = config.behaviour.talk
    a_day = talk.rate / talk.period_days * mean_of(config.people.sociability)
    alone = min(1 / category.cycle_days for category in config.categories.values())
    known = max(1 / config.people.n, min(brand.awareness for brand in config.brands.values()))
    aware, woken = a_day * talk.awareness, a_day * talk.wake_on_hearing
    late = max(lag(aware * known, aware), lag(alone or woken / config.people.n, woken))
    if config.network.kind != "none" and late > FAR_BEHIND:
        yield (
            ("behaviour", "talk", "rate"),
            f"{number(a_day)} messages of a customer per day: each is heard on the next day only, "
            f"so that a curve of adoption may be late by {min(1.0, late):.1%} of all people",
        )
