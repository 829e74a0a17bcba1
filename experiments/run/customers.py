"""Pictures of the customer base of a run: who stays, who brings how much, who is what to whom."""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments import curves, formats, style
from experiments.customer_base import FREQUENCY, RECENCY
from experiments.kinds import Tables
from experiments.study import Study

if TYPE_CHECKING:
    from sim.market import Market

MOST_PEOPLE = 300
"""A network of more people is a ball of wool; so many are shown, those nearest to one of them."""


def churn(study: Study, tables: Tables) -> Figure | None:
    """Kaplan-Meier: new customers who have not left for good, by days since the first order."""
    if "curves" not in tables:
        return None
    figure, axes = style.figure(
        "New customers who have not left for good (Kaplan-Meier)",
        "days since the first order",
        "share",
    )
    drawn = 0
    for k, (brand, rows) in enumerate(_of(tables, "churn").groupby("brand", sort=False)):
        curve = curves.survival(rows)
        x = np.concatenate([[0], curve.index])
        axes.step(x, np.concatenate([[1], curve["survival"]]), where="post", lw=1.6,
                  **style.line(k), label=brand)  # fmt: skip
        drawn += 1
    axes.set_ylim(0, 1.02)
    axes.margins(x=0.01)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.legend(axes, drawn)
    return figure if drawn else None


def lorenz(study: Study, tables: Tables) -> Figure | None:
    """Lorenz curve: what the customers who bring least bring together."""
    if "curves" not in tables:
        return None
    title, percent = "Who brings the revenue", "share of customers, those who bring least first"
    figure, axes = style.figure(title, percent, "share of their net revenue", size=(5.2, 4.4))
    drawn = 0
    for k, (brand, rows) in enumerate(_of(tables, "lorenz").groupby("brand", sort=False)):
        axes.plot(rows["x"] / 100, rows["top"] / rows["bottom"], **style.line(k), label=brand)
        drawn += 1
    axes.plot([0, 1], [0, 1], color=style.GREY, lw=1, ls=":")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    style.legend(axes, drawn)
    return figure if drawn else None


def rfm(study: Study, tables: Tables) -> Figure | None:
    """RFM grid: customers by how lately and how often they ordered, and what each has brought."""
    if "curves" not in tables:
        return None
    rows = _of(tables, "rfm")
    rows = rows[rows["brand"] == study.of]
    if rows.empty:
        return None
    people, money = (_grid(rows, column) for column in ("bottom", "top"))
    share = people / people.sum()
    figure, axes = style.figure(
        f"Brand {study.of}: share of customers, and CNY that each brought",
        "orders in the run",
        "days since the last order",
    )
    mesh = axes.imshow(share, cmap="Blues", vmin=0, aspect="auto")
    for (i, j), part in np.ndenumerate(share):
        if part > 0:
            ink = "white" if part > 0.6 * share.max() else "black"
            text = f"{formats.value(part, 'share')}\n{formats.compact(money[i, j] / people[i, j])}"
            axes.text(j, i, text, ha="center", va="center", color=ink, fontsize=8)
    axes.set_xticks(range(len(FREQUENCY) + 1), _classes((1, *FREQUENCY)))
    axes.set_yticks(range(len(RECENCY) + 1), _classes((0, *RECENCY)))
    axes.grid(False)
    figure.colorbar(mesh, ax=axes, format=PercentFormatter(1.0, decimals=0))
    return figure


def _grid(rows: pd.DataFrame, column: str) -> Any:
    grid = np.zeros((len(RECENCY) + 1, len(FREQUENCY) + 1))
    grid[rows["x"], rows["y"]] = rows[column]
    return grid


def _classes(bounds: Sequence[int]) -> list[str]:
    """Return the names of classes of whole numbers that begin at `bounds`."""
    ends = [high - 1 for high in bounds[1:]]
    closed = [
        str(low) if low == high else f"{low}–{high}"
        for low, high in zip(bounds, ends, strict=False)
    ]
    return [*closed, f"{bounds[-1]}+"]


def _of(tables: Tables, curve: str) -> pd.DataFrame:
    rows = tables["curves"]
    return rows[rows["curve"] == curve]


PLOTS = (churn, lorenz, rfm)


# -- a market by itself, for notebooks ------------------------------------------------------------


def network(market: "Market", brand: str | None = None, people: int = MOST_PEOPLE) -> Figure:
    """Draw the ties between people, and what each is to a brand.

    Parameters
    ----------
    market
        At any moment of its run.
    brand
        Whose customers, KOCs and distributors are shown; the first brand if not given.
    people
        How many at most: those whom the fewest ties separate from the best connected one.
    """
    import networkx as nx

    brand = brand or market.brand_names[0]
    graph = _nearest(market, people)
    place = nx.spring_layout(graph, seed=1)
    customers = market.customers
    own = set(customers["person"][customers["brand"] == market.brand_names.index(brand)].tolist())
    koc, distributors = _rows(market, "KOC"), _rows(market, "Distributor")
    figure, axes = style.figure(f"Ties, and customers of {brand}", "", "", size=(6.4, 5.6))
    nx.draw_networkx_edges(graph, place, ax=axes, edge_color="#cccccc", width=0.6, arrows=False)
    groups = {
        "no customer": [i for i in graph if i not in own],
        "customer": [i for i in graph if i in own],
        "KOC of any brand": [i for i in graph if i in koc],
        "distributor of any brand": [i for i in graph if i in distributors],
    }
    colours = ("#dddddd", *style.COLOURS[:3])
    for (label, who), ink in zip(groups.items(), colours, strict=True):
        if who:
            spots = np.array([place[i] for i in who])
            axes.scatter(*spots.T, s=26, color=ink, label=label, zorder=3, lw=0)
    axes.set_axis_off()
    axes.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, 0.02), ncol=2, frameon=False)
    every = len(market.world.people)
    said = (
        f"{len(graph):,} of {every:,} people: those whom the fewest ties separate from the one "
        "with the most."
    )
    return style.note(figure, said * (len(graph) < every))


def _rows(market: "Market", role: str) -> set[int]:
    """Return the rows of the people whose highest role this is."""
    kinds = {kind.__name__: kind for kind in market.agent_types}
    return {a.unique_id - 1 for a in market.agents_by_type[kinds[role]]} if role in kinds else set()


def _nearest(market: "Market", most: int) -> Any:
    """Return the ties among the people around the best connected one."""
    import networkx as nx

    world = market.world
    graph = nx.Graph()
    if len(world.neighbours) == 0:  # nobody knows anybody, or all know all, which is not stored
        graph.add_nodes_from(range(min(most, len(world.people))))
        return graph
    waiting = deque([int(np.diff(world.indptr).argmax())])
    graph.add_nodes_from(waiting)
    while waiting:
        person = waiting.popleft()
        for friend in world.neighbours[world.indptr[person] : world.indptr[person + 1]].tolist():
            if friend not in graph and len(graph) < most:
                waiting.append(friend)
                graph.add_node(friend)
            if friend in graph:
                graph.add_edge(person, friend)
    return graph
