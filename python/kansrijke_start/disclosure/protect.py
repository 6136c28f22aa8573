"""Hide cells until nothing small can be found out: sequential linear programming on the linked system.

Method: Kelly, Golden and Assad (1992) and Robertson (1993), as in the literature on secondary cell suppression. A
hidden cell is safe when the published numbers allow it to be anything from 1 to the minimum minus one. For each cell
that is not, a linear program looks for the cheapest other table in which it has that value; every published number
that differs there is hidden too, so that the other table cannot be told from the true one: it is the proof. One
solution is the proof for many cells at once, so most cells need no program of their own.

Independent blocks are found, not assumed: numbers that stay published whatever happens (national and city totals)
separate what lies on both sides of them. Where a block cannot be made safe with them, they lose that privilege.
Nothing depends on the order of rows, on threads or on chance: cells are sorted by name, programs run in a fixed order
on one thread, each starting from the solution of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kansrijke_start.disclosure.system import Flags, Integers, Numbers, System

NEGLIGIBLE = 1e-6
"""A difference below this is a rounding error of the solver: numbers of the system are whole."""


ZERO = 99
"""Published zeros may be impossible by nature: they are kept longest of all."""

REACH = 3
"""How many equations away from a cell that is stuck a kept number is looked for."""

ROUNDS = 12
"""How often kept numbers are given free; what is not safe then is reported as unsafe."""

WARM_ITERATIONS = 2_000
"""Steps of the simplex method from the solution of the program before; usually a few are enough."""

COLD_ITERATIONS = 1_000_000
"""Steps from nothing."""


@dataclass(frozen=True)
class Options:
    """What counts as safe.

    Attributes:
        minimum: smallest count that may be shown, if not zero.
        margin: a hidden cell that is no small count may be known to be at least minimum + margin.
    """

    minimum: int = 10
    margin: int = 0

    @property
    def low(self) -> int:
        """A safe cell can be this small."""
        return 1

    @property
    def high(self) -> int:
        """A safe cell can be this large."""
        return self.minimum - 1


@dataclass
class Protection:
    """What is hidden, and the proof.

    Attributes:
        is_row_hidden: (rows,) whether the row is hidden.
        is_cell_hidden: (cells,) shown by a row, and every such row is hidden.
        is_primary: (cells,) small itself (a count or a complement), so hidden by rule.
        is_target: (cells,) hidden numbers and small complements: what has to be safe.
        lowest: (cells,) smallest value that was found possible; nan when none was looked for.
        highest: (cells,) largest value that was found possible.
        is_large: (cells,) not small, and known by outsiders to be at least the minimum: needs no proof.
        block: (cells,) number of the independent block; -1 for cells that are in none.
        programs: how many linear programs were solved.
        unsafe: positions of targets that could not be made safe.
    """

    is_row_hidden: Flags
    is_cell_hidden: Flags
    is_primary: Flags
    is_target: Flags
    lowest: Numbers
    highest: Numbers
    is_large: Flags
    block: Integers
    programs: int = 0
    unsafe: list[int] = field(default_factory=list)


class Pattern:
    """Which rows are hidden, and which cells nobody sees any more."""

    def __init__(self, system: System) -> None:
        self.system = system
        cells = len(system.names)
        rows = len(system.numerator)
        self.is_row_hidden = np.zeros(rows, dtype=bool)
        self.seen = np.zeros(cells, dtype=np.int64)
        self.rows_of: list[list[int]] = [[] for _ in range(cells)]
        self.is_shown = np.zeros(cells, dtype=bool)
        for row in range(rows):
            for cell in self.shown_in(row):
                self.seen[cell] += 1
                self.is_shown[cell] = True
            for cell in {*self.shown_in(row), int(system.follows[row])} - {-1}:
                self.rows_of[cell].append(row)

    def shown_in(self, row: int) -> set[int]:
        """Cells that the row shows when it is not hidden."""
        return {int(self.system.numerator[row]), int(self.system.denominator[row])} - {-1}

    def hide_row(self, row: int) -> list[int]:
        """Hide a row; the cells that nobody sees any more."""
        if self.is_row_hidden[row]:
            return []
        self.is_row_hidden[row] = True
        gone = []
        for cell in sorted(self.shown_in(row)):
            self.seen[cell] -= 1
            if self.seen[cell] == 0:
                gone.append(cell)
        return gone

    def hide_cell(self, cell: int) -> list[int]:
        """Hide every row that shows a cell or takes its pattern; the cells that nobody sees any more."""
        return [gone for row in self.rows_of[cell] for gone in self.hide_row(row)]

    def cost(self, cell: int) -> float:
        """How dear it is to hide a cell: the rows that would go with it, dearer when the number is large."""
        rows = [row for row in self.rows_of[cell] if not self.is_row_hidden[row]]
        number = float(self.system.values[cell])
        return float(self.system.weight[rows].sum()) * (1 + np.log1p(number))


class Block:
    """One independent part of the system as a linear program that stays warm.

    A cell that nobody sees is one column (not negative, free of charge). A published cell is two: how much more and how
    much less it is in the other table, at the price of hiding it. A latent cell that stands in one equation only and
    needs no proof is no column: it turns the equation into an inequality.
    """

    def __init__(self, pattern: Pattern, cells: Integers, lines: Integers, is_target: Flags) -> None:
        system = pattern.system
        self.pattern = pattern
        self.programs = 0
        part = system.equations[lines]
        is_own = np.zeros(len(system.names), dtype=bool)
        is_own[cells] = True
        fixed_values = np.where(is_own, 0.0, np.nan_to_num(system.values))
        constant = part @ fixed_values
        own = part[:, cells].tocsc()
        times = np.diff(own.indptr)
        is_slack = (times == 1) & ~is_target[cells] & ~pattern.is_shown[cells]
        lower = -constant.copy()
        upper = -constant.copy()
        used = np.zeros(len(lines), dtype=bool)
        for position in np.flatnonzero(is_slack):
            line = own.indices[own.indptr[position]]
            if used[line]:
                # A second rest in one equation: together they are one rest.
                continue
            used[line] = True
            if own.data[own.indptr[position]] > 0:
                lower[line] = -np.inf
            else:
                upper[line] = np.inf
        kept = cells[~is_slack]
        own = own[:, ~is_slack]
        is_free = pattern.seen[kept] == 0
        self.cells = kept
        self.column_of = {int(cell): number for number, cell in enumerate(kept)}
        self.is_split = ~is_free
        values = np.where(self.is_split, np.nan_to_num(system.values[kept]), 0.0)
        self.values = values
        shift = own @ values
        split = np.flatnonzero(self.is_split)
        self.less_of = np.full(len(kept), -1, dtype=np.int64)
        self.less_of[split] = len(kept) + np.arange(len(split))
        matrix = sparse.hstack([own, -own[:, split]], format="csc")
        column_upper = np.full(matrix.shape[1], np.inf)
        column_upper[len(kept) :] = values[split]
        cost = np.zeros(matrix.shape[1])
        for number in split:
            price = pattern.cost(int(kept[number]))
            cost[number] = cost[self.less_of[number]] = price
        program = highspy.HighsLp()
        program.num_col_ = matrix.shape[1]
        program.num_row_ = matrix.shape[0]
        program.col_cost_ = cost
        program.col_lower_ = np.zeros(matrix.shape[1])
        program.col_upper_ = column_upper
        program.row_lower_ = lower - shift
        program.row_upper_ = upper - shift
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = matrix.indptr
        program.a_matrix_.index_ = matrix.indices
        program.a_matrix_.value_ = matrix.data
        self.solver = highspy.Highs()
        for option, value in (
            ("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex"), ("random_seed", 0),
        ):  # fmt: skip
            self.solver.setOptionValue(option, value)
        self.solver.passModel(program)

    def solve(self) -> Numbers | None:
        """Values of the block's cells in the cheapest other table; None when there is none."""
        self.programs += 1
        for limit in (WARM_ITERATIONS, COLD_ITERATIONS):
            self.solver.setOptionValue("simplex_iteration_limit", limit)
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return None
            if status == highspy.HighsModelStatus.kOptimal:
                break
            # A warm start can lead the simplex method astray: start afresh.
            self.solver.clearSolver()
        else:
            raise RuntimeError(f"a linear program of the disclosure control ended as {status}")
        columns = np.asarray(self.solver.getSolution().col_value)
        found = columns[: len(self.cells)] + self.values
        found[self.is_split] -= columns[len(self.cells) :]
        return found

    def bound(self, cell: int, low: float | None, high: float | None) -> None:
        """Ask for a value of a cell between two bounds (None: none)."""
        number = self.column_of[cell]
        if self.is_split[number]:
            less = int(self.less_of[number])
            value = float(self.values[number])
            self.solver.changeColBounds(number, 0.0 if low is None else max(0.0, low - value), np.inf)
            self.solver.changeColBounds(less, 0.0 if high is None else max(0.0, value - high), value)
        else:
            self.solver.changeColBounds(number, 0.0 if low is None else low, np.inf if high is None else high)

    def release(self, cells: Iterable[int]) -> None:
        """Cells that nobody sees any more cost nothing and may be anything."""
        for cell in cells:
            number = self.column_of.get(int(cell))
            if number is None or not self.is_split[number]:
                continue
            self.solver.changeColCost(number, 0.0)
            self.solver.changeColCost(int(self.less_of[number]), 0.0)

    def fix_published(self) -> None:
        """Attack: published numbers are what they are, and cost nothing."""
        for number in np.flatnonzero(self.is_split):
            self.solver.changeColBounds(int(number), 0.0, 0.0)
            self.solver.changeColBounds(int(self.less_of[number]), 0.0, 0.0)
            self.solver.changeColCost(int(number), 0.0)
            self.solver.changeColCost(int(self.less_of[number]), 0.0)

    def aim(self, cell: int, direction: float) -> None:
        """Make the value of one cell the only thing that counts (1: as small as possible, -1: as large)."""
        number = self.column_of[cell]
        self.solver.changeColCost(number, direction)
        if self.is_split[number]:
            self.solver.changeColCost(int(self.less_of[number]), -direction)


class Protector:
    """The state of one run: the pattern, what was found possible, and what may not be hidden yet."""

    def __init__(self, system: System, options: Options) -> None:
        self.system = system
        self.options = options
        self.pattern = Pattern(system)
        cells = len(system.names)
        self.is_primary = np.zeros(cells, dtype=bool)
        self.is_small_complement = np.zeros(cells, dtype=bool)
        self.lowest = np.full(cells, np.nan)
        self.highest = np.full(cells, np.nan)
        self.is_large = np.zeros(cells, dtype=bool)
        self.block = np.full(cells, -1, dtype=np.int64)
        self.programs = 0
        self._hide_by_rule()
        self.keeping = self._keeping()
        self._by_cell = system.equations.tocsc()

    def _hide_by_rule(self) -> None:
        system = self.system
        for row in np.flatnonzero(system.is_unsafe):
            self.pattern.hide_row(int(row))
        for part, cells in enumerate((system.numerator, system.denominator, system.complement)):
            self.is_primary[cells[system.small[:, part] & (cells >= 0)]] = True
        # Without its number a small complement does not follow, wherever the two numbers stand.
        small = system.small[:, 2]
        self.is_small_complement[system.complement[small]] = True
        for cell in np.unique(np.concatenate([np.flatnonzero(self.is_primary), system.numerator[small]])):
            self.pattern.hide_cell(int(cell))

    def _keeping(self) -> Integers:
        """How long each published number is kept: of a level its numerators before its denominators, zeros longest."""
        system = self.system
        keeping = np.zeros(len(system.names), dtype=np.int64)
        whole = system.denominator >= 0
        np.maximum.at(keeping, system.denominator[whole], 2 * system.keeping[whole])
        lasting = (system.keeping > 1) & (system.numerator >= 0)
        np.maximum.at(keeping, system.numerator[lasting], 2 * system.keeping[lasting] - 1)
        keeping[system.values == 0] = ZERO
        keeping[self.pattern.seen == 0] = 0
        return keeping

    @property
    def is_target(self) -> Flags:
        """Hidden numbers, and small complements."""
        return (self.pattern.is_shown & (self.pattern.seen == 0)) | self.is_small_complement

    def possible(self, cells: Integers, found: Numbers) -> None:
        """Remember what a solution shows to be possible."""
        self.lowest[cells] = np.fmin(self.lowest[cells], found)
        self.highest[cells] = np.fmax(self.highest[cells], found)

    def lacks(self, cells: Integers) -> tuple[Flags, Flags]:
        """Which cells have not been found to be as small, and as large, as they have to be possible."""
        small = ~(self.lowest[cells] <= self.options.low + NEGLIGIBLE)
        large = ~(self.highest[cells] >= self.options.high - NEGLIGIBLE)
        return small, large

    def blocks(self) -> list[tuple[Integers, Integers]]:
        """Independent parts: (cells, equations) that numbers which are kept do not separate."""
        matrix = self.system.equations
        active = np.flatnonzero((self.keeping == 0) | (self.pattern.seen == 0))
        part = matrix[:, active]
        lines = np.flatnonzero(np.diff(part.indptr) > 0)
        part = abs(part[lines])
        graph = sparse.bmat([[None, part], [part.T, None]], format="csr")
        count, labels = csgraph.connected_components(graph, directed=False)
        line_labels, cell_labels = labels[: len(lines)], labels[len(lines) :]
        cell_order = np.argsort(cell_labels, kind="stable")
        line_order = np.argsort(line_labels, kind="stable")
        cell_ends = np.searchsorted(cell_labels[cell_order], np.arange(count + 1))
        line_ends = np.searchsorted(line_labels[line_order], np.arange(count + 1))
        found = [
            (
                active[cell_order[cell_ends[label] : cell_ends[label + 1]]],
                lines[line_order[line_ends[label] : line_ends[label + 1]]],
            )
            for label in range(count)
        ]
        # A fixed order, whatever the labels: by the first cell.
        return sorted(found, key=lambda block: int(block[0][0]) if len(block[0]) else -1)

    def run(self) -> Protection:
        """Hide until every target is safe, then prove it."""
        unsafe: set[int] = set()
        finished: dict[int, tuple[int, int, int]] = {}
        is_stable = False
        rounds = 0
        while not is_stable:
            is_stable = True
            rounds += 1
            stuck: list[list[int]] = []
            for number, (cells, lines) in enumerate(self.blocks()):
                self.block[cells] = number
                first = int(cells[0]) if len(cells) else -1
                if not self.is_target[cells].any() or finished.get(first) == self._state(cells, lines):
                    continue
                is_stable = False
                failed = self._protect_block(cells, lines, unsafe)
                if failed:
                    stuck.append(failed)
                else:
                    finished[first] = self._state(cells, lines)
            for failed in stuck:
                if rounds >= ROUNDS or not self._unlock(failed):
                    unsafe |= set(failed)
        return Protection(
            is_row_hidden=self.pattern.is_row_hidden,
            is_cell_hidden=self.pattern.is_shown & (self.pattern.seen == 0),
            is_primary=self.is_primary,
            is_target=self.is_target,
            lowest=self.lowest,
            highest=self.highest,
            is_large=self.is_large,
            block=self.block,
            programs=self.programs,
            unsafe=sorted(unsafe),
        )

    def _state(self, cells: Integers, lines: Integers) -> tuple[int, int, int]:
        """What a block is made of and how much of it is hidden: when it has not changed, its proof stands."""
        return len(cells), len(lines), int((self.pattern.seen[cells] == 0).sum())

    def _unlock(self, failed: list[int]) -> bool:
        """Let numbers beside cells that are stuck be hidden too: the nearest, of these the least kept; zeros at last.

        Args:
            failed: cells of one block that could not be made safe.

        Returns:
            Whether there was anything to unlock.
        """
        for allowed in (ZERO - 1, ZERO):
            unlocked = [cell for cell in failed if self._unlock_near(cell, allowed)]
            if unlocked:
                return True
        return False

    def _unlock_near(self, cell: int, allowed: int) -> bool:
        near = np.array([cell])
        for _ in range(REACH):
            lines = np.unique(self._by_cell[:, near].indices)
            near = np.unique(self.system.equations[lines].indices)
            if self._unlock_among(near, allowed):
                return True
            near = near[(self.keeping[near] == 0) | (self.pattern.seen[near] == 0)]
        return False

    def _unlock_among(self, cells: Integers, allowed: int) -> bool:
        kept = cells[(self.keeping[cells] > 0) & (self.keeping[cells] <= allowed) & (self.pattern.seen[cells] > 0)]
        if len(kept):
            self.keeping[kept[self.keeping[kept] == self.keeping[kept].min()]] = 0
        return len(kept) > 0

    def _protect_block(self, cells: Integers, lines: Integers, unsafe: set[int]) -> list[int]:
        """Make the targets of a block safe; those for which that is not possible with what may be hidden."""
        todo = cells[self.is_target[cells]]
        # Small numbers first: what hides for them is often enough for the others.
        order = np.lexsort((todo, -np.nan_to_num(self.system.values[todo])))
        # A zero may be known: it is hidden only because another number of its row is.
        wanted = [int(cell) for cell in todo[order] if 0 < self.system.values[cell] < self.options.minimum]
        while True:
            block = Block(self.pattern, cells, lines, self.is_target)
            failed = self._push(block, wanted, unsafe)
            self.programs += block.programs
            if failed:
                return failed
            wanted = self._judge_others(cells, lines, unsafe)
            if not wanted:
                return []

    def _push(self, block: Block, wanted: list[int], unsafe: set[int]) -> list[int]:
        """For each cell find the cheapest tables in which it is large and small, and hide what differs there."""
        failed = []
        for cell in wanted:
            if cell in unsafe or cell not in block.column_of:
                continue
            is_failed = False
            for is_large in (True, False):
                small, large = self.lacks(np.array([cell]))
                if not (large if is_large else small)[0]:
                    continue
                low, high = (float(self.options.high), None) if is_large else (None, float(self.options.low))
                block.bound(cell, low, high)
                found = block.solve()
                block.bound(cell, None, None)
                if found is None:
                    is_failed = True
                    continue
                self._hide_what_differs(block, found)
                self.possible(block.cells, found)
            if is_failed:
                failed.append(cell)
        return failed

    def _hide_what_differs(self, block: Block, found: Numbers) -> None:
        differs = block.is_split & (np.abs(found - block.values) > NEGLIGIBLE)
        for cell in block.cells[differs]:
            if self.pattern.seen[cell] > 0:
                block.release(self.pattern.hide_cell(int(cell)))

    def _judge_others(self, cells: Integers, lines: Integers, unsafe: set[int]) -> list[int]:
        """Attack the hidden cells that are not small: which ones look small without being free from 1 to the maximum."""
        todo = cells[self.is_target[cells]]
        small, large = self.lacks(todo)
        todo = todo[(small | large) & (self.system.values[todo] > 0)]
        todo = todo[~np.isin(todo, list(unsafe))] if unsafe else todo
        self.is_large[todo] = False
        if len(todo) == 0:
            return []
        attack = Block(self.pattern, cells, lines, self.is_target)
        attack.fix_published()
        pushed = []
        for cell in todo[np.lexsort((todo, -self.system.values[todo]))]:
            small, large = self.lacks(np.array([cell]))
            if not (small[0] or large[0]) or int(cell) not in attack.column_of:
                continue
            if small[0]:
                attack.aim(int(cell), 1.0)
                found = attack.solve()
                attack.aim(int(cell), 0.0)
                if found is not None:
                    self.possible(attack.cells, found)
            small, large = self.lacks(np.array([cell]))
            if large[0] or (small[0] and self.lowest[cell] < self.options.minimum + self.options.margin - NEGLIGIBLE):
                pushed.append(int(cell))
            elif small[0]:
                self.is_large[cell] = True
        self.programs += attack.programs
        return pushed


def protect(system: System, options: Options | None = None) -> Protection:
    """Hide rows until every hidden number can be anything from 1 to the minimum minus one.

    Args:
        system: cells, equations and rows.
        options: what counts as safe; the usual ones when left out.

    Returns:
        What is hidden and the proof.
    """
    return Protector(system, options or Options()).run()
