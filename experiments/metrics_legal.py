"""Legal flags of distribution, by Chinese rules: reported for each run, 1 or 0, and never fixed.

Regulations on the prohibition of pyramid selling (2005), article 7; opinion of the Supreme Court,
Procuratorate and Ministry of Public Security (2013) on size and levels; regulations on direct
selling (2005), article 24. A flag says that a court could look, not how it would find.
"""

import numpy as np
from numpy.typing import NDArray

from experiments import downline
from experiments.metrics_distributors import distributors_joined, tree_depth
from experiments.records import Records
from experiments.registry import Numbers, metric, ratio

SEVERE_PEOPLE = 30
SEVERE_LEVELS = 3
PAY_LIMIT = 0.30


def _flag(raised: NDArray[np.bool_]) -> Numbers:
    return raised.astype(np.float64)


def _any(records: Records, field: str) -> Numbers:
    """Raise the flag of each brand of whose distributors one at least has some of `field`."""
    return _flag(records.per_brand(downline.brand(records), records.distributors[field] > 0) > 0)


@metric("pay for recruiting", "share of runs")
def legal_recruiting(records: Records) -> Numbers:
    """Legal flag: a distributor was paid for a person recruited (a recruit bonus vested).

    There is no other payment by the head; rewards for friends who buy are not for recruiting.
    """
    return _any(records, "bonus_cents")


@metric("entry fee", "share of runs")
def legal_fee(records: Records) -> Numbers:
    """Legal flag: a distributor paid a fee for joining."""
    return _any(records, "fee_cents")


@metric("stock to buy on entry", "share of runs")
def legal_stock(records: Records) -> Numbers:
    """Legal flag: distributors joined who had to buy goods to do so, a fee in disguise."""
    return _flag((records.first_stock > 0) & (distributors_joined(records) > 0))


@metric("pay from downline sales", "share of runs")
def legal_downline(records: Records) -> Numbers:
    """Legal flag: a distributor got a commission or peer bonus on what others below had sold."""
    return _any(records, "commission_cents")


@metric("30 people and 3 levels", "share of runs")
def legal_severe(records: Records) -> Numbers:
    """Legal flag, severe: 30 people or more, and 3 levels or more, in the brand's one tree.

    People are all who were ever distributors of the brand in the run, each once, at work at the
    same time or not; the brand itself is not among them. Levels are the deepest one, the brand's
    own counted: with 3, a distributor recruited by a distributor. Whoever has given up still counts
    in both.
    """
    brand, person = downline.brand(records), records.distributors["person"]
    pairs = np.unique(np.stack([brand, person.astype(np.int64)]), axis=1)
    people, levels = records.per_brand(pairs[0]), tree_depth(records) + 1
    return _flag((people >= SEVERE_PEOPLE) & (levels >= SEVERE_LEVELS))


def _overpaid(records: Records) -> NDArray[np.bool_]:
    limit = PAY_LIMIT * records.distributors["sales_cents"]
    return downline.gross_cents(records) > limit


@metric("distributors paid above 30 % of own sales", "share")
def overpaid_share(records: Records) -> Numbers:
    """Share of distributors whose pay of all kinds exceeds 30 % of their own retail sales.

    Pay is margin, commissions, peer and recruit bonuses; retail sales are at list price, less what
    was sent back. Who has sold nothing and got nothing is not above.
    """
    brand = downline.brand(records)
    return ratio(records.per_brand(brand, _overpaid(records)), records.per_brand(brand))


@metric("pay above 30 % of own sales", "share of runs")
def legal_pay(records: Records) -> Numbers:
    """Legal flag: some distributor's pay of all kinds exceeds 30 % of own retail sales.

    Raised by the margin alone where the lowest discount is above 30 % and anybody sells at list
    price.
    """
    return _flag(records.per_brand(downline.brand(records), _overpaid(records)) > 0)
