"""The BG/NBD: purchases at a rate, Gamma over customers, until a coin, Beta over customers, says stop.

Fader, Hardie and Lee 2005, "Counting your customers" the easy way, Marketing Science 24:275-284.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln

from experiments.fits.fit import Fit, Floats, maximise
from experiments.fits.histories import Histories
from experiments.limits.repeats import BetaGeometric

NAMES = ("r", "alpha", "a", "b")
STARTS = ((0.3, 5.0, 0.8, 2.5), (1.0, 10.0, 1.0, 1.0), (0.2, 1.0, 0.2, 4.0))
"""Of r, alpha in weeks, a and b."""


def log_likelihoods(values: Floats, given: Histories) -> Floats:
    """Return the log-likelihood of each history: equation (6) of the paper, in logarithms.

    Parameters
    ----------
    values : float64[4]
        r, alpha in weeks, a, b.
    given
        Histories.

    Returns
    -------
    float64[n]
    """
    r, alpha, a, b = values
    x = given.repeats
    both = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + given.observed)
    gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + given.recency)
    return both + np.where(x > 0, np.logaddexp(alive, gone), alive)


def fit_bgnbd(given: Histories) -> Fit:
    """Fit the BG/NBD by maximum likelihood; alpha is in weeks."""
    rows, count = given.distinct

    def total(values: Floats) -> float:
        return float(count @ log_likelihoods(values, rows))

    return maximise("BG/NBD", NAMES, total, STARTS, len(given))


@dataclass(frozen=True)
class BgNbd:
    """What the BG/NBD expects.

    Attributes
    ----------
    values : float64[4]
        r, alpha in weeks, a, b.
    """

    values: Floats

    def repeats(self, weeks: Floats | float) -> Floats:
        """Return the expected repeat purchases of a customer in so many weeks after the first."""
        return _model(*self.values.tolist()).repeats(weeks)

    def later(self, given: Histories, weeks: float) -> Floats:
        """Return the expected purchases of each customer in the next weeks, given the history.

        Who is alive after x repeats is a new customer with r + x, alpha + observed and b + x, so
        this is equation (10) of the paper, which cannot be evaluated where a = 1.
        """
        r, alpha, a, b = self.values.tolist()
        alive, out = self.alive(given), np.empty(len(given))
        for x in np.unique(given.repeats):
            own = given.repeats == x
            model = _model(r + x, 1.0, a, b + x)  # time counts in units of alpha alone
            out[own] = alive[own] * model.repeats(weeks / (alpha + given.observed[own]))
        return out

    def alive(self, given: Histories) -> Floats:
        """Return the chance that each customer has not dropped out by the end of observation."""
        r, alpha, a, b = self.values
        x = given.repeats
        odds = np.log(b + np.maximum(x, 1) - 1) - np.log(a)
        odds = odds - (r + x) * np.log((alpha + given.observed) / (alpha + given.recency))
        return np.where(x > 0, expit(odds), 1.0)


def _model(r: float, alpha: float, a: float, b: float) -> BetaGeometric:
    return BetaGeometric(r, alpha, a, b, np.zeros(1, np.int64), 1)
