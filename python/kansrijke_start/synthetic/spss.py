"""Writes SPSS system files (`.sav`) a slice of rows at a time, with memory that does not grow with the file.

pyreadstat, which reads these files in the rest of the project, writes only whole frames: it needs the complete file as
Python text in memory, makes a text column as wide as its longest value (an A12 column without values becomes A1) and
writes some ten thousand rows a second. This writer keeps the widths of the register catalogue, fixes the creation date
(equal rows give equal bytes) and lays out the cells with numpy.

Format: the description in the PSPP developers' guide (system file format), byte-code compression, UTF-8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from kansrijke_start.synthetic.text import as_one_array, byte_matrix

_SYSTEM_MISSING = -np.finfo(np.float64).max
_BIAS = 100.0
_LITERAL, _BLANKS, _MISSING = 253, 254, 255
_BLANK_CELL = np.frombuffer(b" " * 8, dtype=np.uint64)[0]
_SLICE = 1 << 16
_LONGEST_LABEL = 120
_LONGEST_VARIABLE_LABEL = 252


@dataclass(frozen=True)
class Variable:
    """One variable of a system file.

    Attributes:
        name: name as delivered, at most 64 bytes.
        width: bytes of a text variable (A format, at most 255), 0 for a number.
        decimals: decimals shown of a number.
        label: variable label, may be empty.
        value_labels: label of each value; text values of at most 8 bytes, or numbers as text.
    """

    name: str
    width: int = 0
    decimals: int = 0
    label: str = ""
    value_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """Cells of 8 bytes that a value takes."""
        return max(1, -(-self.width // 8))


def _padded(data: bytes, multiple: int) -> bytes:
    return data + b" " * (-len(data) % multiple)


def _cut(label: str, longest: int) -> bytes:
    return label.encode("utf-8")[:longest].decode("utf-8", errors="ignore").encode("utf-8")


def _header(variables: Sequence[Variable], rows: int) -> bytes:
    out = [
        b"$FL2",
        b"@(#) SPSS DATA FILE kansrijke_start synthetic data".ljust(60),
        struct.pack("<iiiii", 2, sum(v.cells for v in variables), 1, 0, rows if rows < 2**31 else -1),
        struct.pack("<d", _BIAS),
        b"01 Jan 70",
        b"00:00:00",
        b"Synthetic data".ljust(64),
        b"\0\0\0",
    ]
    for number, variable in enumerate(variables, start=1):
        shown = (1 << 16) | (variable.width << 8) if variable.width else (5 << 16) | (12 << 8) | variable.decimals
        out.append(struct.pack("<iiiiii", 2, variable.width, int(bool(variable.label)), 0, shown, shown))
        out.append(f"V{number}".encode().ljust(8))
        if variable.label:
            label = _cut(variable.label, _LONGEST_VARIABLE_LABEL)
            out += [struct.pack("<i", len(label)), _padded(label, 4)]
        for _ in range(variable.cells - 1):
            out += [struct.pack("<iiiiii", 2, -1, 0, 0, (29 << 16) | (1 << 8), (29 << 16) | (1 << 8)), b" " * 8]
    position = 1
    for variable in variables:
        if variable.value_labels and variable.width <= 8:
            out.append(struct.pack("<ii", 3, len(variable.value_labels)))
            for value, text in variable.value_labels.items():
                label = _cut(text, _LONGEST_LABEL)
                out.append(value.encode().ljust(8) if variable.width else struct.pack("<d", float(value)))
                out.append(_padded(bytes([len(label)]) + label, 8))
            out.append(struct.pack("<iii", 4, 1, position))
        position += variable.cells
    out.append(struct.pack("<iiii8i", 7, 3, 4, 8, 1, 0, 0, -1, 1, 1, 2, 65001))
    lowest = float(np.nextafter(_SYSTEM_MISSING, 0))
    out.append(struct.pack("<iiii3d", 7, 4, 8, 3, _SYSTEM_MISSING, -_SYSTEM_MISSING, lowest))
    out.append(struct.pack("<iiii", 7, 11, 4, 3 * len(variables)))
    out += [struct.pack("<iii", 1 if v.width else 3, max(v.width, 8), 0 if v.width else 1) for v in variables]
    names = "\t".join(f"V{number}={v.name}" for number, v in enumerate(variables, start=1)).encode()
    out += [struct.pack("<iiii", 7, 13, 1, len(names)), names]
    out.append(struct.pack("<iiiiqq", 7, 16, 8, 2, 1, rows))
    out += [struct.pack("<iiii", 7, 20, 1, 5), b"UTF-8"]
    out.append(struct.pack("<ii", 999, 0))
    return b"".join(out)


def _data(table: pa.Table, variables: Sequence[Variable]) -> bytes:
    """The compressed cells of some rows; all but the last slice of a file hold a multiple of 8 rows."""
    rows, width = table.num_rows, sum(v.cells for v in variables)
    cells = np.empty((rows, width), dtype=np.float64)
    instruction = np.full((rows, width), _LITERAL, dtype=np.uint8)
    raw = cells.view(np.uint8).reshape(rows, width * 8)
    position = 0
    for variable, column in zip(variables, table.columns, strict=True):
        stop = position + variable.cells
        if variable.width:
            raw[:, 8 * position + variable.width : 8 * stop] = ord(" ")
            raw[:, 8 * position : 8 * position + variable.width] = byte_matrix(column, variable.width)
            instruction[:, position:stop][cells.view(np.uint64)[:, position:stop] == _BLANK_CELL] = _BLANKS
        else:
            values = as_one_array(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
            missing = np.isnan(values)
            cells[:, position] = np.where(missing, _SYSTEM_MISSING, values)
            small = (values >= 1 - _BIAS) & (values <= 251 - _BIAS) & (values == np.floor(values))
            instruction[small, position] = (values[small] + _BIAS).astype(np.uint8)
            instruction[missing, position] = _MISSING
        position = stop
    flat, codes = cells.view(np.uint64).ravel(), instruction.ravel()
    rest = -len(flat) % 8
    if rest:
        flat = np.concatenate([flat, np.zeros(rest, np.uint64)])
        codes = np.concatenate([codes, np.zeros(rest, np.uint8)])
    blocks = np.empty((len(flat) // 8, 9), dtype=np.uint64)
    blocks[:, 0] = codes.view(np.uint64)
    blocks[:, 1:] = flat.reshape(-1, 8)
    written = np.ones((len(flat) // 8, 9), dtype=bool)
    written[:, 1:] = codes.reshape(-1, 8) == _LITERAL
    return blocks[written].tobytes()


def write_sav(path: Path, variables: Sequence[Variable], rows: int, tables: Iterable[pa.Table]) -> None:
    """Write a system file.

    Args:
        path: the file; overwritten.
        variables: one a column, in the order of the columns of `tables`.
        rows: rows of all tables together (it stands in the header).
        tables: the rows, in order; each may have any number of rows.

    Raises:
        ValueError: when a text is wider than its variable or the tables do not hold `rows` rows.
    """
    for variable in variables:
        if len(variable.name.encode()) > 64 or not 0 <= variable.width <= 255:
            raise ValueError(f"variable {variable.name}: names have at most 64 bytes, widths lie in 0..255")
    written = 0
    pending: list[pa.Table] = []
    waiting = 0
    with path.open("wb") as file:
        file.write(_header(variables, rows))
        for table in tables:
            pending.append(table)
            waiting += table.num_rows
            if waiting < _SLICE:
                continue
            whole = pa.concat_tables(pending)
            start = 0
            while waiting - start >= _SLICE:
                file.write(_data(whole.slice(start, _SLICE), variables))
                start += _SLICE
            pending, waiting, written = [whole.slice(start)], waiting - start, written + start
        if waiting:
            file.write(_data(pa.concat_tables(pending), variables))
            written += waiting
    if written != rows:
        raise ValueError(f"{path.name}: {rows:,} rows announced, {written:,} written")
