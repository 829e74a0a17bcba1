"""What of a summary is shown: sentences and pictures; terminal, report and notebooks share them."""

import io
from collections.abc import Sequence

import matplotlib
from matplotlib.figure import Figure

from experiments import formats, glyphs, logs
from experiments.conduct import Outcome
from experiments.horizon import COUNTED_FROM
from experiments.identity import metrics_version
from experiments.kinds import Plot, Tables
from experiments.points import Arms, Rows
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
    out += [f"Network {text}." for text in outcome.store.manifest().get("networks", [])]
    out += [*study.rules.remarks(study), *study.rules.caveats(study, tables)]
    out += logs.caveats(tables)
    out += beyond_horizon(study, outcome)
    if study.replicates.n == 1:
        out.append("One replicate gives no interval; raise replicates.n to learn how sure this is.")
    if len(outcome.codes) > 1:
        out.append(f"The runs come from {len(outcome.codes)} versions of the code (--allow-mixed).")
    return out + glyphs.note(names(study))


def beyond_horizon(study: Study, outcome: Outcome) -> list[str]:
    """Say how much comes after the terminal period, and whether long-run results count it."""
    columns, own = ["truncated_share", "brand"], [("brand", "=", study.of)]
    shares = outcome.store.read("runs", columns, own, outcome.design["run_id"])["truncated_share"]
    days = int(study.base.get("terminal_period", 0))
    if not shares.notna().any():
        return [f"Long-run results of {study.of} count {days:,} days after the run, and no more."]
    share = formats.value(float(shares.mean()), "share")
    if days >= COUNTED_FROM:
        end = f"what comes later ({share} of net revenue), continued as a geometric series"
    else:
        end = (
            f"not what comes later (about {share} of net revenue): a terminal_period of "
            f"{COUNTED_FROM:,} days or more counts it"
        )
    return [f"Long-run results of {study.of} count {days:,} days after the run, and {end}."]


def names(study: Study) -> list[str]:
    """Return what the author of a study has named, and tables and pictures show."""
    base = study.base
    named = [*base["brands"], *base["categories"]]
    for brand in base["brands"].values():
        named += brand["products"]
    if isinstance(study.points, Arms):
        named += study.arms
    named += getattr(study.spec, "portfolios", {})
    rows = getattr(study.points, "rows", study.points)
    for factor in rows.factors if isinstance(rows, Rows) else ():
        named += [str(factor.label(u)) for u in factor.ends() if not factor.has_numbers]
    return list(dict.fromkeys(named))


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
    for plot in study.rules.plots:
        figure = drawn(plot, study, tables)
        if figure is not None:
            figures[plot.__name__] = ((plot.__doc__ or "").split("\n")[0], figure)
    return figures


def drawn(plot: Plot, study: Study, tables: Tables) -> Figure | None:
    """Return one figure of a study, in the project's style, with names as fonts have them."""
    with matplotlib.rc_context(STYLE):
        figure = plot(study, tables)
        if figure is not None:
            glyphs.fit(figure, names(study))
    return figure


def png(figure: Figure, dpi: int = 150) -> bytes:
    """Return a figure as a picture."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi)
    return stream.getvalue()
