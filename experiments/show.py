"""What of a summary is shown: sentences and pictures; terminal, report and notebooks share them."""

import io

import matplotlib
from matplotlib.figure import Figure

from experiments import formats, logs
from experiments.conduct import Outcome
from experiments.kinds import Tables
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
    out += [f"Network {text}." for text in outcome.store.manifest().get("networks", [])]
    out += study.rules.caveats(study, tables)
    out += logs.caveats(tables)
    if study.replicates.n == 1:
        out.append("One replicate gives no interval; raise replicates.n to learn how sure this is.")
    if len(outcome.codes) > 1:
        out.append(f"The runs come from {len(outcome.codes)} versions of the code (--allow-mixed).")
    return out


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
