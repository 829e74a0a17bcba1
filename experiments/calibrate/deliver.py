"""What a study hands over: a market file, and an ensemble of markets."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import yaml

from experiments import ensembles
from experiments.calibrate import double
from experiments.calibrate.found import rows_of, spec_of
from experiments.calibrate.spec import LiftTest, Target
from experiments.calibrate.waves import UNIT
from experiments.conduct import Outcome
from experiments.factors import Factor
from experiments.files import write_bytes
from experiments.kinds import Tables
from experiments.markets import loose
from experiments.study import Study
from sim.config.yaml_file import dotted

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
    ensembles.write(folder / "ensemble" / "stated", _table(study, stated), about)
    if spec_of(study).method.doubled:
        ensembles.write(folder / "ensemble" / "both", _table(study, members), about)


def _table(study: Study, members: pd.DataFrame) -> pd.DataFrame:
    own = [name for name in members if str(name).startswith(("held.", UNIT))]
    table = members.drop(columns=[*OWN, *own]).reset_index(drop=True)
    for factor in rows_of(study).factors:
        if not factor.has_numbers:
            table[factor.name] = table[factor.name].map(json.loads).astype(object)
    return table


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
        "market_hash": str(rows_of(study).hashes[int(tables["ensemble"]["point"].iloc[0])]),
        "code": outcome.codes[0] if len(outcome.codes) == 1 else " ".join(outcome.codes),
        "study": {"name": study.name, "hash8": study.hash8},
        "free": _free(rows_of(study).factors),
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
        about["free_doubled"] = _free(wide)
    return about


def _free(factors: Sequence[Factor]) -> dict[str, Any]:
    """Return what each parameter was varied over; of a `scale`, of every parameter that it scales."""
    found: dict[str, Any] = {}
    for factor in factors:
        given = factor.spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        names = [factor.name] if factor.spec.scale is None else map(dotted, factor.paths)
        found |= {name: dict(given) for name in names}
    return found


def _targets(study: Study, table: pd.DataFrame) -> dict[str, Any]:
    spec = spec_of(study)
    asked: dict[str, Target | LiftTest] = {**spec.targets, **spec.held, **spec.lift_tests}
    found: dict[str, Any] = {}
    for row in table.to_dict("records"):
        name = str(row["target"])
        own = asked[name]
        given = own.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        given.setdefault("metric", own.metric)
        found[name] = {**given, "role": row["role"], "met": _number(row["members_met"])}
    return found


def _missed(table: pd.DataFrame) -> dict[str, Any]:
    if "missed" not in table:
        return {}
    missed = table[table["missed"].eq(True)]
    return {
        str(row.target): {"conflicts_with": row.conflicts_with, "why": row.why}
        for row in missed.itertuples()
    }


def _number(value: Any) -> float | None:
    value = float(value)
    return None if not np.isfinite(value) else round(value, 10)


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
