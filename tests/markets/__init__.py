"""Fixed markets: no calibration of a shipped market moves what a test or a benchmark expects.

Each is the path of a market, for `use:` in a file and wherever the program takes a market.
"""

from pathlib import Path

HERE = Path(__file__).parent
CREAMS = str(HERE / "creams.yaml")
BEANS = str(HERE / "beans.yaml")
