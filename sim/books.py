"""Accounts, postings, and the daily balance. Money moves here and nowhere else.

Every posting debits one account and credits another by the same number of cents, so each brand's
accounts sum to nothing at the end of every day. Income and costs are kept a second time per
customer; `Books.audit` holds the two against each other.
"""

from enum import IntEnum
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.accounts import Line, accounts, named
from sim.engine.kernels import rule

_LINES = tuple(account.line for account in accounts().values())
Account = cast(Any, IntEnum("Account", {name: k for k, name in enumerate(accounts())}))
"""A brand's accounts, as the core and all installed mechanisms declare them (`sim.accounts`)."""

ACCOUNTS = tuple(name.lower() for name in accounts())
"""Names of the accounts; the order is the last axis of `Books.daily`."""

REDUCTIONS = named(Line.REDUCTION)
"""What lies between gross sales and net revenue."""
COSTS = named(Line.COST)
"""What lies between net revenue and contribution profit."""
_LAST_REDUCTION = max(k for k, line in enumerate(_LINES) if line <= Line.REDUCTION)
_LAST_COST = max(k for k, line in enumerate(_LINES) if line <= Line.COST)
_CREDIT = (Line.SALES, Line.OWED, Line.APART)
# Income and what is owed show their credit balance as positive, all others their debit balance.
_NATURAL = np.array([-1 if line in _CREDIT else 1 for line in _LINES], np.int64)


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
    relationship = w.relationships[person, brand]
    relationship.net_cents += _net(debit, cents) - _net(credit, cents)
    relationship.cost_cents += _cost(debit, cents) - _cost(credit, cents)
    if relationship.in_base:
        w.ledger[1, brand, debit] += cents
        w.ledger[1, brand, credit] -= cents


@rule
def _net(account, cents):
    return -cents if account <= _LAST_REDUCTION else 0


@rule
def _cost(account, cents):
    return cents if _LAST_REDUCTION < account <= _LAST_COST else 0


@rule
def net_revenue_today(w, b):
    """Return what brand `b` has taken today, less all reductions, in cents."""
    total = 0
    for account in range(_LAST_REDUCTION + 1):
        total -= w.ledger[0, b, account]
    return total


def _total(daily: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.int64]:
    return daily[..., [ACCOUNTS.index(name) for name in names]].sum(axis=-1)


def net_revenue(daily: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gross sales less all reductions: discounts, coupons, refunds, others' margins.

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


_CONTRIBUTES = contribution(np.eye(len(ACCOUNTS), dtype=np.int64))
"""int64[accounts]: sign with which an account enters the contribution; `contribution`, if often."""


class Books:
    """A market's books: what each brand took and spent on each day.

    Parameters
    ----------
    days, continuation
        Lengths of the run and of its terminal period, in days.
    brands
        Number of brands.
    """

    def __init__(self, days: int, terminal_period: int, brands: int) -> None:
        self._main = np.zeros((days, brands, len(ACCOUNTS)), np.int64)
        self._terminal = np.zeros((terminal_period, brands, len(ACCOUNTS)), np.int64)
        self._unallocated = np.zeros(brands, np.int64)
        self.closed = 0
        self.closed_terminal = 0

    @property
    def daily(self) -> NDArray[np.int64]:
        """int64[days so far, brands, accounts]: cents per day, positive in natural direction."""
        return self._main[: self.closed]

    @property
    def terminal(self) -> NDArray[np.int64]:
        """int64[days so far, brands, accounts]: the terminal period, of customers held only."""
        return self._terminal[: self.closed_terminal]

    @property
    def unallocated(self) -> NDArray[np.int64]:
        """int64[brands]: costs that belong to no customer in particular, in cents."""
        return self._unallocated

    def settle(self, ledger: NDArray[np.int64], in_terminal_period: bool) -> None:
        """Close a day: check the balance, keep the day's amounts, and clear the ledger.

        Raises
        ------
        BooksError
            If a brand's debits and credits of the day differ.
        """
        if ledger.sum(axis=-1).any():
            raise BooksError(f"debits and credits differ by {ledger.sum(axis=-1).tolist()} cents")
        natural = ledger * _NATURAL
        if in_terminal_period:
            self._terminal[self.closed_terminal] = natural[1]
            self.closed_terminal += 1
        else:
            if self.closed == len(self._main):
                self._main = np.concatenate([self._main, np.zeros_like(self._main)])
            self._main[self.closed] = natural[0]
            self._unallocated -= natural[2] @ _CONTRIBUTES
            self.closed += 1
        ledger[:] = 0

    def audit(self, relationships: NDArray[np.void]) -> None:
        """Check that customers' values and the unallocated row add up to each brand's profit.

        Parameters
        ----------
        relationships : RELATIONSHIP[people, brands]
            With their `net_cents` and `cost_cents` since day 0.

        Raises
        ------
        BooksError
            If they do not.
        """
        customers = (relationships["net_cents"] - relationships["cost_cents"]).sum(axis=0)
        profit = contribution(self.daily.sum(axis=0))
        if (customers - self._unallocated != profit).any():
            raise BooksError(
                f"customers {customers.tolist()} less unallocated {self._unallocated.tolist()} "
                f"cents are not the profit {profit.tolist()}"
            )
