"""The identity of what was made in a notebook or by a function: no source says what it does.

Bytecode counts, with its constants, defaults, what a function has closed over, and what it takes
from its module, all the way down. Bytecode is that of one version of Python, so another one is
another identity.
"""

import dataclasses
import dis
import functools
import pickle
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from experiments import sources
from experiments.errors import StudyError
from experiments.identity import digest

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), range, slice)
MACHINERY = (
    "__annotations__", "__dict__", "__doc__", "__firstlineno__", "__module__", "__signature__",
    "__static_attributes__", "__weakref__",
)  # fmt: skip
PYDANTIC = ("__pydantic", "__class_vars__", "__private_attributes__", "_abc_", "model_")


class Look:
    """One look at an object and at all that it is made of.

    Parameters
    ----------
    value
        The object.
    is_own
        Tells whether a module is code of one's own.

    Attributes
    ----------
    version : str
        The hash.
    modules : set of str
        Modules that it takes something from, and whose sources say the rest.
    """

    def __init__(self, value: object, is_own: Callable[[str], bool]) -> None:
        self._is_own, self._name = is_own, getattr(value, "__qualname__", repr(value))
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []
        self.modules: set[str] = set()
        self.version = digest(*self._parts(value))

    def _parts(self, value: Any) -> Iterator[str]:
        """Yield texts that tell the value from others."""
        if isinstance(value, PLAIN):
            yield f"{type(value).__name__} {value!r}"
            return
        if id(value) in self._seen:
            yield f"number {self._seen[id(value)]} again"
            return
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)  # so that no other object gets its address meanwhile
        yield type(value).__name__
        for part in self._inside(value):
            yield from self._parts(part)

    def _inside(self, value: Any) -> Iterator[Any]:
        """Yield what a value is made of."""
        if isinstance(value, types.CodeType):
            yield from _code(value)
        elif isinstance(value, types.FunctionType):
            yield from self._function(value)
        elif isinstance(value, type):
            yield from self._class(value)
        elif isinstance(value, types.ModuleType):
            self.modules.add(value.__name__)
            yield value.__name__
        elif isinstance(value, dict):
            yield from (part for item in value.items() for part in item)
        elif isinstance(value, set | frozenset):
            yield from sorted(repr(item) for item in value)
        elif isinstance(value, list | tuple):
            yield from value
        elif isinstance(value, np.ndarray):
            yield from (str(value.dtype), value.shape, value.tobytes())
        elif isinstance(value, Path):
            yield str(value)
            yield sources.content(value) if sources.is_file(value) else "no file"
        else:
            yield from self._object(value)

    def _function(self, function: types.FunctionType) -> Iterator[Any]:
        if not self._is_own(function.__module__ or ""):
            self._note(function.__module__ or "")
            yield f"{function.__module__}.{function.__qualname__}"
            return
        if function.__module__ != "__main__":
            self.modules.add(function.__module__)
        yield from (function.__code__, function.__defaults__, function.__kwdefaults__)
        for cell in function.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not filled yet
                yield "empty"
        for name in sorted(_globals(function.__code__)):
            if name in function.__globals__:
                yield from (name, function.__globals__[name])

    def _note(self, module: str) -> None:
        """Note a module of Huitou's own: it may be that of a strategy or a mechanism."""
        if module.startswith("sim."):
            self.modules.add(module)

    def _class(self, cls: type) -> Iterator[Any]:
        yield f"{cls.__module__}.{cls.__qualname__}"
        if not self._is_own(cls.__module__):
            self._note(cls.__module__)
            return
        if cls.__module__ != "__main__":
            self.modules.add(cls.__module__)
        yield from cls.__bases__
        for name, value in sorted(vars(cls).items()):
            if name not in MACHINERY and not name.startswith(PYDANTIC):
                yield from (name, value)
        if issubclass(cls, BaseModel):
            for name, field in cls.model_fields.items():
                yield from (name, repr(field.annotation), repr(field.default), repr(field.metadata))

    def _object(self, value: Any) -> Iterator[Any]:
        """Yield what is in some other object."""
        if isinstance(value, staticmethod | classmethod):
            yield value.__func__
        elif isinstance(value, property):
            yield from (value.fget, value.fset)
        elif isinstance(value, functools.cached_property):
            yield value.func
        elif isinstance(value, functools.partial):
            yield from (value.func, value.args, value.keywords)
        elif isinstance(value, types.MethodType):
            yield from (value.__func__, value.__self__)
        elif hasattr(value, "py_func"):  # compiled by numba
            yield value.py_func
        elif hasattr(value, "__wrapped__"):
            yield value.__wrapped__
        elif dataclasses.is_dataclass(value):
            yield type(value)
            yield from (getattr(value, field.name) for field in dataclasses.fields(value))
        elif isinstance(value, BaseModel):
            yield from (type(value), dict(value))
        elif self._is_own(type(value).__module__) and hasattr(value, "__dict__"):
            yield from (type(value), vars(value))
        else:
            yield self._pickled(value)

    def _pickled(self, value: Any) -> bytes:
        try:
            return pickle.dumps(value, protocol=4)
        except Exception as error:
            raise StudyError(
                f"{self._name} was made in a notebook or by a function, and uses "
                f"{type(value).__name__} {str(value)[:60]!r}, of which no version can be told; so "
                "its results cannot be kept. Put it into a module of its own"
            ) from error


def _code(code: types.CodeType) -> Iterator[Any]:
    """Yield each instruction with what it works on; none works on a docstring."""
    yield from (code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], code.co_flags)
    for instruction in dis.get_instructions(code):
        yield instruction.opname
        is_constant = instruction.opcode in dis.hasconst
        yield instruction.argval if is_constant else instruction.argrepr


def _globals(code: types.CodeType) -> set[str]:
    """Return the names that some code, and code within it, takes from its module."""
    wanted = ("LOAD_GLOBAL", "LOAD_NAME")
    names = {str(i.argval) for i in dis.get_instructions(code) if i.opname in wanted}
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= _globals(const)
    return names
