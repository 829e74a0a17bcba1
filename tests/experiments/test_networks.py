"""What a run says about the network file that it has read."""

import json

import pytest
from tiny_studies import MARKET

GRAPH = '{"nodes": [{"id": "Ann"}, {"id": "Bob"}, {"id": "Cid"}], "links": [%s]}'
TIE = '{"source": "Ann", "target": "Cid", "value": 3}'
SAID = "node_link, 1 undirected ties among 3 nodes; ids are numbered in order of appearance: "


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    market, text = tmp_path / "market.yaml", MARKET
    start = text.index("network:")
    rest = text[start:].split("\n", 1)[1]
    network = "network: {kind: file, file: g.json, weights: divide_by_max}\n"
    market.write_text(text[:start].replace("n: 80", "n: 3") + network + rest)
    (market.parent / "g.json").write_text(GRAPH % TIE)
    return market


def test_the_run_says_who_is_who(huitou, small):
    code, out, err = huitou("validate", small)
    assert (code, err) == (0, "")
    assert SAID + "Ann is person 0, Cid is person 2" in out
    code, out, err = huitou("run", small, "--results", small.parent / "results")
    assert code == 0, err
    assert SAID in out
    folder = next((small.parent / "results").iterdir())
    rows = (folder / "network_ids.csv").read_text().splitlines()
    assert rows[0] == "file,people,id,person"
    assert [row.split(",", 1)[1] for row in rows[1:]] == ["3,Ann,0", "3,Bob,1", "3,Cid,2"]
    assert SAID in json.loads((folder / "manifest.json").read_text())["networks"][0]
    assert SAID in (folder / "report.html").read_text()


def test_a_bad_network_is_refused_with_a_place_and_nothing_is_written(huitou, small):
    (small.parent / "g.json").write_text(GRAPH % "")
    code, _, err = huitou("run", small, "--results", small.parent / "results")
    assert code == 2
    assert "g.json: holds no ties" in err
    assert not (small.parent / "results").exists()
