"""Carry out the studies of facts and print what came out, or write the page.

python -m experiments.facts                      # all facts, as a table
python -m experiments.facts pareto cascades      # some
python -m experiments.facts --page results/published
python -m experiments.facts pareto --file mine.yaml
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from experiments.facts import FACTS, page
from experiments.facts.carry_out import carry_out, load
from experiments.facts.page import Shown
from sim.config.yaml_file import ConfigError


def main(arguments: Iterable[str] | None = None) -> int:
    """Carry out the studies of facts; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.facts", description=main.__doc__)
    parser.add_argument("facts", nargs="*", metavar="FACT", help=f"one of {', '.join(FACTS)}")
    parser.add_argument("--file", type=Path, help="another study file, for one fact")
    parser.add_argument("--replicates", type=int, help="as many, whatever the file says")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--page", type=Path, metavar="FOLDER", help="write the page there")
    options = parser.parse_args(None if arguments is None else list(arguments))
    names = options.facts or list(FACTS)
    if unknown := sorted(set(names) - FACTS.keys()):
        parser.error(f"no such fact: {', '.join(unknown)}; facts: {', '.join(FACTS)}")
    if options.file and len(names) != 1:
        parser.error("--file needs the name of one fact")
    try:
        shown = [_shown(name, options) for name in names]
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if options.page:
        print(page.write(shown, options.page))
    else:
        print("\n".join(page.table(shown)))
    return 0


def _shown(name: str, options: argparse.Namespace) -> Shown:
    fact = FACTS[name]
    study = load(fact, options.file, options.replicates)
    table = carry_out(fact, study, options.workers, lambda text: print(text, file=sys.stderr))
    return Shown(fact, study, table)


if __name__ == "__main__":
    sys.exit(main())
