"""The classic models that a market has as limits: recognised, predicted, and held against runs.

`of` recognises the limit that a market is in, or says which switch keeps it out of all of them. The
limit then says what must come out (`expected`) and what did in a run (`measured`), under the same
names; `python -m experiments.limits FILE...` prints the two side by side.
"""

from experiments.limits.models import Bass, BetaGeometric, Dirichlet, Limit
from experiments.limits.recognise import NotALimit, bass, beta_geometric, dirichlet, of

__all__ = [
    "Bass",
    "BetaGeometric",
    "Dirichlet",
    "Limit",
    "NotALimit",
    "bass",
    "beta_geometric",
    "dirichlet",
    "of",
]
