"""From the runs on disk to the tables of a sensitivity study's summary."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import StudyError
from experiments.formats import count
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.sensitivity import morris, salib, sobol, surrogate
from experiments.sensitivity.about import METHODS
from experiments.sensitivity.blocks import Values
from experiments.sensitivity.found import Found
from experiments.sensitivity.samples import INERT
from experiments.sensitivity.texts import short, title_of
from experiments.sensitivity.verdict import verdict
from experiments.store import Store
from experiments.study import Study

VERDICT: dict[str, Any] = {
    "level": "",
    "sentence": "",
    "blocks": 0,
    "replicates": 0,
    "noise_share": math.nan,
    "noise_low": math.nan,
    "noise_high": math.nan,
}
"""Columns of the table of verdicts besides `response`."""
GROWING = ("blocks", *sobol.COLUMNS)
CHECK = ("input", "S1", "ST", "q2", "rmse", "points")
GIVEN = ("pawn", "delta", "rbd_fast", "hdmr")
"""Methods whose points are spread evenly, and so are good for a surrogate."""
ENOUGH = 8
"""Blocks from which an interval can be forecast."""


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of the summary, by name.

    `indices`: a row per response and input; `verdicts`: per response; `growth`: indices from the
    first blocks only; `surrogate`: indices of the cross-check; `notes`: sentences on a response;
    `missing`: runs that are not there.
    """
    found = Found.of(study, store, design)
    parts = [_safely(found, response) for response in study.responses]
    out = {
        name: pd.concat([part[name] for part in parts], ignore_index=True)
        for name in ("indices", "verdicts", "growth", "surrogate", "notes")
    }
    return out | {"missing": found.missing()}


def _safely(found: Found, response: Response) -> Tables:
    """Analyse one response; if that cannot be done, say so, and let the others be."""
    analyse = _ANALYSES.get(found.spec.method.name, _given)
    out = {
        "growth": pd.DataFrame(columns=GROWING),
        "surrogate": pd.DataFrame(columns=CHECK),
        "notes": pd.DataFrame(columns=["note"]),
    }
    try:
        y = found.values(response)
        out |= analyse(found, y)
    except StudyError as error:
        blank = pd.DataFrame({"input": list(found.inputs.names)})
        out["indices"] = blank.reindex(columns=_columns(found.spec.method.name))
        out["verdicts"] = _verdict(level="not analysed", sentence=f"Not analysed: {error}.")
    else:
        noted, check = _cross_check(found, y)
        out["notes"] = pd.concat([out["notes"], noted], ignore_index=True)
        out["surrogate"] = check
    for frame in out.values():
        frame.insert(0, "response", response.label)
    return out


def _columns(method: str) -> list[str]:
    """Return the columns of `indices` that every analysis of a method has."""
    if method in METHODS:
        return ["input", METHODS[method].rank]
    return sobol.COLUMNS if method == "sobol" else morris.COLUMNS


def _verdict(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame([VERDICT | columns])


def _sobol(found: Found, y: Values) -> Tables:
    names = found.inputs.names
    indices = sobol.analyse(y, names)
    named = indices.table.assign(input=indices.table["input"].map(_in_words(names)))
    level, sentence = verdict(replace(indices, table=named), found.spec.threshold)
    row = _verdict(
        level=level,
        sentence=sentence,
        blocks=indices.blocks,
        replicates=indices.replicates,
        noise_share=indices.noise_share,
        noise_low=indices.noise_low,
        noise_high=indices.noise_high,
    )
    return {"indices": indices.table, "verdicts": row, "growth": sobol.growth(y, names)}


def _in_words(names: tuple[str, ...]) -> dict[str, str]:
    return short(list(names)) | {INERT: INERT}


def _morris(found: Found, y: Values) -> Tables:
    screened = morris.analyse(y, found.unit(), found.inputs)
    table = screened.table
    own = table[table["input"] != INERT]
    above = int(own["above_floor"].sum())
    level = "screened" if above else "noise only"
    sentence = f"Over {screened.trajectories:,} trajectories "
    if above:
        sentence += f"{above} of {count(len(own), 'input')} rise above the noise floor."
    else:
        sentence += (
            "no input rises above the noise floor: the response cannot be told from noise. More "
            "trajectories or replicates or wider factors may help."
        )
    row = _verdict(level=level, sentence=sentence, blocks=y.shape[1], replicates=len(y))
    return {"indices": table, "verdicts": row}


def _given(found: Found, y: Values) -> Tables:
    """Analyse by a method of SALib."""
    name = found.spec.method.name
    unit = found.unit().reshape(-1, found.inputs.columns)
    given = salib.analyse(name, unit, y.reshape(len(y), -1), found.inputs.names)
    row = _verdict(
        level="no verdict",
        sentence=f"{METHODS[name].title} has no verdict of its own: compare each value with "
        "that of the control.",
        blocks=y.shape[1],
        replicates=len(y),
        noise_share=given.noise_share,
    )
    return {
        "indices": given.table,
        "verdicts": row,
        "notes": pd.DataFrame({"note": list(given.notes)}),
    }


_ANALYSES: dict[str, Callable[[Found, Values], Tables]] = {"sobol": _sobol, "morris": _morris}


def _cross_check(found: Found, y: Values) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return notes and indices of a surrogate, where the method's points are good for one."""
    nothing = pd.DataFrame(columns=["note"]), pd.DataFrame(columns=CHECK)
    name = found.spec.method.name
    if not found.spec.surrogate or name not in ("sobol", *GIVEN) or np.ptp(y) == 0:
        return nothing
    # Of a block of Saltelli's, only A and B do not share coordinates.
    chosen = [0, -1] if name == "sobol" else [0]
    unit = found.unit()[:, chosen].reshape(-1, found.inputs.columns)
    own = y[:, :, chosen].reshape(len(y), -1)
    try:
        fitted = surrogate.fit(unit, own.mean(0), found.inputs, noise_share=salib.noise_share(own))
    except StudyError as error:
        note = f"There is no cross-check by a surrogate: {error}."
        return pd.DataFrame({"note": [note]}), nothing[1]
    check = fitted.table.assign(q2=fitted.q2, rmse=fitted.rmse, points=fitted.points)
    return pd.DataFrame({"note": list(fitted.caveats)}), check


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide intervals will be, from the blocks that are there."""
    found = Found.of(study, store, design)
    planned, whole = len(found.whole), int(found.whole.sum())
    if found.spec.method.name != "sobol":
        return []
    if whole < ENOUGH:
        return [
            f"The pilot has {count(whole, 'whole block')} of {found.size * len(found.there)} runs, "
            f"too few to say how precise the indices will be: budget.pilot of "
            f"{ENOUGH * found.size * len(found.there)} or more would do."
        ]
    return [
        f"{title_of(study, response)}: {_expected(found, response, planned)}"
        for response in study.responses
    ]


def _expected(found: Found, response: Response, planned: int) -> str:
    indices = sobol.analyse(found.values(response), found.inputs.names)
    half = ((indices.table["ST_high"] - indices.table["ST_low"]) / 2).max()
    start = f"from {count(indices.blocks, 'block')}, "
    if math.isnan(half):
        return start + "the response cannot be told from noise yet."
    # The width of an interval falls with the square root of the number of blocks.
    half *= math.sqrt(indices.blocks / planned)
    return start + f"expect total indices within ± {half:.2f} or less with {planned:,}."
