"""Where results come from: machine, versions, commit. For the manifest."""

import datetime
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim
from experiments import engines, identity

if TYPE_CHECKING:
    from experiments.study import Study

PACKAGES = ("huitou", "mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic")


def stamp(seconds: float) -> str:
    """Return a moment as text."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds")


def versions() -> dict[str, str]:
    """Return the versions of what results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[name] = "not installed"
    return found


def differences(then: Any, now: Mapping[str, str]) -> list[str]:
    """Return what is not as it was: names whose hashes differ, or that are in one place only.

    Parameters
    ----------
    then
        What a manifest has kept, if it has.
    now
        What it would have today.
    """
    if not isinstance(then, dict):
        return []
    return [name for name in {**then, **now} if then.get(name) != now.get(name)]


def data_files(study: "Study") -> dict[str, str]:
    """Return the files that the markets of a study read, each with a hash of what is in it."""
    found: dict[str, str] = {}
    for market in study.planned.samples():
        found |= identity.data_files(market)
    return found


def is_as_recorded(file: str, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a data file is there, and the one that the runs have read."""
    kept = manifest.get("data_files", {}).get(file)
    now = identity.file_hash(file)
    return now == kept if kept else now != identity.ABSENT


def host() -> dict[str, Any]:
    """Return what machine this is."""
    return {
        "name": platform.node(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "processors": engines.processors(),
    }


def _cpu() -> str:
    """Return the processor's model: results are the same bit by bit on one model."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "")


def git() -> dict[str, Any] | None:
    """Return the commit that `sim` is at, None outside a checkout."""
    folder = Path(sim.__path__[0])

    def ask(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()

    try:
        return {
            "commit": ask("rev-parse", "HEAD"),
            "dirty": bool(ask("status", "--porcelain", ".")),
        }
    except (OSError, subprocess.SubprocessError):
        return None
