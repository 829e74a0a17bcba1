"""Check the targets of calibrate studies against the identities, before anything is run.

python -m experiments.identities FILE...
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from experiments.calibrate.consistency import findings
from experiments.calibrate.spec import CalibrateStudy
from experiments.study import load
from sim.config.yaml_file import ConfigError


def main(arguments: Iterable[str] | None = None) -> int:
    """Print what the identities say of each file.

    The exit code is 1 if targets cannot hold together, and 2 if a file is no calibrate study.
    """
    parser = argparse.ArgumentParser(
        prog="python -m experiments.identities", description=(main.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="study file (YAML)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    return max(_tell(file) for file in options.files)


def _tell(file: Path) -> int:
    try:
        study = load(file)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if not isinstance(study.spec, CalibrateStudy):
        print(f"{file}: a {study.kind} study has no targets", file=sys.stderr)
        return 2
    found = findings(study)
    conflict = any(finding.kind == "conflict" for finding in found)
    print(f"{file}: the targets {'cannot all hold' if conflict else 'can hold'} together.")
    for finding in found:
        print(f"  {finding.text}")
    return int(conflict)


if __name__ == "__main__":
    sys.exit(main())
