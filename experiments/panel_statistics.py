"""What a panel of households says of a category and of the makers in it, each number defined once."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.occasions import LAST, WITHIN, Occasions
from experiments.panels import Panel

TOP = 0.2
LATE = 273
"""1 October."""
ESTABLISHED, FOLLOWED, FEWEST = 30, 330, 20
"""Buyers of the first 30 days are followed for 330; shares are of 20 or more."""
Floats = NDArray[np.float64]
Three = tuple[float, float, float]
"""A value with its lower and upper end; NaN where there is none."""


def statistics(panel: Panel, makers: Sequence[int]) -> dict[str, Three]:
    """Return all numbers by name; of makers the median, the least and the most.

    Parameters
    ----------
    panel
    makers
        Those that count as brands.
    """
    occasions = panel.occasions
    buyers, households = len(occasions.orders()), len(panel.households)
    out: dict[str, Three] = {
        "category penetration": _only(buyers / households),
        "category orders per buyer": _only(float(occasions.orders().mean())),
        "category repeat within 90 days": _survival(occasions),
        "category revenue of the top 20 %": _only(_top(_by_household(panel))),
        "same maker on the next occasion": _only(same_maker(panel)),
        "same maker by share alone": _only(_by_share(panel)),
    }
    each = {maker: panel.of(maker) for maker in makers}
    for name, function in _OF_OCCASIONS.items():
        out[name] = _spread(function(own) for own in each.values())
    for name, of in _OF_MAKER.items():
        out[name] = _spread(of(panel, maker) for maker in makers)
    reach = np.array([len(own.orders()) for own in each.values()])
    out["penetration among category buyers"] = _spread(reach / buyers)
    out["penetration among households"] = _spread(reach / households)
    for number, (again, seen) in enumerate(zip(*by_number(each.values()), strict=True), 1):
        name = f"repeat within 90 days after order {number}"
        out[name + (" or later" if number == LAST else "")] = _share(int(again), int(seen))
    return out


def by_number(each: Iterable[Occasions]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return repeats within 90 days, and of how many orders, by number, pooled over makers."""
    counts = np.array([own.repeats_by_number() for own in each]).sum(axis=0)
    return counts[0], counts[1]


def profile(panel: Panel, makers: Sequence[int]) -> dict[str, float]:
    """Return what a market of these makers is to show: of the category, of each maker, pooled.

    Whatever is of other makers counts as of one more, so that a market in which one brand stands
    for them can be held against it. A purchase is a household's of a maker on a day.

    Parameters
    ----------
    panel
    makers
        Ids of the brands.

    Returns
    -------
    dict
        Numbers by name; NaN for repeat rates of fewer than 20 orders.
    """
    households, buyers = len(panel.households), len(np.unique(panel.household))
    out = {"penetration": buyers / households, "purchases per buyer": len(panel.day) / buyers}
    stays = _stays(panel)
    for maker in makers:
        own = panel.maker == maker
        reach = len(np.unique(panel.household[own]))
        out |= {
            f"{maker}: share of purchases": float(own.mean()),
            f"{maker}: penetration": reach / households,
            f"{maker}: purchases per buyer": own.sum() / reach if reach else np.nan,
            f"{maker}: buy no other": _sole(panel, maker) if reach else np.nan,
            f"{maker}: bought again next": stays.get(maker, np.nan),
        }
    again, seen = by_number([panel.of(maker) for maker in makers])
    for k in range(LAST):
        name = f"repeat within 90 days after order {k + 1}" + (" or later" if k + 1 == LAST else "")
        out[name] = again[k] / seen[k] if seen[k] >= FEWEST else np.nan
    return out


def _stays(panel: Panel) -> dict[int, float]:
    """Return for each maker the share of next occasions that are of it again."""
    household, maker = _main_makers(panel)
    pair = np.diff(household) == 0
    before, same = maker[:-1][pair], (np.diff(maker) == 0)[pair]
    makers, place = np.unique(before, return_inverse=True)
    share = np.bincount(place, same) / np.bincount(place)
    return dict(zip(makers.tolist(), share.tolist(), strict=True))


# -- of one maker's occasions -----------------------------------------------------------------------


def _repeat(days: int) -> Callable[[Occasions], float]:
    return lambda own: own.repeat().by(days)[0]


def _gap(share: float) -> Callable[[Occasions], float]:
    return lambda own: float(np.quantile(own.gaps, share)) if len(own.gaps) else np.nan


def _established(own: Occasions) -> float:
    """Return the share of buyers of the first days who bought again, of those days on."""
    first = own.first & (own.day < ESTABLISHED)
    if first.sum() < FEWEST:
        return np.nan
    wait = own.wait[first]
    return float(((wait >= 0) & (wait <= FOLLOWED)).mean())


_OF_OCCASIONS: dict[str, Callable[[Occasions], float]] = {
    "orders per buyer": lambda own: float(own.orders().mean()),
    "one-order share": lambda own: float((own.orders() == 1).mean()),
    **{f"repeat within {days} days": _repeat(days) for days in (30, 90, 180, 270)},
    "repeat within 330 days of early buyers": _established,
    "gap, quartile 1": _gap(0.25),
    "gap, median": _gap(0.5),
    "gap, quartile 3": _gap(0.75),
    "gap, corrected median": lambda own: own.survival().median(),
}


# -- of a maker among others ------------------------------------------------------------------------


def _by_household(panel: Panel, rows: NDArray[np.bool_] | slice = slice(None)) -> Floats:
    """Return what each household that bought spent."""
    spent = np.bincount(panel.household[rows], panel.spent[rows], minlength=1)
    return np.asarray(spent[spent > 0], float)


def _top(spent: Floats) -> float:
    """Return the share of revenue that the 20 % of buyers who spend the most bring."""
    ordered = np.sort(spent)[::-1]
    return float(ordered[: round(TOP * len(ordered))].sum() / ordered.sum())


def _earlier(panel: Panel, maker: int) -> float:
    """Return the share of the last quarter's revenue from orders after a household's first."""
    own = panel.maker == maker
    day, spent = panel.day[own], panel.spent[own]
    late, first = day >= LATE, np.diff(panel.household[own], prepend=-1) != 0
    return float(spent[late & ~first].sum() / spent[late].sum())


def _after_first(panel: Panel, maker: int) -> float:
    """Return the share of revenue from orders after a household's first of the year."""
    own = panel.maker == maker
    who, spent = panel.household[own], panel.spent[own]
    first = np.diff(who, prepend=-1) != 0  # purchases are by household and day
    return float(spent[~first].sum() / spent.sum())


def _requirements(panel: Panel, maker: int) -> float:
    """Return the maker's share of all that its buyers buy, in purchases."""
    own = panel.maker == maker
    theirs = np.isin(panel.household, panel.household[own])
    return float(own.sum() / theirs.sum())


def _sole(panel: Panel, maker: int) -> float:
    """Return the share of buyers who bought of no other maker."""
    own = np.unique(panel.household[panel.maker == maker])
    others = panel.household[panel.maker != maker]
    return float((~np.isin(own, others)).mean())


_OF_MAKER: dict[str, Callable[[Panel, int], float]] = {
    "revenue of the last quarter from earlier buyers": _earlier,
    "revenue after the first order of the year": _after_first,
    "share of category requirements": _requirements,
    "sole buyers": _sole,
    "revenue of the top 20 % of buyers": lambda panel, maker: _top(
        _by_household(panel, panel.maker == maker)
    ),
}


# -- of the category ----------------------------------------------------------------------------


def _main_makers(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return household and maker of each occasion: the one of whom most was bought that day."""
    order = np.lexsort((-panel.spent, panel.day, panel.household))
    household, day, maker = panel.household[order], panel.day[order], panel.maker[order]
    first = (np.diff(household, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0)
    return household[first], maker[first]


def same_maker(panel: Panel) -> float:
    """Return the share of occasions that are of the maker of the household's last occasion."""
    household, maker = _main_makers(panel)
    again = np.diff(household) == 0
    return float((np.diff(maker) == 0)[again].mean())


def _by_share(panel: Panel) -> float:
    """Return what that share would be if each occasion were of a maker by market share."""
    _, maker = _main_makers(panel)
    share = np.unique(maker, return_counts=True)[1] / len(maker)
    return float((share**2).sum())


# -- ends -----------------------------------------------------------------------------------------


def _only(value: float) -> Three:
    return value, np.nan, np.nan


def _spread(values: Iterator[float] | Floats) -> Three:
    """Return median, least and most; what is not defined for a maker is left out."""
    found = np.array(list(values), float)
    found = found[~np.isnan(found)]
    if not len(found):
        return np.nan, np.nan, np.nan
    return float(np.median(found)), float(found.min()), float(found.max())


def _share(part: int, whole: int) -> Three:
    """Return a share with its 95 % normal interval."""
    if not whole:
        return np.nan, np.nan, np.nan
    p = part / whole
    half = 1.96 * np.sqrt(p * (1 - p) / whole)
    return p, p - half, p + half


def _survival(occasions: Occasions) -> Three:
    """Return the Kaplan-Meier share within 90 days, with its 95 % interval."""
    share, se = occasions.repeat().by(WITHIN)
    return share, share - 1.96 * se, share + 1.96 * se
