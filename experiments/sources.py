"""Python sources as an identity sees them: without words about them, and with what they import."""

import ast
import contextlib
import functools
import hashlib
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from experiments.errors import StudyError
from experiments.essence import essence

Found = TypeVar("Found")
LONGEST_NAME = 300
"""A text that is longer is not the name of a file."""
STILL_NS = 3_000_000_000
"""Not every file system tells two changes of a file apart that are closer in time."""


def imported(source: str, package: str) -> Iterator[tuple[str, str | None]]:
    """Yield what a source imports, anywhere in it: a module, and what is taken from it, if so said.

    Imports for type checkers alone are left out: annotations change no result.

    Parameters
    ----------
    source
        The text of a module.
    package
        The package that relative imports start from; empty for a module that is in none.
    """
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            yield from ((module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and (name := _named_in_call(node)):
            yield name, None
        if isinstance(node, ast.If) and _is_for_types(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *filter(None, [node.module])])


def _named_in_call(node: ast.Call) -> str | None:
    """Return the module that `import_module("module")` or `__import__("module")` names."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name not in ("import_module", "__import__") or not node.args:
        return None
    value = getattr(node.args[0], "value", None)
    return value if isinstance(value, str) and value and not value.startswith(".") else None


def _is_for_types(test: ast.expr) -> bool:
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def texts(source: str) -> set[str]:
    """Return the texts that a source works with and that may be names of modules or of files.

    What is plainly written and not read is left out: a program does not depend on its output.
    """
    tree = ast.parse(source)
    out = {id(node) for call in ast.walk(tree) for node in _written(call)}
    out |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in out)
    return {text for text in found if isinstance(text, str) and 0 < len(text) < LONGEST_NAME}


def module_in(text: str, package: str) -> str | None:
    """Return the module that a text names, as `module.part`, `.part`, `module:what` or `module.`.

    Parameters
    ----------
    text
        Any text.
    package
        The package that relative names start from.
    """
    name = text.partition(":")[0].rstrip(".")
    if name.startswith("."):
        try:
            name = importlib.util.resolve_name(name, package)
        except ImportError:
            return None
    is_name = all(part.isidentifier() for part in name.split("."))
    return name if is_name and not name.startswith("__") else None


def _written(call: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a call that say where it writes; nothing if it does not write."""
    if not isinstance(call, ast.Call):
        return
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    is_of_path = not isinstance(getattr(call.func, "value", ast.Name("")), ast.Name)
    modes = call.args[:1] if is_of_path else call.args[1:2]  # Path("x").open("w"), open("x", "w")
    modes = [*modes, *(word.value for word in call.keywords if word.arg == "mode")]
    writes = any(isinstance(m, ast.Constant) and set(str(m.value)) & set("wax") for m in modes)
    makes = name.startswith(("to_", "save", "write", "mkdir", "makedirs"))
    if makes or (name == "open" and writes):
        yield from ast.walk(call)


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a text that no file can be called is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def closure(root: str) -> dict[str, Path]:
    """Return the modules of a package that one of them needs, itself among them, with their files.

    The `__init__` of the package itself counts only where something is taken from it: what it
    offers to users is not what its modules work with.

    Parameters
    ----------
    root
        Dotted name of a module.
    """
    top = root.partition(".")[0]
    spec = importlib.util.find_spec(top)
    assert spec is not None and spec.submodule_search_locations
    base = Path(next(iter(spec.submodule_search_locations))).parent
    file = functools.cache(functools.partial(_module, base))
    found: dict[str, Path] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        path = None if name in found else file(name)
        if path is None:
            continue
        found[name] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for module, taken in _looked_at(_imports, path, package):
            inner = f"{module}.{taken}"
            if module.partition(".")[0] == top:
                waiting.append(inner if taken and file(inner) else module)
    return found


def _module(base: Path, name: str) -> Path | None:
    """Return the file of a module below a folder."""
    stem = base.joinpath(*name.split("."))
    return next((p for p in (stem.with_suffix(".py"), stem / "__init__.py") if p.is_file()), None)


def content(path: Path, with_messages: bool = True) -> str:
    """Return a hash of what counts of a file: the essence of a Python source, all of any other.

    Parameters
    ----------
    path
        The file.
    with_messages
        As for `essence`.
    """
    look = _bytes if path.suffix != ".py" else _source if with_messages else _silent_source
    return _looked_at(look, path).hex()[:32]


def bytes_of(path: Path) -> bytes:
    """Return the hash of all that is in a file."""
    return _looked_at(_bytes, path)


def _looked_at(look: "functools._lru_cache_wrapper[Found]", path: Path, *more: str) -> Found:
    """Look into a file, once unless it has changed, or is so new that a change might not show."""
    stat = path.stat()
    if time.time_ns() - stat.st_mtime_ns < STILL_NS:
        look = look.__wrapped__  # type: ignore[assignment]
    return look(path, stat.st_mtime_ns, stat.st_size, *more)


@functools.lru_cache(maxsize=4096)
def _bytes(path: Path, changed: int, size: int) -> bytes:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, hashlib.blake2b).digest()


@functools.lru_cache(maxsize=4096)
def _source(path: Path, changed: int, size: int) -> bytes:
    return _of_source(path, with_messages=True)


@functools.lru_cache(maxsize=4096)
def _silent_source(path: Path, changed: int, size: int) -> bytes:
    return _of_source(path, with_messages=False)


def _of_source(path: Path, with_messages: bool) -> bytes:
    data = path.read_bytes()
    with contextlib.suppress(SyntaxError, ValueError):  # of a template, say, every letter counts
        data = essence(data.decode("utf-8-sig"), with_messages).encode()
    return hashlib.blake2b(data).digest()


@functools.lru_cache(maxsize=4096)
def _imports(
    path: Path, changed: int, size: int, package: str
) -> tuple[tuple[str, str | None], ...]:
    return tuple(imported(path.read_text(encoding="utf-8"), package))


_LOADED: dict[object, object] = {}


def as_loaded(key: object, what: str, look: Callable[[], Found]) -> Found:
    """Return what `look` finds, and see that it is what it was at first in this process.

    A process goes on with the code that it has loaded; workers load what is on disk. If the two are
    different, results would be kept under the name of code that has not computed them.

    Raises
    ------
    StudyError
        If it has changed.
    """
    found = look()
    if _LOADED.setdefault(key, found) != found:
        raise StudyError(
            f"{what} has changed on disk since this process loaded it: start again "
            "(in a notebook, restart the kernel), so that the new code is what computes"
        )
    return found


def is_standard(module: str) -> bool:
    """Tell whether a module comes with Python."""
    return module.partition(".")[0] in sys.stdlib_module_names
