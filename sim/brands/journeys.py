"""Journeys: what strategies say becomes a table of steps that the engine runs."""

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.books import Account
from sim.brands.portfolio import Running, facts, touches_of
from sim.config.market import MarketConfig
from sim.config.scalars import cents
from sim.engine.draws import name_key
from sim.people.population import UNLIMITED
from sim.strategies.interface import Touch
from sim.world import World


def audience_key(run: Running, brand: str) -> int:
    """Return the identity in draws of a strategy's audience, its own or that of its group."""
    group = run.audience.group
    return name_key(brand, run.draw_key) if group is None else name_key(brand, "", group)


def compile_steps(
    config: MarketConfig, portfolio: list[Running], brands: NDArray[np.void], products: list[str]
) -> NDArray[np.void]:
    """Return the table of steps of all journeys, and enter each brand's rows in `brands`.

    Parameters
    ----------
    config
        The market.
    portfolio
        The strategies at work, brand by brand.
    brands : BRAND[B]
        `step_start` and `step_end` are set.
    products
        Names of the products, `brand/product`, in the order of their table.

    Returns
    -------
    STEP[S]
    """
    rows: list[NDArray[np.void]] = []
    for b, (brand_name, brand) in enumerate(config.brands.items()):
        brands[b]["step_start"] = len(rows)
        for s, run in enumerate(portfolio):
            if run.brand == b:
                for product in brand.products:
                    names = (brand_name, product)
                    p = products.index("/".join(names))
                    touches = touches_of(run.strategy, facts(brand, product, config))
                    rows.extend(step_row(touch, run, s, names, p) for touch in touches)
        brands[b]["step_end"] = len(rows)
    return np.concatenate(rows) if rows else np.zeros(0, state.STEP)


def step_row(
    touch: Touch, run: Running, index: int, names: tuple[str, str], product: int
) -> NDArray[np.void]:
    """Return the row of STEP for one touch.

    Parameters
    ----------
    touch
        The touch.
    run
        The strategy that sends it.
    index
        Place of `run` in the market's portfolio.
    names
        Names of the brand and of the product, the latter empty for any.
    product
        Index of the product, -1 for any.
    """
    row = np.zeros(1, state.STEP)
    row["key"] = name_key(names[0], run.draw_key, touch.in_draws, names[1])
    row["audience_key"] = audience_key(run, names[0])
    row["brand"], row["strategy"], row["product"] = run.brand, index, product
    row["does"] = int(touch.does)
    row["before_depletion"] = touch.before_depletion is not None
    row["days"] = touch.before_depletion if touch.day is None else touch.day
    row["prior_orders"] = touch.prior_orders
    for field, (low, high) in (("brand", touch.brand_orders), ("product", touch.product_orders)):
        row[f"{field}_from"], row[f"{field}_to"] = low, UNLIMITED if high is None else high
    row["human"] = touch.human
    row["extra_cents"] = cents(touch.cost)
    row["account"] = Account[run.strategy.account_of(touch).upper()]
    if touch.offer is not None:
        row["offer"], row["offer_days"] = touch.offer.discount, touch.offer.days
    row["share"] = run.audience.share
    row["who_start"], row["who_end"] = run.rules.get(touch.part or "", run.rules[""])
    row["kind"] = name_key(names[0], run.draw_key, touch.in_draws)
    row["stop_after"] = touch.stop_after or 0
    return row


def with_steps(world: World, steps: NDArray[np.void]) -> World:
    """Return the world with these steps, and a column of `tries` for each kind that is given up.

    Kinds are numbered as they come, so that a step which is added moves nobody's column.
    """
    columns: dict[int, int] = {}
    for step in steps:
        if step["stop_after"] > 0:
            step["tries"] = columns.setdefault(int(step["kind"]), len(columns))
    people, known = world.tries.shape
    new = np.zeros((people, len(columns) - known), world.tries.dtype)
    return world._replace(steps=steps, tries=np.hstack([world.tries, new]))
