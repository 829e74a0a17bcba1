"""Runs arranged by replicate, block and role, and what to do about those that are missing."""

import numpy as np
from numpy.typing import NDArray

from experiments.errors import StudyError

Values = NDArray[np.float64]
NAMED = 5
"""How many missing runs a message names."""


def arrange(y: Values, size: int) -> Values:
    """Return float64[replicates, blocks, size] of `y`, float64[replicates, points]."""
    return y.reshape(len(y), -1, size)


def complete(y: Values) -> NDArray[np.bool_]:
    """bool[blocks]: whether every value of the block is there, in every replicate.

    Parameters
    ----------
    y : float64[replicates, blocks, roles]
        Missing values are NaN.
    """
    return np.asarray(np.isfinite(y).all(axis=(0, 2)))


def require_complete(y: Values, roles: list[str]) -> None:
    """See that no value is missing: an index from a table with a hole in it is wrong in silence.

    Parameters
    ----------
    y : float64[replicates, blocks, roles]
        Missing values are NaN.
    roles
        Of the last axis.

    Raises
    ------
    StudyError
        Naming the first few of those that are missing or infinite.
    """
    holes = np.argwhere(~np.isfinite(np.moveaxis(y, 0, 2)))
    if not len(holes):
        return
    named = [
        f"block {block}, {roles[role]}, replicate {replicate} ({y[replicate, block, role]})"
        for block, role, replicate in holes[:NAMED]
    ]
    more = f", and {len(holes) - NAMED} more" if len(holes) > NAMED else ""
    raise StudyError(
        f"{len(holes)} of {y.size} values are missing or not finite: {'; '.join(named)}{more}. "
        "The same command again computes what is missing; or leave out these blocks as a whole"
    )


def require_replicates(y: Values, least: int, why: str) -> None:
    """See that there are enough replicates and blocks.

    Parameters
    ----------
    y : float64[replicates, blocks, roles]
        Values.
    least
        How many replicates are needed.
    why
        What fewer of them cannot do.

    Raises
    ------
    StudyError
        If there are fewer, or fewer than two blocks.
    """
    if y.shape[0] < least:
        raise StudyError(f"at least {least} replicates are needed (got {y.shape[0]}): {why}")
    if y.shape[1] < 2:
        raise StudyError(f"at least 2 blocks are needed (got {y.shape[1]})")
