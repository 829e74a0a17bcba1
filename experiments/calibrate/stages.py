"""A study in waves, each where the waves before have not ruled markets out.

What a wave looks at is a function of the results of the waves before it, and of the seed. It is
kept in the study's folder, with a hash of these results, so that a study which is stopped carries
on with the same markets, and emulators are not fitted twice.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.calibrate.found import Runs, rows_of, spec_of
from experiments.calibrate.matching import Found, History, Wave
from experiments.calibrate.region import Drawn
from experiments.calibrate.waves import Plan
from experiments.conduct import Outcome
from experiments.factors import Factor
from experiments.files import write_json
from experiments.identity import digest
from experiments.kinds import Go
from experiments.study import Study

FOLDER = "waves"
_fitted: dict[str, Wave] = {}
"""The emulators that this process has fitted, by what they depend on."""


def at_most(study: Study) -> tuple[Study, ...]:
    """Return the stages, as if each wave were the first: they cost about the same."""
    return (study,) * spec_of(study).method.waves


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Run wave after wave, and write what comes of them."""
    from experiments.calibrate import deliver, double, held_out

    method = spec_of(study).method
    if method.doubled:
        waves(double.doubled(study), go)
    study, outcome = waves(study, go)
    held_out.carry_out(study, outcome, go)
    deliver.deliver(study, outcome)
    return study, outcome


def waves(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Run the waves of a study."""
    plan = rows_of(study).plan
    learner = Learner(plan)
    outcome = go(study)
    for number in range(1, plan.waves):
        runs = Runs.of(study, outcome.store, outcome.design)
        drawn = learner.next(runs.waves(number), rows_of(study).factors, outcome.store.folder)
        study = replace(study, points=rows_of(study).extended(drawn.unit))
        outcome = go(study)
    return study, outcome


@dataclass
class Learner:
    """The waves so far, whose emulators are fitted only when they are needed.

    Attributes
    ----------
    plan
        How a study goes about it.
    history
        The waves learned from, at most those that are done.
    last
        Where the last wave looked, none if it is the first.
    """

    plan: Plan
    history: History = field(default_factory=History)
    last: Drawn | None = None

    def past(self, found: Found, waves: int | None = None) -> History:
        """Return the history of whole waves, all of those found or only the first."""
        number = len(found) // self.plan.runs if waves is None else waves
        for wave in range(len(self.history.waves), number):
            some = found.of(np.arange((wave + 1) * self.plan.runs))
            key = key_of(some, self.plan)
            if key not in _fitted:
                self.plan.learn(self.history, some)
                _fitted[key] = self.history.waves.pop()
            self.history.waves.append(_fitted[key])
        return self.history

    def next(self, found: Found, factors: tuple[Factor, ...], folder: Path) -> Drawn:
        """Return where the wave after those of `found` looks, as kept or worked out."""
        path = place(folder, len(found) // self.plan.runs + 1)
        key = key_of(found, self.plan)
        kept = read(path, key)
        if kept is None:
            kept = self.plan.next(self.past(found), factors, self.last)
            write_json(path, {"key": key, **_data(kept)})
        self.last = kept
        return kept


def place(folder: Path, wave: int) -> Path:
    """Return where a wave is kept."""
    return folder / FOLDER / f"wave-{wave}.json"


def key_of(found: Found, plan: Plan) -> str:
    """Return a hash of what the next wave depends on."""
    return digest(_bytes(found.unit), _bytes(found.y), plan.identity(), str(plan.seed))


def _bytes(values: NDArray[np.float64]) -> bytes:
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()


def _data(drawn: Drawn) -> dict[str, object]:
    return {
        "share": drawn.share,
        "level": drawn.level,
        "how": drawn.how,
        "unit": drawn.unit.tolist(),
    }


def read(path: Path, key: str | None = None) -> Drawn | None:
    """Return a wave as kept, none if it is not there or of other results."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if key is not None and data["key"] != key:
            return None
        return Drawn(np.array(data["unit"], float), data["share"], data["level"], data["how"])
    except (OSError, ValueError, KeyError):
        return None
