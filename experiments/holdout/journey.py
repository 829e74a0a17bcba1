"""The Complete Journey: calibrated on a random half of the households, held against the other half.

python -m experiments.holdout.journey calibrate  # reads one half, writes configs/published/journey_*.yaml
python -m experiments.holdout.journey page       # runs those, reads both halves, writes the page
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from experiments import panels
from experiments import study as studies
from experiments.files import write_bytes
from experiments.fits import Fit, fit_dirichlet
from experiments.holdout import journey_page
from experiments.holdout.journey_market import OTHERS, choose, market, simulated
from experiments.holdout.journey_page import Beside
from experiments.panel_statistics import profile
from experiments.panels import LEAST, Panel, complete_journey, halves
from sim.config.market import MarketConfig

SEED = 1
"""Of the choice of the half that is read."""
REPLICATES = 8
BOOTSTRAPS = 400
FILES = {"coffee": "journey_coffee.yaml", "make-up": "journey_makeup.yaml"}


def half(category: str, chosen: bool = True) -> tuple[Panel, list[int]]:
    """Return a half of a panel, and the makers that count as brands in the half that is read."""
    panel = complete_journey(category)
    mine = halves(panel, SEED)
    makers = panel.among(mine).makers(LEAST[category] // 2)
    return panel.among(mine if chosen else ~mine), makers


def fit(panel: Panel, makers: list[int]) -> Fit:
    """Fit the NBD-Dirichlet to purchases of makers."""
    return fit_dirichlet(panel.bought(makers), [*map(str, makers), OTHERS])


def calibrate(category: str, panel: Panel, makers: list[int]) -> bytes:
    """Return the study of a category, from the half of the households that may be read."""
    found = fit(panel, makers)
    lines = [
        f"# {category}: the NBD-Dirichlet fitted by maximum likelihood to {len(panel.households):,}",
        f"# households of the Complete Journey, a random half (seed {SEED}). Estimates with 90 % intervals:",
    ]
    for name, (low, high) in found.intervals(0.9).items():
        lines.append(f"#   {name:7} {found.parameters[name]:.4g}  [{low:.3g}, {high:.3g}]")
    name = category.replace("-", "")
    best = choose(panel, makers, found, name)
    lines += [
        f"# With habit {best.habit:g} and {best.factor:g} times the concentration of tastes its numbers are",
        f"# nearest to the half's: mean squared distance {best.distance:.2f} in their standard errors,",
        f"# {best.without:.2f} without.",
    ]
    data = {
        "schema": 1,
        "study": "run",
        "market": market(found, name, best.habit, best.factor),
        "replicates": {"n": REPLICATES, "seed": 1},
    }
    text = yaml.safe_dump(data, sort_keys=False, width=100, default_flow_style=None)
    return ("\n".join(lines) + "\n" + text).encode()


# -- what the other half says -----------------------------------------------------------------------


def beside(category: str, folder: Path) -> Beside:
    """Hold a market and the Dirichlet against the half of the households that was not read."""
    mine, makers = half(category)
    other, _ = half(category, chosen=False)
    held = {name: x for name, x in profile(other, makers).items() if not np.isnan(x)}
    rng = np.random.default_rng(SEED)
    n = len(other.households)
    draws = [profile(other.resampled(rng.integers(0, n, n)), makers) for _ in range(BOOTSTRAPS)]
    found = fit(mine, makers)
    study = studies.load(folder / FILES[category])
    config = MarketConfig.model_validate(dict(study.arms[study.baseline]))
    limit = market(found, category.replace("-", ""))
    return Beside(
        category,
        makers,
        len(mine.households),
        n,
        profile(mine, makers),
        held,
        _ends(draws, held),
        _shown(config, makers, held),
        _shown(limit, makers, held),
        found,
    )


def _shown(given: object, makers: list[int], known: Iterable[str]) -> dict[str, float]:
    """Return each number of a market, the mean over replicates."""
    runs = [profile(simulated(given, makers, k), makers) for k in range(REPLICATES)]
    return {name: float(np.nanmean([run[name] for run in runs])) for name in known}


def _ends(
    draws: Sequence[Mapping[str, float]], known: Iterable[str]
) -> dict[str, tuple[float, float]]:
    """Return the 95 % percentile interval of each number over resamples of households."""
    out = {}
    for name in known:
        low, high = np.nanquantile([draw[name] for draw in draws], (0.025, 0.975))
        out[name] = (float(low), float(high))
    return out


def main(arguments: Iterable[str] | None = None) -> int:
    """Calibrate, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.holdout.journey", description=main.__doc__
    )
    parser.add_argument("what", choices=["calibrate", "page"])
    parser.add_argument("--configs", type=Path, default=Path("configs/published"))
    parser.add_argument("--pages", type=Path, default=Path("results/published/calibration"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.what == "calibrate":
        for category, name in FILES.items():
            write_bytes(options.configs / name, calibrate(category, *half(category)))
            print(options.configs / name)
        return 0
    found = [beside(category, options.configs) for category in panels.CATEGORIES]
    print(journey_page.write(found, options.pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
