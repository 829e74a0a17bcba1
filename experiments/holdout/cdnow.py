"""CDNOW: calibrated on 39 weeks, held against the next 39.

python -m experiments.holdout.cdnow calibrate   # reads 39 weeks, writes configs/published/cdnow_*.yaml
python -m experiments.holdout.cdnow page        # runs those, reads all 78 weeks, writes the page

Data: 2,357 people who bought their first CD from CDNOW in the first quarter of 1997 (Fader, Hardie
and Lee 2005), in the package `lifetimes`.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from experiments import study as studies
from experiments import style
from experiments.files import write_bytes
from experiments.holdout import logs
from experiments.holdout.logs import MODELS, Before, Simulated
from experiments.intervals import interval
from sim.transactions.log import read
from sim.transactions.spec import LogFile

SOURCE = LogFile(log="package:lifetimes/datasets/CDNOW_sample.txt", customer=1, date=2)
UNTIL = date(1997, 10, 1)
WEEKS = 39
DAYS = 2 * 7 * WEEKS
REPLICATES = 50
FILES = {"BG/NBD": "cdnow_bgnbd.yaml", "Pareto/NBD": "cdnow_pareto_nbd.yaml"}
PUBLISHED = {"BG/NBD": (1653, 1666, 0.156), "Pareto/NBD": (1666, 1745, 0.112)}
"""Repeats in weeks 40 to 78, given 39 weeks and not, and the error by class."""
DRAWS = 400
"""Parameters drawn from each fit, for the interval of what it expects."""


def calibrate(source: LogFile = SOURCE, until: date = UNTIL) -> dict[str, bytes]:
    """Return the study files of both fits; nothing from `until` on is read."""
    found = logs.before(source, until)
    return {
        FILES[name]: logs.study_text(name, found, source, DAYS, REPLICATES).encode()
        for name in MODELS
    }


class Side(NamedTuple):
    """A model beside the log: given each history, and as the market that has it as its limit."""

    name: str
    expected: float
    low: float
    high: float
    by_class: Any
    market: Simulated
    market_given: float
    market_by_class: Any


class Held(NamedTuple):
    """What weeks 40 to 78 say."""

    found: Before
    real: int
    error: float
    people: Any
    by_class: Any
    sides: list[Side]


def hold(folder: Path, source: LogFile = SOURCE, until: date = UNTIL) -> Held:
    """Run the markets in a folder, and hold them against the log."""
    found, whole = logs.before(source, until), read(source)
    late = logs.repeats_after(whole, found.days, found.log)
    own = logs.classes(found.given.repeats)
    people = np.bincount(own, minlength=logs.MOST + 1)
    sides = [_side(name, found, own, people, folder) for name in MODELS]
    error = float(late.std(ddof=1) * np.sqrt(len(late)) / late.sum())
    mean = np.bincount(own, late, minlength=logs.MOST + 1) / people
    return Held(found, int(late.sum()), error, people, mean, sides)


def _side(name: str, found: Before, own: Any, people: Any, folder: Path) -> Side:
    fit, model = found.fits[name], MODELS[name].predict
    each = model(fit.values).later(found.given, float(WEEKS))
    rng = np.random.default_rng(1)
    draws = [model(v).later(found.given, float(WEEKS)).sum() for v in fit.sample(DRAWS, rng)]
    low, high = np.quantile(draws, (0.025, 0.975))
    market = logs.simulate(studies.load(folder / FILES[name]), found.days)
    matched = market.given(found.given)
    by_class, matched_by_class = (
        np.bincount(own, values, minlength=logs.MOST + 1) / people for values in (each, matched)
    )
    ends = float(each.sum()), float(low), float(high)
    return Side(name, *ends, by_class, market, float(matched.sum()), matched_by_class)


# -- the page -------------------------------------------------------------------------------------


def lines(held: Held) -> Iterator[str]:
    """Yield the page."""
    yield "# CDNOW: calibrated on 39 weeks, held against the next 39"
    yield ""
    yield (
        "Question: do markets set by the first 39 weeks of a transaction log say what its customers "
        "do in the next 39? The command that calibrates reads no line of a later day. Parameters are "
        "those of greatest likelihood; the markets have the BG/NBD and the Pareto/NBD as their limits."
    )
    yield ""
    yield (
        f"Answer: the log has {held.real:,} repeat purchases in weeks 40 to 78, with a standard error "
        f"over customers of {100 * held.error:.1f} % ({held.error * held.real:,.0f} purchases). All "
        "forecasts are below it, by about two standard errors, as the published ones are."
    )
    yield ""
    yield "| | expected | off | published | error by class |"
    yield "|---|---|---|---|---|"
    for side in held.sides:
        yield from _rows(held, side)
    yield ""
    yield (
        "*Given each history*: what the model expects of each customer, with the 95 % interval of its "
        f"estimates; and what people of the market do ({REPLICATES} runs) who made as many purchases "
        "in the 39 weeks and were silent as long at their end, to two weeks. *Market*: means of the "
        "runs with 95 % intervals, from nothing but the days of first purchases. *Error by class*: "
        "root mean squared error of the means of customers with 0, 1, ... 7 and more repeats in 39 "
        "weeks, each customer counting once."
    )
    yield ""
    yield "![Purchases per customer by class](cdnow/classes.png)"
    yield ""
    yield from _classes(held)
    yield ""
    yield "Parameters, with 90 % intervals; times in weeks:"
    yield ""
    yield "| model | parameter | estimate | 90 % interval |"
    yield "|---|---|---|---|"
    for name, fit in held.found.fits.items():
        for key, (low, high) in fit.intervals(0.9).items():
            yield f"| {name} | {key} | {fit.parameters[key]:.4g} | {low:.3g} to {high:.3g} |"
    yield ""
    yield "Method: [configs/published/cdnow_bgnbd.yaml](../../../configs/published/cdnow_bgnbd.yaml),"
    yield "[cdnow_pareto_nbd.yaml](../../../configs/published/cdnow_pareto_nbd.yaml), written by"
    yield "`python -m experiments.holdout.cdnow calibrate`; this page is written by"
    yield "`python -m experiments.holdout.cdnow page`. Published numbers: Fader, Hardie and Lee 2005."


def _rows(held: Held, side: Side) -> Iterator[str]:
    given, free, error = PUBLISHED[side.name]

    def row(what: str, value: str, middle: float, published: object, by_class: Any) -> str:
        off = f"{100 * (middle / held.real - 1):+.1f} %"
        wrong = logs.rmse(by_class, held.by_class, held.people)
        return f"| {side.name}, {what} | {value} | {off} | {published} | {wrong:.3f} |"

    span = f"{side.expected:,.0f} [{side.low:,.0f}, {side.high:,.0f}]"
    yield row("given each history", span, side.expected, f"{given:,}; {error}", side.by_class)
    mean, low, high, _ = interval(side.market.total.astype(float))
    span = f"{mean:,.0f} [{low:,.0f}, {high:,.0f}]"
    yield row("market", span, mean, f"{free:,}", side.market.by_class())
    middle = side.market_given
    yield row("market, given each history", f"{middle:,.0f}", middle, "", side.market_by_class)


def _classes(held: Held) -> Iterator[str]:
    names = [f"{k}" for k in range(logs.MOST)] + [f"{logs.MOST}+"]
    yield "| repeats in 39 weeks | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    yield "| customers | " + " | ".join(f"{n:,}" for n in held.people) + " |"
    yield "| later purchases each, log | " + " | ".join(f"{x:.2f}" for x in held.by_class) + " |"
    for side in held.sides:
        for what, values in (
            ("given each history", side.by_class),
            ("market", side.market.by_class()),
            ("market, given each history", side.market_by_class),
        ):
            yield f"| {side.name}, {what} | " + " | ".join(f"{x:.2f}" for x in values) + " |"


def picture(held: Held) -> Figure:
    """Draw later purchases by class: the log, and what the markets show."""
    title = "Purchases in weeks 40 to 78, per customer"
    figure, axes = style.figure(title, "repeats in weeks 1 to 39", "purchases")
    x = np.arange(logs.MOST + 1)
    axes.plot(x, held.by_class, color="black", marker="o", label="log")
    for k, side in enumerate(held.sides):
        axes.plot(x, side.market_by_class, label=f"market, {side.name}", **style.line(k))
    axes.set_xticks(x, [*map(str, x[:-1]), f"{logs.MOST}+"])
    style.legend(axes, 3)
    return figure


def main(arguments: Iterable[str] | None = None) -> int:
    """Calibrate, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.holdout.cdnow", description=main.__doc__
    )
    parser.add_argument("what", choices=["calibrate", "page"])
    parser.add_argument("--configs", type=Path, default=Path("configs/published"))
    parser.add_argument("--pages", type=Path, default=Path("results/published/calibration"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.what == "calibrate":
        for name, content in calibrate().items():
            write_bytes(options.configs / name, content)
            print(options.configs / name)
        return 0
    held = hold(options.configs)
    import matplotlib as mpl

    (options.pages / "cdnow").mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(style.STYLE):
        picture(held).savefig(options.pages / "cdnow" / "classes.png", metadata={"Software": None})
    write_bytes(options.pages / "cdnow.md", ("\n".join(lines(held)) + "\n").encode())
    print(options.pages / "cdnow.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
