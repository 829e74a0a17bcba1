"""Networks from files: what is a tie, a strength or a name, and the keys that say so."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from exported import FORMS, read, written

from sim.ties.network_file import NetworkFile, file_ids


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


@pytest.mark.parametrize("weights", ["as_is", "divide_by_max", "ignore"])
@pytest.mark.parametrize(
    "header",
    [
        "id,user_id,friend_id", ",user,friend", "index,follower,followee", "Unnamed: 0,a,b",
        "row,node1,node2", "no,src,dst", "ID,Sender,Receiver", "key,person1,person2",
    ],
)  # fmt: skip
def test_row_numbers_are_left_out(tmp_path: Path, header: str, weights: str) -> None:
    """The usual export of a data base; by position, ties would join row numbers and users."""
    path = written(tmp_path, "a.csv", header + "\n0,4,3\n1,5,2\n2,3,5\n")
    found = read(path, 6, weights=weights)
    assert [*zip(found.a.tolist(), found.b.tolist(), strict=True)] == [(4, 3), (5, 2), (3, 5)]
    assert np.isnan(found.strength).all()
    _, a, b = header.split(",")
    assert f"from {a!r} to {b!r}" in found.report
    assert f"not read: {header.split(',', maxsplit=1)[0] or '(no name)'}" in found.report


def test_row_numbers_at_the_end_are_no_strengths(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "user,friend,id\n4,3,1\n5,2,2\n")
    found = read(path, 6, weights="divide_by_max")
    assert np.isnan(found.strength).all()
    assert "not read: id" in found.report


@pytest.mark.parametrize(
    "header",
    ["A,B,w", "foo,bar,weight", "source,target,Strength", "from,to,tie_strength", "u,v,frequency"],
)
def test_a_third_column_that_is_called_a_strength_is_one(tmp_path: Path, header: str) -> None:
    found = read(written(tmp_path, "a.csv", header + "\n0,1,.5\n1,2,.25\n"), 3)
    assert found.strength.tolist() == [0.5, 0.25]
    calls = written(tmp_path, "a.csv", "caller,callee,count\n0,1,2\n1,2,8\n")
    assert read(calls, 3, weights="divide_by_max").strength.tolist() == [0.25, 1]


@pytest.mark.parametrize("header", ["source,target", "foo,bar", "a,b"])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("since", ("2001", "2010")),
        ("order_id", ("1", "2")),
        ("age", (".5", ".25")),
        ("joined", ("20240101", "")),
    ],
)
@pytest.mark.parametrize("weights", ["as_is", "divide_by_max"])
def test_numbers_by_another_name_are_no_strengths_unless_said(
    tmp_path: Path, header: str, name: str, values: tuple[str, str], weights: str
) -> None:
    """A year divided by the last year looks like a strength, and is none."""
    text = f"{header},{name}\nx,y,{values[0]}\ny,z,{values[1]}\n"
    path = written(tmp_path, "a.csv", text)
    says = rf"a\.csv:1: the third column, '{name}', holds numbers, .*weight_column: {name}` if"
    with pytest.raises(ValueError, match=says):
        read(path, 3, weights=weights, header=True)
    assert np.isnan(read(path, 3, weights="ignore", header=True).strength).all()
    said = read(path, 3, weights="divide_by_max", weight_column=name, header=True)
    known = [float(value) for value in values if value]
    assert said.strength[: len(known)].tolist() == [value / max(known) for value in known]


def test_numbers_by_another_name_are_noticed_in_files_of_numbers_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "source,target,since\n0,1,2001\n1,2,2010\n")
    with pytest.raises(ValueError, match=r"a\.csv:1: the third column, 'since', holds numbers"):
        read(path, 3, weights="divide_by_max")
    path = written(tmp_path, "b.csv", "source,target,order_id\n0,1,1\n1,2,1\n")
    with pytest.raises(ValueError, match=r"b\.csv:1: the third column, 'order_id', holds numbers"):
        read(path, 3)


def test_a_third_column_of_dates_or_words_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "source,target,since\n0,1,2001-05-01\n1,2,2010-05-01\n")
    found = read(path, 3, weights="divide_by_max")
    assert np.isnan(found.strength).all()
    assert "strengths as configured; not read: since" in found.report


def test_data_of_networkx_below_a_header_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "source target data\n0 1 {'weight': 0.5}\n1 2 {}\n")
    found = read(path, 3)
    assert found.strength.tolist()[0] == 0.5 and np.isnan(found.strength[1])
    assert "not read" not in found.report


def test_a_third_column_without_a_name_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "3 0 1\n4 3 1\n2 4 1\n")
    report = read(path, 5).report
    assert "third column taken as strength 1 to 1 (of an adjacency list, write `format:" in report
    assert read(path, 5, format="adjacency_list").a.size == 6
    path = written(tmp_path, "a.txt", "3 0 .5\n4 3 1\n")
    assert "third column taken as strength 0.5 to 1;" in read(path, 5).report


def test_weights_in_capitals(tmp_path: Path) -> None:
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 0.125, "Weight")
    for form in ("graphml", "gml", "node-link edges", "networkx"):
        suffix, write, _ = FORMS[form]
        found = read(written(tmp_path, "a" + suffix, write(graph)), 3)
        assert found.strength.tolist() == [0.125, 0.125]
        assert "strengths from 'Weight'" in found.report


def test_links_by_position_or_by_id_as_the_file_says(tmp_path: Path) -> None:
    nodes = '"nodes": [{"id": 1}, {"id": 2}, {"id": 0}], "links": [{"source": 0, "target": 1}]}'
    found = read(written(tmp_path, "a.json", '{"multigraph": false, ' + nodes), 3)
    assert {*found.a.tolist(), *found.b.tolist()} == {0, 1}
    found = read(written(tmp_path, "b.json", "{" + nodes.replace('"id"', '"name"')), 3)
    assert {*found.a.tolist(), *found.b.tolist()} == {0, 1}


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
