"""Make the reference market importable, and the generators of any market."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "properties")]


@pytest.fixture
def busy_mapping(busy_mapping: dict[str, Any]) -> dict[str, Any]:
    """Return the busy market, in which brand B uses what twins say of themselves, too."""
    from reference.mechanisms import installed

    brand = busy_mapping["brands"]["B"]
    for twin in installed().values():
        brand.setdefault("strategies", {}).update(twin.strategies(copy.deepcopy(brand)))
    return busy_mapping
