"""The last step of a study: tables, plots and a report, written where the runs are."""

import base64
from pathlib import Path
from typing import Any

import experiments
from experiments import formats, logs, show, summary
from experiments.conduct import Outcome
from experiments.errors import StorageError
from experiments.files import write_bytes
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.study import Study

TEMPLATE = "report.html.j2"


def present(study: Study, outcome: Outcome) -> tuple[Tables, bool]:
    """Return the tables of the summary; make them, and plots and report, only if they are stale.

    Returns
    -------
    dict, bool
        The tables by name, and whether they were made afresh.
    """
    store = outcome.store
    mark, found = summary.stored(study, store, outcome.design)
    if found is not None and (store.folder / "report.html").exists():
        return found, False
    tables = study.rules.tables(study, store, outcome.design) | logs.tables(study)
    pictures = _pictures(study, tables, store.folder)
    page = _page(study, outcome, tables, pictures)
    write_bytes(store.folder / "report.html", page.encode())
    store.write_summary(_json(study, outcome, tables, mark), tables)
    return tables, True


def shown(study: Study, outcome: Outcome) -> tuple[Tables, str]:
    """Return the tables as `present` does; where nothing can be written, also why there is no more.

    Returns
    -------
    dict, str
        The tables by name, and a sentence if the report could not be written.
    """
    try:
        return present(study, outcome)[0], ""
    except StorageError as error:
        tables = study.rules.tables(study, outcome.store, outcome.design)
        return tables, f"no report is written: {error}"


def _pictures(study: Study, tables: Tables, folder: Path) -> list[dict[str, str]]:
    """Draw and write the plots; return what the page needs to show them."""
    shown = []
    for name, (caption, figure) in show.draw(study, tables).items():
        picture = show.png(figure)
        write_bytes(folder / "plots" / f"{name}.png", picture)
        encoded = base64.b64encode(picture).decode()
        shown.append({"name": name, "caption": caption, "png": encoded})
    return shown


def _json(study: Study, outcome: Outcome, tables: Tables, mark: str) -> dict[str, Any]:
    """Return the summary's few numbers for programs: findings, caveats, the main table."""
    main = tables[study.rules.main]
    rows = main.astype(object).where(main.notna(), None).to_dict("records")
    return {
        "schema": 1,
        "name": study.name,
        "study": study.kind,
        "of": study.of,
        "runs": {"planned": outcome.planned, "done": outcome.done},
        "notice": study.notice,
        "findings": study.rules.findings(study, tables),
        "caveats": show.caveats(study, outcome, tables),
        study.rules.main: rows,
        "fingerprint": mark,
    }


def _page(study: Study, outcome: Outcome, tables: Tables, pictures: list[dict[str, str]]) -> str:
    import jinja2

    folder = Path(experiments.__path__[0]) / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    manifest = outcome.store.manifest()
    return environment.get_template(TEMPLATE).render(
        study=study,
        outcome=outcome,
        manifest=manifest,
        views=study.rules.views(study, tables),
        findings=study.rules.findings(study, tables),
        caveats=show.caveats(study, outcome, tables),
        title=study.rules.title(study),
        method=study.rules.method(study),
        pictures=pictures,
        definitions=_definitions(),
        seconds=formats.seconds(sum(s["run_seconds"] for s in manifest.get("sessions", []))),
        config=(outcome.store.folder / "config.resolved.yaml").read_text(encoding="utf-8"),
    )


def _definitions() -> list[dict[str, str]]:
    """Return what each metric means, from the docstring of its function; those of tables first."""
    from experiments.run.views import GROUPS

    shown = [name for group in GROUPS for name in group.metrics]
    others = [name for name in METRICS if name not in shown]
    return [
        {
            "label": metric.label,
            "unit": metric.unit,
            "text": " ".join((metric.function.__doc__ or "").split()),
        }
        for metric in (METRICS[name] for name in (*shown, *others))
    ]
