"""What a brand can see, and what it can ask for: all that a strategy gets to work with.

A view holds copies of what crossed the counter: orders, payments, refunds, contacts, referrals,
answers to a survey. What customers feel (satisfaction, trust) is not in it, nor can be reached.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.config.scalars import number
from sim.strategies.interface import Touch
from sim.terms import MOST

Answers = tuple[NDArray[np.int64], NDArray[np.float64]]
NO_ANSWERS: Answers = (np.zeros(0, np.int64), np.zeros(0))


class Command(NamedTuple):
    """Something that a strategy wants done: `sim.market` does it when `decide` has returned."""

    verb: str
    arguments: tuple[Any, ...]


class BrandView:
    """A brand's own records on one day, and its levers.

    It holds copies and nothing else: no market can be reached from it. What a strategy asks for is
    noted in `commands`, and done once it has decided.

    Parameters
    ----------
    brand
        Name of the brand.
    products
        Names of what it sells.
    people : int64[k]
        Whoever has ordered from it.
    records : mapping of str to structured array
        What the strategy says that it `reads`, from

        customers
            One row for each person with an order: person, orders, first_day, last_day, opted_out,
            and what mechanisms let brands see: koc, distributor, referred (friends whose orders
            were kept), attended (courses), ask_from (first day on which recruiting may be tried
            again).
        orders
            day, person, product, units, nth, list_cents, paid_cents, arrived_day, refunded.
        invitations
            Under its referral programmes: referrer, friend, day, clicked_day, order, vested_day,
            void.
        distributors
            At work or not: person, joined_day, quit_day, level, sales_cents, stock_cents, recruits.
    answers : (int64[k], float64[k])
        Who answered the last survey that this strategy asked for, and how satisfied, 0 to 1, noisy.
    """

    def __init__(
        self,
        brand: str,
        products: tuple[str, ...],
        people: NDArray[np.int64],
        records: Mapping[str, NDArray[np.void]],
        answers: Answers = NO_ANSWERS,
    ) -> None:
        self.brand, self.products, self.people = brand, products, people
        self.answers = answers
        self.commands: list[Command] = []
        self._records = dict(records)

    def __getattr__(self, name: str) -> NDArray[np.void]:
        records = self.__dict__.get("_records", {})
        if name in records:
            return records[name]
        raise AttributeError(f"{name!r} is not among what this strategy reads: {list(records)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._records]

    def send(self, touch: Touch, people: NDArray[np.integer], product: str | None = None) -> None:
        """Send a touch to customers tomorrow; who is not in the audience, or opted out, gets none.

        Parameters
        ----------
        touch
            What to send; its day and its order filters are not looked at.
        people : int[k]
            Customers, as in `people`.
        product
            What a reminder is about.

        Raises
        ------
        ValueError
            If `touch` is no touch, `people` are no row of whole numbers (a mask of truth values is
            none), one of them is not a customer, or the brand does not sell the product.
        """
        if not isinstance(touch, Touch):
            raise ValueError(f"only a Touch can be sent (got {touch!r})")
        people = _rows(people)
        if not np.isin(people, self.people).all():
            raise ValueError("a brand can only contact people who have ordered from it")
        if product is not None:
            self._sells(product)
        if len(people):
            self._note("send", touch, people, product)

    def _sells(self, product: str) -> None:
        if product not in self.products:
            raise ValueError(f"{self.brand} sells {', '.join(self.products)}, not {product}")

    def set_price(self, product: str, price: float) -> None:
        """Set the price of a product from tomorrow on, in CNY.

        Whichever strategy of a brand sets a price first, be it from day 0 on, alone may change it.

        Raises
        ------
        ValueError
            If the price is no number from 0 to 1e7, or the brand does not sell the product.
        """
        self._sells(product)
        self._note("set_price", product, number("price", price, 0, MOST))

    def set_advertising(self, spend: float) -> None:
        """Set advertising from tomorrow on, in CNY per 1,000 people per day.

        Whichever strategy of a brand sets it first alone may change it.

        Raises
        ------
        ValueError
            If it is no number from 0 to 1e9.
        """
        self._note("set_advertising", number("spend", spend, 0, 1e9))

    def survey(self, share: float = 0.1) -> None:
        """Ask a random share of customers how satisfied they are; they answer in `answers`.

        Parameters
        ----------
        share
            Of customers who have not opted out, 0 to 1. The answers are there the next time that
            the strategy decides.

        Raises
        ------
        ValueError
            If `share` is no number from 0 to 1.
        """
        self._note("survey", number("share", share, 0, 1))

    def _note(self, verb: str, *arguments: Any) -> None:
        self.commands.append(Command(verb, arguments))


def _rows(people: object) -> NDArray[np.int64]:
    """Return rows of people; truth values would be taken for the people 0 and 1."""
    rows = np.asarray(people)
    if rows.ndim != 1 or (rows.size and not np.issubdtype(rows.dtype, np.integer)):
        raise ValueError(f"people must be a row of whole numbers (got {rows.dtype}{rows.shape})")
    return rows.astype(np.int64)
