"""How far a study is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import Protocol, TextIO

from experiments.formats import count

PLAIN_SECONDS = 10.0


class Progress(Protocol):
    """What a driver tells about its progress."""

    def start(self, name: str, total: int, done: int) -> None:
        """Begin: `done` of `total` runs were on disk already."""

    def update(self, done: int, failed: int) -> None:
        """Say how many runs are done and how many failed by now."""

    def note(self, text: str) -> None:
        """Say something in one line."""

    def stop(self) -> None:
        """End."""


class Silent:
    """Says nothing."""

    def start(self, name: str, total: int, done: int) -> None:
        """Say nothing."""

    def update(self, done: int, failed: int) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def stop(self) -> None:
        """Say nothing."""


class Plain:
    """Lines of text, at most one in `PLAIN_SECONDS`, for log files."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.name, self.total, self.first = "", 0, 0
        self.began = self.last = time.monotonic()

    def start(self, name: str, total: int, done: int) -> None:
        """Say what is to be done."""
        self.name, self.total, self.first = name, total, done
        self.began = self.last = time.monotonic()
        already = f", {done:,} of them on disk already" if done else ""
        self.note(f"{name}: {count(total, 'run')}{already}")

    def update(self, done: int, failed: int) -> None:
        """Say how far it is, if it is time to."""
        now = time.monotonic()
        if now - self.last < PLAIN_SECONDS and done + failed < self.total:
            return
        self.last = now
        rate = (done + failed - self.first) / max(now - self.began, 1e-9)
        left = f", {(self.total - done - failed) / rate:.0f} s left" if rate > 0 else ""
        self.note(
            f"{self.name}: {done:,} of {count(self.total, 'run')}, {rate:.1f} a second{left}, "
            f"{failed:,} failed"
        )

    def note(self, text: str) -> None:
        """Print a line."""
        print(text, file=self.stream, flush=True)

    def stop(self) -> None:
        """End."""


class Bar:
    """A bar with done and total, rate, time left and failures."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failed]}", style="red"),
            console=Console(file=stream),
        )
        self.task = self.bar.add_task("", total=None, rate="", failed="")
        self.first, self.began = 0, time.monotonic()

    def start(self, name: str, total: int, done: int) -> None:
        """Show the bar."""
        self.first, self.began = done, time.monotonic()
        self.bar.update(self.task, description=name, total=total, completed=done)
        self.bar.start()

    def update(self, done: int, failed: int) -> None:
        """Move the bar."""
        rate = (done + failed - self.first) / max(time.monotonic() - self.began, 1e-9)
        shown = f"{failed:,} failed" if failed else ""
        self.bar.update(self.task, completed=done + failed, rate=f"{rate:.1f} runs/s", failed=shown)

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self.bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        """Leave the bar as it is."""
        self.bar.stop()


def make(quiet: bool, stream: TextIO | None = None) -> Progress:
    """Return what suits the stream, standard error unless told otherwise."""
    stream = stream or sys.stderr
    if quiet:
        return Silent()
    return Bar(stream) if stream.isatty() else Plain(stream)
