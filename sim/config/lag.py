"""How far curves of adoption are behind a market in continuous time: a message takes a day."""

import numpy as np


def lag(alone: float, talk: float) -> float:
    """Return by how much of all people a curve of adoption is late, at the most.

    Whoever has not adopted does so at rate p + q F, as in Bass (1969). Here q F is that of the day
    before, half a day ago on average, which puts the curve back by log(1 + q F / p) / 2 days and so
    lowers it by (1 - F) (p + q F) log(1 + q F / p) / 2 (docs/limits.md). That is .8 q or less up to
    q = 1,200 p. On graphs of few ties it is less.

    Parameters
    ----------
    alone, talk
        p and q, per day. Where a share knows from the start, p is about q times that share.
    """
    if talk <= 0:
        return 0.0
    alone = max(alone, 1e-300)
    adopted = np.linspace(0, 1, 1001)
    rate = alone + talk * adopted
    return float(((1 - adopted) * rate * np.log(rate / alone)).max() / 2)
