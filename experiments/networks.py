"""What was read from the network files of a study: said to the user, and kept beside the runs."""

import csv
import io
from collections.abc import Iterator

from experiments.study import Study
from sim.ties.network import FromFile
from sim.ties.network_file import FileTies, file_ids, read_network

IDS = "network_ids.csv"
"""Name of the table that says which node of a file is which person."""


def reports(study: Study) -> list[str]:
    """Return a sentence for each network file of a study: form, ties, who is who, strengths."""
    return [found.report for _, _, found in _read(study)]


def ids_table(study: Study) -> bytes:
    """Return which node of which file is which person, as CSV; empty without network files."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    for config, n, _ in _read(study):
        if not stream.tell():
            rows.writerow(["file", "people", "id", "person"])
        rows.writerows((config.file, n, *pair) for pair in file_ids(config, n).items())
    return stream.getvalue().encode()


def _read(study: Study) -> Iterator[tuple[FromFile, int, FileTies]]:
    """Yield the networks from files, with the number of people; what is read alike, once."""
    seen: dict[str, None] = {}
    for market in study.planned.samples():
        if market["network"]["kind"] not in ("file", "edge_list"):
            continue
        config = FromFile.model_validate(market["network"])
        try:
            found = read_network(config, market["people"]["n"])
        except ValueError:
            continue  # the runs that need it fail, each with the reason
        if found.report not in seen:
            seen[found.report] = None
            yield config, market["people"]["n"], found
