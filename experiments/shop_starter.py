"""A starter file of a calibrate study, written from a shop's transaction log."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from experiments.brand_numbers import Numbers, option
from experiments.brand_starter import (
    METHOD,
    TESTS,
    free,
    head,
    prices,
    usual_price,
    with_conflicts,
)
from experiments.calibrate.log_spec import LEAST_DAYS
from experiments.errors import UsageError
from experiments.registry import METRICS
from experiments.shop import BOOTSTRAPS, Said, Shop, look
from experiments.starter import PRESET
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.config.source_map import show
from sim.config.yaml_file import Tree, parse, validate
from sim.transactions import source as files
from sim.transactions.log import Log, read
from sim.transactions.spec import LogFile

HELD = ("gap_q1", "gap_median", "gap_q3", "new_customer_growth", "panel_repeat_2", "panel_repeat_3")
"""Metrics that are held against the result and not fitted: little or nothing moves them apart."""
NOT_MEANT = ("aov", "panel_repeat_1", "panel_repeat_4")
"""The first sets the market's prices; the others say what is a target already, or of few orders."""
COLUMNS = {
    "customer": r"customer|client|buyer|user|member|e-?mail|kunde|acheteur|客户|会员|买家|顾客",
    "date": r"(?<!up)date|created|time|paid.?at|day\b|datum|fecha|日期|时间",
    "amount": r"total|amount|paid$|revenue|sales|price|betrag|summe|montant|importe|金额|实付|总额",
}
"""What names of columns in exports hold."""
PLAIN = {
    "customer": r"(customer|client|buyer|user|member|kunden?|acheteur|cliente)[ _-]*"
    r"(id|no\.?|nr\.?|nummer|number)?|e-?mail([ _-]*address)?|(客户|会员|买家|顾客)(id|编号|号)?",
    "date": r"((order|invoice|purchase|transaction|created)[ _-]*)?(date|day|datum|time(stamp)?)|"
    r"created([ _-]*at)?|fecha|(下单|订单|交易)?(日期|时间)",
    "amount": r"((order|grand|invoice)[ _-]*)?(total|amount|revenue|betrag|summe)|montant|importe|"
    r"(实付|订单)?(金额|总额)|实付",
}
"""Names that decide where several columns fit."""
OUTLIER, MANY = 0.1, 100
"""Share of revenue from which one purchase of so many or more is remarked on."""
SAY = {
    "customer": "Say --customer with its name",
    "date": "Say --date with its name",
    "amount": "Say --amount with its name, or with none: every line is a purchase",
}
FILL_IN = {
    "repeat": "{metric: repeat_rate, value: 0.2, factor: 1.2, source: our books}  # in 90 days",
    "one_order": "{metric: one_order_share, value: 0.7, factor: 1.1, source: our books}  # of a year's",
    "cac": "{metric: advertising_cac, value: 100, factor: 1.3, source: our books}",
    "refunds": "{metric: refund_rate, value: 0.08, factor: 1.3, source: our books}",
}
"""Targets that a shop knows and its log may not say, to be filled in."""
SAYS = {
    "repeat": "panel_repeat",
    "one_order": "one_order_share",
    "churn": "one_order_share",
    "price": "aov",
}
"""By the number of a shop: the metric by which a log says it."""


def starter_from_log(
    path: Path | str,
    given: Mapping[str, Any] | None = None,
    *,
    preset: str = PRESET,
    until: date | None = None,
    hold_out: int | None = None,
    numbers: Numbers | None = None,
) -> str:
    """Return a calibrate study with the targets that a log gives.

    Parameters
    ----------
    path
        The log: a text file, Excel or Parquet; or package:NAME/PATH.
    given
        Fields of `LogFile`. The columns `customer`, `date` and `amount` are found by their names if
        they are not given; an amount of `none` means that every line is a purchase.
    preset
        The market to begin with.
    until
        Lines of this day and later are not read: they are for a test of what comes out.
    hold_out
        So many last weeks of the log are held out: nothing of them is read but the last day, and
        the study compares them with what comes out.
    numbers
        What the shop knows besides; what the log says is not to be said again.

    Raises
    ------
    UsageError
        If columns cannot be found, the log cannot be read, or its amounts are no prices of a market.
    """
    try:
        log = _columns(validate(LogFile, Tree({**(given or {}), "log": str(path)})))
        if hold_out is not None:
            until = _cut(log, hold_out)
        shop = look(log, until)
    except ValueError as error:
        raise UsageError(str(error)) from None
    held = [] if hold_out is None or until is None else list(_held_out(log, until, hold_out))
    numbers = numbers or Numbers()
    _said_once(shop, numbers)
    lines = [*_lines(shop, log, preset, until, numbers), *held, *METHOD]
    return with_conflicts("\n".join(lines) + "\n")


def _cut(log: LogFile, weeks: int) -> date:
    """Return the first day of the last weeks of a log."""
    whole = read(log)
    days = int(whole.day.max()) + 1
    left = days - 7 * weeks
    if weeks < 1 or left < LEAST_DAYS:
        raise ValueError(
            f"--hold-out {weeks}: {whole.name} is of {days} days; at least one week can be held out, "
            f"and at least {LEAST_DAYS} days must be left before"
        )
    return whole.start + timedelta(left)


def _held_out(log: LogFile, until: date, weeks: int) -> Iterator[str]:
    """Yield the log and the weeks held out, as a study has them."""
    given = log.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    name = str(log.log)
    given["log"] = name if name.startswith("package:") else str(Path(name).resolve())
    given |= {key: getattr(log, key) for key in ("customer", "date")}
    yield "# The last weeks of the log: compared with what comes out, read by nothing before."
    yield "log:"
    for key, value in given.items():
        yield f"  {key}: {json.dumps(value, ensure_ascii=False)}"
    yield f"hold_out: {{start: {until}, weeks: {weeks}}}"
    yield ""


def _said_once(shop: Shop, numbers: Numbers) -> None:
    """Refuse numbers that the log says.

    Raises
    ------
    UsageError
        With their names.
    """
    said = {each.metric for each in shop.said}
    if twice := [option(name) for name in numbers.given if SAYS.get(name) in said]:
        raise UsageError(f"{' and '.join(twice)}: the log says it; leave it out")


def starter_for(
    kind: str,
    path: str,
    columns: Mapping[str, str | None],
    more: Sequence[str] = (),
    **besides: Any,
) -> str:
    """Return what `huitou new KIND --from PATH` writes.

    Parameters
    ----------
    kind, path
    columns
        Names or numbers of columns as text, and the `date_format`; None if not given.
    more
        Other fields of `LogFile`, each as a line of YAML: `missing: [Guest]`.
    besides
        `preset`, `hold_out` and `numbers`, as `starter_from_log` takes them.

    Raises
    ------
    UsageError
        If studies of that kind take nothing from a log, or the log cannot be read.
    ConfigError
        If `more` is no such line.
    """
    if kind != "calibrate":
        raise UsageError(f"--from is for `huitou new calibrate`, not for {kind}")
    said = parse("\n".join(more), "--log").data if more else {}
    given = {
        name: int(text) if name in COLUMNS and text.isdecimal() else text
        for name, text in columns.items()
        if text is not None
    }
    if twice := {"log", *given} & set(said):
        raise UsageError(f"{sorted(twice)[0]} is said twice")
    return starter_from_log(path, {**said, **given}, **besides)


def _columns(log: LogFile) -> LogFile:
    """Return a log with the columns that are not given, found by their names."""
    missing = [name for name in COLUMNS if name not in log.model_fields_set]
    if not missing:
        return log
    header = files.grid(log.model_copy(update={"header": True})).header or []
    taken = {getattr(log, name) for name in log.model_fields_set & set(COLUMNS)}
    found = {}
    for name in missing:
        column = _column(str(log.log), name, [h for h in header if h not in taken])
        if column is not None:
            found[name] = column
            taken.add(column)
        elif name != "amount":
            listed = ", ".join(map(show, header[:20]))
            raise ValueError(
                f"{log.log}: which column is the {name}? {SAY[name]} (columns: {listed})"
            )
    return log.model_copy(update=found)


def _column(log: str, name: str, header: Sequence[str]) -> str | None:
    """Return the one column whose name fits; None if no name does."""
    fits = [h for h in dict.fromkeys(header) if re.search(COLUMNS[name], h, re.IGNORECASE)]
    plain = [h for h in fits if re.fullmatch(PLAIN[name], h.strip(), re.IGNORECASE)]
    found = plain or fits
    if len(found) > 1:
        listed = ", ".join(map(show, found))
        raise ValueError(f"{log}: which column is the {name}: {listed}? {SAY[name]}")
    return found[0] if found else None


# -- the file ---------------------------------------------------------------------------------------


def _lines(
    shop: Shop, log: LogFile, preset: str, until: date | None, numbers: Numbers
) -> Iterator[str]:
    market = load_market(preset)
    brand = next(iter(market.brands))
    said = {each.metric: each for each in shop.said}
    price = said["aov"].value if "aov" in said else numbers.price
    yield _comment(f"Which markets does the log {shop.log.name} not rule out?")
    yield "# Check it with `huitou validate FILE`, then `huitou calibrate FILE`."
    named = {name: getattr(log, name) for name in COLUMNS}
    yield _comment("Columns: " + ", ".join(f"{name} {show(c)}" for name, c in named.items()) + ".")
    for note in (*shop.log.notes, *_doubts(shop.log)):
        yield _comment(note)
    if until is not None:
        yield f"# Nothing of {until} or later was read."
    yield "#"
    yield from _fitted(shop)
    yield ""
    yield "schema: 1"
    yield "study: calibrate"
    yield ""
    yield from _market(market, preset, price, numbers, shop.unsaid.get("aov", ""))
    yield ""
    yield f"of: {brand}  # the brand that the log is of"
    yield ""
    yield from free(market, (price or usual_price(market)) / usual_price(market))
    yield ""
    yield f"# Of the log's last 365 days, with 95 % intervals over {BOOTSTRAPS} resamples of customers."
    yield "targets:"
    for each in shop.said:
        if each.metric not in (*HELD, *NOT_MEANT):
            yield from _target(each, shop)
    for metric, why in shop.unsaid.items():
        if metric not in NOT_MEANT:
            yield f"  # {metric}: not from this log; {why}"
    yield from numbers.targets()
    yield from _fill_in(said, numbers)
    yield ""
    if held := [each for each in shop.said if each.metric in HELD]:
        yield "# Held against the result, never fitted."
        yield "held:"
        for each in held:
            yield from _target(each, shop)
        yield ""
    yield from TESTS.splitlines()
    yield ""


def _comment(text: str) -> str:
    """Return text as one line of comment, whatever names of files and ids in it hold."""
    return f"# {' '.join(text.split())}"


def _doubts(log: Log) -> Iterator[str]:
    """Say what may be wrong with the amounts."""
    if log.amount is None or len(log.amount) < MANY:
        return
    largest, total = log.amount.max(), log.amount.sum()
    if largest > OUTLIER * total:
        yield f"One amount of {largest:,.10g} is {largest / total:.0%} of all revenue: is it meant?"


def _fitted(shop: Shop) -> Iterator[str]:
    """Say what the models of repeat buying make of the log."""
    if not shop.fits:
        yield "# Too few customers or repeats for a model of repeat buying."
        return
    yield f"# Models of repeat buying, of {shop.fits[0].n:,} customers (90 % intervals, times in weeks):"
    for fit in shop.fits:
        told = [
            f"{name} {fit.parameters[name]:.3g} "
            + ("(no interval)" if np.isnan(low) else f"[{low:.3g}, {high:.3g}]")
            for name, (low, high) in fit.intervals(0.9).items()
        ]
        yield f"#   {fit.model}: {', '.join(told)}; log-likelihood {fit.log_likelihood:.1f}"
    yield "# Which form of dropout is right such a log hardly tells (docs/odd.md, 7.4)."


def _market(
    market: MarketConfig, preset: str, price: float | None, numbers: Numbers, unsaid: str
) -> Iterator[str]:
    """Yield a preset with its prices brought to the log's order value, if it says one."""
    yield from head(preset)
    brand, usual = next(iter(market.brands)), usual_price(market)
    if price is None and numbers.margin is None:
        yield f"    # Prices are the preset's, {usual:g} on average of {brand}: {unsaid}."
        return
    if price is None:
        yield f"    # Prices are the preset's: {unsaid}."
    else:
        yield f"    # An order of {brand} is {price:.4g}: prices are the preset's times {price / usual:.4g}."
    if numbers.margin is None:
        yield "    # So are costs; your own are price x (1 - margin)."
    yield from prices(market, usual if price is None else price, numbers.margin)


def _target(each: Said, shop: Shop) -> Iterator[str]:
    metric = METRICS[each.metric]
    # Days are whole, and a share that no resample moves is not known to be just that.
    more = (
        0.5 if metric.unit == "days" else 0.0 if each.low < each.high else 0.05 * each.value or 0.01
    )
    low, high = max(each.low - more, 0.0), each.high + more
    source = json.dumps(f"our log {' '.join(shop.log.name.split())}", ensure_ascii=False)
    yield f"  {each.metric}:  # {each.value:.3g}; {metric.label}"
    ends = f"low: {_digits(low)}, high: {_digits(high)}"
    yield f"    {{metric: {each.metric}, {ends}, source: {source}}}"


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _fill_in(said: Mapping[str, Said], numbers: Numbers) -> Iterator[str]:
    """Yield what every shop knows and neither the log nor the shop has said, to be filled in."""
    known = {name for name in FILL_IN if SAYS.get(name) in said} | set(numbers.given)
    if "churn" in known:
        known.add("one_order")
    missing = [name for name in FILL_IN if name not in known]
    if missing:
        yield "  # What the log cannot say, and every shop knows. Fill in, and take away the marks:"
    for name in missing:
        yield f"  # {name}: {FILL_IN[name]}"
    if numbers.margin is None:
        yield "  # The margin is no target: it is set above, by unit_cost."
