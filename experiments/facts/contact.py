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
    """Add what the best number of contacts in between brings more than the better end.

    Both the best step and the better of none and the most are chosen, in each replicate, by the
    mean over all others, so that neither is so by the luck by which it is measured.
    """
    parts = [table]
    for level in LEVELS:
        revenue = curve(table, level, "net revenue").to_numpy()
        runs = np.arange(len(revenue))
        others = (revenue.sum(axis=0) - revenue) / (len(revenue) - 1)
        best = 1 + others[:, 1:-1].argmax(axis=1)
        end = np.where(others[:, 0] >= others[:, -1], 0, -1)
        more = (revenue[runs, best] - revenue[runs, end]) / revenue[:, 0].mean()
        added = {"replicate": runs, "arm": level, "quantity": "over the better end", "value": more}
        parts.append(pd.DataFrame(added))
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


REMARK = """\
It comes out: following orders up pays in revenue, and commercial messages on top lose more than
that, the more the more often they come, for contact tires, satisfaction with service falls, and
who was inert is woken and leaves. The ladder changes in content as well as in number, as the
strategies there are allow no other: a strategy that sends one kind of message as often as it is
told would tell the two apart. (A first ladder, of caps on follow-ups and on requests for friends,
was given up before this one: it ended at three contacts in a week.)"""

FACT = Fact(
    name="contact",
    title="There can be too much contact",
    source="Godfrey, Seiders and Voss 2011",
    mechanism="contact that does no harm",
    checks=(
        Check(
            name="net revenue at the best number in between, more than at none or the most",
            published="more than either",
            quantity="over the better end",
            on=LEVELS[0],
            off=LEVELS[1],
            low=0,
            share=True,
            null=0,
        ),
    ),
    measure=measure,
    remark=REMARK,
    draw=draw,
    finish=finish,
)
