"""Networks from files: every form that real networks come in, and what must be refused."""

import io
import os
import time
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from exported import FORMS, GRAPHS, degrees, ladder, strengths
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ties import check, make
from ties import degrees as ties_of

from sim import network_file
from sim.edge_list import read_edge_list
from sim.network_file import NetworkFile, file_ids, read_network

FRESH = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, n: int, **keys: Any) -> Any:
    return read_network(NetworkFile(file=str(path), **keys), n)


# --- every form, every network ------------------------------------------------------------------


@pytest.mark.parametrize("network", GRAPHS)
@pytest.mark.parametrize("form", FORMS)
def test_real_networks_in_every_form(tmp_path: Path, form: str, network: str) -> None:
    graph, (suffix, write, lost) = GRAPHS[network], FORMS[form]
    path = written(tmp_path, "net" + suffix, write(graph))
    found = read(path, len(graph), weights="divide_by_max")
    assert found.a.size == graph.number_of_edges()
    ends = np.bincount(np.concatenate([found.a, found.b]), minlength=len(graph))
    assert sorted(ends.tolist()) == degrees(graph)
    if "w" in lost:
        assert np.isnan(found.strength).all()
    elif not np.isnan(found.strength).all():
        assert sorted(found.strength.tolist()) == pytest.approx(strengths(graph), rel=1e-12)
    else:
        assert all("weight" not in data for *_, data in graph.edges(data=True))
    who = file_ids(NetworkFile(file=str(path), weights="divide_by_max"), len(graph))
    assert sorted(who.values()) == list(range(len(graph)))
    if set(who) == set(map(str, graph)):  # names are kept: every tie joins whom it joined
        ties = {frozenset(pair) for pair in zip(found.a.tolist(), found.b.tolist(), strict=True)}
        assert ties == {frozenset((who[str(a)], who[str(b)])) for a, b in graph.edges}
    check(make("file", len(graph), file=str(path), weights="divide_by_max"))


@pytest.mark.parametrize("form", FORMS)
def test_weights_above_one_are_refused_unless_said(tmp_path: Path, form: str) -> None:
    graph, (suffix, write, lost) = GRAPHS["karate"], FORMS[form]
    path = written(tmp_path, "net" + suffix, write(graph))
    if "w" not in lost:
        with pytest.raises(ValueError, match=r"strength must be above 0 and at most 1, not [2-7]:"):
            read(path, 34)
    assert np.isnan(read(path, 34, weights="ignore").strength).all()


DIRECTED = {
    "graphml", "gml", "gexf", "node-link edges", "pajek", "leda", "matrix market", "gephi csv",
    "pajek of igraph", "gml of igraph", "gz",
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(DIRECTED))
def test_directed_forms_say_so(tmp_path: Path, form: str) -> None:
    graph, (suffix, write, _) = ladder(), FORMS[form]
    content = write(graph)
    path = written(tmp_path, "net" + suffix, content)
    n = 7
    found = read(path, n)
    assert found.directed
    assert found.a.size == 5
    assert sorted(found.strength.tolist()) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])
    check(make("file", n, file=str(path)), directed=True)
    with pytest.raises(ValueError, match=r"its ties are directed, and not all go both ways"):
        read(path, n, directed=False, weights="ignore")
    path = written(tmp_path, "sym" + suffix, write(ladder().to_undirected()))
    with pytest.raises(ValueError, match=r"its ties are undirected"):
        read(path, n, directed=True)


def test_a_directed_file_of_ties_both_ways_may_be_read_as_undirected(tmp_path: Path) -> None:
    graph = GRAPHS["florentine"].to_directed()
    path = written(tmp_path, "net.graphml", FORMS["graphml"][1](graph))
    found = read(path, 15, directed=False)
    assert not found.directed
    assert found.a.size == 20


# --- who is who ---------------------------------------------------------------------------------


def test_the_relabelling_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, "net.txt", "Ann Bob\nBob Cid\n")
    config = NetworkFile(file=str(path))
    assert file_ids(config, 4) == {"Ann": 0, "Bob": 1, "Cid": 2}
    report = read_network(config, 4).report
    assert report.endswith(
        "net.txt: edge_list, 2 undirected ties among 3 nodes; ids are numbered in order of "
        "appearance: Ann is person 0, Cid is person 2; strengths as configured; "
        "1 of 4 people have no tie"
    )


def test_ids_from_one(tmp_path: Path) -> None:
    path = written(tmp_path, "net.txt", "2 3\n1 3\n3 5\n")
    assert file_ids(NetworkFile(file=str(path)), 5) == {"1": 0, "2": 1, "3": 2, "5": 4}
    assert "id 1 is person 0, id 5 is person 4" in read(path, 5).report
    with pytest.raises(ValueError, match=r"net.txt:3: there is no person 5"):
        read(path, 5, ids="numbers")
    assert file_ids(NetworkFile(file=str(path)), 6) == {"1": 1, "2": 2, "3": 3, "5": 5}


def test_ids_longer_than_numbers(tmp_path: Path) -> None:
    one, two = "9" * 25, "8" * 25
    path = written(tmp_path, "net.txt", f"{one} {two}\n")
    assert file_ids(NetworkFile(file=str(path)), 2) == {one: 0, two: 1}


def test_ids_with_gaps(tmp_path: Path) -> None:
    path = written(tmp_path, "net.txt", "70 30\n30 -5\n")
    assert file_ids(NetworkFile(file=str(path)), 3) == {"-5": 0, "30": 1, "70": 2}
    with pytest.raises(ValueError, match=r"net.txt:1: there is no person 70 among 9 people"):
        read(path, 9)
    assert file_ids(NetworkFile(file=str(path), ids="names"), 9) == {"-5": 0, "30": 1, "70": 2}


# --- refused, with a place ----------------------------------------------------------------------

REFUSED: dict[str, tuple[str, bytes | str, str]] = {
    "an empty file": ("a.csv", b"", "the file is empty"),
    "a mark only": ("a.csv", b"\xef\xbb\xbf\n", "the file is empty"),
    "comments only": ("a.csv", "# a\n% b\n", "holds no ties"),
    "a bare header": ("a.csv", "source,target,weight\n", "holds no ties"),
    "an unknown bare header": ("a.csv", "x,y\n", "a.csv:1: 'x,y' may name columns or people"),
    "an empty field": ("a.csv", "0,2\n0,,1\n", "a.csv:2: the name of to is empty"),
    "an empty tab": ("a.tsv", "0\t2\n0\t\t1\n", "a.tsv:2: the name of to is empty"),
    "an empty first field": ("a.csv", ",0,1\n,1,2\n", "a.csv:1: the name of from is empty"),
    "a semicolon too many": ("a.csv", "0;;1\n2;3;1", "a.csv:1: the name of to is empty"),
    "a decimal comma": ("a.csv", "0;1;0,5\n", "a.csv:1: strength must be a number, not '0,5'"),
    "four columns": ("a.csv", "a,b,c,d\n0,1,2,3", "a.csv:2: .*found 4 fields"),
    "one column": ("a.csv", "0\n1\n", "a.csv:1: .*found 1 fields"),
    "names and numbers": ("a.csv", "Ann,1\nBob,2", "a.csv:1: from and to must be whole numbers"),
    "fractions for ids": ("a.csv", "a,b\n0,1.0\n", "a.csv:2: .*whole numbers or names, not '1.0'"),
    "digits with a stroke": ("a.csv", "0,1\n1,1_0\n", "a.csv:2: .* not '1' and '1_0'"),
    "one number twice": ("a.csv", "0,1\n2,01\n", "'1' and '01' are the same number"),
    "spaces in names": ("a.txt", "Ann Lee Bob\n", "a.txt:1: "),
    "an open quote": ("a.csv", 'source,target\n"Ann,Bob\n', "a.csv:2: cannot be split"),
    "data that is none": ("a.txt", "0 1 {'weight': x}\n", "a.txt:1: .* must be data as networkx"),
    "a weight that is none": ("a.txt", "0 1 {'weight': 'x'}", "a.txt:1: strength must be a number"),
    "a negative weight": ("a.txt", "0 1 .5\n1 2 -.5", "a.txt:2: strength must be above 0 .* -0.5"),
    "no weight at all": ("a.txt", "0 1 1e-60", "a.txt:1: strength must be above 0"),
    "an endless weight": ("a.txt", "0 1 1e999", "a.txt:1: strength must be a number"),
    "a self-loop": ("a.txt", "Ann Bob\nBob Bob", "a.txt:2: person Bob is tied to themselves"),
    "a tie twice": ("a.txt", "Ann Bob\nBob Ann\nAnn Bob", "a.txt:3: the tie of line 1 is given"),
    "a tie with two weights": ("a.txt", "0 1 .5\n1 0 .6", "a.txt:2: the tie of line 1 is given"),
    "two kinds of ties": (
        "a.csv",
        "Source,Target,Type,Id\n0,1,Directed,0\n1,2,Undirected,1\n",
        "directed and undirected",
    ),
    "a short row": ("a.csv", "Source,Target,Type,Id\n0,1\n", "a.csv:2: the header has 4 columns"),
    "KONECT in two sets": ("out.a", "% bip unweighted\n1 1\n", "both sides are numbered"),
    "KONECT directed": ("out.a", "% asym unweighted\n1 2\n", "write `directed: true`, or"),
    "SNAP directed": ("a.txt", "# Directed graph: x\n0\t1\n", "write `directed: true`, or"),
    "a name or a comment": (
        "a.txt",
        "Ann Bob\nBob Eve\n#Cid Bob\n",
        "a.txt:3: '#Cid Bob' may be a comment",
    ),
    "Excel's separator": ("a.csv", "sep=;\n0;1\n", "a.csv:1: the name of to is empty"),
    "R with names of rows": (
        "a.csv",
        '"source" "target"\n"1" 0 1\n"2" 1 2\n',
        "a.csv:2: the header has 2 columns: found 3",
    ),
    "R without quotes": ("a.csv", "from to\n1 0 1\n2 2 1\n", "a.csv:2: the header has 2 columns"),
    "JSON with a text for a truth": (
        "a.json",
        '{"directed": "false", "nodes": [{"id": 0}, {"id": 1}],'
        ' "links": [{"source": 0, "target": 1}]}',
        "directed must be true or false, not 'false'",
    ),
    "GML with a tie after the graph": (
        "a.gml",
        'graph [ node [ id 0 label "a" ] node [ id 1 label "b" ] edge [ source 0 target 1 ] ]\n'
        "edge [ source 1 target 0 ]\n",
        "has 2 ties, of which 1",
    ),
    "a matrix of Pajek cut": (
        "a.net",
        "*Vertices 3\n*Matrix\n0 1 0\n1 0 1\n",
        "the matrix has 2 rows for 3 vertices",
    ),
    "UTF-16": ("a.csv", "0,1\n".encode("utf-16"), "not a text file in UTF-8"),
    "Latin-1": ("a.csv", b"Andr\xe9,Bob\n", "not a text file in UTF-8"),
    "LGL": ("a.lgl", "# a\nb\n", "LGL"),
    "DOT": ("a.dot", "graph g {\n 0 -- 1;\n}\n", "DOT"),
    "DOT directed": ("a.txt", "digraph { 0 -> 1 }\n", "DOT"),
    "GDF": ("a.gdf", "nodedef>name VARCHAR\n", "GDF"),
    "UCINET": ("a.dl", "DL n=3 format=edgelist1\n", "DL of UCINET"),
    "a workbook": ("a.xlsx", b"PK\x03\x04\0\0", "Excel"),
    "a pickle": ("a.pkl", b"\x80\x04\x95", "pickle"),
    "some XML": ("a.xml", "<?xml version='1.0'?><a/>", "XML, and neither"),
    "broken gz": ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "cannot be unpacked"),
    "not what it is called": ("a.gml", "0 1\n1 2\n", "suffix of gml and looks like none"),
    "JSON called GraphML": ("a.graphml", '{"nodes": []}', "of graphml and looks like node_link"),
    "JSON of something": ("a.json", '{"a": 1}', "must have the keys nodes, and links or edges"),
    "JSON without an end": ("a.json", '{\n"nodes": [', "a.json:2: is no JSON"),
    "JSON of no nodes": ("a.json", '{"nodes": [], "links": []}', "holds no ties"),
    "JSON with a tie of nobody": (
        "a.json",
        '{"nodes": [{"id": 0}, {"id": 1}], "links": [{"source": 0, "target": 2}]}',
        "declares 2 nodes, and its nodes and ties have 3",
    ),
    "JSON with a node twice": (
        "a.json",
        '{"nodes": [{"id": 0}, {"id": 0}], "links": [{"source": 0, "target": 0}]}',
        "declares 2 nodes",
    ),
    "JSON with a tie twice": (
        "a.json",
        '{"multigraph": false, "nodes": [{"id": 0}, {"id": 1}],'
        ' "edges": [{"source": 0, "target": 1, "weight": 0.1}, {"source": 0, "target": 1}]}',
        "tie '0'-'1': the tie is given again",
    ),
    "JSON with a text for a weight": (
        "a.json",
        '{"nodes": [{"id": 0}, {"id": 1}], "links": [{"source": 0, "target": 1, "value": "x"}]}',
        "tie '0'-'1': strength must be a number",
    ),
    "GML without an end": ("a.gml", "graph [\n node [ id 0\n", "a.gml:3: cannot be read as gml"),
    "GML with a tie of nobody": (
        "a.gml",
        'graph [ node [ id 0 label "a" ] edge [ source 0 target 9 ] ]',
        "undefined target 9",
    ),
    "Pajek with a label twice": ("a.net", '*Vertices 2\n1 "A"\n2 "A"\n*Edges\n1 2\n', "declares 2"),
    "Pajek with a vertex of nobody": ("a.net", "*Vertices 2\n*Edges\n1 2\n1 3\n", "a.net:4: a tie"),
    "Pajek with two lists": ("a.net", "*Vertices 2\n*Arcs\n1 2\n*Edges\n2 1\n", "a.net:4: "),
    "Pajek in lists": ("a.net", "*Vertices 3\n*Arcslist\n1 2 3\n", "a.net:2: "),
    "Pajek of two sets": ("a.net", "*Vertices 3 2\n*Edges\n1 2\n", "a.net:1: "),
    "Pajek with a gap": ("a.net", '*Vertices 3\n1 "A"\n3 "C"\n*Edges\n1 2\n', "a.net:3: "),
    "Pajek with half its vertices": ("a.net", '*Vertices 2\n1 "A"\n*Edges\n1 2\n', "a.net:3: "),
    "Pajek with a text for a weight": ("a.net", "*Vertices 2\n*Edges\n1 2 x\n", "a.net:3: streng"),
    "Pajek with an open quote": ("a.net", "*Vertices 1\n1 O'Hara\n", "a.net:2: .*double quotes"),
    "Pajek without ties": ("a.net", '*Vertices 2\n1 "A"\n2 "B"\n', "holds no ties"),
    "Pajek with vertices only": ("a.net", "*Vertices 2\n", "a.net: "),
    "graph6 cut": ("a.g6", ">>graph6<<D?", "cannot be read as graph6"),
    "two graphs": ("a.g6", "A_\nA_\n", "holds 2 graphs"),
    "digraph6": ("a.d6", "&AO", "digraph6"),
    "a matrix that is no square": (
        "a.mtx",
        "%%MatrixMarket matrix coordinate pattern general\n2 3 1\n1 3\n",
        "a matrix of 2 x 3",
    ),
    "a matrix cut": (
        "a.mtx",
        "%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n",
        "cannot be read as",
    ),
    "a matrix with a diagonal": (
        "a.mtx",
        "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 .5\n2 1 .5\n",
        "tied to themselves",
    ),
    "LEDA cut": ("a.lgr", "LEDA.GRAPH\nvoid\nvoid\n-2\n2\n|{}|\n|{}|\n2\n1 2 0 |{}|\n", "declared"),
    "an adjacency list of itself": ("a.adjlist", "0 1\n1 1 2\n2\n", "a.adjlist:2: person 1 is"),
    "an adjacency list without ties": ("a.adjlist", "0\n1\n", "holds no ties"),
    "a multi-line list cut": ("a.adjlist", "0 2\n1 {}\n", "a.adjlist:1: '0' has fewer"),
    "a multi-line list too long": (
        "a.adjlist",
        "0 1\n1 {}\n2 {}\n",
        "a.adjlist:3: expected a node",
    ),
}


PEOPLE = {"names and numbers": 4, "JSON with a tie twice": 2, "a matrix with a diagonal": 2}
"""How many people there are, where not 3."""


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_place(tmp_path: Path, case: str) -> None:
    name, content, message = REFUSED[case]
    path = written(tmp_path, name, content)
    with pytest.raises(ValueError, match=message) as refused:
        read(path, PEOPLE.get(case, 3))
    assert str(refused.value).startswith(f"{path}:")
    for n in (1, 2, 3, 5, 100):
        with pytest.raises(ValueError):
            read(path, n)


XML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" '
    'attr.name="weight" attr.type="double"><default>0.25</default></key>'
    '<graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>{}</graph>{}'
    "</graphml>"
)
EDGE = '<edge source="a" target="b"/>'


@pytest.mark.parametrize(
    ("edges", "more", "message"),
    [
        ("", "", "holds no ties"),
        (EDGE * 2, "", "tie 'a'-'b': the tie is given again"),
        ('<edge source="a" target="z"/>', "", "declares 3 nodes, .* have 4"),
        (EDGE, '<graph edgedefault="directed"/>', "holds 2 graphs"),
        ('<edge source="a" target="b"><data key="w">x</data></edge>', "", "cannot be read as"),
        ('<edge source="a" target="b"><data key="w">7</data></edge>', "", "'a'-'b': .*not 7"),
        ('<edge source="a" target="b"><data key="w">NaN</data></edge>', "", "'a'-'b': strength"),
        ('<edge source="a" target="b" directed="true"/>', "", "cannot be read as graphml"),
        ("<hyperedge/>", "", "cannot be read as graphml"),
        ("\n<edge", "", r"a.graphml:2: is no XML"),
    ],
)
def test_graphml_refused(tmp_path: Path, edges: str, more: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(written(tmp_path, "a.graphml", XML.format(edges, more)), 3)


def test_graphml_default_weights_count(tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", XML.format(EDGE, ""))
    assert read(path, 3).strength.tolist() == [0.25]


def test_a_file_that_lists_all_nodes_must_have_as_many_as_people(tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", XML.format(EDGE, ""))
    for n in (2, 4):
        with pytest.raises(ValueError, match=r"the file has 3 nodes, .* write people.n: 3"):
            read(path, n)


# --- what keys change ---------------------------------------------------------------------------


def test_a_header_may_be_declared(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "a,b\nc,d\n")
    assert read(path, 4, header=False).a.size == 2
    assert file_ids(NetworkFile(file=str(path), header=True), 4) == {"c": 0, "d": 1}


def test_columns_are_taken_by_name(tmp_path: Path) -> None:
    text = ",closeness,target,since,source\n0,.5,1,2001,0\n1,.25,2,2002,0\n"
    path = written(tmp_path, "a.csv", text)
    found = read(path, 3, directed=True, weight_column="closeness")
    assert (found.a.tolist(), found.b.tolist()) == ([0, 0], [1, 2])
    assert found.strength.tolist() == [0.5, 0.25]
    assert "not read: (no name), since" in found.report
    assert np.isnan(read(path, 3).strength).all()
    with pytest.raises(ValueError, match="no column 'warmth'; columns: , closeness"):
        read(path, 3, weight_column="warmth")


def test_an_attribute_may_be_named(tmp_path: Path) -> None:
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 0.125, "closeness")
    path = written(tmp_path, "a.gml", FORMS["gml"][1](graph))
    assert np.isnan(read(path, 3).strength).all()
    assert "not read: closeness" in read(path, 3).report
    assert read(path, 3, weight_column="closeness").strength.tolist() == [0.125, 0.125]
    with pytest.raises(ValueError, match="no attribute 'x' of ties; attributes: closeness"):
        read(path, 3, weight_column="x")


def test_the_form_may_be_declared(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "0 1 2 3\n1\n2\n3\n")
    with pytest.raises(ValueError, match=r"a.txt:1: .*found 4 fields"):
        read(path, 4)
    assert read(path, 4, format="adjacency_list").a.size == 3
    path = written(tmp_path, "a.gml", "0 1\n")
    assert read(path, 2, format="edge_list").a.size == 1
    with pytest.raises(ValueError, match=r"a.gml:1: expected \*Vertices"):
        read(path, 2, format="pajek")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "0,1,.5\n"), ("a.txt", "0 1 {'weight': .5}\n"), ("a.adjlist", "0 1\n")],
)
def test_a_weight_that_nowhere_is_must_not_be_named(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(ValueError, match="no tie has a weight called 'wieght'"):
        read(written(tmp_path, name, text), 2, weight_column="wieght")


# --- round trips --------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    n = draw(st.integers(2, 12))
    graph = nx.DiGraph() if draw(st.booleans()) else nx.Graph()
    names = draw(st.booleans())
    graph.add_nodes_from(f"node{k}" if names else k for k in range(n))
    nodes = list(graph)
    pairs = [(a, b) for a in nodes for b in nodes if a != b]
    for a, b in draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True)):
        graph.add_edge(a, b, weight=draw(st.floats(1e-3, 1)))
    return graph


@FRESH
@given(
    graph=graphs(),
    form=st.sampled_from(["graphml", "gml", "gexf", "node-link edges", "pajek", "gephi csv"]),
)
def test_round_trips(tmp_path: Path, graph: Any, form: str) -> None:
    suffix, write, _ = FORMS[form]
    path = written(tmp_path, "net" + suffix, write(graph))
    n = len(graph)
    found = read(path, n)
    assert found.directed == graph.is_directed()
    who = file_ids(NetworkFile(file=str(path)), n)
    rows = zip(found.a.tolist(), found.b.tolist(), found.strength.tolist(), strict=True)
    key = tuple if graph.is_directed() else frozenset
    assert {key((a, b)): s for a, b, s in rows} == pytest.approx(
        {key((who[str(a)], who[str(b)])): w for a, b, w in graph.edges(data="weight")}
    )


@FRESH
@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0.01, 1)), min_size=1),
    mark=st.sampled_from([",", "\t", " ", ", "]),
    end=st.sampled_from(["", "\n", "\n\n"]),
    titles=st.sampled_from(["", "from,to,weight\n", "# seen\n\n"]),
)
def test_numbers_are_read_alike_at_once_and_line_by_line(
    rows: list[tuple[int, int, float]], mark: str, end: str, titles: str
) -> None:
    text = titles + "\n".join(mark.join(map(repr, row)) for row in rows) + end
    fast = read_edge_list(text, None, None, None)
    slow = read_edge_list(text, bool(titles.startswith("from")), None, None)
    for one, two in zip(fast, slow, strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize(
    "text",
    ["0,1\n2,3,4,5", "0,1\n2", "0,1,2,3,4", "0,1\n1.0,2", "0 1 1e999", "0,1\n1e3,2", "0,1 2,3"],
)
def test_what_numpy_would_take_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError):
        read_edge_list(text, None, None, None)


@FRESH
@given(graph=graphs())
def test_lists_are_read_as_networkx_reads_them(tmp_path: Path, graph: Any) -> None:
    """Its own readers are lenient, and right where files are."""
    graph = nx.relabel_nodes(graph, str)
    for form, reader in (("adjacency", nx.read_adjlist), ("multi-line", nx.read_multiline_adjlist)):
        stream = io.BytesIO()
        (nx.write_adjlist if form == "adjacency" else nx.write_multiline_adjlist)(graph, stream)
        content = stream.getvalue()
        theirs = reader(io.BytesIO(content), create_using=type(graph))
        path = written(tmp_path, "net.adjlist", content)
        config = NetworkFile(file=str(path), directed=graph.is_directed(), format=FORM[form])
        ours, who = read_network(config, len(graph)), file_ids(config, len(graph))
        key = tuple if graph.is_directed() else frozenset
        pairs = {key(pair) for pair in zip(ours.a.tolist(), ours.b.tolist(), strict=True)}
        assert pairs == {key((who[a], who[b])) for a, b in theirs.edges}


FORM = {"adjacency": "adjacency_list", "multi-line": "multiline_adjacency_list"}


# --- once per process ---------------------------------------------------------------------------


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv", "0,1\n")
    os.utime(path, (time.time() - 60,) * 2)
    reads = []
    monkeypatch.setattr(
        network_file, "unpacked", lambda file: reads.append(file) or file.read_bytes()
    )
    first, again = (read(path, 3) for _ in range(2))
    assert first is again
    make("file", 3, file=str(path), homophily=0.5)
    assert len(reads) == 1
    with pytest.raises(ValueError, match="read-only"):
        first.a[0] = 2


def test_a_file_that_was_just_written_is_read_again(tmp_path: Path) -> None:
    for k in range(20):
        path = written(tmp_path, "a.csv", f"0,{1 + k % 2}\n")
        assert read(path, 3).b.tolist() == [1 + k % 2]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "no.csv", Path("/dev/zero")):
        with pytest.raises(ValueError, match="cannot be read"):
            read(name, 3)


@pytest.mark.parametrize("kind", ["file", "edge_list"])
def test_both_names_of_the_kind(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, "a.graphml", XML.format(EDGE, ""))
    assert ties_of(make(kind, 3, file=str(path))).tolist() == [1, 1, 0]
