"""What the other methods measure, and what a reader must know of each: printed with the results."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """A method of SALib.

    Attributes
    ----------
    name, title
        In files; for readers.
    rank
        The column by which inputs are ranked.
    measures
        What it measures, a sentence.
    caveats
        What noise does to it, and what it cannot do; sentences.
    """

    name: str
    title: str
    rank: str
    measures: str
    caveats: tuple[str, ...]


_NO_GROUPS = "Groups are not supported: each factor stands alone."
_GIVEN = (
    "Whole numbers and choices are treated as intervals of [0, 1] in the order in which they are "
    "listed."
)
_MEANS = "It sees the means over replicates; the luck left in them counts as output."

METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method(
            "pawn",
            "PAWN",
            "median",
            "PAWN: how far the distribution of the response moves when the input is confined to a "
            "tenth of its range (Kolmogorov-Smirnov distance, median over the tenths).",
            (
                f"{_MEANS} Noise blurs the distributions and shrinks large values, while small "
                "ones never reach 0: a slice differs from the whole by chance. Only values well "
                "above that of the control mean something.",
                "It ranks; its values are not shares of variance, and have no interval here.",
                f"{_GIVEN} {_NO_GROUPS}",
            ),
        ),
        Method(
            "delta",
            "delta",
            "delta",
            "Delta (Borgonovo): half the area between the density of the response and that given "
            "the input, on average; 0 if independent, 1 at most.",
            (
                f"{_MEANS} Noise shrinks delta of inputs that matter; of one that does not it "
                "stays above 0, since densities are estimated. Compare with the control.",
                "Intervals are SALib's bootstrap, which knows nothing of that bias.",
                f"{_GIVEN} {_NO_GROUPS}",
            ),
        ),
        Method(
            "rbd_fast",
            "RBD-FAST",
            "S1",
            "RBD-FAST: first-order index, the share of the variance that the input explains by "
            "itself.",
            (
                f"{_MEANS} S1 is a share of the scatter with its luck, so noise shrinks it, by the "
                "noise share.",
                "It sees no interactions: a small S1 does not mean that an input does not matter.",
                f"Ten harmonics: abrupt or rapid changes are missed. {_GIVEN} {_NO_GROUPS}",
            ),
        ),
        Method(
            "fast",
            "FAST",
            "ST",
            "Extended FAST: first-order and total index from a search curve along which each "
            "input has its own frequency.",
            (
                f"{_MEANS} Noise is spread over all frequencies, and those that belong to no other "
                "input count as the total effect: ST of every input, the control too, rises by "
                "most of the noise share, and S1 shrinks by it.",
                "No intervals: SALib's own documentation calls them unreliable.",
                "Four harmonics: jumps, and so whole numbers and choices, spill over into ST. "
                f"{_NO_GROUPS}",
            ),
        ),
        Method(
            "dgsm",
            "DGSM",
            "dgsm",
            "DGSM: mean square derivative, scaled to an upper bound of the total index.",
            (
                "Noise in a difference is divided by the square of a small step. Points of a block "
                "share their luck, which helps only as far as the runs stay alike; the column "
                "`noise` is what is left of it, estimated from the replicates: an index "
                "that is not well above it means nothing.",
                "An upper bound can be far above: a small value excuses an input, a large one "
                "does not convict it.",
                f"Whole numbers and choices have no derivative and are refused. {_NO_GROUPS}",
            ),
        ),
        Method(
            "hdmr",
            "HDMR",
            "ST",
            "HDMR: first-order and total index of polynomials in one and two inputs fitted to the "
            "response.",
            (
                f"{_MEANS} Indices are shares of the scatter with its luck, so noise shrinks them; "
                "it is also fitted to some extent, which lifts small totals above 0.",
                "Interactions of three and more inputs are left out.",
                "Polynomials fit jumps badly: with whole numbers of few values, and with choices, "
                f"trust the ranking at most. {_NO_GROUPS}",
            ),
        ),
    )
}
