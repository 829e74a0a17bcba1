"""Pictures of a summary. Each function takes a study and its tables and returns a figure."""

from collections.abc import Callable

import matplotlib
from matplotlib.figure import Figure

from experiments import plots_compare, plots_run, plots_social
from experiments.study import Study
from experiments.style import STYLE
from experiments.summary import Tables

Plot = Callable[[Study, Tables], Figure | None]
PLOTS: dict[str, tuple[Plot, ...]] = {
    "run": (*plots_run.PLOTS, *plots_social.PLOTS),
    "compare": plots_compare.PLOTS,
}


def draw(study: Study, tables: Tables) -> dict[str, tuple[str, Figure]]:
    """Return the figures of a study that its tables suffice for: by name, with a caption."""
    figures: dict[str, tuple[str, Figure]] = {}
    with matplotlib.rc_context(STYLE):
        for plot in PLOTS[study.kind]:
            figure = plot(study, tables)
            if figure is not None:
                figures[plot.__name__] = ((plot.__doc__ or "").split("\n")[0], figure)
    return figures
