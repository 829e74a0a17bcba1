"""What strategies, mechanisms and metrics depend on, so that a change of it is a new identity.

Of code of one's own everything counts that its modules import, anywhere in them: of a package all
files, sources and data, since what it loads by name cannot be seen; of a single module its source.
A text in the code that is the name of a module of one's own counts as an import. One that is the
name of a file or folder counts too: beside the module, in the folders above up to the one that its
package is in, or in the current folder. Of libraries the version counts, but not of those that
Huitou itself needs. What code opens elsewhere, by a name that it puts together, is not seen.
"""

import functools
import importlib.metadata
import importlib.util
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments import folders, identity, provenance, sources
from experiments.identity import digest
from experiments.live import Look
from experiments.mechanisms_used import NONE, Need, may_use
from sim.mechanisms import Mechanism, installed

SIM, MAIN = "sim", "__main__"
SIM_MECHANISMS = "sim.mechanisms"
COVERED = (SIM, "pydantic", "builtins")


def versions(used: frozenset[str]) -> dict[str, str]:
    """Return what strategies and their mechanisms depend on beside the engine, by their names.

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
    found, needs = {}, []
    for name in sorted(used & known.keys()):
        cls = known[name]
        what = f"the strategy {name} ({cls.__module__})"
        found[what], need = _version(cls, what)
        needs.append(need)
    for mechanism, need in _mechanisms(needs):
        what = f"the mechanism {mechanism.name} ({mechanism.package.__name__})"
        _see_that_it_stayed(mechanism.name, what, need.found)
        found[what] = digest(*_flat(need.found))
    return found


def _mechanisms(needs: list[Need]) -> list[tuple[Mechanism, Need]]:
    """Return the mechanisms that some code may use, each with what it depends on itself."""
    found: dict[Mechanism, Need] = {}
    waiting = [NONE, *needs]
    while waiting:
        need = waiting.pop()
        for mechanism in installed():
            if mechanism not in found and may_use(need, mechanism):
                found[mechanism] = _of_mechanism(mechanism)
                waiting.append(found[mechanism])
    return sorted(found.items(), key=lambda each: each[0].name)


def _of_mechanism(mechanism: Mechanism) -> Need:
    package = mechanism.package.__name__
    if mechanism.point is not None:
        return needs_of([package])
    folder = Path(mechanism.package.__path__[0])
    files = (file.relative_to(folder).with_suffix("") for file in folder.rglob("*.py"))
    names = (".".join([package, *file.parts]) for file in files)
    return needs_of([name.removesuffix(".__init__") for name in names], package)


def metrics_versions() -> Iterator[str]:
    """Yield name and version of each metric that is not one of Huitou's own."""
    from experiments.metrics import METRICS

    for name, metric in sorted(METRICS.items()):
        module = metric.function.__module__
        if module.partition(".")[0] != __package__:
            look = Look(metric.function, _is_own)
            parts = depends({module, *look.modules})
            yield digest(name, look.version, *_flat(parts))


def _version(cls: type, what: str) -> tuple[str, Need]:
    """Return the hash of all that a strategy depends on beside the engine, and what that is."""
    modules = {base.__module__ for base in cls.__mro__ if _may_count(base.__module__)}
    live = []
    if not _is_in_source(cls):
        look = Look(cls, _is_own)
        modules |= look.modules
        live = [look.version]
    names = frozenset({cls.__module__, *modules})
    need = needs_of(names)
    _see_that_it_stayed((cls, names), what, need.found)
    is_all_seen = need.is_all_seen and not live
    return digest(*live, *_flat(need.found)), need._replace(is_all_seen=is_all_seen)


def _see_that_it_stayed(key: object, what: str, parts: Mapping[str, str]) -> None:
    sources.as_loaded(key, what, functools.partial(_code, parts))


def _code(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that a process loads once, and goes on with when they change on disk."""
    return {label: part for label, part in parts.items() if label.endswith(".py")}


def _flat(parts: Mapping[str, str]) -> Iterator[str]:
    return (text for part in sorted(parts.items()) for text in part)


def _is_covered(module: str) -> bool:
    return module.partition(".")[0] in COVERED or sources.is_standard(module)


def _may_count(module: str) -> bool:
    return module.startswith(f"{SIM}.") or not _is_covered(module)


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


def depends(modules: Iterable[str]) -> Mapping[str, str]:
    """Return what some modules depend on: a hash for each file, a version for each library.

    Parameters
    ----------
    modules
        Dotted names. Their distributions, and what is not installed at all, are one's own.
    """
    return needs_of(modules, SIM_MECHANISMS).found


def needs_of(modules: Iterable[str], mechanism: str = "") -> Need:
    """Return what some modules depend on, and what tells which mechanisms they may use.

    Parameters
    ----------
    modules
        As for `depends`.
    mechanism
        The package of the mechanism that they are; those elsewhere in `sim` are only noted.
    """
    walk = _Walk(modules, mechanism)
    walk.run()
    return Need(walk.found, frozenset(walk.seen), tuple(walk.texts), walk.is_all_seen)


class _Walk:
    """From some modules through all that they import."""

    def __init__(self, modules: Iterable[str], mechanism: str) -> None:
        self.waiting, self.mechanism = sorted(modules), mechanism
        self.engine = identity.engine()
        self.texts: list[str] = []
        self.is_all_seen = True
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
            self._of_sim(name)
        elif top == __package__:
            if _spec(name) is not None:
                files = sources.closure(name)
                self.is_all_seen = False
                self.found |= {key: sources.content(path) for key, path in files.items()}
        elif not _is_covered(name):
            self._elsewhere(name, top)

    def _of_sim(self, name: str) -> None:
        """Look into a strategy, or what else is not the engine's; mechanisms count as such."""
        is_own = bool(self.mechanism) and f"{name}.".startswith(f"{self.mechanism}.")
        is_of_others = name.startswith(f"{SIM_MECHANISMS}.") and not is_own
        path = None if is_of_others or name in self.engine else _file(name)
        if path is not None:
            label = name.replace(".", "/") + ("/__init__.py" if path.stem == "__init__" else ".py")
            self.found[label] = sources.content(path, with_messages=False)
            self._read(label, path)

    def _elsewhere(self, name: str, top: str) -> None:
        home = _home(name)
        if home is None:
            if name != MAIN and _spec(top) is None:
                self.found[f"library {top}"] = "absent"
            return
        dists = _distributions(name)
        if self._is_of_others(home[0], top):
            for dist in dists - _needed_by_ours():
                self.is_all_seen = False
                self.found[f"library {dist}"] = importlib.metadata.version(dist)
        elif home[0] not in self.homes:
            self.homes.add(home[0])
            for label, path in folders.tree(*home):
                self.found[label] = sources.content(path)
                if path.suffix == ".py":
                    self._read(label, path)

    def _read(self, label: str, path: Path) -> None:
        """Note what a source imports, and the modules, files and folders that it names."""
        package = ".".join(Path(label).parent.parts)
        try:
            text = path.read_text(encoding="utf-8-sig")
            for module, taken in sources.imported(text, package):
                self.waiting += [module, f"{module}.{taken}"] if taken else [module]
            named = sorted(sources.texts(text))
            self.texts.append(text)
        except (SyntaxError, ValueError):
            return  # a template, say
        for name in named:
            self._follow(name, label, path, package)

    def _follow(self, name: str, label: str, path: Path, package: str) -> None:
        """Note what a text in a source names, if anything."""
        is_word = name.isidentifier()
        is_of_sim = label.startswith(f"{SIM}/")
        module = sources.module_in(name, package)
        # In strategies of Huitou itself, a word is a word, whatever one's own folders are called.
        if module and not (is_word and is_of_sim) and self._is_own(module):
            self.waiting.append(module)
        levels = 1 if is_of_sim and is_word else max(2, label.count("/") + 1)
        places = [*path.absolute().parents[:levels], *([] if is_of_sim and is_word else [Path()])]
        found = {self._content(place / name, name, path) for place in places} - {""}
        if found:
            self.found.setdefault(f"{label}: {name}", digest(*sorted(found)))

    def _is_own(self, module: str) -> bool:
        """Tell whether a module, which may be there or not, is code of one's own, or of Huitou."""
        top = module.partition(".")[0]
        if top in (SIM, __package__):
            return module != top
        home = None if _is_covered(module) else _home(module)
        return home is not None and not self._is_of_others(home[0], top)

    def _is_of_others(self, path: Path, name: str) -> bool:
        dists = _distributions(name)
        return bool(dists) and not dists & self.own and _is_installed(path)

    def _content(self, path: Path, name: str, source: Path) -> str:
        """Return a hash of a file, or of a folder that is not the source's own; else empty."""
        if sources.is_file(path):
            return sources.content(path)
        if not folders.is_folder(path) and len(Path(name).parts) > 1 and name[0] != "/":
            path = path.parent  # "data/*.csv", or the first half of a name that is put together
        is_folder = bool(Path(name).name) and folders.is_folder(path)
        if not is_folder or folders.is_left_out(path) or _is_ours(path):
            return ""
        is_around = source.resolve().is_relative_to(path.resolve())
        if is_around or self._is_of_others(path, Path(name).parts[0]):
            return ""
        return digest(*folders.parts(path))


def _is_ours(folder: Path) -> bool:
    """Tell packages of Huitou's; of these, what is imported counts."""
    homes = [Path(sys.modules[name].__path__[0]).resolve() for name in (SIM, __package__)]
    real = folder.resolve()
    is_in = any(real.is_relative_to(home) for home in homes)
    return is_in and (real in homes or (real / "__init__.py").exists())


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


def _file(module: str) -> Path | None:
    """Return the source of a module, None if that is no module."""
    file = getattr(sys.modules.get(module), "__file__", None)
    origin = file or getattr(_spec(module), "origin", None)
    return Path(origin) if origin and origin.endswith(".py") else None


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


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
