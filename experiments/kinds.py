"""What a kind of study is. Each kind is a package of this one, with a `kind.py` that has a `KIND`.

To add a kind: a package `experiments/NAME/` whose `kind.py` defines `KIND = Kind(...)`, and a line
in `kind_names.py`. `experiments/run/` and `experiments/compare/` are the models to follow.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.across import Across
from experiments.choosing import Asked
from experiments.kind_names import KINDS
from experiments.points import Points
from experiments.responses import Response
from experiments.studyfile import StudyFile
from experiments.tabular import View
from sim.config.yaml_file import Problem, Tree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.conduct import Outcome
    from experiments.store import Store
    from experiments.study import Study

NAMES = tuple(KINDS)
Tables = dict[str, pd.DataFrame]
Plot = Callable[["Study", Tables], "Figure | None"]
Over = Callable[[Any, Tree, Asked], tuple[Across | Points | None, list[Problem]]]
Go = Callable[["Study"], "Outcome"]
"""Computes what is missing of a study, and says how it then stands."""


def _nothing(*_: Any) -> list[str]:
    return []


def _no_responses(_: Any) -> tuple[Response, ...]:
    return ()


def _as_written(study: "Study") -> dict[str, Any]:
    return {}


def _itself(study: "Study") -> tuple["Study", ...]:
    return (study,)


def _at_once(study: "Study", go: Go) -> tuple["Study", "Outcome"]:
    return study, go(study)


@dataclass(frozen=True)
class Kind:
    """A kind of study: what its file may say, which runs it has, and what is made of them.

    Attributes
    ----------
    schema
        What the file may say.
    points
        From the validated file (`None` if that failed) and its tree to the markets of the study,
        with all that is wrong with them. Called even if the file is wrong elsewhere, so that no
        mistake is held back.
    tables
        From a study, its store and its design to the tables of the summary, by name. The design
        has a row per run: `run_id`, `block`, `replicate`, `arm`, `role`, further columns of the
        points, `config_hash`, `seed`. `experiments.gather` reads the results.
    views
        From a study and its tables to what terminal and report show.
    main
        The table that `summary.json` repeats.
    title, method
        From a study to the line above its tables, and to paragraphs on how its numbers come about.
    findings, caveats
        From a study and its tables to sentences: what was found, and what a reader must know.
    responses
        From the validated file to the responses that are to be computed in every run.
    plots
        Functions of a study and its tables whose docstring's first line is the caption; `None` if
        there is nothing to draw.
    carry_out
        Runs the study by calling its second argument, once or, in stages, several times with
        studies made from the first; returns the last study and its outcome.
    at_most
        The studies that `carry_out` may come to, at most: what a forecast adds up.
    resolved
        What replaces parts of the file when it is written out with its market resolved.
    starter
        Yields the lines of a commented starter file.
    remarks
        From a study to sentences on what is allowed in its file and unusual; said before it is run.
    over
        From the validated file, its tree and an ensemble to the points in all its markets, or in one
        market of which the ensemble is a part; `None`: a study of this kind is of one market.
    precision
        From a study, its store and its design, some of whose runs are there, to sentences on how
        precise the whole will be.
    """

    schema: type[StudyFile]
    points: Callable[[Any, Tree], tuple[Points | None, list[Problem]]]
    tables: Callable[["Study", "Store", pd.DataFrame], Tables]
    views: Callable[["Study", Tables], list[View]]
    main: str
    title: Callable[["Study"], str]
    method: Callable[["Study"], list[str]]
    starter: Callable[[], Any]
    findings: Callable[["Study", Tables], list[str]] = _nothing
    caveats: Callable[["Study", Tables], list[str]] = _nothing
    responses: Callable[[Any], tuple[Response, ...]] = _no_responses
    plots: tuple[Plot, ...] = ()
    carry_out: Callable[["Study", Go], tuple["Study", "Outcome"]] = _at_once
    at_most: Callable[["Study"], tuple["Study", ...]] = _itself
    resolved: Callable[["Study"], dict[str, Any]] = _as_written
    remarks: Callable[["Study"], list[str]] = _nothing
    over: Over | None = None
    precision: Callable[["Study", "Store", pd.DataFrame], list[str]] = _nothing


def kind(name: str) -> Kind:
    """Return a kind of study by name."""
    return importlib.import_module(f"experiments.{name}.kind").KIND  # type: ignore[no-any-return]
