"""What the commands of all held-out data share: what they are asked, and where files are."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from experiments.files import write_bytes


def run(
    module: str,
    calibrate: Callable[[], Mapping[str, bytes]],
    page: Callable[[Path, Path], Path],
    arguments: Iterable[str] | None = None,
) -> int:
    """Calibrate, or write the page; return the exit code.

    Parameters
    ----------
    module
        Name of the command's module.
    calibrate
        Returns study files by name.
    page
        Writes a page, from the folder of study files to a folder, and returns where it is.
    arguments
        Of the command line; None: of this process.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m experiments.holdout.{module}",
        description="Calibrate, or write the page.",
    )
    parser.add_argument("what", choices=["calibrate", "page"])
    parser.add_argument("--configs", type=Path, default=Path("configs/published"))
    parser.add_argument("--pages", type=Path, default=Path("results/published/calibration"))
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.what == "page":
        print(page(options.configs, options.pages))
        return 0
    for name, content in calibrate().items():
        write_bytes(options.configs / name, content)
        print(options.configs / name)
    return 0
