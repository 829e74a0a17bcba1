"""Pictures of a calibrate study."""

from experiments.kinds import Plot

PLOTS: tuple[Plot, ...] = ()
