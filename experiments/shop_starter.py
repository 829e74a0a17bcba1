"""A starter file of a calibrate study, written from a shop's transaction log."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from experiments.errors import UsageError
from experiments.registry import METRICS
from experiments.shop import BOOTSTRAPS, Said, Shop, look
from experiments.starter import PEOPLE, PRESET
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.transactions import source as files
from sim.transactions.spec import LogFile

HELD = ("gap_q1", "gap_median", "gap_q3", "new_customer_growth", "panel_repeat_2", "panel_repeat_3")
"""Metrics that are held against the result and not fitted: little or nothing moves them apart."""
NOT_MEANT = ("aov", "panel_repeat_1", "panel_repeat_4")
"""The first sets the market's prices; the others say what is a target already, or of few orders."""
COLUMNS = {
    "customer": r"customer|client|buyer|user|member|e-?mail|kunde|acheteur|cliente|客户|会员|买家|顾客",
    "date": r"date|created|time|paid.?at|day\b|datum|fecha|日期|时间",
    "amount": r"total|amount|paid|revenue|sales|price|betrag|summe|montant|importe|金额|实付|总额",
}
"""How columns of exports are called; the first that fits."""
FIVE = """\
# What the log cannot say, and every shop knows: advertising per new customer, and refunded orders of
# all. Fill in, and take away the marks in front.
{repeat}
{once}
#   cac: {{metric: advertising_cac, value: 100, factor: 1.3, source: our books}}
#   refunds: {{metric: refund_rate, value: 0.08, factor: 1.3, source: our books}}
# The margin is no target: it is set above, by unit_cost."""


def starter_from_log(
    path: Path | str,
    *,
    columns: Mapping[str, str | int] | None = None,
    date_format: str | None = None,
    preset: str = PRESET,
    until: date | None = None,
) -> str:
    """Return a calibrate study with the targets that a log gives.

    Parameters
    ----------
    path
        The log: a text file, Excel or Parquet; or package:NAME/PATH.
    columns
        Names or numbers of the columns `customer`, `date` and `amount`; those not given are found by
        their names, and an amount of `none` means that every line is a purchase.
    date_format
        As in `LogFile`; years come first if not given.
    preset
        The market to begin with.
    until
        Lines of this day and later are not read: they are for a test of what comes out.

    Raises
    ------
    UsageError
        If columns cannot be found, or the log cannot be read.
    """
    try:
        given = _columns(str(path), columns or {})
        log = LogFile(log=str(path), date_format=date_format, **given)
        shop = look(log, until)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return "\n".join(_lines(shop, log, preset, until)) + "\n"


def starter_for(
    kind: str, path: str, columns: Mapping[str, str | None], date_format: str | None
) -> str:
    """Return what `huitou new KIND --from PATH` writes.

    Parameters
    ----------
    kind, path
    columns
        Names or numbers of columns as text; None if not given.
    date_format
        As in `LogFile`.

    Raises
    ------
    UsageError
        If studies of that kind take nothing from a log, or the log cannot be read.
    """
    if kind != "calibrate":
        raise UsageError(f"--from is for `huitou new calibrate`, not for {kind}")
    given = {
        name: int(column) if column.isdecimal() else column
        for name, column in columns.items()
        if column is not None
    }
    return starter_from_log(path, columns=given, date_format=date_format)


def _columns(path: str, given: Mapping[str, str | int]) -> dict[str, Any]:
    """Return the columns, found by their names where they are not given."""
    missing = [name for name in COLUMNS if name not in given]
    if not missing:
        return dict(given)
    header = files.grid(LogFile(log=path, header=True)).header or []
    taken, out = set(given.values()), dict(given)
    for name in missing:
        fits = [h for h in header if re.search(COLUMNS[name], h, re.IGNORECASE) and h not in taken]
        if fits:
            out[name] = fits[0]
            taken.add(fits[0])
        elif name != "amount":
            listed = ", ".join(header[:20])
            raise ValueError(
                f"{path}: which column is the {name}? Say --{name} (columns: {listed})"
            )
    return out


# -- the file ---------------------------------------------------------------------------------------


def _lines(shop: Shop, log: LogFile, preset: str, until: date | None) -> Iterator[str]:
    market = load_market(preset)
    brand = next(iter(market.brands))
    said = {each.metric: each for each in shop.said}
    yield f"# Which markets does the log {shop.log.name} not rule out?"
    yield "# Check it with `huitou validate FILE`, then `huitou calibrate FILE`."
    for note in shop.log.notes:
        yield f"# {note}"
    if until is not None:
        yield f"# Nothing of {until} or later was read."
    yield "#"
    yield from _fitted(shop)
    yield ""
    yield "schema: 1"
    yield "study: calibrate"
    yield ""
    yield from _market(market, preset, said.get("aov"))
    yield ""
    yield f"of: {brand}  # the brand that the log is of"
    yield ""
    yield from _free(market, brand)
    yield ""
    yield f"# Of the log's last 365 days, with 95 % intervals over {BOOTSTRAPS} resamples of customers."
    yield "targets:"
    targets = [s for s in shop.said if s.metric not in (*HELD, *NOT_MEANT)]
    held = [s for s in shop.said if s.metric in HELD]
    for each in targets:
        yield from _target(each, shop)
    for metric, why in shop.unsaid.items():
        if metric not in NOT_MEANT:
            yield f"  # {metric}: not from this log; {why}"
    yield ""
    yield from _five(said)
    if held:
        yield ""
        yield "# Held against the result, never fitted."
        yield "held:"
        for each in held:
            yield from _target(each, shop)
    yield ""
    yield "method: {waves: 2, runs: 60, ensemble: 16}"
    yield "replicates: {n: 2, seed: 1}"


def _fitted(shop: Shop) -> Iterator[str]:
    """Say what the models of repeat buying make of the log."""
    if not shop.fits:
        yield "# Too few customers or repeats for a model of repeat buying."
        return
    yield f"# Models of repeat buying, of {shop.fits[0].n:,} customers (90 % intervals, times in weeks):"
    for fit in shop.fits:
        told = [
            f"{name} {fit.parameters[name]:.3g} [{low:.3g}, {high:.3g}]"
            for name, (low, high) in fit.intervals(0.9).items()
        ]
        yield f"#   {fit.model}: {', '.join(told)}; log-likelihood {fit.log_likelihood:.1f}"
    yield "# Which form of dropout is right such a log hardly tells (docs/odd.md, 7.4)."


def _market(market: MarketConfig, preset: str, aov: Said | None) -> Iterator[str]:
    """Yield a preset with its prices brought to the log's order value."""
    yield "market:"
    yield f"  use: {preset}"
    yield "  set:"
    yield f"    people.n: {PEOPLE}"
    yield "    burn_in: 730   # two years, so that the market is stationary,"
    yield "    days: 365      # and the year on which targets are"
    yield "    terminal_period: 0"
    brand = next(iter(market.brands))
    usual = np.mean([p.price for p in market.brands[brand].products.values()])
    if aov is None:
        yield f"    # the log has no amounts: prices are the preset's, {usual:g} on average of {brand}"
        return
    yield f"    # An order of {brand} is {aov.value:.4g} in the log, whatever its currency: prices are the"
    yield f"    # preset's times {aov.value / usual:.4g}. So are costs; your own are price x (1 - margin)."
    scale = aov.value / float(usual)
    for name, category in market.categories.items():
        yield f"    categories.{name}.price: {_price(category.price * scale)}"
    for name, own in market.brands.items():
        for key, product in own.products.items():
            stem = f"    brands.{name}.products.{key}"
            yield f"{stem}.price: {_price(product.price * scale)}"
            yield f"{stem}.unit_cost: {_price(product.unit_cost * scale)}"


def _price(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _free(market: MarketConfig, brand: str) -> Iterator[str]:
    """Yield what is not known: what decides how many know the brand, come, come back and leave."""
    yield "# What is not known, and over what: what you hold possible before you look at a result."
    yield "free:"
    yield f"  brands.{brand}.share: {{range: [0.02, 0.5]}}"
    yield f"  brands.{brand}.advertising.spend: {{range: [2, 400], dist: loguniform}}"
    yield "  behaviour.advertising.reach: {range: [0.001, 0.02], dist: loguniform}"
    yield "  behaviour.awareness.forgetting: {range: [0, 0.02]}"
    for name in market.categories:
        yield f"  categories.{name}.usage.mean: {{scale: [0.25, 2], dist: loguniform}}"
    yield "  behaviour.choice.concentration: {scale: [0.25, 4], dist: loguniform}"
    yield "  behaviour.choice.habit: {range: [0, 2]}"
    yield "  behaviour.dropout.comeback: {range: [0, 1]}"
    yield "  behaviour.dropout.satisfaction_effect: {scale: [0.5, 2], dist: loguniform}"


def _target(each: Said, shop: Shop) -> Iterator[str]:
    metric = METRICS[each.metric]
    # Days are whole, and a share that no resample moves is not known to be just that.
    more = (
        0.5 if metric.unit == "days" else 0.0 if each.low < each.high else 0.05 * each.value or 0.01
    )
    low, high = max(each.low - more, 0.0), each.high + more
    source = yaml.safe_dump(f"our log {shop.log.name}", width=10_000).split("\n")[0]
    yield f"  {each.metric}:  # {each.value:.3g}; {metric.label}"
    ends = f"low: {_digits(low)}, high: {_digits(high)}"
    yield f"    {{metric: {each.metric}, {ends}, source: {source}}}"


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _five(said: dict[str, Said]) -> Iterator[str]:
    """Yield the five numbers that every shop knows; those that the log has said are not asked for."""
    repeat = "#   repeat: {metric: repeat_rate, value: 0.2, factor: 1.2, source: our books}  # in 90 days"
    once = "#   once: {metric: one_order_share, value: 0.7, factor: 1.1, source: our books}  # of a year's"
    if "panel_repeat" in said:
        repeat = "# The repeat rate is above."
    if "one_order_share" in said:
        once = "# So is the share of customers with one order."
    yield from FIVE.format(repeat=repeat, once=once).splitlines()
