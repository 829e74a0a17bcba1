"""Files of lines: which line is what, and ties collected from them one by one."""

import re
from array import array
from typing import Any, NamedTuple

import numpy as np

from sim.ties.links import Links, in_order, is_whole

_FRACTION = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?")


class LineError(ValueError):
    """A mistake in a line."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class Body(NamedTuple):
    """The lines of a file that are not blank, and apart from them the comments: `#` or `%` first.

    Numbers and lines are apart because a million pairs of them keep the garbage collector busy.
    """

    numbers: list[int]
    lines: list[str]
    comments: list[tuple[int, str]]


def body_of(text: str) -> Body:
    """Return the lines of a file."""
    numbers, lines, comments = [], [], []
    for number, line in enumerate(text.split("\n"), 1):
        start = line.lstrip()
        if start and start[0] in "#%":
            comments.append((number, start))
        elif start:
            numbers.append(number)
            lines.append(line.strip(" "))
    return Body(numbers, lines, comments)


class Collected:
    """Ties so far, by the order in which names appear."""

    def __init__(self) -> None:
        self.place: dict[str, int] = {}
        self.a, self.b = array("q"), array("q")
        self.weight, self.line = array("d"), array("q")

    def node(self, name: str) -> int:
        """Return the position of a node, new or not."""
        return self.place.setdefault(name, len(self.place))

    def add(self, line: int, a: str, b: str, weight: float) -> None:
        """Append a tie."""
        place = self.place
        self.a.append(place.setdefault(a, len(place)))
        self.b.append(place.setdefault(b, len(place)))
        self.weight.append(weight)
        self.line.append(line)

    def links(
        self,
        directed: bool | None = None,
        complete: bool = False,
        weight_name: str = "",
        unused: tuple[str, ...] = (),
        ends: tuple[str, ...] = (),
    ) -> Links:
        """Return all of them."""
        a, b, line = (np.array(x, np.int64) for x in (self.a, self.b, self.line))
        if not all(map(is_whole, self.place)):
            self._no_fractions(a, b, line)
        ids, a, b = in_order(list(self.place), a, b)
        weight = np.array(self.weight, float)
        return Links(ids, a, b, weight, line, directed, complete, weight_name, unused, ends)

    def _no_fractions(self, a: Any, b: Any, line: Any) -> None:
        for name, k in self.place.items():
            if _FRACTION.fullmatch(name):
                where = np.flatnonzero((a == k) | (b == k))
                what = f"from and to must be whole numbers or names, not {name!r}"
                raise LineError(int(line[where[0]]) if where.size else 0, what)
