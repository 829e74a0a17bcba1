"""CART: a tree of splits of the space of factors, whose leaves are boxes (Breiman et al. 1984).

It is scikit-learn's. That of ema_workbench is too, but version 2.5.3 gives no seed to it, so that
equally good splits are chosen by chance, and does not restrict the box of a branch that is about
one category.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from experiments import boxes
from experiments.boxes import Box, Limit, Rows, is_category, is_whole
from experiments.errors import MissingLibrary
from experiments.formats import count


class Tree(NamedTuple):
    """What CART found: its leaves, the densest first, and the tree in words."""

    boxes: list[Box]
    text: str


def cart(factors: pd.DataFrame, cases: Rows, *, mass: float = 0.05, leaves: int = 8) -> Tree:
    """Grow a classification tree, the most telling splits first, and undo those that tell nothing.

    A split is undone, from the leaves up, if its sides differ in cases no more than they may by
    chance: by Fisher's exact test, corrected for the places at which a number can be split, at 5 %
    over the number of columns that compete.

    Parameters
    ----------
    factors, cases
        As `prepare` returns; bool[runs].
    mass
        Least share of all runs in a leaf.
    leaves
        Most leaves.

    Raises
    ------
    MissingLibrary
        If the packages are not installed.
    """
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        raise MissingLibrary(boxes.MISSING) from None
    columns = list(_numeric(factors))
    least = max(1, math.ceil(mass * len(cases)))
    grown = DecisionTreeClassifier(min_samples_leaf=least, max_leaf_nodes=leaves, random_state=0)
    grown.fit(np.column_stack([values for *_, values in columns]), cases)
    splits = [(name, category) for name, category, _ in columns]
    walk = _Walk(grown.tree_, splits, factors, cases, least)
    walk.down(0, {}, "all runs", 0)
    order = sorted(walk.boxes, key=lambda box: (-box.density, -box.runs))
    return Tree(order, "\n".join(walk.lines))


def _numeric(factors: pd.DataFrame) -> Iterator[tuple[str, str | None, NDArray[np.float64]]]:
    """Yield what a tree may split: a number, or whether a factor is of some category."""
    for name, column in factors.items():
        if not is_category(column):
            yield str(name), None, column.to_numpy(np.float64)
            continue
        categories = list(column.cat.categories)
        for category in categories if len(categories) > 2 else categories[:1]:
            yield str(name), category, (column == category).to_numpy(np.float64)


def _of_the_best(p: float, edge: float) -> float:
    """Return the p-value of a split of a number that is the best of all its possible splits.

    Parameters
    ----------
    p
        Two-sided p-value of the split by itself.
    edge
        Least share of the runs on either side. Miller and Siegmund (1982) for the largest of the
        chi-square statistics, one degree of freedom each.
    """
    z = float(special.ndtri(1 - p / 2)) if p > 1e-15 else 8.0
    if z <= 1:
        return 1.0
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return min(1.0, density * (2 * (z - 1 / z) * math.log((1 - edge) / edge) + 4 / z))


@dataclass
class _Walk:
    """Reads a tree from the root down: each leaf is a box, each node a line."""

    tree: Any
    splits: Sequence[tuple[str, str | None]]
    factors: pd.DataFrame
    cases: Rows
    least: int

    def __post_init__(self) -> None:
        self.boxes: list[Box] = []
        self.lines: list[str] = []

    def down(self, node: int, limits: dict[str, Limit], said: str, depth: int) -> None:
        everywhere = np.ones(len(self.cases), bool)
        box = boxes.measure(list(limits.values()), self.factors, self.cases, everywhere)
        shares = f"{count(box.runs, 'run')}, {boxes.percent(box.density)} cases"
        self.lines.append(f"{'    ' * depth}{said}: {shares}")
        if not self._tells(node):
            self.boxes.append(box)
            return
        children = self.tree.children_left[node], self.tree.children_right[node]
        name, category = self.splits[self.tree.feature[node]]
        at = float(self.tree.threshold[node])
        # Yes first: a category is coded 1, so it is on the right; a low number is on the left.
        sides = list(zip(children, (True, False), strict=True))
        for child, left in sides if category is None else reversed(sides):
            new, words = self._limit(name, category, at, left, limits.get(name))
            self.down(child, {**limits, name: new}, words, depth + 1)

    def _tells(self, node: int) -> bool:
        """Tell whether the split at a node, or one below it, is more than chance."""
        left, right = self.tree.children_left[node], self.tree.children_right[node]
        if left < 0:
            return False
        return self._differ(node, left, right) or self._tells(left) or self._tells(right)

    def _differ(self, node: int, left: int, right: int) -> bool:
        from scipy import stats

        runs = self.tree.n_node_samples[[left, right]]
        shares = self.tree.value[[left, right], 0]  # of runs that are no cases, and of cases
        table = np.rint(shares * runs[:, None]).astype(np.int64)
        p = float(stats.fisher_exact(table).pvalue)
        if self.splits[self.tree.feature[node]][1] is None:
            p = _of_the_best(p, min(0.5, self.least / runs.sum()))
        return p * len(self.splits) <= boxes.SIGNIFICANT

    def _limit(
        self, name: str, category: str | None, at: float, left: bool, old: Limit | None
    ) -> tuple[Limit, str]:
        """Return what is demanded of a factor below a split, and the split in words."""
        column = self.factors[name]
        if category is not None:
            known = old.among if old and old.among else tuple(column.cat.categories)
            rest = tuple(one for one in known if (one == category) != left)
            new = Limit(name, among=rest)
            return new, new.text()
        whole = is_whole(column)
        before = old or Limit(name)
        if left:
            high = float(math.floor(at)) if whole else at
            return Limit(name, before.low, high), Limit(name, high=high).text()
        low = float(math.floor(at) + 1) if whole else math.nextafter(at, math.inf)
        return Limit(name, low, before.high), Limit(name, low=low).text()
