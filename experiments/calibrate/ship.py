"""Make a preset of what a calibrate study found: its ensemble, and the market in its middle.

    python -m experiments.calibrate.ship RESULTS/skincare-0a1b2c3d

writes configs/ensembles/NAME.csv and .yaml, NAME being that of the study, and replaces what
configs/markets/NAME.yaml has under `set` by the medoid's values of the free parameters. So no value
of a preset that a study left free is written by hand.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from experiments import ensembles
from experiments.ensemble_rows import Member
from experiments.files import write_bytes
from sim.config import layers
from sim.config.yaml_file import ConfigError

DIGITS = 4
"""Significant digits of a preset's values: an ensemble decides none of them to more."""
BLOCK = "\nset:"


def main() -> None:
    """Write the ensemble and the market of the preset that a folder's study is named after."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="results folder of a calibrate study")
    folder = parser.parse_args().folder
    try:
        found = ensembles.read(folder / "ensemble" / "stated")
    except ConfigError as error:
        parser.error(str(error))
    about = found.about["study"]
    market = layers.presets().get(about["name"])
    if market is None:
        parser.error(f"there is no preset {about['name']!r}, after which the study is named")
    both = folder / "ensemble" / "both.csv"
    source = ensembles.read(both) if both.is_file() else found
    ensembles.write(
        market.parents[1] / "ensembles" / about["name"], source.table, dict(source.about)
    )
    write_bytes(market, with_values(market.read_text(), medoid(folder), about).encode())
    print(f"wrote {market} and its ensemble of {len(source.members)} markets")


def medoid(folder: Path) -> Member:
    """Return the member in the middle of the ensemble of a results folder."""
    members = pd.read_parquet(folder / "summary" / "ensemble.parquet")
    names = members.loc[members["medoid"].astype(bool) & (members["ranges"] == "stated"), "id"]
    found = ensembles.read(folder / "ensemble" / "stated").members
    return next(member for member in found if member.id == names.iloc[0])


def with_values(text: str, member: Member, study: Mapping[str, Any]) -> str:
    """Return the text of a market file, with a member's values at its end in place of those there."""
    body = text.split(BLOCK, maxsplit=1)[0].rstrip("\n")
    values = {path: rounded(value) for path, value in member.set.items()}
    block = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    lines = "".join(f"  {line}\n" for line in block.splitlines())
    comment = f"  # market {member.id} of configs/ensembles/{study['name']}.csv, its medoid"
    return f"{body}\n{BLOCK}{comment}\n{lines}"


def rounded(value: Any) -> Any:
    """Return a number with four significant digits, and all else as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
