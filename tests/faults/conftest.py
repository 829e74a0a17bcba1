"""Make the helpers here, and `tiny_studies`, importable; and the command, called as a function."""

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "experiments")]


@pytest.fixture
def huitou(monkeypatch, capsys, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process, in an empty folder: code, out, err."""
    from experiments import cli, kinds

    for name in kinds.NAMES:  # so that no test pays for the libraries
        kinds.kind(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["huitou", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(done.value.code or 0), out, err

    return call


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """The tables of a study that nothing happened to, computed in this process."""
    from whole_studies import finished, tables

    found = tables(finished(tmp_path_factory.mktemp("whole")).store.folder)
    assert (found["runs"][["referred_customers", "distributors_joined"]].sum() > 0).all()
    return found
