"""What a brand can see, and what it can ask for: all that a strategy gets to work with.

A view holds copies of what crossed the counter: orders, payments, refunds, contacts, referrals,
answers to a survey. What customers feel (satisfaction, trust) is not in it, nor can be reached.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.strategy import Touch

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
            koc, distributor, referred (friends whose orders were kept), attended (courses),
            ask_from (first day on which recruiting may be tried again).
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
            If one of `people` is not a customer, or the brand does not sell the product.
        """
        if not np.isin(people, self.people).all():
            raise ValueError("a brand can only contact people who have ordered from it")
        if product is not None:
            self._sells(product)
        if len(people):
            self._note("send", touch, np.array(people, np.int64), product)

    def _sells(self, product: str) -> None:
        if product not in self.products:
            raise ValueError(f"{self.brand} sells {', '.join(self.products)}, not {product}")

    def set_price(self, product: str, price: float) -> None:
        """Set the price of a product from tomorrow on, in CNY.

        Raises
        ------
        ValueError
            If the price is negative or the brand does not sell the product.
        """
        self._sells(product)
        if not 0 <= price < 1e7:
            raise ValueError(f"price must be between 0 and 1e7 (got {price})")
        self._note("set_price", product, price)

    def set_advertising(self, spend: float) -> None:
        """Set advertising from tomorrow on, in CNY per 1,000 people per day.

        Raises
        ------
        ValueError
            If it is negative.
        """
        if not 0 <= spend < 1e9:
            raise ValueError(f"spend must be between 0 and 1e9 (got {spend})")
        self._note("set_advertising", spend)

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
            If `share` is not between 0 and 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share must be between 0 and 1 (got {share})")
        self._note("survey", share)

    def _note(self, verb: str, *arguments: Any) -> None:
        self.commands.append(Command(verb, arguments))
