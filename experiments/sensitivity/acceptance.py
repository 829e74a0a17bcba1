"""The estimator on a function whose indices are known, under noise that depends on the inputs.

The Ishigami function of three inputs and a control, plus noise of the same variance that is a
wave in all four inputs, the control included: sqrt(2v) cos(2 pi (u + w.x)), with u uniform and w
normal with standard deviation 10, drawn anew for each block and replicate. The points of a block
share u and w, as runs share their seed, and yet their noise has next to nothing in common.

`python -m experiments.sensitivity.acceptance` writes the table of
`results/published/ishigami.md`.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sensitivity import sobol
from experiments.sensitivity.blocks import Values
from experiments.sensitivity.samples import INERT, Inputs, Sample, saltelli

A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 1 / 2
_ST_13 = 8 * B**2 * np.pi**8 / 225
TRUE_FIRST = np.array([(1 + B * np.pi**4 / 5) ** 2 / 2, A**2 / 8, 0.0, 0.0]) / VARIANCE
TRUE_TOTAL = TRUE_FIRST + np.array([_ST_13, 0.0, _ST_13, 0.0]) / VARIANCE
NAMES = ("x1", "x2", "x3", INERT)
WAVES = 10.0
"""Standard deviation of the noise's wave numbers."""
BLOCKS, REPLICATES, SEEDS = 512, 2, 200
PUBLISHED = Path("results/published/ishigami.md")


class Line(NamedTuple):
    """One requirement: what is asked, what was obtained, and whether it holds."""

    what: str
    asked: str
    obtained: str
    holds: bool


def ishigami(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 of points in [-pi, pi]: float64[..., inputs]."""
    x1, x2, x3 = x[..., 0], x[..., 1], x[..., 2]
    return np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)


def noisy(sample: Sample, size: int, seed: int, replicates: int = REPLICATES) -> Values:
    """Return float64[replicates, blocks, size]: the function with noise, at points of a sample.

    Parameters
    ----------
    sample
        Of as many columns as `NAMES`.
    size
        Points per block.
    seed
        Of the noise.
    replicates
        How many.
    """
    x = (2 * sample.unit - 1) * np.pi
    x = x.reshape(-1, size, x.shape[1])
    rng = np.random.default_rng([seed, 1])
    shape = (replicates, len(x), 1)
    phase = rng.random(shape)
    wave = rng.normal(0, WAVES, (*shape, x.shape[2]))
    turns = phase + (wave * x).sum(-1)
    return ishigami(x) + np.sqrt(2 * VARIANCE) * np.cos(2 * np.pi * turns)


def naive(y: Values) -> NDArray[np.float64]:
    """Return float64[inputs]: ST as usual, from the first replicate alone."""
    y = y[0]
    half_square = ((y[:, :1] - y[:, 1:-1]) ** 2).mean(0) / 2
    return half_square / y[:, [0, -1]].var()


def study(seed: int, blocks: int = BLOCKS) -> pd.DataFrame:
    """Return the table of indices of one sensitivity study, with the column `naive` beside."""
    sample = saltelli(Inputs.named(NAMES), blocks, seed)
    y = noisy(sample, len(NAMES) + 2, seed)
    return sobol.analyse(y, NAMES, seed).table.assign(naive=naive(y), seed=seed)


def studies(seeds: Iterable[int], blocks: int = BLOCKS) -> pd.DataFrame:
    """Return the tables of many studies, one after the other."""
    return pd.concat([study(seed, blocks) for seed in seeds], ignore_index=True)


class Figures(NamedTuple):
    """What many studies come to; arrays have an entry per input, the control last."""

    bias: NDArray[np.float64]
    rmse: NDArray[np.float64]
    coverage: NDArray[np.float64]
    first_bias: NDArray[np.float64]
    first_coverage: NDArray[np.float64]
    naive: NDArray[np.float64]


def figures(table: pd.DataFrame) -> Figures:
    """Return bias, error and coverage over the studies of `table`."""
    by = {c: table.pivot(index="seed", columns="input", values=c)[list(NAMES)] for c in _VALUES}
    error = by["ST"].to_numpy() - TRUE_TOTAL
    return Figures(
        bias=error.mean(0),
        rmse=np.sqrt((error**2).mean(0)),
        coverage=_covered(by, "ST", TRUE_TOTAL),
        first_bias=by["S1"].to_numpy().mean(0) - TRUE_FIRST,
        first_coverage=_covered(by, "S1", TRUE_FIRST),
        naive=by["naive"].to_numpy().mean(0),
    )


_VALUES = [*sobol.COLUMNS[1:], "naive"]


def _covered(
    by: dict[str, pd.DataFrame], index: str, true: NDArray[np.float64]
) -> NDArray[np.float64]:
    low, high = by[f"{index}_low"].to_numpy(), by[f"{index}_high"].to_numpy()
    return ((low <= true) & (true <= high)).mean(0)


def lines(f: Figures) -> list[Line]:
    """Return the requirements with what was obtained."""
    worst, mean, least = np.abs(f.bias).max(), f.rmse.mean(), f.coverage[:-1].min()
    control, guard = f.coverage[-1], f.naive[-1]
    return [
        Line("bias of ST, largest", "≤ .015", _short(worst), worst <= 0.015),
        Line("RMSE of ST, mean over inputs", "≤ .070", _short(mean), mean <= 0.07),
        Line("coverage of ST, 95 % interval, least", "≥ .900", _short(least), least >= 0.9),
        Line("control: interval of ST covers 0", "≥ .900", _short(control), control >= 0.9),
        Line("control: naive ST of the same data", "≥ .450", _short(guard), guard >= 0.45),
    ]


def _short(number: float) -> str:
    text = f"{number + 0.0:.3f}".removeprefix("-0.000") or "0.000"
    return text.replace("0.", ".", 1).replace("-", "−")


def markdown(f: Figures, seeds: int, blocks: int) -> str:
    """Return the published table."""
    head = [
        "# Sobol' indices under noise: the Ishigami function",
        "",
        "Ishigami plus noise of equal variance, √(2v) cos(2π(u + w·x)), with u uniform and w",
        "normal (standard deviation 10 per input, the control included), drawn anew for each block",
        f"and replicate; {blocks} blocks, {REPLICATES} replicates, {seeds} studies. The control,",
        "inert, does nothing but shift the noise; the naive ST is the usual estimate from one",
        "replicate.",
        "Written by `python -m experiments.sensitivity.acceptance`.",
        "",
        "| | asked | obtained | holds |",
        "|---|---|---|---|",
    ]
    body = [
        f"| {x.what} | {x.asked} | {x.obtained} | {'yes' if x.holds else 'no'} |" for x in lines(f)
    ]
    detail = [
        "",
        "| input | true S1 | bias | coverage | true ST | bias | RMSE | coverage | naive ST |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    columns = (TRUE_FIRST, f.first_bias, f.first_coverage, TRUE_TOTAL, *f[:3], f.naive)
    for k, name in enumerate(NAMES):
        detail.append(f"| {name} | " + " | ".join(_short(c[k]) for c in columns) + " |")
    return "\n".join([*head, *body, *detail, ""])


def main() -> None:
    """Run the studies, print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--output", type=Path, default=PUBLISHED)
    options = parser.parse_args()
    text = markdown(figures(studies(range(options.seeds))), options.seeds, BLOCKS)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
