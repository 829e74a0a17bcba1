"""Switching: from which brand to which, between a person's consecutive purchases of a kind."""

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records, ascending, once


@once
def matrix(records: Records) -> NDArray[np.int64]:
    """Return int64[brands, brands, categories]: purchases after one of the first, of the second.

    A pair is a person's purchase and that person's next one in the same category, whatever the
    brands; the later of the two is in the run. Purchases that were sent back count: they were made.
    """
    category = records.categories[records.orders["product"]]
    width = int(records.categories.max(initial=0)) + 1
    group = records.orders["person"].astype(np.int64) * width + category
    rows = ascending(group)  # orders come by day, and so they stay
    later = (np.diff(group[rows]) == 0) & (records.day[rows[1:]] >= 0)
    before, after = rows[:-1][later], rows[1:][later]
    brands = len(records.brands)
    shape = (brands, brands, width)
    where = (records.brand[before], records.brand[after], category[after])
    count = np.bincount(np.ravel_multi_index(where, shape), minlength=int(np.prod(shape)))
    return count.reshape(shape)
