"""What follows from the targets of a study by arithmetic alone, before any market is run."""

from experiments.calibrate.found import spec_of
from experiments.identities import Finding, check
from experiments.identities.known import of_market
from experiments.study import Study


def consistency(study: Study) -> list[Finding]:
    """Check the targets of the study's brand, as it is without further strategies."""
    own = {
        name: target
        for name, target in spec_of(study).targets.items()
        if target.strategies is None and target.response.of in (None, study.of)
    }
    return check(own, of_market(study.base, study.of))


def conflicts(study: Study) -> list[str]:
    """Say which targets no market can meet together."""
    return [finding.text for finding in consistency(study) if finding.kind == "conflict"]


def consequences(study: Study) -> list[str]:
    """Say what the identities make of the targets, in one paragraph, or none."""
    found = consistency(study)
    if not found:
        return []
    first = (
        "By arithmetic alone these targets cannot all be met."
        if any(finding.kind == "conflict" for finding in found)
        else "By arithmetic alone the targets can be met together."
    )
    return [" ".join([first, *(finding.text for finding in found)])]
