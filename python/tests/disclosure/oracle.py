"""What an outsider can find out, computed plainly: the yardstick of the tests of the protector.

Nothing here is taken from the protector or the auditor but the arrays of the system. Every hidden number is bounded by
two linear programs over everything published, by scipy.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from kansrijke_start.disclosure.system import System

Flags = npt.NDArray[np.bool_]
Range = tuple[float, float]

TOLERANCE = 1e-4
"""Numbers of the solver are whole but for this."""


def shown_cells(system: System, is_row_hidden: Flags) -> set[int]:
    """Cells that stand in a row that is not hidden."""
    cells = {
        int(cells[row]) for row in np.flatnonzero(~is_row_hidden) for cells in (system.numerator, system.denominator)
    }
    return cells - {-1}


def targets(system: System, is_row_hidden: Flags, minimum: int) -> list[int]:
    """Numbers of rows that nobody sees, and complements that are small."""
    every = shown_cells(system, np.zeros(len(is_row_hidden), dtype=bool))
    hidden = every - shown_cells(system, is_row_hidden)
    hidden |= {int(cell) for cell in system.complement if cell >= 0 and 0 < system.values[cell] < minimum}
    return sorted(hidden)


def ranges(
    system: System, is_row_hidden: Flags, cells: Iterable[int], *, enough: Range | None = None
) -> dict[int, Range]:
    """The smallest and the largest number that each cell can be, given everything that is shown.

    Args:
        system: the linked system.
        is_row_hidden: the pattern.
        cells: what is attacked.
        enough: leave out a cell that was at both ends of this range in the tables found for cells before it.
    """
    shown = shown_cells(system, is_row_hidden)
    free = np.array([cell not in shown for cell in range(len(system.names))])
    matrix = system.equations.tocsc()
    known = np.where(free, 0.0, system.values)
    columns = np.flatnonzero(free)
    part = csr_array(matrix[:, columns])
    lines = np.flatnonzero(np.diff(part.indptr))
    part, right = part[lines], -(matrix @ known)[lines]
    sums = LinearConstraint(part, right, right)
    place = {int(cell): number for number, cell in enumerate(columns)}
    least, most = np.full(len(columns), np.inf), np.full(len(columns), -np.inf)
    found = {}
    for cell in cells:
        if cell not in place:
            found[cell] = (float(system.values[cell]), float(system.values[cell]))
            continue
        if enough is not None and least[place[cell]] <= enough[0] and most[place[cell]] >= enough[1]:
            continue
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(columns))
            cost[place[cell]] = sign
            solved = milp(cost, constraints=sums)
            assert solved.status in (0, 3), solved.message
            if solved.status == 0:
                least, most = np.minimum(least, solved.x), np.maximum(most, solved.x)
            ends.append(sign * float(solved.fun) if solved.status == 0 else float("inf"))
        found[cell] = (ends[0], ends[1])
    return found


def is_safe(value: float, span: Range, minimum: int) -> bool:
    """Whether a hidden number of which so much is known tells nothing of a small count."""
    low, high = span
    if value == 0:
        return high >= minimum - 1 - TOLERANCE or high <= TOLERANCE
    if low <= 1 + TOLERANCE:
        return high >= minimum - 1 - TOLERANCE
    return value >= minimum and low >= minimum - TOLERANCE and high - low >= minimum - 2 - TOLERANCE


def breaches(system: System, is_row_hidden: Flags, minimum: int = 10) -> dict[str, Range]:
    """Hidden numbers that are not safe, by name, with what is known of them."""
    chosen = targets(system, is_row_hidden, minimum)
    return {
        system.names[cell]: span
        for cell, span in ranges(system, is_row_hidden, chosen, enough=(1.0, minimum - 1.0)).items()
        if not is_safe(float(system.values[cell]), span, minimum)
    }


def can_be_whole(system: System, is_row_hidden: Flags, cell: int, value: int) -> bool:
    """Whether there is a table of whole numbers, with everything shown as it is, in which the cell has a value."""
    count = len(system.names)
    lower, upper = np.zeros(count), np.full(count, np.inf)
    for shown in shown_cells(system, is_row_hidden):
        lower[shown] = upper[shown] = system.values[shown]
    assert lower[cell] == 0 and upper[cell] == np.inf, "the cell is shown"
    lower[cell] = upper[cell] = value
    sums = LinearConstraint(system.equations, 0, 0)
    solved = milp(np.zeros(count), integrality=np.ones(count), bounds=Bounds(lower, upper), constraints=sums)
    assert solved.status in (0, 2), solved.message
    return solved.status == 0
