"""Does what history matching leaves hold the truth? A hundred invented markets tell.

Each truth is a market drawn from the ranges of `FREE`. What it gives, the mean of a few runs, is
taken for data, with a tolerance; then history matching is carried out as a study does it, and it is
asked whether the truth is among what is not ruled out, and how far each parameter was narrowed. The
first wave is the same for all truths: it looks at the whole space whatever the data are.

`python -m experiments.calibrate.known_truth` writes `results/published/calibration/known_truth.md`
and `.csv`. What is done is kept in a folder beside, and the same command carries on.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from experiments.calibrate import spec as schema
from experiments.calibrate.aims import Aim
from experiments.calibrate.identify import NARROWED, PRIOR_SD
from experiments.calibrate.matching import Found, History
from experiments.calibrate.region import draw
from experiments.calibrate.waves import Waves, snap_to
from experiments.files import write_bytes, write_json
from experiments.identity import code_version, digest, metrics_version, seed
from sim.config.yaml_file import Tree, validate

PUBLISHED = Path("results/published/calibration/known_truth")
KEPT = Path("results/known_truth")
TRUTHS, RUNS_OF_A_TRUTH = 100, 8
WAVES, FIRST, LATER, REPLICATES = 3, 240, 60, 2
TOLERANCE = 1.2
"""What is measured is known up to this factor; of shares, their odds are."""
LEVEL = 95
"""So many of a hundred truths must not be ruled out."""
MOST_RATIO = 2 / 3
"""What the spread of an identified parameter must at least come down to."""
MARKET: dict[str, Any] = {
    "days": 365,
    "burn_in": 365,
    "terminal_period": 0,
    "people": {
        "n": 2000,
        "entry": {"kind": "steady", "later": 0.3, "over_days": 365},
        "exit_rate": 0.15,
    },
    "network": {"kind": "small_world", "mean_degree": 10, "rewire": 0.1},
    "behaviour": {"advertising": {"reach": 0.005}},
    "categories": {
        "cream": {
            "usage": {"dist": "gamma", "mean": 5, "shape": 2},
            "price": 199,
            "regularity": 3,
            "retry_days": 14,
        }
    },
    "brands": {
        "A": {
            "share": 0.3,
            "awareness": 0.35,
            "service": 0.55,
            "advertising": {"spend": 100},
            "products": {"cream": {"category": "cream", "price": 199, "unit_cost": 56}},
        },
        "B": {
            "share": 0.7,
            "awareness": 0.55,
            "service": 0.6,
            "advertising": {"spend": 400},
            "products": {"cream": {"category": "cream", "price": 199, "unit_cost": 56}},
        },
    },
}
"""What is not free: made up for the question, so that no calibration of a real market moves it."""
FREE: dict[str, Any] = {
    "brands.A.advertising.spend": {"range": [10, 400], "dist": "loguniform"},
    "behaviour.awareness.forgetting": {"range": [0.0, 0.01]},
    "categories.cream.usage.mean": {"range": [2, 9]},
    "behaviour.dropout.satisfaction_effect": {"range": [0, 6]},
    "brands.A.products.cream.fault_rate": {"range": [0.0, 0.15]},
    "behaviour.awareness.touch": {"range": [0, 1]},
}
IDENTIFIED = {
    "brands.A.advertising.spend": "advertising per new customer, and awareness",
    "categories.cream.usage.mean": "orders per buyer",
    "behaviour.awareness.forgetting": "awareness, at a spend that the cost of customers fixes",
}
"""Parameters declared identified before the first run, and by what."""
TARGETS = (
    "awareness",
    "advertising_cac",
    "penetration",
    "orders_per_buyer",
    "repeat_rate",
    "refund_rate",
)
AMOUNTS = ("advertising_cac", "orders_per_buyer")
"""The targets that are no shares."""
Numbers = NDArray[np.float64]


@cache
def study() -> tuple[schema.CalibrateStudy, Waves]:
    """Return the study that is carried out for every truth, with targets that say nothing yet."""
    targets = {name: {"metric": name, "low": 0, "high": 1, "source": "a truth"} for name in TARGETS}
    method = {"runs": FIRST, "waves": WAVES, "replicates": REPLICATES}
    tree = Tree({"study": "calibrate", "market": MARKET, "of": "A", "free": FREE})
    tree.data.update(targets=targets, method=method)
    spec = validate(schema.CalibrateStudy, tree)
    points, problems = schema.points(spec, tree)
    if points is None:
        raise RuntimeError(problems)
    return spec, points


def run(unit: Numbers, replicates: int, name: str) -> Numbers:
    """Return float64[replicates, targets]: what the market at a point gives."""
    from experiments.beginnings import begin, forget
    from experiments.factors import place
    from experiments.metrics import METRICS
    from experiments.records import observe
    from sim.config import remarks

    factors = study()[1].factors
    with remarks.silent():
        values = [factor.value(u) for factor, u in zip(factors, unit.tolist(), strict=True)]
        market = place(study()[1].base, factors, values)
        out = np.empty((replicates, len(TARGETS)))
        for k in range(replicates):
            records = observe(begin(market, seed(int(digest(name, size=4), 16), k)))
            forget()
            out[k] = [METRICS[target].function(records)[0] for target in TARGETS]
    return out


def aims(given: Numbers) -> tuple[Aim, ...]:
    """Return the intervals about what a truth gives, float64[targets]."""
    found = []
    for name, value in zip(TARGETS, given.tolist(), strict=True):
        if name in AMOUNTS:
            found.append(Aim(name, value / TOLERANCE, value * TOLERANCE, "log"))
        else:
            odds = value / (1 - value)
            low, high = odds / TOLERANCE, odds * TOLERANCE
            found.append(Aim(name, low / (1 + low), high / (1 + high), "logit"))
    return tuple(found)


def usable(given: Numbers) -> bool:
    """Tell whether a truth gives a number for every target, and no share that is all or nothing."""
    shares = [name not in AMOUNTS for name in TARGETS]
    whole = np.isfinite(given).all() and (given > 0).all()
    return bool(whole and (given[shares] < 1).all())


def first_wave(folder: Path, workers: int) -> Found:
    """Return the first wave, which all truths share."""
    path = folder / "first.json"
    unit = study()[1].sample.unit
    if not path.exists():
        with ProcessPoolExecutor(workers) as pool:
            names = [f"first {k}" for k in range(len(unit))]
            y = list(pool.map(run, unit, [REPLICATES] * len(unit), names))
        write_json(path, np.stack(y).tolist())
    return Found(unit, np.array(json.loads(path.read_text("utf-8")), float))


def match(number: int, folder: Path) -> dict[str, Any]:
    """Return what becomes of one truth, as kept or worked out."""
    path = folder / f"truth-{number:03d}.json"
    if path.exists():
        return cast(dict[str, Any], json.loads(path.read_text("utf-8")))
    truth, given, tried = _truth(number)
    found = first_wave(folder, 1)
    factors = study()[1].factors
    plan = replace(study()[1].plan, aims=aims(given), runs=LATER, seed=number)
    history, drawn = History(), None
    levels, shares = [], []
    for wave in range(1, WAVES + 1):
        plan.learn(history, found)
        drawn = plan.next(history, factors, drawn)
        levels.append(float(history.level(truth[None])[0]))
        shares.append(drawn.share)
        if wave < WAVES:
            y = [run(u, REPLICATES, f"{number} {wave} {k}") for k, u in enumerate(drawn.unit)]
            found = Found(np.vstack([found.unit, drawn.unit]), np.concatenate([found.y, y]))
    left = draw(history, 400, len(factors), plan.seed_of(0), snap_to(factors), drawn)
    result = {
        "truth": truth.tolist(),
        "given": given.tolist(),
        "tried": tried,
        "levels": levels,
        "shares": shares,
        "empty": left.empty,
        "sd": left.unit.std(axis=0).tolist(),
        "mean": left.unit.mean(axis=0).tolist(),
    }
    write_json(path, result)
    return result


def _truth(number: int) -> tuple[Numbers, Numbers, int]:
    """Return a truth, what it gives, and how many were drawn until one gave a number for all."""
    rng = np.random.default_rng([20261130, number])
    for tried in range(1, 1000):
        unit = rng.random(len(study()[1].factors))
        y = run(unit, RUNS_OF_A_TRUTH, f"truth {number} {tried}")
        given = y.mean(axis=0)
        if usable(given):
            return unit, given, tried
    raise RuntimeError("no market in these ranges gives a number for every target")


def table(results: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a row per truth."""
    rows = []
    for number, result in enumerate(results):
        row = {
            "truth": number,
            "held": result["levels"][-1] <= 1,
            "level": result["levels"][-1],
            "left": result["shares"][-1],
            "drawn": result["tried"],
        }
        for k, name in enumerate(FREE):
            row[f"truth.{name}"] = result["truth"][k]
            row[f"ratio.{name}"] = result["sd"][k] / PRIOR_SD
        rows.append(row)
    return pd.DataFrame(rows)


def markdown(found: pd.DataFrame) -> str:
    """Return the published page."""
    return "\n".join(_page(found)) + "\n"


def _page(found: pd.DataFrame) -> Iterator[str]:
    held, n = int(found["held"].sum()), len(found)
    yield "# Known truth: does what history matching leaves hold it?"
    yield ""
    yield f"{n} markets were drawn from the ranges below, and what each gave (the mean of"
    yield f"{RUNS_OF_A_TRUTH} runs) was taken for data that are known up to a factor of {TOLERANCE:g}"
    yield f"(shares: up to that factor of their odds). Then history matching in {WAVES} waves, as in"
    yield f"`huitou calibrate`: {FIRST} markets over the whole space, the same for all truths, then"
    yield f"{LATER} markets in each later wave, {REPLICATES} runs of each."
    yield "Written by `python -m experiments.calibrate.known_truth`; the rows are in"
    yield "`known_truth.csv`."
    yield ""
    yield f"Targets: {', '.join(TARGETS)}. The market, but for what is free:"
    yield ""
    yield from ("```yaml", *yaml.safe_dump(MARKET, sort_keys=False).splitlines(), "```")
    yield ""
    yield "| | asked | obtained | holds |"
    yield "|---|---|---|---|"
    asked = f"≥ {LEVEL} of 100"
    yield f"| truths not ruled out | {asked} | {held} of {n} | {_yes(held >= LEVEL / 100 * n)} |"
    for name in IDENTIFIED:
        ratio = float(np.sqrt((found[f"ratio.{name}"] ** 2).mean()))
        ok = _yes(ratio <= MOST_RATIO)
        yield f"| spread left of `{name}` | ≤ {MOST_RATIO:.2f} | {ratio:.2f} | {ok} |"
    yield ""
    yield "Spread left: root mean square, over truths, of the standard deviation of what is not"
    yield f"ruled out, over that of the range. A parameter stays at its range above {NARROWED:g}."
    yield ""
    yield "| parameter | range | declared identified | spread left | least | most |"
    yield "|---|---|---|---|---|---|"
    for name, own in FREE.items():
        ratios = found[f"ratio.{name}"]
        root = float(np.sqrt((ratios**2).mean()))
        by = IDENTIFIED.get(name, "no")
        scale = " (even in logarithms)" if own.get("dist") == "loguniform" else ""
        ends = f"{own['range'][0]:g} to {own['range'][1]:g}{scale}"
        yield (
            f"| `{name}` | {ends} | {by} | {root:.2f} | {ratios.min():.2f} | {ratios.max():.2f} |"
        )
    stay = [f"`{name}`" for name in FREE if (found[f"ratio.{name}"] > NARROWED).mean() > 0.5]
    yield ""
    yield f"Nothing here identifies: {', '.join(stay) or 'none of them'}."
    left = found["left"]
    yield f"Share of the space that is left: {left.median():.2g} in the middle, {left.min():.1g} to"
    yield f"{left.max():.2g}. Truths drawn anew because a target was not defined in them:"
    yield f"{int((found['drawn'] - 1).sum())}."


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def main() -> None:
    """Carry out what is missing, print the page, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--truths", type=int, default=TRUTHS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, default=PUBLISHED)
    parser.add_argument("--kept", type=Path, default=KEPT)
    options = parser.parse_args()
    said = json.dumps([MARKET, FREE, TARGETS, TOLERANCE, FIRST, LATER, WAVES, REPLICATES])
    folder = options.kept / digest(said, code_version(), metrics_version(), size=4)
    first_wave(folder, options.workers)
    with ProcessPoolExecutor(options.workers) as pool:
        numbers = range(options.truths)
        results = []
        for result in pool.map(match, numbers, [folder] * len(numbers)):
            results.append(result)
            held = result["levels"][-1] <= 1
            print(f"{len(results)} of {options.truths}: {'held' if held else 'LOST'}", flush=True)
    found = table(results)
    text = markdown(found)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(options.output.with_suffix(".md"), text.encode())
    write_bytes(options.output.with_suffix(".csv"), found.to_csv(index=False).encode())
    print(text)


if __name__ == "__main__":
    main()
