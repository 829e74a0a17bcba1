"""A market beside the transaction log its people come from: repeat purchases by day.

Where `people.entry.kind` is `log`, each person enters on the day of a real customer's first
purchase, so the repeat purchases of the market can be held against those of the log, day by day;
and where the market is the BG/NBD or the Pareto/NBD, against what that expects (`experiments.limits`).

A repeat purchase in the log is a later day on which a customer bought: two lines of one day are one
purchase, as in the data to which such models are fitted. In the market it is an order after the
customer's first with the brand. What is real is what the log has; what is simulated is multiplied
by customers in the log over people, so that both are for as many customers.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments import limits, style
from experiments.intervals import interval
from experiments.scales import Amount
from experiments.tabular import Head, Heads, Rows, View, amount, by_column
from sim.config.market import MarketConfig
from sim.transactions.log import Log, read

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
WEEK = 7
COLUMNS = ("model", "simulated", "real")


def repeats_in_log(log: Log, days: int) -> Floats:
    """Count the repeat purchases of a log by the end of each day.

    Parameters
    ----------
    log
        The log.
    days
        How many days to return.

    Returns
    -------
    float64[days]
        NaN after the day of the last purchase, of which the log says nothing.
    """
    last = int(log.day.max())
    bought = np.unique(log.customer.astype(np.int64) * (last + 1) + log.day)
    customer, day = np.divmod(bought, last + 1)
    repeats = day[day > log.first_days[customer]]
    total = np.bincount(repeats, minlength=max(days, last + 1)).cumsum().astype(float)
    total[last + 1 :] = np.nan
    return total[:days]


def repeats_in_series(series: pd.DataFrame) -> Floats:
    """Return the repeat purchases of the runs of a study, by the end of each day.

    Parameters
    ----------
    series
        Rows of one brand of the table `series`: `run_id`, `day`, `n_orders`, `n_first_orders`.

    Returns
    -------
    float64[runs, days]
    """
    repeats = series.assign(n=series["n_orders"] - series["n_first_orders"])
    return repeats.pivot(index="run_id", columns="day", values="n").cumsum(axis=1).to_numpy(float)


def repeats_in_market(market: "Market", brand: str | None = None) -> Floats:
    """Return the repeat purchases of a market that was run, by the end of each day.

    Parameters
    ----------
    market
        The market.
    brand
        Of which brand; the first if not given.

    Returns
    -------
    float64[days]
    """
    b = market.brand_names.index(brand) if brand else 0
    own = market.orders[(market.orders["brand"] == b) & (market.orders["nth"] > 1)]
    day = own["day"][(own["day"] >= 0) & (own["day"] < market.config.days)]
    return np.bincount(day, minlength=market.config.days).cumsum().astype(float)


def compare(config: MarketConfig | Mapping[str, Any], simulated: Floats) -> pd.DataFrame | None:
    """Put the repeat purchases of a market beside those of the log and of the model.

    Parameters
    ----------
    config
        The market, or its plain data.
    simulated : float64[runs, days]
        As `repeats_in_series` returns it, or rows of `repeats_in_market`.

    Returns
    -------
    pandas.DataFrame or None
        A row for each `day`, as of its end: `model`, NaN unless the market is the BG/NBD or
        the Pareto/NBD;
        `simulated`, the mean over runs, with its 95 % interval `low`, `high`; `least`, `most`,
        between which 95 % of the runs are; `real`, as counted in the log, NaN after its end.
        All but `real` are multiplied by `times`, customers in the log over people. None if people
        do not enter by a log.

    Raises
    ------
    ValueError
        If the log cannot be read.
    """
    if not isinstance(config, MarketConfig):
        config = MarketConfig.model_validate(dict(config))
    entry, people, days = config.people.entry, config.people.n, simulated.shape[1]
    if entry.kind != "log":
        return None
    log = read(entry)
    per_log = len(log.customers) / people
    points = [interval(column) for column in (simulated * per_log).T]
    least, most = np.quantile(simulated * per_log, (0.025, 0.975), axis=0)
    return pd.DataFrame(
        {
            "day": np.arange(days),
            "model": _model(config, days) * per_log,
            "simulated": [point.mean for point in points],
            "low": [point.low for point in points],
            "high": [point.high for point in points],
            "least": least,
            "most": most,
            "real": repeats_in_log(log, days),
            "times": per_log,
        }
    )


def _model(config: MarketConfig, days: int) -> Floats:
    try:
        return limits.repeat_buying(config).cumulative()[:days]
    except limits.NotALimit:
        return np.full(days, np.nan)


def landmarks(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the rows at the end of calibration, taken as half of the run, and at the end."""
    days = len(table)
    ends = {"calibration end": days // 2, "end": days}
    return {
        f"week {end / WEEK:.3g}, {name}": table.iloc[end - 1] for name, end in ends.items() if end
    }


def scaled(table: pd.DataFrame) -> str:
    """Say by what the simulated purchases were multiplied, if there are not as many people."""
    times = float(table["times"].iloc[0])
    return "" if times == 1 else f" (simulated and model: times {times:.4g}, customers over people)"


def view(table: pd.DataFrame, title: str = "") -> View:
    """Return the table at its landmarks."""
    heads: Heads = [
        "repeat purchases by",
        *(Head(name, "orders", group="orders") for name in COLUMNS),
        Head("simulated / real", "share"),
    ]
    rows: Rows = [
        [
            name,
            Amount(row["model"]),
            amount(row, "simulated"),
            Amount(row["real"]),
            Amount(row["simulated"] / row["real"] if row["real"] else np.nan),
        ]
        for name, row in landmarks(table).items()
    ]
    return by_column(title, heads, rows)


def figure(table: pd.DataFrame) -> Figure:
    """Draw repeat purchases by week: simulated, real, and what the model expects."""
    picture, axes = style.figure(
        "Repeat purchases, simulated and real" + scaled(table), "week", "repeat purchases so far"
    )
    weeks = (table["day"] + 1) / WEEK
    axes.fill_between(weeks, table["least"], table["most"], **style.band(0))
    axes.plot(weeks, table["simulated"], color=style.colour(0), lw=1.8, label="simulated")
    axes.plot(weeks, table["real"], color=style.colour(1), lw=1.8, label="real")
    if table["model"].notna().any():
        axes.plot(weeks, table["model"], color="black", lw=1.2, ls="--", label="model")
    end = len(table) // 2 / WEEK
    axes.axvline(end, color=style.GREY, lw=1, ls=":")
    axes.annotate(
        f"calibration ends, week {end:.3g}",
        (end, 0.02),
        (4, 0),
        ("data", "axes fraction"),
        "offset points",
        fontsize=9,
        color="#555555",
    )
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.legend(loc="upper left")
    return picture
