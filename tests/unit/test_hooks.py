"""Hooks: answers combine as declared, only those asked answer, and a misfit is named."""

from collections import namedtuple
from itertools import product

import numpy as np
import pytest

from sim.engine.hooks import Hook
from sim.engine.kernels import kernel, rule
from sim.hooks import HOOKS
from sim.mechanisms import accrual_kinds, bind, installed, message_kinds

pytestmark = pytest.mark.quick

World = namedtuple("World", ["mask", "log"])


@rule
def two(w, x):
    return 2 * x


@rule
def minus(w, x):
    return -x


@rule
def positive(w, x):
    return x > 0


@rule
def even(w, x):
    return x % 2 == 0


@rule
def note_one(w, x):
    w.log[0] += x


@rule
def note_ten(w, x):
    w.log[1] += 10 * x


def asked(combine, speakers, start=""):
    """A kernel that calls a hook, with speakers bound when it is first compiled."""

    def stub(w, x):
        """Say something of `x`."""

    def ready():
        hook.bind(enumerate(speakers))

    hook = Hook(stub, combine, "w.mask[0]", ready, start)
    call = hook.caller

    @kernel
    def ask(w, x):
        return call(w, x)

    ask.disable_cache = True
    return ask


@pytest.fixture(params=product([0, 1], repeat=2), ids=str)
def on(request):
    return request.param


def world(on):
    return World(np.array([on[0] + 2 * on[1]]), np.zeros(2, np.int64))


@pytest.mark.parametrize("x", [-3, 4])
def test_answers_combine(on, x):
    w = world(on)
    first = [2 * x] * on[0]
    second = [-x] * on[1]
    assert asked("sum", [two, minus])(w, x) == sum(first + second)
    assert asked("max", [two, minus])(w, x) == max([0, *first, *second])
    assert asked("product", [two, minus])(w, x) == np.prod([1, *first, *second])
    assert asked("first", [minus, two])(w, x) == next(
        (answer for answer in [-x] * on[0] + [2 * x] * on[1] if answer >= 0), -1
    )
    truths = [x > 0] * on[0] + [x % 2 == 0] * on[1]
    assert asked("any", [positive, even])(w, x) == any(truths)
    assert asked("all", [positive, even])(w, x) == all(truths)


def test_a_chain_runs_in_order_and_only_those_asked(on):
    w = world(on)
    asked("chain", [note_one, note_ten])(w, 7)
    assert w.log.tolist() == [7 * on[0], 70 * on[1]]


def test_without_speakers_there_is_the_neutral_answer():
    w = world((1, 1))
    assert asked("sum", [])(w, 1) == 0
    assert asked("all", [])(w, 1)
    assert not asked("any", [])(w, 1)
    assert asked("first", [])(w, 1) == -1
    assert asked("max", [], start="5")(w, 1) == 5


def test_a_rule_with_other_parameters_is_refused_by_name():
    def stub(w, i, day):
        """Say something."""

    def stub_too(w, i):
        """Say something else."""

    hook = Hook(stub, "sum", "w.mask[0]", lambda: None)
    with pytest.raises(TypeError, match=r"test_hooks\.stub: .* takes \(w, i, day\), not \(w, i\)"):
        hook.bind([(0, stub_too)])


def test_every_rule_of_a_mechanism_named_like_a_hook_answers_it():
    bind()
    for mechanism in installed():
        rules = vars(mechanism.module("rules"))
        for name, hook in HOOKS.items():
            own = name in rules and rules[name] is not hook.caller
            assert (f"on & {mechanism.mask}:" in hook.source) == own, (mechanism.name, name)


def test_each_kind_of_message_has_a_number_of_its_own():
    numbers = [kind.number for kind in message_kinds().values()]
    assert len({0, *numbers}) == 1 + len(numbers), "0 is an opinion"
    accruals = list(accrual_kinds().values())
    assert len(set(accruals)) == len(accruals)
