"""Whether the targets of a study can hold together: asked before anything is run."""

from experiments.calibrate import spec
from experiments.calibrate.found import spec_of
from experiments.identities import Finding, check
from experiments.identities.known import of_market
from experiments.study import Study


def findings(study: Study) -> list[Finding]:
    """Check the targets about the study's brand against the identities, with what its market says."""
    given = spec_of(study)
    own = {
        name: target
        for name, target in given.targets.items()
        if target.response.of in (None, study.of)
    }
    return check(own, of_market(study.base, study.of, given.free))


def conflicts(study: Study) -> list[str]:
    """Say which targets cannot hold together, in sentences."""
    return [finding.text for finding in findings(study) if finding.kind == "conflict"]


def remarks(study: Study) -> list[str]:
    """Say what is unusual about a study."""
    return [*conflicts(study), *spec.remarks(study)]
