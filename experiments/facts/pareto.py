"""The best fifth of a year's buyers: what they bring, and what they bring the year after."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import style
from experiments.facts.fact import Check, Fact, Measured, Worlds, means
from experiments.flows import YEAR
from experiments.records import Records

FIFTHS = 5


def measure(worlds: Worlds) -> Measured:
    """Return what fifths of a year's buyers brought in it and in the next, averaged over brands."""
    return {arm: _fifths(records) for arm, records in worlds.items()}


def _fifths(records: Records) -> dict[str, float]:
    first, second = (_brought(records, start) for start in (0, YEAR))
    found = []
    for brand in range(len(records.brands)):
        own = records.customers["brand"] == brand
        buyers = np.flatnonzero(own & records.ordered(0, YEAR))
        best_first = buyers[np.argsort(-first[buyers], kind="stable")]
        parts = np.array_split(best_first, FIFTHS)
        total = first[buyers].sum()
        shares = [(first[part].sum() / total, second[part].sum() / total) for part in parts]
        found.append([*np.ravel(shares), second[own].sum() / first[own].sum()])
    *shares, stationary = np.mean(found, axis=0)
    numbers = {
        "share of the best fifth": shares[0],
        "their next year": shares[1] / shares[0],
        "all buyers' next year": stationary,
    }
    for k in range(FIFTHS):
        numbers |= {f"fifth {k + 1}": shares[2 * k], f"fifth {k + 1} next": shares[2 * k + 1]}
    return numbers


def _brought(records: Records, start: int) -> np.ndarray:
    """Return float64[customers]: net revenue of each in the year that begins on a day."""
    rows = records.between(start, start + YEAR)
    size = len(records.customers)
    return np.bincount(records.customer[rows], records.net_cents[rows], minlength=size)


def draw(table: pd.DataFrame) -> Figure:
    """Revenue of fifths of a year's buyers, best first, in that year and the next."""
    figure = Figure(figsize=(7.2, 3.2))
    panels = figure.subplots(1, 3, sharey=True)
    at = np.arange(1, FIFTHS + 1)
    for axes, arm in zip(panels, ("steady", "alike", "clockwork"), strict=True):
        found = means(table, arm)
        for k, (end, label) in enumerate((("", "the year"), (" next", "the next"))):
            height = [100 * found[f"fifth {n}{end}"] for n in at]
            axes.bar(at + 0.4 * k - 0.2, height, 0.4, color=style.colour(k), label=label)
        axes.set(title=arm, xlabel="fifth of buyers", xticks=at)
    panels[0].set_ylabel("% of the first year's revenue")
    panels[0].legend(fontsize=9)
    return figure


REMARK = """\
Both come out. That the best bring so much is a matter of usage and taste: of people who are all
alike the best fifth bring a third, and that by luck, so that the year after they are average. Of
people who differ the best lose little: coffee is drunk steadily here and bought often, and a year
evens luck out. Panels show more (half of the best fifth are not among them the year after), as
goods bought seldom and at random would here."""

FACT = Fact(
    name="pareto",
    title="The best fifth of buyers, and their next year",
    source="Sharp, Romaniuk and Graham 2019",
    mechanism="all alike (for the share) or no luck (for the next year)",
    checks=(
        Check(
            name="share of a year's revenue from its best fifth of buyers",
            published="50 to 70 %",
            quantity="share of the best fifth",
            on="steady",
            off="alike",
            low=0.5,
            high=0.7,
            share=True,
        ),
        Check(
            name="their revenue in the next year, of that in the first",
            published="less",
            quantity="their next year",
            on="steady",
            off="clockwork",
            high=1,
            share=True,
            null=1,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
