"""The weeks of a log held out, beside what the ensemble's markets and naive forecasts say of them.

This is the only place that reads them. What it finds is kept in the study's folder, so that it can
be looked at where the log is not.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibrate import cohort as cohorts
from experiments.calibrate.cohort import Cohort
from experiments.calibrate.found import rows_of, spec_of
from experiments.calibrate.held_out_views import FILE
from experiments.calibrate.log_spec import LEAST_DAYS, HoldOut, before, whole_weeks
from experiments.calibrate.tables import Result
from experiments.compare.kind import Compared, CompareStudy
from experiments.conduct import Outcome
from experiments.files import write_json
from experiments.fits import Fit, Histories, histories
from experiments.fits.bgnbd import BgNbd
from experiments.fits.pareto_nbd import ParetoNbd
from experiments.kinds import Go, kind
from experiments.shop import fits
from experiments.store import Store
from experiments.study import Study
from sim.config.yaml_file import Tree, validate
from sim.transactions.log import Log, read

ENDS = (0.05, 0.95)
"""Quantiles that bound an interval: over markets, or over what estimates may be."""
DRAWS = 100
"""Parameters drawn from each fit, for the interval of what it expects."""
PREDICT: dict[str, Any] = {"BG/NBD": BgNbd, "Pareto/NBD": ParetoNbd}
Floats = NDArray[np.float64]


def carry_out(study: Study, outcome: Outcome, go: Go) -> None:
    """Run the ensemble's markets on through the weeks held out, compare, and keep what comes of it.

    Parameters
    ----------
    study, outcome
        A calibrate study whose waves are done.
    go
        Computes what is missing of a study.

    Raises
    ------
    Interrupted
        On Ctrl-C; the same command carries on.
    """
    spec = spec_of(study)
    if spec.log is None:
        return
    log, days = before(spec.log, spec.hold_out)
    models = fits(log, days)
    found: dict[str, Any] = {"log": log.name, "fits": [_fit(model) for model in models]}
    if spec.hold_out is not None:
        result = Result.of(study, outcome.store, outcome.design)
        points = result.choice.rows.tolist()
        runs = None
        if points:
            runs = go(continued(study, points, spec.hold_out))
        found["held_out"] = _compare(study, log, days, models, runs)
    write_json(outcome.store.folder / FILE, found)


def _fit(model: Fit) -> dict[str, Any]:
    return {
        "model": model.model,
        "n": model.n,
        "parameters": model.parameters,
        "intervals": model.intervals(0.9),
        "log_likelihood": model.log_likelihood,
    }


def continued(study: Study, points: list[int], hold_out: HoldOut) -> Study:
    """Return the study of the same markets, run on through the weeks held out.

    Their draws are those of calibration, so that up to its end they are the same runs.
    """
    rows = rows_of(study)
    markets = {
        f"s{k:03d}": {
            **rows.market(point),
            "days": rows.base["days"] + hold_out.days,
            "terminal_period": 0,
        }
        for k, point in enumerate(points)
    }
    arms = Compared(markets, next(iter(markets)), {"block": points}, asked=markets)
    data = {
        "schema": 1,
        "study": "compare",
        "market": dict(study.spec.market),
        "of": study.of,
        "arms": dict.fromkeys(markets),
        "replicates": study.replicates.model_dump(),
        "record": {"series": False, "orders": True},
        "execute": study.execute.model_dump(),
        "on_failure": study.on_failure.model_dump(),
    }
    spec = validate(CompareStudy, Tree(data))
    name = f"held-out-{study.name}"
    responses = kind("compare").responses(spec)
    return replace(study, kind="compare", name=name, spec=spec, points=arms, responses=responses)


# -- the comparison -------------------------------------------------------------------------------


def _compare(
    study: Study, log: Log, days: int, models: list[Fit], runs: Outcome | None
) -> dict[str, Any]:
    spec = spec_of(study)
    assert spec.log is not None and spec.hold_out is not None
    try:
        whole = read(spec.log)
    except ValueError as error:
        return {"problem": f"the weeks held out cannot be read: {error}"}
    weeks = whole_weeks(whole, spec.hold_out)
    if weeks == 0:
        return {
            "problem": f"the log ends before the first week held out, {spec.hold_out.start}, has"
        }
    base = rows_of(study).base
    look_back = min(cohorts.LOOK_BACK, days, base["days"] + base["burn_in"])
    real = cohorts.cohort(_same(whole, log), whole.day.astype(np.int64), days, look_back, weeks)
    total = real.later.sum(axis=1)
    sampling = float(total.std(ddof=1) * np.sqrt(len(total))) if len(total) > 1 else np.nan
    rows = [
        *_simulated(study, real, look_back, weeks, runs),
        *_models(log, days, look_back, weeks, models),
        *_same_weekday(log, days, look_back, weeks, len(real)),
    ]
    return {
        "problem": "",
        "start": spec.hold_out.start,
        "weeks": weeks,
        "asked": spec.hold_out.weeks,
        "known": len(real),
        "customers": len(log.customers),
        "look_back": look_back,
        "orders": real.later.sum(axis=0).tolist(),
        "error": sampling,
        "errors": (real.later.std(axis=0, ddof=1) * np.sqrt(len(real))).tolist(),
        "forecasts": rows,
    }


def _same(whole: Log, log: Log) -> NDArray[np.int64]:
    """Return who gave each order of the whole log, numbered as in its earlier part; others after."""
    place = {name: k for k, name in enumerate(log.customers)}
    new = len(log.customers)
    number = np.array([place.get(name, new + k) for k, name in enumerate(whole.customers)])
    return number[whole.customer].astype(np.int64)


def _row(name: str, weekly: Floats, totals: Floats | None = None, note: str = "") -> dict[str, Any]:
    """Return a forecast, with the interval over `totals`, float64[draws]; one has no interval."""
    low, high = np.nan, np.nan
    if totals is not None and len(totals) > 1:
        low, high = np.quantile(totals, ENDS).tolist()
    return {
        "name": name,
        "weeks": weekly.tolist(),
        "total": float(weekly.sum()),
        "low": low,
        "high": high,
        "note": note,
    }


def _band(every: Floats) -> dict[str, Any]:
    """Return the interval of each week over float64[markets, weeks]."""
    lows, highs = np.quantile(every, ENDS, axis=0)
    return {"lows": lows.tolist(), "highs": highs.tolist()}


def _simulated(
    study: Study, real: Cohort, look_back: int, weeks: int, runs: Outcome | None
) -> Iterator[dict[str, Any]]:
    """Yield what the ensemble expects: given what each customer did, and per known customer."""
    markets = [] if runs is None else _markets(study, runs.store, runs, look_back, weeks)
    if not markets:
        return
    given = np.stack([cohorts.expected(real, market) for market in markets])
    plain = np.stack([len(real) * cohorts.per_customer(market) for market in markets])
    people = int(np.median([len(market) for market in markets]))
    note = f"{len(markets)} markets, median {people} known customers in all runs of one"
    for name, every in (
        ("ensemble, given each history", given),
        ("ensemble, per known customer", plain),
    ):
        yield _row(name, every.mean(axis=0), every.sum(axis=1), note) | _band(every)


def _markets(study: Study, store: Store, runs: Outcome, look_back: int, weeks: int) -> list[Cohort]:
    """Return the known customers of each market, of all its runs together; none of one without any."""
    base = rows_of(study).base
    brand = list(base["brands"]).index(study.of)
    columns, ids = ["person", "brand", "day"], runs.design["run_id"]
    orders = store.read("orders", columns, [("brand", "=", brand)], ids)
    of_run = dict(list(orders.groupby("run_id")))
    found = []
    for _, design in runs.design.groupby("arm", sort=False):
        each = [
            cohorts.cohort(
                own["person"].to_numpy(np.int64), own["day"].to_numpy(np.int64),
                base["days"], look_back, weeks,
            )
            for run in design["run_id"] if (own := of_run.get(run)) is not None
        ]  # fmt: skip
        if each and len(market := cohorts.together(each)):
            found.append(market)
    return found


def _models(
    log: Log, days: int, look_back: int, weeks: int, models: list[Fit]
) -> Iterator[dict[str, Any]]:
    """Yield what models of repeat buying expect of each known customer, given the history."""
    given = histories(log, days)
    silent = np.rint(7 * (given.observed - given.recency))
    known = silent < look_back
    own = Histories(given.repeats[known], given.recency[known], given.observed[known])
    distinct, count = own.distinct
    rng = np.random.default_rng(1)
    for fit in models:
        model = PREDICT[fit.model]

        def until(week: int, values: Floats, model: Any = model) -> float:
            return float(count @ model(values).later(distinct, float(week)))

        weekly = np.diff([until(week, fit.values) for week in range(weeks + 1)])
        totals = None
        if np.isfinite(fit.covariance).all():
            totals = np.array([until(weeks, values) for values in fit.sample(DRAWS, rng)])
        yield _row(fit.model, weekly, totals, f"fitted to {fit.n:,} customers")


def _same_weekday(
    log: Log, days: int, look_back: int, weeks: int, known: int
) -> Iterator[dict[str, Any]]:
    """Yield the naive forecast: by weekday what known customers ordered in the weeks before.

    Each weekday occurs once a week, so that every week has the mean of these weeks.
    """
    cut = days - 7 * weeks
    if cut < LEAST_DAYS:
        return
    who, day = log.customer.astype(np.int64), log.day.astype(np.int64)
    earlier = cohorts.cohort(who, day, cut, min(look_back, cut), weeks)
    if len(earlier):
        rate = earlier.later.sum() / len(earlier) / weeks
        note = f"of {len(earlier):,} customers known {weeks} weeks earlier"
        yield _row("same-weekday mean", np.full(weeks, known * rate), None, note)
