"""Check the targets in study files against the identities, before anything is run.

python -m experiments.identities FILE...
"""

import argparse
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from experiments.identities.findings import Finding, Range, check
from experiments.identities.known import of_market
from experiments.identities.program import Interval
from experiments.markets import base, resolve
from sim.config.yaml_file import ConfigError, Tree, read


def findings(tree: Tree) -> list[Finding]:
    """Check the `targets` of a study file that are about its brand `of`, with what its market says.

    Raises
    ------
    ConfigError
        If the market is wrong, or there are no targets.
    """
    targets = tree.data.get("targets")
    if not isinstance(targets, Mapping):
        raise ConfigError([tree.problem(("targets",), "must be a mapping of targets by name")])
    layers, problems = base(tree)
    market = None
    if layers is not None:
        market, problems = resolve(layers)
    if market is None or problems:
        raise ConfigError(problems or [tree.problem(("market",), "must be a market")])
    brand = _brand(tree.data.get("of")) or next(iter(market["brands"]))
    own = {
        name: Range(str(spec["metric"]), *_ends(spec))
        for name, spec in targets.items()
        if _brand(spec.get("of")) in (None, brand)
    }
    return check(own, of_market(market, brand))


def _brand(name: Any) -> str | None:
    return str(name).removeprefix("brands.") if name else None


def _ends(spec: Mapping[str, Any]) -> Interval:
    """Return the limits that a target gives, in any of its forms."""
    if "value" not in spec:
        return float(spec.get("low", -math.inf)), float(spec.get("high", math.inf))
    value = float(spec["value"])
    if "factor" in spec:
        return value / float(spec["factor"]), value * float(spec["factor"])
    tolerance = float(spec.get("tolerance", 0.0))
    return value - tolerance, value + tolerance


def main(arguments: Iterable[str] | None = None) -> int:
    """Print what the identities say of each file; exit 1 if targets cannot hold together."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.identities", description=main.__doc__
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="study file (YAML)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    code = 0
    for file in options.files:
        try:
            found = findings(read(file))
        except ConfigError as error:
            print(error, file=sys.stderr)
            code = 2
            continue
        conflict = any(finding.kind == "conflict" for finding in found)
        code = max(code, int(conflict))
        print(f"{file}: the targets {'cannot all hold' if conflict else 'can hold'} together.")
        for finding in found:
            print(f"  {finding.text}")
    return code


if __name__ == "__main__":
    sys.exit(main())
