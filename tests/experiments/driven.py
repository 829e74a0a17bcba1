"""What tests of sensitivity studies share: a study of two brands, and runs of known effects."""

import math

import numpy as np
import pyarrow as pa
from tiny_studies import MARKET, Notes

from experiments import show
from experiments.conduct import conduct
from experiments.metrics import METRICS
from experiments.study import load

STUDY = """\
schema: 1
study: sensitivity
market: {{use: market.yaml}}
{response}
factors:
  brands.A.products.cream.price: {{range: [100, 300]}}
  brands.A.products.cream.unit_cost: {{integers: [40, 80]}}
  brands.B.products.cream.price: {{range: [100, 300]}}
{more}
surrogate: {surrogate}
method: {method}
replicates: {{seed: 3}}
execute: {{engine: inline}}
on_failure: {{max_fraction: 1}}
"""
PRICE, COST, RIVAL = (
    "brands.A.products.cream.price",
    "brands.A.products.cream.unit_cost",
    "brands.B.products.cream.price",
)


def file(
    tmp_path,
    method="{name: sobol, n: 8}",
    response="response: gmv",
    more="",
    replace=(),
    surrogate="false",
):
    (tmp_path / "market.yaml").write_text(MARKET)
    path = tmp_path / "tiny.yaml"
    text = STUDY.format(method=method, response=response, more=more, surrogate=surrogate)
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def study(tmp_path, method="{name: sobol, n: 8}", **options):
    return load(file(tmp_path, method, **options))


def linear(job, record):
    """A run whose every metric is 3 x A's price + its cost, plus luck; B's price does nothing."""
    cream = {name: brand["products"]["cream"] for name, brand in job.market["brands"].items()}
    luck = np.random.default_rng(job.seed % 2**32).normal(0, 20)
    y = 3 * cream["A"]["price"] + cream["A"]["unit_cost"] + luck
    return {"runs": pa.table({"brand": ["A", "B"], **{name: [y, 0.0] for name in METRICS}})}


def noise(job, record):
    tables = linear(job, record)
    luck = np.random.default_rng([job.seed % 2**32, 5, int(job.config_hash[:8], 16)]).normal(0, 1)
    return {"runs": pa.table({"brand": ["A", "B"], **{name: [luck, 0.0] for name in METRICS}})} | {
        k: v for k, v in tables.items() if k != "runs"
    }


def undefined(job, record):
    """As `linear`, but one metric is never defined."""
    table = linear(job, record)["runs"]
    k = table.column_names.index("retention")
    return {"runs": table.set_column(k, "retention", pa.array([math.nan, math.nan]))}


def failing_b(job, record):
    """Fails in replicate 1 of the third block's last point."""
    if job.arm == "17" and job.replicate == 1:
        raise ValueError("no luck")
    return linear(job, record)


def go(tmp_path, given, simulate=linear):
    def run(stage):
        return conduct(stage, tmp_path / "results", Notes(), simulate=simulate)

    return given.rules.carry_out(given, run)


def carried_out(tmp_path, given, simulate=linear):
    last, outcome = go(tmp_path, given, simulate)
    return last, outcome, last.rules.tables(last, outcome.store, outcome.design)


def said(study, tables, outcome):
    rules = study.rules
    return "\n".join([*rules.findings(study, tables), *show.caveats(study, outcome, tables)])
