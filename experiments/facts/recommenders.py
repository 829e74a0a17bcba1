"""Recommenders' own loyalty: what a matched comparison says, and what an experiment says."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments import style
from experiments.facts.fact import Check, Fact, Measured, Worlds
from experiments.flows import YEAR
from experiments.intervals import interval
from experiments.records import MONTH, Records

BRAND = 0
WINDOW = 180
"""Days in which one may become a recommender; the year after shows who is lost."""
MOST = 12
"""More orders than this count as this many when likes are sought."""

ARMS = ("as it is", "equally content", "and nobody leaves")

Flags = NDArray[np.bool_]


class Past(NamedTuple):
    """What the brand knows of each person at the end of the window, and who is lost afterwards."""

    before: NDArray[np.int64]
    within: NDArray[np.int64]
    last_month: NDArray[np.int64]
    lost: Flags


def measure(worlds: Worlds) -> Measured:
    """Return both estimates: as it is, where all are equally content, and where nobody leaves."""
    return {
        "as it is": _estimates(worlds["programme"], worlds["none"]),
        "equally content": _estimates(worlds["equal_programme"], worlds["equal_none"]),
        "and nobody leaves": _estimates(worlds["loyal_programme"], worlds["loyal_none"]),
    }


def _estimates(programme: Records, none: Records) -> dict[str, float]:
    may = programme.pilots[BRAND] == 1
    past, past_without = _past(programme, may.size), _past(none, may.size)
    known = past.before > 0
    recommends = _recommends(programme, may.size) & known
    participation = recommends[known & may].mean()
    effect = _lost_more(past.lost, known, may) - _lost_more(past_without.lost, known, may)
    lost, others = matched(past, recommends, known & may)
    causal = effect / participation if participation > 0 else float("nan")
    return {
        "participation": float(participation),
        "lost": lost,
        "matched others lost": others,
        "matched": lost - others,
        "causal": causal,
        "excess": lost - others - causal,
    }


def _past(records: Records, people: int) -> Past:
    own = records.brand == BRAND
    person, day = records.orders["person"][own], records.day[own]

    def orders(start: int, end: int) -> NDArray[np.int64]:
        return np.bincount(person[(start <= day) & (day < end)], minlength=people)

    last = np.full(people, -YEAR)
    earlier = day < WINDOW
    np.maximum.at(last, person[earlier], day[earlier])
    end = WINDOW + YEAR
    return Past(
        orders(-YEAR, 0), orders(0, WINDOW), (WINDOW - last) // MONTH, orders(WINDOW, end) == 0
    )


def _recommends(records: Records, people: int) -> Flags:
    made = records.invitations
    early = (made["brand"] == BRAND) & (made["day"] < WINDOW)
    return np.bincount(made["referrer"][early], minlength=people) > 0


def _lost_more(lost: Flags, known: Flags, may: Flags) -> float:
    """Return how much larger a share is lost of those who may recommend than of those who not."""
    return float(lost[known & may].mean() - lost[known & ~may].mean())


def matched(past: Past, recommends: Flags, among: Flags) -> tuple[float, float]:
    """Return the share lost of recommenders, and of others with the same orders.

    Exact matching: each cell of orders before, orders within and month of the last counts as often
    as it has recommenders, and those without any like are left out. Not a number if all are.
    """
    rows = np.flatnonzero(among & (past.within > 0))
    width = MOST + 1
    cell = np.minimum(past.before[rows], MOST) * width + np.minimum(past.within[rows], MOST)
    cell = cell * width + past.last_month[rows]
    size = int(cell.max(initial=0)) + 1
    lost, number = {}, {}
    for group in (True, False):
        own = recommends[rows] == group
        number[group] = np.bincount(cell[own], minlength=size)
        lost[group] = np.bincount(cell[own], past.lost[rows[own]], minlength=size)
    both = (number[True] > 0) & (number[False] > 0)
    if not both.any():
        return float("nan"), float("nan")
    weight = number[True][both]
    shares = [np.average(lost[g][both] / number[g][both], weights=weight) for g in number]
    return float(shares[0]), float(shares[1])


def draw(table: pd.DataFrame) -> Figure:
    """Difference in customers lost that goes with recommending: matched, and causal (95 %)."""
    figure, axes = style.figure(
        "Recommenders leave less; recommending does less", "", "% points lost within a year"
    )
    for k, name in enumerate(("matched", "causal")):
        for at, arm in enumerate(ARMS):
            chosen = (table["arm"] == arm) & (table["quantity"] == name)
            found = interval(100 * table["value"][chosen].to_numpy(float))
            where, label = at + 0.2 * k - 0.1, name if at == 0 else None
            axes.errorbar(
                where,
                found.mean,
                found.half,
                fmt="o",
                color=style.colour(k),
                label=label,
                capsize=4,
            )
    axes.axhline(0, color=style.GREY, lw=1)
    axes.set_xticks(range(len(ARMS)), ARMS)
    axes.set_xlim(-0.6, len(ARMS) - 0.4)
    style.legend(axes, 2)
    return figure


REMARK = """\
Both come out: those who recommend are lost less often than others with the same record, and that
is not because they recommended. Nothing in the model makes recommending bind (the authors'
commitment and consistency); if the published difference is partly causal, that is what the model
lacks. The causal part is a small loss, if anything: all who may recommend are asked to, and
asking tires. The picture shows where the matched difference comes from: with all equally content
most of it is still there, for a customer who has left cannot recommend, and the record does not
show who has left."""

FACT = Fact(
    name="recommenders",
    title="Recommenders' own loyalty, matched and causal",
    source="Garnefeld, Eggert, Helm and Tax 2013",
    mechanism="all equally content, and nobody leaving",
    checks=(
        Check(
            name="lost within a year, recommenders less matched others",
            published="7 % against 19 %",
            quantity="matched",
            on=ARMS[0],
            off=ARMS[2],
            high=0,
            share=True,
            null=0,
        ),
        Check(
            name="the same, less the causal difference",
            published="negative",
            quantity="excess",
            on=ARMS[0],
            off=ARMS[2],
            high=0,
            share=True,
            null=0,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
