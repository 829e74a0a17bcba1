"""The driver: hands chunks of runs to an engine until all are done, whatever happens."""

import contextlib
import json
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

from experiments import engines
from experiments.designs import Job
from experiments.errors import Interrupted, StorageError, StudyError
from experiments.formats import count
from experiments.own import own
from experiments.progress import Progress
from experiments.store import Store
from experiments.study import Study
from experiments.worker import Chunk, Report, Simulate, execute, failure
from sim.config import remarks

CHUNK_SECONDS = 0.5
"""A chunk lasts about this long: longer than its overhead, short enough to lose."""
MAX_CHUNK = 100
"""A chunk holds the market of each of its runs, some 50 kB."""
POLL_SECONDS = 0.25
"""How soon a Ctrl-C is noticed."""
WINDOW = 4
"""Chunks under way or waiting, for each worker."""
MAX_BREAKS = 12
"""The engine broke down so often without finishing a single chunk: something else is wrong."""
_DIED = "the worker process died while computing this run (out of memory, killed, or crashed)"


@dataclass
class Driver:
    """Computes jobs.

    Attributes
    ----------
    study, store, progress
        What is computed, where it goes, who is told.
    simulate
        What a worker does for one job; must be importable by name.
    computed, seconds
        How many runs finished, and how long they took in all.
    failed : dict
        Failure row of each run that did not, by run id.
    """

    study: Study
    store: Store
    progress: Progress
    simulate: Simulate
    workers: int
    computed: int = 0
    seconds: float = 0.0
    failed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, jobs: Iterable[Job], number: int, planned: int) -> None:
        """Compute `jobs`, the `number` of `planned` runs that are not on disk.

        Jobs are made as they are needed, so that memory does not grow with their number.

        Raises
        ------
        Interrupted
            On Ctrl-C. What was finished is on disk.
        StorageError
            If results cannot be written.
        StudyError
            If more runs fail than the study allows, or the engine keeps breaking down.
        """
        self._fresh, self._left = iter(jobs), number
        self._again: deque[Job] = deque()
        self._suspects: list[list[Job]] = []
        self._flying: dict[Future[Report], list[Job]] = {}
        self._attempts: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._breaks = 0
        self._remarks: set[str] = set()
        self._planned, self._before = planned, planned - number
        self._make = self._engine(number)
        self._executor = self._make()
        self._presses = 0
        try:
            with self._counting_ctrl_c():
                self._loop()
        except BaseException:
            self._executor.shutdown(wait=True, cancel_futures=True)
            raise
        self._executor.shutdown(wait=True)

    @contextlib.contextmanager
    def _counting_ctrl_c(self) -> Iterator[None]:
        """Count Ctrl-C instead of raising: an exception inside `wait` leaves futures locked."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _press(self, _signal: int, _frame: object) -> None:
        self._presses += 1
        if self._presses > 1 and not isinstance(self._executor, engines.Local):
            raise KeyboardInterrupt  # a run in this very process cannot be ended otherwise

    def _engine(self, runs: int) -> Callable[[], Executor]:
        engine, (modules, here) = self.study.execute.engine, own(self.study.strategies)
        if here and engine != "inline":
            self.progress.note(
                f"{', '.join(here)}: defined where worker processes cannot import it, so all runs "
                "are computed in this process, one by one; a module beside the script will do"
            )
            engine = "inline"
        return lambda: engines.make(engine, self.workers, runs, modules)

    # -- the loop -------------------------------------------------------------------------------

    def _loop(self) -> None:
        while self._waiting or self._suspects or self._flying:
            self._fill()
            done, _ = wait(self._flying, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
            lost = [jobs for future in done if (jobs := self._land(future)) is not None]
            if lost:
                self._rebuild(lost)
            self._report()
            if self._presses:
                self._interrupted()

    def _fill(self) -> None:
        """Keep the window full; after a breakdown, try what was under way piece by piece, alone."""
        if self._suspects:
            if not self._flying:
                self._submit(self._suspects.pop())
            return
        while self._waiting and len(self._flying) < WINDOW * self.workers:
            self._submit(self._take())

    @property
    def _waiting(self) -> int:
        """How many runs are neither done nor under way."""
        return self._left + len(self._again)

    def _take(self) -> list[Job]:
        return [self._next() for _ in range(min(self._size(), self._waiting))]

    def _next(self) -> Job:
        if self._again:
            return self._again.popleft()
        self._left -= 1
        return next(self._fresh)

    def _size(self) -> int:
        """Return how many runs make a chunk: by time, and fewer towards the end."""
        if not self.computed:
            return 1
        mean = self.seconds / self.computed
        fair = -(-self._waiting // (2 * self.workers))
        return max(1, min(int(CHUNK_SECONDS / max(mean, 1e-6)), fair, MAX_CHUNK))

    def _submit(self, jobs: list[Job]) -> None:
        chunk = Chunk(tuple(jobs), self.study.record, self.store.folder, self.simulate)
        try:
            self._flying[self._executor.submit(execute, chunk)] = jobs
        except BrokenProcessPool:
            # It broke between two chunks: what is under way is about to say so as well.
            self._again.extendleft(reversed(jobs))
            if not self._flying:
                self._rebuild([])

    def _land(self, future: Future[Report]) -> list[Job] | None:
        """Take in a finished chunk; return its jobs if its worker was lost."""
        jobs = self._flying.pop(future)
        try:
            report = future.result()
        except BrokenProcessPool:
            return jobs
        self._breaks = 0
        self.computed += len(report.seconds)
        self.seconds += sum(report.seconds.values())
        self._remark(report.remarks)
        retried = []
        for row in report.failures:
            self._attempts[row["run_id"]] += 1
            if self._attempts[row["run_id"]] > self.study.on_failure.retry:
                self._fail(row)
            else:
                retried.append(row["run_id"])
        self._again.extend(job for job in jobs if job.run_id in retried)
        return None

    def _remark(self, lines: list[str]) -> None:
        """Say what was remarkable in runs, once however many there are."""
        for line in dict.fromkeys(lines):
            if line not in self._remarks:
                self._remarks.add(line)
                remarks.pass_on(line)

    def _fail(self, row: dict[str, Any]) -> None:
        self.failed[row["run_id"]] = row
        path = self.store.folder / "failures.jsonl"
        try:
            with open(path, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as error:
            raise StorageError.of(error, path) from error
        if len(self.failed) > self.study.on_failure.max_fraction * self._planned:
            raise StudyError(
                f"stopped: {len(self.failed)} of {count(self._planned, 'run')} failed, more than "
                f"on_failure.max_fraction ({self.study.on_failure.max_fraction:g}) allows. "
                f"The last: {row['error'].splitlines()[0]}. To see it fail: {row['repeat']}"
            )

    def _report(self) -> None:
        self.progress.update(self._before + self.computed, len(self.failed))

    # -- when a worker dies -----------------------------------------------------------------------

    def _rebuild(self, lost: list[list[Job]]) -> None:
        """Start a new pool, and find the run that kills its worker among the chunks lost.

        Nobody knows which of them it was, so each is tried again alone, then its halves, until a
        single run has died twice.
        """
        while self._flying:  # all of them fail at once when a pool breaks
            future = next(iter(self._flying))
            if (jobs := self._land(_settled(future))) is not None:
                lost.append(jobs)
        alone = len(lost) == 1
        for jobs in reversed(lost):
            self._deaths.update(job.run_id for job in jobs)
            if not alone or (len(jobs) == 1 and self._deaths[jobs[0].run_id] < 2):
                self._suspects.append(jobs)
            elif len(jobs) == 1:
                self._fail(failure(jobs[0], self.store.folder, _DIED))
            else:
                half = len(jobs) // 2
                self._suspects += [jobs[half:], jobs[:half]]
        self._breaks += 1
        self._executor.shutdown(wait=True)
        if self._breaks > MAX_BREAKS:
            raise StudyError(
                f"the workers died {self._breaks} times without finishing a run: "
                "is there enough memory? Fewer --workers need less"
            )
        self._executor = self._make()

    def _interrupted(self) -> None:
        """Let the runs under way finish, unless the user insists, and say how to carry on."""
        waiting = {future for future in self._flying if not future.cancel()}
        self.progress.note("finishing the runs under way; Ctrl-C again drops them")
        while waiting and self._presses < 2:
            _, waiting = wait(waiting, timeout=POLL_SECONDS)
        if waiting and isinstance(self._executor, engines.Local):
            self._executor.kill()
        raise Interrupted("interrupted: finished runs are kept, and the same command carries on")


def _settled(future: Future[Report]) -> Future[Report]:
    wait([future])
    return future
