"""Cascades of referral: how many are of one customer, and how deep they go."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments import style
from experiments.facts.fact import Check, Fact, Measured, Worlds, means
from experiments.limits.trees import below
from experiments.records import Records

BRAND = 0
SIZES = 6


def measure(worlds: Worlds) -> Measured:
    """Return sizes and depths of cascades in each arm."""
    return {arm: _cascades(records) for arm, records in worlds.items()}


def _cascades(records: Records) -> dict[str, float]:
    above = referrers(records, BRAND)
    size, begins = below(above), above < 0
    steps = depth(above)
    invited = np.count_nonzero(records.invitations["brand"] == BRAND)
    shares = np.bincount(np.minimum(size[begins], SIZES), minlength=SIZES + 1) / begins.sum()
    return {
        "alone": float(shares[1]),
        "deeper": float((steps > 1).mean()),
        "success": float((~begins).sum() / invited) if invited else float("nan"),
        "referred": float((~begins).mean()),
    } | {f"of {n}": float(shares[n]) for n in range(1, SIZES + 1)}


def referrers(records: Records, brand: int) -> NDArray[np.int64]:
    """Return for each customer of a brand the number of the one who referred him, -1 for none.

    Customers are numbered in order of their first orders.
    """
    first = np.flatnonzero((records.orders["nth"] == 1) & (records.brand == brand))
    number = np.full(int(records.orders["person"].max(initial=0)) + 1, -1)
    number[records.orders["person"][first]] = np.arange(first.size)
    invitation = records.orders["invitation"][first]
    referrer = records.invitations["referrer"][invitation[invitation >= 0]]
    above = np.full(first.size, -1)
    above[invitation >= 0] = number[referrer]
    return above


def depth(above: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return int64[k]: how many referrals each is away from the beginning of the cascade.

    Parameters
    ----------
    above : int64[k]
        The number of the one who referred each, -1 for none.
    """
    steps, up = np.zeros(above.size, np.int64), above
    while (up >= 0).any():
        steps += up >= 0
        up = np.where(up >= 0, above[up], -1)
    return steps


def draw(table: pd.DataFrame) -> Figure:
    """Cascades by the number of customers in them; note the logarithmic axis."""
    figure, axes = style.figure("Most cascades end where they begin", "customers", "% of cascades")
    sizes = np.arange(1, SIZES + 1)
    for k, arm in enumerate(("referral", "everybody_follows")):
        found = means(table, arm)
        height = [100 * found[f"of {n}"] for n in sizes]
        axes.bar(
            sizes + 0.4 * k - 0.2, height, 0.4, color=style.colour(k), label=arm.replace("_", " ")
        )
    axes.set_yscale("log")
    axes.set_xticks(sizes, [*map(str, sizes[:-1]), f"{SIZES} or more"])
    style.legend(axes, 2)
    return figure


REMARK = """\
On the published condition they are not small as published, but smaller: hardly any customer
brings another, and hardly any of these one more. Not that people do not follow: where everybody
does, cascades of one are as many as published, and still fewer are deeper. Customers invite too
seldom for it. A message after an order asks them, a quarter answer, one in ten of these invites,
five or so; each would have to invite several times as many, of themselves, as users of the free
services and of the recommendations in those studies did, whom inviting cost nothing in standing."""

FACT = Fact(
    name="cascades",
    title="Cascades of referral are small",
    source="Goel, Watts and Goldstein 2012; Leskovec, Adamic and Huberman 2007",
    mechanism="everybody following an invitation",
    checks=(
        Check(
            name="cascades of one customer",
            published="70 to 95 %",
            quantity="alone",
            on="referral",
            off="everybody_follows",
            low=0.7,
            high=0.95,
            share=True,
        ),
        Check(
            name="customers more than one referral from the beginning",
            published="1 to 6 %",
            quantity="deeper",
            on="referral",
            off="everybody_follows",
            low=0.01,
            high=0.06,
            share=True,
        ),
        Check(
            name="on condition: invitations that bring a customer",
            published="about 1 %",
            quantity="success",
            on="referral",
            off="everybody_follows",
            low=0.005,
            high=0.02,
            share=True,
            condition=True,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
)
