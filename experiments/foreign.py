"""What strategies and metrics from elsewhere depend on, so that a change of it is a new identity.

Of code of one's own everything counts that its modules import, anywhere in them: of a package all
files, sources and data, since what it loads by name cannot be seen; of a single module its source
and the files that it names. Of libraries the version counts, but not of those that Huitou itself
needs. What code of one's own opens elsewhere, by a name that it puts together, is not seen.
"""

import functools
import importlib.metadata
import importlib.util
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from experiments import provenance, sources
from experiments.identity import digest
from experiments.live import Look

SIM, MAIN = "sim", "__main__"
COVERED = (SIM, "pydantic", "builtins")
LEFT_OUT = ("__pycache__", "node_modules")
OF_NO_PACKAGE = ("config.resolved.yaml", "pyvenv.cfg")
"""A folder with one of these has results, or an environment."""
STUDY = re.compile(rb"^study:", re.MULTILINE)
"""A study file may lie in a package; to ask for more replicates is no change of the package."""


def versions(used: frozenset[str]) -> dict[str, str]:
    """Return what the strategies in use depend on beside the simulator, by what they are called.

    Parameters
    ----------
    used
        Names of strategies; those that nobody knows are left out.

    Raises
    ------
    StudyError
        If code has changed since this process loaded it, or no version of it can be told.
    """
    from sim.strategies.interface import strategies

    known = strategies()
    found = {}
    for name in sorted(used & known.keys()):
        cls = known[name]
        what = f"the strategy {name} ({cls.__module__})"
        version = _version(cls, what)
        if version:
            found[what] = version
    return found


def metrics_versions() -> Iterator[str]:
    """Yield name and version of each metric that is not one of Huitou's own."""
    from experiments.metrics import METRICS

    for name, metric in sorted(METRICS.items()):
        module = metric.function.__module__
        if module.partition(".")[0] != __package__:
            look = Look(metric.function, _is_own)
            parts = depends({module, *look.modules})
            yield digest(name, look.version, *_flat(parts))


def _version(cls: type, what: str) -> str:
    """Return the hash of all that a strategy depends on; empty if that is the simulator alone."""
    modules = {base.__module__ for base in cls.__mro__ if not _is_covered(base.__module__)}
    live = []
    if modules and not _is_in_source(cls):
        look = Look(cls, _is_own)
        modules |= look.modules
        live = [look.version]
    names = frozenset({cls.__module__, *modules})
    parts = depends(names)
    sources.as_loaded((cls, names), what, functools.partial(_code, parts))
    return digest(*live, *_flat(parts)) if parts or live else ""


def _code(parts: dict[str, str]) -> dict[str, str]:
    """Return the parts that a process loads once, and goes on with when they change on disk."""
    return {label: part for label, part in parts.items() if label.endswith(".py")}


def _flat(parts: dict[str, str]) -> Iterator[str]:
    return (text for part in sorted(parts.items()) for text in part)


def _is_covered(module: str) -> bool:
    return module.partition(".")[0] in COVERED or sources.is_standard(module)


def _is_own(module: str) -> bool:
    if module == MAIN:
        return True
    if _is_covered(module) or module.startswith(f"{__package__}."):
        return False
    home = _home(module)
    return home is None or not _is_installed(home[0])


def _is_in_source(cls: type) -> bool:
    """Tell whether a class is what its module's source says, and not made by a function of it."""
    module = sys.modules.get(cls.__module__)
    named = getattr(module, cls.__qualname__, None) is cls
    return named and cls.__module__ != MAIN and hasattr(module, "__file__")


def depends(modules: Iterable[str]) -> dict[str, str]:
    """Return what some modules depend on: a hash for each file, a version for each library.

    Parameters
    ----------
    modules
        Dotted names. Their distributions, and what is not installed at all, are one's own.
    """
    walk = _Walk(modules)
    walk.run()
    return walk.found


class _Walk:
    """From some modules through all that they import."""

    def __init__(self, modules: Iterable[str]) -> None:
        self.waiting = sorted(modules)
        self.own = {dist for name in self.waiting for dist in _distributions(name)}
        self.seen: set[str] = set()
        self.homes: set[Path] = set()
        self.found: dict[str, str] = {}

    def run(self) -> None:
        while self.waiting:
            name = self.waiting.pop()
            if name not in self.seen and name:
                self.seen.add(name)
                self._visit(name)

    def _visit(self, name: str) -> None:
        top = name.partition(".")[0]
        if top == SIM:
            # Its sources are in every identity; what a strategy in there imports is not.
            path = getattr(sys.modules.get(name), "__file__", None)
            if name.startswith("sim.strategies.") and path:
                self._read(name.replace(".", "/") + ".py", Path(path))
        elif top == __package__:
            if _spec(name) is not None:
                files = sources.closure(name)
                self.found |= {key: sources.content(path) for key, path in files.items()}
        elif not _is_covered(name):
            self._elsewhere(name, top)

    def _elsewhere(self, name: str, top: str) -> None:
        home = _home(name)
        if home is None:
            if name != MAIN and _spec(top) is None:
                self.found[f"library {top}"] = "absent"
            return
        dists = _distributions(name)
        if _is_installed(home[0]) and dists and not dists & self.own:
            for dist in dists - _needed_by_ours():
                self.found[f"library {dist}"] = importlib.metadata.version(dist)
        elif home[0] not in self.homes:
            self.homes.add(home[0])
            for label, path in _tree(*home):
                self.found[label] = sources.content(path)
                if path.suffix == ".py":
                    self._read(label, path)

    def _read(self, label: str, path: Path) -> None:
        """Note what a source imports, and the files that it names."""
        package = ".".join(Path(label).parent.parts)
        try:
            text = path.read_text(encoding="utf-8-sig")
            for module, taken in sources.imported(text, package):
                self.waiting += [module, f"{module}.{taken}"] if taken else [module]
            for name, file in sources.named_files(text, path.parent):
                self.found.setdefault(f"{label}: {name}", sources.content(file))
        except (SyntaxError, ValueError):
            return  # a template, say


def _home(name: str) -> tuple[Path, str] | None:
    """Return where the code of a module is, the folder of its package or its file; and its name.

    A package without `__init__` may be in many places, together with packages of others; the first
    folder on the way to the module that has one counts, or else the folder where the file is.
    """
    parts = name.split(".")
    for k in range(1, len(parts) + 1):
        spec = _spec(".".join(parts[:k]))
        if spec is None:
            break
        if spec.origin and spec.has_location:
            file = Path(spec.origin)
            if spec.submodule_search_locations:
                return file.parent, "/".join(parts[:k])
            return (file.parent, "/".join(parts[: k - 1])) if k > 1 else (file, file.name)
    file_of = getattr(sys.modules.get(name), "__file__", None)
    return (Path(file_of), Path(file_of).name) if file_of else None


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _tree(home: Path, label: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package, or the one of a module, with names that hold everywhere."""
    if home.is_file():
        yield label, home
        return
    for folder, folders, files in os.walk(home):
        folders[:] = sorted(f for f in folders if not _is_left_out(Path(folder) / f))
        for file in sorted(files):
            path = Path(folder) / file
            if not file.startswith(".") and path.is_file() and not _is_study(path):
                yield f"{label}/{path.relative_to(home).as_posix()}", path


def _is_left_out(folder: Path) -> bool:
    """Tell folders that are no part of a package: compiled code, environments, results."""
    hidden = folder.name.startswith(".") or folder.name in LEFT_OUT
    return hidden or any((folder / mark).exists() for mark in OF_NO_PACKAGE)


def _is_study(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml") and bool(STUDY.search(path.read_bytes()))


def _is_installed(path: Path) -> bool:
    """Tell whether something lies where packages are installed; what is editable does not."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    places |= {*site.getsitepackages(), site.getusersitepackages()}
    return any(path.resolve().is_relative_to(Path(place).resolve()) for place in places)


def _distributions(module: str) -> set[str]:
    return set(_packages().get(module.partition(".")[0], ()))


@functools.cache
def _packages() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


@functools.cache
def _needed_by_ours() -> frozenset[str]:
    """Return the libraries that Huitou cannot do without; the manifest has their versions."""
    try:
        lines = importlib.metadata.requires("huitou") or []
    except importlib.metadata.PackageNotFoundError:  # a checkout that is not installed
        lines = list(provenance.PACKAGES)
    names = (re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line)
    wanted = {_normal(name[0]) for name in names if name} | {"huitou"}
    known = {dist for dists in _packages().values() for dist in dists}
    return frozenset(dist for dist in known if _normal(dist) in wanted)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
