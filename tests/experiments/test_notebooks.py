"""The notebooks run from top to bottom, and say what they are committed with."""

import importlib.util
import shutil
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(HERE.glob("*.ipynb"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a copy of the folder of notebooks, so that running them leaves nothing behind."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(HERE.parent))
    shutil.copytree(HERE, tmp_path / "notebooks", ignore=shutil.ignore_patterns("results"))
    return tmp_path / "notebooks"


def texts(notebook) -> list[str]:
    """What the cells print or return, without pictures."""
    return [
        output.get("text") or output.data.get("text/plain", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" not in output.get("data", {})
    ]


def pictures(notebook) -> int:
    """How many pictures the cells show."""
    outputs = (o for cell in notebook.cells for o in cell.get("outputs", []))
    return sum("image/png" in output.get("data", {}) for output in outputs)


def refresh():
    specification = importlib.util.spec_from_file_location("refresh", HERE / "refresh.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_committed(path, folder):
    committed = nbformat.read(path, as_version=4)
    again = refresh().execute(folder / path.name, folder)
    assert texts(again) == texts(committed)
    assert pictures(again) == pictures(committed) == 2
