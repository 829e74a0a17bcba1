"""Real networks written in the forms that other programs write."""

import bz2
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import scipy.io

from sim.ties.network_file import NetworkFile, read_network

Write = Callable[[Any], bytes]

GRAPHS: dict[str, Any] = {
    "karate": nx.karate_club_graph(),
    "les miserables": nx.les_miserables_graph(),
    "davis": nx.davis_southern_women_graph(),
    "florentine": nx.florentine_families_graph(),
}


GRAPHS["davis"].graph.clear()  # lists, which GraphML does not take


def ladder() -> Any:
    """A directed graph with strengths, a node without ties, and ties both ways."""
    graph = nx.DiGraph()
    graph.add_nodes_from("abcdefg")
    for k, (a, b) in enumerate([("a", "b"), ("b", "a"), ("c", "a"), ("d", "f"), ("f", "b")]):
        graph.add_edge(a, b, weight=0.1 + 0.2 * k)
    return graph


def by(writer: Callable[..., Any], **given: Any) -> Write:
    """What one of networkx's writers writes."""

    def write(graph: Any) -> bytes:
        stream = io.BytesIO()
        writer(graph, stream, **given)
        return stream.getvalue()

    return write


def numbered(graph: Any, first: int = 0) -> Any:
    return nx.convert_node_labels_to_integers(graph, first_label=first)


def table(names: dict[str, str] | None = None, **given: Any) -> Write:
    """What pandas writes: `names` are the columns kept, under new names."""

    def write(graph: Any) -> bytes:
        edges = nx.to_pandas_edgelist(graph).rename(columns=names or {})
        return edges.to_csv(**given).encode()

    return write


def gephi(graph: Any) -> bytes:
    kind = "Directed" if graph.is_directed() else "Undirected"
    rows = [
        f"{a},{b},{kind},{k},,,{data.get('weight', 1.0)}"
        for k, (a, b, data) in enumerate(graph.edges(data=True))
    ]
    return "\n".join(["Source,Target,Type,Id,Label,timeset,Weight", *rows, ""]).encode()


def snap(graph: Any) -> bytes:
    """Both directions of each tie, ids with gaps, tabs, Windows line ends."""
    graph = nx.relabel_nodes(numbered(graph), lambda k: 7 * k + 3)
    rows = [f"{a}\t{b}" for a, b in graph.to_directed().edges]
    head = ["# Undirected graph: ca.txt", f"# Nodes: {len(graph)}", "# FromNodeId\tToNodeId"]
    return "\r\n".join([*head, *rows, ""]).encode()


def konect(graph: Any) -> bytes:
    rows = [f"{a} {b} " for a, b in numbered(graph, 1).edges]
    return "\n".join(["% sym unweighted", f"% {len(rows)}", *rows, ""]).encode()


def igraph_ncol(graph: Any) -> bytes:
    weights = [(a, b, data.get("weight", 1)) for a, b, data in graph.edges(data=True)]
    return "\n".join(f'"{a}" "{b}" {weight}' for a, b, weight in weights).encode()


def igraph_pajek(graph: Any) -> bytes:
    """Vertices that are not listed."""
    rows = [f"{a} {b} {d.get('weight', 1)}" for a, b, d in numbered(graph, 1).edges(data=True)]
    section = "*Arcs" if graph.is_directed() else "*Edges"
    return "\r\n".join([f"*Vertices {len(graph)}", section, *rows, ""]).encode()


def igraph_gml(graph: Any) -> bytes:
    """Nodes without labels, brackets on lines of their own."""
    nodes = "".join(f"  node\n  [\n    id {k}\n  ]\n" for k in numbered(graph))
    edges = "".join(
        f"  edge\n  [\n    source {a}\n    target {b}\n    weight {d.get('weight', 1)}\n  ]\n"
        for a, b, d in numbered(graph).edges(data=True)
    )
    head = 'Creator "igraph version 0.10.12 Mon"\nVersion 1\ngraph\n[\n  directed '
    return f"{head}{int(graph.is_directed())}\n{nodes}{edges}]\n".encode()


def igraph_graphml(graph: Any) -> bytes:
    renamed = nx.relabel_nodes(numbered(graph), lambda k: f"n{k}")
    return by(nx.write_graphml)(renamed)


def gephi_gexf(graph: Any) -> bytes:
    return by(nx.write_gexf)(graph).replace(b"http://www.gexf.net/1.2draft", b"http://gexf.net/1.3")


def d3(graph: Any) -> bytes:
    """Nodes by position and `value`, as the Les Miserables of d3."""
    plain = numbered(graph)
    links = [
        {"source": a, "target": b, "value": d.get("weight", 1)}
        for a, b, d in plain.edges(data=True)
    ]
    return json.dumps({"nodes": [{"name": str(v)} for v in graph], "links": links}).encode()


def node_link(edges: str, indent: int | None) -> Write:
    return lambda graph: json.dumps(nx.node_link_data(graph, edges=edges), indent=indent).encode()


def matrix_market(graph: Any) -> bytes:
    stream = io.BytesIO()
    scipy.io.mmwrite(stream, nx.to_scipy_sparse_array(graph, dtype=float))
    return stream.getvalue()


def leda(graph: Any) -> bytes:
    plain = numbered(graph, 1)
    edges = [f"{a} {b} 0 |{{{d.get('weight', 1)}}}|" for a, b, d in plain.edges(data=True)]
    kind = "-1" if graph.is_directed() else "-2"
    nodes = [f"|{{{name}}}|" for name in graph]
    lines = ["LEDA.GRAPH", "string", "double", kind, len(nodes), *nodes, len(edges), *edges]
    return "\n".join(map(str, lines)).encode()


def quoted(mark: str) -> Write:
    def write(graph: Any) -> bytes:
        rows = [
            mark.join([f'"{a}"', f'"{b}"', str(d.get("weight", 1))])
            for a, b, d in graph.edges(data=True)
        ]
        return "\n".join([mark.join(["source", "target", "weight"]), *rows]).encode()

    return write


FORMS: dict[str, tuple[str, Write, str]] = {
    # name: suffix, writer, and "w" where weights are lost
    "csv": (".csv", table(index=False), ""),
    "csv with an index": (".csv", table(), ""),
    "csv from,to": (".csv", table({"source": "from", "target": "to"}, index=False), ""),
    "tsv": (".tsv", table(index=False, sep="\t"), ""),
    "semicolons": (".csv", table(index=False, sep=";"), ""),
    "csv with a mark": (".csv", lambda g: b"\xef\xbb\xbf" + table(index=False)(g), ""),
    "quoted": (".csv", quoted(","), ""),
    "quoted tabs": (".txt", quoted("\t"), ""),
    "gephi csv": (".csv", gephi, ""),
    "snap": (".txt", snap, "w"),
    "konect": ("", konect, "w"),
    "ncol": (".ncol", igraph_ncol, ""),
    "numbers": (".edges", lambda g: by(nx.write_edgelist, data=False)(numbered(g)), "w"),
    "numbers from 1": (".dat", lambda g: by(nx.write_edgelist, data=False)(numbered(g, 1)), "w"),
    "networkx": (".edgelist", lambda g: by(nx.write_edgelist)(numbered(g)), ""),
    "networkx commas": (".txt", by(nx.write_edgelist, delimiter=","), ""),
    "networkx weights": (
        ".txt",
        lambda g: by(nx.write_weighted_edgelist, delimiter="\t")(with_weights(g)),
        "",
    ),
    "adjacency": (".adjlist", lambda g: by(nx.write_adjlist)(numbered(g)), "w"),
    "multi-line": (".adjlist", lambda g: by(nx.write_multiline_adjlist)(numbered(g)), ""),
    "multi-line names": (".txt", lambda g: by(nx.write_multiline_adjlist)(unspaced(g)), ""),
    "graphml": (".graphml", by(nx.write_graphml), ""),
    "graphml of igraph": (".graphml", igraph_graphml, ""),
    "graphml named xml": (".xml", by(nx.write_graphml), ""),
    "gml": (".gml", by(nx.write_gml), ""),
    "gml of igraph": (".gml", igraph_gml, ""),
    "gexf": (".gexf", by(nx.write_gexf), ""),
    "gexf of gephi": (".gexf", gephi_gexf, ""),
    "pajek": (".net", lambda g: by(nx.write_pajek)(texts(g)), ""),
    "pajek of igraph": (".net", igraph_pajek, ""),
    "node-link edges": (".json", node_link("edges", None), ""),
    "node-link links": (".json", node_link("links", 2), ""),
    "d3": (".json", d3, ""),
    "graph6": (".g6", lambda g: by(nx.write_graph6)(numbered(g)), "w"),
    "graph6 bare": (".g6", lambda g: by(nx.write_graph6, header=False)(numbered(g)), "w"),
    "sparse6": (".s6", lambda g: by(nx.write_sparse6)(numbered(g)), "w"),
    "sparse6 bare": (".txt", lambda g: by(nx.write_sparse6, header=False)(numbered(g)), "w"),
    "matrix market": (".mtx", matrix_market, ""),
    "leda": (".lgr", leda, ""),
    "gz": (".graphml.gz", lambda g: gzip.compress(by(nx.write_graphml)(g)), ""),
    "bz2": (".csv.bz2", lambda g: bz2.compress(table(index=False)(g)), ""),
    "gz without a suffix": ("", lambda g: gzip.compress(table(index=False)(g)), ""),
}


def with_weights(graph: Any) -> Any:
    graph = graph.copy()
    for *_, data in graph.edges(data=True):
        data.setdefault("weight", 1)
    return graph


def unspaced(graph: Any) -> Any:
    return nx.relabel_nodes(graph, lambda name: str(name).replace(" ", "_") + "_")


def texts(graph: Any) -> Any:
    """Attributes as text, which is all that Pajek takes, but for weights."""
    out = graph.__class__()
    out.add_nodes_from(map(str, graph))
    out.add_edges_from((str(a), str(b), d) for a, b, d in graph.edges(data=True))
    return out


def degrees(graph: Any) -> list[int]:
    return sorted(degree for _, degree in graph.degree())


def strengths(graph: Any) -> list[float]:
    """Weights divided by the largest, of every tie, ascending."""
    weights = np.array([d.get("weight", 1.0) for *_, d in graph.edges(data=True)], float)
    return sorted((weights / weights.max()).tolist())


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, n: int, **keys: Any) -> Any:
    return read_network(NetworkFile(file=str(path), **keys), n)


XML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" '
    'attr.name="weight" attr.type="double"><default>0.25</default></key>'
    '<graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>{}</graph>{}'
    "</graphml>"
)
EDGE = '<edge source="a" target="b"/>'
