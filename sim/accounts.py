"""Accounts: what a brand's books are kept in, as the core and the mechanisms declare them.

The columns of the books are in the order of the statement of profit and loss: line by line, and
within a line first what the core declares, then what mechanisms do, in their order. A column moves
when a mechanism is installed, so whatever is stored or compared goes by the account's name.
"""

from enum import Enum, IntEnum
from functools import cache
from typing import NamedTuple

from sim.mechanisms import together


class Line(IntEnum):
    """Where an account stands in the statement, or beside it."""

    SALES = 0
    REDUCTION = 1
    """Between gross sales and net revenue."""
    COST = 2
    """Between net revenue and contribution profit."""
    OWNED = 3
    OWED = 4
    APART = 5
    """Taken in, but neither revenue nor profit."""


class Aim(Enum):
    """What money is given away or paid for. What selling takes in any case has no aim."""

    ACQUISITION = "to win customers"
    REWARDS = "to those who bring customers"
    RETENTION = "to have customers buy again"
    SELLING = "to those who sell"
    TRAINING = "to train those who sell"


class AccountLine(NamedTuple):
    """An account, as it is declared.

    Attributes
    ----------
    line
        Its line of the statement.
    aim
        What is spent on it is spent for this; None if the brand has no choice, or it is a balance.
    verbs
        Flags of `Does`: touches that do one of them are booked here unless their sender names an
        account. None: no touch can be booked here.
    label
        What readers are shown, if not the account's name.
    """

    line: Line
    aim: Aim | None = None
    verbs: int | None = None
    label: str = ""


OTHER_TOUCHES = "touches"
"""Account of the touches whose sender names none, and that no mechanism books elsewhere."""
ACCOUNTS = {
    "GROSS_SALES": AccountLine(Line.SALES),
    # price cuts, and what a role takes off the price for good
    "DISCOUNTS": AccountLine(Line.REDUCTION, Aim.RETENTION),
    "COUPONS": AccountLine(Line.REDUCTION, Aim.RETENTION),
    "REFUNDS": AccountLine(Line.REDUCTION),
    "COST_OF_GOODS": AccountLine(Line.COST),
    "SHIPPING": AccountLine(Line.COST),
    # contacts that keep customers, with their gifts and events
    "TOUCHES": AccountLine(Line.COST, Aim.RETENTION, verbs=0),
    "ACQUISITION": AccountLine(Line.COST, Aim.ACQUISITION, label="advertising"),
    "CASH": AccountLine(Line.OWNED),
    # accruals: accepted, neither paid nor void
    "REWARDS_PENDING": AccountLine(Line.OWED),
}
"""The accounts of the core."""


@cache
def accounts() -> dict[str, AccountLine]:
    """Return all accounts by name, in the order of their columns.

    Raises
    ------
    ValueError
        If two declare the same account; both are named.
    """
    declared = together("ACCOUNTS", ACCOUNTS)
    return dict(sorted(declared.items(), key=lambda item: item[1].line))


def named(*lines: Line) -> tuple[str, ...]:
    """Return the names of the accounts on some lines, in order, as results have them."""
    return tuple(name.lower() for name, account in accounts().items() if account.line in lines)


def spent_on(*aims: Aim) -> tuple[str, ...]:
    """Return the names of the accounts of what is spent for some aims."""
    return tuple(name.lower() for name, account in accounts().items() if account.aim in aims)


@cache
def touch_accounts() -> dict[str, int]:
    """Return the accounts to which a sender may book a touch: the verbs booked there, by name."""
    every = accounts().items()
    return {name.lower(): int(a.verbs) for name, a in every if a.verbs is not None}
