"""Metrics of customers: would they recommend, and how unlike they are in what they bring."""

import numpy as np
from scipy.special import ndtr

from experiments import customer_base
from experiments.records import Records
from experiments.registry import Numbers, metric, ratio
from sim.brands.brand_interface import SURVEY_NOISE

ENTHUSIASM = 0.5
"""How far above the satisfaction threshold, as a share of the way to 1, promoters begin: an assumption."""
TOP = 20


@metric("net promoter score", "points")
def nps(records: Records) -> Numbers:
    """Promoters less detractors, in points of 100, as a survey at the end of the run would find.

    Of all who ordered in the run, those who have left included. The score is Reichheld's (2003),
    whose detractors are dissatisfied, passives satisfied and promoters enthusiastic. How the answer
    comes from satisfaction is an assumption: an answer is satisfaction with the noise of a survey
    (`sim.brands.brand_interface`), a detractor's is below the satisfaction threshold, a promoter's
    above the middle between it and 1. The score is the expected one, without the noise of the
    survey.
    """
    active = customer_base.active(records)
    felt, brand = (
        records.satisfaction[active].astype(np.float64),
        records.customers["brand"][active],
    )
    keen = records.gate + ENTHUSIASM * (1 - records.gate)
    promoter, detractor = (
        ndtr((felt - keen) / SURVEY_NOISE),
        ndtr((records.gate - felt) / SURVEY_NOISE),
    )
    return ratio(100 * records.per_brand(brand, promoter - detractor), records.per_brand(brand))


@metric("Gini of revenue from customers", "ratio")
def revenue_gini(records: Records) -> Numbers:
    """Gini coefficient of net revenue over the customers of the run.

    0 if all bring the same, near 1 if one brings all; NaN if nobody brought anything.
    """
    return np.array([customer_base.gini(each) for each in customer_base.brought(records)])


@metric("revenue from the top 20 %", "share")
def top_share(records: Records) -> Numbers:
    """Share of net revenue that comes from the 20 % of the run's customers who bring the most.

    The claim of 80/20 says that it is 80 %.
    """
    curves = [customer_base.lorenz(each) for each in customer_base.brought(records)]
    return np.array([1 - ratio(curve[100 - TOP], curve[100]) for curve in curves]).reshape(-1)
