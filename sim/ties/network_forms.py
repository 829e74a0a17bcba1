"""Which form a network file is in: told by its beginning, and by its suffix."""

import bz2
import gzip
import re
from pathlib import Path
from typing import Literal, get_args

from sim.ties.adjacency_list import is_multiline
from sim.ties.graph_files import text_of

Form = Literal[
    "auto",
    "edge_list",
    "adjacency_list",
    "multiline_adjacency_list",
    "graphml",
    "gml",
    "gexf",
    "pajek",
    "node_link",
    "graph6",
    "sparse6",
    "matrix_market",
    "leda",
]
_SUFFIXES = {
    ".graphml": "graphml",
    ".gml": "gml",
    ".gexf": "gexf",
    ".net": "pajek",
    ".paj": "pajek",
    ".json": "node_link",
    ".g6": "graph6",
    ".graph6": "graph6",
    ".s6": "sparse6",
    ".sparse6": "sparse6",
    ".mtx": "matrix_market",
    ".lgr": "leda",
    ".leda": "leda",
}
_BEGINNINGS = {
    r"(?s)<.*?<(\w+:)?graphml\b": "graphml",
    r"<(\w+:)?graphml\b": "graphml",
    r"(?s)<.*?<(\w+:)?gexf\b": "gexf",
    r"<(\w+:)?gexf\b": "gexf",
    r"%%MatrixMarket\b": "matrix_market",
    r"(?i)(%[^\n]*\n\s*)*\*(network|vertices)\b": "pajek",
    r"(?s)([^{};,]*?\n)?\s*graph\s*\[": "gml",
    r"LEDA\.GRAPH\b": "leda",
    r">>graph6<<": "graph6",
    r">>sparse6<<": "sparse6",
    r":[?-~]+\s*\Z": "sparse6",
    r"[{[]": "node_link",
}
"""What a file of each form begins with, byte-order marks and blanks aside."""
_FOREIGN = {
    r"(?i)(strict\s+)?(di)?graph\b[^\[]*\{": "DOT of Graphviz",
    r"(?i)dl\s+n\s*=": "DL of UCINET",
    r"nodedef>": "GDF",
    r"PK\x03\x04": "a zip archive or an Excel workbook",
    r"PAR1": "Parquet",
    r"\x80[\x02-\x05]": "a Python pickle",
    r"\xfd7zXZ": "compressed with xz",
    r"<": "XML, and neither GraphML nor GEXF",
    r"&[?-~]+\s*\Z": "digraph6",
}
_LIKELY = 4096
"""Bytes of the beginning that tell a form."""


def unpacked(file: Path) -> bytes:
    """Return the content of a file, decompressed if it is compressed by gzip or bzip2."""
    content = file.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    return bz2.decompress(content) if content.startswith(b"BZh") else content


def form_of(file: str, content: bytes) -> str:
    """Return the form of a file, which its beginning and its suffix must agree on.

    Parameters
    ----------
    file
        Its name.
    content
        What is in it, decompressed.

    Raises
    ------
    ValueError
        If it is not recognised beyond doubt: what was seen, and what to write.
    """
    name = re.sub(r"\.(gz|bz2)\Z", "", file.lower())
    by_name = _SUFFIXES.get(Path(name).suffix)
    start = content[:_LIKELY].removeprefix(b"\xef\xbb\xbf").lstrip().decode("latin-1")
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ValueError("the file is empty")
    seen = _first(_BEGINNINGS, start)
    if seen is None and by_name == "graph6" and re.fullmatch(r"([?-~]+\s*)+", start):
        return by_name
    if seen is None and (foreign := _first(_FOREIGN, start)):
        raise ValueError(f"is {foreign}, which cannot be read: write it as GraphML or edge list")
    if by_name and seen != by_name:
        looks = seen or "none of the graph forms"
        raise ValueError(
            f"has the suffix of {by_name} and looks like {looks} ({start[:30]!r}): write "
            f"`format:` {' or '.join(get_args(Form)[1:])}"
        )
    return seen or _list(name, content)


def _first(patterns: dict[str, str], start: str) -> str | None:
    return next((form for pattern, form in patterns.items() if re.match(pattern, start)), None)


def _list(name: str, content: bytes) -> str:
    if name.endswith(".lgl"):
        raise ValueError("is LGL of igraph, which cannot be read: write it as GraphML or NCOL")
    if b"{" in content and is_multiline(text_of(content)):
        return "multiline_adjacency_list"
    return "adjacency_list" if name.endswith(".adjlist") else "edge_list"
