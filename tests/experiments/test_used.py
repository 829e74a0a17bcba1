"""The identity of a run is made of what it uses: engine, strategies, mechanisms."""

from pathlib import Path

import pytest

import sim
from experiments import foreign, identity, mechanisms_used, sources
from experiments.errors import StudyError
from experiments.essence import essence
from sim import mechanisms
from sim.strategies.interface import Does, strategies

pytestmark = pytest.mark.quick
SIM = Path(sim.__path__[0])


def parts(*used):
    return identity.code_parts(used).keys() - {"the simulator"}


def named(*mechanisms_, **strategies_):
    """Names of parts, from names of mechanisms and of strategies with their modules."""
    of_us = {f"the mechanism {name} (sim.mechanisms.{name})" for name in mechanisms_}
    return of_us | {f"the strategy {name} ({module})" for name, module in strategies_.items()}


def test_only_what_is_used_is_in_the_identity():
    of = "sim.strategies."
    assert parts() == set()
    assert parts("no such strategy") == set()
    assert parts("service_followup") == named(service_followup=f"{of}service_followup")
    assert parts("referral") == named(
        "loyalty_points", "referral", "status", referral=f"{of}referral"
    )
    assert parts("agent_recruitment") == named(
        "direct_selling", "loyalty_points", "referral", agent_recruitment=f"{of}agent_recruitment"
    )


def test_every_module_of_sim_is_the_engines_or_of_a_strategy_or_a_mechanism():
    engine = identity.engine()
    everything = {
        ".".join(("sim", *file.relative_to(SIM).with_suffix("").parts)).removesuffix(".__init__")
        for file in SIM.rglob("*.py")
    }
    rest = everything - engine.keys()
    for name in strategies():
        rest -= {strategies()[name].__module__}
    for mechanism in mechanisms.installed():
        found = foreign._of_mechanism(mechanism).found
        rest -= {
            label.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for label in found
        }
    assert rest == set()
    folders = tuple(f"sim.mechanisms.{one.name}" for one in mechanisms.installed())
    assert not any(name.startswith(folders) for name in engine)
    assert not any(cls.__module__ in engine for cls in strategies().values())


def test_metrics_take_nothing_of_sim_that_is_not_in_every_identity():
    for name, path in sources.closure("experiments.simulate").items():
        for module, taken in sources.imported(path.read_text(), name.rpartition(".")[0]):
            if module.partition(".")[0] == "sim":
                assert {module, f"{module}.{taken}"} & identity.engine().keys(), (name, module)


# -- a copy of the program, of which one file is changed ------------------------------------------


@pytest.fixture
def version(tmp_path, monkeypatch):
    """Return the version of code, by strategies, if one file of `sim` were another."""
    kept = sources.content

    def of(used, file, old, new):
        changed = SIM / file
        text = changed.read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "changed.py").write_text(text.replace(old, new, 1))

        def content(path, **how):
            return kept(tmp_path / "changed.py" if path == changed else path, **how)

        monkeypatch.setattr(sources, "content", content)
        monkeypatch.setattr(sources, "_LOADED", {})
        return identity.code_version(used)

    return of


ONE = ("service_followup",)
WORDS = {
    "a docstring": ("people/choice.py", '"""', '"""Other words. '),
    "a comment": ("people/choice.py", "\nimport math", "\n# words\nimport math"),
    "a message": ("engine/memory.py", "GB of memory, and", "GB, and"),
    "a description": ("config/behaviour.py", 'doc="', 'doc="Other words: '),
    "a type": ("engine/memory.py", "def available() -> int | None:", "def available():"),
    "an unused strategy": ("strategies/referral.py", "vest_days", "vest_day_s"),
    "an unused mechanism": ("mechanisms/direct_selling/rules.py", "0.0", "0.5"),
    "what only mechanisms import": ("people/rewards.py", "1.0", "2.0"),
}


@pytest.mark.parametrize("what", WORDS)
def test_what_cannot_change_a_run_keeps_its_identity(version, what):
    assert version(ONE, *WORDS[what]) == identity.code_version(ONE)


NUMBERS = {
    "a rule of the core": (ONE, "people/choice.py", "0.0", "0.5"),
    "a bound": (ONE, "people/limits.py", "MOST_A_DAY = 64", "MOST_A_DAY = 65"),
    "a strategy in use": (
        ONE,
        "strategies/service_followup.py",
        "_ONCE = (1, 1)",
        "_ONCE = (1, 2)",
    ),
    "a mechanism in use": (("referral",), "mechanisms/referral/__init__.py", "= 64", "= 65"),
    "one that it leads to": (
        ("agent_recruitment",),
        "mechanisms/loyalty_points/rules.py",
        "0.0",
        "0.5",
    ),
    "what mechanisms import": (("referral",), "people/rewards.py", "1.0", "2.0"),
    "a default": (ONE, "config/behaviour.py", "        1.2,", "        1.3,"),
}


@pytest.mark.parametrize("what", NUMBERS)
def test_what_can_change_a_run_changes_its_identity(version, what):
    used, *change = NUMBERS[what]
    before = identity.code_version(used)
    assert version(used, *change) != before


def test_code_that_changes_while_a_process_uses_it_is_refused(monkeypatch):
    identity.code_version(["referral"])
    kept = sources.content
    changed = SIM / "mechanisms/status/rules.py"
    monkeypatch.setattr(sources, "content", lambda p, **h: kept(p, **h) + "x" * (p == changed))
    assert identity.code_version(ONE)
    with pytest.raises(StudyError, match=r"mechanism status .* has changed on disk"):
        identity.code_version(["referral"])


# -- which mechanisms a strategy may use ----------------------------------------------------------

HEAD = "from sim.strategies.interface import Does, Strategy, Touch\n"
ALL = {"direct_selling", "loyalty_points", "prepaid", "referral", "status"}
SENT = {"direct_selling", "referral"}  # those to which some touch has a meaning
PLANS = {
    "none": ("X = Does.SELL | Does(0)\n", set()),
    "a verb": ("X = Does.PITCH\n", {"direct_selling"}),
    "a content that is added to": ("def f(touch):\n    return touch.does | 2048\n", SENT),
    "a number": ("X = Does(1024)\n", {"direct_selling"}),
    "a module": ("import sim.strategies.interface as i\nX = i.Does.PITCH\n", {"direct_selling"}),
    "terms": ("from elsewhere import Referral as R\n", {"loyalty_points", "referral"}),
    "an import": ("from sim.mechanisms.status import rules\n", {"status"}),
    "a strategy of ours": (
        "from sim.strategies.referral import Referral\n",
        ALL - {"direct_selling", "prepaid"},
    ),
    "all": ("X = sum(Does)\n", SENT),
    "by its name": ("X = getattr(Does, 'PIT' + 'CH')\n", SENT),
    "by another name": ("from sim.strategies.interface import Does as D\n", SENT),
    "a type": ("def f(does: Does) -> Does:\n    return does\n", set()),
    "a library": ("import lifetimes\n", ALL),
    "the other program": ("import experiments.store\n", ALL),
}


@pytest.mark.parametrize("what", PLANS)
def test_which_mechanisms_a_strategy_may_use(files, what):
    text, wanted = PLANS[what]
    files({"plan.py": HEAD + text})
    need = foreign.needs_of(["plan"])
    found = {one.name for one in mechanisms.installed() if mechanisms_used.may_use(need, one)}
    assert found == wanted


def test_a_helper_of_a_strategy_is_read_too(files):
    files({"plan.py": "import aid\n", "aid.py": HEAD + "X = Does.PITCH\n"})
    need = foreign.needs_of(["plan"])
    assert [m.name for m in mechanisms.installed() if mechanisms_used.may_use(need, m)] == [
        "direct_selling"
    ]


def test_a_strategy_of_a_notebook_may_use_all(known_strategies):
    from sim.strategies.interface import Strategy

    space = {"__name__": "__main__", "Strategy": Strategy}
    exec("class Mine(Strategy):\n    'Do nothing.'\n", space)
    assert parts("mine") == named(*ALL, mine="__main__")


def test_every_content_of_a_touch_is_known_by_name():
    assert mechanisms_used._said("Does.nothing").verbs == sum(Does)
    for flag in Does:
        assert mechanisms_used._said(f"X = Does.{flag.name}").verbs == flag


# -- the essence of a source ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("raise KeyError(f'{x} of y') from e", "raise KeyError(f'no {x}') from e"),
        ("assert x, 'words'", "assert x"),
        ("found = ConfigError(['a', what('b')])", "found = ConfigError(['c', what('')])"),
        ("_log.warning('at %s', x)", "_log.warning('on %s', x)"),
        ("warnings.warn(f'{x}')", "warnings.warn('')"),
        (
            "x = Param(1, unit='CNY', doc='a', source='b')",
            "x = Param(1, unit='CNY', doc='c', source='')",
        ),
        ("def f(x: int) -> str: return x", "def f(x): return x"),
    ],
)
def test_words_are_not_code_of_ours_but_may_be_of_others(one, two):
    assert essence(one, with_messages=False) == essence(two, with_messages=False)
    assert essence(one) != essence(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("raise KeyError(x)", "raise ValueError(x)"),
        ("x = 'cash'", "x = 'goods'"),
        ("class A:\n    x: int", "class A:\n    x: float"),
        ("@check\ndef f(x: int): return x", "@check\ndef f(x: str): return x"),
        ("x = Param(1, unit='CNY')", "x = Param(1, unit='days')"),
        ("note.warning('x')", "note.warning('y')"),
        ("assert x", "assert y"),
    ],
)
def test_code_is_code(one, two):
    assert essence(one, with_messages=False) != essence(two, with_messages=False)
