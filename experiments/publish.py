"""A page that others can read and check: question, answer, how sure, method, and what it came from.

The page is Markdown with pictures beside it, small enough to be committed; the runs stay where they
are, and one command makes them and the page again.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from experiments import formats, show
from experiments.conduct import Outcome
from experiments.errors import UsageError
from experiments.files import write_bytes
from experiments.kinds import Tables
from experiments.study import Study
from experiments.tabular import View

PAGE = "README.md"


MARKUP = re.compile(r"[\\`*_{}\[\]<>#|$~&]")
"""What Markdown, or GitHub's, takes for markup."""


class Part(NamedTuple):
    """A study of a page, with what has become of it."""

    file: Path
    study: Study
    outcome: Outcome
    tables: Tables


def publish(parts: Sequence[Part], folder: Path, command: str, changes: str = "") -> Path:
    """Write the page of some studies and its pictures; return where the page is.

    Parameters
    ----------
    parts
        The studies, in order.
    folder
        Where to; files of an earlier page that this one does not have are left alone.
    command
        What makes the page again.
    changes
        Markdown on what differs from the page before, and why; it comes first.
    """
    lines = [f"# {folder.name.replace('_', ' ').replace('-', ' ').capitalize()}", ""]
    if changes:
        lines += ["## What changed since the page before", "", changes.strip(), ""]
    for part in parts:
        lines += _section(part, folder, alone=len(parts) == 1)
    lines += ["## Again", "", f"```\n{command}\n```", ""]
    write_bytes(folder / PAGE, "\n".join(lines).encode())
    return folder / PAGE


def text_of(file: Path) -> str:
    """Return what is in a file of text.

    Raises
    ------
    UsageError
        If it cannot be read, or there is nothing in it.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from error
    if not text.strip():
        raise UsageError(f"{file} is empty: write what changed, or leave --changes out")
    return text


def _section(part: Part, folder: Path, alone: bool) -> Iterator[str]:
    study, tables = part.study, part.tables
    depth = "##" if alone else "###"
    if not alone:
        yield from (f"## {study.name}", "")
    names = show.names(study)
    if study.notice:
        yield from (f"> **Note.** {_escaped(study.notice, names)}", "")
    if study.spec.question:
        yield from (f"**Question.** {_escaped(study.spec.question, names)}", "")
    yield from (f"{depth} Answer, and how sure it is", "")
    for text in study.rules.findings(study, tables):
        yield f"- {_escaped(text, names)}"
    for text in show.caveats(study, part.outcome, tables):
        yield f"- *{_escaped(text, names)}*"
    yield ""
    yield from _pictures(part, folder)
    for view in study.rules.views(study, tables):
        if view.rows and not view.detail:
            yield from _table(view, names)
    yield from (f"{depth} Method", "", f"{_escaped(study.rules.title(study), names)}.", "")
    for text in study.rules.method(study):
        yield from (_escaped(text, names), "")
    yield from (_origin(part), "")


def _pictures(part: Part, folder: Path) -> Iterator[str]:
    for name, (caption, figure) in show.draw(part.study, part.tables).items():
        file = f"{part.study.name}-{name}.png"
        write_bytes(folder / file, show.png(figure, dpi=110))
        yield from (f"![{caption}]({file})", "", f"*{caption}*", "")


def _escaped(text: str, names: Sequence[str]) -> str:
    """Return a sentence in which the names that people gave are no markup."""
    marked = sorted((n for n in names if MARKUP.search(n)), key=len, reverse=True)
    if not marked:
        return text
    return re.sub("|".join(map(re.escape, marked)), lambda name: _plain(name[0]), text)


def _plain(name: str) -> str:
    # An entity cannot open an HTML tag or mathematics, as an escaped sign does on GitHub.
    return MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", name)


def _table(view: View, names: Sequence[str]) -> Iterator[str]:
    yield from (f"**{_escaped(view.title, names)}**" if view.title else "", "")
    for k, row in enumerate([view.columns, *view.rows]):
        cells = (_escaped(cell, names).replace("|", "\\|") for cell in row)
        yield "| " + " | ".join(cells) + " |"
        if k == 0:
            yield "|" + "---|" + "---:|" * (len(row) - 1)
    yield from ("", *((view.note, "") if view.note else ()))


def _origin(part: Part) -> str:
    """Say which runs, by which code, on what, the page is made from."""
    manifest = part.outcome.store.manifest()
    runs = part.outcome.store.read("runs", ["seconds"], runs=part.outcome.design["run_id"])
    took = formats.seconds(runs.drop_duplicates("run_id")["seconds"].sum())
    versions = ", ".join(
        f"{name} {manifest['versions'][name]}" for name in ("python", "mesa", "numba", "numpy")
    )
    return (
        f"`{part.file.as_posix()}`, {formats.count(part.outcome.done, 'run')} "
        f"({took} of computing on {manifest['host']['cpu']}), base seed "
        f"{part.study.replicates.seed}, code {', '.join(part.outcome.codes)}; {versions}."
    )
