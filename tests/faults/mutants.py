"""Files that a careless or a hostile hand may have written: files of configs/, changed at random.

`mutant(i)` is always the same file, so that a number names a failure. Half of the changes are made
in the text, as a slip of the hand or a broken disk would; half in the data, which stays YAML and so
gets further into the program.
"""

import copy
import functools
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CONFIGS = Path(__file__).parents[2] / "configs"
_WORD = re.compile(r"[A-Za-z_][\w.]*(?=:)")
_VALUE = re.compile(r"(?<=: )[^\s{}\[\],#][^{}\[\],#\n]*")
_KEY = re.compile(r"[A-Za-z_]\w*")

WRONG: list[Any] = [
    None, True, False, 0, -1, 1, 0.0, 0.5, -0.5, 1e-9, 2, 3.7, 1e9, 10**9, 1e308, -1e308,
    10**18, 10**30, float("inf"), float("-inf"), float("nan"), 5e-324, "", "none", "text", "1",
    "1e3", "on", "2001-01-01", "A", "B", "cream", "回头", "a.b.c", "x" * 300, "../../etc/passwd",
    "%s{0}", [], {}, [0], [[]], [1, 2], [0, 0], [1, 0], {"a": 1}, {"dist": "gamma"}, {"dist":
    "beta", "a": 0, "b": 1}, {"kind": "ring"}, {"range": [0, 1]}, {"": None}, [None], ["A",
    "A"], [1e308, 1e308], {"dist": "lognormal", "mean": 1, "sigma": 1e6},
]  # fmt: skip
"""What stands where something else should."""
TOKENS = [
    ".nan", ".inf", "-.inf", "-1", "0", "1e999", "9" * 50, "1_000", "0o17", "010", "1:30:00",
    "no", "Yes", "~", "2001-01-01", "'1'", "{}", "[]", "[[[1]]]", "{a: {b: {c: 1}}}",
    "!!python/name:os.system", "!!binary aGk=", "&a [*a]", "*nowhere", "|", ">-", "? [a]",
    "<<: {x: 1}", "# gone", "1e9", "100000000", "1e-300", "回",
]  # fmt: skip
"""What is written where a value should be."""


class Mutant(NamedTuple):
    """A file and what was done to make it."""

    name: str
    content: bytes


@functools.cache
def sources() -> dict[str, str]:
    """Return the files of configs/ by name, all of them valid."""
    return {
        str(path.relative_to(CONFIGS)): path.read_text(encoding="utf-8")
        for path in sorted(CONFIGS.rglob("*.yaml"))
        if path.parent.name != "ensembles"  # about the table beside it, and no study
    }


def mutant(number: int) -> Mutant:
    """Return mutant `number`: one file, changed in one to three ways."""
    rng = random.Random(number)
    name = rng.choice(list(sources()))
    text, done = sources()[name], []
    if rng.random() < 0.5:
        data = yaml.safe_load(text)
        for _ in range(rng.choice((1, 1, 2, 3))):
            done.append(_in_data(data, rng))
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    if not done or rng.random() < 0.2:
        for _ in range(rng.choice((1, 1, 2, 3))):
            change = rng.choice(_IN_TEXT)
            done.append(change.__name__)
            text = change(text, rng)
    content = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        broken = rng.choice(_IN_BYTES)
        done.append(broken.__name__)
        content = broken(content, rng)
    return Mutant(f"mutant {number}: {name}: {', '.join(done)}", content)


# -- in the data --------------------------------------------------------------------------------


def _in_data(data: dict[str, Any], rng: random.Random) -> str:
    """Change something at a random place, and say what."""
    holder, key = rng.choice(list(_places(data)))
    change = rng.choice(("value", "value", "value", "delete", "rename", "nest", "swap", "scale"))
    value = holder[key]
    if change == "scale" and isinstance(value, int | float):
        holder[key] = value * rng.choice((-1, 0, 0.1, 10, 1000, 1e6, 1e-6, 1.5))
    elif change == "delete":
        del holder[key]
    elif change == "rename" and isinstance(holder, dict):
        holder[_misspelt(str(key), rng)] = holder.pop(key)
    elif change == "nest":
        holder[key] = rng.choice(([value], {str(key): value}, {"x": value}))
    elif change == "swap":
        holder[key] = copy.deepcopy(rng.choice([h[k] for h, k in _places(data)]))
    else:
        change = "value"
        holder[key] = copy.deepcopy(rng.choice(WRONG))
    return f"{change} at {key}"


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Return each place as the mapping or list that holds it, and the key or number in that."""
    items: Any = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    found = [(data, key) for key, _ in items]
    return found + [place for _, value in items for place in _places(value)]


def _misspelt(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) or 1)
    return rng.choice((word[:at] + word[at + 1 :], word + "s", word.upper(), f"{word}.{word}"))


# -- in the text --------------------------------------------------------------------------------


def _delete_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def _repeat_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = rng.randrange(len(lines))
    lines.insert(rng.choice((at, rng.randrange(len(lines)))), lines[at])
    return "".join(lines)


def _indent(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = rng.randrange(len(lines))
    lines[at] = rng.choice((" ", "  ", "\t")) + lines[at]
    return "".join(lines)


def _outdent(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    indented = [k for k, line in enumerate(lines) if line.startswith(" ")]
    if indented:
        at = rng.choice(indented)
        lines[at] = lines[at][rng.choice((1, 2)) :]
    return "".join(lines)


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _join(text: str, rng: random.Random) -> str:
    return text + rng.choice(("", "---\n", "\n")) + rng.choice(list(sources().values()))


def _other_key(text: str, rng: random.Random) -> str:
    return _replaced(text, _WORD, lambda word: _misspelt(word, rng), rng)


def _other_value(text: str, rng: random.Random) -> str:
    return _replaced(text, _VALUE, lambda _: rng.choice(TOKENS), rng)


def _other_word(text: str, rng: random.Random) -> str:
    words = _KEY.findall(text)
    return _replaced(text, _KEY, lambda _: rng.choice(words), rng)


def _put_in(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice([*TOKENS, *"{}[]:,-#&*!|>'\"%@`\0\r\ufeff\u2028"]) + text[at:]


def _replaced(
    text: str, pattern: re.Pattern[str], by: Callable[[str], str], rng: random.Random
) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + by(one[0]) + text[one.end() :]


_IN_TEXT = (
    _delete_line, _repeat_line, _indent, _outdent, _cut, _join, _other_key, _other_value,
    _other_value, _other_word, _put_in,
)  # fmt: skip


# -- in the bytes -------------------------------------------------------------------------------


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content or b" ")
    for _ in range(rng.choice((1, 2, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _utf16(content: bytes, rng: random.Random) -> bytes:
    coding = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gb18030"))
    return content.decode("utf-8", "replace").encode(coding)


def _windows(content: bytes, rng: random.Random) -> bytes:
    return content.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\0")))


_IN_BYTES = (_flip, _utf16, _windows)
