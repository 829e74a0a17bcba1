"""The key of compiled code: what changes it, and what does not."""

import sys
import textwrap
from enum import IntEnum
from types import FunctionType, ModuleType

import numpy as np
import pytest

import sim.market  # noqa: F401  # every kernel is made here
from sim.engine import code_key, kernels
from sim.engine.hooks import Hook
from sim.engine.kernels import rule
from sim.mechanisms import bind

pytestmark = pytest.mark.quick

BASE = """
import math
from enum import IntEnum
import numpy as np
import far
from sim.engine.kernels import rule

class Purpose(IntEnum):
    CHOICE = 1
    TALK = 2

SHARE = 0.25
UNUSED = 3
TABLE = np.array([1, 2, 3])
RECORD = np.dtype([("day", "i4"), ("rate", "f8")])
PAIR = (1, (2.0, "x"))

@rule
def helper(x, most=9):
    return min(x * SHARE, most)

def asked(w, x):
    total = helper(x)
    for k in range(3):
        total += TABLE[k] + PAIR[1][0] + math.sqrt(Purpose.CHOICE) + far.NUMBER
    return total + np.zeros(2, RECORD)[0].rate + helper(x, most=2)

def check(x):
    raise ValueError("it is wrong")
"""


def key(source, far=1, **space):
    """The key of `asked` in a module of this source."""
    module = ModuleType("far")
    module.NUMBER, module.OTHER = far, len(space)
    sys.modules["far"] = module
    names = {"__name__": "made_here", **space}
    exec(compile(source, "somewhere", "exec"), names)
    return code_key.key(names["asked"])


@pytest.fixture(autouse=True)
def _far():
    yield
    sys.modules.pop("far", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SHARE = 0.25", "SHARE = 0.26"),
        ("x * SHARE", "x + SHARE"),
        ("most=9", "most=8"),
        ("most=2", "most=3"),
        ("range(3)", "range(2)"),
        ("total += TABLE", "total -= TABLE"),
        ("CHOICE = 1", "CHOICE = 4"),
        ("[1, 2, 3]", "[1, 2, 4]"),
        ("np.array([1, 2, 3])", "np.array([1, 2, 3], np.int32)"),
        ('("rate", "f8")', '("rate", "f4")'),
        ('("rate", "f8")', '("rate", "f8"), ("more", "f8")'),
        ('(2.0, "x")', '(2.5, "x")'),
        ("math.sqrt", "math.exp"),
        ("Purpose.CHOICE", "Purpose.TALK"),
        ("@rule\ndef helper(x, most=9)", "@rule\ndef helper(most, x=9)"),
    ],
)
def test_what_is_compiled_counts(old, new):
    assert old in BASE
    assert key(BASE.replace(old, new)) != key(BASE)


def test_a_number_of_another_module_counts():
    assert key(BASE, far=2) != key(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    total = helper(x)", '    """What it is."""\n    total = helper(x)  # a comment'),
        ("def helper(x, most=9):\n", 'def helper(x, most=9):\n    "Words."\n\n'),
        ("import math\n", "\n\n\nimport math\n"),
        ("total", "result"),
        ("it is wrong", "it is not right"),
        ("UNUSED = 3", "UNUSED = 4"),
        ("TALK = 2", "TALK = 7\n    MORE = 8"),
        ("def check(x)", "def check(x, y)"),
    ],
)
def test_what_is_not_compiled_does_not(old, new):
    assert old in BASE
    assert key(BASE.replace(old, new)) == key(BASE)


def test_an_attribute_of_a_module_that_is_not_taken_does_not_count():
    assert key(BASE, unrelated=1) == key(BASE)


def test_an_enumeration_that_is_taken_whole_counts_whole():
    source = BASE.replace("Purpose.CHOICE", "len(Purpose)")
    assert key(source.replace("TALK = 2", "TALK = 7")) != key(source)


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(
        TypeError, match=r"made_here.asked cannot be compiled: its code uses <object object"
    ):
        key(BASE.replace('PAIR = (1, (2.0, "x"))', "PAIR = object()"))


def test_a_number_of_a_module_of_a_package_counts_however_it_is_taken():
    package, inner = ModuleType("package"), ModuleType("package.inner")
    package.inner, inner.NUMBER, inner.OTHER = inner, 1, 1
    space = {"package": package, "__name__": "made_here"}

    def again():
        exec("def asked(x):\n    return x + package.inner.NUMBER\n", space)
        return code_key.key(space["asked"])

    before = again()
    inner.OTHER = 2
    assert again() == before
    inner.NUMBER = 2
    assert again() != before
    exec("def asked(x):\n    m = package.inner\n    return x + m.NUMBER\n", space)
    with pytest.raises(TypeError, match=r"its code uses <module 'package.inner'>"):
        code_key.key(space["asked"])


def test_the_setting_that_checks_bounds_counts(monkeypatch):
    before = key(BASE)
    monkeypatch.setattr(code_key.config, "BOUNDSCHECK", 1)
    code_key._surroundings.cache_clear()
    try:
        assert key(BASE) != before
    finally:
        monkeypatch.undo()
        code_key._surroundings.cache_clear()
    assert key(BASE) == before


def test_a_closure_counts():
    def made(number):
        def asked(x):
            return x + number

        return asked

    assert code_key.key(made(1)) == code_key.key(made(1)) != code_key.key(made(2))


def test_two_rules_that_call_each_other_come_to_an_end():
    source = """
    def asked(x):
        return 0 if x < 1 else other(x - 1)
    def other(x):
        return asked(x) + 1
    """
    source = textwrap.dedent(source)
    assert key(source) == key(source) != key(source.replace("+ 1", "+ 2"))


# -- hooks ----------------------------------------------------------------------------------------


@rule
def one(w, x):
    return x + 1


@rule
def two(w, x):
    return x + 2


def of_hook(*speakers, combine="sum"):
    def stub(w, x):
        """Say something."""

    hook = Hook(stub, combine, "w.mask[0]", lambda: hook.bind(speakers))
    space = {"call": hook.caller}
    exec("def asked(w, x):\n    return call(w, x)\n", space)
    return code_key.key(space["asked"])


def test_who_answers_a_hook_counts_and_how():
    keys = [
        of_hook(),
        of_hook((0, one)),
        of_hook((1, one)),
        of_hook((0, two)),
        of_hook((0, one), (1, two)),
        of_hook((0, two), (1, one)),
        of_hook((0, one), combine="max"),
    ]
    assert len(set(keys)) == len(keys)
    assert of_hook((0, one)) == keys[1]


# -- the market -----------------------------------------------------------------------------------


def reached(function, seen):
    """All functions of ours that are compiled with one."""
    composed = getattr(function, "composed_now", None)
    plain = kernels.plain(composed() if composed else function)
    if isinstance(plain, FunctionType) and plain not in seen:
        seen.add(plain)
        for other in code_key._own(plain).reached:
            reached(other, seen)


def test_no_message_is_in_compiled_code():
    """An edit of a message must not compile anything again, so there is none in a rule."""
    bind()
    functions: set[FunctionType] = set()
    for kernel in kernels.KERNELS:
        if kernel.__module__.startswith("sim."):
            reached(kernel, functions)
    assert len(functions) > 100
    for function in functions:
        texts = {text for text in function.__code__.co_consts if isinstance(text, str)}
        said = [text for text in texts - {function.__doc__} if " " in text]
        assert not said, (function.__module__, function.__qualname__, said)


def test_keys_are_the_same_when_they_are_taken_again():
    again = kernels.compiled_key()
    code_key._own.cache_clear()
    assert kernels.compiled_key() == again


class Level(IntEnum):
    LOW = 1


def test_values_are_told_apart_by_type():
    values = [1, 1.0, True, "1", b"1", None, (1,), [1], np.int64(1), np.int32(1), Level.LOW]
    texts = ["\n".join(code_key._described(value, [])) for value in values]
    assert len(set(texts)) == len(values)
