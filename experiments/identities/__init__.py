"""Identities that targets must obey together, whatever the market: checked before any is run.

Targets come from different sources, and a set of them need not be able to hold at once. `check`
says which cannot, by how much, and what follows from those that can. On the command line:

    python -m experiments.identities FILE...
"""

from experiments.identities.catalogue import IDENTITIES, Identity
from experiments.identities.findings import Finding, Range, TargetLike, check

__all__ = ["IDENTITIES", "Finding", "Identity", "Range", "TargetLike", "check"]
