"""Metrics of distributors: who joins and stays, what they sell, what they earn.

A distributor is one engagement: who gives up and later joins again counts twice.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import curves, downline
from experiments.customer_base import gini
from experiments.records import MONTH, Records
from experiments.registry import Numbers, flow, metric, ratio

YEAR = 365


def _count(records: Records, rows: NDArray[np.bool_]) -> Numbers:
    return records.per_brand(downline.brand(records)[rows])


def _sum(records: Records, values: NDArray[np.int64]) -> Numbers:
    return records.per_brand(downline.brand(records), values)


def _each(
    records: Records,
    values: NDArray[np.int64],
    function: Callable[[NDArray[np.int64]], float],
) -> Numbers:
    """Return `function` of the values of each brand's distributors; NaN for a brand without any."""
    own = [values[downline.brand(records) == b] for b in range(len(records.brands))]
    return np.array([function(some) if len(some) else np.nan for some in own])


# -- coming and going -----------------------------------------------------------------------------


@flow("recruiting talks", "times")
def recruiting_talks(records: Records) -> NDArray[np.int64]:
    """Return how often somebody was asked to join, by brand or distributor, eligible or not."""
    return records.counted("recruiting_talks")


@metric("acceptance rate", "share")
def acceptance_rate(records: Records) -> Numbers:
    """Share of those eligible who joined when asked: joined over joined and refused.

    Talks to people who are not eligible, or within the time of an earlier refusal, do not count.
    """
    joined = distributors_joined(records)
    return ratio(joined, joined + records.count("recruiting_refused"))


@flow("distributors joined", "people")
def distributors_joined(records: Records) -> NDArray[np.int64]:
    """Distributors who began in the run."""
    return records.counted("joins")


@metric("distributors at work at the end", "people")
def distributors_active(records: Records) -> Numbers:
    """Distributors who had not given up by the last day of the run."""
    return _count(records, ~downline.ended(records))


@metric("distributors who sell", "share")
def distributor_active_rate(records: Records) -> Numbers:
    """Share of the distributors at work at the end who sold something in the run's last 30 days."""
    at_work = ~downline.ended(records)
    late = records.orders["seller"][records.between(records.days - MONTH, records.days)]
    sold = np.isin(np.arange(len(at_work)), late)
    return ratio(_count(records, at_work & sold), _count(records, at_work))


@metric("annual turnover", "per year")
def distributor_turnover(records: Records) -> Numbers:
    """Distributors who gave up, per year that one of them was at work."""
    years = _sum(records, downline.days_at_work(records)) / YEAR
    return ratio(_count(records, downline.ended(records)), years)


@metric("median time at work", "days")
def distributor_tenure(records: Records) -> Numbers:
    """First day since joining by which half had given up: the median of Kaplan-Meier.

    It allows for those still at work at the end. NaN if more than half stayed as long as could be
    observed.
    """
    rows = pd.DataFrame(curves.tenure(records))
    found = np.full(len(records.brands), np.nan)
    for b in rows["brand"].unique():
        left = curves.survival(rows[rows["brand"] == b])["survival"]
        found[b] = left.index.to_series()[left <= 0.5].min()
    return found


@metric("deepest level", "levels")
def tree_depth(records: Records) -> Numbers:
    """Levels of distributors below the brand.

    1 if it recruited all of them itself, 0 if there are none.
    """
    found = np.zeros(len(records.brands))
    np.maximum.at(found, downline.brand(records), downline.level(records))
    return found


# -- selling --------------------------------------------------------------------------------------


@metric("resale share of orders", "share")
def resale_orders(records: Records) -> Numbers:
    """Share of the run's orders that a distributor sold; their own purchases are not among them."""
    own = records.own
    sold = records.brand[own & (records.orders["seller"] >= 0)]
    return ratio(records.per_brand(sold), records.per_brand(records.brand[own]))


@metric("resale share of net revenue", "share")
def resale_revenue(records: Records) -> Numbers:
    """Share of net revenue, of the run's orders, that came by way of distributors.

    Net revenue of a resale is what the distributor had paid for the goods: it counts when a person
    buys them.
    """
    own = records.own
    sold = own & (records.orders["seller"] >= 0)
    through, all_of_it = (
        records.per_brand(records.brand[rows], records.net_cents[rows]) for rows in (sold, own)
    )
    return ratio(through, all_of_it)


@metric("retail sales of distributors", "CNY")
def retail_sales(records: Records) -> Numbers:
    """Sales of distributors to others than themselves, at list price, less what was sent back."""
    return _sum(records, records.distributors["sales_cents"]) / 100


@metric("payout", "share of retail sales")
def payout(records: Records) -> Numbers:
    """Margins, commissions, peer and recruit bonuses earned, over retail sales of distributors."""
    earned = _sum(records, downline.gross_cents(records)) / 100
    return ratio(earned, retail_sales(records))


@metric("unsold stock at list price", "CNY")
def unsold_stock(records: Records) -> Numbers:
    """Stock that distributors, those who gave up included, held at the end, at list price."""
    return _sum(records, records.distributors["stock_cents"]) / 100


@metric("sell-in not resold", "CNY")
def sell_in(records: Records) -> Numbers:
    """Money that distributors had paid by the end for stock nobody has bought: no revenue.

    It is the change of channel deposits over the run: stock bought less stock resold or taken back,
    at what was paid for it.
    """
    return records.total("channel_deposits") / 100


@flow("joining fees", "CNY")
def joining_fees(records: Records) -> NDArray[np.int64]:
    """Return what people paid to become distributors: neither revenue nor profit here."""
    return records.account("joining_fees")


@flow("training", "CNY")
def training_cost(records: Records) -> NDArray[np.int64]:
    """Return what salons and courses for those who might sell cost, with contacts."""
    return records.account("training")


@flow("cost of recruiting", "CNY")
def recruiting_cost(records: Records) -> NDArray[np.int64]:
    """Return what contacts that ask customers to become distributors cost: acquisition."""
    return records.account("recruiting")


# -- earning --------------------------------------------------------------------------------------


@metric("median net earnings", "CNY per distributor")
def net_earnings(records: Records) -> Numbers:
    """Median over distributors of what the whole engagement, so far, has brought in.

    Margins, commissions, peer and recruit bonuses, less joining fee and what was paid for stock
    still unsold. Time is not counted, nor what one saves on one's own purchases.
    """
    return _each(records, downline.net_cents(records), lambda x: float(np.median(x))) / 100


@metric("distributors who earned nothing net", "share")
def net_losers(records: Records) -> Numbers:
    """Share of distributors whose net earnings, as in their median, are zero or below."""
    return _each(records, downline.net_cents(records), lambda x: float((x <= 0).mean()))


@metric("Gini of gross earnings", "ratio")
def earnings_gini(records: Records) -> Numbers:
    """Gini coefficient over distributors of margins, commissions and bonuses, before costs.

    0 if all earn the same, near 1 if one earns all; NaN if nobody earned anything.
    """
    return _each(records, downline.gross_cents(records), lambda x: gini(np.sort(x)))
