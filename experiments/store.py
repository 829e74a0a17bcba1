"""A results folder: what is written where, what counts as there, and reading it back.

```
results/<study-name>-<hash8>/
  manifest.json  config.resolved.yaml  design.parquet  failures.jsonl
  runs/part-*.parquet            a row per run and brand; a run is done when it is here
  series/  curves/  orders/      what else was recorded of each run
  summary/*.parquet  summary.json  report.html  plots/*.png
```
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from experiments.errors import StorageError, UsageError
from experiments.files import write_bytes, write_json, write_parquet
from experiments.identity import digest
from experiments.studyfile import Record

Found = TypeVar("Found")
KINDS = ("orders", "curves", "series", "runs")
"""Tables of a run, in the order they are written: `runs` last, for it is the commit mark."""
CONFIG = "config.resolved.yaml"
DONE = {
    "run_id": "str",
    "config_hash": "str",
    "seed": "uint64",
    "code": "str",
    "metrics_version": "str",
}
"""What tells one run from another."""
UNKNOWN = ""
"""Version of the metrics of a run that was stored before versions were."""
SMALL_BYTES = 1 << 20
SMALL_FILES = 8
"""So many small files of a kind are left alone."""
GROUP_BYTES = 16 << 20
LOOKS = 10
"""How often files are looked at again that another process is putting together."""


class Store:
    """The results folder of a study.

    Parameters
    ----------
    folder
        Where it is; made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ignored: list[Path] = []
        """Files that were found torn or alien, and left alone."""

    # -- runs -----------------------------------------------------------------------------------

    def commit(self, finished: list[dict[str, pa.Table]]) -> None:
        """Write the tables of some finished runs, all of them or, after a crash, none that count.

        Raises
        ------
        StorageError
            If the folder cannot be written.
        """
        if not finished:
            return
        ids = sorted(tables["runs"]["run_id"][0].as_py() for tables in finished)
        name = f"part-{digest(*ids)}-{_attempt()}.parquet"
        for kind in KINDS:
            tables = [tables[kind] for tables in finished if kind in tables]
            if tables:
                write_parquet(self.folder / kind / name, pa.concat_tables(tables))

    def parts(self, kind: str) -> Iterator[Path]:
        """Yield the readable files of a kind, by name; note the others in `ignored`."""
        for path in sorted((self.folder / kind).glob("part-*.parquet")):
            try:
                names = pq.read_schema(path).names
            except (OSError, pa.ArrowException):
                names = []
            if "run_id" in names and (kind != "runs" or "recorded" in names):
                yield path
            elif path not in self.ignored and path.exists():
                self.ignored.append(path)

    def _at_rest(self, look: Callable[[], Found]) -> Found:
        """Look at the files; again if another process has put some together meanwhile."""
        for _ in range(LOOKS):
            before = self._all_parts()
            try:
                found = look()
            except FileNotFoundError:
                continue
            if before <= self._all_parts():
                return found
        return look()

    def _all_parts(self) -> set[Path]:
        return {path for kind in KINDS for path in (self.folder / kind).glob("part-*.parquet")}

    def done(self, record: Record) -> pd.DataFrame:
        """Return what is on disk: a row per run, with the columns of `DONE`.

        A run counts only if everything that is now to be recorded of it was recorded, and can be
        read.
        """
        return self._at_rest(lambda: self._done(record))

    def _done(self, record: Record) -> pd.DataFrame:
        wanted = {kind for kind, on in _recorded(record).items() if on}
        # To look into every file of every kind takes long; it is done where a file is damaged.
        readable = [self._ids(kind) for kind in wanted if self._damaged(kind)]
        frames = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in DONE.items()})]
        for path in self.parts("runs"):
            rows = self._signatures(path)
            enough = rows["recorded"].map(lambda text: wanted <= set(text.split()))
            for ids in readable:
                enough &= rows["run_id"].isin(ids)
            frames.append(rows.loc[enough, list(DONE)].astype(DONE))
        return pd.concat(frames, ignore_index=True).drop_duplicates("run_id", ignore_index=True)

    def _signatures(self, path: Path) -> pd.DataFrame:
        there = [name for name in (*DONE, "recorded") if name in pq.read_schema(path).names]
        rows = pq.read_table(path, columns=there).to_pandas().drop_duplicates()
        if "metrics_version" not in rows:
            rows["metrics_version"] = UNKNOWN
        return rows.fillna({"metrics_version": UNKNOWN})  # files of both sorts were put together

    def metrics_versions(self, runs: Iterable[str] | None = None) -> list[str]:
        """Return the versions of the metrics of some runs, or of all that the design names."""
        wanted = set(self.design()["run_id"] if runs is None else runs)
        found = self._at_rest(lambda: [self._signatures(path) for path in self.parts("runs")])
        own = [rows.loc[rows["run_id"].isin(wanted), "metrics_version"] for rows in found]
        return sorted({version for versions in own for version in versions})

    def _damaged(self, kind: str) -> bool:
        there = list((self.folder / kind).glob("part-*.parquet"))
        return len(list(self.parts(kind))) < len(there) or not there

    def _ids(self, kind: str) -> set[str]:
        ids: set[str] = set()
        for path in self.parts(kind):
            ids.update(pq.read_table(path, columns=["run_id"])["run_id"].unique().to_pylist())
        return ids

    def read(
        self,
        kind: str,
        columns: list[str] | None = None,
        filters: list[Any] | None = None,
        runs: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Read a table of the runs; a run that is there twice is read once.

        Parameters
        ----------
        kind
            `"runs"`, `"series"`, `"curves"` or `"orders"`.
        columns, filters
            As in `pyarrow.parquet.read_table`; `run_id` is always read, and a column that the runs
            do not have is missing in every row.
        runs
            Only these run ids.
        """
        wanted = None if runs is None else set(runs)
        return self._at_rest(lambda: self._read(kind, columns, filters, wanted))

    def _read(
        self,
        kind: str,
        columns: list[str] | None,
        filters: list[Any] | None,
        wanted: set[str] | None,
    ) -> pd.DataFrame:
        if columns is not None and "run_id" not in columns:
            columns = ["run_id", *columns]
        seen: set[str] = set()
        frames = []
        for path in self.parts(kind):
            # Runs are told apart before rows are filtered: a run is wholly in one file.
            ids = set(pq.read_table(path, columns=["run_id"])["run_id"].unique().to_pylist())
            new = ids - seen if wanted is None else (ids - seen) & wanted
            seen |= ids
            if new:
                there = _there(path, columns)
                frame = pq.read_table(path, columns=there, filters=filters).to_pandas()
                frames.append(frame if new == ids else frame[frame["run_id"].isin(new)])
        if not frames:
            return pd.DataFrame({name: [] for name in columns or ["run_id"]})
        found = pd.concat(frames, ignore_index=True)
        return found if columns is None else found.reindex(columns=columns)

    def compact(self) -> None:
        """Put many small files together. A crash leaves some runs twice, which reading allows."""
        for kind in KINDS:
            small = [p for p in self.parts(kind) if p.stat().st_size < SMALL_BYTES]
            if len(small) > SMALL_FILES:
                for group in _groups(small):
                    self._join(kind, group)

    def _join(self, kind: str, group: list[Path]) -> None:
        tables: list[pa.Table] = []
        seen: set[str] = set()
        for path in group:
            table = pq.read_table(path)
            ids = table["run_id"].unique().to_pylist()
            fresh = pa.array([run for run in ids if run not in seen], pa.string())
            seen.update(ids)
            tables.append(table.filter(pa.compute.is_in(table["run_id"], fresh)))
        name = f"part-{digest(*sorted(seen))}-{_attempt()}.parquet"
        joined = pa.concat_tables(tables, promote_options="default")
        write_parquet(self.folder / kind / name, joined)
        for path in group:
            path.unlink(missing_ok=True)

    # -- the other files ------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """Return the manifest, empty if there is none that can be read."""
        return self._json("manifest.json")

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write the manifest."""
        write_json(self.folder / "manifest.json", manifest)

    def config(self) -> Path:
        """Return the resolved study.

        Raises
        ------
        UsageError
            If there is none.
        """
        path = self.folder / CONFIG
        if path.is_file():
            return path
        if next(self.parts("runs"), None) is None:
            raise UsageError(f"{self.folder} is not a results folder: it has no {CONFIG}")
        raise UsageError(
            f"{self.folder} has runs, but its {CONFIG} is gone, which says what they are runs of. "
            "Carry out the study file again, with --results: that writes it, and computes nothing "
            "that is there"
        )

    def write_config(self, data: dict[str, Any]) -> None:
        """Write the resolved study, a study file in its own right."""
        write_bytes(self.folder / CONFIG, _config(data))

    def has_config(self, data: dict[str, Any]) -> bool:
        """Tell whether the resolved study on disk is this one."""
        try:
            return (self.folder / CONFIG).read_bytes() == _config(data)
        except OSError:
            return False

    def design(self) -> pd.DataFrame:
        """Return the design: a row per arm and replicate."""
        try:
            return pq.read_table(self.folder / "design.parquet").to_pandas()
        except (OSError, pa.ArrowException) as error:
            raise StorageError(f"{self.folder} has no readable design.parquet") from error

    def has_design(self, rows: int) -> bool:
        """Tell whether the design on disk is there, with so many rows."""
        try:
            return bool(pq.read_metadata(self.folder / "design.parquet").num_rows == rows)
        except (OSError, pa.ArrowException):
            return False

    def write_design(self, design: pd.DataFrame) -> None:
        """Write the design."""
        table = pa.Table.from_pandas(design, preserve_index=False).replace_schema_metadata()
        write_parquet(self.folder / "design.parquet", table)

    def failures(self) -> list[dict[str, Any]]:
        """Return the rows of `failures.jsonl`; a torn last line is left out."""
        try:
            lines = (self.folder / "failures.jsonl").read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        return [row for row in rows if isinstance(row, dict) and "run_id" in row]

    def write_failures(self, rows: list[dict[str, Any]]) -> None:
        """Write `failures.jsonl`."""
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        write_bytes(self.folder / "failures.jsonl", "".join(lines).encode())

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, empty if there is none that can be read."""
        return self._json("summary.json")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of the summary by name."""
        files = sorted((self.folder / "summary").glob("*.parquet"))
        return {path.stem: pq.read_table(path).to_pandas() for path in files}

    def write_summary(self, summary: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
        """Write the tables of the summary, and last `summary.json`, which says it is complete."""
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            write_parquet(self.folder / "summary" / f"{name}.parquet", table)
        write_json(self.folder / "summary.json", summary)

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


def _config(data: dict[str, Any]) -> bytes:
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    head = "# The study with every default written out; `huitou repeat` reads this file.\n"
    return (head + text).encode()


def _there(path: Path, columns: list[str] | None) -> list[str] | None:
    names = pq.read_schema(path).names
    return None if columns is None else [name for name in columns if name in names]


def _recorded(record: Record) -> dict[str, bool]:
    return {"series": record.series, "curves": record.series, "orders": record.orders}


def _groups(paths: list[Path]) -> Iterator[list[Path]]:
    """Yield groups of files of bounded size, so that joining them takes bounded memory."""
    group: list[Path] = []
    size = 0
    for path in paths:
        group.append(path)
        size += path.stat().st_size
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if len(group) > 1:
        yield group


def _attempt() -> str:
    import uuid

    return uuid.uuid4().hex[:8]
