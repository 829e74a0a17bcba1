"""The command `huitou new`: starter files."""

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.kind_names import KINDS

KindName = enum.StrEnum("KindName", list(KINDS))  # type: ignore[misc]


def _number(text: str) -> float | None:
    """Return an option for a number of a brand."""
    return typer.Option(None, help=text, show_default=False)


def new(
    kind: Annotated[KindName, typer.Argument(help="What kind of study.")] = KindName["compare"],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    source: Annotated[
        str | None,
        typer.Option("--from", help="calibrate: a shop's transaction log, to take targets from."),
    ] = None,
    customer: Annotated[str | None, typer.Option(help="--from: column of the customer.")] = None,
    date: Annotated[str | None, typer.Option(help="--from: column of the date.")] = None,
    amount: Annotated[
        str | None, typer.Option(help="--from: column of the amount; none: every line counts.")
    ] = None,
    date_format: Annotated[str | None, typer.Option(help="--from: such as '%d/%m/%Y'.")] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(help="--from: what else a log needs, such as 'missing: [Guest]'; repeatable."),
    ] = None,
    hold_out: Annotated[
        int | None, typer.Option(help="--from: last weeks of the log to compare with, unread.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="calibrate: market to begin with. [default: skincare]")
    ] = None,
    repeat: float | None = _number("calibrate: share of new customers who order again in 90 days."),
    one_order: float | None = _number("calibrate: share of a year's buyers with one order in it."),
    churn: float | None = _number("calibrate, for --one-order: who do not order the year after."),
    cac: float | None = _number("calibrate: advertising per new customer, CNY."),
    refunds: float | None = _number("calibrate: share of orders that are refunded."),
    margin: float | None = _number("calibrate: share of a price left after goods and shipping."),
    price: float | None = _number("calibrate: price of an order, CNY."),
) -> None:
    """Write a commented starter file; of calibrate also from a log, or from a brand's numbers."""
    from experiments.brand_numbers import Numbers
    from experiments.brand_starter import starter_from_numbers
    from experiments.errors import UsageError
    from experiments.shop_starter import starter_for
    from experiments.starter import PRESET, starter

    if output is not None and output.exists() and not force:
        raise UsageError(f"{output} exists; --force overwrites it")
    columns = {"customer": customer, "date": date, "amount": amount, "date_format": date_format}
    numbers = Numbers(repeat, one_order, churn, refunds, cac, margin, price)
    if (numbers.given or preset) and kind.value != "calibrate":
        raise UsageError(f"numbers of a brand are for `huitou new calibrate`, not for {kind.value}")
    if source is not None:
        besides = {"preset": preset or PRESET, "hold_out": hold_out, "numbers": numbers}
        text = starter_for(kind.value, source, columns, log or (), **besides)
    elif log or any(columns.values()) or hold_out is not None:
        raise UsageError("columns of a log, and no log: say --from with its file")
    elif numbers.given or preset:
        text = starter_from_numbers(numbers, preset=preset or PRESET)
    else:
        text = starter(kind.value)
    _hand_over(text, output, kind.value)


def _hand_over(text: str, output: Path | None, kind: str) -> None:
    """Say what a starter says at its top, and write or print it."""
    from experiments.brand_starter import told
    from experiments.files import write_bytes

    for line in told(text):
        print(f"remark: {line}", file=sys.stderr)
    if output is None:
        print(text, end="")
    else:
        write_bytes(output, text.encode())
        print(f"wrote {output}: edit it, then `huitou {kind} {output}`")
