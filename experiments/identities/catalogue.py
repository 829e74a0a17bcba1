"""The identities, with metrics as their vocabulary.

Those of one year's books hold in any market in which a first order brings what other orders bring.
The others hold in a stationary market: as many new customers this year as last.
"""

from collections.abc import Mapping
from typing import NamedTuple

NEW = "1 - returning_revenue"
KEPT = "1 - refund_rate"
AGAIN = "1 - one_order_share"
COMPLEMENTS = {"returning_revenue": NEW, "refund_rate": KEPT, "one_order_share": AGAIN}
"""What a share leaves, for shares that enter identities in this way."""
_RATES = ("share_rate", "click_rate", "buy_rate")
SHARES = frozenset(
    (NEW, KEPT, AGAIN, "advertising_ratio", "penetration", "referred_share", "margin", *_RATES)
)
"""Quantities that are at most 1."""


class Identity(NamedTuple):
    """A product of powers of quantities that is 1, or at most 1.

    Attributes
    ----------
    name
        In words.
    powers
        Exponent by quantity: a metric; what one leaves of 1 (`COMPLEMENTS`); or what the market
        knows: `margin`, contribution per order before marketing over net revenue per order, and
        `entrants`, people who enter the category in a year over people in it.
    equal
        Whether it is 1; else at most 1.
    """

    name: str
    powers: Mapping[str, int]
    equal: bool = True


IDENTITIES = (
    # -- of one year's books
    Identity(
        "advertising / net revenue = CAC x (1 - returning revenue) / net revenue per order",
        {"advertising_ratio": 1, "advertising_cac": -1, NEW: -1, "aov": 1, KEPT: 1},
    ),
    Identity(
        "contribution per new customer = margin x net revenue per order / (1 - returning revenue)",
        {"contribution_per_new": 1, NEW: 1, "margin": -1, "aov": -1, KEPT: -1},
    ),
    Identity(
        "value : marginal CAC = contribution per new customer / marginal CAC",
        {"marginal_value_to_cac": 1, "marginal_cac": 1, "contribution_per_new": -1},
    ),
    Identity(
        "LTV : CAC = 12-month value / CAC",
        {"ltv_to_cac": 1, "cac": 1, "ltv": -1},
    ),
    Identity("advertising is part of CAC", {"advertising_cac": 1, "cac": -1}, False),
    Identity(
        "diminishing returns: marginal CAC is at least the average",
        {"advertising_cac": 1, "marginal_cac": -1},
        False,
    ),
    Identity(
        "new customers are among the buyers: returning revenue is at least 1 - 1 / orders per buyer",
        {"orders_per_buyer": 1, NEW: 1},
        False,
    ),
    Identity("quartiles ascend", {"gap_q1": 1, "gap_median": -1}, False),
    Identity("quartiles ascend", {"gap_median": 1, "gap_q3": -1}, False),
    Identity(
        "gaps that the year cuts off are not shorter",
        {"gap_median": 1, "gap_median_corrected": -1},
        False,
    ),
    # -- of a stationary market
    Identity(
        "12-month value is at most contribution per new customer",
        {"ltv": 1, "contribution_per_new": -1},
        False,
    ),
    Identity(
        "12-month value is at least that of the first order",
        {"margin": 1, "aov": 1, KEPT: 1, "ltv": -1},
        False,
    ),
    Identity(
        "nobody is won twice: new customers of a year are at most those who enter the category",
        {"penetration": 1, "orders_per_buyer": 1, NEW: 1, "entrants": -1},
        False,
    ),
    Identity(
        "referred share is at most share rate x friends per share x clicks x purchases x orders of a "
        "lifetime, each followed by an ask that is answered",
        {"referred_share": 1, NEW: 1, "share_rate": -1, "invitations_per_share": -1}
        | {"click_rate": -1, "buy_rate": -1},
        False,
    ),
)
"""The identities but one, which is no product: see `TWO_OR_MORE`."""
TWO_OR_MORE = "two or more orders = 1 - one order: orders per buyer is at least 2 - one-order share"
