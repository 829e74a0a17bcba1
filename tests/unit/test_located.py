"""Messages about settings that do not fit: where they point and what they say."""

import math
import pickle
from enum import Enum
from typing import Annotated, Any, Literal, Union

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.config.yaml_file import (
    ConfigError,
    Mark,
    Problem,
    Tree,
    assign,
    merge,
    nearest,
    parse,
    show,
    validate,
)

pytestmark = pytest.mark.quick


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Range(Base):
    kind: Literal["range"] = "range"
    range: list[float]
    dist: str = "uniform"


class Choices(Base):
    kind: Literal["choices"] = "choices"
    choices: list[Any]


class Settings(Base):
    n: int = 1
    rate: Annotated[float, Field(ge=0, le=1)] = 0.5
    above: Annotated[float, Field(gt=0, lt=2.5)] = 1
    even: Annotated[int, Field(multiple_of=2)] = 2
    flag: bool = True
    word: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]*$")] = "abc"
    kind: Literal["cash", "goods", "points"] = "cash"
    level: Literal[1, 2] = 1
    colour: Colour = Colour.RED
    pair: tuple[int, int] = (1, 2)
    few: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    by_number: dict[int, float] = {}
    finite: Annotated[float, Field(allow_inf_nan=False)] = 0
    maybe: Annotated[float, Field(le=1)] | None = None
    mixed: float | list[float] | Literal["auto"] = 1
    bounded: Annotated[float, Field(le=1)] | Literal["auto"] = 1
    tagged: Annotated[Range | Choices, Field(discriminator="kind")] | None = None
    plain: Range | Choices | None = None
    nested: dict[str, Annotated[Range | Choices, Field(discriminator="kind")]] = {}


class Model(Base):
    model: Settings = Settings()


def said(text: str, model: type[BaseModel] = Settings) -> list[str]:
    """Return the lines said about a text, without the name of the file."""
    with pytest.raises(ConfigError) as caught:
        validate(model, parse(text, "f"))
    return [line.removeprefix("f:") for line in str(caught.value).splitlines()]


def test_the_message_of_the_specification() -> None:
    tree = parse("# a file\nmodel:\n  n: 5\n  rate: 1.7\n", "base.yaml")
    with pytest.raises(ConfigError) as caught:
        validate(Model, tree)
    assert str(caught.value) == "base.yaml:4:3: model.rate: must be <= 1 (got 1.7)"
    assert caught.value.problems == [
        Problem(Mark("base.yaml", 4, 3), "model.rate", "must be <= 1 (got 1.7)")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("n: abc", "1:1: n: must be a whole number (got 'abc')"),
        ("n: 1.5", "1:1: n: must be a whole number (got 1.5)"),
        ("n: '5'", "1:1: n: must be a whole number (got '5')"),
        ("n: true", "1:1: n: must be a whole number (got true)"),
        ("n: .inf", "1:1: n: must be a whole number (got inf)"),
        ("n:", "1:1: n: must be a whole number (got nothing)"),
        ("n: [1]", "1:1: n: must be a whole number (got a list)"),
        ("rate: 1_0", "1:1: rate: must be a number (got '1_0')"),
        ("rate: {x: 1}", "1:1: rate: must be a number (got a mapping)"),
        ("rate: -1", "1:1: rate: must be >= 0 (got -1)"),
        ("above: 0", "1:1: above: must be > 0 (got 0)"),
        ("above: 3", "1:1: above: must be < 2.5 (got 3)"),
        ("even: 3", "1:1: even: must be a multiple of 2 (got 3)"),
        ("finite: .inf", "1:1: finite: must be a finite number (got inf)"),
        ("flag: no", "1:1: flag: must be true or false (got 'no')"),
        ("flag: 1", "1:1: flag: must be true or false (got 1)"),
        ("word: 5", "1:1: word: must be text (got 5)"),
        ("word: a", "1:1: word: must have at least 2 characters (has 1)"),
        ("word: abcde", "1:1: word: must have at most 4 characters (has 5)"),
        ("word: ABC", "1:1: word: must match pattern '^[a-z]*$' (got 'ABC')"),
        (
            "kind: pints",
            "1:1: kind: must be 'cash', 'goods' or 'points' (got 'pints'); did you mean 'points'?",
        ),
        ("kind: zzz", "1:1: kind: must be 'cash', 'goods' or 'points' (got 'zzz')"),
        ("level: 3", "1:1: level: must be 1 or 2 (got 3)"),
        ("colour: bleu", "1:1: colour: must be 'red' or 'blue' (got 'bleu'); did you mean 'blue'?"),
        ("pair: 3", "1:1: pair: must be a list (got 3)"),
        ("pair: [1, 2, 3]", "1:1: pair: must have at most 2 items (has 3)"),
        ("pair: [1]", "1:1: pair.1: is required"),
        ("pair: [1, x]", "1:11: pair.1: must be a whole number (got 'x')"),
        ("few: []", "1:1: few: must have at least 1 items (has 0)"),
        ("few: [1, 2, 3]", "1:1: few: must have at most 2 items (has 3)"),
        ("by_number: {1: x}", "1:13: by_number.1: must be a number (got 'x')"),
        ("by_number: {x: 1}", "1:13: by_number.x: the key must be a whole number (got 'x')"),
        ("maybe: 2", "1:1: maybe: must be <= 1 (got 2)"),
        ("mixed: x", "1:1: mixed: must be a number or a list or 'auto' (got 'x')"),
        (
            "mixed: auta",
            "1:1: mixed: must be a number or a list or 'auto' (got 'auta'); did you mean 'auto'?",
        ),
        ("mixed: [1, b]", "1:12: mixed.1: must be a number (got 'b')"),
        ("bounded: 1.7", "1:1: bounded: must be <= 1 (got 1.7)"),
        ("tagged: 3", "1:1: tagged: must be a mapping (got 3)"),
        ("tagged: {}", "1:1: tagged.kind: is required"),
        (
            "tagged: {kind: rang}",
            "1:10: tagged.kind: must be 'range' or 'choices' (got 'rang'); did you mean 'range'?",
        ),
        ("tagged: {kind: range, range: x}", "1:23: tagged.range: must be a list (got 'x')"),
        ("tagged: {kind: range, range: [x]}", "1:31: tagged.range.0: must be a number (got 'x')"),
        ("tagged: {kind: range}", "1:1: tagged.range: is required"),
        (
            "tagged: {kind: range, range: [1], dits: x}",
            "1:35: tagged.dits: unknown key; did you mean 'dist'? allowed: kind, range, dist",
        ),
        ("plain: 3", "1:1: plain: must be a mapping (got 3)"),
        ("plain: {choices: 3}", "1:9: plain.choices: must be a list (got 3)"),
        (
            "plain: {range: [1], dits: x}",
            "1:21: plain.dits: unknown key; did you mean 'dist'? allowed: kind, range, dist",
        ),
        (
            "nested: {a.b: {kind: choices, choices: [1], x: 1}}",
            "1:45: nested.a.b.x: unknown key; allowed: kind, choices",
        ),
    ],
)
def test_one_readable_line_for_each_kind_of_mistake(text: str, line: str) -> None:
    assert said(text) == [line]


def test_all_mistakes_at_once_in_the_order_of_the_file() -> None:
    assert said("nn: 1\nrate: x\ntagged: {kind: range, zz: 1}\nflag: maybe") == [
        "1:1: nn: unknown key; did you mean 'n'? allowed: n, rate, above, even, flag, word, kind, "
        "level, colour, pair, few, by_number, ... and 7 more",
        "2:1: rate: must be a number (got 'x')",
        "3:1: tagged.range: is required",
        "3:23: tagged.zz: unknown key; allowed: kind, range, dist",
        "4:1: flag: must be true or false (got 'maybe')",
    ]


def test_values_are_taken_as_written() -> None:
    text = "n: 1e5\nrate: 1\npair: [1, 2]\ncolour: blue\nby_number: {2: .5}\nmixed: .inf"
    model = validate(Settings, parse(text))
    assert (model.n, model.rate, model.pair) == (100_000, 1.0, (1, 2))
    assert model.colour is Colour.BLUE
    assert model.by_number == {2: 0.5}
    assert model.mixed == math.inf
    assert [type(v) for v in (model.n, model.rate)] == [int, float]


def test_nan_is_refused_wherever_it_comes_from() -> None:
    tree = parse("n: 1", "f")
    assign(tree, "tagged.range", [1, math.nan], Mark("s", 7, 1))
    with pytest.raises(ConfigError, match=r"^s:7:1: tagged\.range\.1: not a number$"):
        validate(Settings, tree)


def test_numbers_of_a_design_are_numbers() -> None:
    tree = Tree({"n": np.int64(3), "rate": np.float32(0.5), "flag": np.bool_(False)})
    model = validate(Settings, tree)
    assert (model.n, model.rate, model.flag) == (3, 0.5, False)


def test_a_message_names_the_layer_that_the_value_came_from() -> None:
    tree = merge(parse("model: {n: x, rate: 2}", "base"), parse("model:\n  rate: 3", "over"))
    assign(tree, "model.flag", "no", Mark("study", 9, 5))
    with pytest.raises(ConfigError) as caught:
        validate(Model, tree)
    assert str(caught.value).splitlines() == [
        "base:1:9: model.n: must be a whole number (got 'x')",
        "over:2:3: model.rate: must be <= 1 (got 3)",
        "study:9:5: model.flag: must be true or false (got 'no')",
    ]


# -- validators of the model ----------------------------------------------------------------------


class Checked(Base):
    low: float = 0
    high: float = 1
    parts: Any = None
    even: Annotated[int, BeforeValidator(lambda v: v)] = 0

    @field_validator("parts", mode="plain")
    @classmethod
    def _parts(cls, value: Any) -> Any:
        if "custom" in value:
            raise PydanticCustomError("any", "unknown part", {"allowed": ["cut", "costume"]})
        if "list" in value:
            raise ConfigError([Problem(None, "list.0", "is odd"), Problem(None, "", "is bad")])
        return Range.model_validate(value)

    @field_validator("even")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise AssertionError("must be even")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "Checked":
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


def test_the_words_of_a_validator_are_passed_on() -> None:
    assert said("low: 3", Checked) == ["1:1: low must not be above high"]
    assert said("even: 3", Checked) == ["1:1: even: must be even"]


def test_a_validator_can_say_what_is_allowed() -> None:
    assert said("parts: {custom: 1}", Checked) == [
        "1:1: parts: unknown part; allowed: cut, costume"
    ]


def test_a_validator_can_locate_problems_in_its_own_value() -> None:
    assert said("parts:\n  list:\n  - 1", Checked) == [
        "1:1: parts: is bad",
        "3:5: parts.list.0: is odd",
    ]


def test_errors_of_a_model_inside_a_validator_are_located() -> None:
    assert said("parts:\n  range: x\n  zz: 2", Checked) == [
        "2:3: parts.range: must be a list (got 'x')",
        "3:3: parts.zz: unknown key",
    ]


def test_a_union_told_apart_by_a_function() -> None:
    def which(value: Any) -> str:
        return str(value.get("as", "one")) if isinstance(value, dict) else "number"

    class One(Base):
        kind: str = Field("one", alias="as")
        x: int = 1

    class Holder(Base):
        value: Annotated[
            Union[Annotated[float, Tag("number")], Annotated[One, Tag("one")]],  # noqa: UP007
            Discriminator(which),
        ]

    assert said("value: {as: two}", Holder) == [
        "1:9: value.as: must be 'number' or 'one' (got 'two')"
    ]
    assert said("value: x", Holder) == ["1:1: value: must be a number (got 'x')"]
    assert said("value: {x: 1.5}", Holder) == ["1:9: value.x: must be a whole number (got 1.5)"]
    assert said("value: {y: 1}", Holder) == ["1:9: value.y: unknown key; allowed: as, x"]


def test_pydantic_own_words_never_show() -> None:
    text = "\n".join(f"{name}: {{bad: [x]}}" for name in Settings.model_fields)
    everything = "\n".join(said(text))
    for jargon in ("Input", "pydantic", "http", "function-", "[key]", "list[", "literal["):
        assert jargon not in everything


# -- the pieces -----------------------------------------------------------------------------------


def test_at_most_fifty_problems_are_shown() -> None:
    error = ConfigError(Problem(Mark("f", n, 1), "", "bad") for n in range(60, 0, -1))
    lines = str(error).splitlines()
    assert len(error.problems) == 60
    assert lines[0] == "f:1:1: bad"
    assert lines[50:] == ["... and 10 more problems"]


def test_an_error_survives_pickling_and_is_a_value_error() -> None:
    error = ConfigError([Problem(Mark("f", 1, 2), "a.b", "bad"), Problem(None, "g", "gone")])
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "g: gone\nf:1:2: a.b: bad"
    assert isinstance(error, ValueError)


def test_without_marks_the_path_must_do() -> None:
    with pytest.raises(ConfigError, match=r"^n: must be a whole number \(got 'x'\)$"):
        validate(Settings, Tree({"n": "x"}))


def test_show_is_short() -> None:
    assert show("x" * 1000) == "'" + "x" * 55 + " ..."
    assert [show(value) for value in (None, True, {"a": 1}, (1,), 1.5)] == [
        "nothing",
        "true",
        "a mapping",
        "a list",
        "1.5",
    ]
    assert nearest("prise", ["price", "share"]) == "price"
    assert nearest("zzz", ["price", "share"]) is None


_SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.sampled_from(["range", "choices", "auto", "cash", "x"]),
)
_KEY = st.sampled_from([*Settings.model_fields, "range", "choices", "dist", "float", "Range", "1"])
_TREE = st.recursive(
    _SCALAR, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEY, inner, max_size=4)
)


@given(st.dictionaries(_KEY, _TREE, max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_data_gives_a_model_or_located_problems(data: dict[str, Any]) -> None:
    tree = Tree(data, {(): Mark("f", 1, 1)})
    tree.marks.update({(key,): Mark("f", line, 1) for line, key in enumerate(data, 2)})
    try:
        validate(Settings, tree)
    except ConfigError as error:
        for problem in error.problems:
            first = problem.path.split(".")[0]
            assert problem.mark == tree.mark((first,))
            assert first in data
    else:
        # Nothing that pydantic refuses gets through.
        try:
            Settings.model_validate(data)
        except ValidationError as refused:  # a whole float for an integer's literal
            assert all(e["type"] == "literal_error" for e in refused.errors())
