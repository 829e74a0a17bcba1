"""Networks from files: every form that real networks come in, and what must be refused."""

import io
import os
import time
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from exported import EDGE, FORMS, GRAPHS, XML, degrees, ladder, read, strengths, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ties import check, make
from ties import degrees as ties_of

from sim.ties import network_file
from sim.ties.edge_list import read_edge_list
from sim.ties.network_file import NetworkFile, file_ids, read_network

FRESH = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


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


def test_graphml_default_weights_count(tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", XML.format(EDGE, ""))
    assert read(path, 3).strength.tolist() == [0.25]


def test_a_file_that_lists_all_nodes_must_have_as_many_as_people(tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", XML.format(EDGE, ""))
    for n in (2, 4):
        with pytest.raises(ValueError, match=r"the file has 3 nodes, .* write people.n: 3"):
            read(path, n)


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
