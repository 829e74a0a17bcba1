"""Make `any_market` importable: what markets there can be, for every property that holds in all."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
