"""Distributors: what an engagement brings, and how many leave in a year."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import downline, metrics_distributors, style
from experiments.facts.fact import Check, Fact, Measured, Worlds, means
from experiments.flows import YEAR
from experiments.records import Records

BRAND = 0
QUANTILES = tuple(range(5, 100, 5))


def measure(worlds: Worlds) -> Measured:
    """Return earnings and turnover of distributors in each arm."""
    return {arm: _distributors(records) for arm, records in worlds.items()}


def _distributors(records: Records) -> dict[str, float]:
    own = downline.brand(records) == BRAND
    if not own.any():
        return dict.fromkeys(("median", "left"), float("nan"))
    net = downline.net_cents(records)[own] / 100
    joined = records.distributors["joined_day"][own]
    last = joined + downline.days_at_work(records)[own]
    ended = downline.ended(records)[own]
    there = (joined < YEAR) & (~ended | (last >= YEAR))
    gone = there & ended & (last < 2 * YEAR)
    return {
        "joined": float(own.sum()),
        "median": float(metrics_distributors.net_earnings(records)[BRAND]),
        "left": float(gone.sum() / there.sum()) if there.any() else float("nan"),
        "earned nothing": float((net <= 0).mean()),
        "lost money": float((net < 0).mean()),
    } | {f"quantile {q}": float(np.percentile(net, q)) for q in QUANTILES}


def draw(table: pd.DataFrame) -> Figure:
    """Net earnings of the q-th per cent of distributors, of a whole engagement."""
    figure, axes = style.figure(
        "Most earn nothing", "% of distributors, who earned least first", "net earnings, CNY"
    )
    for k, arm in enumerate(("agent_recruitment", "free", "content")):
        found = means(table, arm)
        earned = [found[f"quantile {q}"] for q in QUANTILES]
        axes.plot(QUANTILES, earned, color=style.colour(k), label=arm)
    axes.axhline(0, color=style.GREY, lw=1)
    axes.axvline(50, color=style.GREY, lw=1, ls=":")
    axes.set_yscale("symlog", linthresh=100)
    style.legend(axes, 3)
    return figure


REMARK = """\
Most lose the fee or are left with stock, and without these most earn. But more leave than half,
and mostly not because they compare what they earn with their effort: where they do not, three in
five leave as well. What is left then is the base rate of giving up, an assumption per month that
does not depend on how long one has been there, and customers who leave the brand. For half to
leave, that rate would have to be lower, or fall with time at work; as it stands turnover is put
in rather than found."""

FACT = Fact(
    name="distributors",
    title="Most distributors earn nothing, and half leave each year",
    source="FTC 2024; FTC v. Herbalife 2016",
    mechanism="nothing to pay on joining (earnings), or effort not minded (leaving)",
    checks=(
        Check(
            name="median net earnings, CNY",
            published="0 or less",
            quantity="median",
            on="agent_recruitment",
            off="free",
            high=0,
        ),
        Check(
            name="of those at work, gone a year later",
            published="about half",
            quantity="left",
            on="agent_recruitment",
            off="content",
            low=0.4,
            high=0.6,
            share=True,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
