"""What the fields of a line are: the two ends of a tie, its weight, what is not read."""

import ast
import functools
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sim.ties.links import WEIGHTS, is_whole, to_weight, weight_name

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
    ("sourcenode", "targetnode"),
    ("srcid", "dstid"),
    ("user", "friend"),
    ("userid", "friendid"),
    ("user1", "user2"),
    ("userid1", "userid2"),
    ("user1id", "user2id"),
    ("person", "friend"),
    ("personid", "friendid"),
    ("personid1", "personid2"),
    ("person1id", "person2id"),
    ("customer", "friend"),
    ("customerid", "friendid"),
    ("customer1", "customer2"),
    ("customerid1", "customerid2"),
    ("follower", "followee"),
    ("followerid", "followeeid"),
    ("follower", "followed"),
    ("followerid", "followedid"),
    ("sender", "receiver"),
    ("senderid", "receiverid"),
    ("sender", "recipient"),
    ("senderid", "recipientid"),
    ("caller", "callee"),
    ("callerid", "calleeid"),
    ("referrer", "referee"),
    ("referrerid", "refereeid"),
    ("inviter", "invitee"),
    ("inviterid", "inviteeid"),
    ("nodeid1", "nodeid2"),
    ("node1id", "node2id"),
    ("nodea", "nodeb"),
    ("vertex1", "vertex2"),
    ("id1", "id2"),
)
"""Headers that say which columns are the two ends, in small letters without blanks and marks."""
LETTERS = (("a", "b"), ("i", "j"), ("u", "v"))
"""Headers that could be names of people, and say so only where it is certain that they are none."""
COUNTS = ("", "id", "index", "idx", "no", "nr", "num", "number", "row", "rowid", "rownumber",
          "rownum", "rowname", "rownames", "line", "#", "key", "pk", "unnamed:0", "edgeid",
          "linkid", "edge", "type")  # fmt: skip
"""Headers of what is neither an end nor a strength: row numbers, and Gephi's column `Type`."""


STRENGTHS = (*WEIGHTS, "weights", "strengths", "values", "w", "tieweight", "tiestrength",
             "edgeweight", "linkweight", "count", "counts", "freq", "frequency",
             "intensity")  # fmt: skip
"""Headers of a third column that holds strengths; by another name it must be declared."""


def plain_title(title: str) -> str:
    """Return a title in small letters, without blanks and marks."""
    return re.sub(r"[\s_.-]", "", title).lower()


def pair_of(titles: list[str], sure: bool = False) -> tuple[int, int] | None:
    """Return which of the plain titles are the two ends, if any; `sure`: they are no people."""
    lettered = sure or {"c", "k"} & {*titles}  # a,b,c name columns by letters, whatever they are
    known = NAMED if lettered else NAMED + LETTERS
    found = [pair for pair in known if titles.count(pair[0]) == titles.count(pair[1]) == 1]
    return (titles.index(found[0][0]), titles.index(found[0][1])) if found else None


def refuse_unknown(
    titles: list[str], weight_column: str | None, rows: Iterable[Sequence[str]]
) -> None:
    """Refuse a header of three columns that does not say which are the ends and what the third is.

    The first two are taken only if they, or the third, are called what they are, or if these two
    alone hold whole numbers. A third that holds numbers is a strength only if it is called one.
    """
    plain = [plain_title(title) for title in titles]
    pair = pair_of(plain)
    if len(titles) != 3 or pair not in (None, (0, 1)):
        return
    counts = not pair and plain[0] in COUNTS
    if not counts and (plain[2] in (STRENGTHS if pair is None else (*STRENGTHS, *COUNTS))):
        return
    if not counts and titles[2] == weight_column:
        return
    ends = True
    thirds: list[str] = []
    for row in rows:
        ends &= all(map(is_whole, row[:2]))
        thirds += row[2:3]
    if counts or (not pair and ends and thirds and all(map(_is_count, thirds))):
        raise ValueError(
            f"the columns are {', '.join(title or '(no name)' for title in titles)}, and no name "
            "says which two are the people of a tie: name these two `source` and `target` in the "
            "header, and a strength `weight`"
        )
    if weight_column is None and any(map(_is_number, thirds)):
        raise ValueError(
            f"the third column, {titles[2]!r}, holds numbers, and its name does not say that they "
            f"are strengths: write `weight_column: {titles[2]}` if they are, or `weights: ignore`"
        )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_count(text: str) -> bool:
    return is_whole(text.partition(".")[0]) and not text.partition(".")[2].strip("0")


def refuse_row_numbers(rows: Iterable[Sequence[str]]) -> None:
    """Refuse rows of three whole numbers, without a header, whose first counts the rows."""
    first, thirds, count = None, set(), 0
    for count, row in enumerate(rows, 1):
        if len(row) != 3 or not all(map(is_whole, row)):
            return
        first = int(row[0]) if first is None else first
        if first not in (0, 1) or int(row[0]) != first + count - 1:
            return
        thirds.add(row[2])
    if count >= LEAST and thirds != {"1"}:
        raise ValueError(
            f"the first of three columns counts the rows from {first}: write a header that names "
            "the columns, `source,target,weight` if they are ties with strengths, or "
            "`row,source,target` if the first is a row number"
        )


LEAST = 3
"""Rows from which a column that counts them is hardly one of people."""


class Columns:
    """Which fields of a line are the two ends and the weight."""

    def __init__(self, titles: list[str], weight_column: str | None, most: int) -> None:
        plain = [plain_title(title) for title in titles]
        pair = pair_of(plain)
        self.ends = tuple(titles[k] for k in pair or (0, 1)) if len(titles) > 1 else ()
        self.a, self.b = pair or (0, 1)
        simple = not pair or (len(titles) <= 3 and pair == (0, 1))  # a weight may be missing
        self.titles = len(titles)
        self.width, self.most = 0 if simple else len(titles), most
        self.key, self.name = weight_column, weight_column or ""
        self.weight = self._weight(titles, plain, weight_column)
        self.type = plain.index("type") if pair and "type" in plain else None
        self.types: set[str] = set()
        used = {self.a, self.b, self.weight, self.type}
        self.unused = tuple(title or "(no name)" for k, title in enumerate(titles) if k not in used)

    def _weight(self, titles: list[str], plain: list[str], wanted: str | None) -> int | None:
        if wanted == "" or (wanted and not titles):
            return None
        if wanted:
            if wanted not in titles:
                raise ValueError(f"no column {wanted!r}; columns: {', '.join(titles)}")
            return titles.index(wanted)
        found = next((plain.index(name) for name in WEIGHTS if name in plain), None)
        third = len(plain) == 3 and {self.a, self.b} == {0, 1} and plain[2] in STRENGTHS
        if found is None and (not titles or third):
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
        key = weight_name(found, self.key)
        if key is None:
            return to_weight(None)
        self.name, self.unused = key, ()
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
