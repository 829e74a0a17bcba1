"""What a metric is, and the list of them all: each is defined once, in a room of its kind."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records, once

Numbers = NDArray[np.float64]
Function = Callable[[Records], Numbers]
Daily = Callable[[Records], NDArray[np.int64]]


class Metric(NamedTuple):
    """One result: what it is called, in what unit, and how it is computed.

    Attributes
    ----------
    name, label, unit
    function
        From a run to float64[brands].
    flow
        From a run to float64[days, brands], if the metric is the sum over the run of daily amounts.
    discounted
        Whether it is a present value, at the rate `Records.discount`.
    """

    name: str
    label: str
    unit: str
    function: Function
    flow: Function | None = None
    discounted: bool = False


METRICS: dict[str, Metric] = {}


def metric(label: str, unit: str, *, discounted: bool = False) -> Callable[[Function], Function]:
    """Enter the function below in the list; its docstring is the definition that a report prints.

    Parameters
    ----------
    label, unit
        What the numbers are called, and what they are counted in.
    discounted
        They are a present value, at the rate `Records.discount`.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        METRICS[name] = Metric(name, label, unit, function, discounted=discounted)
        return function

    return register


def flow(label: str, unit: str) -> Callable[[Daily], Function]:
    """Enter a flow in the list: the function below gives daily amounts, the metric is their sum.

    The function returns int64[days, brands], in cents where the unit is CNY, so that sums are exact
    to the cent. What has its name afterwards is the metric: float64[brands], summed over the run.

    Parameters
    ----------
    label, unit
        As in `metric`.
    """
    scale = 100 if unit == "CNY" else 1

    def register(daily: Daily) -> Function:
        @once
        @functools.wraps(daily)
        def total(records: Records) -> Numbers:
            return daily(records).sum(axis=0) / scale

        @functools.wraps(daily)
        def by_day(records: Records) -> Numbers:
            return daily(records) / scale

        name = daily.__name__
        METRICS[name] = Metric(name, label, unit, total, by_day)
        return total

    return register


def ratio(top: NDArray[Any], bottom: NDArray[Any]) -> Numbers:
    """Return `top / bottom`, NaN where there is nothing to divide by."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.divide(top, bottom, out=out, where=np.asarray(bottom) != 0)
