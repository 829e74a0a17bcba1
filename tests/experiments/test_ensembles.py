"""Ensembles on disk: what is written is read back, and what is wrong is said at its place."""

import string

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import ensembles
from experiments.ensembles import Member
from sim.config.yaml_file import ConfigError

pytestmark = pytest.mark.quick

PRICE, KIND = "brands.A.products.cream.price", "people.entry"
ABOUT = {
    "market": {"use": "skincare", "set": {"days": 365}},
    "market_hash": "12ab",
    "code": "1e-3",  # text that YAML 1.2 reads as a number
    "study": {"name": "calibrate", "hash8": "01234567"},
    "free": {
        PRICE: {"range": [100, 300]},
        KIND: {"choices": [{"kind": "all"}, {"kind": "steady"}]},
    },
    "targets": {"cac": {"metric": "advertising_cac", "value": 100.0, "factor": 1.3, "met": 0.9}},
}


def table(**columns):
    own = {
        "id": ["m01", "m02"],
        "ranges": ["stated", "stated"],
        "weight": [0.25, 0.75],
        "implausibility": [1.5, 2.0],
        PRICE: [120.5, 200],
        KIND: [{"kind": "all"}, {"kind": "steady", "later": 0.5}],
        "target.cac": [99.0, float("nan")],
    }
    return pd.DataFrame(own | columns)


def refused(tmp_path, old, new):
    ensembles.write(tmp_path / "e", table(), ABOUT)
    file = tmp_path / "e.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as error:
        ensembles.read(file)
    return str(error.value).replace(str(tmp_path), "")


def test_what_is_written_is_read(tmp_path):
    ensembles.write(tmp_path / "e", table(), ABOUT)
    found = ensembles.read(tmp_path / "e.csv")
    assert found.name == "e"
    assert found.about == ABOUT
    assert found.free == ABOUT["free"]
    assert found.members[1] == Member(
        "m02", "stated", 0.75, {PRICE: 200, KIND: {"kind": "steady", "later": 0.5}}
    )
    assert [member.line for member in found.members] == [2, 3]
    ensembles.write(tmp_path / "other" / "e", found.table, found.about)
    again = ensembles.read(tmp_path / "other" / "e.yaml")
    assert again == found
    changed = found.table.assign(weight=[0.5, 0.5])
    ensembles.write(tmp_path / "e", changed, found.about)
    assert ensembles.read(tmp_path / "e") != found


values = st.one_of(
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.none(),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.text(string.ascii_letters, min_size=1, max_size=4), st.text(max_size=5)),
)


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_any_value_is_read_as_it_was_written(tmp_path_factory, data):
    n = data.draw(st.integers(1, 5))
    paths = data.draw(
        st.lists(st.sampled_from(["a.b", "c.*.d", "e", "f.0.g"]), min_size=1, unique=True)
    )
    columns = {
        "id": [f"m{k}" for k in range(n)],
        "ranges": ["doubled"] * n,
        "weight": [1 / n] * n,
        "implausibility": data.draw(st.lists(st.floats(0), min_size=n, max_size=n)),
    }
    for path in paths:
        columns[path] = pd.Series(data.draw(st.lists(values, min_size=n, max_size=n)), dtype=object)
    columns["target.x"] = data.draw(st.lists(st.floats(), min_size=n, max_size=n))
    given_table = pd.DataFrame(columns)
    about = {"free": {path: {"range": [0, 1]} for path in paths}}
    about |= {
        "note": data.draw(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"])))
    }
    stem = tmp_path_factory.mktemp("any") / "e"
    ensembles.write(stem, given_table, about)
    found = ensembles.read(stem)
    assert found.about == about
    for k, member in enumerate(found.members):
        mine = {path: columns[path][k] for path in paths}
        assert member.set == mine
        assert all(type(member.set[path]) is type(mine[path]) for path in paths)
    ensembles.write(stem, found.table, found.about)
    assert ensembles.read(stem) == found


def test_mistakes_are_said_at_file_line_and_field(tmp_path):
    assert refused(tmp_path, "0.25", "x").startswith(
        "/e.csv:2:3: weight: must be a number (got 'x')"
    )
    assert "add up to 1 (got 1.25)" in refused(tmp_path, "0.25", "0.5")
    assert "/e.csv:3:1: id: 'm01' is the name of the market in line 2 too" in refused(
        tmp_path, "m02", "m01"
    )
    assert "/e.csv:3:2: ranges: must be stated or doubled" in refused(
        tmp_path, "m02,stated", "m02,wide"
    )
    assert "/e.csv:2:5" in (said := refused(tmp_path, "120.5", ""))
    assert "a free parameter must have a value (market 'm01')" in said
    assert "/e.csv:2:1: has 8 fields, but there are 7 columns" in refused(
        tmp_path, "120.5", "120.5,1"
    )
    assert "is no free parameter" in refused(tmp_path, PRICE, "brands.A.products.cream.prise")
    assert "no JSON" in refused(tmp_path, '"{""kind"": ""all""}"', '"{""kind"": }"')
    assert "not a number" in refused(tmp_path, "120.5", ".nan")
    assert "must be finite" in refused(tmp_path, "120.5", ".inf")


def test_what_is_no_ensemble_is_not_written(tmp_path):
    with pytest.raises(ConfigError, match=r"free: is required"):
        ensembles.write(tmp_path / "e", table(), {})
    with pytest.raises(ConfigError, match="add up to 1"):
        ensembles.write(tmp_path / "e", table(weight=[0.5, 0.6]), ABOUT)
    assert not list(tmp_path.iterdir())


def test_an_unknown_name_is_told(tmp_path):
    with pytest.raises(ConfigError, match="there is no such ensemble"):
        ensembles.read("skinkare", tmp_path)
    with pytest.raises(ConfigError, match=r"e\.yaml: there is no such file"):
        (tmp_path / "e.csv").write_text("id\n")
        ensembles.read("e", tmp_path)


def test_columns_of_numbers_are_told_from_others():
    assert list(ensembles.numbers([1, 2.5])) == [1.0, 2.5]
    assert ensembles.numbers([True, False]) is None
    assert ensembles.numbers([1, "x"]) is None
