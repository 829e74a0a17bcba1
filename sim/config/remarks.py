"""Remarks: what is legal but extraordinary, said once, at the place where it was written.

A remark is a Python warning of the category `Remark`, located in the YAML file where there is one.
The filters of `warnings` apply; the command line prints remarks on standard error.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from pydantic import BaseModel

from sim.config.parameters import Parameters, declared
from sim.config.source_map import Mark, Path, Tree, dotted

Found = tuple[Path, str]
"""The keys of a value, and what there is to say about it."""

_told: WeakValueDictionary[int, BaseModel] = WeakValueDictionary()
_registries: dict[str, dict[Any, Any]] = {}
"""What was said of each file: Python's own memory of warnings, which knows no file names."""
_OURS = ("sim", "experiments")


class Remark(UserWarning):
    """A value that is allowed, but hardly ever meant, or that has a consequence worth knowing.

    Attributes
    ----------
    mark
        File and line, if the value was read from a file.
    """

    def __init__(self, text: str, mark: Mark | None = None) -> None:
        super().__init__(text)
        self.mark = mark

    @property
    def line(self) -> str:
        """The place, if there is one, and the text."""
        return f"{self.mark}: {self}" if self.mark else str(self)


def find(part: BaseModel, path: Path = ()) -> Iterator[Found]:
    """Yield what there is to say about the values of a group of parameters.

    Parameters
    ----------
    part
        A validated group, such as a `MarketConfig`.
    path
        Where it stands.

    Yields
    ------
    (path, text)
        First what each parameter's declaration says (`Param(usual=..., meaning=...)`), then what
        the group says about several together (`Parameters.remarks`).
    """
    for name, field in type(part).model_fields.items():
        value, here = getattr(part, name), (*path, name)
        if (rule := declared(field)) and (what := rule.remark(value)):
            yield here, what
        yield from _below(value, here)
    if isinstance(part, Parameters):
        yield from (((*path, *where), what) for where, what in part.remarks())


def _below(value: Any, path: Path) -> Iterator[Found]:
    if isinstance(value, BaseModel):
        yield from find(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, (*path, key))


def tell(config: BaseModel, tree: Tree | None = None) -> None:
    """Warn of everything that `find` yields, once for each object.

    Parameters
    ----------
    config
        A validated group of parameters.
    tree
        What it was made from; tells file and line.
    """
    if _told.get(id(config)) is config:
        return
    _told[id(config)] = config
    for path, what in find(config):
        say(path, what, tree)


def say(path: Path, what: str, tree: Tree | None = None) -> None:
    """Warn of one thing, at the file and line that a tree has for a path.

    Parameters
    ----------
    path
        The keys of the value, as in `sim.config.source_map.Tree.marks`.
    what
        What there is to say, as the end of a sentence.
    tree
        What was read. None, or a place unknown to it: the line that called into Huitou is named.
    """
    mark = tree.mark(path) if tree else None
    if mark is None or mark.file.startswith("<"):
        warnings.warn(Remark(f"{dotted(path)}: {what}"), stacklevel=_caller())
    else:
        remark = Remark(f"{dotted(path)}: {what}", mark)
        registry = _registries.setdefault(mark.file, {})
        warnings.warn_explicit(remark, Remark, mark.file, mark.line, registry=registry)


def pass_on(line: str) -> None:
    """Warn of what was found in another process: the place, if there is one, and the text."""
    warnings.warn(Remark(line), stacklevel=_caller())


def _caller() -> int:
    """Return how many calls below that of `say` the first line of somebody else's is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _OURS:
        frame, level = frame.f_back, level + 1
    return level


@contextmanager
def silent() -> Iterator[None]:
    """Within: no remarks. For markets whose remarks were told when their file was read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        yield


@contextmanager
def written(write: Callable[[str], None]) -> Iterator[None]:
    """Within: each remark is a line of text, written once, whatever filters there are.

    Parameters
    ----------
    write
        Takes ``file:line:column: path: what``; without a place if there is no file.
    """
    seen: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", Remark)
        others = warnings.showwarning

        def show(message: Warning | str, *rest: Any) -> None:
            if not isinstance(message, Remark):
                others(message, *rest)
            elif message.line not in seen:
                seen.add(message.line)
                write(message.line)

        warnings.showwarning = show  # type: ignore[assignment]
        yield
