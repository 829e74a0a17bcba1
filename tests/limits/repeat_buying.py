"""What tests of the two models of repeat buying until dropout share."""

import numpy as np

from experiments.identity import seed
from experiments.run import observed
from experiments.study import load
from sim.config.market import MarketConfig
from sim.market import Market

COLD = {"people.entry.kind": "start", "people.n": 60_000}
"""Everybody's first purchase is on day 0, so that all are observed for the same time."""


def replicates(file):
    """Return a preset's market, and the repeats by day in the replicates of `huitou run`."""
    study = load(file)
    config = MarketConfig.model_validate(dict(study.arms[study.baseline]))
    runs = []
    for k in range(study.replicates.n):
        market = Market(config, rng=seed(study.replicates.seed, k))
        market.run_model()
        runs.append(observed.repeats_in_market(market))
    return config, np.array(runs)


def deviation(market, model, weeks):
    """Return how many standard errors mean repeats are from what a model of a customer expects."""
    late = market.orders[(market.orders["nth"] > 1) & (market.orders["day"] < 7 * weeks)]
    repeats = np.bincount(late["person"], minlength=market.config.people.n)
    error = repeats.std() / np.sqrt(repeats.size)
    return (repeats.mean() - model.repeats(weeks)) / error


def assert_near_the_log(table):
    """See that the log is never outside what 95 % of the runs show by more than a tenth."""
    late = table[table["day"] >= 100]
    assert (late["real"] < 1.1 * late["most"]).all()
    assert (late["real"] > 0.9 * late["least"]).all()
