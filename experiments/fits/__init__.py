"""Models of repeat buying fitted by maximum likelihood: where one exists, the starting point.

`fit_bgnbd` and `fit_pareto_nbd` take customers' histories (`Histories`), which `histories` counts in a
transaction log up to a day; `fit_dirichlet` takes a panel's purchases by household and brand. Each
gives a `Fit`: parameters, their covariance, intervals, and what the model predicts.
"""

from experiments.fits.bgnbd import fit_bgnbd
from experiments.fits.dirichlet import fit_dirichlet
from experiments.fits.fit import Fit
from experiments.fits.histories import Histories, histories
from experiments.fits.pareto_nbd import fit_pareto_nbd

__all__ = ["Fit", "Histories", "fit_bgnbd", "fit_dirichlet", "fit_pareto_nbd", "histories"]
