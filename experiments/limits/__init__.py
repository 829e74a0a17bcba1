"""The classic models that a market has as limits: recognised, predicted, and held against runs.

`of` recognises the limit that a market is in, or says which switch keeps it out of all of them. The
limit then says what must come out (`expected`) and what did in a run (`measured`), under the same
names; `python -m experiments.limits FILE...` prints the two side by side. Models of choice and
adoption are in `models`, of repeat buying in `repeats`, of contracts in `contracts`, of who brought
whom in `trees`, of awareness in `memory`.
"""

from experiments.limits.contracts import LifetimeValue, ShiftedBetaGeometric
from experiments.limits.memory import VidaleWolfe
from experiments.limits.models import Bass, Dirichlet, Limit
from experiments.limits.recognise import (
    bass,
    beta_geometric,
    dirichlet,
    lifetime_value,
    of,
    pareto_nbd,
    repeat_buying,
    shifted_beta_geometric,
    vidale_wolfe,
)
from experiments.limits.recognise_trees import galton_watson, yule
from experiments.limits.repeats import BetaGeometric, ParetoNBD
from experiments.limits.switches import NotALimit
from experiments.limits.trees import GaltonWatson, Yule

__all__ = [
    "Bass",
    "BetaGeometric",
    "Dirichlet",
    "GaltonWatson",
    "LifetimeValue",
    "Limit",
    "NotALimit",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "VidaleWolfe",
    "Yule",
    "bass",
    "beta_geometric",
    "dirichlet",
    "galton_watson",
    "lifetime_value",
    "of",
    "pareto_nbd",
    "repeat_buying",
    "shifted_beta_geometric",
    "vidale_wolfe",
    "yule",
]
