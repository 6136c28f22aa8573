"""Hide cells until nothing small can be found out: sequential linear programming on the linked system.

Method: Kelly, Golden and Assad (1992) and Robertson (1993), as in the literature on secondary cell suppression. A
hidden cell is safe when the published numbers allow it to be anything from 1 to the minimum minus one. For each cell
that is not, a linear program looks for the cheapest other table in which it has that value; every published number
that differs there is hidden too, so that the other table cannot be told from the true one: it is the proof. One
solution is the proof for many cells at once, so most cells need no program of their own.

Nothing is split beforehand: a program holds what is near a cell, and everything farther away as it truly is. Its
solutions are tables of the whole system, so that its proofs hold for all of it; hiding more never undoes one. Where
what is near is not enough, the next program reaches farther, and at last moves numbers that are kept as long as can be:
those of the city and the country, and published zeros.

Nothing depends on the order of rows, on threads or on chance: cells are sorted by name, programs run in a fixed order
on one thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from kansrijke_start.disclosure.system import Flags, Integers, Numbers, System

NEGLIGIBLE = 1e-6
"""A difference below this is a rounding error of the solver: numbers of the system are whole."""

MOVES = 1e-5
"""A published number that differs by more than this in another table is hidden for it."""

FREE, CITY, COUNTRY, ZERO, WHOLE = range(5)
"""How long a published number is kept: not at all, that of a city, of the country, zero (it may be so by nature), and a
denominator, with which many rows would go."""

MANY_ROWS = 12
"""A denominator of so many rows is the last to be hidden."""

REACHES = (
    (2_500, FREE), (5_000, FREE), (2_500, CITY), (2_500, COUNTRY), (2_500, ZERO), (20_000, ZERO), (2_500, WHOLE),
    (1_000_000, WHOLE),
)  # fmt: skip
"""How many cells a program holds, and which published numbers it may move: the next when the one before failed."""

NEAR = (300, 2_000)
"""How many hidden cells a program holds that asks what is possible for a hidden cell, at first and then."""

PRICE = np.array([1.0, 20.0, 100.0, 1_000.0, 1_000.0])
"""So many times dearer is a number that is kept."""

ITERATIONS = 20_000
"""Steps of the simplex method before it starts afresh."""


Request = tuple[int, float | None, float | None]
"""A cell, and how large or how small it has to be possible."""


@dataclass(frozen=True)
class Options:
    """What counts as safe.

    Attributes:
        minimum: smallest count that may be shown, if not zero.
        hides_all_above: when more than this share of the rows that are not zero hide themselves, all rows are hidden:
            what is left of so small a delivery would go with them.
    """

    minimum: int = 10
    hides_all_above: float = 1.0

    @property
    def low(self) -> int:
        """A safe cell can be this small."""
        return 1

    @property
    def high(self) -> int:
        """A safe cell can be this large."""
        return self.minimum - 1

    @property
    def width(self) -> int:
        """A safe cell can lie in a range of this width, also when it is known to be no small count."""
        return self.high - self.low


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
        is_large: (cells,) not small, and known by outsiders to be at least the minimum, or to be zero.
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
        pairs: list[tuple[int, int]] = []
        for row in range(rows):
            for cell in self.shown_in(row):
                self.seen[cell] += 1
                self.is_shown[cell] = True
            for cell in {*self.shown_in(row), int(system.follows[row])} - {-1}:
                self.rows_of[cell].append(row)
                pairs.append((cell, row))
        touched = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self._weights = sparse.csr_matrix(
            (system.weight[touched[:, 1]], (touched[:, 0], touched[:, 1])), shape=(cells, rows)
        )

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

    def costs(self, cells: Integers) -> Numbers:
        """How dear it is to hide each cell: the rows that would go with it."""
        weights = sparse.csr_matrix(self._weights[cells])
        return np.asarray(weights @ (~self.is_row_hidden).astype(np.float64))


class Program:
    """Cells that lie together, as a linear program that stays warm; every other cell is as it truly is.

    The columns are differences from the true numbers: one for a cell that nobody sees, free of charge; two for a
    published one, how much more and how much less it is in the other table, at the price of hiding it. A latent cell
    that stands in one equation only and needs no proof is no column: it turns the equation into an inequality.
    """

    def __init__(
        self,
        values: Numbers,
        matrix: sparse.csr_matrix,
        cells: Integers,
        is_slack: Flags,
        cost: Numbers,
    ) -> None:
        """Make the model.

        Args:
            values: (n,) true numbers of the cells.
            matrix: (m, n) coefficients of the equations that the cells stand in.
            cells: (n,) positions of the cells.
            is_slack: (n,) cells that are no column.
            cost: (n,) price of moving a published cell; negative for a cell that nobody sees.
        """
        own = sparse.csc_matrix(matrix)
        lower = np.zeros(matrix.shape[0])
        upper = np.zeros(matrix.shape[0])
        for position in np.flatnonzero(is_slack):
            line = own.indices[own.indptr[position]]
            # The slack is not negative: it leaves so much room, on its side.
            if own.data[own.indptr[position]] > 0:
                upper[line] += values[position]
                lower[line] = -np.inf
            else:
                lower[line] -= values[position]
                upper[line] = np.inf
        own = sparse.csc_matrix(own[:, ~is_slack])
        self.cells = cells[~is_slack]
        self.values = values[~is_slack]
        cost = cost[~is_slack]
        self.is_split = cost >= 0
        self.column_of = {int(cell): number for number, cell in enumerate(self.cells)}
        split = np.flatnonzero(self.is_split)
        count = len(self.cells)
        self.less_of = np.full(count, -1, dtype=np.int64)
        self.less_of[split] = count + np.arange(len(split))
        less = -sparse.csc_matrix(own[:, split])
        columns = sparse.csc_matrix(sparse.hstack([own, less], format="csc"))
        program = highspy.HighsLp()
        program.num_col_ = columns.shape[1]
        program.num_row_ = columns.shape[0]
        program.col_cost_ = np.concatenate([np.maximum(cost, 0), cost[split]])
        program.col_lower_ = np.concatenate([np.where(self.is_split, 0, -self.values), np.zeros(len(split))])
        program.col_upper_ = np.concatenate([np.full(count, np.inf), self.values[split]])
        program.row_lower_ = lower
        program.row_upper_ = upper
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = np.asarray(columns.indptr, dtype=np.int32)
        program.a_matrix_.index_ = np.asarray(columns.indices, dtype=np.int32)
        program.a_matrix_.value_ = columns.data
        self.solver = highspy.Highs()
        for option, value in (
            ("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex"), ("random_seed", 0),
            ("simplex_iteration_limit", ITERATIONS),
        ):  # fmt: skip
            self.solver.setOptionValue(option, value)
        self.solver.passModel(program)
        self.programs = 0

    def solve(self) -> Numbers | None:
        """Values of the cells in the cheapest other table; None when there is none."""
        for presolve in ("off", "on"):
            self.programs += 1
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return None
            if status == highspy.HighsModelStatus.kOptimal:
                columns = np.asarray(self.solver.getSolution().col_value)
                count = len(self.cells)
                found = columns[:count] + self.values
                found[self.is_split] -= columns[count:]
                return found
            # A warm start can lead the simplex method astray: start afresh.
            self.solver.clearSolver()
            self.solver.setOptionValue("presolve", presolve)
        return None

    def ask(self, cell: int, low: float | None, high: float | None) -> Numbers | None:
        """The cheapest other table in which a cell that nobody sees is at least `low` or at most `high`."""
        number = self.column_of[cell]
        value = float(self.values[number])
        self.solver.changeColBounds(
            number, -value if low is None else low - value, np.inf if high is None else high - value
        )
        found = self.solve()
        self.solver.changeColBounds(number, -value, np.inf)
        return found

    def end(self, cell: int, direction: float) -> Numbers | None:
        """The table in which a cell that nobody sees is as small (1) or as large (-1) as can be, at no other price."""
        number = self.column_of[cell]
        self.solver.changeColCost(number, direction)
        found = self.solve()
        self.solver.changeColCost(number, 0.0)
        return found

    def release(self, cells: Iterable[int]) -> None:
        """Cells that nobody sees any more cost nothing."""
        for cell in cells:
            number = self.column_of.get(int(cell))
            if number is not None and self.is_split[number]:
                self.solver.changeColCost(number, 0.0)
                self.solver.changeColCost(int(self.less_of[number]), 0.0)


class Protector:
    """The state of one run: the pattern, and what was found possible."""

    def __init__(self, system: System, options: Options) -> None:
        self.system = system
        self.options = options
        self.pattern = Pattern(system)
        cells = len(system.names)
        self.values = filled(system)
        self.is_primary = np.zeros(cells, dtype=bool)
        self.is_small_complement = np.zeros(cells, dtype=bool)
        self.lowest = np.full(cells, np.nan)
        self.highest = np.full(cells, np.nan)
        self.is_large = np.zeros(cells, dtype=bool)
        self.is_unsafe = np.zeros(cells, dtype=bool)
        self.programs = 0
        self._by_cell = sparse.csc_matrix(system.equations)
        self._times = np.diff(self._by_cell.indptr)
        self._place = np.full(cells, -1, dtype=np.int64)
        self._hide_by_rule()
        self.keeping = self._keeping()

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
        """How long each published number is kept."""
        system = self.system
        keeping = np.full(len(system.names), FREE, dtype=np.int64)
        own = system.denominator >= 0
        is_wide = np.bincount(system.denominator[own], minlength=len(system.names)) >= MANY_ROWS
        wide = np.where(own & is_wide[system.denominator], system.denominator, -1)
        for cells, least, level in (
            (system.numerator, 2, CITY),
            (system.denominator, 2, CITY),
            (system.numerator, 3, COUNTRY),
            (system.denominator, 3, COUNTRY),
            (wide, 1, WHOLE),
        ):
            chosen = cells[(cells >= 0) & (system.keeping >= least)]
            keeping[chosen] = np.maximum(keeping[chosen], level)
        keeping[(self.values == 0) & (keeping < ZERO)] = ZERO
        return keeping

    @property
    def is_target(self) -> Flags:
        """Hidden numbers, and small complements."""
        return (self.pattern.is_shown & (self.pattern.seen == 0)) | self.is_small_complement

    @property
    def _is_empty_complement(self) -> Flags:
        """Complements of which nobody may see that they are zero: all of a small group are alike then."""
        return self.is_small_complement & (self.values <= NEGLIGIBLE)

    def possible(self, cells: Integers, found: Numbers) -> None:
        """Remember what a solution shows to be possible."""
        self.lowest[cells] = np.fmin(self.lowest[cells], found)
        self.highest[cells] = np.fmax(self.highest[cells], found)

    def _is_granted(self, request: Request) -> bool:
        cell, low, high = request
        value = self.values[cell]
        if low is not None:
            return bool(np.fmax(self.highest[cell], value) >= low - NEGLIGIBLE)
        return high is None or bool(np.fmin(self.lowest[cell], value) <= high + NEGLIGIBLE)

    def run(self) -> Protection:
        """Hide until every target is safe, then prove it."""
        low, high = float(self.options.low), float(self.options.high)
        judged: int | None = None
        # With nothing published every table can be made larger and smaller: sums of zero stay sums of zero.
        is_hidden_whole = self._is_too_small()
        if is_hidden_whole:
            for row in range(len(self.pattern.is_row_hidden)):
                self.pattern.hide_row(row)
        while not is_hidden_whole:
            small = np.flatnonzero(
                self.is_target & (self.values > NEGLIGIBLE) & (self.values < self.options.minimum - NEGLIGIBLE)
            )
            # The largest first, of equal ones in the order of their names.
            small = small[np.argsort(-self.values[small], kind="stable")]
            requests: list[Request] = []
            for cell in small:
                requests += [(int(cell), high, None), (int(cell), None, low)]
            requests += [(int(cell), high, None) for cell in np.flatnonzero(self._is_empty_complement)]
            self._grant(requests)
            hidden = int(self.pattern.is_row_hidden.sum())
            judged = hidden if judged is None else judged
            requests = self._judge_others()
            if not requests and judged < hidden:
                # What was known to be large, or zero, when less was hidden may be known less well now.
                judged = hidden
                self.is_large[:] = False
                requests = self._judge_others()
            if not requests:
                break
            self._grant(requests)
        target = self.is_target
        return Protection(
            is_row_hidden=self.pattern.is_row_hidden,
            is_cell_hidden=self.pattern.is_shown & (self.pattern.seen == 0),
            is_primary=self.is_primary,
            is_target=target,
            lowest=self.lowest,
            highest=self.highest,
            is_large=self.is_large & target,
            programs=self.programs,
            unsafe=[int(cell) for cell in np.flatnonzero(self.is_unsafe & target)],
        )

    def _is_too_small(self) -> bool:
        """Whether most rows that are not zero hide themselves."""
        system = self.system
        shown = np.where(system.numerator >= 0, system.numerator, system.denominator)
        is_counted = (shown >= 0) & (self.values[shown] > NEGLIGIBLE)
        hidden = np.count_nonzero(system.is_unsafe & is_counted)
        return bool(hidden > self.options.hides_all_above * np.count_nonzero(is_counted))

    def _grant(self, requests: list[Request]) -> None:
        """Hide so that each cell can be as large or as small as asked; what cannot be done is marked as unsafe."""
        for size, allowed in REACHES:
            waiting: dict[int, list[Request]] = {}
            for request in requests:
                if not self.is_unsafe[request[0]] and not self._is_granted(request):
                    waiting.setdefault(request[0], []).append(request)
            failed = []
            while waiting:
                seed = next(iter(waiting))
                near = self._near(seed, size, allowed)
                program = self._program(near, allowed)
                # Those at the rim have little room; they are the middle of another program.
                middle = near[: max(len(near) // 2, 1)]
                for cell in middle:
                    for request in waiting.pop(int(cell), []):
                        if not self._is_granted(request) and not self._hide_for(program, request):
                            failed.append(request)
                self.programs += program.programs
            requests = failed
            if not requests:
                return
        for cell, _, _ in requests:
            self.is_unsafe[cell] = True

    def _hide_for(self, program: Program, request: Request) -> bool:
        """Find the cheapest other table with what is asked, and hide what differs there."""
        cell, low, high = request
        found = program.ask(cell, low, high)
        if found is None:
            return False
        differs = program.is_split & (np.abs(found - program.values) > MOVES)
        for moved in program.cells[differs]:
            if self.pattern.seen[moved] > 0:
                program.release(self.pattern.hide_cell(int(moved)))
        self.possible(program.cells, found)
        return True

    def _judge_others(self) -> list[Request]:
        """Attack the hidden numbers that are not small: which of them look small, but not freely so.

        Returns:
            What has to become possible: a zero may be any small count (if it is not known to be zero, which it may),
            and a larger number may be 1, or is known to be no small count and not pinned down.
        """
        options = self.options
        is_other = (self.values <= NEGLIGIBLE) | (self.values >= options.minimum - NEGLIGIBLE)
        is_other &= ~self._is_empty_complement
        todo = np.flatnonzero(self.is_target & is_other & ~self.is_unsafe & ~self.is_large)
        todo = np.array([cell for cell in todo if not self._is_open(int(cell))], dtype=np.int64)
        is_zero = self.values[todo] <= NEGLIGIBLE
        is_known = is_zero & self._known_zeros()[todo]
        self.is_large[todo[is_known]] = True
        of_zeros: list[Request] = [(int(cell), float(options.high), None) for cell in todo[is_zero & ~is_known]]
        waiting = {int(cell): None for cell in todo[~is_zero]}
        requests: list[Request] = []
        for size in NEAR:
            unclear = []
            while waiting:
                seed = next(iter(waiting))
                near = self._near(seed, size, None)
                attack, bounded = self._program(near, None), self._program(near, None, is_whole=True)
                for cell in near[: max(len(near) // 2, 1)]:
                    if int(cell) in waiting:
                        del waiting[int(cell)]
                        request = self._judge(int(cell), attack, bounded)
                        if request is not None:
                            unclear.append(request)
                self.programs += attack.programs + bounded.programs
            waiting = {cell: None for cell, _, _ in unclear}
            requests = unclear
        return of_zeros + requests

    def _known_zeros(self) -> Flags:
        """Cells that are published to be zero, and the parts of sums that are."""
        is_zero = (self.pattern.seen > 0) & (self.values <= NEGLIGIBLE)
        of_totals = sparse.csr_matrix(self.system.equations < 0, dtype=np.float64)
        of_parts = sparse.csr_matrix((self.system.equations > 0).T, dtype=np.float64)
        while True:
            is_empty = np.asarray(of_totals @ (~is_zero).astype(np.float64)) == 0
            found = (np.asarray(of_parts @ is_empty.astype(np.float64)) > 0) & ~is_zero
            if not found.any():
                return is_zero
            is_zero |= found

    def _is_open(self, cell: int) -> bool:
        low, high = float(self.options.low), float(self.options.high)
        return self._is_granted((cell, None, low)) and self._is_granted((cell, high, None))

    def _judge(self, cell: int, attack: Program, bounded: Program) -> Request | None:
        """What has to become possible for a large hidden number; None when nothing has."""
        options = self.options
        found = attack.end(cell, 1.0)
        if found is not None:
            self.possible(attack.cells, found)
        if self._is_open(cell):
            return None
        outer = bounded.end(cell, 1.0)
        limit = None if outer is None else float(outer[bounded.column_of[cell]])
        if limit is None or limit < options.minimum - MOVES:
            return cell, None, float(options.low)
        if self.highest[cell] - self.lowest[cell] < options.width - NEGLIGIBLE:
            found = attack.end(cell, -1.0)
            if found is not None:
                self.possible(attack.cells, found)
        if self.highest[cell] - self.lowest[cell] < options.width - NEGLIGIBLE:
            return cell, float(self.values[cell]) + options.width, None
        self.is_large[cell] = True
        return None

    def _near(self, seed: int, size: int, allowed: int | None) -> Integers:
        """Cells that hang together with one by equations, nearest first, until there are about so many.

        Args:
            seed: the cell.
            size: how many.
            allowed: which published numbers may move; None for none at all.
        """
        matrix, by_cell, seen = self.system.equations, self._by_cell, self.pattern.seen
        taken = np.array([seed], dtype=np.int64)
        self._place[seed] = 0
        frontier = taken
        while len(frontier) and len(taken) < size:
            lines = np.unique(sparse.csc_matrix(by_cell[:, frontier]).indices)
            reached = np.unique(sparse.csr_matrix(matrix[lines]).indices).astype(np.int64)
            reached = reached[self._place[reached] < 0]
            is_free = seen[reached] == 0
            if allowed is not None:
                is_free |= self.keeping[reached] <= allowed
            frontier = reached[is_free]
            room = size + size // 4 - len(taken)
            if len(frontier) > room:
                # Those that nobody sees and those that are cheap to hide do most.
                cost = np.where(seen[frontier] == 0, -1.0, self.pattern.costs(frontier))
                frontier = frontier[np.argsort(cost, kind="stable")[:room]]
            self._place[frontier] = 0
            taken = np.concatenate([taken, frontier])
        self._place[taken] = -1
        return taken

    def _program(self, cells: Integers, allowed: int | None, *, is_whole: bool = False) -> Program:
        """The program of some cells, with every other cell as it truly is (or with whole equations alone: a bound)."""
        system, seen = self.system, self.pattern.seen
        lines = np.unique(sparse.csc_matrix(self._by_cell[:, cells]).indices)
        part = sparse.csr_matrix(system.equations[lines])
        self._place[cells] = np.arange(len(cells))
        columns = self._place[part.indices]
        self._place[cells] = -1
        own = columns >= 0
        rows = np.repeat(np.arange(len(lines)), np.diff(part.indptr))
        if is_whole:
            # Of a cell farther away that nobody sees, nothing is said.
            is_cut = np.zeros(len(lines), dtype=bool)
            is_cut[rows[~own & (seen[part.indices] == 0)]] = True
            own &= ~is_cut[rows]
        matrix = sparse.csr_matrix((part.data[own], (rows[own], columns[own])), shape=(len(lines), len(cells)))
        is_unseen = seen[cells] == 0
        cost = np.where(is_unseen, -1.0, 0.0)
        if allowed is not None:
            price = self.pattern.costs(cells) * (1 + np.log1p(self.values[cells]))
            cost = np.where(is_unseen, -1.0, np.maximum(price, 1.0) * PRICE[self.keeping[cells]])
        is_slack = (self._times[cells] == 1) & (np.bincount(matrix.indices, minlength=len(cells)) == 1)
        is_slack &= ~self.pattern.is_shown[cells] & ~self.is_small_complement[cells]
        return Program(self.values[cells], matrix, cells, is_slack, cost)


def filled(system: System) -> Numbers:
    """The numbers of all cells; those of latent ones are any that fit.

    Raises:
        ValueError: when none fit.
    """
    values = system.values.copy()
    unknown = np.flatnonzero(np.isnan(values))
    if len(unknown) == 0:
        return values
    part = sparse.csr_matrix(system.equations[:, unknown])
    lines = np.flatnonzero(np.diff(part.indptr))
    constant = np.asarray(sparse.csr_matrix(system.equations[lines]) @ np.nan_to_num(values))
    part = sparse.csc_matrix(part[lines])
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = part.shape[1], part.shape[0]
    program.col_cost_ = np.zeros(len(unknown))
    program.col_lower_ = np.zeros(len(unknown))
    program.col_upper_ = np.full(len(unknown), np.inf)
    program.row_lower_ = program.row_upper_ = -constant
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.asarray(part.indptr, dtype=np.int32)
    program.a_matrix_.index_ = np.asarray(part.indices, dtype=np.int32)
    program.a_matrix_.value_ = part.data
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("random_seed", 0)):
        solver.setOptionValue(option, value)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ValueError("no numbers fit the declared equations: a sum that is declared does not hold")
    values[unknown] = np.maximum(np.asarray(solver.getSolution().col_value), 0.0)
    return values


def protect(system: System, options: Options | None = None) -> Protection:
    """Hide rows until every hidden number can be anything from 1 to the minimum minus one.

    Args:
        system: cells, equations and rows.
        options: what counts as safe; the usual ones when left out.

    Returns:
        What is hidden and the proof.

    Raises:
        ValueError: when the declared equations contradict the numbers.
    """
    return Protector(system, options or Options()).run()
