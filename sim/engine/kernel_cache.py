"""Compiled kernels on disk, found again by what they are compiled from.

Numba's own cache looks at the file of a kernel: it compiles again when a docstring in that file has
changed, and not when a number in a rule of another file has. Here the key of the code is in the
name of the file, so that kernels of several versions of the program lie side by side.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from numba import types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from sim.engine import code_key


class KernelCache(FunctionCache):  # type: ignore[misc]
    """The cache of one kernel; its key is taken at the first call, when all rules are known.

    Parameters
    ----------
    function
        What is compiled.
    folder
        Where compiled code is kept.
    """

    def __init__(self, function: Any, folder: Path) -> None:
        self._py_func, self._folder, self._is_ready = function, folder, False

    @property
    def cache_path(self) -> str:
        """The folder."""
        return str(self._folder)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for some types of arguments, None if nothing was."""
        if not self._is_ready:
            self._impl_class = _in_folder(self._folder)
            super().__init__(self._py_func)
            self._is_ready = True
        return super().load_overload(sig, target_context)

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        # The code itself is in the name of the file. Numba tells named tuples apart by class and
        # types alone, so two fields of one type that change places would be taken for each other.
        return sig, codegen.magic_tuple(), tuple(_fields(sig))


def _fields(kind: Any) -> Iterator[str]:
    """Yield the names of all fields in a type, or in some types."""
    if isinstance(kind, types.StructRef):
        kind = tuple(kind.field_dict.values())
    if isinstance(kind, types.NamedTuple | types.NamedUniTuple):
        yield from kind.fields
    if isinstance(kind, tuple | types.BaseTuple):
        for part in kind:
            yield from _fields(part)


@cache
def _in_folder(folder: Path) -> Any:
    """Return how Numba stores what it has compiled, in a folder and by our key."""

    class Locator(_CacheLocator):  # type: ignore[misc]
        def __init__(self, function: Any, file: str) -> None:
            self._py_file = file  # numba's warnings name it
            self._key = kernel_key(function)

        def get_cache_path(self) -> str:
            return str(folder)

        def get_source_stamp(self) -> str:
            return self._key

        def get_disambiguator(self) -> str:
            return self._key

        @classmethod
        def from_function(cls, function: Any, file: str) -> Any:
            return cls(function, file)

    class Stored(CompileResultCacheImpl):  # type: ignore[misc]
        _locator_classes = (Locator,)

    return Stored


def kernel_key(function: Any) -> str:
    """Return the key of a kernel: of its code, and of how the engine lets it have the world."""
    return code_key.digest(_of_engine(), code_key.key(function))


@cache
def _of_engine() -> str:
    return code_key.key_of_file(Path(__file__).with_name("kernels.py"))
