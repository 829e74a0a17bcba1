"""Commands that only print tables: what strategies there are, what presets give of their targets."""

import json
from typing import Annotated

import typer


def strategies(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the strategies, with the rows of the playbook that each implements."""
    from sim.strategies.interface import strategies as installed

    known = installed()
    if as_json:
        print(json.dumps([{"name": k, "rows": list(c.rows)} for k, c in known.items()], indent=2))
        return
    from experiments import console
    from experiments.tabular import View

    rows = [
        [name, ", ".join(map(str, cls.rows)), (cls.__doc__ or "").strip().split("\n")[0]]
        for name, cls in known.items()
    ]
    out = console.make()
    grid = console.table(View("", ["strategy", "rows", "idea"], rows), encoding=out.encoding)
    for column in grid.columns[1:]:
        column.justify = "left"
    out.print(grid)


def targets(
    studies: Annotated[
        list[str] | None,
        typer.Argument(
            help="Calibrate studies: names of presets, or files. [default: every preset]",
            metavar="STUDY...",
            show_default=False,
        ),
    ] = None,
    runs: Annotated[int, typer.Option(min=2, max=1000, help="Runs of each market.")] = 8,
    ensemble: Annotated[
        str | None,
        typer.Option(help="Name or table of its ensemble. [default: that of the same name]"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Worker processes. [default: one for each processor]"),
    ] = None,
) -> None:
    """Hold presets to the targets of their calibrate studies: target, ours, interval."""
    from experiments import console, progress
    from experiments.calibrate import presets
    from experiments.errors import UsageError

    names = studies or list(presets.shipped())
    if ensemble is not None and len(names) != 1:
        raise UsageError("--ensemble is of one study: name it")
    out, telling = console.make(), progress.make(quiet=False)
    for name in names:
        study = presets.study_of(name)
        found = presets.ensemble_of(name, ensemble)
        table = presets.compared(study, presets.measured(study, runs, telling, workers), found)
        for text in presets.findings(study, table, runs, found):
            out.print(text, soft_wrap=True)
        for view in presets.views(study, table):
            grid = console.table(view, out.width < console.WIDE, out.encoding)
            grid.columns[-1].justify = "left"
            out.print(grid)
            if view.note:
                out.print(view.note, style="dim", soft_wrap=True)
        out.print()
