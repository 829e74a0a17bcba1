"""A log cut in time: fits to what came before a day, and what they say of what came after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from experiments.fits import Fit, Histories, fit_bgnbd, fit_pareto_nbd, histories
from experiments.fits.bgnbd import BgNbd
from experiments.fits.pareto_nbd import ParetoNbd
from experiments.identity import seed
from experiments.study import Study
from sim.config import remarks
from sim.config.market import MarketConfig
from sim.market import Market
from sim.transactions.log import Log, read
from sim.transactions.spec import LogFile

Floats = NDArray[np.float64]
MOST = 7
"""Customers with so many repeats or more are one class."""
FINE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 19)
"""Lower bounds of classes of repeats for comparing histories."""
WEEK, SILENCES = 7, 20
"""Days of a week; classes of two weeks since the last purchase, the last without an end."""


class Model(NamedTuple):
    """A model of repeat buying: how it is fitted, what it predicts, which market has it as a limit.

    Attributes
    ----------
    fit, predict
    limit
        Name of the limit's study.
    """

    fit: Any
    predict: Any
    limit: str


MODELS = {
    "BG/NBD": Model(fit_bgnbd, BgNbd, "cdnow"),
    "Pareto/NBD": Model(fit_pareto_nbd, ParetoNbd, "pareto_nbd"),
}


@dataclass(frozen=True)
class Before:
    """What is known of a log before a day, and nothing of what came later.

    Attributes
    ----------
    log
        Lines before the day.
    days
        From the log's first day to that day.
    given
        Its customers' histories.
    fits
        By name of the model.
    """

    log: Log
    days: int
    given: Histories
    fits: Mapping[str, Fit]


def before(source: LogFile, until: date) -> Before:
    """Read a log up to a day, and fit what can be fitted."""
    log = read(source, until)
    days = (until - log.start).days
    given = histories(log, days)
    return Before(log, days, given, {name: model.fit(given) for name, model in MODELS.items()})


def changes(name: str, fit: Fit) -> dict[str, Any]:
    """Return what a fit changes in the market that has the model as its limit."""
    p = {key: float(f"{value:.4g}") for key, value in fit.parameters.items()}
    usage = {"dist": "gamma", "shape": p["r"], "rate": p["alpha"]}
    if name == "BG/NBD":
        own: dict[str, Any] = {
            "behaviour.dropout.propensity": {"dist": "beta", "a": p["a"], "b": p["b"]}
        }
    else:
        rate = {"dist": "gamma", "shape": p["s"], "rate": p["beta"]}
        own = {"behaviour.dropout.rate": rate}
    return {"categories.music.usage": usage, **own}


def study_text(name: str, found: Before, source: LogFile, days: int, replicates: int) -> str:
    """Return a study of the market that a fit gives, with what was read and how sure it is.

    Parameters
    ----------
    name
        Of the model.
    found
        The log before a day.
    source
        Where the log is.
    days
        Length of the run, the days held out included.
    replicates
        How often the market is run.
    """
    fit = found.fits[name]
    end = found.log.start + timedelta(found.days)
    told = f"{len(found.given):,} customers, {found.given.repeats.sum():,.0f} repeat purchases"
    lines = [
        f"# The {name} fitted to {found.log.name}",
        f"# by maximum likelihood; nothing of {end} or later was read.",
        f"# {told}, log-likelihood {fit.log_likelihood:.1f}.",
        "# Estimates with 90 % intervals, times in weeks:",
    ]
    for key, (low, high) in fit.intervals(0.9).items():
        lines.append(f"#   {key:6} {fit.parameters[key]:.4g}  [{low:.3g}, {high:.3g}]")
    where = {"log": source.log, "customer": source.customer, "date": source.date}
    market = {
        "use": MODELS[name].limit,
        "set": {
            "days": days,
            "people.n": len(found.log.customers),
            "people.entry": {"kind": "log", **where},
            **changes(name, fit),
        },
    }
    data = {
        "schema": 1,
        "study": "run",
        "market": market,
        "replicates": {"n": replicates, "seed": 1},
    }
    return "\n".join(lines) + "\n" + yaml.safe_dump(data, sort_keys=False, width=100)


# -- what came later ------------------------------------------------------------------------------


def classes(repeats: NDArray[Any]) -> NDArray[np.int64]:
    """Return the class of each customer by repeats; `MOST` and more are one."""
    return np.minimum(repeats, MOST).astype(np.int64)


def repeats_after(log: Log, days: int, of: Log) -> NDArray[np.int64]:
    """Count the later days on which each customer of an earlier part bought, from a day on.

    Parameters
    ----------
    log
        The whole log.
    days
        From the log's first day.
    of
        Its earlier part, whose customers these are.
    """
    key = np.unique(log.customer.astype(np.int64) * (int(log.day.max()) + 1) + log.day)
    who, day = np.divmod(key, int(log.day.max()) + 1)
    late = np.bincount(who[day >= days], minlength=len(log.customers))
    place = {name: k for k, name in enumerate(log.customers)}
    return late[[place[name] for name in of.customers]]


class Simulated(NamedTuple):
    """What the people of all replicates of a market did.

    Attributes
    ----------
    total : int64[replicates]
        Repeat purchases in the days held out.
    repeats : int64[people]
        Of each in the days before.
    cell : int64[people]
        Of `cells`: what each did before.
    later : int64[people]
        Purchases of each in the days held out.
    """

    total: NDArray[np.int64]
    repeats: NDArray[np.int64]
    cell: NDArray[np.int64]
    later: NDArray[np.int64]

    def by_class(self) -> Floats:
        """Return float64[MOST + 1]: later purchases per person, by class of repeats before."""
        return _means(classes(self.repeats), self.later, MOST + 1)

    def given(self, given: Histories) -> Floats:
        """Return later purchases per person among people who did before what each customer did.

        Where nobody in the market did, it is the mean of the class.

        Returns
        -------
        float64[n]
        """
        mean = _means(self.cell, self.later, SILENCES * (len(FINE) + 1))
        own = mean[cells(given.repeats, np.rint(WEEK * (given.observed - given.recency)))]
        return np.where(np.isnan(own), self.by_class()[classes(given.repeats)], own)


def cells(repeats: NDArray[Any], silence: NDArray[Any]) -> NDArray[np.int64]:
    """Return in which cell each history is: repeats, the many in classes, and weeks of silence by two.

    Parameters
    ----------
    repeats, silence
        Repeats, and days since the last purchase at the end of observation.
    """
    fortnight = np.minimum(np.asarray(silence) // (2 * WEEK), SILENCES - 1).astype(np.int64)
    return np.searchsorted(FINE, repeats, "right") * SILENCES + fortnight


def _means(group: NDArray[np.int64], values: NDArray[np.int64], size: int) -> Floats:
    total = np.bincount(group, values, minlength=size)
    people = np.bincount(group, minlength=size)
    return np.divide(total, people, out=np.full(size, np.nan), where=people > 0)


def simulate(study: Study, days: int) -> Simulated:
    """Run the market of a study in all replicates, and see what people do before and after a day."""
    config = MarketConfig.model_validate(dict(study.arms[study.baseline]))
    total, repeats, cell, later = [], [], [], []
    for k in range(study.replicates.n):
        with remarks.silent():
            market = Market(config, rng=seed(study.replicates.seed, k))
        market.run_model()
        orders, n = market.orders, config.people.n
        early = orders["day"] < days
        last = np.full(n, -1)
        np.maximum.at(last, orders["person"][early], orders["day"][early])
        begun = last >= 0
        again = np.bincount(orders["person"][early & (orders["nth"] > 1)], minlength=n)
        late = np.bincount(orders["person"][~early & (orders["nth"] > 1)], minlength=n)
        total.append(late.sum())
        repeats.append(again[begun])
        cell.append(cells(again, days - 1 - last)[begun])
        later.append(late[begun])
    people = (np.concatenate(column) for column in (repeats, cell, later))
    return Simulated(np.array(total), *people)


def rmse(expected: Floats, real: Floats, people: NDArray[np.int64]) -> float:
    """Return the root of the mean squared error of class means, each customer counting once."""
    return float(np.sqrt((people * (expected - real) ** 2).sum() / people.sum()))
