"""Reading networks from adjacency lists, on one line for a node or on several.

networkx's readers of these forms merge ties that are given twice, and take a list that ends too
early for one without the rest. So lines are read here, and every mistake has its line.
"""

import re

from sim.ties.columns import Columns
from sim.ties.line_files import Collected, LineError, body_of
from sim.ties.links import Links, to_weight


def is_multiline(text: str) -> bool:
    """Tell a multi-line adjacency list by its neighbours: one name and networkx's data."""
    return re.search(r"(?m)^[^\s#%]+ +\{('.*)?\}\s*$", text) is not None


def read_adjacency_list(text: str) -> Links:
    """Read lines of a node and all its neighbours, separated by white space.

    Raises
    ------
    LineError
        With the line.
    """
    body, collected, complete = body_of(text), Collected(), False
    for number, line in zip(body.numbers, body.lines, strict=True):
        node, *neighbours = line.split()
        collected.node(node)
        complete |= len(neighbours) != 1  # else an edge list may have the suffix
        for neighbour in neighbours:
            collected.add(number, node, neighbour, to_weight(None))
    return collected.links(complete=complete)


def read_multiline_adjacency_list(text: str, weight_column: str | None) -> Links:
    """Read `node degree`, followed by as many lines `neighbour` or `neighbour {'weight': 0.5}`.

    Raises
    ------
    LineError
        With the line.
    """
    collected, columns = Collected(), Columns([], weight_column, 3)
    body = body_of(text)
    lines = zip(body.numbers, body.lines, strict=True)
    for number, line in lines:
        node, *degree = line.split()
        if len(degree) != 1 or not degree[0].isdigit():
            raise LineError(number, f"expected a node and its number of ties, not {line[:40]!r}")
        collected.node(node)
        for _ in range(int(degree[0])):
            _neighbour(collected, columns, node, next(lines, (number, "")))
    return collected.links(None, True, columns.name)


def _neighbour(collected: Collected, columns: Columns, node: str, row: tuple[int, str]) -> None:
    number, line = row
    name, _, data = line.partition(" ")
    data = data.strip()
    if not name or (data and data[0] != "{"):
        raise LineError(number, f"{node!r} has fewer neighbours than the number after it")
    try:
        collected.add(number, *columns.pick([node, name, *([data] if data else [])]))
    except ValueError as error:
        raise LineError(number, str(error)) from None
