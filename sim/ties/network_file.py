"""The ties of a market from a file: recognised, read once, checked, and its nodes made people."""

import functools
import os
import stat
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.config.parameters import Param, Parameters
from sim.ties import adjacency_list
from sim.ties.edge_list import read_edge_list
from sim.ties.graph_files import READERS, read_graph, text_of
from sim.ties.line_files import LineError
from sim.ties.links import Links, is_nobody, is_whole
from sim.ties.network_forms import Form, form_of, unpacked

_SETTLED = 2.0
"""Seconds after which a file that was written again would have another time."""


class NetworkFile(Parameters):
    """A file of ties, and how it is to be understood."""

    file: str = Param(doc="path of a network; docs/networks.md lists what can be read")
    format: Form = Param("auto", doc="form of the file; auto: by its beginning and suffix")
    directed: bool | None = Param(
        None, doc="whether a tie lets only `from` talk to `to`; as the file says, if it does"
    )
    ids: Literal["auto", "numbers", "names"] = Param(
        "auto", doc="what nodes are called: people's numbers from 0, or names to be numbered"
    )
    header: bool | None = Param(None, doc="whether an edge list begins with names of columns")
    weights: Literal["as_is", "divide_by_max", "ignore"] = Param(
        "as_is", doc="how weights become strengths: as they are, above 0 and at most 1; by division"
    )
    weight_column: str | None = Param(
        None, doc="column or attribute that holds the weights: weight, strength or value"
    )


class FileTies(NamedTuple):
    """The ties that a file gives the people of a market.

    Attributes
    ----------
    a, b : int32[m]
        From whom, to whom; each pair once.
    strength : float64[m]
        Not a number where the file gives none.
    directed : bool
        Whether a tie lets only `a` talk to `b`.
    ids : array of int64 or str, [k]
        Nodes of the file.
    person : int64[k]
        Which person each of them is.
    report : str
        In one sentence what was read, and how.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    strength: NDArray[np.float64]
    directed: bool
    ids: NDArray[Any]
    person: NDArray[np.int64]
    report: str


def read_network(config: NetworkFile, n: int) -> FileTies:
    """Read the ties of `n` people from a file, once per process while the file stays as it is.

    Parameters
    ----------
    config
        The file, and how it is to be understood.
    n
        Number of people.

    Raises
    ------
    ValueError
        With file, and line or tie.
    """
    keys = NetworkFile(**{name: getattr(config, name) for name in NetworkFile.model_fields})
    try:
        found = os.stat(config.file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{config.file}: cannot be read: {reason}") from error
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(f"{config.file}: cannot be read: this is no ordinary file")
    stamp = os.path.abspath(config.file), found.st_ino, found.st_size, found.st_mtime_ns
    # a file written a moment ago could be written again without a change of size and time
    settled = time.time() - found.st_mtime > _SETTLED
    return (_cached if settled else _read)(keys, n, stamp)


def file_ids(config: NetworkFile, n: int) -> dict[str, int]:
    """Return which person each node of a network file is: number by id, as text.

    Parameters
    ----------
    config
        The `network` of a market that is read from a file.
    n
        Number of people.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    found = read_network(config, n)
    return dict(zip(map(str, found.ids.tolist()), found.person.tolist(), strict=True))


def _read(config: NetworkFile, n: int, stamp: object) -> FileTies:
    try:
        content = unpacked(Path(config.file))
        form = form_of(config.file, content) if config.format == "auto" else config.format
        links = _links(config, form, content)
        return _people(config, n, form, links)
    except LineError as error:
        raise ValueError(f"{config.file}:{error.line}: {error}") from None
    except OSError as error:
        reason = error.strerror or error
        raise ValueError(f"{config.file}: cannot be read: {reason}") from error
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{config.file}: cannot be unpacked: {error}") from error
    except ValueError as error:
        raise ValueError(f"{config.file}: {error}") from None


_cached = functools.lru_cache(maxsize=4)(_read)


def _links(config: NetworkFile, form: str, content: bytes) -> Links:
    column = "" if config.weights == "ignore" else config.weight_column
    if form in READERS:
        return read_graph(form, content, column)
    text = text_of(content)
    if form == "adjacency_list":
        return adjacency_list.read_adjacency_list(text)
    if form == "multiline_adjacency_list":
        return adjacency_list.read_multiline_adjacency_list(text, column)
    return read_edge_list(text, config.header, config.directed, column)


# --- nodes become people ------------------------------------------------------------------------


def _people(config: NetworkFile, n: int, form: str, links: Links) -> FileTies:
    """Make nodes people: number them, check the ties, and leave out second directions."""
    if links.a.size == 0:
        raise ValueError(
            f"holds no ties, read as {form}; without ties, write `network: {{kind: none}}`"
        )
    place = _places(links)
    _refuse_nobody(links, place)
    person, order = _numbered(config, n, links, place)
    directed = _directed(config, links)
    a, b = person[links.a], person[links.b]
    loops = np.flatnonzero(a == b)
    if loops.size:
        own = links.ids[links.a[loops[0]]]
        raise place(loops[0], f"person {own} is tied to themselves: remove the tie")
    strength, scale = _strength(config, links, place)
    keep = _once(a, b, strength, n, directed, place)
    if links.directed and not directed and 2 * keep.sum() != keep.size:
        raise ValueError(
            "its ties are directed, and not all go both ways: write `directed: true`, or make "
            "the graph undirected"
        )
    tied = np.count_nonzero(np.bincount(np.concatenate([a, b])))
    parts = [
        f"{form}, {keep.sum():,} {'directed' if directed else 'undirected'} ties among "
        f"{links.ids.size:,} nodes",
        *([f"from {links.ends[0]!r} to {links.ends[1]!r}"] if links.ends else []),
        order,
        _strengths_said(links, form, scale),
    ]
    if tied < n:
        parts.append(f"{n - tied:,} of {n:,} people have no tie")
    if links.unused:
        parts.append(f"not read: {', '.join(links.unused)}")
    report = f"{config.file}: {'; '.join(parts)}"
    ends = a[keep].astype(np.int32), b[keep].astype(np.int32)
    found = FileTies(*ends, strength[keep], directed, links.ids, person, report)
    for array in (*found[:3], found.ids, found.person):
        array.flags.writeable = False  # they are kept for the next who asks
    return found


Place = Callable[[int, str], ValueError]


def _strengths_said(links: Links, form: str, scale: str) -> str:
    if not scale:
        return "strengths as configured"
    if form == "edge_list" and not links.ends and links.weight_name == "column 3":
        said = f"third column taken as strength{scale}"
        alike = np.all(links.weight == 1)
        return f"{said} (of an adjacency list, write `format: adjacency_list`)" if alike else said
    return f"strengths{f' from {links.weight_name!r}' if links.weight_name else ''}{scale}"


def _refuse_nobody(links: Links, place: Place) -> None:
    """Refuse what stands for no name: all who have none would be one person."""
    if links.ids.dtype != object:
        return
    nobody = [k for k, name in enumerate(map(str, links.ids)) if is_nobody(name)]
    ties = np.flatnonzero(np.isin(links.a, nobody) | np.isin(links.b, nobody))
    if ties.size:
        ends = [str(links.ids[end[ties[0]]]) for end in (links.a, links.b)]
        name = next(filter(is_nobody, ends))
        raise place(
            int(ties[0]),
            f"{name!r} stands for nobody in many files, and would be one person: remove the tie, "
            "or give the person another name",
        )


def _places(links: Links) -> Place:
    """Return what makes an error of a tie's position and a sentence."""

    def error(tie: int, what: str) -> ValueError:
        if links.line[tie]:
            return LineError(int(links.line[tie]), what)
        one, two = (str(links.ids[end[tie]]) for end in (links.a, links.b))
        return ValueError(f"tie {one!r}-{two!r}: {what}")

    return error


def _numbered(
    config: NetworkFile, n: int, links: Links, place: Place
) -> tuple[NDArray[np.int64], str]:
    """Return which person each node is, and how that was found."""
    ids, k = links.ids, links.ids.size
    if links.complete and k != n:
        raise ValueError(f"the file has {k} nodes, and there are {n} people: write people.n: {k}")
    if ids.dtype == object or config.ids == "names":
        return _by_order(config, n, links, place)
    low, high = int(ids[0]), int(ids[-1])
    if low >= 0 and high < n:
        return ids, "ids are the numbers of people, from 0"
    if config.ids == "auto" and low >= 1 and high == n:
        return ids - 1, f"ids are numbered from 1: id 1 is person 0, id {n} is person {n - 1}"
    if config.ids == "auto" and k == n:
        return _by_order(config, n, links, place)
    wrong = (ids < 0) | (ids >= n)
    tie = int(np.flatnonzero(wrong[links.a] | wrong[links.b])[0])
    end = links.b[tie] if not wrong[links.a[tie]] else links.a[tie]
    raise place(
        tie,
        f"there is no person {ids[end]} among {n} people numbered 0 to {n - 1}: renumber the file, "
        f"set people.n, or write `ids: names` to have the {k} ids of the file numbered",
    )


def _by_order(
    config: NetworkFile, n: int, links: Links, place: Place
) -> tuple[NDArray[np.int64], str]:
    ids, k = links.ids, links.ids.size
    if config.ids == "numbers" or (config.ids == "auto" and ids.dtype == object):
        _refuse_names(config, links, place)
    if k > n:
        raise ValueError(f"the file names {k} people, and there are {n}: write people.n: {k}")
    how = "in order of appearance" if ids.dtype == object else "in ascending order"
    first, last = ids[0], ids[-1]
    return np.arange(k), f"ids are numbered {how}: {first} is person 0, {last} is person {k - 1}"


def _refuse_names(config: NetworkFile, links: Links, place: Place) -> None:
    """Refuse a name among numbers, or any name if there may be none."""
    whole = np.array([is_whole(name) for name in map(str, links.ids)])
    if config.ids == "auto" and (whole.all() or not whole.any()):
        return  # all of them may be whole, and longer than numbers are
    ties = np.flatnonzero(~whole[links.a] | ~whole[links.b])
    tie = int(ties[0]) if ties.size else 0
    ends = [str(links.ids[end[tie]]) for end in (links.a, links.b)]
    raise place(
        tie,
        f"from and to must be whole numbers, not {ends[0]!r} and {ends[1]!r}, where others are: "
        "write `ids: names` if all ids are names",
    )


def _directed(config: NetworkFile, links: Links) -> bool:
    if config.directed and links.directed is False:
        raise ValueError("its ties are undirected: leave out `directed: true`")
    return bool(links.directed) if config.directed is None else config.directed


def _strength(config: NetworkFile, links: Links, place: Place) -> tuple[NDArray[np.float64], str]:
    """Return the strength of each tie, and what the weights were; nothing where there are none."""
    weight = links.weight
    given = ~np.isnan(weight)
    if config.weights != "ignore" and config.weight_column and not given.any():
        raise ValueError(f"no tie has a weight called {config.weight_column!r}")
    if config.weights == "ignore" or not given.any():
        return np.full(weight.size, np.nan), ""
    low, high = float(weight[given].min()), float(weight[given].max())
    scale = high if config.weights == "divide_by_max" and high > 0 else 1.0
    strength = weight / scale
    with np.errstate(under="ignore"):
        wrong = np.flatnonzero(given & ~((strength.astype(np.float32) > 0) & (strength <= 1)))
    if wrong.size:
        value = weight[wrong[0]]
        advice = (
            "write `weights: divide_by_max`, or `weights: ignore`"
            if value > 0
            else ("remove the tie, or write `weights: ignore`")
        )
        raise place(wrong[0], f"strength must be above 0 and at most 1, not {value:g}: {advice}")
    by = f", divided by {scale:g}" if config.weights == "divide_by_max" else ""
    rest = "" if given.all() else f"; {np.sum(~given):,} ties without one, as configured"
    return strength, f" {low:g} to {high:g}{by}{rest}"


def _once(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    strength: NDArray[np.float64],
    n: int,
    directed: bool,
    place: Place,
) -> NDArray[np.bool_]:
    """Mark the ties to keep: all but the second direction of an undirected tie."""
    turned = (a > b) & (not directed)
    pair = np.where(turned, b, a) * n + np.where(turned, a, b)
    order = np.argsort(2 * pair + turned, kind="stable")
    one, two = order[:-1], order[1:]
    same = pair[one] == pair[two]
    alike = (strength[one] == strength[two]) | (np.isnan(strength[one]) & np.isnan(strength[two]))
    bad = np.flatnonzero(same & ((turned[one] == turned[two]) | ~alike))
    if bad.size:
        ties = np.sort(np.stack([one[bad], two[bad]]), axis=0)
        before, again = ties[:, np.argmin(ties[1])]
        raise _twice(before, again, place)
    keep = np.ones(a.size, bool)
    keep[two[same]] = False
    return keep


def _twice(before: int, again: int, place: Place) -> ValueError:
    first = place(before, "")
    where = f"the tie of line {first.line}" if isinstance(first, LineError) else "the tie"
    return place(again, f"{where} is given again: keep one of the two")
