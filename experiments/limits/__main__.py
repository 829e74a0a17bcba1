"""Run studies of limits and print what each expects beside what came out.

python -m experiments.limits configs/limits/*.yaml
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments import study as studies
from experiments.identity import seed
from experiments.intervals import interval
from experiments.limits.recognise import of
from experiments.limits.switches import NotALimit
from sim.config import remarks
from sim.config.market import MarketConfig
from sim.config.yaml_file import ConfigError
from sim.market import Market


def side_by_side(file: str | Path, replicates: int | None = None) -> list[str]:
    """Run a study of a limit and return a Markdown table of what it expects and what came out.

    Parameters
    ----------
    file
        A study file with `study: run`, or a market.
    replicates
        How often; as the file says if not given. Seeds are those of `huitou run`.
    """
    study = studies.load(file)
    config = MarketConfig.model_validate(dict(study.arms[study.baseline]))
    limit = of(config)
    runs = []
    for k in range(replicates or study.replicates.n):
        with remarks.silent():  # they were made when the file was read
            market = Market(config, rng=seed(study.replicates.seed, k))
        market.run_model()
        runs.append(limit.measured(market))
    lines = [
        f"| {study.name}: {type(limit).__name__} | expected | obtained | 95 % interval |",
        "|---|---|---|---|",
    ]
    return lines + list(_rows(limit.expected(), runs))


def _rows(expected: Mapping[str, float], runs: Sequence[Mapping[str, float]]) -> Iterator[str]:
    for name, value in expected.items():
        mean, low, high, _ = interval(np.array([run[name] for run in runs]))
        numbers = (_digits(value), _digits(mean), f"{_digits(low)} to {_digits(high)}")
        yield f"| {name} | " + " | ".join(numbers) + " |"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4f}"


def main(arguments: Iterable[str] | None = None) -> int:
    """Print the tables of the files named; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.limits", description=main.__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="study of a limit (YAML)")
    parser.add_argument("--replicates", type=int, help="as many, whatever the file says")
    options = parser.parse_args(None if arguments is None else list(arguments))
    code = 0
    for file in options.files:
        try:
            print("\n".join(side_by_side(file, options.replicates)), end="\n\n", flush=True)
        except NotALimit as error:
            code = 2
            print(f"{file} is {error}", file=sys.stderr)
        except ConfigError as error:
            code = 2
            print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
