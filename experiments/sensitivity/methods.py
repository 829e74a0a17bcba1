"""The methods of a sensitivity study as a file names them, and where each places its points."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from experiments.factors import Factor
from experiments.points import Sample
from experiments.sensitivity import samples
from experiments.sensitivity.salib import LEAST_DELTA, LEAST_HDMR
from experiments.sensitivity.samples import Inputs
from sim.config.parameters import Param, Parameters

MANY = 2**17
"""Blocks or points; each is a market of its own."""


class Method(Parameters):
    """What all methods have in common."""

    name: str
    replicates: ClassVar[int] = 1
    """Fewest replicates."""
    why: ClassVar[str] = ""
    """What fewer cannot do."""
    groups: ClassVar[bool] = False
    """Whether a group of factors can be an input."""
    smooth: ClassVar[bool] = False
    """Whether factors must be continuous."""

    @property
    def design(self) -> str:
        """What the points depend on besides the seed and how many there are."""
        return self.name

    def size(self, inputs: Inputs) -> int:
        """Return how many points are analysed together, and left out together."""
        return 1

    @abstractmethod
    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return where the points are."""

    def misfits(self, factor: Factor) -> Iterator[tuple[str, str]]:
        """Yield why a factor will not do: the key, and the sentence."""
        if factor.spec.group and not self.groups:
            yield "group", f"{self.name} has no groups; leave it out, or use sobol or morris"
        if self.smooth and factor.options is not None:
            yield "", f"{self.name} needs derivatives: give a range or a scale, or use sobol"


class MorrisMethod(Method):
    """Elementary effects: a screening."""

    name: Literal["morris"] = "morris"
    trajectories: int = Param(
        40, bounds=(2, MANY), unit="trajectories", doc="each moves every input once"
    )
    levels: int = Param(4, bounds=(2, 1000), unit="levels", doc="even; a move is half of them")
    replicates: ClassVar[int] = 2
    why: ClassVar[str] = "the noise floor comes from differences between replicates"
    groups: ClassVar[bool] = True

    @field_validator("levels")
    @classmethod
    def _even(cls, levels: int) -> int:
        if levels % 2:
            raise ValueError(f"must be even (got {levels})")
        return levels

    @property
    def design(self) -> str:
        """What the points depend on besides the seed and how many there are."""
        return f"{self.name}, {self.levels} levels"

    def size(self, inputs: Inputs) -> int:
        """Return the length of a trajectory."""
        return len(inputs) + 1

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return the trajectories."""
        return samples.morris(inputs, self.trajectories, seed, self.levels)


class ScreenFirst(MorrisMethod):
    """A screening, after which only inputs that matter are varied."""

    least: float = Param(
        0.05,
        bounds=(0, 1),
        unit="share of the largest mu*",
        doc="inputs below are fixed at the market's own value, as are those not above the floor",
    )
    kept: Annotated[list[str], Field(min_length=1)] | None = Param(
        None, doc="inputs that are varied; none: screen, and see"
    )


class SobolMethod(Method):
    """Sobol' indices across replicates."""

    name: Literal["sobol"] = "sobol"
    n: int = Param(512, bounds=(2, MANY), unit="blocks", doc="base points; each is a block")
    screen_first: ScreenFirst | None = Param(None, doc="a screening by Morris before; none: no")
    replicates: ClassVar[int] = 2
    why: ClassVar[str] = "with one, noise cannot be told from effects and counts as interaction"
    groups: ClassVar[bool] = True

    def size(self, inputs: Inputs) -> int:
        """Return the size of a block: A, AB of each input, B."""
        return len(inputs) + 2

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return the blocks."""
        return samples.saltelli(inputs, self.n, seed)


class _Sequence(Method):
    """Methods that take any points: a Sobol' sequence, which can be extended."""

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return the points."""
        return samples.sobol(inputs.columns, self.n, seed)  # type: ignore[attr-defined]


class PawnMethod(_Sequence):
    """PAWN."""

    name: Literal["pawn"] = "pawn"
    n: int = Param(1000, bounds=(20, MANY), unit="points", doc="points")


class DeltaMethod(_Sequence):
    """Delta, of Borgonovo."""

    name: Literal["delta"] = "delta"
    n: int = Param(1000, bounds=(LEAST_DELTA, MANY), unit="points", doc="points")


class HdmrMethod(_Sequence):
    """Polynomials in one and two factors."""

    name: Literal["hdmr"] = "hdmr"
    n: int = Param(
        2000, bounds=(LEAST_HDMR, MANY), unit="points", doc="points; more allow higher polynomials"
    )


class RbdFastMethod(Method):
    """RBD-FAST."""

    name: Literal["rbd_fast"] = "rbd_fast"
    n: int = Param(
        1000, bounds=(50, MANY), unit="points", doc="points; another number is another sample"
    )

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return a Latin hypercube."""
        return samples.latin(inputs.columns, self.n, seed)


class FastMethod(Method):
    """Extended FAST."""

    name: Literal["fast"] = "fast"
    n: int = Param(
        257,
        bounds=(65, MANY),
        unit="points for each factor",
        doc="points on a search curve; another number is another sample",
    )

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return the search curves."""
        return samples.fast(inputs.columns, self.n, seed)

    def size(self, inputs: Inputs) -> int:
        """Return the length of all curves together: none can spare a point."""
        return self.n * inputs.columns


class DgsmMethod(Method):
    """Derivatives."""

    name: Literal["dgsm"] = "dgsm"
    n: int = Param(200, bounds=(2, MANY), unit="blocks", doc="base points; each is a block")
    step: float = Param(
        0.05, bounds=(1e-6, 0.5), unit="share of a factor's distribution", doc="length of a step"
    )
    smooth: ClassVar[bool] = True

    @property
    def design(self) -> str:
        """What the points depend on besides the seed and how many there are."""
        return f"{self.name}, step {self.step:g}"

    def size(self, inputs: Inputs) -> int:
        """Return the size of a block: a base point, and a step in each factor."""
        return len(inputs) + 1

    def sample(self, inputs: Inputs, seed: int) -> Sample:
        """Return the blocks."""
        return samples.finite_differences(inputs, self.n, seed, self.step)


AnyMethod = Annotated[
    SobolMethod
    | MorrisMethod
    | PawnMethod
    | DeltaMethod
    | RbdFastMethod
    | FastMethod
    | DgsmMethod
    | HdmrMethod,
    Field(discriminator="name"),
]
"""A method, told apart by `name`."""
