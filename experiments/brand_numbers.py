"""Numbers that every shop knows of its brand, and the targets that they are."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

from experiments.errors import UsageError

FACTOR = 1.3
"""Tolerance of a number: of an amount, value / factor to value x factor; of a share, of its odds."""
PRICES = (0.01, 1e7)
"""CNY: within this are prices of a market."""
SHARES = {
    "repeat": ("repeat_rate", "new customers who order again within 90 days of their first order"),
    "one_order": ("one_order_share", "buyers of a year with one order in it"),
    "churn": ("retention", "buyers of a year who do not order in the next"),
    "refunds": ("refund_rate", "orders that are refunded"),
}
"""By name: the metric, and what the number is a share of. Of churn the metric is what is left."""
OPTIONS = {"one_order": "--one-order"}


def option(name: str) -> str:
    """Return what a number is called on the command line."""
    return OPTIONS.get(name, f"--{name}")


@dataclass(frozen=True)
class Numbers:
    """What a shop says of its brand; None where it does not.

    Attributes
    ----------
    repeat, one_order, churn, refunds
        Shares from 0 to 1, see `SHARES`.
    cac
        Advertising per new customer, CNY.
    margin
        Of a price: what is left of it after goods and shipping, before marketing.
    price
        Of an order, CNY.

    Raises
    ------
    UsageError
        If one cannot be, with what to write.
    """

    repeat: float | None = None
    one_order: float | None = None
    churn: float | None = None
    refunds: float | None = None
    cac: float | None = None
    margin: float | None = None
    price: float | None = None

    def __post_init__(self) -> None:
        if wrong := list(self._wrong()):
            raise UsageError("; ".join(wrong))

    def _wrong(self) -> Iterator[str]:
        for name in (*SHARES, "margin"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                hint = f"{value:g} % is {value / 100:g}" if 2 <= value < 100 else "12 % is 0.12"
                yield f"{option(name)} is a share above 0 and below 1: {hint} (got {value:g})"
        if self.cac is not None and not (0 < self.cac < math.inf):
            yield f"--cac is an amount above 0: advertising per new customer (got {self.cac:g})"
        low, high = PRICES
        if self.price is not None and not low <= self.price <= high:
            yield f"--price must be from {low:g} to {high:,.0f} (got {self.price:g})"
        if self.one_order is not None and self.churn is not None:
            yield "say --one-order or --churn, not both: they are about the same thing"

    @property
    def given(self) -> list[str]:
        """Names of the numbers that are given."""
        return [f.name for f in fields(self) if getattr(self, f.name) is not None]

    def need_five(self) -> None:
        """Refuse numbers of which some is missing.

        Raises
        ------
        UsageError
            If there are not five of them and a price.
        """
        wanted = [n for n in ("repeat", "cac", "refunds", "margin", "price") if n not in self.given]
        missing = [option(name) for name in wanted]
        if self.one_order is None and self.churn is None:
            missing.insert(1 if "repeat" in wanted else 0, "--one-order or --churn")
        if missing:
            raise UsageError(
                f"a brand from its numbers needs {', '.join(missing)} too; a brand from a "
                "transaction log needs --from with its file"
            )

    def targets(self) -> Iterator[str]:
        """Yield the targets that the numbers are, as lines of a study."""
        for name in ("repeat", "one_order", "churn", "refunds"):
            value = getattr(self, name)
            if value is not None:
                metric, of = SHARES[name]
                yield f"  {name}:  # {value:g} of {of}"
                low, high = _odds(1 - value if name == "churn" else value)
                yield f"    {{metric: {metric}, low: {low:.4g}, high: {high:.4g}, source: our books}}"
        if self.cac is not None:
            yield "  cac:  # advertising per new customer, CNY"
            yield (
                f"    {{metric: advertising_cac, value: {self.cac:.10g}, factor: {FACTOR:g}, "
                "source: our books}"
            )

    def doubts(self) -> Iterator[str]:
        """Say what is unusual about the numbers together, though no identity forbids it."""
        if self.repeat and self.one_order and self.repeat + self.one_order > 1:
            yield (
                f"repeat {self.repeat:g} and one-order share {self.one_order:g} are more than 1 "
                "together: more new customers order again within 90 days than buyers have two orders "
                "in a year. That takes customers of earlier years who order once a year. Are both of "
                "the same customers, and both of orders?"
            )
        if self.cac and self.price and self.margin and self.cac > 5 * self.price * self.margin:
            orders = self.cac / (self.price * self.margin * (1 - (self.refunds or 0)))
            yield (
                f"a new customer costs what {orders:.0f} orders bring: is --cac an amount per new "
                "customer, in the currency of --price?"
            )


def _odds(share: float) -> tuple[float, float]:
    """Return the shares whose odds are those of a share over and times the tolerance."""
    odds = share / (1 - share)
    low, high = odds / FACTOR, odds * FACTOR
    return low / (1 + low), high / (1 + high)
