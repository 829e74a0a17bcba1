"""What the tests of studies over an ensemble share: a small ensemble, made by hand, and its studies."""

import numpy as np
import pandas as pd
import pyarrow as pa
from tiny_studies import MARKET, Notes

from experiments import ensembles, show
from experiments.conduct import conduct
from experiments.metrics import METRICS
from experiments.study import load

PRICE, AWARE = "brands.A.products.cream.price", "brands.*.awareness"
FREE = {PRICE: {"range": [100, 300]}, AWARE: {"range": [0.1, 0.9]}}

COMPARE = """\
schema: 1
study: compare
market: {{use: market.yaml, ensemble: {ensemble}{more}}}
arms:
  none:
  followup: {{brands.A.strategies: {{service_followup: {{}}}}}}
{options}
record: {{series: false}}
execute: {{engine: inline}}
on_failure: {{max_fraction: 1}}
"""
TOURNAMENT = """\
schema: 1
study: tournament
market: {use: market.yaml, ensemble: small}
portfolios:
  none: {}
  followup: {service_followup: {}}
execute: {engine: inline}
on_failure: {max_fraction: 1}
"""
SWEEP = """\
schema: 1
study: sweep
market:
  use: market.yaml
  ensemble: small
  set: {brands.A.strategies.service_followup: {}}
response: long_run_contribution
factors:
  brands.A.strategies.service_followup.coupon: {range: [0, 0.3]}
design: {levels: 3}
execute: {engine: inline}
on_failure: {max_fraction: 1}
"""
SENSITIVITY = """\
schema: 1
study: sensitivity
market:
  use: market.yaml
  ensemble: small
  set: {brands.A.strategies.service_followup: {}}
response: long_run_contribution
factors:
  brands.A.strategies.service_followup.coupon: {range: [0, 0.3]}
  brands.A.products.cream.unit_cost: {integers: [40, 80]}
method: {name: sobol, n: 4}
surrogate: false
execute: {engine: inline}
on_failure: {max_fraction: 1}
"""


def write_ensemble(folder, n=4, name="small", doubled=0, weights=None, **columns):
    rng = np.random.default_rng(7)
    every = n + doubled
    own = [1 / n] * n if weights is None else weights
    table = {
        "id": [f"s{k:02d}" for k in range(n)] + [f"w{k:02d}" for k in range(doubled)],
        "ranges": ["stated"] * n + ["doubled"] * doubled,
        "weight": own + [1 / doubled] * doubled if doubled else own,
        "implausibility": [1.0] * every,
        PRICE: rng.uniform(150, 250, every),
        AWARE: rng.uniform(0.3, 0.7, every),
    }
    about = {"study": {"name": "calibrated", "hash8": "0a1b2c3d"}, "free": FREE}
    ensembles.write(folder / name, pd.DataFrame(table | columns), about)


def file(folder, text=None, ensemble="small", more="", options="", name="study.yaml"):
    (folder / "market.yaml").write_text(MARKET)
    path = folder / name
    own = COMPARE.format(ensemble=ensemble, more=more, options=options) if text is None else text
    path.write_text(own)
    return path


def study(folder, text=None, **options):
    return load(file(folder, text, **options))


def known(job, record):
    """An arm earns 10 (price - 150) more than none, and luck; every arm has the luck of its seed."""
    cream = job.market["brands"]["A"]["products"]["cream"]
    luck = np.random.default_rng(job.seed % 2**32).normal(1000, 100)
    follow = job.market["brands"]["A"]["strategies"].get("service_followup")
    noise = np.random.default_rng([job.seed % 2**32, 1]).normal(0, 50)
    gain = 0.0 if follow is None else 10 * (cream["price"] - 150) + noise + 100 * follow["coupon"]
    columns = {name: [luck + gain, luck - gain] for name in METRICS}
    return {"runs": pa.table({"brand": ["A", "B"], **columns})}


def carried_out(folder, given, simulate=known, **options):
    def go(stage):
        return conduct(stage, folder / "results", Notes(), simulate=simulate, **options)

    last, outcome = given.rules.carry_out(given, go)
    return last, outcome, last.rules.tables(last, outcome.store, outcome.design)


def said(study, tables, outcome):
    rules = study.rules
    texts = [rules.title(study), *rules.method(study), *rules.findings(study, tables)]
    for view in rules.views(study, tables):
        texts += [view.title, view.note, *(cell for row in view.rows for cell in row)]
    return "\n".join([*texts, *show.caveats(study, outcome, tables)])
