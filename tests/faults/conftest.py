"""Make the helpers here, and those of studies, importable: also by name in worker processes."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "experiments")]


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """The tables of a study that nothing happened to, computed in this process."""
    from whole_studies import finished, tables

    found = tables(finished(tmp_path_factory.mktemp("whole")).store.folder)
    assert (found["runs"][["referred_customers", "distributors_joined"]].sum() > 0).all()
    return found
