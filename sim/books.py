"""Accounts, postings, and the daily balance. Money moves here and nowhere else.

Every posting debits one account and credits another by the same number of cents, so each brand's
accounts sum to nothing at the end of every day. Income and costs are kept a second time per
customer; `Books.audit` holds the two against each other.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import rule


class Account(IntEnum):
    """A brand's accounts: income and what reduces it, costs, what is owned and owed, and fees."""

    GROSS_SALES = 0
    DISCOUNTS = 1
    COUPONS = 2
    FRIEND_DISCOUNTS = 3
    """What friends invited under a referral programme get off their first order."""
    REFUNDS = 4
    RESELLER_MARGINS = 5
    """What distributors keep of what people pay them."""
    COST_OF_GOODS = 6
    SHIPPING = 7
    TOUCHES = 8
    """Contacts that keep customers, with their gifts and events."""
    ACQUISITION = 9
    """Advertising."""
    REFERRAL_ASKS = 10
    """Contacts that ask customers for friends."""
    REFERRAL_CASH = 11
    REFERRAL_GOODS = 12
    REFERRAL_POINTS = 13
    POINTS_BREAKAGE = 14
    """Cost of points taken back when they expire: never above zero."""
    REFERRAL_HONOUR = 15
    """Honours of a referral programme, and the events for those who have them."""
    RECRUITING = 16
    """Contacts that ask customers to become distributors."""
    COMMISSIONS = 17
    RECRUIT_BONUSES = 18
    PEER_BONUSES = 19
    TRAINING = 20
    """Courses for those who might sell, the contacts included."""
    CASH = 21
    POINTS_OWED = 22
    REWARDS_PENDING = 23
    CHANNEL_DEPOSITS = 24
    """Sell-in: what distributors have paid for stock not yet resold; no revenue."""
    JOINING_FEES = 25
    """Shown apart: neither revenue nor profit."""


ACCOUNTS = tuple(account.name.lower() for account in Account)
"""Names of the accounts; the order is the last axis of `Books.daily`."""

_LAST_REDUCTION = int(Account.RESELLER_MARGINS)
_LAST_COST = int(Account.TRAINING)
REDUCTIONS = ACCOUNTS[1 : _LAST_REDUCTION + 1]
"""What lies between gross sales and net revenue."""
COSTS = ACCOUNTS[_LAST_REDUCTION + 1 : _LAST_COST + 1]
"""What lies between net revenue and contribution profit."""
_CREDIT = frozenset(
    {"gross_sales", "points_owed", "rewards_pending", "channel_deposits", "joining_fees"}
)
# Income and what is owed show their credit balance as positive, all others their debit balance.
_NATURAL = np.array([-1 if name in _CREDIT else 1 for name in ACCOUNTS], np.int64)


def cents(cny: float) -> int:
    """Return an amount of CNY in integer cents."""
    return round(cny * 100)


class BooksError(AssertionError):
    """The books of a day do not balance: a defect of the program, never of a user's file."""


@rule
def post(w, person, brand, debited, credited, cents):
    """Move `cents` from one account of a brand to another, for one customer.

    Parameters
    ----------
    w : World
        State of the market.
    person : int
        Row of the customer, or -1 for a cost that is nobody's in particular.
    brand : int
        Index of the brand.
    debited, credited : Account
    cents : int
        Amount, in cents.
    """
    debit, credit = debited + 0, credited + 0  # numba indexes by integers only
    w.ledger[0, brand, debit] += cents
    w.ledger[0, brand, credit] -= cents
    if person < 0:
        w.ledger[2, brand, debit] += cents
        w.ledger[2, brand, credit] -= cents
        return
    bond = w.bonds[person, brand]
    bond.net_cents += _net(debit, cents) - _net(credit, cents)
    bond.cost_cents += _cost(debit, cents) - _cost(credit, cents)
    if bond.held:
        w.ledger[1, brand, debit] += cents
        w.ledger[1, brand, credit] -= cents


@rule
def _net(account, cents):
    return -cents if account <= _LAST_REDUCTION else 0


@rule
def _cost(account, cents):
    return cents if _LAST_REDUCTION < account <= _LAST_COST else 0


def _total(daily: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.int64]:
    return daily[..., [ACCOUNTS.index(name) for name in names]].sum(axis=-1)


def net_revenue(daily: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return sales less discounts, coupons, friends' discounts, refunds, distributors' margins.

    Parameters
    ----------
    daily : int64[..., accounts]
        Amounts per account, in cents, as in `Books.daily`.

    Returns
    -------
    int64[...]
        Cents.
    """
    return daily[..., Account.GROSS_SALES] - _total(daily, REDUCTIONS)


def contribution(daily: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return net revenue less all costs: goods, shipping, contacts, advertising, rewards, pay.

    Parameters and result are shaped as in `net_revenue`.
    """
    return net_revenue(daily) - _total(daily, COSTS)


class Books:
    """A market's books: what each brand took and spent on each day.

    Parameters
    ----------
    days, continuation
        Lengths of the run and of its continuation, in days.
    brands
        Number of brands.
    """

    def __init__(self, days: int, continuation: int, brands: int) -> None:
        self._main = np.zeros((days, brands, len(ACCOUNTS)), np.int64)
        self._held = np.zeros((continuation, brands, len(ACCOUNTS)), np.int64)
        self._unallocated = np.zeros(brands, np.int64)
        self.closed = 0
        self.closed_held = 0

    @property
    def daily(self) -> NDArray[np.int64]:
        """int64[days so far, brands, accounts]: cents per day, positive in natural direction."""
        return self._main[: self.closed]

    @property
    def held(self) -> NDArray[np.int64]:
        """int64[days so far, brands, accounts]: the continuation, of customers held only."""
        return self._held[: self.closed_held]

    @property
    def unallocated(self) -> NDArray[np.int64]:
        """int64[brands]: costs that belong to no customer in particular, in cents."""
        return self._unallocated

    def settle(self, ledger: NDArray[np.int64], continuing: bool) -> None:
        """Close a day: check the balance, keep the day's amounts, and clear the ledger.

        Raises
        ------
        BooksError
            If a brand's debits and credits of the day differ.
        """
        if ledger.sum(axis=-1).any():
            raise BooksError(f"debits and credits differ by {ledger.sum(axis=-1).tolist()} cents")
        natural = ledger * _NATURAL
        if continuing:
            self._held[self.closed_held] = natural[1]
            self.closed_held += 1
        else:
            if self.closed == len(self._main):
                self._main = np.concatenate([self._main, np.zeros_like(self._main)])
            self._main[self.closed] = natural[0]
            self._unallocated -= contribution(natural[2])
            self.closed += 1
        ledger[:] = 0

    def audit(self, bonds: NDArray[np.void]) -> None:
        """Check that customers' values and the unallocated row add up to each brand's profit.

        Parameters
        ----------
        bonds : BOND[people, brands]
            With their `net_cents` and `cost_cents` since day 0.

        Raises
        ------
        BooksError
            If they do not.
        """
        customers = (bonds["net_cents"] - bonds["cost_cents"]).sum(axis=0)
        profit = contribution(self.daily.sum(axis=0))
        if (customers - self._unallocated != profit).any():
            raise BooksError(
                f"customers {customers.tolist()} less unallocated {self._unallocated.tolist()} "
                f"cents are not the profit {profit.tolist()}"
            )
