"""The Pareto/NBD: purchases at a rate until a lifetime ends, both rates Gamma over customers.

Schmittlein, Morrison and Colombo 1987, Management Science 33:1-24.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from experiments.fits.fit import Fit, Floats, maximise
from experiments.fits.histories import Histories
from experiments.limits.repeats import ParetoNBD

NAMES = ("r", "alpha", "s", "beta")
STARTS = ((0.6, 10.0, 0.6, 10.0), (1.0, 5.0, 1.0, 50.0), (0.3, 5.0, 0.3, 3.0))
"""Of r, alpha in weeks, s and beta in weeks."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
PLACES, WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
"""Of Gauss and Legendre, between 0 and 1."""


def log_likelihoods(values: Floats, given: Histories) -> Floats:
    """Return the log-likelihood of each history.

    Given the last purchase at t of x repeats, and T observed, the lifetime either outlasts T, or
    ends at some u between t and T. So the likelihood is Gamma(r + x) / Gamma(r) alpha**r times

        (alpha + T)**-(r + x) (beta / (beta + T))**s
        + integral from t to T of (alpha + u)**-(r + x) s beta**s (beta + u)**-(s + 1) du.

    The integral is taken by Gauss and Legendre in the logarithm of u plus the lesser of alpha and
    beta, in which it falls off smoothly. The closed form is a difference of two hypergeometric
    functions (Fader and Hardie 2005, A note on deriving the Pareto/NBD model), which may have no
    digit left.

    Parameters
    ----------
    values : float64[4]
        r, alpha, s, beta; alpha and beta in weeks.
    given
        Histories.

    Returns
    -------
    float64[n]
    """
    both, alive, gone = _parts(values, given)
    return both + np.logaddexp(alive, gone)


def _parts(values: Floats, given: Histories) -> tuple[Floats, Floats, Floats]:
    """Return logarithms: of the factor in common, and of the two ways in which it came to be."""
    r, alpha, s, beta = values
    x, last, end = given.repeats, given.recency, given.observed
    both = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = -(r + x) * np.log(alpha + end) + s * np.log(beta / (beta + end))
    near, far = min(alpha, beta), max(alpha, beta)
    low, length = np.log(near + last), np.log1p((end - last) / (near + last))
    log_near = low[:, None] + length[:, None] * PLACES
    log_far = np.log(far - near + np.exp(log_near))
    log_alpha, log_beta = (log_near, log_far) if near == alpha else (log_far, log_near)
    inside = -(r + x)[:, None] * log_alpha - (s + 1) * log_beta + log_near
    most = inside.max(axis=1)
    with np.errstate(divide="ignore"):  # who bought on the last day cannot have gone before its end
        gone = most + np.log(np.exp(inside - most[:, None]) @ WEIGHTS * length)
    return both, alive, gone + np.log(s) + s * np.log(beta)


def fit_pareto_nbd(given: Histories) -> Fit:
    """Fit the Pareto/NBD by maximum likelihood; alpha and beta are in weeks."""
    rows, count = given.distinct

    def total(values: Floats) -> float:
        return float(count @ log_likelihoods(values, rows))

    return maximise("Pareto/NBD", NAMES, total, STARTS, len(given))


@dataclass(frozen=True)
class ParetoNbd:
    """What the Pareto/NBD expects.

    Attributes
    ----------
    values : float64[4]
        r, alpha, s, beta; alpha and beta in weeks.
    """

    values: Floats

    def repeats(self, weeks: Floats | float) -> Floats:
        """Return the expected repeat purchases of a customer in so many weeks after the first."""
        return _model(*self.values.tolist()).repeats(weeks)

    def later(self, given: Histories, weeks: float) -> Floats:
        """Return the expected purchases of each customer in the next weeks, given the history.

        Who is alive after x repeats is a new customer with r + x, alpha + observed and
        beta + observed.
        """
        r, alpha, s, beta = self.values.tolist()
        rate = (r + given.repeats) / (alpha + given.observed)
        beta = beta + given.observed
        # repeats are proportional to r / alpha, and to beta if time counts in units of it
        return self.alive(given) * rate * beta * _model(1.0, 1.0, s, 1.0).repeats(weeks / beta)

    def alive(self, given: Histories) -> Floats:
        """Return the chance that each customer has not dropped out by the end of observation."""
        _, alive, gone = _parts(self.values, given)
        return np.exp(alive - np.logaddexp(alive, gone))


def _model(r: float, alpha: float, s: float, beta: float) -> ParetoNBD:
    return ParetoNBD(r, alpha, s, beta, np.zeros(1, np.int64), 1)
