"""Which unknowns make an effect differ between markets.

The markets of an ensemble differ in every free parameter at once. How much of the difference of an
effect goes with one of them: the adjusted R^2 of the ranks of effects on the ranks of its values and
their squares, so that a curve with one bend is seen, whatever its form; of a choice, on its values.
It is divided by the share of the scatter of means that is not error inside markets, so that it is a
share of what truly differs.

Among many parameters one goes with noise well. So the effects are shuffled among the markets many
times, and a parameter counts only if at most one shuffle in twenty gives *any* parameter as much
(permutation of the maximum: Westfall and Young 1993). Free parameters of an ensemble go together, so
shares overlap, and the name of a parameter may stand for another that goes with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from experiments.ensembles import numbers

Floats = NDArray[np.float64]
COLUMNS = ["parameter", "share", "p", "direction"]
FEWEST = 12
"""With fewer markets nothing is said."""
SHUFFLES = 1999
ALPHA = 0.05
_SEED = 20


def unknowns(
    values: Mapping[str, Sequence[Any]], effects: Floats, true_share: float
) -> pd.DataFrame:
    """Return how much of the difference between markets goes with each parameter.

    Parameters
    ----------
    values
        What each market has of each parameter.
    effects : float64[markets]
        The mean effect in each market; NaN where it is not known.
    true_share
        Share of their scatter that is not error inside markets; 0: nothing is said.

    Returns
    -------
    pandas.DataFrame
        `parameter`, `share` (of what truly differs between markets), `p` (of as much by chance in
        any parameter), `direction` (the rank correlation; NaN of a choice), the largest first.
        Empty with fewer than 12 markets, or where they do not differ.
    """
    there = np.flatnonzero(np.isfinite(effects))
    own = effects[there]
    if len(own) < FEWEST or np.ptp(own) == 0 or not true_share > 0:
        return pd.DataFrame(columns=COLUMNS)
    y = stats.rankdata(own)
    y = (y - y.mean()) / np.sqrt(np.sum((y - y.mean()) ** 2))
    rows, bases = [], []
    for name, column in values.items():
        raw = [column[int(k)] for k in there]
        basis = _basis(raw)
        if basis is not None:
            known = numbers(raw)
            way = float("nan") if known is None else float(stats.spearmanr(known, own).statistic)
            rows.append({"parameter": name, "direction": way})
            bases.append(basis)
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    rng = np.random.default_rng(_SEED)
    shuffled = np.stack([y, *(rng.permutation(y) for _ in range(SHUFFLES))])
    fits = np.stack([_adjusted(shuffled, basis) for basis in bases])
    by_chance = fits[:, 1:].max(axis=0)
    table = pd.DataFrame(rows)
    table["share"] = np.clip(fits[:, 0] / true_share, 0, 1)
    more = (by_chance[None] >= fits[:, :1] - 1e-12).sum(axis=1)
    table["p"] = (1 + more) / (1 + SHUFFLES)
    order = np.argsort(-fits[:, 0], kind="stable")
    return table.iloc[order].reset_index(drop=True)[COLUMNS]


def _basis(raw: list[Any]) -> Floats | None:
    """Return orthonormal columns that a parameter's values span, float64[markets, k]."""
    known = numbers(raw)
    if known is None:
        names, codes = np.unique([repr(value) for value in raw], return_inverse=True)
        if not 1 < len(names) <= len(raw) // 4:
            return None
        columns = (codes[:, None] == np.arange(1, len(names))).astype(float)
    else:
        different = len(np.unique(known))
        if different < 2:
            return None
        rank = stats.rankdata(known)
        rank = (rank - rank.mean()) / rank.std()
        columns = np.stack([rank, rank**2][: 2 if different > 2 else 1], axis=1)
    return np.asarray(np.linalg.qr(columns - columns.mean(axis=0))[0])


def _adjusted(y: Floats, basis: Floats) -> Floats:
    """Return the adjusted R^2 of each row of `y`, which are centred and of length 1."""
    n, k = basis.shape
    fit = np.sum((y @ basis) ** 2, axis=1)
    return np.asarray(1 - (1 - fit) * (n - 1) / (n - k - 1))
