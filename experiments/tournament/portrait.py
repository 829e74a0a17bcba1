"""Phase portraits of replicator dynamics: a line, a triangle, or shares over time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import style
from experiments.tournament import replicator
from experiments.tournament.games import Floats, GameForm, spread
from experiments.tournament.views import whose

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
LONG, MOMENTS = 256.0, 2049
"""How long, and at how many moments, flows are followed."""


def portrait(
    form: GameForm, payoffs: Floats, equilibria: pd.DataFrame, shares: pd.DataFrame
) -> Figure:
    """Return the phase portrait of a game.

    Parameters
    ----------
    form, payoffs
        The game, float64[player, s1, ..., sn].
    equilibria, shares
        Tables of the tournament: rest points inside, and who is left in the end.
    """
    scaled = payoffs / spread(payoffs, form.n)
    if form.symmetric and form.shape[0] == 2:
        return _line(form, scaled)
    if form.symmetric and form.shape[0] == 3:
        return _triangle(form, scaled, equilibria)
    return _over_time(form, scaled, shares)


def growth(form: GameForm, payoffs: Floats, mixes: Floats) -> Floats:
    """Return how fast the shares of one population change, float64[..., strategy]."""
    return replicator.velocity(payoffs, [mixes], form.n)[0]


# -- two strategies -------------------------------------------------------------------------------


def _line(form: GameForm, payoffs: Floats) -> Figure:
    first, second = form.strategies[0]
    title = f"Replicator dynamics: how fast {first} spreads"
    figure, axes = style.figure(title, f"share of {first}, the rest {second}", "change per time")
    x = np.linspace(0, 1, 401)
    speed = growth(form, payoffs, np.stack([x, 1 - x], axis=-1))[:, 0]
    axes.axhline(0, color="#555555", lw=1)
    axes.plot(x, speed, color=style.colour(0), lw=2)
    reach = float(np.abs(speed).max()) or 1.0
    for place, stable in rests_between(x, speed):
        _dot(axes, place, 0.0, stable)
    for place in np.linspace(0.06, 0.94, 12):
        here = float(np.interp(place, x, speed))
        if abs(here) > 0.01 * reach:
            tip = {
                "xy": (place + 0.022 * np.sign(here), 0),
                "xytext": (place - 0.022 * np.sign(here), 0),
            }
            axes.annotate("", **tip, arrowprops={"arrowstyle": "->", "color": "#222222", "lw": 1.4})
    axes.set_xlim(-0.02, 1.02)
    _legend(axes)
    return figure


def rests_between(x: Floats, speed: Floats) -> Iterator[tuple[float, bool]]:
    """Yield where a flow on a line from 0 to 1 rests, and whether it comes back after a push.

    Parameters
    ----------
    x, speed : float64[points]
        Places in ascending order, with both ends; how fast the flow moves up there.
    """
    yield 0.0, bool(speed[1] < 0)
    for k in range(1, len(x) - 2):
        before, after = speed[k], speed[k + 1]
        if before == 0 and speed[k - 1] * after < 0:
            yield float(x[k]), bool(after < 0)
        elif before * after < 0:
            yield float(x[k] + (x[k + 1] - x[k]) * before / (before - after)), bool(after < 0)
    yield 1.0, bool(speed[-2] > 0)


# -- three strategies -----------------------------------------------------------------------------


def _triangle(form: GameForm, payoffs: Floats, equilibria: pd.DataFrame) -> Figure:
    figure, axes = style.figure("Replicator dynamics", "", "", size=(6.4, 5.8))
    axes.plot(*np.vstack([CORNERS, CORNERS[:1]]).T, color="#555555", lw=1.2)
    _arrows(axes, form, payoffs)
    begin = replicator.starts((3,), 16)[0]
    (path,) = replicator.flow(payoffs, [begin], form.n, np.linspace(0, LONG, MOMENTS))
    last = _settled([path])
    # What never settles goes round and round; a few rounds tell that.
    end = last if last < MOMENTS - 1 else MOMENTS // 6
    for k in range(len(begin)):
        axes.plot(*(path[:end, k] @ CORNERS).T, color=style.colour(0), lw=1.1, alpha=0.8)
    for mix, stable in _rests(form, payoffs, equilibria):
        x, y = mix @ CORNERS
        _dot(axes, x, y, stable)
    for name, corner, shift in zip(
        form.strategies[0], CORNERS, ((-0.02, -0.05), (0.02, -0.05), (0, 0.035)), strict=True
    ):
        axes.text(*(corner + shift), name, ha="center", va="center", fontsize=11)
    axes.set(xlim=(-0.12, 1.12), ylim=(-0.14, 0.96), aspect="equal")
    axes.axis("off")
    _legend(axes)
    return figure


def _arrows(axes: Any, form: GameForm, payoffs: Floats) -> None:
    n = 14
    inside = [(i, j, n - i - j) for i in range(1, n) for j in range(1, n - i)]
    mixes = np.array(inside) / n
    speed = growth(form, payoffs, mixes)
    size = np.linalg.norm(speed, axis=1, keepdims=True)
    arrows = (speed / np.where(size > 0, size, 1)) @ CORNERS
    look = {"color": "#888888", "width": 0.0035, "scale": 30, "pivot": "middle"}
    axes.quiver(*(mixes @ CORNERS).T, *arrows.T, **look)


def _rests(
    form: GameForm, payoffs: Floats, equilibria: pd.DataFrame
) -> Iterator[tuple[Floats, bool]]:
    """Yield points of rest: corners, on the edges, and equilibria inside; and who returns there."""
    x = np.linspace(0, 1, 401)
    found = []
    for a, b in ((0, 1), (0, 2), (1, 2)):
        mixes = np.zeros((len(x), 3))
        mixes[:, a], mixes[:, b] = x, 1 - x
        for place, _ in rests_between(x, growth(form, payoffs, mixes)[:, a]):
            found.append(np.eye(3)[a] * place + np.eye(3)[b] * (1 - place))
    alike = equilibria[equilibria["all_alike"]]
    for _, rows in alike.groupby("equilibrium"):
        own = rows[rows["player"] == form.players[0]]
        if len(own) == 3:
            found.append(own["chance"].to_numpy(float))
    for mix in np.unique(np.round(found, 9), axis=0):
        yield mix, returns(form, payoffs, mix)


def returns(form: GameForm, payoffs: Floats, mix: Floats) -> bool:
    """Tell whether flows that start close to a mix come to it, from all sides."""
    push = np.eye(len(mix)) * 0.02
    begin = (mix + push + 1e-6) / (1.02 + 1e-6 * len(mix))
    cases = np.broadcast_to(payoffs, (len(mix), *payoffs.shape))
    ends = replicator.settle(cases, [begin], form.n)
    return bool(ends.arrived.all() and np.abs(ends.mix[0] - mix).max() < 0.01)


# -- more -----------------------------------------------------------------------------------------


def _over_time(form: GameForm, payoffs: Floats, shares: pd.DataFrame) -> Figure:
    begin = replicator.starts(replicator.populations(form), 8)
    times = np.linspace(0, LONG, MOMENTS)
    paths = replicator.flow(payoffs, begin, form.n, times)
    last = _settled(paths)
    players = list(dict.fromkeys(shares["player"]))
    figure = Figure(figsize=(7.2, 0.5 + 3.1 * len(players)))
    panels = figure.subplots(len(players), 1, squeeze=False, sharex=True)[:, 0]
    names = form.strategies[0]  # the same for all, and of the same colours
    peaks = [path[: last + 1].mean(axis=1).max(axis=0) for path in paths]
    order = np.argsort(-np.max(peaks, axis=0), kind="stable")
    for axes, player, path in zip(panels, players, paths, strict=True):
        for rank, s in enumerate(order):
            lines = axes.plot(times[: last + 1], path[: last + 1, :, s], alpha=0.55, lw=1.1)
            for line in lines:
                line.set_color(style.colour(rank) if rank < len(style.COLOURS) else style.GREY)
            if rank < len(style.COLOURS):
                axes.plot([], [], color=style.colour(rank), lw=2, label=names[s])
        if len(names) > len(style.COLOURS):
            axes.plot([], [], color=style.GREY, lw=2, label="the others")
        axes.set(title=f"Replicator dynamics{whose(player)}", ylabel="share", ylim=(-0.02, 1.02))
        axes.margins(x=0.01)
        style.legend(axes, max(len(names), 6))
    panels[-1].set_xlabel(f"time; {len(begin[0])} starts")
    return figure


def _settled(paths: list[Floats]) -> int:
    """Return the moment after which little happens; at least an eighth of the time is shown."""
    moments = len(paths[0])
    far = [np.abs(path - path[-1]).reshape(moments, -1).max(axis=1) for path in paths]
    moving = np.flatnonzero(np.max(far, axis=0) > 0.01)
    last = int(moving[-1]) if len(moving) else 0
    return min(max(int(1.15 * last), moments // 8), moments - 1)


def _dot(axes: Any, x: float, y: float, stable: bool) -> None:
    fill = "#222222" if stable else "white"
    axes.plot(x, y, "o", ms=9, mfc=fill, mec="#222222", mew=1.6, zorder=5, clip_on=False)


def _legend(axes: Any) -> None:
    for label, fill in (("comes back after a push", "#222222"), ("does not", "white")):
        axes.plot([], [], "o", ms=8, mfc=fill, mec="#222222", mew=1.6, label=label)
    axes.legend(fontsize=9, loc="best", title="point of rest", title_fontsize=9)
