"""Follow a first purchase up on days 1, 3, 7 and n; after that, only remind.

Idea: ask before the buyer has to, and be there when the jar is nearly empty. Playbook rows 1-5.
Mechanism: touches cost labour; answered, they put a wrong address right before the parcel arrives,
replace what came broken, prevent and repair wrong use, and lift satisfaction with service; the
reminder brings a purchase forward. Every touch also tires, and the tired answer less and opt out.
Source: the 1-3-7-n practice of Chinese private-domain retailers.
"""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from sim.config.meanings import given_away
from sim.config.parameters import Param
from sim.strategies.interface import Does, Offer, ProductFacts, Strategy, Touch, TouchAccount

_PRACTICE = "1-3-7-n practice"
_ONCE = (1, 1)
_AGAIN = (2, None)


class ServiceFollowup(Strategy):
    """Follow a first purchase up on days 1, 3, 7 and n; after that, only remind."""

    rows: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5)
    account: ClassVar[TouchAccount] = "touches"
    draw_key: ClassVar[str] = "service_followup"
    parts: ClassVar[tuple[str, ...]] = (
        "confirm", "check", "ask_difficulties", "ask_effect", "remind_first", "remind"
    )  # fmt: skip

    confirm_day: int = Param(
        1,
        bounds=(1, 14),
        unit="days after order",
        doc="confirm the address",
        source=_PRACTICE,
        usual=(1, 7),
    )
    check_day: int = Param(
        3,
        bounds=(1, 30),
        unit="days after order",
        doc="ask about damage, explain use",
        source=_PRACTICE,
        usual=(1, 21),
    )
    difficulties_day: int = Param(
        7,
        bounds=(1, 60),
        unit="days after order",
        doc="ask about difficulties",
        source=_PRACTICE,
        usual=(1, 45),
    )
    slow_feedback_day: int = Param(
        14,
        bounds=(1, 120),
        unit="days after order",
        doc="ask about the effect of a slow-acting product; of others, with the difficulties",
        source=_PRACTICE,
        usual=(1, 90),
    )
    slow_from: int = Param(
        7,
        bounds=(0, 365),
        unit="days from order to effect",
        doc="a product is slow-acting if its effect shows after this",
        usual=(0, 180),
    )
    lead_days: float = Param(
        7.0,
        bounds=(0, 60),
        unit="days before depletion",
        doc="when to remind",
        source=_PRACTICE,
        usual=(0, 30),
    )
    coupon: float = Param(
        0.1,
        bounds=(0, 1),
        unit="share of price",
        doc="discount that comes with the reminder",
        usual=(0, 0.8),
        meaning=given_away,
    )
    coupon_days: int = Param(
        14, bounds=(1, 365), unit="days", doc="how long the coupon holds", usual=(1, 180)
    )
    prior_orders: float = Param(
        2.0,
        bounds=(0, 100),
        unit="orders",
        doc="weight of the nominal cycle in a buyer's own cycle",
        usual=(0, 50),
    )
    invite_posts: bool = Param(True, doc="invite posts together with feedback", source=_PRACTICE)
    automated: bool = Param(False, doc="send messages instead of having people call")
    follow: bool = Param(True, doc="follow first purchases up; if not, only remind (row 3)")
    confirm: bool = Param(True, doc="confirm the address")
    check: bool = Param(True, doc="ask about damage, explain use")
    ask_difficulties: bool = Param(True, doc="ask about difficulties")
    ask_effect: bool = Param(True, doc="ask about the effect of a slow-acting product")
    remind_first: bool = Param(
        True, doc="remind after the first order of a product, ask how it was"
    )
    remind: bool = Param(True, doc="remind after later orders")

    def journey(self, product: ProductFacts) -> Iterator[Touch]:
        """Yield the touches that follow an order of `product`."""
        human = not self.automated
        if self.follow:
            yield from self._follow_up(product, human)
        remind = partial(
            Touch,
            before_depletion=self.lead_days,
            human=human,
            offer=Offer(self.coupon, self.coupon_days) if self.coupon > 0 else None,
            prior_orders=self.prior_orders,
        )
        yield remind(
            "remind after the first order",
            Does.REMIND | Does.ASK_FEEDBACK,
            product_orders=_ONCE,
            draw_key="remind after the first order",
            part="remind_first",
        )
        yield remind("remind", Does.REMIND, product_orders=_AGAIN, draw_key="remind", part="remind")

    def _follow_up(self, product: ProductFacts, human: bool) -> Iterator[Touch]:
        feedback = Does.ASK_FEEDBACK | (Does.INVITE_POST if self.invite_posts else Does(0))
        slow = product.delivery_days + product.effect_days >= self.slow_from
        first = partial(Touch, product_orders=_ONCE, human=human)
        yield first(
            "confirm the address",
            Does.CONFIRM_ADDRESS,
            day=self.confirm_day,
            brand_orders=_ONCE,
            draw_key="confirm the address",
            part="confirm",
        )
        yield first(
            "check arrival, explain use",
            Does.CHECK_ARRIVAL | Does.EXPLAIN_USE,
            day=self.check_day,
            draw_key="check arrival, explain use",
            part="check",
        )
        yield first(
            "ask about difficulties",
            Does.ASK_DIFFICULTIES if slow else Does.ASK_DIFFICULTIES | feedback,
            day=self.difficulties_day,
            draw_key="ask about difficulties",
            part="ask_difficulties",
        )
        if slow:
            yield first(
                "ask about the effect",
                feedback,
                day=self.slow_feedback_day,
                draw_key="ask about the effect",
                part="ask_effect",
            )
