"""What the fields of a line are: the two ends of a tie, its weight, what is not read."""

import ast
import functools
import re
from typing import Any

from sim.ties.links import WEIGHTS, to_weight

NAMED = (
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("fromnodeid", "tonodeid"),
    ("sourceid", "targetid"),
    ("fromid", "toid"),
    ("node1", "node2"),
    ("person1", "person2"),
    ("ego", "alter"),
    ("v1", "v2"),
)
"""Headers that say which columns are the two ends, in small letters without blanks and marks."""


def plain_title(title: str) -> str:
    """Return a title in small letters, without blanks and marks."""
    return re.sub(r"[\s_.-]", "", title).lower()


def pair_of(titles: list[str]) -> tuple[int, int] | None:
    """Return which of the plain titles are the two ends, if any are beyond doubt."""
    found = [pair for pair in NAMED if titles.count(pair[0]) == titles.count(pair[1]) == 1]
    return (titles.index(found[0][0]), titles.index(found[0][1])) if found else None


class Columns:
    """Which fields of a line are the two ends and the weight."""

    def __init__(self, titles: list[str], weight_column: str | None, most: int) -> None:
        plain = [plain_title(title) for title in titles]
        pair = pair_of(plain)
        self.a, self.b = pair or (0, 1)
        simple = not pair or (len(titles) <= 3 and pair == (0, 1))  # a weight may be missing
        self.titles = len(titles)
        self.width, self.most = 0 if simple else len(titles), most
        self.key, self.name = weight_column, weight_column or ""
        self.weight = self._weight(titles, plain, weight_column, pair is not None)
        self.type = plain.index("type") if pair and "type" in plain else None
        self.types: set[str] = set()
        used = {self.a, self.b, self.weight, self.type}
        self.unused = tuple(title or "(no name)" for k, title in enumerate(titles) if k not in used)

    def _weight(
        self, titles: list[str], plain: list[str], wanted: str | None, paired: bool
    ) -> int | None:
        if wanted == "" or (wanted and not titles):
            return None
        if wanted:
            if wanted not in titles:
                raise ValueError(f"no column {wanted!r}; columns: {', '.join(titles)}")
            return titles.index(wanted)
        found = next((plain.index(name) for name in WEIGHTS if name in plain), None)
        if found is None and (not paired or (len(plain) == 3 and {self.a, self.b} == {0, 1})):
            found = 2
        if found is not None and titles:
            self.name = titles[found] if found < len(titles) else ""
        return found

    @property
    def directed(self) -> bool | None:
        """What Gephi's column `Type` says."""
        if len(self.types) > 1:
            raise ValueError("the column Type has directed and undirected ties: write one of them")
        return self.types == {"directed"} if self.types else None

    def pick(self, fields: list[str]) -> tuple[str, str, float]:
        """Return the two ends and the weight of a line, or say what is wrong with it."""
        count = len(fields)
        if self.titles and (count > self.titles or (self.width and count < self.width)):
            raise ValueError(f"the header has {self.titles} columns: found {count} fields")
        if not self.width and not 2 <= count <= self.most:
            raise ValueError(
                f"a tie is from,to or from,to,strength: found {count} fields; name the columns in "
                "a header (source,target,weight), or write `format:` if this is no edge list"
            )
        a, b = fields[self.a], fields[self.b]
        if not a or not b:
            raise ValueError(
                f"the name of {'from' if not a else 'to'} is empty; in a file with a column of "
                "row numbers, a header must name the columns source and target"
            )
        if self.type is not None:
            self.types.add(self._type(fields[self.type]))
        if count == 3 and fields[2][:1] == "{":
            return a, b, self._of_data(fields[2])
        weight = self.weight
        given = fields[weight] if weight is not None and weight < count else ""
        if given and not self.name:
            self.name = "column 3"
        return a, b, to_weight(given)

    def _type(self, text: str) -> str:
        if text.lower() not in ("directed", "undirected"):
            raise ValueError(f"the column Type must be Directed or Undirected, not {text!r}")
        return text.lower()

    def _of_data(self, data: str) -> float:
        found = _literal(data)
        keys = WEIGHTS if self.key is None else (self.key,)
        key = next((key for key in keys if key in found), None)
        if key is None:
            return to_weight(None)
        self.name = key
        return to_weight(found[key])


@functools.lru_cache(10_000)
def _literal(data: str) -> dict[str, Any]:
    try:
        found = ast.literal_eval(data)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"{data[:40]!r} must be data as networkx writes it: {{'weight': 0.5}}")
    return found
