"""What counts as one observation: a replicate; over an ensemble a market, the mean of its replicates.

Means over markets then have intervals that come from the scatter between markets, in which the error
inside them is contained. Only replicates count in which no run of the design is missing, so that arms
are compared on the same draws. Columns stay those of `experiments.gather`; `replicate` is then the
number of the market, and `run_id` one of its runs. Every market counts alike here; weights count in
`experiments.between`.
"""

import re
from collections.abc import Sequence

import pandas as pd

from experiments import gather
from experiments.across import ID
from experiments.errors import StudyError
from experiments.responses import Response
from experiments.store import Store
from experiments.study import Study

PLACE = [ID, "replicate"]


def metrics(
    store: Store, design: pd.DataFrame, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return all results by arm, observation and brand; as `gather.metrics` otherwise."""
    found = gather.metrics(store, design, columns)
    if ID not in design:
        return found
    kept = found[found["run_id"].isin(whole(design, set(found["run_id"]))["run_id"])]
    return _averaged(kept, ["arm", ID, "brand"], design)


def responses(
    store: Store, design: pd.DataFrame, wanted: Sequence[Response], of: str
) -> pd.DataFrame:
    """Return responses by arm and observation; as `gather.responses` otherwise."""
    found = gather.responses(store, design, wanted, of)
    if ID not in design:
        return found
    labels = [response.label for response in wanted]
    there = set(found["run_id"][found[labels].notna().any(axis=1)])
    kept = whole(found, there)[["run_id", "arm", *PLACE, *labels]]
    return _averaged(kept, ["arm", ID], design)


def by_observation(rows: pd.DataFrame, design: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return rows of some table of the runs with the arm and the observation of each.

    Parameters
    ----------
    rows
        With `run_id`, the keys, and numbers.
    design
        Which runs count.
    keys
        What tells the rows of a run apart. Over an ensemble rows with the same keys are averaged
        over the runs of a market; a row that a run lacks counts as nothing.
    """
    if ID not in design:
        return gather.by_replicate(rows, design)
    kept = whole(design, set(rows["run_id"]))
    joined = kept[["run_id", "arm", *PLACE]].merge(rows, on="run_id")
    sums = _averaged(joined, ["arm", ID, *keys], design, total=True)
    runs = kept.groupby(["arm", ID])["run_id"].nunique()
    size = pd.MultiIndex.from_frame(sums[["arm", ID]]).map(runs.to_dict()).to_numpy(float)
    numbers = [n for n in sums.columns if n not in ("run_id", "arm", *PLACE, *keys)]
    sums[numbers] = sums[numbers].div(size, axis=0)
    return sums


def whole(design: pd.DataFrame, there: set[str]) -> pd.DataFrame:
    """Return the rows of the replicates of markets in which no run is missing.

    Raises
    ------
    StudyError
        If there is none.
    """
    present = design["run_id"].isin(there)
    kept = design[present.groupby([design[name] for name in PLACE]).transform("all")]
    if kept.empty:
        raise StudyError("no replicate of any market of the ensemble is complete in all arms")
    return kept


def _averaged(
    rows: pd.DataFrame, keys: list[str], design: pd.DataFrame, total: bool = False
) -> pd.DataFrame:
    """Return the means of rows with the same keys, or their sums."""
    groups = rows.drop(columns=["replicate"]).groupby(keys, sort=False)
    numbers = groups.sum(numeric_only=True) if total else groups.mean(numeric_only=True)
    first = groups["run_id"].first()
    out = numbers.assign(run_id=first).reset_index()
    order = {name: k for k, name in enumerate(design[ID].unique())}
    out.insert(2, "replicate", out[ID].map(order))
    return out


def worded(study: Study, texts: Sequence[str]) -> list[str]:
    """Return sentences on replicates as sentences on what counts as one observation."""
    if study.across is None:
        return list(texts)
    return [re.sub(r"\breplicate(s?)\b(?!\.n\b)", r"market\1", text) for text in texts]
