"""Names in pictures: shown as they are if a font has their characters, else by a number.

matplotlib draws a box for a character that its fonts lack, takes `$` for mathematics, and has no
room for a name of sixty characters. So every text of a finished figure is gone through.
"""

import functools
import logging
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, Formatter, FuncFormatter

# A font without a bold face is as good as any here.
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: "Failed to find font weight" not in record.getMessage()
)

BOXES = ("Last Resort", ".LastResort", "Adobe Blank")
"""Fonts that have every character, and draw a box, or nothing, for it."""
MOST = 30
"""Columns that a name may take in a picture; a Chinese character takes two."""
OWN = "DejaVu Sans"
FIRST = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC",
    "Hiragino Sans GB", "Heiti SC", "Arial Unicode MS", "Noto Emoji", "Segoe UI Emoji",
)  # fmt: skip
"""Fonts with Chinese characters or emoji; any other installed one is tried after them."""


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


@functools.lru_cache(maxsize=256)
def _characters(file: str) -> frozenset[int]:
    """Return what a font has; nothing if it cannot be drawn with, as coloured emoji cannot."""
    try:
        font = FT2Font(file)
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):
        return frozenset()


@functools.cache
def _fonts() -> Mapping[str, str]:
    """Return the file of each installed font, by family, the likely ones first."""
    manager = font_manager.fontManager
    known = {entry.fname for entry in manager.ttflist}
    for file in sorted(set(font_manager.findSystemFonts()) - known):  # installed since
        try:
            manager.addfont(file)
        except (OSError, RuntimeError, ValueError):
            continue
    plain = [
        entry
        for entry in manager.ttflist
        if entry.style == "normal"
        and entry.weight in (400, "normal")
        and not entry.name.startswith(BOXES)
    ]
    files = {entry.name: entry.fname for entry in sorted(plain, key=lambda e: e.name)}
    order = {name: k for k, name in enumerate((OWN, *FIRST))}
    return dict(sorted(files.items(), key=lambda item: order.get(item[0], len(order))))


@functools.lru_cache(maxsize=256)
def families(characters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the fonts that draw some characters, matplotlib's own first, and what none has."""
    own = _characters(font_manager.findfont(OWN))
    chosen, missing = [OWN], {c for c in characters if ord(c) not in own}
    for name, file in _fonts().items() if missing else ():
        found = {c for c in missing if ord(c) in _characters(file)}
        if found:
            chosen.append(name)
            missing -= found
        if not missing:
            break
    return tuple(chosen), frozenset(missing)


def numbered(names: Iterable[str]) -> dict[str, str]:
    """Return what stands in pictures for names that no installed font can draw: `#1`, `#2`."""
    bad = [name for name in dict.fromkeys(names) if families(frozenset(name))[1]]
    return {name: f"#{k}" for k, name in enumerate(bad, 1)}


def note(names: Iterable[str]) -> list[str]:
    """Say which names stand as numbers in pictures, and why."""
    stand = numbered(names)
    if not stand:
        return []
    listed = ", ".join(f"{short} is {name}" for name, short in stand.items())
    return [
        f"In the pictures {listed}: no installed font has these characters (a package such as "
        "fonts-noto-cjk has the Chinese ones)."
    ]


def _shortened(names: Sequence[str]) -> dict[str, str]:
    """Return what stands for names that are too long for a picture, each another."""
    short: dict[str, str] = {}
    for name in names:
        if width(name) > MOST:
            cut = _cut(name, MOST - 1) + "…"
            if cut in short.values() or cut in names:
                ending = f"…{len(short) + 1}"
                cut = _cut(name, MOST - len(ending)) + ending
            short[name] = cut
    return short


def _cut(name: str, columns: int) -> str:
    while width(name) > columns:
        name = name[:-1]
    return name.rstrip()


def fit(figure: Figure, names: Iterable[str]) -> None:
    """Make every text of a figure one that can be drawn.

    Parameters
    ----------
    figure
        A finished figure.
    names
        What users have named, such as arms and brands.
    """
    names = sorted(dict.fromkeys(names), key=len, reverse=True)
    numbers = numbered(names)
    stand = {**_shortened([name for name in names if name not in numbers]), **numbers}
    axes = [axis for one in figure.axes for axis in (one.xaxis, one.yaxis)]
    at_ticks = {id(tick.label1) for axis in axes for tick in axis.majorTicks}
    texts: list[Any] = figure.findobj(Text)
    written = "\n".join(text.get_text() for text in texts)
    chosen = list(families(frozenset(written) - {"\n"})[0])
    for text in texts:
        if id(text) not in at_ticks:
            text.set_text(_drawable(text.get_text(), stand))
    for axis in axes:
        own = axis.get_major_formatter()
        if isinstance(own, FixedFormatter | FuncFormatter) and not isinstance(own, _Fitted):
            axis.set_major_formatter(_Fitted(own, stand))
    if len(chosen) > 1:
        for one in figure.axes:
            one.tick_params(labelfontfamily=chosen)
        for text in texts:
            text.set_fontfamily(chosen)


class _Fitted(FuncFormatter):
    """A formatter of ticks whose labels can be drawn."""

    def __init__(self, own: Formatter, stand: Mapping[str, str]) -> None:
        super().__init__(lambda value, at: _drawable(own(value, at), stand))


def _drawable(text: str, stand: Mapping[str, str]) -> str:
    """Return a text that is drawn as it is meant; what has no font, as a question mark."""
    for name in sorted(stand, key=len, reverse=True):
        text = text.replace(name, stand[name])
    missing = families(frozenset(text) - {"\n"})[1]
    text = "".join("?" if c in missing else c for c in text)
    return text.replace("$", r"\$")
