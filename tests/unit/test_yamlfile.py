"""Reading YAML: what is accepted, what is refused, and where the message points."""

import math
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.config import yaml_file as yamlfile
from sim.config.yaml_file import ConfigError, Mark, parse, read

pytestmark = pytest.mark.quick


def complaint(text: str | bytes) -> str:
    """Return what is said about a bad text."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


# -- scalars --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100_000.0),
        ("-1.5e+2", -150.0),
        (".5", 0.5),
        ("5.", 5.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2001-01-01", "2001-01-01"),
        ("'1'", "1"),
        ("'.nan'", ".nan"),
        ("回头", "回头"),
        ("!!str 12", "12"),
        ("!!float 5", 5.0),
        ("!!int 0x10", 16),
        ("=", "="),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    found = parse(f"x: {written}").data["x"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("written", [".nan", ".NaN", "NaN", "nan", "-.nan", "!!float nan"])
def test_nan_is_refused_where_it_stands(written: str) -> None:
    assert complaint(f"a:\n  b: {written}") == "f.yaml:2:6: a.b: not a number"


def test_numbers_out_of_bounds() -> None:
    assert "too large; infinity is written .inf" in complaint("x: 1e999")
    assert "more than 40 digits" in complaint("x: " + "9" * 5000)
    assert "more than 40 digits" in complaint("x: 0x" + "f" * 5000)
    assert "does not fit" in complaint("x: !!int 5.5")
    assert "does not fit" in complaint("x: !!bool yes")


# -- structure ------------------------------------------------------------------------------------


def test_marks_point_at_keys_and_items() -> None:
    tree = parse("a:\n  b: 1\nc: [x, {d: 2}]\n", "f.yaml")
    assert tree.data == {"a": {"b": 1}, "c": ["x", {"d": 2}]}
    assert tree.marks == {
        (): Mark("f.yaml", 1, 1),
        ("a",): Mark("f.yaml", 1, 1),
        ("a", "b"): Mark("f.yaml", 2, 3),
        ("c",): Mark("f.yaml", 3, 1),
        ("c", 0): Mark("f.yaml", 3, 5),
        ("c", 1): Mark("f.yaml", 3, 8),
        ("c", 1, "d"): Mark("f.yaml", 3, 9),
    }
    assert tree.mark(("a", "b", "zz", 3)) == tree.marks["a", "b"]


def test_keys_are_text() -> None:
    assert parse("1: a\n0x10: b\n'': c\non: d").data == {"1": "a", "16": "b", "": "c", "on": "d"}
    said = complaint("true: 1\n? [a]\n: 2\n1.5: 3\n~: 4\n<<: {x: 1}\n!foo k: 1")
    assert [line.split(":")[1] for line in said.splitlines()] == ["1", "2", "4", "5", "6", "7"]
    assert "not 'true'; put it in quotes" in said
    assert "merge keys (<<) are not supported" in said


def test_two_equal_keys_are_reported_with_both_places() -> None:
    assert complaint("a:\n  b: 1\n  c: 2\n  b: 3") == (
        "f.yaml:4:3: a.b: this key stands here twice; the first is at f.yaml:2:3"
    )
    assert "stands here twice" in complaint("1: a\n'1': b")


def test_every_mistake_is_reported_in_the_order_of_the_file() -> None:
    said = complaint("z: 1\na: .nan\nz: 2\nb: !foo 3\nc: !!set {x}")
    assert [line[:8] for line in said.splitlines()] == [f"f.yaml:{n}" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object/apply:os.system [echo]",
        "!!python/name:os.system",
        "!!timestamp 2001-01-01",
        "!!binary aGk=",
        "!!omap [a: 1]",
        "!mine {a: 1}",
        "!!str [a]",
        "!!map [a]",
        "!!seq a",
    ],
)
def test_tags_that_are_not_of_the_core_are_refused(tagged: str) -> None:
    assert complaint(f"x: {tagged}").startswith("f.yaml:1:4: x: the tag ")


def test_aliases_are_copies_within_bounds() -> None:
    tree = parse("a: &a {x: [1]}\nb: *a\n", "f.yaml")
    assert tree.data["b"] == {"x": [1]}
    assert tree.data["a"] is not tree.data["b"]
    assert tree.mark(("b", "x")) == Mark("f.yaml", 1, 8)
    assert "stands inside its own anchor" in complaint("a: &a [*a]")
    assert "stands inside its own anchor" in complaint("a: &a {b: {c: *a}}")
    assert "undefined alias" in complaint("a: *b")


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    start = time.process_time()
    assert "values once the aliases are expanded" in complaint("\n".join(lines))
    assert time.process_time() - start < 5


def test_aliases_cannot_nest_deeper_than_the_bound() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 100)]
    assert "nested more than 64 levels" in complaint("\n".join(lines))


@pytest.mark.parametrize("text", ["[" * 1_000_000, "{a: " * 250_000, "- " * 500_000])
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    assert "nested more than 64 levels deep" in complaint(text)
    assert time.process_time() - start < 5


def test_size_is_bounded() -> None:
    assert complaint("a: " + "x" * (1 << 20)) == "f.yaml:1:1: the file is larger than 1024 KiB"
    assert "more than 50,000 values" in complaint("a: [" + "1," * 200_000 + "]")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "f.yaml:1:1: the file is empty; it must hold a mapping (key: value)"),
        ("# only words\n", "f.yaml:1:1: the file is empty; it must hold a mapping (key: value)"),
        ("- 1", "f.yaml:1:1: the file must hold a mapping (key: value), not a list"),
        ("\nhello", "f.yaml:2:1: the file must hold a mapping (key: value), not 'hello'"),
        ("~", "f.yaml:1:1: the file must hold a mapping (key: value), not nothing"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document starts here; one file holds one"),
        (b"a: \0", "f.yaml:1:4: the character U+0000 is not allowed in a text file"),
        (b"a: 1\nb: \x1b[2J", "f.yaml:2:4: the character U+001B is not allowed in a text file"),
        (b"a: 1\nb: \xff", "f.yaml:2:4: the file is not UTF-8 text from here on"),
        (b"\xef\xbb\xbfb: \xff", "f.yaml:1:4: the file is not UTF-8 text from here on"),
        (
            "a: 1".encode("utf-16"),
            "f.yaml:1:1: the file is UTF-16 or UTF-32; save it as UTF-8",
        ),
        ("a: \ud800", "f.yaml:1:4: the file is not UTF-8 text from here on"),
    ],
)
def test_what_is_not_a_mapping_in_utf8_is_refused(content: str | bytes, said: str) -> None:
    assert complaint(content) == said


def test_a_byte_order_mark_and_windows_lines_are_accepted() -> None:
    assert parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").data == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: [1", 1), ("a: b: c", 1), ("a: 1\n\tb: 2", 2), ("a: 'x", 1), ('a: "\\q"', 1)],
)
def test_a_syntax_error_has_a_place(text: str, place: int) -> None:
    said = complaint(text)
    assert said.startswith(f"f.yaml:{place}:") or said.startswith(f"f.yaml:{place + 1}:")
    assert "the text is not YAML: " in said


# -- files ----------------------------------------------------------------------------------------


def test_read_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("people: {n: 5}\n", encoding="utf-8")
    tree = read(file)
    assert tree.data == {"people": {"n": 5}}
    assert tree.marks["people", "n"] == Mark(str(file), 1, 10)
    assert read(str(file)) == tree


def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    def said(path: Path | str) -> str:
        with pytest.raises(ConfigError) as caught:
            read(path)
        assert len(caught.value.problems) == 1
        return str(caught.value)

    missing = tmp_path / "none.yaml"
    assert said(missing) == f"{missing}: there is no such file"
    assert said(tmp_path) == f"{tmp_path}: this is a folder, not a file"
    assert "cannot be read" in said("a\0b")
    assert "cannot be read" in said("x" * 5000)
    assert "larger than" in said("/dev/zero")


def test_an_unreadable_file_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(yamlfile, "open", refuse, raising=False)
    with pytest.raises(ConfigError, match=r"^a\.yaml: the file may not be read$"):
        read("a.yaml")


# -- anything at all ------------------------------------------------------------------------------

_PIECES = [*"abz019 \n\t:-?,[]{}#&*!|>'\"%@`.~<=", "\n  ", ": ", "- ", "&a ", "*a", "!!", "---\n"]
_YAMLISH = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)


def _reads_or_complains(content: str | bytes) -> None:
    try:
        tree = parse(content)
    except ConfigError as error:
        assert error.problems
        assert str(error)
    else:
        assert isinstance(tree.data, dict)
        assert all(mark.line >= 1 and mark.col >= 1 for mark in tree.marks.values())


@given(st.one_of(st.text(), st.binary(), _YAMLISH))
@settings(max_examples=300, deadline=None)
def test_any_content_gives_a_mapping_or_a_config_error(content: str | bytes) -> None:
    _reads_or_complains(content)


@pytest.fixture
def without_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with PyYAML's own scanner, as where the C library is missing."""
    resolvers = yamlfile._Loader.yaml_implicit_resolvers
    slow = type("Slow", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})
    monkeypatch.setattr(yamlfile, "_Loader", slow)


@pytest.mark.usefixtures("without_c")
def test_nothing_changes_without_the_c_library() -> None:
    assert parse("a: [1e-3, no]").data == {"a": [0.001, "no"]}
    assert complaint("a: 1\na: 2\n<<: 3") == (
        "f.yaml:2:1: a: this key stands here twice; the first is at f.yaml:1:1\n"
        "f.yaml:3:1: merge keys (<<) are not supported; write the keys out"
    )
    assert "nested more than 64 levels deep" in complaint("[" * 1_000_000)
    assert "an escape that is no character" in complaint('a: "\\UFFFFFFFF"')
    assert "an escape that is no character" in complaint('a: "\\uD800"')


@pytest.mark.usefixtures("without_c")
@given(st.one_of(st.text(), st.binary(), _YAMLISH))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_content_gives_the_same_without_the_c_library(content: str | bytes) -> None:
    _reads_or_complains(content)
