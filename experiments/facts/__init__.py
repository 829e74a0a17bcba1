"""The facts of the field that the full market should show, and whether it does.

Each fact has a study file in `configs/facts/`, which `huitou` runs as any other, and a module here
that says what is measured in it, what counts as agreement, and which arm has the mechanism off.
`python -m experiments.facts` carries them out and writes `results/published/validation.md`.

They are here and not among the tests, like the limits, so that a study file of one's own can be
put to the same question.
"""

from experiments.facts import (
    cascades,
    contact,
    distributors,
    double_jeopardy,
    pareto,
    recommenders,
    referred,
    spillover,
)
from experiments.facts.fact import Fact

FACTS: dict[str, Fact] = {
    room.FACT.name: room.FACT
    for room in (
        double_jeopardy,
        pareto,
        referred,
        recommenders,
        cascades,
        spillover,
        contact,
        distributors,
    )
}
"""All facts by name, in the order of the page."""
