"""Sell a pass that is paid for once and drawn down slowly, on the premises: 101 drinks for 20.18.

Idea: the price is a headline, the drinks bring people back a hundred times, and they do not come
alone. Playbook row 35.
Mechanism: at an order, who has no pass may buy one: the more it saves and the more they trust the
brand, the likelier. The cash is a liability until it is drawn. A holder weighs the product at what
a unit is worth on the pass, is drawn by what is paid for already, brings company, and talks.
Source: price and number of units are an example of the practitioners' playbook, a bar that sold 101
beers for 20.18 CNY. No published account of it was found, so they count as assumptions.
"""

from collections.abc import Iterator
from typing import ClassVar

from sim.config.parameters import Param
from sim.mechanisms.prepaid.terms import Prepaid
from sim.strategies.interface import Strategy

_PLAYBOOK = "assumption: an example of the practitioners' playbook"


class PrepaidPass(Strategy):
    """Sell a pass that is paid for once and drawn down slowly, on the premises."""

    rows: ClassVar[tuple[int, ...]] = (35,)
    draw_key: ClassVar[str] = "prepaid_pass"

    product: str | None = Param(
        None, unit="product", doc="that it is good for; none: the brand's first"
    )
    price: float = Param(
        20.18,
        bounds=(0.01, 1_000_000),
        unit="CNY",
        doc="of the pass, paid at once",
        source=_PLAYBOOK,
        usual=(1, 10_000),
    )
    units: int = Param(
        101,
        bounds=(1, 100_000),
        unit="packs",
        doc="that the pass is good for",
        source=_PLAYBOOK,
        usual=(2, 1000),
    )

    def programmes(self) -> Iterator[Prepaid]:
        """Yield the pass."""
        yield Prepaid(self.product, self.price, self.units)
