"""What the identities say of a set of targets."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from experiments.identities.catalogue import COMPLEMENTS, TWO_OR_MORE
from experiments.identities.program import Interval, Program, default

ANY = (-math.inf, math.inf)
HUGE = 1e5
"""Limits above this, or below its inverse, come from those of what nothing is said of."""
FAINT = 1.001
"""A limit is one if it is within what holds without targets by this factor."""
NARROWS = 0.01
"""An interval is narrowed if an end moves by more than this share of its length."""


class TargetLike(Protocol):
    """What is needed of a target: a metric, and the limits within which it is met."""

    @property
    def metric(self) -> str:
        """Name of the metric."""

    @property
    def ends(self) -> Interval:
        """Lowest and highest value that will do; infinite if there is no limit."""


@dataclass(frozen=True)
class Range:
    """A target that is nothing but limits."""

    metric: str
    low: float = -math.inf
    high: float = math.inf

    @property
    def ends(self) -> Interval:
        """Lowest and highest value that will do."""
        return self.low, self.high


@dataclass(frozen=True)
class Finding:
    """What follows from targets.

    Attributes
    ----------
    kind
        `conflict`: these targets cannot hold together, while all but any one of them can.
        `narrows`: one target can be met in a part of its interval only, if all others are met.
        `implied`: what follows for a metric that is no target.
    targets
        Names of the targets of a conflict, or of the one narrowed; or the metric implied.
    identities
        By which the targets of a conflict hang together.
    by
        The factor by which all limits of these targets must give way at least; of what is left of 1
        for shares that enter in that way (`COMPLEMENTS`).
    interval
        What is left of the target narrowed, or of the metric implied.
    """

    kind: Literal["conflict", "narrows", "implied"]
    targets: tuple[str, ...]
    identities: tuple[str, ...] = ()
    by: float = 1.0
    interval: Interval = ANY

    @property
    def text(self) -> str:
        """The finding as a sentence."""
        names = ", ".join(self.targets) or "what the market knows"
        if self.kind == "conflict":
            return (
                f"{names} cannot hold together: {'; '.join(self.identities)}. "
                f"Each of their limits would have to give way by a factor of {self.by:.3g}."
            )
        can = "can only" if self.kind == "narrows" else "must"
        rest = "all others are met" if self.kind == "narrows" else "all targets are met"
        return f"{names} {can} be {_words(self.interval)} if {rest}."


def _words(interval: Interval) -> str:
    low, high = interval
    if math.isinf(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if math.isinf(high) else f"{low:.3g} to {high:.3g}"


def check(
    targets: Mapping[str, TargetLike], known: Mapping[str, Interval] | None = None
) -> list[Finding]:
    """Say which targets cannot hold together, which bind each other, and what follows from them.

    Parameters
    ----------
    targets
        By name, all of one brand. Metrics that are in no identity have no say.
    known
        What the market says besides, as limits: `margin`, `entrants` (`Identity`), or any metric
        that is given and not fitted, such as `aov`.

    Returns
    -------
    list of Finding
        If there are conflicts, only they: a least one, then another among the other targets, and so
        on. Targets of two may conflict in a third way, which is found once these are mended.
    """
    program = Program()
    market = _together((Range(name, *limits) for name, limits in (known or {}).items()), {})
    own = {name: t for name, t in targets.items() if _quantity(t.metric) in program.names}
    given = _together(own.values(), market)
    if not program.holds(given):
        return list(_conflicts(program, own, market))
    return [*_narrowed(program, own, given), *_implied(program, given)]


def _quantity(metric: str) -> str:
    return COMPLEMENTS.get(metric, metric)


def _turned(metric: str, interval: Interval) -> Interval:
    """Return limits of a metric as those of its quantity, or those back."""
    low, high = interval
    return (1 - high, 1 - low) if metric in COMPLEMENTS else interval


def _together(targets: Iterable[TargetLike], base: Mapping[str, Interval]) -> dict[str, Interval]:
    """Return the limits of each quantity by all targets that are about it."""
    given = dict(base)
    for target in targets:
        name = _quantity(target.metric)
        low, high = _turned(target.metric, target.ends)
        least, most = given.get(name, default(name))
        given[name] = max(low, least), min(high, most)
    return given


# -- conflicts ------------------------------------------------------------------------------------


def _conflicts(
    program: Program, targets: Mapping[str, TargetLike], base: Mapping[str, Interval]
) -> Iterator[Finding]:
    left = dict(targets)
    while not program.holds(_together(left.values(), base)):
        core = _least(program, left, base)
        given = _together(core.values(), base)
        about = list(dict.fromkeys(_quantity(target.metric) for target in core.values()))
        by = program.must_give(given, about)
        yield Finding("conflict", tuple(core), _linking(program, given), by)
        if not core:
            return
        left = {name: target for name, target in left.items() if name not in core}


def _least(
    program: Program, targets: Mapping[str, TargetLike], base: Mapping[str, Interval]
) -> dict[str, TargetLike]:
    """Return targets that do not hold together, while all but any one of them do."""
    core = dict(targets)
    for name in targets:
        rest = {other: target for other, target in core.items() if other != name}
        if not program.holds(_together(rest.values(), base)):
            core = rest
    return core


def _linking(program: Program, given: Mapping[str, Interval]) -> tuple[str, ...]:
    """Return the identities without any one of which the limits would leave something."""
    if any(low > high for low, high in given.values()):
        return ("two targets of one metric do not overlap",)
    names = [*dict.fromkeys(identity.name for identity in program.identities), TWO_OR_MORE]
    return tuple(name for name in names if program.without(name).holds(given))


# -- what holds together --------------------------------------------------------------------------


def _narrowed(
    program: Program, targets: Mapping[str, TargetLike], given: Mapping[str, Interval]
) -> Iterator[Finding]:
    for name, target in targets.items():
        quantity = _quantity(target.metric)
        low, high = _turned(target.metric, _together([target], {})[quantity])
        left = _turned(target.metric, program.span(given, quantity))
        slack = NARROWS * (high - low) if math.isfinite(high - low) else 0.0
        if left[0] > low + slack or left[1] < high - slack:
            yield Finding("narrows", (name,), interval=left)


def _implied(program: Program, given: Mapping[str, Interval]) -> Iterator[Finding]:
    """Yield what follows for metrics of which nothing was said, if anything does."""
    metrics = {_quantity(metric): metric for metric in COMPLEMENTS}
    for name in program.names:
        low, high = program.span(given, name)
        least, most = program.span({}, name)
        ends = (
            low if low > max(FAINT * least, 1 / HUGE) else -math.inf,
            high if high < min(most / FAINT, HUGE) else math.inf,
        )
        if name in given or ends == ANY or name in ("margin", "entrants"):
            continue
        metric = metrics.get(name, name)
        yield Finding("implied", (metric,), interval=_turned(metric, ends))
