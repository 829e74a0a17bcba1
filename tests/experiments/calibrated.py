"""What tests of calibrate studies share: a study of two brands, and runs of known effects."""

import math

import numpy as np
import pyarrow as pa
import pytest
from tiny_studies import MARKET, Notes

from experiments import report
from experiments.conduct import conduct
from experiments.lift_tests import Lift
from experiments.metrics import METRICS
from experiments.study import load
from sim.config.yaml_file import ConfigError

PRICE, COST = "brands.A.products.cream.price", "brands.A.products.cream.unit_cost"
RIVAL = "brands.B.products.cream.price"
STUDY = """\
schema: 1
study: calibrate
market: {use: market.yaml}
of: A
free:
  brands.A.products.cream.price: {range: [100, 300]}
  brands.A.products.cream.unit_cost: {integers: [40, 80]}
  brands.B.products.cream.price: {range: [50, 200], dist: loguniform}
targets:
  spent: {metric: gmv, value: 690, tolerance: 40, source: books}
  ratio: {metric: aov, low: 3.3, high: 3.9, source: books, kind: vendor}
held:
  other: {metric: net_revenues, of: B, low: 0, high: 1, source: nothing}
method: {waves: 3, runs: 32, ensemble: 8}
replicates: {seed: 3}
execute: {engine: inline}
on_failure: {max_fraction: 1}
"""


def write(tmp_path, replace=(), more=""):
    (tmp_path / "market.yaml").write_text(MARKET)
    text = STUDY + more
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "tiny.yaml"
    path.write_text(text)
    return path


def numbers(job):
    """GMV 3 x price + cost, AOV price / cost, plus a little luck; B's price does nothing."""
    cream = job.market["brands"]["A"]["products"]["cream"]
    luck = np.random.default_rng(job.seed % 2**32).normal(0, 1)
    named = dict.fromkeys(METRICS, 0.5)
    named["gmv"] = 3 * cream["price"] + cream["unit_cost"] + 4 * luck
    named["aov"] = cream["price"] / cream["unit_cost"] + 0.02 * luck
    lifts = {r.column: cream["price"] / 300 for r in job.responses if isinstance(r, Lift)}
    return named | lifts


def simulate(job, record):
    return table(numbers(job))


def table(named):
    columns = {name: [value, 0.5] for name, value in named.items()}
    return {"runs": pa.table({"brand": ["A", "B"], **columns})}


def undefined(job, record):
    """As `simulate`, but AOV has no value where the price is low."""
    named = numbers(job)
    if job.market["brands"]["A"]["products"]["cream"]["price"] < 150:
        named["aov"] = math.nan
    return table(named)


def go(tmp_path, study, simulate=simulate):
    def run(stage):
        return conduct(stage, tmp_path / "results", Notes(), simulate=simulate)

    return study.rules.carry_out(study, run)


def carried_out(tmp_path, study, simulate=simulate):
    last, outcome = go(tmp_path, study, simulate)
    return last, outcome, report.present(last, outcome)[0]


def problems(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(p).replace(str(path.parent) + "/", "") for p in caught.value.problems]
