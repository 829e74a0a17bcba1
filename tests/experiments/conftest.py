"""Make `tiny_studies` importable: here, and by name in the worker processes that tests start."""

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Write files into a folder of one's own, and forget the modules afterwards."""
    folder = tmp_path / "mine"

    def write(contents, where=folder):
        for name, text in contents.items():
            path = where / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = text.splitlines(keepends=True)
            margin = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
            path.write_text("".join(x[margin:] if x.strip() else x for x in lines))
        importlib.invalidate_caches()
        return where

    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]
