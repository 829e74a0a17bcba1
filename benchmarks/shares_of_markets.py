"""How good is the share of markets with a positive effect? Simulated markets, and what is said of them.

    python benchmarks/shares_of_markets.py [MARKETS [SAMPLES]]

A line per form of true effects, true share and error of a market's mean (in units of the spread of
true effects): bias of the share by the square root and by the normal distribution, of raw signs and of
fully shrunk means; root mean square errors of the first two; coverage of the interval of the mean and
of either bound; how often the effect is called decided. The table in docs/ensembles.md is from here.
"""

import sys

import numpy as np
from scipy import stats

from experiments import between

FORMS = {
    "normal": lambda rng, size: rng.normal(size=size),
    "long tail of gains": lambda rng, size: rng.exponential(size=size) - 1,
    "long tail of losses": lambda rng, size: 1 - rng.exponential(size=size),
    "two groups": lambda rng, size: (
        (np.where(rng.random(size) < 0.5, -1, 1) + 0.3 * rng.normal(size=size)) / np.sqrt(1.09)
    ),
    "Student t, 3": lambda rng, size: rng.standard_t(3, size=size) / np.sqrt(3),
}
SHARES = (0.5, 0.8, 0.9, 0.98)
REPLICATES = 2


def mean_for(form: str, share: float) -> float:
    """Return the mean at which so large a share of effects of standard deviation 1 is positive."""
    return -float(np.quantile(FORMS[form](np.random.default_rng(0), 2_000_000), 1 - share))


def line(form: str, share: float, error: float, markets: int, samples: int) -> str:
    """Return what is found of samples of markets."""
    mu, rng = mean_for(form, share), np.random.default_rng(1)
    rows = []
    for _ in range(samples):
        true = mu + FORMS[form](rng, markets)
        noise = rng.normal(0, error * np.sqrt(REPLICATES), (markets, REPLICATES))
        data = true[:, None] + noise
        found = between.parts(list(data))
        flat = found.between == 0
        normal = float(found.mean > 0) if flat else stats.norm.cdf(found.mean / found.between)
        full = 0.0 if flat else found.between**2 / (found.between**2 + found.error**2)
        fully = np.mean(found.mean + full * (data.mean(axis=1) - found.mean) > 0)
        inside = found.low <= mu <= found.high
        ends = (found.share_low <= share, found.share_high >= share)
        decided = found.share_low > between.DECIDED
        rows.append([found.share, normal, found.raw, fully, inside, *ends, decided])
    table = np.array(rows, float)
    bias = table[:, :4].mean(axis=0) - share
    rms = np.sqrt(np.mean((table[:, :2] - share) ** 2, axis=0))
    rest = table[:, 4:].mean(axis=0)
    return (
        f"{form:20s} share {share:.2f} error {error:.2f}  bias "
        + " ".join(f"{x:+.3f}" for x in bias)
        + "  rms "
        + " ".join(f"{x:.3f}" for x in rms)
        + "  covers {:.3f}, bounds {:.3f} {:.3f}, decided {:.3f}".format(*rest)
    )


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    between.RESAMPLES = 400
    for form in FORMS:
        for share in SHARES:
            for error in sorted({0.5, 1.0, round(max(abs(mean_for(form, share)), 0.5), 2)}):
                print(line(form, share, error, many, each), flush=True)
