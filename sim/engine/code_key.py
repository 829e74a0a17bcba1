"""What compiled code is made of, as one key: a function, all that it calls, and their constants.

What cannot change compiled code is left out: docstrings, comments, layout, line numbers, names of
local variables, and everything that the function does not reach. So compiled code is found again
after an edit elsewhere, in a fresh checkout and in an installation that cannot be written, and is
never used for code that has changed.
"""

import dis
import enum
import hashlib
import platform
import sys
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import numba
import numpy as np
from numba import config

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
BY_NAME = {"numba", "numpy", "llvmlite", *sys.stdlib_module_names}
"""Packages whose functions are what their name and version say."""
SETTINGS = ("BOUNDSCHECK", "OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "DEBUGINFO_DEFAULT")
"""Settings of Numba that change what it makes of the same code."""


_SHIFT = {"LOAD_GLOBAL": 1, "LOAD_ATTR": int(sys.version_info >= (3, 12)), "LOAD_METHOD": 0}
"""Lowest bits of an instruction's argument that are not part of the number of a name."""
_NAMES = {dis.opmap[name]: shift for name, shift in _SHIFT.items() if name in dis.opmap}
_GLOBAL = dis.opmap["LOAD_GLOBAL"]
_CONSTANTS, _EXTENDED, _CACHE = frozenset(dis.hasconst), dis.EXTENDED_ARG, dis.opmap["CACHE"]
_HAS_DOCSTRING = 0x4000000  # a flag of Python 3.13


class _Own(NamedTuple):
    """What a function is by itself, and what it reaches.

    Attributes
    ----------
    text
        Its code, its constants, and names of what it reaches.
    reached
        Functions, rules and hooks, in the order in which the code names them.
    """

    text: str
    reached: tuple[Any, ...]


def key(function: Any) -> str:
    """Return the key of the code that is compiled for a function.

    The types of arguments are not in it, nor is the processor: Numba keeps these apart itself.

    Parameters
    ----------
    function
        A function, or what Numba has made of it.

    Raises
    ------
    TypeError
        If a function takes something from its module that cannot be told from other values.
    """
    walk = _Walk()
    walk.add(function)
    return digest(*_surroundings(), *walk.parts)


def digest(*parts: str) -> str:
    """Return the hexadecimal hash of texts, each apart from the next."""
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        content = part.encode(errors="surrogatepass")
        state.update(f"{len(content)}:".encode() + content)
    return state.hexdigest()


@cache
def _surroundings() -> tuple[str, ...]:
    """Return what turns functions into machine code."""
    versions = (platform.python_version(), numba.__version__, llvmlite.__version__, np.__version__)
    return (*versions, *(f"{name} {getattr(config, name, None)}" for name in SETTINGS))


class _Walk:
    """From a function through all that it reaches; `parts` are texts that say what was found."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._seen: dict[Any, int] = {}

    def add(self, function: Any) -> None:
        """Add a function, a rule, or a hook with the rules that answer it."""
        if (composed := getattr(function, "composed_now", None)) is not None:
            function = composed()
        plain = getattr(function, "py_func", function)
        if plain in self._seen:
            self.parts.append(f"number {self._seen[plain]} again")
            return
        self._seen[plain] = len(self._seen)
        own = _own(plain)
        options = getattr(function, "targetoptions", {})
        self.parts += [str(sorted(options.items())), own.text]
        for reached in own.reached:
            self.add(reached)


@cache
def _own(function: types.FunctionType) -> _Own:
    """Look into a function, once: constants of a module are what they are when it is compiled."""
    code, space = function.__code__, function.__globals__
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    lines, reads = _read(code)
    lines = [_name(function), *arguments, *lines]
    reached: list[Any] = []
    used = [function.__defaults__, *(function.__kwdefaults__ or {}).items()]
    used += [cell.cell_contents for cell in function.__closure__ or ()]
    used += [_taken(space[name], attributes) for name, *attributes in reads if name in space]
    try:
        for value in used:
            lines += _described(value, reached)
    except TypeError as error:
        raise TypeError(f"{_name(function)} cannot be compiled: {error}") from None
    return _Own("\n".join(lines), tuple(reached))


def _taken(value: Any, attributes: list[str]) -> Any:
    """Return what is taken: of a module or an enumeration only the attribute that is named."""
    for name in attributes:
        if isinstance(value, types.ModuleType) and _is_by_name(value.__name__):
            return f"{value.__name__}.{name}"
        if not isinstance(value, types.ModuleType | enum.EnumType) or not hasattr(value, name):
            break
        value = getattr(value, name)
    return value


def _described(value: Any, reached: list[Any]) -> Iterator[str]:
    """Yield texts that tell a value from others; functions go to `reached`."""
    if isinstance(value, enum.Enum):
        yield f"{type(value).__name__} {value.value!r}"
    elif isinstance(value, PLAIN):
        yield f"{type(value).__name__} {value!r}"
    elif isinstance(value, np.ndarray | np.generic):
        yield f"array {value.dtype!r} {value.shape} {value.tobytes().hex()}"
    elif isinstance(value, np.dtype | numba.types.Type):
        yield repr(value)
    elif isinstance(value, tuple | list):
        yield f"{type(value).__name__} of {len(value)}"
        for item in value:
            yield from _described(item, reached)
    elif hasattr(value, "composed_now") or hasattr(value, "py_func") or _is_function(value):
        reached.append(value)
    elif hasattr(value, "_defn"):  # an intrinsic
        reached.append(value._defn)
    elif isinstance(value, enum.EnumType):
        members: Any = value.__members__
        yield f"{value.__name__} {[(name, member.value) for name, member in members.items()]}"
    elif hasattr(value, "__qualname__") or isinstance(value, np.ufunc):
        yield f"{_name(value)} {getattr(value, '_fields', '')}"
    else:
        raise TypeError(f"its code uses {value!r}, and nobody can tell when that changes")


def _is_function(value: Any) -> bool:
    return isinstance(value, types.FunctionType) and not _is_by_name(value.__module__)


def _is_by_name(module: str | None) -> bool:
    return (module or "").partition(".")[0] in BY_NAME


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', value.__name__)}"


def _read(code: types.CodeType) -> tuple[list[str], list[list[str]]]:
    """Read bytecode; no instruction works on the docstring, so it does not count.

    Returns
    -------
    list of str
        Its instructions, with the constants and names that they work on; local variables, and
        places to jump to, by number.
    list of list of str
        What it takes from its module: a name, and what follows it as in `name.attribute.another`.
    """
    lines, reads = [f"flags {code.co_flags & ~_HAS_DOCSTRING}"], list[list[str]]()
    is_taking, high = False, 0
    for opcode, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if opcode == _CACHE:
            continue
        number, high = high | low, 0
        if opcode == _EXTENDED:
            high = number << 8
            continue
        if opcode == _GLOBAL:
            reads.append([])
        is_taking = opcode == _GLOBAL or (is_taking and opcode in _NAMES)
        if is_taking:
            reads[-1].append(code.co_names[number >> _NAMES[opcode]])
        if opcode in _CONSTANTS:
            text, inner = _constant(code.co_consts[number])
            reads += inner
        else:
            text = str(number)
        lines.append(f"{opcode} {text}")
    return [*lines, *code.co_names], reads


def _constant(value: Any) -> tuple[str, list[list[str]]]:
    """Return a constant as text, and what it takes from the module if it is code itself."""
    if isinstance(value, types.CodeType):
        lines, reads = _read(value)
        return "\n".join(lines), reads
    if isinstance(value, frozenset):
        return str(sorted(map(repr, value))), []
    return repr(value), []


def key_of_file(file: Path) -> str:
    """Return the key of all code in a source file, whatever it reaches."""
    code = compile(file.read_bytes(), file.name, "exec", optimize=2)  # leaves docstrings out
    return digest(*_read(code)[0])
