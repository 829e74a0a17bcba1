"""Whether Sobol' indices are good enough to be used: one word, and a sentence that says why.

The rule, in this order:

- **constant**: all values are the same; no input can matter.
- **noise only**: the 95 % interval of the variance of the mean response reaches 0, so there is
  nothing to apportion: all the scatter may be luck.
- **not yet**, unless all of this holds: the interval of the largest ST is no wider than ±
  `THRESHOLD`; the interval of the control's ST reaches 0 (by chance it fails to in 1 study of
  40); and no ST from the first half of the blocks differs from that of all by more than
  `THRESHOLD`.
- **converged** otherwise.
"""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from experiments.formats import count
from experiments.sensitivity.samples import INERT
from experiments.sensitivity.sobol import Indices

THRESHOLD = 0.1
"""How far off a total index may be; on its own scale, where 1 is all of the variance."""
Level = Literal["converged", "not yet", "noise only", "constant"]


class Verdict(NamedTuple):
    """How far indices can be trusted."""

    level: Level
    sentence: str


def verdict(indices: Indices, threshold: float = THRESHOLD) -> Verdict:
    """Judge indices by the rule above.

    Parameters
    ----------
    indices
        As `sobol.analyse` returns them.
    threshold
        How far off a total index may be.
    """
    blocks = count(indices.blocks, "block")
    if indices.constant:
        return Verdict(
            "constant", f"The response is the same in all {blocks}: no input changes it."
        )
    if not indices.variance_low > 0:
        return Verdict(
            "noise only",
            f"Over {blocks} the response cannot be told from noise: the 95 % interval of the "
            "variance of its mean reaches 0. More blocks or replicates or wider factors may help.",
        )
    doubts = list(_doubts(indices, threshold))
    if doubts:
        return Verdict("not yet", f"Not converged over {blocks}: {'; '.join(doubts)}.")
    return Verdict(
        "converged", f"Converged over {blocks}: total indices are within ± {threshold:g}."
    )


def _doubts(indices: Indices, threshold: float) -> Iterator[str]:
    table = indices.table.set_index("input")
    top = str(table["ST"].idxmax())
    half = (table["ST_high"][top] - table["ST_low"][top]) / 2
    if half > threshold:
        # An interval narrows with the square root of the number of blocks.
        enough = math.ceil(indices.blocks * (half / threshold) ** 2)
        yield (
            f"ST of {top} is known to ± {half:.2f} only, and ± {threshold:g} is asked, "
            f"which takes about {enough:,} blocks"
        )
    if INERT in table.index and table["ST_low"][INERT] > 0:
        low, high = table.loc[INERT, ["ST_low", "ST_high"]]
        yield (
            f"the control's ST, which is 0, has the interval {low:.3f} to {high:.3f}: "
            "distrust effects as small as that"
        )
    move = np.abs(indices.half - table["ST"].to_numpy())
    if not move.max() <= threshold:  # NaN: half of the blocks show no variance
        worst = table.index[int(np.nanargmax(move))] if np.isfinite(move).any() else top
        yield f"half of the blocks give another ST of {worst}"
