"""What makes a run the same run: its configuration, its seed, and the code that computes it."""

import ast
import functools
import hashlib
import importlib.util
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sim

SEED_SCHEME = "blake2b-64(huitou | base seed | block | replicate)"


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


def run_id(config: str, seed: int, code: str) -> str:
    """Return the identity of a run: the hash of its configuration's hash, seed and code version."""
    return digest(config, str(seed), code)


def _files(value: Any, key: str = "") -> Iterator[str]:
    """Yield the names of the files that a market reads: its network, its transaction log."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _files(item, str(name))
    elif key in ("file", "log") and isinstance(value, str):
        yield value


def _content(name: str) -> bytes:
    """Return the hash of a file; an absent file is the market's to complain about."""
    try:
        path = _locate(name)
        found = path.stat()
        return _hash(path, found.st_size, found.st_mtime_ns)
    except (OSError, ImportError, ValueError):
        return b"absent"


@functools.lru_cache(16)
def _hash(path: Path, size: int, changed: int) -> bytes:
    """Return the hash of a file; it is read again only if its size or time has changed."""
    return hashlib.blake2b(path.read_bytes()).digest()


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
    """Return the hash of the sources of `sim`, and of strategies from elsewhere that are used.

    Comments, docstrings and layout do not count: they cannot change a result.

    Parameters
    ----------
    strategies
        Names of the strategies that the study uses.
    """
    return digest(_sim_version(), *_foreign(frozenset(strategies)))


@functools.cache
def _sim_version() -> str:
    folder = Path(sim.__path__[0])
    sources = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    parts = [(name, essence((folder / name).read_text(encoding="utf-8"))) for name in sources]
    return digest(*(text for pair in parts for text in pair))


def _foreign(used: frozenset[str]) -> Iterator[str]:
    from sim.strategy import strategies

    known = strategies()
    for name in sorted(used & known.keys()):
        if not known[name].__module__.startswith("sim."):
            module = inspect.getmodule(known[name])
            try:
                yield name + essence(inspect.getsource(module or known[name]))
            except (OSError, TypeError):  # built on the fly: there is no source to read
                yield name + known[name].__qualname__


def essence(source: str) -> str:
    """Return Python source without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A string that stands alone is documentation, wherever it stands.
            node.body = [item for item in body if not _is_text(item)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
