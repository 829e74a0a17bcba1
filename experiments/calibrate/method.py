"""How a calibrate study goes about it: what its file says in `method`."""

from experiments.calibrate.emulator import ACTIVE, Options
from sim.config.parameters import Param, Parameters


class Method(Parameters):
    """How markets are ruled out."""

    waves: int = Param(3, bounds=(1, 20), doc="how often runs are added where none is ruled out")
    runs: int = Param(200, bounds=(12, 100_000), unit="markets", doc="of each wave")
    replicates: int | None = Param(
        None, bounds=(2, 1000), unit="runs of each market", doc="none: as `replicates.n` says"
    )
    seed: int | None = Param(None, bounds=(0, 2**63 - 1), doc="none: as `replicates.seed` says")
    cutoff: float = Param(
        3.0,
        bounds=(0.5, 10),
        unit="standard deviations",
        doc="a market is ruled out if it is farther from a target than this",
        source="Pukelsheim 1994: the three-sigma rule",
    )
    spare: int = Param(
        1,
        bounds=(0, 10),
        doc="so many targets may be farther in the first wave, whose emulators are the least sure",
        source="Vernon, Goldstein and Bower 2010",
    )
    active: int = Param(
        ACTIVE, bounds=(1, 20), unit="inputs", doc="of an emulator's Gaussian process, at most"
    )
    terms: int | None = Param(
        None, bounds=(1, None), doc="of an emulator's polynomial; none: a third of the runs"
    )
    ensemble: int = Param(32, bounds=(1, 10_000), unit="markets", doc="in the ensemble, at most")
    doubled: bool = Param(
        False, doc="the same once more with ranges twice as wide, as far as bounds allow"
    )

    @property
    def options(self) -> Options:
        """How emulators are built."""
        return Options(self.active, self.terms)
