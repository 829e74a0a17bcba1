"""Hooks: places where a core rule lets others speak, whom it does not name.

A hook is declared by a stub: its signature, when it is called, how the answers combine, and whose
row holds the bit mask that says who is asked. What speaks is bound late, the first time that a
kernel with the hook is compiled, so that speakers may themselves use the core's rules.
"""

import inspect
import linecache
from collections.abc import Callable, Iterable
from typing import Any

from numba import config
from numba.extending import overload

from sim.engine.kernels import PART, RuleCompiler, rule

Rule = Callable[..., Any]
MOST_SPEAKERS = 63
"""Bits in a mask."""

_START = {
    "sum": "0.0",
    "max": "0.0",
    "product": "1.0",
    "any": "False",
    "all": "True",
    "first": "-1",
}
_COMBINE = {
    "sum": "result += {call}",
    "max": "result = max(result, {call})",
    "product": "result *= {call}",
    "any": "result = {call} or result",
    "all": "result = result and {call}",
    "first": "result = result if result >= 0 else max(-1, {call})",
    "chain": "{call}",
}


class Hook:
    """A place where rules of several speakers answer as one.

    Parameters
    ----------
    stub
        A function without a body; its parameters begin with the world.
    combine
        `sum`, `max`, `product`, `any` (all are asked), `all` (until one says no), `first` (the
        first answer that is 0 or more, else -1), or `chain` (no answer).
    mask
        The expression, over the stub's parameters, of the bit mask of who is asked.
    ready
        Called once before the first use: it binds the speakers with `bind`.
    start
        The answer when nobody speaks, where it is not that of `combine`.
    """

    def __init__(
        self, stub: Rule, combine: str, mask: str, ready: Callable[[], None], start: str = ""
    ) -> None:
        self.name, self.doc = stub.__name__, stub.__doc__
        self.combine, self.mask = combine, mask
        self.parameters = ", ".join(inspect.signature(stub).parameters)
        self.start = start or _START.get(combine, "")
        self.composed: Rule | None = None
        self.source = ""
        self._ready = ready
        self.caller = self._caller()

    def bind(self, speakers: Iterable[tuple[int, Rule]]) -> None:
        """Compose the rules of some speakers, each with the number of its bit, in order.

        Raises
        ------
        TypeError
            If a rule does not take the hook's parameters.
        """
        lines, space = [], {}
        for bit, said in speakers:
            self.check(said)
            space[f"rule_{bit}"] = said
            call = _COMBINE[self.combine].format(call=f"rule_{bit}({self.parameters})")
            lines.append(f"if on & {1 << bit}:\n    {call}")
        if lines:
            lines.insert(0, f"on = {self.mask}")
        if self.start:
            lines = [f"result = {self.start}", *lines, "return result"]
        self.source = "\n".join(lines or ["return"])
        self.composed = rule(made(self.name, self.parameters, self.source, space))

    def check(self, said: Rule) -> None:
        """See that a rule takes what the hook gives.

        Raises
        ------
        TypeError
            If it takes other parameters.
        """
        plain = getattr(said, "py_func", said)
        given = ", ".join(inspect.signature(plain).parameters)
        if given != self.parameters:
            code = plain.__code__
            raise TypeError(
                f"{plain.__module__}.{self.name}: a rule for this hook takes ({self.parameters}), "
                f"not ({given}) ({code.co_filename}, line {code.co_firstlineno})"
            )

    def _caller(self) -> Rule:
        """Return what core rules call; compiled, numba asks it for what was composed."""
        space = {"bound": self._bound}
        caller: Any = made(self.name, self.parameters, f"return bound()({self.parameters})", space)
        caller.__doc__ = self.doc
        caller.composed_now = self._bound  # `engine.code_key` asks what a kernel gets for it
        if not config.DISABLE_JIT:
            choose = made(self.name, self.parameters, "return bound()", space)
            options = {**PART, "pipeline_class": RuleCompiler}
            overload(caller, jit_options=options, inline="never")(choose)
        return caller  # type: ignore[no-any-return]

    def _bound(self) -> Rule:
        if self.composed is None:
            self._ready()
        assert self.composed is not None, self.name
        return getattr(self.composed, "py_func", self.composed)


def made(name: str, parameters: str, body: str, space: dict[str, Any]) -> Rule:
    """Return a function with a given body, which finds its globals in `space`."""
    # numba reads the source of what it compiles, so that must be found under a file's name
    source = f"def {name}({parameters}):\n    " + body.replace("\n", "\n    ") + "\n"
    file = f"<made {name} {len(linecache.cache)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), space)
    return space.pop(name)  # type: ignore[no-any-return]
