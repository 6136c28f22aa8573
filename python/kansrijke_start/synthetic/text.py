"""Columns of CBS text made from numpy arrays, without a loop over the rows.

CBS registers are mostly text: person numbers with leading zeros, dates as `yyyymmdd`, codes of one
or two characters. Python strings would cost about 60 bytes and 100 ns a cell; the functions here
lay the bytes out in one array and hand them to Arrow as they are, or read them back the same way.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_ZERO = ord("0")
_BLANK = ord(" ")
_MAXIMUM_DATE_SPAN = 200_000
DATE_WIDTH = 8
_TEXT_MULTIPLIER = 0x100000001B3
_COLUMN_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def fixed_text(matrix: np.ndarray) -> pa.StringArray:
    """Rows of bytes as an Arrow text column, without copying when the matrix is contiguous.

    Args:
        matrix: uint8 array of shape (rows, width), ASCII.

    Returns:
        Text of `width` characters a row.

    Raises:
        ValueError: when the matrix is not uint8 with two dimensions, or too large for one Arrow array.
    """
    if matrix.dtype != np.uint8 or matrix.ndim != 2:
        raise ValueError(f"expected a uint8 matrix, got {matrix.dtype} with {matrix.ndim} dimensions")
    rows, width = matrix.shape
    if rows * width > np.iinfo(np.int32).max:
        raise ValueError(f"{rows:,} rows of {width} bytes do not fit in one text array; make smaller slices")
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    values = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(values))


def digit_matrix(values: np.ndarray, width: int) -> np.ndarray:
    """Whole numbers as ASCII digits with leading zeros.

    Args:
        values: whole numbers in [0, 10**width), shape (rows,).
        width: digits a row, 1..18.

    Returns:
        uint8 array of shape (rows, width); gather its rows to repeat numbers cheaply.

    Raises:
        ValueError: when a number is negative or needs more digits.
    """
    numbers = np.asarray(values)
    if numbers.size and (int(numbers.min()) < 0 or int(numbers.max()) >= 10**width):
        raise ValueError(f"numbers must lie in 0..{10**width - 1} to be written in {width} digits")
    kind: type[np.unsignedinteger[Any]] = np.uint32 if width <= 9 else np.uint64
    rest: NDArray[np.unsignedinteger[Any]] = numbers.astype(kind)
    ten = kind(10)
    digits = np.empty((len(rest), width), dtype=np.uint8)
    for position in range(width - 1, -1, -1):
        quotient = rest // ten
        digits[:, position] = (rest - quotient * ten).astype(np.uint8)
        rest = quotient
    digits += np.uint8(_ZERO)
    return digits


def digits(values: np.ndarray, width: int) -> pa.StringArray:
    """Whole numbers as text of a fixed width with leading zeros (see `digit_matrix`)."""
    return fixed_text(digit_matrix(values, width))


def codes(index: np.ndarray, labels: Sequence[str] | pa.StringArray) -> pa.DictionaryArray:
    """Codes as a dictionary column: row r holds `labels[index[r]]`.

    Args:
        index: whole numbers in [0, len(labels)), shape (rows,).
        labels: the codes, each once.
    """
    kind = np.int8 if len(labels) <= 127 else np.int16 if len(labels) <= 32_767 else np.int32
    dictionary = labels if isinstance(labels, pa.StringArray) else pa.array(list(labels), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(index).astype(kind, copy=False)), dictionary)


@functools.lru_cache(maxsize=8)
def _day_labels(first: int, last: int) -> pa.StringArray:
    """Every day from the first to the last one (days since 1970-01-01) as `yyyymmdd`."""
    days = np.arange(first, last + 1).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    number = (years.astype(np.int64) + 1970) * 10_000
    number += (months.astype(np.int64) % 12 + 1) * 100 + (days - months).astype(np.int64) + 1
    return digits(number, DATE_WIDTH)


def dates(days: np.ndarray, missing: np.ndarray | None = None, missing_text: str = "88888888") -> pa.DictionaryArray:
    """Days since 1970-01-01 as CBS dates (`yyyymmdd`).

    Args:
        days: whole numbers, shape (rows,), days since 1970-01-01.
        missing: rows that hold `missing_text` instead of a date (for example an open spell).
        missing_text: eight characters.

    Returns:
        Dictionary column whose dictionary holds every day between the first and the last one.

    Raises:
        ValueError: when the days span more than 500 years, which is never a date of a person.
    """
    numbers = np.asarray(days).astype(np.int64, copy=False)
    valid = numbers if missing is None else numbers[~missing]
    first = int(valid.min()) if len(valid) else 0
    last = int(valid.max()) if len(valid) else 0
    if last - first > _MAXIMUM_DATE_SPAN:
        raise ValueError(f"dates span {last - first:,} days; open spells must be passed as missing")
    labels = _day_labels(first, last)
    index = numbers - first
    if missing is not None:
        index = np.where(missing, len(labels), index)
        labels = pa.concat_arrays([labels, pa.array([missing_text], pa.string())])
    return codes(index, labels)


def as_one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array: dictionary or plain text or numbers, chunks and dictionaries united.

    Null text becomes empty text, which is how SPSS holds it; null numbers stay null (system missing).
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind = column.type
    if pa.types.is_dictionary(kind):
        if column.null_count or column.dictionary.null_count:
            return pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
        if kind.value_type != pa.string():
            return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(pa.string()))
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    if pa.types.is_string(column.type) and column.null_count:
        column = pc.fill_null(column, "")
    return column


def as_dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A text column as one dictionary array (see `as_one_array`)."""
    array = as_one_array(column)
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


def _offsets_and_bytes(array: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int32, count=len(array) + 1, offset=4 * array.offset)
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer is not None else np.empty(0, np.uint8)
    return offsets, data[offsets[0] : offsets[-1]]


def _byte_matrix(array: pa.StringArray) -> np.ndarray:
    """Text as bytes, shape (rows, bytes of the longest text), filled up with blanks on the right."""
    offsets, data = _offsets_and_bytes(array)
    lengths = np.diff(offsets)
    width = int(lengths.max())
    if int(lengths.min()) == width:
        return data.reshape(len(array), width)
    matrix = np.full((len(array), width), _BLANK, dtype=np.uint8)
    position = np.arange(len(data)) - np.repeat(offsets[:-1] - offsets[0], lengths)
    matrix[np.repeat(np.arange(len(array)), lengths), position] = data
    return matrix


def _powers(width: int) -> np.ndarray:
    return np.array([pow(_TEXT_MULTIPLIER, k + 1, 1 << 64) for k in range(width)], dtype=np.uint64)


def _text_hash(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    array = as_one_array(column)
    if pa.types.is_dictionary(array.type):
        return _text_hash(array.dictionary)[array.indices.to_numpy(zero_copy_only=False)]
    hashed = np.zeros(len(array), dtype=np.uint64)
    if not len(array):
        return hashed
    matrix = _byte_matrix(array)
    for position, power in enumerate(_powers(matrix.shape[1])):
        # A blank counts as nothing, so that the width of the longest text does not matter.
        hashed += (matrix[:, position] ^ np.uint8(_BLANK)).astype(np.uint64) * power
    return hashed


def row_hash(table: pa.Table, columns: Sequence[str]) -> np.ndarray:
    """One number a row from the text in some columns; equal texts give equal numbers in any chunk or encoding.

    Args:
        table: rows.
        columns: names of text columns (the row's key).

    Returns:
        uint64 array of shape (rows,): a polynomial in the bytes modulo 2**64, to be used as the counter of a draw.
    """
    total = np.zeros(table.num_rows, dtype=np.uint64)
    for name in columns:
        total *= _COLUMN_MULTIPLIER
        total += _text_hash(table.column(name))
    return total
