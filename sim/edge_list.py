"""Reading a real network from a text file, with errors that name the line."""

from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_edge_list(
    file: str | Path, n: int, directed: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Read ties from a text file.

    A line is `from,to` or `from,to,strength`, separated by commas or white space, people numbered
    0 to `n - 1`. Blank lines and lines starting with `#` or `%` are skipped; a first line of names
    is a header. Undirected, a tie may be given in both directions if its strength is the same.

    Parameters
    ----------
    file
        Path, relative to the working directory.
    n
        Number of people.
    directed
        Whether `from,to` and `to,from` are different ties.

    Returns
    -------
    a, b : int32[m]
        From whom, to whom; each pair once.
    strength : float64[m]
        Not a number where the file gives none.

    Raises
    ------
    ValueError
        With file and line.
    """
    start, end, strength, line = array("i"), array("i"), array("d"), array("q")
    first = True
    try:
        with open(file, encoding="utf-8-sig") as text:
            for number, content in enumerate(text, 1):
                fields = content.replace(",", " ").split()
                if not fields or fields[0][0] in "#%":
                    continue
                if first:
                    first = False
                    if _is_header(fields):
                        continue
                try:
                    a, b, s = _tie(fields, n)
                except ValueError as error:
                    raise ValueError(f"{file}:{number}: {error}") from None
                start.append(a)
                end.append(b)
                strength.append(s)
                line.append(number)
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: is not a text file in UTF-8: {error}") from error
    columns = np.array(start, np.int32), np.array(end, np.int32), np.array(strength)
    keep = _once(columns, np.array(line, np.int64), n, directed, str(file))
    return columns[0][keep], columns[1][keep], columns[2][keep]


def _is_header(fields: list[str]) -> bool:
    return not any(field[0].isdigit() or field[0] in "+-." for field in fields[:2])


def _tie(fields: list[str], n: int) -> tuple[int, int, float]:
    """Read one line, or say what is wrong with it."""
    if not 2 <= len(fields) <= 3:
        raise ValueError(f"a tie is from,to or from,to,strength: found {len(fields)} fields")
    try:
        a, b = int(fields[0]), int(fields[1])
    except ValueError:
        raise ValueError(
            f"from and to must be whole numbers, not {fields[0]!r} and {fields[1]!r}"
        ) from None
    if not (0 <= a < n and 0 <= b < n):
        wrong = b if 0 <= a < n else a
        raise ValueError(
            f"there is no person {wrong} among {n} people numbered 0 to {n - 1}: "
            "renumber the file or add people"
        )
    if a == b:
        raise ValueError(f"person {a} is tied to themselves: remove the line")
    if len(fields) == 2:
        return a, b, float("nan")
    try:
        strength = float(fields[2])
    except ValueError:
        strength = 0.0
    if not 0 < strength <= 1:
        raise ValueError(f"strength must be above 0 and at most 1, not {fields[2]!r}")
    return a, b, strength


def _once(
    columns: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]],
    line: NDArray[np.int64],
    n: int,
    directed: bool,
    file: str,
) -> NDArray[np.bool_]:
    """Mark the lines to keep: all but the second direction of an undirected tie."""
    a, b, strength = columns
    turned = (a > b) & (not directed)
    pair = np.where(turned, b, a).astype(np.int64) * n + np.where(turned, a, b)
    order = np.argsort(2 * pair + turned, kind="stable")
    one, two = order[:-1], order[1:]
    same = pair[one] == pair[two]
    alike = (strength[one] == strength[two]) | (np.isnan(strength[one]) & np.isnan(strength[two]))
    bad = np.flatnonzero(same & ((turned[one] == turned[two]) | ~alike))
    if bad.size:
        lines = np.sort(np.stack([line[one[bad]], line[two[bad]]]), axis=0)
        before, again = lines[:, np.argmin(lines[1])]
        raise ValueError(
            f"{file}:{again}: the tie of line {before} is given again: keep one of the two lines"
        )
    keep = np.ones(a.size, bool)
    keep[two[same]] = False
    return keep
