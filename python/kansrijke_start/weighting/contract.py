"""What is weighted: rows with an exposure, covariates and outcomes, checked and in a fixed order."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kansrijke_start.errors import KansrijkeStartError

LONGEST_LIST = 5
"""Most values that a message names."""

MOST_KEYS = 2**62
"""Combined codes of covariates stay below this number."""


class WeightingError(KansrijkeStartError):
    """Data that cannot be weighted as they are; the message names the columns and what to do."""


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        exposure: true or 1 for the exposed, false or 0 for the others; no missing values.
        covariates: what is to be alike: numbers enter as they are, text and booleans as categories; none missing.
        outcomes: numbers or booleans of which means are compared.
        categorical: covariates with numbers that are categories.
        cluster: rows with the same value belong together, such as children of a mother; None when all are apart.
        key: columns that identify a row; none when rows with equal values need not be told apart.
        unknown_outcomes: whether outcomes may be missing. The mean is then that of the rows of which it is known.
    """

    exposure: str
    covariates: tuple[str, ...]
    outcomes: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    cluster: str | None = None
    key: tuple[str, ...] = ()
    unknown_outcomes: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is used, once, the key first."""
        cluster = () if self.cluster is None else (self.cluster,)
        return tuple(dict.fromkeys((*self.key, *cluster, self.exposure, *self.covariates, *self.outcomes)))


@dataclass(frozen=True)
class Covariate:
    """A covariate and its values.

    Attributes:
        name: name of the column.
        values: the different values that occur, ascending, shape (v,); text, booleans or numbers.
        is_categorical: whether each value is a category of its own.
    """

    name: str
    values: np.ndarray
    is_categorical: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories as text, in the order of `values`; empty for a quantity."""
        if not self.is_categorical:
            return ()
        if self.values.dtype == bool:
            return tuple("true" if value else "false" for value in self.values)
        if self.values.dtype.kind == "f":
            return tuple(f"{value:.15g}" for value in self.values)
        return tuple(str(value) for value in self.values)


@dataclass(frozen=True)
class Column:
    """A column of the covariates as numbers.

    Attributes:
        covariate: name of the covariate.
        level: the category that is 1; None for a quantity.
        values: by pattern, shape (g,): 0 or 1 for a category.
    """

    covariate: str
    level: str | None
    values: np.ndarray

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.covariate if self.level is None else f"{self.covariate} = {self.level}"


@dataclass(frozen=True)
class Patterns:
    """The g patterns of covariates that occur, and how many rows have them: all that propensity and weights need.

    Attributes:
        covariates: the covariates with their values.
        codes: place of each pattern's value among the covariate's values, shape (g, q).
        counts: rows by pattern and group, shape (g, 2): unexposed, exposed.
    """

    covariates: tuple[Covariate, ...]
    codes: np.ndarray
    counts: np.ndarray

    @property
    def share_exposed(self) -> float:
        """Share of the rows that is exposed."""
        return float(self.counts[:, 1].sum() / self.counts.sum())

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every quantity and every category, also the first of a covariate, by pattern."""
        made = []
        for place, covariate in enumerate(self.covariates):
            codes = self.codes[:, place]
            if not covariate.is_categorical:
                made.append(Column(covariate.name, None, covariate.values.astype(np.float64)[codes]))
            for level, label in enumerate(covariate.labels):
                made.append(Column(covariate.name, label, (codes == level).astype(np.float64)))
        return tuple(made)


@dataclass(frozen=True)
class Cohort(Patterns):
    """n rows with their patterns, in an order that does not depend on how they came in.

    Attributes:
        table: the used columns, n rows in order.
        roles: what they are.
        exposed: shape (n,), bool.
        pattern: pattern of each row, shape (n,).
        cluster: cluster of each row as 0, 1, ..., shape (n,); None when all rows are apart.
    """

    table: pa.Table
    roles: Roles
    exposed: np.ndarray
    pattern: np.ndarray
    cluster: np.ndarray | None

    def __len__(self) -> int:
        return len(self.exposed)

    @cached_property
    def cell(self) -> np.ndarray:
        """Pattern and group of each row as one number, shape (n,): 2 * pattern + exposed."""
        return 2 * self.pattern + self.exposed

    def outcome(self, name: str) -> np.ndarray:
        """An outcome as numbers, shape (n,); NaN where it is unknown."""
        return _numbers(self.table[name])


def cohort(table: pa.Table, roles: Roles) -> Cohort:
    """Check the columns, put the rows in order and find the patterns.

    Args:
        table: one row per unit; other columns than those of the roles are passed over.
        roles: what the columns are.

    Raises:
        WeightingError: a column is missing or named in two roles, has missing values, does not vary or is no number;
            the exposure is not binary; the key is not unique.
    """
    _check_names(table, roles)
    table = table.select(list(roles.columns)).combine_chunks()
    if table.num_rows == 0:
        raise WeightingError("There are no rows to weight.")
    _check_missing(table, roles)
    table = _in_order(table, roles)
    exposed = _exposed(table[roles.exposure], roles.exposure)
    for name in roles.outcomes:
        _check_outcome(table[name], name)
    covariates, columns = [], []
    for name in roles.covariates:
        covariate, codes = _covariate(table[name], name, name in roles.categorical)
        covariates.append(covariate)
        columns.append(codes)
    codes, pattern = _patterns(columns, [len(covariate.values) for covariate in covariates])
    cluster = None if roles.cluster is None else _codes(table[roles.cluster])[1]
    counts = np.bincount(2 * pattern + exposed, minlength=2 * len(codes)).reshape(-1, 2).astype(np.float64)
    return Cohort(tuple(covariates), codes, counts, table, roles, exposed, pattern, cluster)


def _check_names(table: pa.Table, roles: Roles) -> None:
    """Columns exist, and none has two roles that exclude each other."""
    if not roles.covariates:
        raise WeightingError("Name at least one covariate.")
    if not roles.outcomes:
        raise WeightingError("Name at least one outcome.")
    for name in roles.columns:
        if name not in table.column_names:
            near = difflib.get_close_matches(name, table.column_names, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {listed(table.column_names)}."
            raise WeightingError(f"The table has no column {name}. {hint}")
    for names, what in ((roles.covariates, "covariate"), (roles.outcomes, "outcome")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise WeightingError(f"{listed(twice)}: named twice as {what}.")
    if roles.exposure in (*roles.covariates, *roles.outcomes):
        raise WeightingError(f"{roles.exposure} is the exposure and cannot be a covariate or an outcome too.")
    both = sorted(set(roles.covariates) & set(roles.outcomes))
    if both:
        raise WeightingError(f"{listed(both)}: a covariate cannot be an outcome too, for it is made alike.")
    strangers = sorted(set(roles.categorical) - set(roles.covariates))
    if strangers:
        raise WeightingError(f"{listed(strangers)}: named as categorical, but no covariate.")


def _check_missing(table: pa.Table, roles: Roles) -> None:
    """No missing values, save in outcomes where those may be unknown."""
    found = []
    for name in roles.columns:
        column = table[name]
        missing = column.null_count
        if pa.types.is_floating(column.type):
            missing += pc.sum(pc.is_nan(column)).as_py() or 0
        if missing and not (roles.unknown_outcomes and name in roles.outcomes):
            found.append(f"{name} ({missing} of {table.num_rows} rows)")
    if found:
        raise WeightingError(
            f"Missing values in {listed(found)}. Impute covariates beforehand; leave out rows without an exposure; "
            "outcomes that are unknown for some rows have to be allowed."
        )


def _in_order(table: pa.Table, roles: Roles) -> pa.Table:
    """Rows by their key, or by everything: rows that tie are then the same, and sums do not depend on the order."""
    if not roles.key:
        return table.sort_by([(name, "ascending") for name in roles.columns])
    table = table.sort_by([(name, "ascending") for name in roles.key])
    same = np.ones(max(table.num_rows - 1, 0), dtype=bool)
    for name in roles.key:
        column = table[name].combine_chunks()
        same &= pc.equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    if same.any():
        first = table.select(list(roles.key)).slice(int(np.argmax(same)), 1).to_pylist()[0]
        named = ", ".join(f"{name} = {value}" for name, value in first.items())
        raise WeightingError(f"The key does not identify a row: {int(same.sum())} rows too many, the first at {named}.")
    return table


def _exposed(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """The exposure as booleans; both groups must be there."""
    values = pc.unique(column).to_pylist()
    if not pa.types.is_boolean(column.type) and (
        not _is_number(column.type) or not {float(value) for value in values} <= {0.0, 1.0}
    ):
        shown = listed(sorted(str(value) for value in values))
        raise WeightingError(f"The exposure {name} must be true or false, or 1 or 0; it holds {shown}.")
    exposed = _numbers(column) == 1
    if exposed.all() or not exposed.any():
        raise WeightingError(f"All rows have the same exposure ({name} = {values[0]}): there is nothing to compare.")
    return exposed


def _check_outcome(column: pa.ChunkedArray, name: str) -> None:
    if not (_is_number(column.type) or pa.types.is_boolean(column.type)):
        raise WeightingError(f"The outcome {name} is {column.type}; it must be a number or true and false.")
    if np.isinf(_numbers(column)).any():
        raise WeightingError(f"The outcome {name} holds infinite numbers.")


def _covariate(column: pa.ChunkedArray, name: str, is_categorical: bool) -> tuple[Covariate, np.ndarray]:
    """A covariate with the code of each row, shape (n,)."""
    kind = column.type
    number = _is_number(kind)
    if not (number or pa.types.is_boolean(kind) or _is_text(kind)):
        raise WeightingError(f"The covariate {name} is {kind}; it must be a number, text or true and false.")
    if number:
        numbers = _numbers(column)
        if np.isinf(numbers).any():
            raise WeightingError(f"The covariate {name} holds infinite numbers.")
        values, codes = np.unique(numbers, return_inverse=True)
        if is_categorical and pa.types.is_integer(kind):
            values = values.astype(np.int64)
    else:
        values, codes = _codes(column)
    if len(values) == 1:
        raise WeightingError(f"The covariate {name} is constant ({values[0]} in every row): leave it out.")
    return Covariate(name, values, is_categorical or not number), codes.astype(np.int64)


def _patterns(columns: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The combinations of codes that occur, shape (g, q), ascending from the first column on, and that of each row."""
    key, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for codes, number in zip(columns, sizes, strict=True):
        if size * number >= MOST_KEYS:
            found, key = np.unique(key, return_inverse=True)
            size = len(found)
        key, size = key * number + codes, size * number
    _, first, pattern = np.unique(key, return_index=True, return_inverse=True)
    return np.column_stack([codes[first] for codes in columns]), pattern.astype(np.int64)


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """The different values, ascending, and the place of each row's value among them."""
    if pa.types.is_dictionary(column.type):
        # A dictionary may hold values that do not occur.
        column = column.cast(column.type.value_type)
    if pa.types.is_boolean(column.type):
        return np.unique(column.to_numpy(), return_inverse=True)
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary)
    place = np.empty(len(order), dtype=np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return np.array(encoded.dictionary.take(order).to_pylist(), dtype=object), place[encoded.indices.to_numpy()]


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers or booleans as float64, shape (n,); NaN where missing."""
    kind = pa.int8() if pa.types.is_boolean(column.type) else column.type
    return column.cast(kind).cast(pa.float64(), safe=False).combine_chunks().to_numpy(zero_copy_only=False)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def listed(names: Sequence[str]) -> str:
    """The first few names."""
    shown = ", ".join(names[:LONGEST_LIST])
    return shown if len(names) <= LONGEST_LIST else f"{shown} and {len(names) - LONGEST_LIST} more"
