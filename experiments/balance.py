"""Numbers of points that a design can have, and ought not to: said before anything is computed."""

from collections.abc import Sequence

FEW_TRAJECTORIES = 10
"""Fewer are unusual (Campolongo, Cariboni and Saltelli 2007)."""
SOBOL = ("sobol", "saltelli", "sobol_sequence")
"""Samplers of a Sobol' sequence, ours and SALib's."""


def power_of_two(where: str, n: int) -> list[str]:
    """Say what it costs if the points of a Sobol' sequence are no power of two."""
    if n > 0 and n & (n - 1) == 0:
        return []
    below = 1 << (n.bit_length() - 1)
    return [
        f"{where}: {n:,} is no power of two. The points of a Sobol’ sequence cover the space "
        f"evenly at {below:,} and at {2 * below:,}; between these, more points can mean a larger "
        "error."
    ]


def trajectories(where: str, n: int) -> list[str]:
    """Say what few trajectories cost."""
    if n >= FEW_TRAJECTORIES:
        return []
    return [
        f"{where}: {n} are few. The effect of an input is the mean of {n} moves; "
        f"{FEW_TRAJECTORIES} or more are usual."
    ]


def sample(
    name: str, n: int | None, options: dict[str, object], axes: Sequence[object]
) -> list[str]:
    """Say what a sample of a sweep lacks.

    Parameters
    ----------
    name, n, options
        Of the design.
    axes
        What it varies, one coordinate each.
    """
    if n is None:
        return []
    if name in SOBOL:
        return power_of_two("design.n", n)
    if name == "morris":
        levels = options.get("num_levels")
        odd = isinstance(levels, int) and levels % 2 == 1
        what = "an odd number of levels does not give all values the same chance; take an even one"
        return trajectories("design.n", n) + (
            [f"design.options.num_levels: {what}."] if odd else []
        )
    if name in ("lhs", "latin", "random") and n <= len(axes):
        return [
            f"design.n: {n} points cannot tell the effects of {len(axes)} factors apart; ten "
            "points for each factor are usual."
        ]
    return []
