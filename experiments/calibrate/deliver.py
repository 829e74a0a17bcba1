"""What a study hands over: a market file, and an ensemble of markets."""

import json
from typing import Any

import numpy as np
import pandas as pd
import yaml

from experiments import ensembles
from experiments.calibrate import double
from experiments.calibrate.found import rows_of, spec_of
from experiments.conduct import Outcome
from experiments.files import write_bytes
from experiments.kinds import Tables
from experiments.markets import loose
from experiments.study import Study

OWN = ("point", "medoid", "met")
"""Columns of the table of members that an ensemble on disk has not."""


def deliver(study: Study, outcome: Outcome) -> None:
    """Write the market file and the ensemble into the study's folder."""
    from experiments.report import present

    tables, _ = present(study, outcome)
    folder, members = outcome.store.folder, tables["ensemble"]
    if members.empty:
        return
    write_bytes(folder / "market.yaml", _market(study, members).encode())
    about = _about(study, outcome, tables)
    stated = members[members["ranges"] == "stated"]
    ensembles.write(folder / "ensemble" / "stated", _table(stated), about)
    if spec_of(study).method.doubled:
        ensembles.write(folder / "ensemble" / "both", _table(members), about)


def _table(members: pd.DataFrame) -> pd.DataFrame:
    return members.drop(columns=list(OWN)).reset_index(drop=True)


def _market(study: Study, members: pd.DataFrame) -> str:
    """Return the market file of the medoid."""
    stated = members[members["ranges"] == "stated"]
    point = int(stated.loc[stated["medoid"], "point"].iloc[0])
    market = loose(rows_of(study).market(point))
    market["notice"] = (
        f"The middle one of {len(stated)} markets that the study {study.name}-{study.hash8} "
        "does not rule out: what holds in it need not hold in the others."
    )
    plain = json.loads(json.dumps(market, default=str))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def _about(study: Study, outcome: Outcome, tables: Tables) -> dict[str, Any]:
    """Return what is to be known of the ensemble."""
    spec, parameters, waves = spec_of(study), tables["parameters"], tables["waves"]
    about = {
        "market": _json(spec.market),
        "market_hash": next(iter(rows_of(study).identity())),
        "code": outcome.codes[0] if len(outcome.codes) == 1 else " ".join(outcome.codes),
        "study": {"name": study.name, "hash8": study.hash8},
        "free": {factor.name: _spec(factor) for factor in rows_of(study).factors},
        "targets": _targets(study, tables["targets"]),
        "waves": [
            {
                "runs": int(row["markets"]) * study.replicates.n,
                "cutoff": spec.method.cutoff,
                "share_not_ruled_out": _number(row["after"]),
            }
            for row in waves.to_dict("records")
        ],
        "not_identified": list(parameters["parameter"][~parameters["narrowed"].astype(bool)]),
        "missed": _missed(tables["targets"]),
    }
    if spec.method.doubled:
        wide = rows_of(double.doubled(study)).factors
        about["free_doubled"] = {factor.name: _spec(factor) for factor in wide}
    return about


def _spec(factor: Any) -> dict[str, Any]:
    given = factor.spec.model_dump(mode="json", exclude_defaults=True)
    return {key: value for key, value in given.items() if value is not None}


def _targets(study: Study, table: pd.DataFrame) -> dict[str, Any]:
    spec, found = spec_of(study), {}
    for row in table.to_dict("records"):
        name = row["target"]
        own = {**spec.targets, **spec.held, **spec.lift_tests}[name]
        given = own.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        given.setdefault("metric", own.metric)
        found[name] = {**given, "role": row["role"], "met": _number(row["members_met"])}
    return found


def _missed(table: pd.DataFrame) -> dict[str, Any]:
    if "missed" not in table:
        return {}
    missed = table[table["missed"].eq(True)]
    return {row.target: {"conflicts_with": row.conflicts_with, "why": row.why}
            for row in missed.itertuples()}


def _number(value: Any) -> float | None:
    value = float(value)
    return None if not np.isfinite(value) else round(value, 10)


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
