"""A strategy that uses every lever there is, so that what strategies see and do is compared.

It is no strategy to be found: nobody else is to know of it, so its name is taken out again.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.config.parameters import Param
from sim.mechanisms.referral.terms import Referral
from sim.strategies import interface as strategy
from sim.strategies.interface import Does, Offer, ProductFacts, Strategy, Touch
from sim.terms import Price


class Meddler(Strategy):
    """Look at everything, and do a little of everything about it."""

    period: int = Param(3, bounds=(0, 100), unit="days", doc="between two looks")
    price: float | None = Param(None, doc="of its first product, from day 0")
    prior_orders: float = Param(0.0, bounds=(0, 10), doc="of its reminder")
    cash: float | None = Param(None, doc="of a second referral programme")
    recruits: bool = Param(False, doc="whether it runs courses and pitches")

    @property
    def every(self) -> int:
        return self.period

    def terms(self, product: ProductFacts) -> Iterator[Price]:
        if self.price is not None:
            yield Price(product.name, self.price)

    def programmes(self) -> Iterator[Referral]:
        if self.cash is not None:
            yield Referral(cash=self.cash, friend_discount=0.2, vest_days=2, valid_days=9)

    def journey(self, product: ProductFacts) -> Iterator[Touch]:
        wrong = Does.CHECK_ARRIVAL | Does.ASK_DIFFICULTIES
        yield Touch("mend", wrong, day=product.delivery_days + product.effect_days + 1.5)
        yield Touch(
            "sell",
            Does.SELL,
            day=2,
            human=False,
            brand_orders=(2, 4),
            product_orders=(1, 3),
            offer=Offer(0.25, days=0),
        )
        yield Touch(
            "remind", Does.REMIND, before_depletion=2.5, prior_orders=self.prior_orders, human=False
        )

    def decide(self, view: Any, day: int) -> None:
        who, felt = view.answers
        view.survey(0.4)
        customers, orders = view.customers, view.orders
        view.set_advertising(float(len(orders) % 7) * 20)
        back = int(orders["refunded"].sum()) + int(view.invitations["void"].sum())
        paid = float(orders["paid_cents"].mean()) / 100 if len(orders) else 10.0
        view.set_price(view.products[-1], round(paid * (0.9 + 0.05 * (back % 5)), 2))
        sorry = Touch("sorry", Does.ASK_FEEDBACK, day=0, offer=Offer(0.15, 3), cost=1.25)
        view.send(sorry, who[felt < 0.5])
        late = customers["person"][customers["last_day"] < day - 8]
        view.send(Touch("miss you", Does.REMIND | Does.SELL, day=0), late, view.products[0])
        stars = customers["person"][customers["referred"] + customers["orders"] > 2]
        honour = "status_rewards" if self.recruits else "touches"
        feast = Does.DELIGHT | Does.INVITE_FRIENDS
        view.send(Touch("feast", feast, day=0, cost=2, account=honour), stars)
        if self.recruits:
            busy = np.isin(customers["person"], view.distributors["person"])
            ready = customers["ask_from"] <= day
            view.send(Touch("course", Does.CULTIVATE, day=0, cost=0.5), customers["person"][~busy])
            view.send(Touch("pitch", Does.PITCH, day=0), customers["person"][ready])


strategy._REGISTERED.pop(Meddler.key())
