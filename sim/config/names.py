"""Names that people give: of brands, products, categories, groups, arms."""

from typing import Annotated

from pydantic import AfterValidator, Field

JOINERS = "\u200c\u200d"
"""Invisible, but parts of Persian words and of composed emoji."""


def check_name(text: str, reserved: str = "") -> str:
    """Return a name that can be shown in one line, or say what is wrong with it.

    Parameters
    ----------
    text
        The name; letters of any script, blanks and signs are welcome.
    reserved
        Characters that mean something where the name is used.

    Raises
    ------
    ValueError
        If it is empty or has blanks at an end, begins with `_`, or has in it what cannot be printed
        or is reserved.
    """
    if not text.strip() or text != text.strip():
        raise ValueError("must be a name without blanks at its ends")
    if text.startswith("_"):
        raise ValueError("must not begin with _: legends of pictures leave such names out")
    if bad := next((c for c in text if not c.isprintable() and c not in JOINERS), None):
        raise ValueError(f"must be a name in one line; U+{ord(bad):04X} cannot be printed")
    if bad := next((c for c in text if c in reserved), None):
        raise ValueError(f"must be a name without {' '.join(reserved)} (got {text!r})")
    return text


def _in_path(text: str) -> str:
    return check_name(text, "./*")


Name = Annotated[str, Field(max_length=40), AfterValidator(_in_path)]
"""A part of dotted paths, and of `brand/product`."""
