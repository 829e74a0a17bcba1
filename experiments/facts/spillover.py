"""Spillover: a campaign's effect on all people over that on those it is aimed at."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments import style
from experiments.facts.fact import Check, Fact, Measured, Worlds, means
from experiments.records import Records

BRAND = 0
QUARTERS = 8


def measure(worlds: Worlds) -> Measured:
    """Return the effects of the campaign, where people hear each other and where they do not."""
    return {
        "influence": _effects(worlds["campaign"], worlds["none"]),
        "deaf": _effects(worlds["deaf_campaign"], worlds["deaf_none"]),
    }


def _effects(campaign: Records, none: Records) -> dict[str, float]:
    """Return orders more than in the same world without the campaign: on those in it, and on all.

    Also by the end of each of eight equal parts of the run, for the picture.
    """
    aimed = campaign.pilots[BRAND] == 1
    more = _orders(campaign, aimed.size) - _orders(none, aimed.size)
    direct, total = more[aimed].sum(axis=0).cumsum(), more.sum(axis=0).cumsum()
    numbers = {
        "direct": float(direct[-1]),
        "total": float(total[-1]),
        "aimed at": float(aimed.sum()),
    }
    for k in range(QUARTERS):
        numbers |= {
            f"direct {k + 1}": float(direct[k]),
            f"others {k + 1}": float((total - direct)[k]),
        }
    return numbers


def _orders(records: Records, people: int) -> NDArray[np.int64]:
    """Return int64[people, quarters]: orders with the brand."""
    own = records.own & (records.brand == BRAND)
    part = records.day[own] * QUARTERS // records.days
    where = records.orders["person"][own] * QUARTERS + part
    return np.bincount(where, minlength=people * QUARTERS).reshape(people, QUARTERS)


def draw(table: pd.DataFrame) -> Figure:
    """Orders more than without the campaign, up to each quarter: those in it, and others."""
    figure, axes = style.figure("What reaches others", "quarter", "orders more, 50,000 people")
    at = np.arange(1, QUARTERS + 1)
    for k, (arm, mark) in enumerate((("influence", "-o"), ("deaf", "--"))):
        found = means(table, arm)
        for j, who in enumerate(("direct", "others")):
            name = {"direct": "in the campaign", "others": "others"}[who]
            axes.plot(
                at,
                [found[f"{who} {n}"] for n in at],
                mark,
                color=style.colour(j),
                label=name + (", deaf" if k else ""),
                ms=4,
            )
    style.legend(axes, 4)
    return figure


def _check(name: str, published: str, low: float, high: float = float("inf")) -> Check:
    return Check(name, published, "total", "influence", "deaf", low, high, over="direct", null=1)


REMARK = """\
It reaches others, and nobody where people are deaf, to the order. It is a fraction of the
published size. There the product was communication itself: who used it more made it worth more to
those he called. Here a campaign reaches others by what its customers say, post and do when they
leave; a good that one consumes alone has no more. For the published size the use of a good by one
would have to be of use to others, or people would have to talk more than they do (once in a
hundred days, an assumption)."""

FACT = Fact(
    name="spillover",
    title="A campaign reaches beyond those it is aimed at",
    source="Ascarza, Ebbes, Netzer and Danielson 2017",
    mechanism="nobody hearing, seeing or following anybody",
    checks=(
        _check("effect on all over effect on those in the campaign: any spillover", "above 1", 1),
        _check("the same: of the published size", "1.28", 1.14, 1.42),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
