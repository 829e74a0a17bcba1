"""Contact frequency: whether there is a best number, neither none nor the most."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import flows, style
from experiments.facts.fact import Check, Fact, Measured, Worlds
from experiments.intervals import interval

BRAND = 0
LEVELS = ("as_it_is", "harmless")


def measure(worlds: Worlds) -> Measured:
    """Return net revenue and touches at each point; they are named `harmless, none` and so on."""
    return {
        arm: {
            "net revenue": float(flows.net_revenues(records)[BRAND]),
            "touches": float(flows.touches(records)[BRAND]),
        }
        for arm, records in worlds.items()
    }


def finish(table: pd.DataFrame) -> pd.DataFrame:
    """Add what the best number of contacts brings more than none, and than the most.

    The best is chosen, in each replicate, by the mean over all others, among the numbers between
    none and the most.
    """
    parts = [table]
    for level in LEVELS:
        revenue = curve(table, level, "net revenue").to_numpy()
        others = (revenue.sum(axis=0) - revenue) / (len(revenue) - 1)
        best = 1 + others[:, 1:-1].argmax(axis=1)
        chosen = revenue[np.arange(len(revenue)), best]
        base = revenue[:, 0].mean()
        for name, end in (("over none", 0), ("over the most", -1)):
            rows = pd.DataFrame(
                {
                    "replicate": np.arange(len(revenue)),
                    "arm": level,
                    "quantity": name,
                    "value": (chosen - revenue[:, end]) / base,
                }
            )
            parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def curve(table: pd.DataFrame, level: str, quantity: str) -> pd.DataFrame:
    """Return a row per replicate and a column per step of the ladder of contacts, ascending."""
    own = table[table["arm"].str.startswith(f"{level}, ") & (table["quantity"] == quantity)]
    step = own["arm"].str.split(", ").str[1]
    wide = own.assign(step=step).pivot(index="replicate", columns="step", values="value")
    return wide[list(step.unique())]


def draw(table: pd.DataFrame) -> Figure:
    """Net revenue at each step of the ladder of contacts, more than with none (95 %)."""
    figure, axes = style.figure(
        "More contact, more revenue?", "", "net revenue, % more than with none"
    )
    for k, level in enumerate(LEVELS):
        revenue = curve(table, level, "net revenue")
        more = 100 * (revenue.div(revenue["none"], axis=0) - 1)
        found = [interval(more[step].to_numpy(float)) for step in map(str, more)]
        middle, half = [each.mean for each in found], [each.half for each in found]
        at = np.arange(len(found))
        axes.errorbar(
            at, middle, half, fmt="-o", color=style.colour(k), label=level.replace("_", " ")
        )
        axes.set_xticks(
            at,
            [step.replace("_", " ").replace("and ", "and\n") for step in map(str, more)],
            fontsize=9,
        )
    axes.axhline(0, color=style.GREY, lw=1)
    style.legend(axes, 2)
    return figure


FACT = Fact(
    name="contact",
    title="There can be too much contact",
    source="Godfrey, Seiders and Voss 2011",
    mechanism="contact that does no harm",
    checks=(
        Check(
            name="net revenue at the best number of contacts, more than without any",
            published="more",
            quantity="over none",
            on=LEVELS[0],
            off=LEVELS[1],
            low=0,
            share=True,
            null=0,
        ),
        Check(
            name="the same, more than at the most",
            published="more",
            quantity="over the most",
            on=LEVELS[0],
            off=LEVELS[1],
            low=0,
            share=True,
            null=0,
        ),
    ),
    measure=measure,
    remark="",
    draw=draw,
    finish=finish,
)
