"""Reading networks from graph files, by networkx and SciPy.

Their readers are lenient: a tie of a node that is not declared makes the node, equal labels make
one node of two, parallel ties become one. So what they return is counted against the file.
"""

import io
import json
import re
import shlex
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import scipy.io

from sim.ties.line_files import LineError
from sim.ties.links import Links, in_order, to_weight, weight_name


class Counted(NamedTuple):
    """A graph as networkx has read it, and how many nodes and ties its file has."""

    graph: Any
    nodes: int
    ties: int


def read_graph(form: str, content: bytes, weight_column: str | None) -> Links:
    """Read a graph file.

    Parameters
    ----------
    form
        A key of `READERS`.
    content
        The file, unpacked.
    weight_column
        Attribute of the weights; `None`: find it; empty: read none.

    Raises
    ------
    LineError
        With the line, where the form has lines.
    ValueError
        If the file is not of this form, or holds what cannot be ties between people.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = READERS[form](content)
    except ElementTree.ParseError as error:
        raise LineError(error.position[0], f"is no XML: {error}") from None
    except json.JSONDecodeError as error:
        raise LineError(error.lineno, f"is no JSON: {error.msg}") from None
    except LineError:
        raise
    except Exception as error:  # networkx's readers raise whatever comes
        place = re.search(r"at \((\d+), \d+\)", str(error))
        what = f"cannot be read as {form}: {error}"
        raise (LineError(int(place[1]), what) if place else ValueError(what)) from None
    return _links(found, weight_column)


def _links(found: Counted, weight_column: str | None) -> Links:
    graph = found.graph
    if isinstance(graph, list):
        raise ValueError(f"holds {len(graph)} graphs: write one graph to a file")
    ids = [str(node) for node in graph]
    if len(ids) != found.nodes or len(set(ids)) != len(ids):
        raise ValueError(
            f"declares {found.nodes} nodes, and its nodes and ties have {len(set(ids))} different "
            "names: every node must be declared once, under a name of its own"
        )
    if graph.number_of_edges() != found.ties:
        raise ValueError(
            f"has {found.ties} ties, of which {graph.number_of_edges()} could be read: give each "
            "tie once"
        )
    place = {node: k for k, node in enumerate(graph)}
    edges = list(graph.edges(data=True))
    ends = np.array([(place[a], place[b]) for a, b, _ in edges], np.int64).reshape(-1, 2)
    names: dict[str, None] = {}
    for *_, data in edges:
        names.update(dict.fromkeys(data))
    default = graph.graph.get("edge_default") or {}
    names.update(dict.fromkeys(default))
    key = _weight_key(names, weight_column)
    weight = np.full(len(edges), np.nan)
    for k, (a, b, data) in enumerate(edges if key else ()):
        try:
            weight[k] = to_weight(data.get(key, default.get(key)))
        except ValueError as error:
            raise ValueError(f"tie {str(a)!r}-{str(b)!r}: {error}") from None
    numbers, a, b = in_order(ids, ends[:, 0], ends[:, 1])
    unused = tuple(str(name) for name in names if name not in (key, "id", "key"))
    line = np.zeros(len(edges), np.int64)
    return Links(numbers, a, b, weight, line, graph.is_directed(), True, key or "", unused)


def _weight_key(names: dict[str, None], wanted: str | None) -> str | None:
    if wanted and wanted not in names:
        there = ", ".join(map(str, names)) or "none"
        raise ValueError(f"no attribute {wanted!r} of ties; attributes: {there}")
    if wanted is not None:
        return wanted
    return weight_name(names)


def text_of(content: bytes) -> str:
    """Return text, with line ends as one mark.

    Raises
    ------
    ValueError
        If it is not in UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not a text file in UTF-8: {error}") from None
    if "\0" in text:
        raise ValueError("is not a text file in UTF-8: it holds zero bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- the forms ----------------------------------------------------------------------------------


def _xml(content: bytes) -> tuple[int, int]:
    """Return how many nodes and ties an XML file has, in one graph."""
    tags = [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(content).iter()]
    if (graphs := tags.count("graph")) != 1:
        raise ValueError(f"it holds {graphs} graphs, beside or in each other: write one graph")
    return tags.count("node"), tags.count("edge")


def _graphml(content: bytes) -> Counted:
    counts = _xml(content)
    return Counted(nx.read_graphml(io.BytesIO(content)), *counts)


def _gexf(content: bytes) -> Counted:
    counts = _xml(content)
    return Counted(nx.read_gexf(io.BytesIO(content)), *counts)


def _gml(content: bytes) -> Counted:
    text = text_of(content)
    try:
        graph = nx.parse_gml(text)
    except nx.NetworkXError as error:
        if "label" not in str(error):
            raise
        graph = nx.parse_gml(text, label="id")  # no labels, or the same label twice
    bare = re.sub(r'(?m)"[^"]*"|^\s*#.*$', "", text)  # what is after the graph is passed over
    counts = (len(re.findall(rf"\b{key}\s*\[", bare)) for key in ("node", "edge"))
    return Counted(graph, *counts)


def _node_link(content: bytes) -> Counted:
    data = json.loads(text_of(content))
    keys = [key for key in ("links", "edges") if isinstance(data, dict) and key in data]
    if len(keys) != 1 or not isinstance(data.get("nodes"), list):
        there = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise ValueError(
            f"it must have the keys nodes, and links or edges, as networkx.node_link_data writes "
            f"them (found {there[:80]})"
        )
    for key in ("directed", "multigraph"):
        if not isinstance(data.get(key, True), bool):
            raise ValueError(f"{key} must be true or false, not {data[key]!r}")
    ties = data[keys[0]]
    if not data.keys() & {"directed", "multigraph", "graph"}:  # networkx writes them, and ids
        _refuse_positions(data["nodes"], ties)
    # as a multigraph, since a simple one hides that a tie is given twice
    graph = nx.node_link_graph(data | {"multigraph": True}, edges=keys[0])
    return Counted(graph, len(data["nodes"]), len(ties))


def _refuse_positions(nodes: list[Any], ties: list[Any]) -> None:
    """Refuse links that may be ids of nodes or, as in d3, positions in their list."""
    ids = [node.get("id", k) for k, node in enumerate(nodes)]
    ends = [tie[end] for tie in ties for end in ("source", "target")]
    both = all(type(end) is int and 0 <= end < len(ids) and end in ids for end in ends)
    if both and (other := next((end for end in ends if ids[end] != end), None)) is not None:
        raise ValueError(
            f"the link end {other} may be the node of id {other} or the node at position {other}, "
            f'whose id is {ids[other]}: write `"multigraph": false` into the file if links name '
            "ids; take the ids away from the nodes if links count positions from 0"
        )


def _pajek(content: bytes) -> Counted:
    lines = list(_pajek_lines(text_of(content)))
    graph = nx.parse_pajek(lines)
    nodes = int(lines[0].split()[1])
    ties = len(lines) - nodes - 2
    if lines[-1].lower().startswith("*vertices") or len(lines) == nodes + 1:
        ties = 0
    if "*matrix" in (line.lower() for line in lines):
        if ties != nodes:
            raise ValueError(f"the matrix has {ties} rows for {nodes} vertices")
        ties = graph.number_of_edges()
    return Counted(graph, nodes, ties)


def _pajek_lines(text: str) -> Iterator[str]:
    """Yield vertices and ties as networkx reads them: it passes over what it does not know."""
    section, nodes, listed, sections = "", 0, 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line or line[0] == "%" or line.lower().startswith("*network"):
            continue
        if line[0] == "*":
            section, sections = line.split()[0].lower(), sections + 1
            expected = ("*vertices",) if sections == 1 else ("*edges", "*arcs", "*matrix")
            if section not in expected or sections > 2:
                raise LineError(
                    number,
                    f"{line[:40]!r} must be {' or '.join(expected)}, once: one network with one "
                    "list of ties can be read",
                )
            if section == "*vertices":
                nodes = _count(number, line)
            elif listed == 0:  # vertices need not be listed
                yield from (f"{k} {k}" for k in range(1, nodes + 1))
            elif listed != nodes:
                raise LineError(number, f"{listed} of {nodes} vertices are listed: list all")
            yield line
            continue
        if section == "*vertices":
            listed += 1
        yield _pajek_line(number, line, section, nodes, listed)


def _count(number: int, line: str) -> int:
    parts = line.split()
    if len(parts) != 2 or not parts[1].isdigit():
        raise LineError(number, f"expected `*Vertices` and their number, not {line[:40]!r}")
    return int(parts[1])


def _pajek_line(number: int, line: str, section: str, nodes: int, listed: int) -> str:
    try:
        fields = shlex.split(line)
    except ValueError as error:
        raise LineError(number, f"{error}: put double quotes around labels") from None
    if section == "*vertices":
        if fields[0] != str(listed) or len(fields) < 2 or listed > nodes:
            raise LineError(number, f"expected vertex {listed} of {nodes} and its label")
    elif section == "*matrix":
        if len(fields) != nodes or not all(field.isdigit() for field in fields):
            raise LineError(number, f"expected a row of {nodes} whole numbers")
    elif section in ("*edges", "*arcs"):
        ends = [int(field) if field.isdigit() else 0 for field in fields[:2]]
        if len(ends) < 2 or not all(1 <= end <= nodes for end in ends):
            raise LineError(number, f"a tie needs two vertices of 1 to {nodes}: {line[:40]!r}")
        try:
            to_weight(fields[2] if len(fields) > 2 else None)
        except ValueError as error:
            raise LineError(number, str(error)) from None
    else:
        raise LineError(number, f"expected *Vertices, not {line[:40]!r}")
    return line


def _graph6(content: bytes) -> Counted:
    return _all(nx.read_graph6(io.BytesIO(content)))


def _sparse6(content: bytes) -> Counted:
    return _all(nx.read_sparse6(io.BytesIO(content)))


def _all(graph: Any) -> Counted:
    """Take a graph of a form that cannot say what is not there."""
    if isinstance(graph, list):
        return Counted(graph, 0, 0)
    return Counted(graph, len(graph), graph.number_of_edges())


def _matrix_market(content: bytes) -> Counted:
    rows, columns, _, _, field, symmetry = scipy.io.mminfo(io.BytesIO(content))
    if rows != columns:
        raise ValueError(f"a matrix of {rows} x {columns} has no ties within one set of people")
    if field == "complex" or symmetry not in ("general", "symmetric"):
        raise ValueError(f"a {field} {symmetry} matrix has no strengths")
    matrix = scipy.sparse.coo_array(scipy.io.mmread(io.BytesIO(content)))
    graph = nx.MultiDiGraph() if symmetry == "general" else nx.MultiGraph()
    graph.add_nodes_from(range(1, rows + 1))
    keep = slice(None) if symmetry == "general" else matrix.row >= matrix.col
    given = matrix.row[keep] + 1, matrix.col[keep] + 1, matrix.data[keep]
    for a, b, value in zip(*(part.tolist() for part in given), strict=True):
        graph.add_edge(a, b, **({} if field == "pattern" else {"weight": value}))
    return _all(graph)


def _leda(content: bytes) -> Counted:
    lines = [
        line for line in text_of(content).split("\n") if line.strip() and not line.startswith("#")
    ]
    nodes = int(lines[4])
    ties = int(lines[5 + nodes])
    if len(lines) != 6 + nodes + ties:
        raise ValueError(f"{nodes} nodes and {ties} ties are declared, and not what follows")
    graph = nx.parse_leda(lines)
    if lines[2].strip() in ("int", "float", "double"):
        for *_, data in graph.edges(data=True):
            data["weight"] = data.pop("label")
    return Counted(graph, nodes, ties)


READERS: dict[str, Callable[[bytes], Counted]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "gml": _gml,
    "node_link": _node_link,
    "pajek": _pajek,
    "graph6": _graph6,
    "sparse6": _sparse6,
    "matrix_market": _matrix_market,
    "leda": _leda,
}
