"""Plain data that knows where it was written, and problems that say so.

A `Tree` is plain data plus a `Mark` (file, line, column) for every key path; trees can be laid
over each other and changed by dotted path without losing the place. A `ConfigError` holds every
`Problem` found: ``base.yaml:4:3: model.churn_rate: must be <= 1 (got 1.7)``.
"""

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

Path = tuple[str | int, ...]

MAX_SHOWN = 50
MAX_PATH = 200
KINDS = ("kind", "dist")
"""Keys that say which other keys a mapping has."""
SHORT = 4
LIKE, MORE_LIKE = 0.7, 0.8
"""How like another a word must be to be taken for a slip: share of letters in common."""


class Mark(NamedTuple):
    """A position in a file; lines and columns count from 1."""

    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what is expected.

    Parameters
    ----------
    mark : Mark or None
        The position in the file; None when there is no such position.
    path : str
        The dotted path of the setting; empty for the file as a whole.
    what : str
        What is wrong, as the end of a sentence.
    """

    mark: Mark | None
    path: str
    what: str

    def __str__(self) -> str:
        path = self.path if len(self.path) <= MAX_PATH else self.path[:MAX_PATH] + " ..."
        return ": ".join(str(part) for part in (self.mark, path, self.what) if part)


class ConfigError(ValueError):
    """Everything that is wrong with a configuration, not only the first mistake.

    A pydantic validator may raise it too, with paths relative to the value that it validates and
    without marks: `validate` completes both.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = sorted(dict.fromkeys(problems), key=_place)
        super().__init__(self.problems)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        if len(self.problems) > MAX_SHOWN:
            lines.append(f"... and {len(self.problems) - MAX_SHOWN} more problems")
        return "\n".join(lines)


def _place(problem: Problem) -> Mark:
    return problem.mark or Mark("", 0, 0)


@dataclass
class Tree:
    """Plain data and where each piece of it was written.

    Parameters
    ----------
    data : dict
        Mappings with text keys, lists and scalars.
    marks : dict
        The mark of the key, or of the list item, for each path; ``()`` is the document.
    """

    data: dict[str, Any]
    marks: dict[Path, Mark] = field(default_factory=dict)

    def mark(self, path: Sequence[str | int]) -> Mark | None:
        """Return the mark of `path`, or of its nearest ancestor that has one."""
        for end in range(len(path), -1, -1):
            if (mark := self.marks.get(tuple(path[:end]))) is not None:
                return mark
        return None

    def problem(self, path: Sequence[str | int], what: str) -> Problem:
        """Return a problem located at `path`."""
        return Problem(self.mark(path), dotted(path), what)


def dotted(path: Sequence[str | int]) -> str:
    """Write a key path as text: ``("brands", 0, "name")`` is ``brands.0.name``."""
    return ".".join(str(part) for part in path)


def bare(word: str) -> str:
    """Return a word without what people write in several ways: capitals, blanks, `_`, `-`, `:`."""
    return re.sub(r"[^\w.]|_", "", word.casefold())


def nearest(word: object, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that `word` is most likely a slip for; None rather than a guess.

    Capitals, blanks and hyphens do not count. A short word must have all letters of the other, in
    another order or but for one. A word that is a whole part of several others is a slip for none.
    """
    text = str(word)[:200]
    known = {bare(one): one for one in reversed(list(allowed))}
    own = bare(text)
    if own in known or not own:
        return known.get(own)
    holders = [one for one in known.values() if bare(text) in map(bare, re.split("[_. -]", one))]
    if holders:
        return holders[0] if len(holders) == 1 else None
    if len(own) < SHORT:
        slips = [one for plain, one in known.items() if plain and _is_slip(own, plain)]
        return slips[0] if len(slips) == 1 else None
    likeness = LIKE if own.isascii() else MORE_LIKE  # one Chinese character is a word
    close = get_close_matches(own, known, n=1, cutoff=likeness)
    return known[close[0]] if close else None


def _is_slip(word: str, other: str) -> bool:
    """Tell whether two short words differ in the order of letters, or by one letter too many."""
    if len(word) == len(other):
        return sorted(word) == sorted(other)
    short, long = sorted((word, other), key=len)
    return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))


def no_parameters(where: str, value: object) -> str:
    """Say that a path leads through a value that has no parameters of its own."""
    return f"{where} is {show(value)}, which has no parameters of its own; set it as a whole"


def show(value: object) -> str:
    """Write a value the way a YAML author thinks of it, in at most some sixty characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:56] + " ..."


def merge(base: Tree, over: Tree) -> Tree:
    """Lay one tree over another: mappings are merged key by key, anything else is replaced.

    A mapping that names another `kind` or `dist` is another thing, and replaces as a whole.

    Parameters
    ----------
    base, over : Tree
        Where both say something, `over` wins. Neither is changed.

    Returns
    -------
    Tree
        A new tree; every mark points into the file that the value came from.
    """
    replaced: set[Path] = set()
    data = _lay(deepcopy(base.data), over.data, (), replaced)
    marks = {p: mark for p, mark in base.marks.items() if not _inside(p, replaced)}
    return Tree(data, marks | over.marks)


def _lay(below: dict[str, Any], above: dict[str, Any], path: Path, replaced: set[Path]) -> Any:
    for key, value in above.items():
        if _merges(below.get(key), value):
            _lay(below[key], value, (*path, key), replaced)
        else:
            replaced.add((*path, key))
            below[key] = deepcopy(value)
    return below


def _merges(below: Any, above: Any) -> bool:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return False
    return all(tag not in above or above[tag] == below.get(tag) for tag in KINDS)


def _inside(path: Path, roots: set[Path]) -> bool:
    return any(path[:end] in roots for end in range(1, len(path) + 1))


def assign(tree: Tree, dotted: str, value: Any, mark: Mark) -> None:
    """Set one value by its dotted path, in place, creating the mappings on the way.

    Parameters
    ----------
    tree : Tree
        The tree to change.
    dotted : str
        Such as ``people.n``; a number steps into a list.
    value : object
        The new value.
    mark : Mark
        Where the assignment was written.

    Raises
    ------
    ConfigError
        If the path is empty, or leads through something that has no keys.
    """
    parts = dotted.split(".")
    if not all(parts):
        raise ConfigError([Problem(mark, dotted, "is not a dotted path of keys")])
    here: Any = tree.data
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, _index(here, part, path, dotted, mark))
        if isinstance(here, dict) and here.get(part) is None:
            here[part] = {}
            tree.marks[path] = mark
        here = here[path[-1]]
    path = (*path, _index(here, parts[-1], path, dotted, mark))
    old = here.get(parts[-1]) if isinstance(here, dict) else here[path[-1]]
    here[path[-1]] = deepcopy(value)
    if isinstance(old, dict | list):
        for stale in [p for p in tree.marks if p[: len(path)] == path]:
            del tree.marks[stale]
    tree.marks[path] = mark


def _index(here: Any, part: str, path: Path, dotted_path: str, mark: Mark) -> str | int:
    """Return the key or the list index that `part` is for `here`."""
    if isinstance(here, dict):
        return part
    where = dotted(path)
    if not isinstance(here, list):
        what = f"cannot be set: {no_parameters(where, here)}"
    elif not re.fullmatch("[0-9]{1,9}", part) or int(part) >= len(here):
        what = f"cannot be set: {where} is a list of {len(here)} items, counted from 0"
    else:
        return int(part)
    raise ConfigError([Problem(mark, dotted_path, what)])
