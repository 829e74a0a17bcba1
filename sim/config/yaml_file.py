"""Read YAML files safely, and remember where everything was written.

What is read is the core of YAML 1.2: ``1e-3`` is a number, ``no`` and ``2001-01-01`` are text,
``010`` is ten. Two equal keys, tags of a programming language, NaN, and files that would grow out
of bounds are errors with a position.

All that a caller needs is here: `read`, then `merge` and `assign`, then `validate`.
"""

import codecs
import math
import os
import re
import stat
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from sim.config.source_map import (
    ConfigError,
    Mark,
    Path,
    Problem,
    Tree,
    assign,
    dotted,
    merge,
    nearest,
    no_parameters,
    show,
)
from sim.config.validation import validate

__all__ = [
    "ConfigError",
    "Mark",
    "Problem",
    "Tree",
    "assign",
    "dotted",
    "merge",
    "nearest",
    "no_parameters",
    "parse",
    "plain_scalar",
    "read",
    "show",
    "validate",
]

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_DIGITS = 40

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    "int": re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"),
    "float": re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|[-+]?\.(?:nan|NaN|NAN)|NaN|nan|NAN)\Z"
    ),
}
# Not all that YAML forbids, but what an editor would show as nothing or as a mark of its own.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that knows the scalars of YAML 1.2 and no others."""

    yaml_implicit_resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own form


for _name, _pattern in _PLAIN.items():
    _Loader.add_implicit_resolver(_TAG + _name, _pattern, None)


def read(path: str | os.PathLike[str]) -> Tree:
    """Read a YAML file that holds one mapping.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    Tree
        The data and the position of each key.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not YAML of the kind accepted, or is out of bounds.
    """
    file = os.fspath(path)
    try:
        content = _content(file)
    except (OSError, ValueError) as error:
        reasons: dict[type[Exception], str] = {
            FileNotFoundError: "there is no such file",
            BlockingIOError: "this is a pipe; save what comes out of it as a file",
            IsADirectoryError: "this is a folder, not a file",
            PermissionError: "the file may not be read",
        }
        why = getattr(error, "strerror", None) or error
        reason = reasons.get(type(error), f"the file cannot be read ({why})")
        raise ConfigError([Problem(None, file, reason)]) from None
    return parse(content, file)


def _content(file: str) -> bytes:
    """Return what is in a file, or a little more of it than is allowed; wait for nobody."""
    with open(file, "rb", opener=_without_waiting) as stream:
        if stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
            raise BlockingIOError
        return stream.read(MAX_BYTES + 1) or b""


def _without_waiting(file: str, flags: int) -> int:
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))


def parse(content: str | bytes, file: str = "<text>") -> Tree:
    """Read YAML text that holds one mapping; `file` is the name to use in messages."""
    text = _decode(content, file)
    try:
        _screen(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        _syntax(error, file)
    except ConfigError:
        raise
    except (ValueError, OverflowError):  # from "\UFFFFFFFF" in PyYAML's own scanner
        _refuse(Mark(file, 1, 1), "the text is not YAML: an escape that is no character")
    if root is None:
        _refuse(Mark(file, 1, 1), "the file is empty; it must hold a mapping (key: value)")
    builder = _Builder(file)
    data = builder.build(root, (), 1)
    if builder.problems:
        raise ConfigError(builder.problems)
    if not isinstance(data, dict):
        _refuse(_mark(file, root), f"the file must hold a mapping (key: value), not {show(data)}")
    return Tree(data, {(): _mark(file, root), **builder.marks})


def _refuse(mark: Mark, what: str) -> NoReturn:
    raise ConfigError([Problem(mark, "", what)])


def _mark(file: str, placed: Any) -> Mark:
    """Turn PyYAML's position of a node or an event, which counts from 0, into ours."""
    return Mark(file, placed.start_mark.line + 1, placed.start_mark.column + 1)


def _decode(content: str | bytes, file: str) -> str:
    """Return the text of a file, or say where it stops being text."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    if len(content) > MAX_BYTES:
        _refuse(Mark(file, 1, 1), f"the file is larger than {MAX_BYTES // 1024} KiB")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse(Mark(file, 1, 1), "the file is UTF-16 or UTF-32; save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        _refuse(_position(before, file), "the file is not UTF-8 text from here on")
    if bad := _UNPRINTABLE.search(text):
        what = f"the character U+{ord(bad[0]):04X} is not allowed in a text file"
        _refuse(_position(text[: bad.start()], file), what)
    return text


def _position(before: str, file: str) -> Mark:
    """Return the mark of the character that follows the text `before`."""
    line = before.count("\n") + 1
    return Mark(file, line, len(before) - (before.rfind("\n") + 1) + 1)


def _syntax(error: yaml.YAMLError, file: str) -> NoReturn:
    """Pass on a complaint of PyYAML's scanner or parser."""
    place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    mark = Mark(file, place.line + 1, place.column + 1) if place else Mark(file, 1, 1)
    what = [getattr(error, "problem", None), getattr(error, "context", None)]
    _refuse(mark, "the text is not YAML: " + " ".join(str(part) for part in what if part))


def _screen(text: str, file: str) -> None:
    """Refuse, before anything is built, what is too deep or too large, and a second document."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            _refuse(_mark(file, event), f"nested more than {MAX_DEPTH} levels deep")
        if nodes > MAX_NODES:
            _refuse(_mark(file, event), f"more than {MAX_NODES:,} values in one file")
        if documents > 1:
            _refuse(_mark(file, event), "a second document starts here; one file holds one")


@dataclass
class _Builder:
    """Turns nodes into plain data, notes marks, and collects what is wrong."""

    file: str
    marks: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    open_nodes: set[int] = field(default_factory=set)
    nodes: int = 0

    def build(self, node: yaml.Node, path: Path, depth: int) -> Any:
        """Return the data of `node`; aliases are expanded, within the bounds of a file."""
        self.nodes += 1
        mark = self.marks.get(path) or _mark(self.file, node)
        # Aliases can double the data at each line, so what is too much ends the reading.
        if self.nodes > MAX_NODES:
            _refuse(mark, f"more than {MAX_NODES:,} values once the aliases are expanded")
        if depth > MAX_DEPTH:
            _refuse(mark, f"nested more than {MAX_DEPTH} levels deep")
        if id(node) in self.open_nodes:
            self.wrong(_mark(self.file, node), path, "an alias stands inside its own anchor")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        self.open_nodes.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self.check_tag(node, path, "map")
            data: Any = self.mapping(node, path, depth)
        else:
            self.check_tag(node, path, "seq")
            data = self.sequence(node, path, depth)
        self.open_nodes.remove(id(node))
        return data

    def wrong(self, mark: Mark, path: Path, what: str) -> None:
        self.problems.append(Problem(mark, dotted(path), what))

    def check_tag(self, node: yaml.Node, path: Path, name: str) -> None:
        if node.tag != _TAG + name:
            self.refuse_tag(node, path)

    def refuse_tag(self, node: yaml.Node, path: Path) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self.wrong(_mark(self.file, node), path, f"the tag {show(tag)} is not allowed here")

    def sequence(self, node: yaml.Node, path: Path, depth: int) -> list[Any]:
        items = []
        for i, item in enumerate(node.value):
            self.marks[(*path, i)] = _mark(self.file, item)
            items.append(self.build(item, (*path, i), depth + 1))
        return items

    def mapping(self, node: yaml.Node, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark, key = _mark(self.file, key_node), self.key(key_node, path)
            if key is None:
                continue
            if key in data:
                first = self.marks[(*path, key)]
                what = f"this key stands here twice; the first is at {first}"
                self.wrong(mark, (*path, key), what)
                continue
            self.marks[(*path, key)] = mark
            data[key] = self.build(value_node, (*path, key), depth + 1)
        return data

    def key(self, node: yaml.Node, path: Path) -> str | None:
        mark = _mark(self.file, node)
        self.nodes += 1
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(mark, path, "a key must be text, not a list or a mapping")
            return None
        before = len(self.problems)
        value = self.scalar(node, path)
        if len(self.problems) > before:
            return None
        if value == "<<" and not node.style:
            self.wrong(mark, path, "merge keys (<<) are not supported; write the keys out")
            return None
        if isinstance(value, str) or type(value) is int:
            return str(value)
        what = f"a key must be text or a whole number, not {node.value!r:.60}; put it in quotes"
        self.wrong(mark, path, what)
        return None

    def scalar(self, node: yaml.ScalarNode, path: Path) -> Hashable:
        name = node.tag.removeprefix(_TAG)
        if node.tag != _TAG + name or name not in {"str", *_PLAIN}:
            self.refuse_tag(node, path)
            return None
        try:
            return _scalar(name, node.value)
        except ValueError as error:
            self.wrong(_mark(self.file, node), path, str(error))
            return None


def plain_scalar(text: str) -> Hashable:
    """Return the value of text that stands in a file without quotes.

    Raises
    ------
    ValueError
        If it looks like a number and is none.
    """
    for name, pattern in _PLAIN.items():
        if pattern.match(text):
            return _scalar(name, text)
    return _scalar("str", text)


def _scalar(name: str, text: str) -> Hashable:
    """Read a scalar; raise ValueError with the reason why it cannot be read."""
    if name == "str":
        if _SURROGATE.search(text):  # PyYAML's own scanner lets the escape through
            raise ValueError("an escape that is no character")
        return text
    if name == "float" and _PLAIN["int"].match(text):
        return float(_scalar("int", text))  # type: ignore[arg-type]  # !!float 5
    if not _PLAIN[name].match(text):
        raise ValueError(f"the tag !!{name} does not fit {show(text)}")
    if name == "null":
        return None
    if name == "bool":
        return text.lower() == "true"
    if name == "int":
        if len(text) > MAX_DIGITS:
            raise ValueError(f"a whole number of more than {MAX_DIGITS} digits")
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if math.isnan(value):
        raise ValueError("not a number")
    if math.isinf(value) and "inf" not in text.lower():
        raise ValueError(f"the number {show(text)} is too large; infinity is written .inf")
    return value
