"""Network files that must be refused, with a place."""

from pathlib import Path

import pytest
from exported import EDGE, XML, read, written

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
    "row numbers and two unknown columns": (
        "a.csv",
        "id,customer,buddy\n0,2,1\n1,0,2\n2,1,0\n",
        "a.csv:1: the columns are id, customer, buddy, .* name these two `source` and `target`",
    ),
    "a person called id, and a year": (
        "a.csv",
        "id,friend_id,since\n0,1,1\n1,2,1\n",
        "a.csv:1: the columns are id, friend_id, since, and no name says",
    ),
    "three unknown columns of whole numbers": (
        "a.csv",
        "foo,bar,baz\n0,1,1\n2,1,1\n",
        "a.csv:1: the columns are foo, bar, baz, and no name says",
    ),
    "columns by letters": (
        "a.csv",
        "a,b,c\n0,2,1\n1,0,2\n",
        "a.csv:1: the columns are a, b, c, and",
    ),
    "row numbers without a header": (
        "a.txt",
        "0 2 1\n1 0 2\n2 1 0\n",
        "a.txt:1: the first of three columns counts the rows from 0",
    ),
    "row numbers in quotes": (
        "a.txt",
        '"1" 2 1\n"2" 0 2\n"3" 1 0\n',
        "a.txt:1: the first of three columns counts the rows from 1",
    ),
    "JSON with links by position or by id": (
        "a.json",
        '{"nodes": [{"id": 1}, {"id": 2}, {"id": 0}], "links": [{"source": 0, "target": 1}]}',
        "the link end 0 may be the node of id 0 or the node at position 0, whose id is 1",
    ),
    "JSON with links by position or by id from 1": (
        "a.json",
        '{"nodes": [{"id": 1}, {"id": 2}, {"id": 3}], "links": [{"source": 1, "target": 2}]}',
        "the link end 1 may be the node of id 1 or the node at position 1, whose id is 2",
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


NOBODY = ["NA", "N/A", "#N/A", "<NA>", "NULL", "(null)", "None", "nan", "NaT", "nil", "-", "?", "."]


@pytest.mark.parametrize("ids", ["auto", "names"])
@pytest.mark.parametrize("nobody", NOBODY)
def test_nobody_is_no_person(tmp_path: Path, nobody: str, ids: str) -> None:
    """As in logs: all whose friend is missing would be friends of one person."""
    for text in ("from,to\nann,bob\nbob,{0}\ncy,{0}\n", 'from,to\n0,1\n"{0}",1\n'):
        path = written(tmp_path, "a.csv", text.format(nobody))
        with pytest.raises(ValueError, match=r"a.csv:3: .* stands for nobody"):
            read(path, 4, ids=ids)


def test_nobody_is_no_person_of_a_graph(tmp_path: Path) -> None:
    text = XML.replace('"c"', '"NA"').format('<edge source="a" target="NA"/>', "")
    with pytest.raises(ValueError, match=r"tie 'a'-'NA': 'NA' stands for nobody"):
        read(written(tmp_path, "a.graphml", text), 3)


@pytest.mark.parametrize("weights", ["divide_by_max", "ignore"])
@pytest.mark.parametrize("header", ["", "index,foo,bar\n", "id,foo,bar\n", "foo,bar,baz\n"])
def test_no_key_makes_row_numbers_people(tmp_path: Path, header: str, weights: str) -> None:
    path = written(tmp_path, "a.csv", header + "0,4,3\n1,5,2\n2,3,5\n")
    with pytest.raises(ValueError, match=r"a.csv:1: the (columns are|first of three columns)"):
        read(path, 6, weights=weights)


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
