"""Audiences: a random share of people, and a rule about what the brand can observe of each.

A rule is a tree of conditions. It is data: `sim.brands.audiences` makes a table of it, and
`sim.people.audience` looks at one person when a touch is due.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from sim.config.meanings import per_cent
from sim.config.names import Name
from sim.config.parameters import Param, Parameters
from sim.config.scalars import number
from sim.config.source_map import ConfigError, Path, Problem, dotted, nearest, show

MOST_CONDITIONS = 60
"""Conditions of a rule; while it is worked out each has a bit of a whole number."""

MOST_SEGMENTS = 100


class Quantity(NamedTuple):
    """A number that a brand can observe of a customer."""

    unit: str
    doc: str


QUANTITIES = {
    "orders": Quantity("orders", "with the brand so far"),
    "recency": Quantity("days", "since the last order with the brand"),
    "cycles": Quantity(
        "own cycles",
        "silent, the least over the products bought: days since the last order of a product over "
        "the days that its packs last, as a reminder estimates them",
    ),
    "tenure": Quantity("days", "since the first order with the brand"),
    "spent": Quantity("CNY", "net revenue of the brand from this customer since day 0"),
    "answered": Quantity("touches", "of the brand answered so far"),
    "unanswered": Quantity("touches", "of the brand sent since the last answer"),
    "referred": Quantity("friends", "who bought and kept it"),
}
"""What conditions with two limits are about; an RFM cell is limits of recency, orders and spent."""
ROLES = ("customer", "koc", "distributor")
"""By the values of `sim.people.roles`."""
LABELS = ("role", "segment")
"""What conditions with names are about."""
HOW = ("all", "any", "not")
CODES = {name: code for code, name in enumerate((*HOW, *LABELS, *QUANTITIES))}
"""How the table of conditions calls each."""


@dataclass(frozen=True)
class Condition:
    """What a number or a label of a customer must be, limits inclusive."""

    what: str
    low: float = -math.inf
    high: float = math.inf
    label: str = ""


@dataclass(frozen=True)
class Combined:
    """Conditions of which all or any must hold, or one that must not."""

    how: str
    parts: tuple["Rule", ...]


Rule = Condition | Combined


def all_of(*rules: Rule | None) -> Rule | None:
    """Return the rule that all of several rules hold; None is no rule."""
    given = tuple(rule for rule in rules if rule is not None)
    return None if not given else given[0] if len(given) == 1 else Combined("all", given)


def leaves(rule: Rule | None) -> list[Condition]:
    """Return the conditions in a rule."""
    if rule is None or isinstance(rule, Condition):
        return [] if rule is None else [rule]
    return [leaf for part in rule.parts for leaf in leaves(part)]


def read_rule(value: Any) -> Rule:
    """Return the rule that a mapping describes.

    Raises
    ------
    ConfigError
        With every mistake, its path relative to the mapping.
    """
    if isinstance(value, Rule):
        return value
    problems: list[Problem] = []
    rule = _mapping(value, (), problems)
    if not problems and (size := len(leaves(rule))) > MOST_CONDITIONS:
        problems.append(Problem(None, "", f"has {size} conditions (at most {MOST_CONDITIONS})"))
    if problems:
        raise ConfigError(problems)
    return rule


def write_rule(rule: Rule) -> dict[str, Any]:
    """Return the mapping that describes a rule."""
    if isinstance(rule, Combined):
        parts = [write_rule(part) for part in rule.parts]
        return {rule.how: parts[0] if rule.how == "not" else parts}
    if rule.what in LABELS:
        return {rule.what: rule.label}
    return {rule.what: [None if math.isinf(end) else end for end in (rule.low, rule.high)]}


def _mapping(value: Any, path: Path, problems: list[Problem]) -> Rule:
    known = (*HOW, *LABELS, *QUANTITIES)
    if not isinstance(value, Mapping) or not value:
        what = f"must be a mapping of conditions: {', '.join(known)} (got {show(value)})"
        problems.append(Problem(None, dotted(path), what))
        return Combined("all", ())
    parts: list[Rule] = []
    for key, given in value.items():
        here = (*path, str(key))
        if key not in known:
            near = nearest(str(key), known)
            hint = f"did you mean {near!r}? " if near else ""
            what = f"unknown condition; {hint}allowed: {', '.join(known)}"
            problems.append(Problem(None, dotted(here), what))
        elif key == "not":
            parts.append(Combined("not", (_mapping(given, here, problems),)))
        elif key in HOW:
            parts.append(Combined(key, _several(given, here, problems)))
        else:
            parts.append(_condition(key, given, here, problems))
    return parts[0] if len(parts) == 1 else Combined("all", tuple(parts))


def _several(value: Any, path: Path, problems: list[Problem]) -> tuple[Rule, ...]:
    if not isinstance(value, list | tuple) or not value:
        what = f"must be a list of conditions (got {show(value)})"
        problems.append(Problem(None, dotted(path), what))
        return ()
    return tuple(_mapping(part, (*path, k), problems) for k, part in enumerate(value))


def _condition(what: str, value: Any, path: Path, problems: list[Problem]) -> Rule:
    try:
        return _labels(what, value) if what in LABELS else Condition(what, *_limits(value))
    except ValueError as error:
        problems.append(Problem(None, dotted(path), str(error)))
        return Condition(what)


def _labels(what: str, value: Any) -> Rule:
    names = value if isinstance(value, list | tuple) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"must be a {what} or a list of such (got {show(value)})")
    if what == "role" and (other := next((name for name in names if name not in ROLES), None)):
        raise ValueError(f"must be {' or '.join(ROLES)} (got {show(other)})")
    parts = tuple(Condition(what, label=name) for name in names)
    return parts[0] if len(parts) == 1 else Combined("any", parts)


def _limits(value: Any) -> tuple[float, float]:
    """Return both limits; a single number is both."""
    if not isinstance(value, list | tuple):
        only = number("it", value)
        return only, only
    if len(value) != 2:
        raise ValueError(f"must be two numbers, each may be null (got {show(value)})")
    low = -math.inf if value[0] is None else number("the lower limit", value[0])
    high = math.inf if value[1] is None else number("the upper limit", value[1])
    if low > high:
        raise ValueError(f"must ascend (got {low:g} to {high:g})")
    return low, high


Who = Annotated[
    Rule,
    PlainValidator(read_rule),
    PlainSerializer(write_rule),
    WithJsonSchema({"type": "object"}),
]
"""A rule as a field of parameters."""


class NamedAudience(Parameters):
    """An audience that a brand declares once, for strategies to name as their `group`."""

    share: float = Param(
        1.0,
        bounds=(0, 1),
        unit="share of people",
        doc="a random share, fixed for the run",
        usual=(0.001, 1),
        meaning=per_cent("of people are reached"),
    )
    who: Who | None = Param(
        None,
        doc="of these, the rule by which one is in it on a day: all, any and not, over role, "
        f"segment and [from, to] of {', '.join(QUANTITIES)}",
    )


class Audience(NamedAudience):
    """Whom a strategy may reach. Who is not in the share is its holdout."""

    group: Name | None = Param(
        None,
        doc="strategies of a brand that name the same group reach the same people (with a lower "
        "share, some of these); none: people of its own. If the brand declares an audience of that "
        "name, its share and its rule hold too",
    )
    touches: dict[Name, Who] = Param(
        {}, doc="a rule more for parts of the strategy, by the name of the part"
    )

    def within(self, declared: NamedAudience | None) -> "Audience":
        """Return the audience that is left of one that the brand declares."""
        if declared is None:
            return self
        share, who = min(self.share, declared.share), all_of(declared.who, self.who)
        return self.model_copy(update={"share": share, "who": who})


def check_segments(shares: dict[str, float]) -> dict[str, float]:
    """Return the shares of segments.

    Raises
    ------
    ConfigError
        If one is no share, there are too many, or they come to more than everybody.
    """
    wrong = [
        Problem(None, name, f"must be a share of 0 to 1 (got {show(share)})")
        for name, share in shares.items()
        if not 0 <= share <= 1
    ]
    if wrong:
        raise ConfigError(wrong)
    if len(shares) > MOST_SEGMENTS:
        raise ValueError(f"at most {MOST_SEGMENTS} segments (has {len(shares)})")
    if (total := math.fsum(shares.values())) > 1 + 1e-9:
        raise ValueError(f"the shares come to {total:.6g}, which is more than everybody")
    return shares


Segments = Annotated[dict[Name, float], AfterValidator(check_segments)]
"""Shares of people by the name of their segment."""
