"""Read a delivered file as it is: SPSS by chunks in several processes, CSV as text, Parquet in place.

Whatever the format, the outcome is a list of Parquet files with the raw values under the delivered column names, so
that one set of checks and one conversion serve all. Value labels are never applied and user-defined missing values
stay what they are: codes.
"""

from __future__ import annotations

import csv
import multiprocessing
import re
from collections.abc import Generator, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kansrijke_start.delivery.discover import SourceFile
from kansrijke_start.errors import DeliveryError

CHUNK_VALUES = 4_000_000
"""Values (rows times columns) that one process reads at a time: about 400 MB as Python objects."""

IN_PROCESS_VALUES = 2_000_000
"""SPSS files that together hold no more values than this are read without starting other processes."""

SPSS_DATE_FORMATS = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME")
SPSS_EPOCH_DAYS = 141_428
"""Days from 14 October 1582, where SPSS dates start, to 1 January 1970."""


@dataclass
class Header:
    """What a file says about itself before its rows are read.

    Attributes:
        columns: DuckDB type of each column, by name as delivered.
        rows: number of rows; None when the format does not tell.
        encoding: text encoding to read it with; None for the file's own.
        dates: SPSS columns in a date format.
        delimiter: column separator of a CSV file.
    """

    columns: dict[str, str]
    rows: int | None = None
    encoding: str | None = None
    dates: frozenset[str] = frozenset()
    delimiter: str | None = None


@dataclass(frozen=True)
class Chunk:
    """A range of rows of one SPSS file, to be read by one process into one Parquet file."""

    path: Path
    part: Path
    columns: tuple[str, ...]
    text: tuple[str, ...]
    dates: frozenset[str]
    offset: int
    rows: int
    encoding: str | None


@dataclass
class Raw:
    """Raw values of one file as Parquet, and the parts that are still being written.

    Attributes:
        header: the file's own description.
        parts: Parquet files, in the order of the rows.
        pending: running tasks of SPSS chunks; each gives its number of rows.
    """

    header: Header
    parts: list[Path]
    pending: list[Future[int]] = field(default_factory=list)

    @property
    def relation(self) -> str:
        """SQL of the raw rows."""
        files = ", ".join(quote_text(part.as_posix()) for part in self.parts)
        return f"read_parquet([{files}], hive_partitioning = false)"


def quote_text(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def read_header(source: SourceFile, connection: duckdb.DuckDBPyConnection) -> Header:
    """Read column names and types of a file.

    Raises:
        DeliveryError: the file is empty, truncated or not of the format that its extension says.
    """
    if source.format == "sav":
        return _sav_header(source)
    if source.format == "csv":
        return _csv_header(source)
    try:
        described = connection.execute(
            f"describe select * from read_parquet({quote_text(source.path.as_posix())}, hive_partitioning = false)"
        ).fetchall()
        rows = connection.execute(
            f"select num_rows from parquet_file_metadata({quote_text(source.path.as_posix())})"
        ).fetchall()
    except duckdb.Error as error:
        raise unreadable(source, "Parquet", error) from error
    return Header({name: kind for name, kind, *_ in described}, rows[0][0])


def unreadable(source: SourceFile, format_name: str, error: Exception) -> DeliveryError:
    """The error for a file that cannot be read to its end."""
    said = str(error).strip().splitlines()
    return DeliveryError(
        source.name,
        f"this is no {format_name} file, or it is truncated ({said[0] if said else type(error).__name__})",
        "Copy the file again from where it was delivered and compare its size; if it stays so, ask for it anew.",
    )


# --- SPSS -----------------------------------------------------------------------------------------------------------


def _sav_header(source: SourceFile) -> Header:
    import pyreadstat

    encoding = None
    try:
        try:
            _, meta = pyreadstat.read_sav(source.path, metadataonly=True)
        except UnicodeDecodeError:
            encoding = "WINDOWS-1252"
            _, meta = pyreadstat.read_sav(source.path, metadataonly=True, encoding=encoding)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        raise unreadable(source, "SPSS", error) from error
    formats = meta.original_variable_types
    dates = frozenset(
        name
        for name, kind in meta.readstat_variable_types.items()
        if kind != "string" and str(formats[name]).rstrip("0123456789.") in SPSS_DATE_FORMATS
    )
    columns = {
        name: "VARCHAR" if kind == "string" or name in dates else "DOUBLE"
        for name, kind in meta.readstat_variable_types.items()
    }
    return Header(columns, meta.number_rows, encoding, dates)


def read_chunk(chunk: Chunk) -> int:
    """Read one range of rows of an SPSS file and write it as Parquet; runs in its own process.

    Numbers stay double, text stays text without the blanks that SPSS fills it with; dates in an SPSS date format
    become yyyymmdd.

    Returns:
        The number of rows read.
    """
    import pyreadstat

    options: dict[str, Any] = {
        "usecols": list(chunk.columns),
        "user_missing": True,
        "disable_datetime_conversion": True,
        "row_offset": chunk.offset,
        "row_limit": chunk.rows,
        "output_format": "dict",
    }
    try:
        data, _ = pyreadstat.read_sav(chunk.path, encoding=chunk.encoding, **options)
    except UnicodeDecodeError:
        data, _ = pyreadstat.read_sav(chunk.path, encoding="WINDOWS-1252", **options)
    arrays = {}
    for name in chunk.columns:
        if name in chunk.text:
            arrays[name] = pa.array(data[name], pa.string())
        elif name in chunk.dates:
            arrays[name] = _spss_dates(data[name])
        else:
            arrays[name] = pa.array(data[name], pa.float64(), from_pandas=True)
    table = pa.table(arrays)
    pq.write_table(table, chunk.part, compression="zstd", compression_level=1)
    return table.num_rows


def _spss_dates(seconds: list[float | None]) -> pa.Array:
    """SPSS dates (seconds since 14 October 1582) as yyyymmdd text."""
    values = pa.array(seconds, pa.float64(), from_pandas=True)
    days = pc.subtract(pc.floor(pc.divide(values, 86_400.0)), float(SPSS_EPOCH_DAYS))
    return pc.strftime(pc.cast(pc.cast(days, pa.int32()), pa.date32()), "%Y%m%d")


def plan_chunks(source: SourceFile, header: Header, columns: Iterable[str], folder: Path) -> list[Chunk]:
    """Cut an SPSS file into ranges of rows; only the columns asked for are read."""
    wanted = tuple(columns)
    rows = header.rows if header.rows is not None and header.rows >= 0 else None
    size = max(CHUNK_VALUES // max(len(wanted), 1), 1)
    text = tuple(name for name in wanted if header.columns[name] == "VARCHAR" and name not in header.dates)
    offsets: Iterable[int] = range(0, max(rows, 1), size) if rows is not None else [0]
    stem = f"{source.register.folder}_{source.year}"
    return [
        Chunk(
            source.path,
            folder / f"{stem}_{number:05d}.parquet",
            wanted,
            text,
            header.dates,
            offset,
            min(size, rows - offset) if rows else 0,
            header.encoding,
        )
        for number, offset in enumerate(offsets)
    ]


def finish(source: SourceFile, raw: Raw) -> None:
    """Wait for all parts of an SPSS file.

    Raises:
        DeliveryError: the file ends before its last row, or a reading process was stopped by the system.
    """
    import pyreadstat

    try:
        rows = sum(part.result() for part in raw.pending)
    except BrokenProcessPool as error:
        raise DeliveryError(
            source.name,
            "a process that was reading the file was stopped by the system, most likely for lack of memory",
            "Run again with fewer processes (`kansrijke-start ingest --jobs 1`).",
        ) from error
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as error:
        raise unreadable(source, "SPSS", error) from error
    if raw.header.rows is not None and raw.header.rows >= 0 and rows != raw.header.rows:
        raise unreadable(source, "SPSS", ValueError(f"it says that it holds {raw.header.rows} rows, {rows} were found"))


class _Here(Executor):
    """An executor that runs a task at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            future.set_exception(error)
        return future


@contextmanager
def readers(values: int, jobs: int) -> Generator[Executor, None, None]:
    """Processes that read SPSS chunks; none are started for small deliveries or for one job.

    Args:
        values: rows times columns of all SPSS files together.
        jobs: number of processes.
    """
    if jobs <= 1 or values <= IN_PROCESS_VALUES:
        yield _Here()
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv_header(source: SourceFile) -> Header:
    try:
        with source.path.open("rb") as stream:
            start = stream.read(1 << 20)
    except OSError as error:
        raise unreadable(source, "CSV", error) from error
    if b"\0" in start or not start.split(b"\n", 1)[0].strip():
        raise unreadable(source, "CSV", ValueError("the first line holds no column names"))
    encoding = None
    try:
        text = start[: start.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = start.decode(encoding)
    first = text.splitlines()[0] if text else start.decode("latin-1")
    delimiter = max(";,\t|", key=first.count)
    names = next(csv.reader([first], delimiter=delimiter))
    return Header({name.strip(): "VARCHAR" for name in names}, None, encoding, delimiter=delimiter)


def csv_to_parquet(
    source: SourceFile, header: Header, columns: Iterable[str], part: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the columns asked for of a CSV file to Parquet as text; nothing is guessed or converted.

    Raises:
        DeliveryError: a line has another number of values than the header, or the text cannot be decoded.
    """
    selected = ", ".join(quote_name(name) for name in columns)
    types = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in header.columns)
    encodings = [header.encoding] if header.encoding else ["utf-8", "latin-1"]
    for encoding in encodings:
        try:
            connection.execute(
                f"copy (select {selected} from read_csv({quote_text(source.path.as_posix())}, header = true, "
                f"auto_detect = false, delim = {quote_text(header.delimiter or ',')}, quote = '\"', escape = '\"', "
                f"strict_mode = true, encoding = '{encoding}', columns = {{{types}}})) "
                f"to {quote_text(part.as_posix())} (format parquet, compression snappy)"
            )
            return
        except duckdb.Error as error:
            if encoding == encodings[-1] or "utf-8" not in str(error).lower():
                line = re.search(r"[Ll]ine: ?(\d+)", str(error))
                raise DeliveryError(
                    source.name,
                    "a line has another number of values than the header, or a quote that is not closed",
                    f"Correct the file or ask for it anew (columns are separated by {header.delimiter!r}).",
                    rows=[int(line[1]) - 1] if line else None,
                ) from error
