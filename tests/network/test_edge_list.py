"""Ties from a file of edges: what it may hold, and which line is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ties import check, degrees, make, same, scores, sources

from sim.ties.homophily import assortativity
from sim.ties.network import Ties


def listed(folder: Path, text: str, n: int = 5, **given: Any) -> Ties:
    path = folder / "ties.csv"
    path.write_text(text, encoding="utf-8")
    return make("edge_list", n, file=str(path), **given)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("separator", [",", " ", "\t", ", "])
def test_edge_list_round_trip(tmp_path: Path, directed: bool, separator: str) -> None:
    ties = make("erdos_renyi", 200, strength_spread=0.4)
    a, b, s = sources(ties), ties.neighbours, ties.strength
    keep = slice(None) if directed else a < b
    rows = zip(a[keep], b[keep], s[keep].astype(float), strict=True)
    text = "\n".join(separator.join(map(repr_of, row)) for row in rows)
    assert same(listed(tmp_path, text, 200, directed=directed), ties)


def repr_of(value: Any) -> str:
    return repr(value.item())


def test_edge_list_directed_stores_one_direction(tmp_path: Path) -> None:
    ties = listed(tmp_path, "0,1\n1,0\n0,2\n4,3", directed=True, strength_spread=0.5)
    check(ties, directed=True)
    assert degrees(ties).tolist() == [2, 1, 0, 0, 1]
    assert ties.strength[0] == ties.strength[2], "both directions of a tie start equally strong"


def test_edge_list_takes_headers_comments_and_both_directions(tmp_path: Path) -> None:
    ties = listed(tmp_path, "\ufeff# seen\n% kept\n\nfrom,to,strength\n0,1,.9\n1,0,.9\n2,3\n")
    assert ties.neighbours.tolist() == [1, 0, 3, 2]
    assert ties.strength == pytest.approx([0.9, 0.9, 0.5, 0.5])
    check(ties)


def test_edge_list_may_not_be_empty(tmp_path: Path) -> None:
    for text in ("from,to\n", "# nobody\n", ""):
        with pytest.raises(ValueError, match=r"ties.csv: (the file is empty|holds no ties)"):
            listed(tmp_path, text)


def test_edge_list_makes_traits_alike_whatever_its_directions(tmp_path: Path) -> None:
    text = "\n".join(f"{i},{(i + 1) % 500}" for i in range(500))
    one_way, both_ways = (listed(tmp_path, text, 500, directed=d) for d in (True, False))
    assert assortativity(one_way, scores(one_way, 0.8)) > 0.6
    assert np.array_equal(scores(one_way, 0.8), scores(both_ways, 0.8))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n0", r"ties.csv:2: .*found 1 fields"),
        ("0,1,.5,7", r"ties.csv:1: .*found 4 fields"),
        ("from,to\n0,one", r"ties.csv:2: .*whole numbers, not '0' and 'one'"),
        ("0,1.5", r"ties.csv:1: .*whole numbers"),
        ("0,1\n\n# so\n1,5", r"ties.csv:4: there is no person 5 among 5 people numbered 0 to 4"),
        ("-1,1", r"ties.csv:1: there is no person -1"),
        ("2,2", r"ties.csv:1: person 2 is tied to themselves"),
        ("0,1,0", r"ties.csv:1: strength must be above 0 and at most 1, not 0"),
        ("0,1,nan", r"ties.csv:1: strength"),
        ("0,1,weak", r"ties.csv:1: strength .* not 'weak'"),
        ("0,1\n2,3\n0,1", r"ties.csv:3: the tie of line 1 is given again"),
        ("0,1,.5\n1,0,.6", r"ties.csv:2: the tie of line 1 is given again"),
        ("a,b\nc,d", r"ties.csv:1: 'a,b' may name columns or people"),
    ],
)
def test_edge_list_errors_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        listed(tmp_path, text)


def test_edge_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.csv: cannot be read"):
        make("edge_list", 5, file=str(tmp_path / "missing.csv"))
    (tmp_path / "latin.csv").write_bytes(b"0,1\n\xff\xfe,2")
    with pytest.raises(ValueError, match=r"latin\.csv: is not a text file in UTF-8"):
        make("edge_list", 5, file=str(tmp_path / "latin.csv"))
