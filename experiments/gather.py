"""Reading what the runs of a design have found."""

from collections.abc import Sequence

import pandas as pd

from experiments.across import ID
from experiments.errors import StudyError
from experiments.identity import metrics_version
from experiments.metrics import METRICS
from experiments.responses import Response
from experiments.store import UNKNOWN, Store

KEPT = ["run_id", "arm", "replicate"]


def metrics(
    store: Store, design: pd.DataFrame, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return all results: a row per run of the design and brand, a column per metric.

    Parameters
    ----------
    store, design
        Where the runs are, and which count.
    columns
        Only these metrics.

    Returns
    -------
    pandas.DataFrame
        Columns `run_id`, `arm`, `replicate`, `brand` and the metrics, by arm and replicate; runs
        that are missing are left out.

    Raises
    ------
    StudyError
        If no run of the design has finished, or their metrics are not defined alike.
    """
    runs = _runs(store, design, columns)
    runs = runs.drop(columns=["seed", "config_hash"], errors="ignore")
    joined = design[_kept(design)].merge(runs, on="run_id")
    order = {arm: k for k, arm in enumerate(design["arm"].unique())}
    joined["_arm"] = joined["arm"].map(order)
    joined = joined.sort_values(["_arm", "replicate"], kind="stable", ignore_index=True)
    return joined.drop(columns="_arm")


def responses(
    store: Store, design: pd.DataFrame, wanted: Sequence[Response], of: str
) -> pd.DataFrame:
    """Return the design with what its runs have found: a column per response.

    Parameters
    ----------
    store, design
        Where the runs are, and which count.
    wanted
        The responses.
    of
        The brand of a response that names none.

    Returns
    -------
    pandas.DataFrame
        The rows of `design` in its order; NaN where a run is missing.

    Raises
    ------
    StudyError
        If no run of the design has finished, or their metrics are not defined alike.
    """
    runs = _runs(store, design, [response.column for response in wanted])
    found = design.copy()
    for response in wanted:
        own = runs[runs["brand"] == (response.of or of)].set_index("run_id")[response.column]
        found[response.label] = found["run_id"].map(own)
    return found


def _runs(store: Store, design: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Return the runs of a design, whose numbers must all mean the same."""
    wanted = None
    if columns is not None:
        wanted = ["run_id", "brand", "metrics_version", *dict.fromkeys(columns)]
    runs = store.read("runs", wanted, runs=design["run_id"])
    if runs.empty:
        raise StudyError(f"no run has finished in {store.folder}")
    versions = runs.get("metrics_version", pd.Series(UNKNOWN)).fillna(UNKNOWN).unique()
    if len(versions) > 1:
        raise StudyError(
            f"the runs in {store.folder} were measured by {len(versions)} versions of the "
            "definitions of metrics, and cannot be put together: carry out the study again, which "
            "computes those of other versions than today's"
        )
    if columns is None and versions[0] != metrics_version():
        # What was not measured at the time is not known, and is shown so.
        return runs.reindex(columns=[*runs.columns, *METRICS.keys() - set(runs.columns)])
    return runs.drop(columns=[] if columns is None else "metrics_version")


def by_replicate(rows: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return rows of some table of the runs with the arm and the replicate of each."""
    return design[_kept(design)].merge(rows, on="run_id")


def _kept(design: pd.DataFrame) -> list[str]:
    return [*KEPT, ID] if ID in design else KEPT
