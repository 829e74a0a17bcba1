"""Data in YAML: written and read back, merged in layers, and set by path."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config.yaml_file import ConfigError, Mark, assign, merge, parse

pytestmark = pytest.mark.quick


def _mappings(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.text("abcde", min_size=1, max_size=3), inner, max_size=3)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | _mappings(inner),
    max_leaves=12,
)  # fmt: skip


@given(_mappings(_VALUES))
@settings(deadline=None)
def test_what_was_written_is_read_back(data: dict[str, Any]) -> None:
    tree = parse(_dump(data))
    assert tree.data == data
    assert set(tree.marks) == set(_paths(data))


def _dump(value: Any) -> str:
    """Write data as YAML's flow style, which JSON nearly is."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}": {_dump(v)}' for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dump, value)) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return {"None": "null", "True": "true", "False": "false"}.get(repr(value), repr(value))


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return [path] + [p for key, inner in items for p in _paths(inner, (*path, key))]


# -- layers ---------------------------------------------------------------------------------------


def test_merge_goes_key_by_key_and_marks_follow() -> None:
    base = parse("a: {x: 1, y: [1, {z: 2}]}\nb: {c: 1}\nk: 1", "base.yaml")
    over = parse("a:\n  y: [3]\nb: 7\nk: {m: 1}\nnew: 1", "over.yaml")
    both = merge(base, over)
    assert both.data == {"a": {"x": 1, "y": [3]}, "b": 7, "k": {"m": 1}, "new": 1}
    assert both.marks["a", "x"] == Mark("base.yaml", 1, 5)
    assert both.marks["a", "y"] == Mark("over.yaml", 2, 3)
    assert both.marks["k", "m"] == Mark("over.yaml", 4, 5)
    assert set(both.marks) == set(_paths(both.data))


def test_merge_changes_neither_and_shares_nothing() -> None:
    base, over = parse("a: {x: [1]}"), parse("b: {y: [2]}")
    both = merge(base, over)
    both.data["a"]["x"].append(9)
    both.data["b"]["y"].append(9)
    assert base == parse("a: {x: [1]}")
    assert over == parse("b: {y: [2]}")


@given(_mappings(_VALUES), _mappings(_VALUES), _mappings(_VALUES))
@settings(deadline=None, max_examples=60)
def test_merge_is_idempotent_and_keeps_every_path_marked(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    a, b, c = (parse(_dump(data), name) for data, name in ((one, "1"), (two, "2"), (three, "3")))
    assert merge(a, a) == a
    assert merge(merge(a, b), b) == merge(a, b)
    every = merge(merge(a, b), c)
    assert set(every.marks) == set(_paths(every.data))


def test_assign_sets_by_dotted_path() -> None:
    tree = parse("people: {n: 5}\nbrands: [{name: A}, {name: B}]\nempty:", "f.yaml")
    here = Mark("<set>", 1, 1)
    assign(tree, "people.n", {"x": 1}, here)
    assign(tree, "brands.1.name", "C", here)
    assign(tree, "empty.deep.er", 3, here)
    assign(tree, "top", 4, here)
    assert tree.data == {
        "people": {"n": {"x": 1}},
        "brands": [{"name": "A"}, {"name": "C"}],
        "empty": {"deep": {"er": 3}},
        "top": 4,
    }
    assert tree.mark(("people", "n", "x")) == here
    assert tree.mark(("brands", 1, "name")) == here
    assert tree.mark(("brands", 0, "name")) == Mark("f.yaml", 2, 11)
    assert tree.mark(("empty", "deep")) == here


def test_assign_forgets_the_marks_of_what_it_replaces() -> None:
    tree = parse("a:\n  b: {c: 1}")
    assign(tree, "a", {"b": {"c": 2}}, Mark("<set>", 1, 1))
    assert set(tree.marks) == {(), ("a",)}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "is not a dotted path"),
        ("a..b", "is not a dotted path"),
        ("n.x", "cannot be set: n is 5, which has no parameters of its own"),
        ("n.x.y", "cannot be set: n is 5, which has no parameters of its own"),
        ("list.2", "cannot be set: list is a list of 2 items, counted from 0"),
        ("list.x", "cannot be set: list is a list of 2 items"),
        ("list.-1", "cannot be set: list is a list of 2 items"),
        ("list.0.x", "cannot be set: list.0 is 1, which has no parameters of its own"),
    ],
)
def test_assign_refuses_a_path_that_leads_nowhere(path: str, said: str) -> None:
    tree = parse("n: 5\nlist: [1, 2]")
    with pytest.raises(ConfigError, match=said) as caught:
        assign(tree, path, 1, Mark("s.yaml", 3, 4))
    assert str(caught.value).startswith("s.yaml:3:4: ")
    assert tree == parse("n: 5\nlist: [1, 2]")
