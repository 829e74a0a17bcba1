"""Logs that are text: CSV with any delimiter, tab-separated, separated by blanks."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.csv as pacsv

from sim.transactions import dates
from sim.transactions.grid import Grid, counted
from sim.transactions.spec import LogFile

DELIMITERS = {"tab": "\t", "semicolon": ";", "comma": ",", "bar": "|", "space": " "}
"""In the order in which they are tried."""
SAMPLE, SAMPLE_RECORDS = 1 << 20, 50
LONGEST = 1 << 26
"""Bytes of the longest line; a longer one is a quote that is not closed."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def grid(content: bytes, source: LogFile, name: str) -> Grid:
    """Return the columns of a text file.

    Raises
    ------
    ValueError
        If it is no text in the encoding declared, or not all lines have as many values.
    """
    notes: list[str] = []
    content = _utf8(content, source.encoding, name, notes)
    if b"\n " in content or b"\n\t" in content or content[:1] in b" \t":
        content = re.sub(rb"(?m)^[ \t]+(?=\r?$)", b"", content)  # lines of blanks only
    sample = content[:SAMPLE].decode(errors="ignore")
    delimiter = DELIMITERS[source.delimiter or _guess(sample, source)]
    if delimiter == " ":
        content = _single_spaced(content, name)
        sample = content[:SAMPLE].decode(errors="ignore")
    named = has_header(source)
    first, size, lines = _first(sample, delimiter)
    if not first:
        raise ValueError(f"{name}: there is nothing in it")
    skip, above = (len(sample[:size].encode()), lines) if named else (0, 0)
    body = _Body(memoryview(content)[skip:], delimiter, len(first), name, above)
    columns = body.columns()
    header = [value.strip() for value in first] if named else None
    if body.broken:
        notes.append(f"{counted(body.broken, 'line break')} within quotes: part of a value.")
    return Grid(name, header, columns, body.place, notes)


def has_header(source: LogFile) -> bool:
    """Tell whether the first line names the columns."""
    if source.header is not None:
        return source.header
    named = [source.customer, source.date, source.amount if source.amount != "none" else None]
    return any(isinstance(column, str) for column in named)


def _utf8(content: bytes, encoding: str | None, name: str, notes: list[str]) -> bytes:
    """Return text as UTF-8 without a byte-order mark."""
    mark, marked = next(((m, e) for m, e in _MARKS if content.startswith(m)), (b"", None))
    declared = codecs.lookup(encoding).name if encoding else None
    if marked and declared and not declared.replace("-sig", "").startswith(marked):
        raise ValueError(f"{name}: begins as {marked} does; encoding: {encoding} cannot be right")
    used = marked or declared or "utf-8"
    try:
        text = content[len(mark) :].decode() if used == "utf-8" else content.decode(used)
    except (UnicodeDecodeError, UnicodeError) as error:
        _not_text(content, used, error, name)
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        raise ValueError(
            f"{name}:{line}: holds a zero byte; if the file is UTF-16, say encoding: utf-16-le"
        )
    if used == "utf-8":
        return content[len(mark) :]
    if declared and not marked and _is_utf8(content):
        notes.append(f"The file reads as UTF-8 too; it was read as {encoding}, as declared.")
    return text.removeprefix("\ufeff").encode()


def _is_utf8(content: bytes) -> bool:
    try:
        return not content.isascii() and bool(content.decode())
    except UnicodeDecodeError:
        return False


def _not_text(content: bytes, used: str, error: UnicodeError, name: str) -> NoReturn:
    line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
    raise ValueError(
        f"{name}:{line}: is not text in {used.upper()}; say which encoding it is, such as cp1252 "
        "(Western Europe), gb18030 (China), utf-16 (Excel's Unicode text), or save it as UTF-8"
    ) from None


def _single_spaced(content: bytes, name: str) -> bytes:
    """Return lines whose values are separated by one blank each."""
    if (at := content.find(b'"')) >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise ValueError(
            f"{name}:{line}: a quote, where blanks separate the values; if something else does, "
            "say delimiter: comma, semicolon, tab or bar"
        )
    content = re.sub(rb"[ \t]+", b" ", content)
    return re.sub(rb"(?m)^ | (?=\r?$)", b"", content)


def _guess(sample: str, source: LogFile) -> str:
    """Return the delimiter with which the first lines make most sense."""
    return max(DELIMITERS, key=lambda name: _sense(sample, DELIMITERS[name], source))


def _sense(sample: str, delimiter: str, source: LogFile) -> tuple[bool, float, float]:
    """Tell whether the columns are there, and how many lines are as wide, and have dates."""
    if delimiter == " ":
        records = [line.split() for line in sample.splitlines()[: 2 * SAMPLE_RECORDS]]
    else:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        records = []
        with contextlib.suppress(csv.Error):  # a value that is too long for a sample
            records += (record for record, _ in zip(reader, range(SAMPLE_RECORDS), strict=False))
    records = [record for record in records if any(record)][:SAMPLE_RECORDS]
    if not records:
        return False, 0.0, 0.0
    header = [value.strip() for value in records[0]] if has_header(source) else None
    width, below = len(records[0]), records[header is not None :]
    body = [record for record in below if len(record) == width]
    wide = len(body) / len(below) if below else float(width > 1)
    try:
        shape = Grid("", header, [None] * width, str)
        shape.find(source.customer)
        date = shape.find(source.date)
    except ValueError:
        return False, wide * (width > 1), 0.0
    texts = pa.array([record[date].strip() for record in body], pa.string())
    return True, wide, float(dates.are_dates(texts, source).mean()) if body else 0.0


def _first(sample: str, delimiter: str) -> tuple[list[str], int, int]:
    """Return the first record, and how many characters and lines the file has until its end."""
    stream = io.StringIO(sample, newline="")
    reader = csv.reader(iter(stream.readline, ""), **_dialect(delimiter))
    try:
        for record in reader:
            if record:
                return record, stream.tell(), reader.line_num
    except csv.Error:
        pass
    return [], 0, 0


def _dialect(delimiter: str) -> dict[str, Any]:
    quoting = csv.QUOTE_NONE if delimiter == " " else csv.QUOTE_MINIMAL
    return {"delimiter": delimiter, "quoting": quoting}


class _Body:
    """The lines below the header.

    Parameters
    ----------
    content
        UTF-8.
    delimiter
        Between values.
    width
        How many values each line must have.
    name
        Of the file.
    above
        How many lines of the file stand above.
    """

    def __init__(
        self, content: memoryview, delimiter: str, width: int, name: str, above: int
    ) -> None:
        self.content, self.delimiter, self.width = content, delimiter, width
        self.name, self.above = name, above
        self.broken = 0

    def columns(self) -> list[Any]:
        """Return the columns; each keeps a text only once, however often it occurs."""
        names = [str(k) for k in range(self.width)]
        if not bytes(self.content[:SAMPLE]).strip() and not bytes(self.content).strip():
            return [pa.array([], pa.string()) for _ in names]
        try:
            table = pacsv.read_csv(
                pa.BufferReader(pa.py_buffer(self.content)),
                pacsv.ReadOptions(column_names=names, block_size=LONGEST),
                pacsv.ParseOptions(
                    delimiter=self.delimiter,
                    quote_char=False if self.delimiter == " " else '"',
                    newlines_in_values=True,
                ),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            self._explain()
            raise ValueError(f"{self.name}: cannot be read: {error}") from None
        self.broken = self._breaks(table.num_rows)
        if self.broken or bytes(self.content).count(b'"') % 2:
            self._explain()  # a quote that is not closed takes in lines until the next one
        return table.columns

    def _breaks(self, rows: int) -> int:
        """Return how many line breaks are within quotes."""
        content = bytes(self.content)
        if b'"' not in content:
            return 0
        return sum(1 for _ in re.finditer(rb"[^\r\n]+", content)) - rows

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank, and the line on which it begins."""
        stream = io.StringIO(bytes(self.content).decode(), newline="")
        reader = csv.reader(stream, strict=True, **_dialect(self.delimiter))
        begins, limit = 1, csv.field_size_limit(LONGEST)
        try:
            for record in reader:
                if record:
                    yield self.above + begins, record
                begins = reader.line_num + 1
        except csv.Error:
            raise ValueError(
                f"{self.name}:{self.above + begins}: a quote that is not closed, or closed in the "
                "middle of a value"
            ) from None
        finally:
            csv.field_size_limit(limit)

    def _explain(self) -> None:
        """Find the first line that is not as it should be."""
        for line, record in self.records():
            if len(record) != self.width:
                raise ValueError(
                    f"{self.name}:{line}: {len(record)} values, where the first line has "
                    f"{self.width}; if the delimiter was not recognised, say which it is"
                )

    def place(self, row: int) -> str:
        """Return where a row stands."""
        if b'"' not in bytes(self.content):
            starts = re.finditer(rb"[^\r\n]+", self.content)
            at = next(match.start() for k, match in enumerate(starts) if k == row)
            before = bytes(self.content[:at])
            breaks = before.count(b"\n") or before.count(b"\r")
            return f"{self.name}:{self.above + breaks + 1}"
        return next(f"{self.name}:{line}" for k, (line, _) in enumerate(self.records()) if k == row)
