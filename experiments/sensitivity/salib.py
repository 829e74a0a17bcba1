"""Other methods, by SALib: each on a problem of our own in the unit cube, with its limits said.

SALib 1.6.0 turns a missing value into zeros, and one of its intervals has the wrong scale; what
else it does is kept in by `experiments.salib`. Tests show each defect, so that we learn when one is
mended.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.errors import StudyError
from experiments.libraries import need, one_thread
from experiments.salib import guarded, problem
from experiments.sensitivity.about import METHODS
from experiments.sensitivity.blocks import Values, require_complete
from experiments.sensitivity.samples import Unit

Vector = NDArray[np.float64]
LEAST_HDMR = 300
"""Fewest points that SALib takes for HDMR."""
LEAST_DELTA = 200
"""Fewest points for delta: SALib gives up with fewer than ten in each of ten bins."""
MOST_ORDER = 8


@dataclass(frozen=True)
class Given:
    """What a method found.

    Attributes
    ----------
    table
        A row per input, column `input` and those of the method.
    noise_share
        How much of the scatter of the analysed values, the means of replicates, is luck; NaN with
        one replicate.
    notes
        Sentences about this very analysis.
    """

    table: pd.DataFrame
    noise_share: float
    notes: tuple[str, ...] = ()


def analyse(method: str, unit: Unit, y: Values, names: tuple[str, ...], seed: int = 1) -> Given:
    """Analyse the means over replicates.

    Parameters
    ----------
    method
        Name of one of `METHODS`.
    unit : float64[points, inputs]
        As the sampler of the method has placed them.
    y : float64[replicates, points]
        Values.
    names
        Of the inputs.
    seed
        Of the method's own resampling.

    Raises
    ------
    StudyError
        If a value is missing or not finite, there are too few, or SALib cannot do it.
    """
    require_complete(y[:, :, None], [method])
    if np.ptp(y) == 0:
        raise StudyError("the response is the same in all runs: no input changes it")
    columns, notes = _ANALYSES[method](unit, y, seed)
    table = pd.DataFrame({"input": list(names), **columns})
    if not np.isfinite(table.drop(columns="input").to_numpy(float)).all():
        raise StudyError(f"{METHODS[method].title} gives no finite index for this response")
    return Given(table, noise_share(y), notes)


def noise_share(y: Values) -> float:
    """Return how much of the scatter of means over replicates is luck; NaN with one replicate.

    Parameters
    ----------
    y : float64[replicates, points]
        Values.
    """
    if len(y) < 2:
        return math.nan
    return float(min(y.var(0, ddof=1).mean() / len(y) / y.mean(0).var(), 1.0))


# -- the methods ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _guarded(seed: int) -> Iterator[int]:
    # analysis divides by what may be 0, and its matrices are too small for several threads
    need("SALib", "SALib", "this method")
    with guarded(seed) as own, np.errstate(all="ignore"), one_thread():
        yield own


def fast_points(columns: int, n: int, harmonics: int, seed: int) -> Unit:
    """Return the search curves of FAST, float64[columns * n, columns], in [0, 1]."""
    with _guarded(seed) as own:
        from SALib.sample import fast_sampler

        return fast_sampler.sample(problem(columns), n, M=harmonics, seed=own)


Found = tuple[dict[str, Any], tuple[str, ...]]


def _pawn(unit: Unit, y: Values, seed: int) -> Found:
    with _guarded(seed) as own:
        from SALib.analyze import pawn

        found = pawn.analyze(problem(unit.shape[1]), unit, y.mean(0), S=10, seed=own)
    return {name: found[name] for name in ("median", "minimum", "maximum")}, ()


def _delta(unit: Unit, y: Values, seed: int) -> Found:
    _least("delta", len(unit), LEAST_DELTA)
    with _guarded(seed) as own:
        from SALib.analyze import delta

        found = delta.analyze(problem(unit.shape[1]), unit, y.mean(0), seed=own)
    raw = {"delta": found["delta_raw"], "delta_conf": found["delta_raw_conf"]}
    return _ends(raw, "delta") | _ends(found, "S1"), ()


def _rbd_fast(unit: Unit, y: Values, seed: int) -> Found:
    with _guarded(seed) as own:
        from SALib.analyze import rbd_fast

        found = rbd_fast.analyze(problem(unit.shape[1]), unit, y.mean(0), seed=own)
    return _ends(found, "S1"), ()


def _fast(unit: Unit, y: Values, seed: int) -> Found:
    with _guarded(seed) as own:
        from SALib.analyze import fast

        found = fast.analyze(problem(unit.shape[1]), y.mean(0), num_resamples=2, seed=own)
    return {"S1": np.array(found["S1"]), "ST": np.array(found["ST"])}, ()


def _dgsm(unit: Unit, y: Values, seed: int) -> Found:
    k = unit.shape[1]
    with _guarded(seed) as own:
        from SALib.analyze import dgsm

        found = dgsm.analyze(problem(k), unit, y.mean(0), seed=own, num_resamples=1000)
    blocks = y.reshape(len(y), -1, k + 1)
    # SALib gives the interval of the mean square derivative, not that of the index.
    scale = 1 / (np.pi**2 * blocks.mean(0)[:, 0].var())
    scaled = {"dgsm": found["dgsm"], "dgsm_conf": scale * np.asarray(found["dgsm_conf"])}
    return _ends(scaled, "dgsm") | {"noise": scale * _noise_of_slope(blocks, unit)}, ()


def _noise_of_slope(blocks: Values, unit: Unit) -> Vector:
    """Return what noise alone adds to each mean square derivative; NaN-free, 0 if unknown."""
    r, _, size = blocks.shape
    points = unit.reshape(-1, size, size - 1)
    step = np.diagonal(points[:, 1:] - points[:, :1], axis1=1, axis2=2)
    slope = (blocks[:, :, 1:] - blocks[:, :, :1]) / step
    if r < 2:
        return np.zeros(size - 1)
    return (slope.var(0, ddof=1) / r).mean(0)


def _hdmr(unit: Unit, y: Values, seed: int) -> Found:
    _least("HDMR", len(unit), LEAST_HDMR)
    k = unit.shape[1]
    if k < 2:
        raise StudyError("HDMR needs at least two factors")
    order = hdmr_order(len(unit), k)
    with _guarded(seed) as own:
        from SALib.analyze import enhanced_hdmr

        found = enhanced_hdmr.analyze(
            problem(k), unit, y.mean(0), max_order=2, poly_order=order, seed=own
        )
    first = {"S1": found["S"][:k], "S1_conf": found["S_conf"][:k]}
    total = {"ST": found["ST"][:k], "ST_conf": found["ST_conf"][:k]}
    note = (
        f"Polynomials up to order {order}, the highest that {len(unit)} points allow, explain "
        f"{100 * found['S_sum']:.0f} % of the scatter; a response that turns more often than that "
        "needs more points."
    )
    return _ends(first, "S1") | _ends(total, "ST"), (note,)


def hdmr_order(n: int, columns: int) -> int:
    """Return the highest polynomial order whose terms are at most half of those fitted to.

    SALib's default, 3, misses whatever turns more than twice: of Ishigami's second input it finds
    3 % of the variance where there are 44 %. It fits to half of the points at a time.
    """
    pairs = columns * (columns - 1) // 2
    orders = [p for p in range(1, MOST_ORDER + 1) if columns * p + pairs * (p**2 + 2 * p) <= n / 4]
    return max(orders, default=1)


def _least(title: str, n: int, least: int) -> None:
    if n < least:
        raise StudyError(f"{title} needs at least {least} points (got {n})")


def _ends(found: Any, name: str) -> dict[str, Vector]:
    """Return an index with the ends of its interval."""
    middle = np.asarray(found[name], float)
    half = np.asarray(found[f"{name}_conf"], float)
    return {name: middle, f"{name}_low": middle - half, f"{name}_high": middle + half}


_ANALYSES: dict[str, Callable[[Unit, Values, int], Found]] = {
    "pawn": _pawn,
    "delta": _delta,
    "rbd_fast": _rbd_fast,
    "fast": _fast,
    "dgsm": _dgsm,
    "hdmr": _hdmr,
}
