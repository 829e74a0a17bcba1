"""Whether the targets of a study can hold together: asked before anything is run."""

from experiments.calibrate import spec
from experiments.calibrate.found import spec_of
from experiments.identities import Finding, check
from experiments.identities.known import of_market
from experiments.study import Study


def findings(study: Study) -> list[Finding]:
    """Check the targets of the study's brand, as it is without further strategies.

    What its market says of the brand is taken into account.
    """
    given = spec_of(study)
    own = {
        name: target
        for name, target in given.targets.items()
        if target.strategies is None and target.response.of in (None, study.of)
    }
    return check(own, of_market(study.base, study.of, given.free))


def conflicts(study: Study) -> list[str]:
    """Say which targets cannot hold together, in sentences."""
    return [finding.text for finding in findings(study) if finding.kind == "conflict"]


def consequences(study: Study) -> list[str]:
    """Say what the identities make of the targets, in one paragraph, or none."""
    found = findings(study)
    if not found:
        return []
    first = (
        "By arithmetic alone these targets cannot all be met."
        if any(finding.kind == "conflict" for finding in found)
        else "By arithmetic alone the targets can be met together."
    )
    return [" ".join([first, *(finding.text for finding in found)])]


def remarks(study: Study) -> list[str]:
    """Say what is unusual about a study."""
    return [*conflicts(study), *spec.remarks(study)]
