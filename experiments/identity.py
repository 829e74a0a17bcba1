"""What makes a run the same run: configuration, data files, seed, code, definitions of metrics."""

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sim
from experiments import folders, sources
from experiments.sources import essence

__all__ = ["essence"]

SEED_SCHEME = "blake2b-64(huitou | base seed | block | replicate)"


ABSENT = b"absent".hex()
"""Hash of a file that is not there."""


def digest(*parts: str | bytes, size: int = 8) -> str:
    """Return the hexadecimal BLAKE2b hash of `parts`, of `size` bytes.

    Each part is preceded by its length, so that moving text from one part to the next changes it.
    """
    state = hashlib.blake2b(digest_size=size)
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        state.update(f"{len(content)}:".encode() + content)
    return state.hexdigest()


def seed(base: int, replicate: int, block: int = 0) -> int:
    """Return the 64-bit seed of a replicate; all arms of a replicate share it.

    Parameters
    ----------
    base
        The study's base seed.
    replicate
        Which replicate, from 0.
    block
        Which block of the design, from 0: rows of one block share their draws.
    """
    return int(digest("huitou", str(base), str(block), str(replicate)), 16)


def config_hash(market: Mapping[str, Any]) -> str:
    """Return the hash of a resolved market, and of the files that it reads.

    Parameters
    ----------
    market
        As `MarketConfig.model_dump` gives it: all defaults filled in, in order of declaration. The
        order of brands, products and categories counts, since it is the order of the results;
        the `notice` to readers does not.
    """
    counts = {key: value for key, value in market.items() if key != "notice"}
    text = json.dumps(_canonical(counts), separators=(",", ":"), default=str)
    return digest(text, *(_content(name) for name in _files(market)))


def _canonical(value: Any) -> Any:
    """Write whole numbers in one way: 7 and 7.0 are the same parameter."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def run_id(config: str, seed: int, code: str, metrics: str) -> str:
    """Return the identity of a run, and of what is stored of it.

    Parameters
    ----------
    config, seed, code, metrics
        As `config_hash`, `seed`, `code_version` and `metrics_version` give them.
    """
    return digest(config, str(seed), code, metrics)


def data_files(market: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that a market reads, by name, each with a hash of what is in it."""
    return {name: file_hash(name) for name in _files(market)}


def file_hash(name: str) -> str:
    """Return the hash of what is in a data file or folder, `ABSENT` if there is none."""
    return _content(name).hex()


def _files(value: Any, key: str = "", of_strategy: bool = False) -> Iterator[str]:
    """Yield the names of the files that a market reads: its network, its transaction log.

    What a strategy does with a text is not known: where the text is the name of a file or a folder,
    it counts.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _files(item, str(name), of_strategy or key == "strategies")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _files(item, key, of_strategy)
    elif isinstance(value, str) and (
        key in ("file", "log") or (of_strategy and _is_there(Path(value)))
    ):
        yield value


def _is_there(path: Path) -> bool:
    return sources.is_file(path) or folders.is_folder(path)


def _content(name: str) -> bytes:
    """Return the hash of a file or folder; an absent one is the market's to complain about."""
    try:
        path = _locate(name)
        if folders.is_folder(path):
            return bytes.fromhex(digest(*folders.parts(path), size=32))
        return sources.bytes_of(path)
    except (OSError, ImportError, ValueError):
        return bytes.fromhex(ABSENT)


def _locate(name: str) -> Path:
    """Find a file by path, or as `package:NAME/PATH` in an installed package."""
    if not name.startswith("package:"):
        return Path(name)
    package, _, rest = name.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return Path(name)
    return Path(next(iter(spec.submodule_search_locations))) / rest


def code_version(strategies: Iterable[str] = ()) -> str:
    """Return the hash of the code that computes runs: of the engine, strategies and mechanisms.

    Only strategies in use count, and mechanisms that these may use. Comments, docstrings, layout
    and messages do not count: they cannot change a result.

    Parameters
    ----------
    strategies
        Names of the strategies that the study uses.

    Raises
    ------
    StudyError
        If code has changed since this process loaded it, or a strategy that was made on the fly
        depends on what no hash can be taken of.
    """
    own, *others = code_parts(strategies).items()
    return digest(own[1], *(text for part in others for text in part))


def code_parts(strategies: Iterable[str] = ()) -> dict[str, str]:
    """Return what `code_version` is made of: what changes it, each with its hash.

    The first is the simulator: all that any run may execute. Strategies and mechanisms follow.
    """
    from experiments import foreign

    return {"the simulator": _engine_version(), **foreign.versions(frozenset(strategies))}


def engine() -> dict[str, Path]:
    """Return the modules of `sim` that any run may execute, whatever its brands do.

    Strategies and mechanisms are not among them, nor is what they alone import.
    """
    found = sources.closure("sim.market")
    for package in {name.rpartition(".")[0] for name in found} - found.keys() - {""}:
        found[package] = Path(*sim.__path__, *package.split(".")[1:], "__init__.py")
    return found


def _engine_version() -> str:
    return sources.as_loaded("sim", "the code of the simulator", lambda: _hash_of(engine()))


def _hash_of(modules: Mapping[str, Path]) -> str:
    parts = ((name, sources.content(path, with_messages=False)) for name, path in modules.items())
    return digest(*(text for part in sorted(parts) for text in part))


def metrics_version() -> str:
    """Return the hash of the code that turns a finished market into stored numbers.

    It covers `experiments.simulate` and all that it imports of this package, and metrics that were
    registered from elsewhere. Runs are averaged only if they have it in common.

    Raises
    ------
    StudyError
        As for `code_version`.
    """
    from experiments import foreign

    own = sources.as_loaded("metrics", "the code of the metrics", _metrics_on_disk)
    return digest(own, *foreign.metrics_versions())


def _metrics_on_disk() -> str:
    return _hash_of(sources.closure("experiments.simulate"))
