"""A starter file of a calibrate study, written from the numbers that every shop knows."""

from collections.abc import Iterator

import numpy as np

from experiments.brand_numbers import FACTOR, PRICES, Numbers
from experiments.errors import UsageError
from experiments.starter import PEOPLE, PRESET
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.config.yaml_file import ConfigError, parse, validate

METHOD = ("method: {waves: 2, runs: 100, ensemble: 32}", "replicates: {n: 2, seed: 1}")
"""An ensemble of 29 markets or more can decide something (docs/ensembles.md)."""
TESTS = """\
# One randomised experiment. Figures of a shop cannot tell how much a message does, and that decides
# the sign of most answers. Put in your own test, if there is one.
lift_tests:
  reminder:
    strategies: {service_followup: {follow: false, coupon: 0, automated: true}}
    share: 0.9
    window: 14
    low: 0.3   # extra orders per 100 messages
    high: 0.7
    source: "randomised e-mails of a shop, .31 and .68 in two weeks: Hillstrom 2008"
"""


def starter_from_numbers(numbers: Numbers, *, preset: str = PRESET) -> str:
    """Return a calibrate study whose targets are the numbers of a brand.

    Parameters
    ----------
    numbers
        Five, and a price.
    preset
        The market to begin with.

    Raises
    ------
    UsageError
        If one is missing, or the price makes no market.
    ConfigError
        If there is no such preset.
    """
    numbers.need_five()
    return with_conflicts("\n".join(_lines(numbers, load_market(preset), preset)) + "\n")


def _lines(numbers: Numbers, market: MarketConfig, preset: str) -> Iterator[str]:
    brand = next(iter(market.brands))
    yield "# Which markets do these numbers of a brand not rule out?"
    yield "# Check it with `huitou validate FILE`, then `huitou calibrate FILE`."
    for doubt in numbers.doubts():
        yield f"# Unusual: {doubt}"
    yield ""
    yield "schema: 1"
    yield "study: calibrate"
    yield ""
    yield from head(preset)
    assert numbers.price is not None
    yield f"    # An order of {brand} is {numbers.price:.10g}; prices of the others are in proportion to it."
    yield from prices(market, numbers.price, numbers.margin)
    yield ""
    yield f"of: {brand}  # your brand"
    yield ""
    yield from free(market, numbers.price / usual_price(market))
    yield ""
    yield f"# Your numbers. Tolerances are ours: of an amount a factor of {FACTOR:g}, of a share the same"
    yield "# factor of its odds. Make them as wide as you are unsure, before you look at a result."
    yield "targets:"
    yield from numbers.targets()
    yield ""
    yield from TESTS.splitlines()
    yield ""
    yield from METHOD


def head(preset: str) -> Iterator[str]:
    """Yield the market of a starter up to its prices."""
    yield "market:"
    yield f"  use: {preset}"
    yield "  set:"
    yield f"    people.n: {PEOPLE}"
    yield "    burn_in: 730   # two years, so that the market is stationary,"
    yield "    days: 365      # and the year on which targets are"
    yield "    terminal_period: 0"


def usual_price(market: MarketConfig) -> float:
    """Return the mean price of the first brand of a market."""
    brand = market.brands[next(iter(market.brands))]
    return float(np.mean([product.price for product in brand.products.values()]))


def prices(market: MarketConfig, price: float, margin: float | None) -> Iterator[str]:
    """Yield the prices and costs of all brands, in proportion to the first brand's price.

    Parameters
    ----------
    market
        The preset.
    price
        Mean price of the first brand.
    margin
        What is left of it after goods and shipping; None: as in the preset.

    Raises
    ------
    UsageError
        If a price would be beyond those of a market.
    """
    scale = price / usual_price(market)
    every = [c.price for c in market.categories.values()]
    every += [p.price for own in market.brands.values() for p in own.products.values()]
    if not PRICES[0] <= scale * min(every) <= scale * max(every) <= PRICES[1]:
        raise UsageError(
            f"an order is {price:.4g} on average, and prices are {PRICES[0]:g} to {PRICES[1]:,.0f}: "
            "give amounts in another unit"
        )
    for name, category in market.categories.items():
        yield f"    categories.{name}.price: {_price(category.price * scale)}"
    for number, (name, own) in enumerate(market.brands.items()):
        mine = margin if number == 0 else None
        if mine is not None:
            yield f"    # {name} keeps {mine:g} of a price after goods and shipping."
        shipping = 0.0 if mine is not None else own.shipping_cost * scale
        yield f"    brands.{name}.shipping_cost: {_price(shipping)}"
        for key, product in own.products.items():
            stem = f"    brands.{name}.products.{key}"
            kept = None if mine is None else product.price * (1 - mine)
            yield f"{stem}.price: {_price(product.price * scale)}"
            yield f"{stem}.unit_cost: {_price((product.unit_cost if kept is None else kept) * scale)}"


def _price(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def free(market: MarketConfig, scale: float) -> Iterator[str]:
    """Yield what is not known: what decides how many know the brand, come, come back and leave.

    Parameters
    ----------
    market
        The preset, whose first brand is yours.
    scale
        Prices over those of the preset: advertising is in proportion, a tenth of it to ten times.
    """
    brand = next(iter(market.brands))
    usual = market.brands[brand].advertising.spend * scale
    spend = f"[{usual / 10:.3g}, {usual * 10:.3g}]"
    yield "# What is not known, and over what: what you hold possible before you look at a result."
    yield "free:"
    yield f"  brands.{brand}.share: {{range: [0.02, 0.5]}}"
    for name, own in market.brands.items():
        if own.rest_of_category:
            yield f"  brands.{name}.share: {{scale: [0.3, 1.5]}}  # all other brands"
    yield f"  brands.{brand}.advertising.spend: {{range: {spend}, dist: loguniform}}"
    yield "  behaviour.advertising.reach: {range: [0.001, 0.02], dist: loguniform}"
    yield "  behaviour.awareness.forgetting: {range: [0, 0.02]}"
    yield "  behaviour.awareness.touch: {range: [0, 0.3]}"
    for name in market.categories:
        yield f"  categories.{name}.usage.mean: {{scale: [0.25, 2], dist: loguniform}}"
    yield "  behaviour.choice.concentration: {scale: [0.25, 4], dist: loguniform}"
    yield "  behaviour.choice.wait_weight: {range: [0.3, 20], dist: loguniform}"
    yield "  behaviour.choice.habit: {range: [0, 2]}"
    yield "  behaviour.dropout.comeback: {range: [0, 1]}"
    yield "  behaviour.dropout.satisfaction_effect: {scale: [0.5, 2], dist: loguniform}"
    yield "  behaviour.experience.regret: {range: [0.05, 2], dist: loguniform}"


def with_conflicts(text: str) -> str:
    """Return a starter with what by arithmetic alone cannot hold together at its top."""
    return "".join(f"# Conflict: {found}\n" for found in conflicts(text)) + text


def conflicts(text: str) -> list[str]:
    """Say which targets of a starter cannot hold together, whatever the market (`identities`).

    Raises
    ------
    ConfigError
        If it is no calibrate study.
    """
    from experiments.calibrate.spec import CalibrateStudy
    from experiments.identities import check
    from experiments.identities.known import of_market
    from experiments.study import one_market

    tree = parse(text, "the starter")
    if not tree.data.get("targets"):
        return []  # they are to be filled in
    spec = validate(CalibrateStudy, tree)
    market, problems = one_market(tree)
    if market is None or problems:
        raise ConfigError(problems)
    brand = spec.of or next(iter(market["brands"]))
    found = check(spec.targets, of_market(market, brand, spec.free))
    return [each.text for each in found if each.kind == "conflict"]


def told(text: str) -> list[str]:
    """Return what a starter says at its top of numbers that do not go together."""
    marks = ("# Conflict: ", "# Unusual: ")
    return [line.removeprefix("# ") for line in text.splitlines() if line.startswith(marks)]
