"""A study of which markets the data do not rule out: what its kind does."""

from experiments.calibrate import plots, spec, stages, starting, tables, texts
from experiments.calibrate.consistency import conflicts
from experiments.kinds import Kind
from experiments.study import Study


def remarks(study: Study) -> list[str]:
    """Say what is unusual about the size of a study, and which of its targets are at odds."""
    return [*spec.remarks(study), *conflicts(study)]


KIND = Kind(
    schema=spec.CalibrateStudy,
    points=spec.points,
    tables=tables.tables,
    views=texts.views,
    main="targets",
    title=texts.title,
    method=texts.method,
    starter=starting.lines,
    findings=texts.findings,
    caveats=texts.caveats,
    responses=spec.responses,  # type: ignore[arg-type]  # lift tests are measured like them
    plots=plots.PLOTS,
    carry_out=stages.carry_out,
    at_most=stages.at_most,
    remarks=remarks,
)
