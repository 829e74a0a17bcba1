"""What a metric is, and the list of them all: each is defined once, in a room of its kind."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records

Numbers = NDArray[np.float64]
Function = Callable[[Records], Numbers]


class Metric(NamedTuple):
    """One result: what it is called, in what unit, and how it is computed."""

    name: str
    label: str
    unit: str
    function: Function


METRICS: dict[str, Metric] = {}


def metric(label: str, unit: str) -> Callable[[Function], Function]:
    """Enter the function below in the list; its docstring is the definition that a report prints.

    Parameters
    ----------
    label, unit
        What the numbers are called, and what they are counted in.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        METRICS[name] = Metric(name, label, unit, function)
        return function

    return register


def ratio(top: NDArray[Any], bottom: NDArray[Any]) -> Numbers:
    """Return `top / bottom`, NaN where there is nothing to divide by."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.divide(top, bottom, out=out, where=np.asarray(bottom) != 0)
