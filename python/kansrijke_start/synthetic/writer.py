"""Writes registers as CBS delivers them: folders, file names, column names, SPSS or Parquet.

SPSS files are made from the Parquet files: equal rows give equal values, but the header holds the time of writing.

Parquet files depend on the rows alone: row groups have one fixed size, every text column with few values gets a sorted
dictionary for each row group, no schema or time is stored beside the data. The slices in which rows arrive, the
encoding of the incoming columns and the number of threads leave no trace.
"""

from __future__ import annotations

import errno
import multiprocessing
import shutil
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.registers.catalogue import Catalogue, Column, Register
from kansrijke_start.synthetic import text
from kansrijke_start.synthetic.quirks import DeliveredFile, Quirks

FORMATS = ("parquet", "sav")
ROW_GROUP_SIZE = 1 << 18
_COMPRESSION_LEVEL = 1
_WAITING_BYTES = 400_000_000
_WIDEST_DICTIONARY_TEXT = 4


@dataclass(frozen=True)
class WrittenFile:
    """One file of the delivery: where it stands under the root, its register, year, version and rows."""

    path: str
    component: str
    year: int
    version: int
    rows: int


@contextmanager
def replaced_whole(target: Path) -> Generator[Path, None, None]:
    """A folder beside `target` that takes its place when the block ends well.

    An interrupted or failed block leaves `target` as it was. A run that was killed between the two renames of the swap
    is repaired by the next one. Nothing may hold a file of `target` open under Windows.

    Raises:
        KansrijkeStartError: no space is left, or the swap is refused by the operating system.
    """
    partial = target.with_name(f".{target.name}.partial")
    previous = target.with_name(f".{target.name}.previous")
    try:
        if previous.exists() and not target.exists():
            previous.rename(target)
        for leftover in (partial, previous):
            if leftover.exists():
                shutil.rmtree(leftover)
        partial.mkdir(parents=True)
        try:
            yield partial
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise KansrijkeStartError(
                f"No space is left on the disk of {target.parent}; what stood in {target.name} is unchanged. "
                "Free some space or synthesize a smaller fraction."
            ) from error
        raise
    try:
        if target.exists():
            target.rename(previous)
        try:
            partial.rename(target)
        except OSError:
            if previous.exists():
                previous.rename(target)
            raise
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise KansrijkeStartError(
            f"{target} could not be replaced ({error.strerror}); it is unchanged. "
            "Close the programs that read from it and run the command again."
        ) from error
    shutil.rmtree(previous, ignore_errors=True)


def _few_values(column: Column) -> bool:
    if column.type in ("code", "date"):
        return True
    return column.type == "string" and column.width is not None and column.width <= _WIDEST_DICTIONARY_TEXT


def _canonical(column: pa.ChunkedArray, kind: pa.DataType, few_values: bool) -> pa.Array:
    """A column of one row group, in the one form in which it is written."""
    if not pa.types.is_string(kind):
        return text.as_one_array(column).cast(kind)
    if not few_values:
        return text.as_one_array(column).cast(pa.string())
    array = text.as_dictionary(column)
    index = array.indices.to_numpy(zero_copy_only=False)
    labels = array.dictionary.to_pylist()
    used = np.flatnonzero(np.bincount(index, minlength=len(labels)))
    order = sorted({labels[k] for k in used})
    rank = {label: number for number, label in enumerate(order)}
    new_index = np.array([rank.get(label, 0) for label in labels], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(new_index[index]), pa.array(order, pa.string()))


class _ParquetFile:
    """One Parquet file that grows by tables of any size and is cut in row groups of one size."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, pa.DataType, bool]]) -> None:
        self.path = path
        self.rows = 0
        self._columns = columns
        self._waiting: deque[pa.Table] = deque()
        self._waiting_rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            path,
            pa.schema([(name, pa.dictionary(pa.int32(), kind) if few else kind) for name, kind, few in columns]),
            compression="zstd",
            compression_level=_COMPRESSION_LEVEL,
            use_dictionary=[name for name, _, few in columns if few] or False,
            write_statistics=False,
            store_schema=False,
        )

    def append(self, table: pa.Table) -> None:
        if table.num_rows == 0:
            return
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.rows += table.num_rows
        while self._waiting_rows >= ROW_GROUP_SIZE:
            self._write(ROW_GROUP_SIZE)

    def _write(self, rows: int) -> None:
        parts: list[pa.Table] = []
        missing = rows
        while missing:
            first = self._waiting.popleft()
            if first.num_rows > missing:
                self._waiting.appendleft(first.slice(missing))
                first = first.slice(0, missing)
            parts.append(first)
            missing -= first.num_rows
        self._waiting_rows -= rows
        arrays = []
        for number, (_, kind, few) in enumerate(self._columns):
            chunks = [chunk for part in parts for chunk in part.column(number).chunks]
            same = {chunk.type for chunk in chunks}
            if len(same) > 1:
                chunks = [chunk.cast(kind) for chunk in chunks]
            arrays.append(_canonical(pa.chunked_array(chunks), kind, few))
        self._writer.write_table(
            pa.Table.from_arrays(arrays, schema=self._writer.schema), row_group_size=ROW_GROUP_SIZE
        )

    def close(self) -> None:
        if self._waiting_rows:
            self._write(self._waiting_rows)
        self._writer.close()


@dataclass(frozen=True)
class _SavColumn:
    """What a conversion to SPSS needs to know of a column (sent to another process)."""

    name: str
    is_text: bool
    decimals: int
    label: str
    value_labels: dict[str, str]


def _to_sav(source: Path, target: Path, columns: Sequence[_SavColumn]) -> None:
    """Turn a Parquet file into an SPSS file with the same rows and remove it.

    The whole file stands in memory as Python text: pyreadstat writes whole frames only.

    Raises:
        KansrijkeStartError: the SPSS file cannot be written, usually because the disk is full.
    """
    import pandas as pd
    import pyreadstat

    table = pq.read_table(source)
    series: dict[str, pd.Series] = {}
    labels: dict[str, dict[Any, str]] = {}
    formats: dict[str, str] = {}
    for column, values in zip(columns, table.columns, strict=True):
        if column.is_text:
            # pyreadstat makes a text variable as wide as its longest value or label: the catalogue's width is lost when
            # every value is shorter or empty. The door checks values, not the widths in the header.
            array = pc.fill_null(values, "").to_numpy(zero_copy_only=False)
            # object: pyreadstat reads pandas' own text type four times slower.
            series[column.name] = pd.Series(array, dtype=object)
            labels[column.name] = column.value_labels
        else:
            series[column.name] = pd.Series(values.cast(pa.float64()).to_numpy(zero_copy_only=False))
            labels[column.name] = {float(value): label for value, label in column.value_labels.items()}
            formats[column.name] = f"F12.{column.decimals}"
    try:
        pyreadstat.write_sav(
            pd.DataFrame(series),
            target,
            column_labels={column.name: column.label for column in columns if column.label},
            variable_value_labels={name: found for name, found in labels.items() if found},
            variable_format=formats,
        )
    except pyreadstat.ReadstatError as error:
        raise KansrijkeStartError(
            f"{target.name} could not be written ({error}); the earlier delivery is unchanged. "
            "Free some space on the disk or synthesize a smaller fraction."
        ) from error
    source.unlink()


class DeliveryWriter:
    """Writes the tables of registers under a root folder.

    Writing happens in a background thread while the caller makes the next table; SPSS files are written by other
    processes, each holding one whole file in memory. Use it as a context manager; `finish` waits for everything.

    Args:
        root: folder of the delivery; made when absent.
        catalogue: the registers.
        file_format: `parquet` or `sav`.
        quirks: names and values as in real deliveries; None writes tidy files (version 1, usual names).
        threads: threads or processes to use; 1 does everything in the caller's thread, None takes two.

    Raises:
        KansrijkeStartError: an unknown format.
    """

    def __init__(
        self,
        root: Path,
        catalogue: Catalogue,
        file_format: str = "parquet",
        *,
        quirks: Quirks | None = None,
        threads: int | None = None,
    ) -> None:
        if file_format not in FORMATS:
            raise KansrijkeStartError(f"Unknown format '{file_format}': choose one of {', '.join(FORMATS)}.")
        self.root = root
        self.catalogue = catalogue
        self.file_format = file_format
        self.quirks = quirks
        self.files: list[WrittenFile] = []
        self._open_key: tuple[str, int] | None = None
        self._open: list[tuple[DeliveredFile, _ParquetFile]] = []
        self._done: set[tuple[str, int]] = set()
        self._conversions: list[Future[None]] = []
        self._processes: ProcessPoolExecutor | None = None
        count = 2 if threads is None else threads
        if file_format == "sav" and count > 1:
            # spawn: a forked copy of a process with threads can hang.
            context = multiprocessing.get_context("spawn")
            self._processes = ProcessPoolExecutor(max_workers=count, mp_context=context)
        self._waiting: deque[tuple[str, int, pa.Table, int | None]] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._failure: BaseException | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None
        if count > 1:
            self._thread = threading.Thread(target=self._work, name="delivery-writer", daemon=True)
            self._thread.start()

    def write(self, component: str, year: int, table: pa.Table, version: int | None = None) -> None:
        """Add rows to the file of a register and year.

        Args:
            component: CBS component, any case.
            year: file year.
            table: rows with canonical column names (a subset of the catalogue's). Calls for one register and year
                must follow each other; their rows are appended.
            version: version in the file name; None takes the newest one of the quirks (or 1) and writes the older
                versions too.

        Raises:
            ValueError: an unknown column, a column that must be there and is not, or rows of a year that was closed.
            BaseException: what went wrong while writing an earlier table.
        """
        if self._thread is None:
            self._write(component, year, table, version)
            return
        size = table.nbytes
        with self._changed:
            while self._failure is None and self._waiting_bytes and self._waiting_bytes + size > _WAITING_BYTES:
                self._changed.wait()
            self._raise_failure()
            self._waiting.append((component, year, table, version))
            self._waiting_bytes += size
            self._changed.notify_all()

    def finish(self) -> list[WrittenFile]:
        """Wait for everything and give the files, in the order in which they were closed."""
        self._stop()
        self._raise_failure()
        self._close_files()
        for conversion in self._conversions:
            conversion.result()
        self._conversions.clear()
        return self.files

    def __enter__(self) -> DeliveryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.finish()
            else:
                with self._changed:
                    self._waiting.clear()
                    self._failure = self._failure or error
                self._stop()
                for _, file in self._open:
                    file.close()
        finally:
            if self._processes is not None:
                self._processes.shutdown(wait=True, cancel_futures=True)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._stopped:
                    self._changed.wait()
                if not self._waiting:
                    return
                component, year, table, version = self._waiting.popleft()
            size = table.nbytes
            try:
                if self._failure is None:
                    self._write(component, year, table, version)
            except BaseException as error:
                with self._changed:
                    self._failure = error
            del table
            with self._changed:
                self._waiting_bytes -= size
                self._changed.notify_all()

    def _write(self, component: str, year: int, table: pa.Table, version: int | None) -> None:
        register = self.catalogue.registers[component.lower()]
        component = register.component
        columns = self._columns(register, year, table)
        if self.quirks is not None:
            table = self.quirks.apply(component, year, table)
        table = table.select([column.name for column in columns])
        if self._open_key != (component, year):
            self._close_files()
            if (component, year) in self._done:
                raise ValueError(f"{component} {year}: its rows must be written one after the other")
            self._done.add((component, year))
            self._open_key = (component, year)
            if self.quirks is not None and version is None:
                delivered = self.quirks.files(component, year)
            else:
                delivered = [DeliveredFile(year, version or 1)]
            self._open = [(file, self._create(register, file, columns, table)) for file in delivered]
        for file, writer in self._open:
            rows = table
            if self.quirks is not None:
                rows = self.quirks.older(file, rows)
                for name, extra in self.quirks.extra(component, file.year, rows):
                    rows = rows.append_column(name, extra)
            writer.append(rows)

    def _columns(self, register: Register, year: int, table: pa.Table) -> list[Column]:
        given = set(table.column_names)
        columns = [column for column in register.columns_expanded() if column.name in given]
        unknown = given - {column.name for column in columns}
        if unknown:
            raise ValueError(f"{register.component} {year}: the catalogue has no column {', '.join(sorted(unknown))}")
        missing = [c.name for c in register.columns_expanded() if c.expected_in(year) and c.name not in given]
        if missing:
            raise ValueError(f"{register.component} {year}: column {', '.join(missing)} must be there")
        return columns

    def _create(
        self, register: Register, file: DeliveredFile, columns: Sequence[Column], table: pa.Table
    ) -> _ParquetFile:
        folder = self.root / register.theme / register.component
        if register.year_folder:
            folder = folder / str(file.year)
        stem, names = register.file_stem(file.year, file.version), [column.usual_name for column in columns]
        layout = [(column.arrow_type, _few_values(column)) for column in columns]
        if self.quirks is not None:
            stem = self.quirks.stem(register.component, file.year, file.version)
            names = [self.quirks.header(register.component, column, file.year, file.version) for column in columns]
            for name, extra in self.quirks.extra(register.component, file.year, table.slice(0, 0)):
                names.append(name)
                layout.append((extra.type, False))
        return _ParquetFile(
            folder / f"{stem}.parquet", [(name, kind, few) for name, (kind, few) in zip(names, layout, strict=True)]
        )

    def _close_files(self) -> None:
        if self._open_key is None:
            return
        component, _ = self._open_key
        for file, writer in self._open:
            writer.close()
            path = writer.path
            if self.file_format == "sav":
                extension = self.quirks.extension(component, "sav") if self.quirks is not None else ".sav"
                path = self._convert(component, writer.path, extension)
            self.files.append(
                WrittenFile(path.relative_to(self.root).as_posix(), component, file.year, file.version, writer.rows)
            )
        self._open, self._open_key = [], None

    def _convert(self, component: str, source: Path, extension: str) -> Path:
        register = self.catalogue.registers[component.lower()]
        schema = pq.read_schema(source)
        year = self._open_key[1] if self._open_key else 0
        columns = []
        for field in schema:
            found = [c for c in register.columns_expanded() if c.match_header(field.name, year)[0]]
            column = found[0] if found else None
            labels = {} if column is None else {**column.codes, **column.meaningful_missing}
            is_text = pa.types.is_string(field.type)
            columns.append(
                _SavColumn(
                    name=field.name,
                    is_text=is_text,
                    decimals=2 if pa.types.is_floating(field.type) else 0,
                    label="" if column is None else column.description,
                    value_labels=labels,
                )
            )
        target = source.with_suffix(extension)
        if self._processes is None:
            _to_sav(source, target, columns)
        else:
            self._conversions.append(self._processes.submit(_to_sav, source, target, columns))
        return target
