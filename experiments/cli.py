"""The command `huitou`."""

import contextlib
import enum
import os
import shlex
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from experiments import listings, plaintext
from experiments.kind_names import KINDS
from experiments.new import new

if TYPE_CHECKING:
    from experiments.study import Study

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Huitou: an agent-based market simulator for customer-retention research.",
)

File = Annotated[Path, typer.Argument(help="Study file (YAML).", show_default=False)]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Worker processes. [default: one for each processor]"),
]
Results = Annotated[Path, typer.Option(help="Folder in which studies get their folders.")]
AllowMixed = Annotated[
    bool, typer.Option("--allow-mixed", help="Keep runs that other code has computed.")
]
Recompute = Annotated[
    bool, typer.Option("--recompute", help="Compute again what other code has computed.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the results folder only.")]


@app.callback(invoke_without_command=True)
def _root(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)
    ] = False,
) -> None:
    if show_version:
        print(f"huitou {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return version("huitou")
    except PackageNotFoundError:  # a checkout that is not installed
        return "(not installed)"


def _command_for(name: str) -> None:
    """Add the command that carries out studies of a kind."""

    def carry_out(
        file: File,
        workers: Workers = None,
        results: Results = Path("results"),
        allow_mixed: AllowMixed = False,
        recompute: Recompute = False,
        quiet: Quiet = False,
    ) -> None:
        how = {"allow_mixed": allow_mixed, "recompute": recompute}
        _study(name, file, workers, results, how, quiet)

    app.command(name, help=KINDS[name])(carry_out)


for _name in KINDS:
    _command_for(_name)


def _study(
    kind: str, file: Path, workers: int | None, results: Path, how: dict[str, bool], quiet: bool
) -> None:
    from experiments import console, progress
    from experiments.errors import UsageError
    from experiments.report import present
    from experiments.session import Session
    from experiments.study import load

    study = load(file)
    if study.kind != kind:
        raise UsageError(f"{file} is a `{study.kind}` study: use `huitou {study.kind} {file}`")
    telling = progress.make(quiet)
    session = Session(results, telling, workers, command=_command(), **how)
    study, outcome = session.carry_out(study)
    if outcome.computed == 0 and not outcome.failures:
        telling.note(console.already(outcome, outcome.store.folder))
    tables, _ = present(study, outcome)
    if quiet:
        print(outcome.store.folder)
    else:
        console.show(console.make(), study, outcome, tables)


@app.command()
def plan(
    file: File,
    workers: Workers = None,
    results: Results = Path("results"),
    allow_mixed: AllowMixed = False,
    recompute: Recompute = False,
) -> None:
    """Forecast from a small pilot what a study takes and how precise it will be."""
    from experiments import console, engines, forecast, progress
    from experiments.session import Session
    from experiments.study import load

    study = load(file)
    telling = progress.make(quiet=False)
    session = Session(results, telling, workers, allow_mixed, recompute, _command())
    found = session.forecasts(study)
    out = console.make()
    number = workers or study.execute.workers or engines.processors()
    out.print(console.table(forecast.view(found, number), encoding=out.encoding))
    for text in [*study.rules.remarks(study), *(t for stage in found for t in stage.precision)]:
        out.print(text, soft_wrap=True)
    forecast.refuse_above_budget(found)
    out.print(f"The runs of the pilot are kept: `huitou {study.kind} {file}` carries on.")


def _command() -> str:
    return shlex.join(["huitou", *sys.argv[1:]])


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Results folder of a study, finished or not.")],
) -> None:
    """Show what is in a results folder, and write its report, without computing any run."""
    from experiments import console
    from experiments.conduct import reopen
    from experiments.errors import MissingLibrary
    from experiments.report import shown
    from experiments.store import Store
    from sim.config.yaml_file import ConfigError

    out = console.make()
    try:
        study, outcome = reopen(folder)
        tables, problem = shown(study, outcome)
    except (ConfigError, MissingLibrary) as error:
        console.show_as_written(out, Store(folder), error)
        return
    console.show(out, study, outcome, tables)
    if problem:
        print(f"huitou: {problem}", file=sys.stderr)


class Form(enum.StrEnum):
    """What tables are exported to."""

    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Results folder of a study.")],
    to: Annotated[Form, typer.Option(help="A folder of files, or one Excel workbook.")] = Form.csv,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder or workbook. [default: named as the study]"),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="csv: begin with the mark that Excel needs for UTF-8.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
) -> None:
    """Write every table of a study for other programs, with a list of what the columns are."""
    from experiments.export import export as write
    from experiments.results import Results

    results = Results(folder)
    ending = ".xlsx" if to is Form.xlsx else f"-{to.value}"
    out = output or Path(folder.resolve().name + ending)
    number = write(results, to.value, out, bom=bom, force=force)  # type: ignore[arg-type]
    print(f"wrote {out}: {number} tables; what the columns are is in columns")


@app.command()
def publish(
    files: Annotated[list[Path], typer.Argument(help="Study files.", metavar="FILE...")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the page.")],
    changes: Annotated[
        Path | None,
        typer.Option(help="Markdown file: what differs from the page before, and why."),
    ] = None,
    workers: Workers = None,
    results: Results = Path("results"),
    allow_mixed: AllowMixed = False,
    recompute: Recompute = False,
) -> None:
    """Carry out studies, and write a page on them: question, answer, how sure, method."""
    from experiments import progress, publish
    from experiments.report import present
    from experiments.session import Session
    from experiments.study import load

    told = publish.text_of(changes) if changes else ""
    telling = progress.make(quiet=False)
    session = Session(results, telling, workers, allow_mixed, recompute, _command())
    parts = []
    for study_file, asked in [(file, load(file)) for file in files]:
        study, outcome = session.carry_out(asked)
        tables, _ = present(study, outcome)
        parts.append(publish.Part(study_file, study, outcome, tables))
    names = [file.as_posix() for file in files]
    more = ["--changes", changes.as_posix()] if changes else []
    again = shlex.join(["huitou", "publish", *names, "-o", output.as_posix(), *more])
    print(f"wrote {publish.publish(parts, output, again, told)}")


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Study or market files.", metavar="FILE...")],
) -> None:
    """Check files, and say everything that is wrong with them."""
    from experiments import logs, networks
    from experiments.study import load
    from sim.config.yaml_file import ConfigError

    bad = 0
    for file in files:
        try:
            study = load(file)
            print(f"ok  {file}: {_described(study)}", flush=True)
            read = (*logs.notes(study), *networks.reports(study))
            for note in (*read, *study.rules.remarks(study)):
                print(f"    {note}", flush=True)
        except ConfigError as error:
            bad += 1
            print(error, file=sys.stderr, flush=True)
    if bad:
        raise typer.Exit(2)


def _described(study: "Study") -> str:
    from experiments.formats import count

    markets = count(len(study.planned), "market")
    return f"{study.kind}, {markets}, {count(study.replicates.n, 'replicate')} of each"


app.command("strategies")(listings.strategies)
app.command("targets")(listings.targets)


app.command()(new)


@app.command()
def repeat(
    folder: Annotated[Path, typer.Argument(help="Results folder of a study.")],
    run_id: Annotated[str, typer.Argument(help="Run to repeat, as in failures.jsonl.")],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Compute it though data or code have changed.")
    ] = False,
) -> None:
    """Repeat one run of a study here and now, and compare; if it fails, show where."""
    from experiments.repeat import repeat as again

    raise typer.Exit(again(folder, run_id, anyway))


def main() -> NoReturn:
    """Run the command line; a mistake of the user's gets words and an exit code."""
    from sim.config import remarks

    code = 0
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # not every stand-in for a terminal can do it
            stream.reconfigure(errors=plaintext.NAME)  # type: ignore[union-attr]
    warnings.formatwarning = lambda message, *_, **__: f"huitou: warning: {message}\n"
    try:
        with remarks.written(lambda line: print(f"remark: {line}", file=sys.stderr, flush=True)):
            app()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(bool(done.code))
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        code = _explain(error)
    sys.exit(_flushed(code))


def _explain(error: Exception) -> int:
    from experiments.errors import StudyError
    from sim.config.yaml_file import ConfigError
    from sim.plugins import ClashError

    with contextlib.suppress(BrokenPipeError):
        if isinstance(error, ClashError):
            print(f"huitou: {error}", file=sys.stderr)
            return 2
        if isinstance(error, ConfigError):
            print(error, file=sys.stderr)
            return 2
        if isinstance(error, StudyError):
            print(f"huitou: {error}", file=sys.stderr)
            return error.exit_code
        if isinstance(error, BrokenPipeError):
            return 1
        if isinstance(error, MemoryError):
            print(f"huitou: there is not enough memory: {error}", file=sys.stderr)
            return 1
        if os.environ.get("HUITOU_DEBUG"):
            raise error
        print(
            f"huitou: internal error: {type(error).__name__}: {error}\n"
            "This is a defect of the program; HUITOU_DEBUG=1 shows where.",
            file=sys.stderr,
        )
    return 70


def _flushed(code: int) -> int:
    """Flush standard output now: a reader who has gone must not cause a message at the exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 1
    except OSError as error:
        print(f"huitou: cannot write the output: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 1
    return code


if __name__ == "__main__":
    main()
