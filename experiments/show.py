"""What of a summary is shown: sentences and pictures; terminal, report and notebooks share them."""

import io
from collections.abc import Sequence

import matplotlib
from matplotlib.figure import Figure

from experiments import formats
from experiments.conduct import Outcome
from experiments.identity import metrics_version
from experiments.kinds import Tables
from experiments.store import UNKNOWN
from experiments.study import Study
from experiments.style import STYLE


def caveats(study: Study, outcome: Outcome, tables: Tables) -> list[str]:
    """Say what a reader must know about how the results came about."""
    out = []
    missing = outcome.planned - outcome.done
    if missing:
        out.append(
            f"{formats.count(missing, 'run')} of {outcome.planned:,} failed or were not computed "
            "yet, and are left out; see failures.jsonl."
        )
    if note := measured_otherwise(outcome.metrics):
        out.append(note)
    if not outcome.store.manifest():
        out.append("manifest.json cannot be read: where these results come from is not known.")
    out += study.rules.caveats(study, tables)
    if study.replicates.n == 1:
        out.append("One replicate gives no interval; raise replicates.n to learn how sure this is.")
    if len(outcome.codes) > 1:
        out.append(f"The runs come from {len(outcome.codes)} versions of the code (--allow-mixed).")
    return out


def measured_otherwise(versions: Sequence[str]) -> str:
    """Say that metrics were not defined as they are today; nothing if they were.

    Parameters
    ----------
    versions
        Of the definitions of metrics, as the runs have them.
    """
    if not set(versions) - {metrics_version()}:
        return ""
    theirs = ", ".join(version if version != UNKNOWN else "unknown" for version in versions)
    return (
        f"The metrics of these runs were computed by other definitions (version {theirs}) than "
        f"today's ({metrics_version()}): they may not be what labels and texts say now. "
        "To carry out the study again computes them afresh."
    )


def as_written(error: Exception) -> str:
    """Say that a summary is that of the time, and why."""
    return f"This is the summary as it was written, for it cannot be made now: {error}"


def draw(study: Study, tables: Tables) -> dict[str, tuple[str, Figure]]:
    """Return the figures of a study that its tables suffice for: by name, with a caption."""
    figures: dict[str, tuple[str, Figure]] = {}
    with matplotlib.rc_context(STYLE):
        for plot in study.rules.plots:
            figure = plot(study, tables)
            if figure is not None:
                figures[plot.__name__] = ((plot.__doc__ or "").split("\n")[0], figure)
    return figures


def png(figure: Figure, dpi: int = 150) -> bytes:
    """Return a figure as a picture."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi)
    return stream.getvalue()
