"""Text for terminals that have few characters: what stands for those that they lack."""

import codecs
import unicodedata

NAME = "huitou.plain"
STANDS = {
    "−": "-", "–": "-", "—": "-", "‑": "-", "±": "+/-", "×": "x", "·": "-", "…": "...", "→": "->",
    "←": "<-", "≤": "<=", "≥": ">=", "≈": "~", "“": '"', "”": '"', "‘": "'", "’": "'", "µ": "u",
    "•": "*", "─": "-", "━": "-", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "║": "|", "═": "=", "█": "#",
}  # fmt: skip


def plain(text: str, encoding: str) -> str:
    """Return a text in the characters of an encoding, as one reads it.

    Signs have stands-in, letters lose their accents, and other characters become their escapes, so
    that two names stay two.
    """
    return text.encode(encoding, NAME).decode(encoding)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_stand(c, error.encoding) for c in wrong), error.end


def _stand(c: str, encoding: str) -> str:
    if c in STANDS:
        return STANDS[c]
    bare = "".join(p for p in unicodedata.normalize("NFKD", c) if not unicodedata.combining(p))
    try:
        bare.encode(encoding)
    except UnicodeEncodeError:
        bare = ""
    return bare or c.encode("ascii", "backslashreplace").decode()


codecs.register_error(NAME, _replace)
