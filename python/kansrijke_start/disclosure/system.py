"""The linked system as arrays: cells, the equations between them, and the rows of the tables that show them.

A cell is an exact number of births (deliveries, children): a group, at a time, in a region. A row of a published table
shows a numerator and a denominator, which are cells; a row is shown or hidden as a whole. Cells that no row shows are
latent: an outsider knows only that they are not negative. Every equation says that a total (-1) is the sum of its parts
(+1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


PARTS = ("numerator", "denominator", "complement")
"""Numbers of a row: what it shows, and what follows from them."""


@dataclass(frozen=True)
class System:
    """Cells, equations and rows, all by position.

    Attributes:
        names: (cells,) names of the cells, sorted.
        values: (cells,) exact numbers; nan for a latent cell whose number is not known.
        equations: (equations, cells) coefficients; every equation is zero for the exact numbers.
        numerator: (rows,) cell that is the numerator of the row; -1 when it has none.
        denominator: (rows,) cell that is the denominator of the row; -1 when it has none.
        complement: (rows,) cell denominator - numerator; -1 where that is no group of births.
        follows: (rows,) cell whose pattern the row takes too; -1 for most rows.
        is_unsafe: (rows,) the row hides itself, for one of its counts or another reason.
        small: (rows, 3) whether the numerator, denominator and complement are small counts.
        weight: (rows,) how dear it is to hide the row.
        keeping: (rows,) how long the numbers of the row are kept from being hidden: 0 not at all, 3 to the last.
            At 1 only the denominator is.
    """

    names: list[str]
    values: Numbers
    equations: sparse.csr_matrix
    numerator: Integers
    denominator: Integers
    complement: Integers
    follows: Integers
    is_unsafe: Flags
    small: Flags
    weight: Numbers
    keeping: Integers


def build_system(rows: pa.Table, equations: pa.Table) -> System:
    """Number the cells and put the equations in a matrix.

    Args:
        rows: one row per published row: numerator_cell, denominator_cell, complement_cell, follows_cell (names or
            null), numerator and denominator (exact numbers or null), reason (text or null), has_small_numerator,
            has_small_denominator, has_small_complement, weight (number), keeping (0-3).
        equations: one row per equation and cell: equation, cell, coefficient, is_possible (a rest that is known to be
            empty when it is).

    Returns:
        The system, its cells sorted by name and its equations by their own names, so that no order of rows matters.

    Raises:
        ValueError: when one cell has two numbers, or the numbers contradict an equation.
    """
    columns = ("numerator_cell", "denominator_cell", "complement_cell", "follows_cell")
    shown = {name: rows.column(name).to_pylist() for name in columns}
    members = equations.column("cell").to_pylist()
    names = sorted({name for column in shown.values() for name in column if name is not None} | set(members))
    place = {name: number for number, name in enumerate(names)}
    located = {
        column: np.array([-1 if name is None else place[name] for name in names_of], dtype=np.int64)
        for column, names_of in shown.items()
    }
    values = np.full(len(names), np.nan)
    numerators = _numbers(rows.column("numerator"))
    denominators = _numbers(rows.column("denominator"))
    for cells, numbers in (
        (located["numerator_cell"], numerators),
        (located["denominator_cell"], denominators),
        (located["complement_cell"], denominators - numerators),
    ):
        known = (cells >= 0) & ~np.isnan(numbers)
        before = values[cells[known]]
        differs = ~np.isnan(before) & (before != numbers[known])
        values[cells[known]] = numbers[known]
        differs |= values[cells[known]] != numbers[known]
        if differs.any():
            raise ValueError(f"cell {names[int(cells[known][differs][0])]} has two numbers")
    equation_names = equations.column("equation").to_pylist()
    lines = {name: number for number, name in enumerate(sorted(set(equation_names)))}
    matrix = sparse.csr_matrix(
        (
            np.asarray(equations.column("coefficient").to_pylist(), dtype=np.float64),
            ([lines[name] for name in equation_names], [place[name] for name in members]),
        ),
        shape=(len(lines), len(names)),
    )
    matrix.sort_indices()
    _refuse_contradictions(matrix, values, names)
    possible = np.zeros(len(names), dtype=bool)
    is_possible = np.asarray(equations.column("is_possible").to_pylist(), dtype=bool)
    possible[[place[name] for name, flag in zip(members, is_possible, strict=True) if flag]] = True
    values = _known_rests(matrix, values, possible)
    return System(
        names=names,
        values=values,
        equations=matrix,
        numerator=located["numerator_cell"],
        denominator=located["denominator_cell"],
        complement=located["complement_cell"],
        follows=located["follows_cell"],
        is_unsafe=np.array([reason is not None for reason in rows.column("reason").to_pylist()], dtype=bool),
        small=np.column_stack([_flags(rows.column(f"has_small_{part}")) for part in PARTS]),
        weight=np.asarray(rows.column("weight").to_pylist(), dtype=np.float64),
        keeping=np.asarray(rows.column("keeping").to_pylist(), dtype=np.int64),
    )


def _numbers(column: Any) -> Numbers:
    return np.array([np.nan if value is None else float(value) for value in column.to_pylist()], dtype=np.float64)


def _flags(column: Any) -> Flags:
    return np.asarray(column.to_pylist(), dtype=bool)


def _refuse_contradictions(matrix: sparse.csr_matrix, values: Numbers, names: list[str]) -> None:
    is_unknown = np.isnan(values)
    unknowns = abs(matrix) @ is_unknown.astype(np.float64)
    residual = matrix @ np.where(is_unknown, 0, values)
    wrong = np.flatnonzero((unknowns == 0) & (np.abs(residual) > 1e-9))
    if len(wrong):
        members = [names[cell] for cell in matrix.indices[matrix.indptr[wrong[0]] : matrix.indptr[wrong[0] + 1]]]
        raise ValueError(f"{len(wrong)} declared equations do not hold, such as that of {', '.join(members[:6])}")


def _known_rests(matrix: sparse.csr_matrix, values: Numbers, possible: Flags) -> Numbers:
    """The number of a rest that is usually empty: what the other cells of its equation leave."""
    known = values.copy()
    by_cell = matrix.tocsc()
    for cell in np.flatnonzero(possible & np.isnan(values)):
        for line in by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]:
            span = slice(matrix.indptr[line], matrix.indptr[line + 1])
            others = matrix.indices[span] != cell
            numbers = values[matrix.indices[span][others]]
            if not np.isnan(numbers).any():
                own = matrix.data[span][~others][0]
                known[cell] = -float(matrix.data[span][others] @ numbers) / own
    return known
