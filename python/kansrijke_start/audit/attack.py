"""What an attacker can find out about hidden numbers by linear programming.

The attacker knows bounds of every quantity (a published number has equal bounds) and linear relations between them.
A hidden number is open when it can be as small as 1 and as large as 9 (the threshold minus one) for all that is known:
then nothing has been found out. Both ends are proved by a witness, a solution of everything known in which the number
has that value; one solution can be the witness of many numbers, and numbers that hang together by no relation are
attacked in one program.

Source of the method: the audit of tau-Argus (minimum and maximum of each suppressed cell given the table), here over
all tables at once. The numbers are taken as real, which gives the attacker's bounds up to rounding inwards;
`integer_range` attacks single numbers with whole ones, by another solver (scipy's `milp`), as a check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, hstack, identity, vstack
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-6
"""Differences up to this are rounding errors of the solver."""

SLICE_TOLERANCE = 1e-5
"""Relations between values that the solver gave hold up to this."""

SIZES_NEARBY = (150, 800)
"""How many quantities are near a target, first and then."""

PRIMAL = 4
"""HiGHS's number of the primal simplex method."""

PRIMAL = 4
"""HiGHS's number of the primal simplex method."""

SCATTERED = 400
"""How many targets are attacked at once, at first."""

ROUNDS_BEFORE = 12
"""How often before what is nearby is attacked: its middle is the mean of these solutions."""

SOLUTIONS = 40
"""How many solutions of a large program are kept, for what is attacked nearby."""

COLUMNS_OF_A_PROGRAM = 3000
"""Blocks are attacked together until a program has about so many quantities."""


class ContradictionError(Exception):
    """No numbers fit everything that is said to be known.

    Args:
        quantities: indices of the quantities that contradict each other.
    """

    def __init__(self, quantities: Sequence[int]) -> None:
        self.quantities = list(quantities)
        super().__init__(f"{len(self.quantities)} quantities contradict each other")


@dataclass(frozen=True)
class Problem:
    """Everything that the attacker knows.

    Attributes:
        lower: least value of each quantity (n quantities).
        upper: largest value of each quantity; `numpy.inf` where nothing is known.
        relations: m x n; each row times the quantities lies within its bounds.
        relation_lower: least value of each relation (m).
        relation_upper: largest value of each relation (m).
        witness: one solution, as far as it is at hand (n; nan elsewhere): where the attack may begin, no knowledge.
    """

    lower: Floats
    upper: Floats
    relations: csr_array
    relation_lower: Floats
    relation_upper: Floats
    witness: Floats | None = None


@dataclass(frozen=True)
class Block:
    """Quantities that hang together by relations, apart from all others.

    Attributes:
        quantities: their indices in the problem, increasing.
        relations: r x len(quantities).
        relation_lower: least value of each relation, with the known quantities taken off (r).
        relation_upper: largest value of each relation, with the known quantities taken off (r).
    """

    quantities: Ints
    relations: csr_array
    relation_lower: Floats
    relation_upper: Floats


@dataclass
class Findings:
    """What the attack found about each target, in their order.

    Attributes:
        lower: least value that a target can have. For an open target only known to be at most `least`, for one that is
            certainly above `most` only known to be above it.
        upper: largest value that it can have. For an open target only known to be at least `most`.
        width: between how many values it can lie at least, as seen in solutions.
        is_open: whether it can be as small as `least` and as large as `most`.
        is_known_zero: whether it is part of a sum that is shown to be zero.
        programs: linear programs solved.
        blocks: independent blocks with a target in them.
        largest_block: quantities of the largest of these.
    """

    lower: Floats
    upper: Floats
    width: Floats
    is_open: NDArray[np.bool_]
    is_known_zero: NDArray[np.bool_]
    programs: int = 0
    blocks: int = 0
    largest_block: int = 0


def split(problem: Problem) -> list[Block]:
    """Take the known quantities off and split the rest into independent blocks.

    Args:
        problem: what is known.

    Returns:
        The blocks that have a relation, in the order of their first quantity.

    Raises:
        ContradictionError: when known quantities break a relation.
    """
    known = problem.upper - problem.lower <= TOLERANCE
    values = np.where(known, problem.lower, 0.0)
    shift = problem.relations @ values
    relation_lower = problem.relation_lower - shift
    relation_upper = problem.relation_upper - shift
    free = np.flatnonzero(~known)
    remaining = csr_array(problem.relations[:, free])
    remaining.eliminate_zeros()
    empty = np.diff(remaining.indptr) == 0
    broken = empty & ((relation_lower > TOLERANCE) | (relation_upper < -TOLERANCE))
    if broken.any():
        first = int(np.flatnonzero(broken)[0])
        start, end = problem.relations.indptr[first : first + 2]
        raise ContradictionError([int(column) for column in problem.relations.indices[start:end]])
    rows = np.flatnonzero(~empty)
    remaining = csr_array(remaining[rows, :])
    # A bipartite graph: quantities first, relations after them.
    graph = remaining.tocoo()
    size = len(free) + len(rows)
    joined = csr_array(
        (np.ones(graph.nnz), (graph.coords[1], graph.coords[0] + len(free))), shape=(size, size), dtype=np.float64
    )
    _, labels = connected_components(joined, directed=False)
    quantity_labels = labels[: len(free)]
    relation_labels = labels[len(free) :]
    by_quantity = np.argsort(quantity_labels, kind="stable")
    by_relation = np.argsort(relation_labels, kind="stable")
    blocks = []
    quantity_ends = np.searchsorted(quantity_labels[by_quantity], np.arange(labels.max(initial=-1) + 2))
    relation_ends = np.searchsorted(relation_labels[by_relation], np.arange(labels.max(initial=-1) + 2))
    place = np.zeros(len(free), dtype=np.int64)
    for label in range(len(quantity_ends) - 1):
        chosen = by_quantity[quantity_ends[label] : quantity_ends[label + 1]]
        held = by_relation[relation_ends[label] : relation_ends[label + 1]]
        if len(held) == 0:
            continue
        place[chosen] = np.arange(len(chosen))
        part = csr_array(remaining[held, :])
        part = csr_array((part.data, place[part.indices], part.indptr), shape=(len(held), len(chosen)))
        blocks.append(Block(free[chosen], part, relation_lower[rows[held]], relation_upper[rows[held]]))
    return blocks


def with_known_zeros(problem: Problem) -> Problem:
    """The same problem, with the parts of sums that are zero known to be zero too, and theirs.

    Relations are totals (1) less parts (-1), and at least zero; no quantity is negative.
    """
    upper = problem.upper.copy()
    of_totals = csr_array(problem.relations > 0, dtype=np.float64)
    of_parts = csr_array((problem.relations < 0).T, dtype=np.float64)
    is_sum = (problem.relation_lower == 0) & (np.asarray(of_totals.sum(axis=1)).ravel() > 0)
    while True:
        is_empty = is_sum & (of_totals @ (upper > TOLERANCE).astype(np.float64) == 0)
        is_zero = (of_parts @ is_empty.astype(np.float64) > 0) & (upper > TOLERANCE) & (problem.lower <= TOLERANCE)
        if not is_zero.any():
            return replace(problem, upper=upper)
        upper[is_zero] = 0.0


def attack(
    problem: Problem,
    targets: Sequence[int],
    *,
    least: float = 1.0,
    most: float = 9.0,
    rounded: NDArray[np.bool_] | None = None,
) -> Findings:
    """Find for every target how small and how large it can be.

    Numbers that are only known to lie in an interval, such as rounded ones, tie the whole publication together. Then
    one solution is sought in which many targets are large (and one in which many are small); with these values of the
    rounded numbers the rest falls apart into small blocks again. A witness of such a block is a witness of the whole.
    Only targets without one are attacked with everything free.

    Args:
        problem: what is known.
        targets: indices of the quantities to attack.
        least: a target must be able to be as small as this ...
        most: ... and as large as that to be open.
        rounded: which quantities are known up to rounding; none when left out.

    Returns:
        The findings, in the order of the targets.

    Raises:
        ContradictionError: when nothing fits what is known.
    """
    wanted = np.asarray(targets, dtype=np.int64)
    problem = with_known_zeros(problem)
    lower = problem.lower.copy()
    upper = problem.upper.copy()
    width = upper - lower
    programs = 0
    is_target = np.zeros(len(lower), dtype=bool)
    is_target[wanted] = True
    blocks = [block for block in split(problem) if is_target[block.quantities].any()]
    if _nothing_is_known(problem, blocks) and _can_all_be(problem, blocks, is_target, most):
        # Twice a solution is a solution, and so is nothing at all.
        free = is_target & (problem.upper > TOLERANCE)
        lower[free], upper[free], width[free] = 0.0, most, most
        programs, blocks = 1, []
    for group in _groups(blocks):
        program = _Program(problem, group, is_target, least, most)
        if rounded is None or not rounded[program.quantities].any():
            program.solve()
        else:
            program.solve_by_slices(rounded)
        lower[program.targets] = program.lower
        upper[program.targets] = program.upper
        width[program.targets] = program.width
        programs += program.programs
    is_open = (lower[wanted] <= least + TOLERANCE) & (upper[wanted] >= most - TOLERANCE)
    return Findings(
        lower=lower[wanted],
        upper=upper[wanted],
        width=width[wanted],
        is_open=is_open,
        is_known_zero=problem.upper[wanted] <= TOLERANCE,
        programs=programs,
        blocks=len(blocks),
        largest_block=max((len(block.quantities) for block in blocks), default=0),
    )


def _nothing_is_known(problem: Problem, blocks: Sequence[Block]) -> bool:
    """Whether no number but zero is published of what is attacked."""
    return all(
        not np.any(block.relation_lower > TOLERANCE)
        and np.all((np.abs(block.relation_upper) <= TOLERANCE) | np.isinf(block.relation_upper))
        and np.all(problem.lower[block.quantities] <= TOLERANCE)
        and np.all(np.isinf(problem.upper[block.quantities]))
        for block in blocks
    )


def _can_all_be(problem: Problem, blocks: Sequence[Block], is_target: NDArray[np.bool_], least: float) -> bool:
    """Whether there is a solution in which every target is so large at once."""
    for group in _groups(blocks):
        quantities = np.concatenate([block.quantities for block in group])
        solver = _solver_of(
            csc_array(_block_diagonal(group)),
            np.where(is_target[quantities], least, 0.0),
            np.full(len(quantities), np.inf),
            np.concatenate([block.relation_lower for block in group]),
            np.concatenate([block.relation_upper for block in group]),
        )
        solver.setOptionValue("solver", "ipm")
        solver.setOptionValue("run_crossover", "off")
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
    return True


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    groups: list[list[Block]] = []
    size = 0
    for block in blocks:
        if not groups or size + len(block.quantities) > COLUMNS_OF_A_PROGRAM:
            groups.append([])
            size = 0
        groups[-1].append(block)
        size += len(block.quantities)
    return groups


@dataclass
class _Program:
    """One model over some blocks: only its costs change, so that each program starts from the last solution.

    Beside the quantities x it has, for each target, high <= min(x, most) and low >= max(x - least, 0): the sum of many
    `high` is as large as possible when many targets are `most` at once.
    """

    problem: Problem
    blocks: list[Block]
    is_target: NDArray[np.bool_]
    least: float
    most: float
    programs: int = 0
    targets: Ints = field(init=False)
    lower: Floats = field(init=False)
    upper: Floats = field(init=False)
    width: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.quantities = np.concatenate([block.quantities for block in self.blocks])
        self.count = len(self.quantities)
        self.places = np.flatnonzero(self.is_target[self.quantities])
        self.targets = self.quantities[self.places]
        owner = np.repeat(np.arange(len(self.blocks)), [len(block.quantities) for block in self.blocks])
        self.owner = owner[self.places]
        self.order_of_targets = np.argsort(self.targets)
        self.sorted_targets = self.targets[self.order_of_targets]
        self.lower = self.problem.lower[self.targets].copy()
        self.upper = self.problem.upper[self.targets].copy()
        self.least_seen = np.full(len(self.places), np.inf)
        self.most_seen = np.full(len(self.places), -np.inf)
        self.solutions: list[Floats] = []
        # Beyond every number that is known: large enough to be called unlimited, and every program has an end.
        known = [self.problem.lower[self.quantities], self.problem.upper[self.quantities], np.array([self.most])]
        known += [bound for block in self.blocks for bound in (block.relation_lower, block.relation_upper)]
        self.unlimited = _unlimited(known)
        self.solver = self._model()

    def _model(self) -> highspy.Highs:
        targets = len(self.places)
        relations = _block_diagonal(self.blocks)
        count = sum(len(block.relation_lower) for block in self.blocks)
        picked = csr_array((np.ones(targets), (np.arange(targets), self.places)), shape=(targets, self.count))
        one = identity(targets, format="csr")
        none = csr_array((targets, targets))
        nothing = csr_array((count, 2 * targets))
        matrix = csc_array(
            vstack(
                [hstack([relations, nothing]), hstack([-picked, one, none]), hstack([picked, none, -one])], format="csc"
            )
        )
        infinite = highspy.kHighsInf
        upper = np.minimum(self.problem.upper[self.quantities], self.unlimited)
        solver = _solver_of(
            matrix,
            np.concatenate([self.problem.lower[self.quantities], np.full(targets, -self.unlimited), np.zeros(targets)]),
            np.concatenate([upper, np.full(targets, self.most), np.full(targets, self.unlimited)]),
            np.concatenate([*(block.relation_lower for block in self.blocks), np.full(2 * targets, -infinite)]),
            np.concatenate(
                [*(block.relation_upper for block in self.blocks), np.zeros(targets), np.full(targets, self.least)]
            ),
        )
        # Only costs change: the last solution stays possible, from which the primal method goes on.
        solver.setOptionValue("simplex_strategy", PRIMAL)
        return solver

    def solve(self) -> None:
        """Look for witnesses of many targets at once, then attack those that are left nearby, then one by one."""
        if self.count > COLUMNS_OF_A_PROGRAM:
            self._attack_large()
            self._attack_rest()
        else:
            self._together(high=True)
            self._together(high=False)
        self._finish()

    def _attack_large(self) -> None:
        """Witnesses of many targets at once, of some at once, and of those nearby."""
        self._begin_at_the_witness()
        # Presolve finds a first solution much faster than costs let it.
        self.solver.run()
        for high in (True, False):
            self._together(high=high)
        for high in (True, False):
            self._scattered(high=high, rounds=ROUNDS_BEFORE)
        for size in SIZES_NEARBY:
            self._nearby(size)

    def _attack_rest(self) -> None:
        """Attack what is left in a program of its own: without all the other targets it is smaller."""
        left = np.union1d(self._left(True), self._left(False))
        if len(left) == 0:
            return
        is_left = np.zeros_like(self.is_target)
        is_left[self.targets[left]] = True
        rest = _Program(self.problem, self.blocks, is_left, self.least, self.most)
        own = self.order_of_targets[np.searchsorted(self.sorted_targets, rest.targets)]
        rest.lower, rest.upper = self.lower[own], self.upper[own]
        rest.least_seen, rest.most_seen = self.least_seen[own], self.most_seen[own]
        rest.solver.run()
        for high in (True, False):
            rest._scattered(high=high)
            rest._apart(high=high)
        self._take_over(rest)
        self.lower[own], self.upper[own] = rest.lower, rest.upper
        self.programs += rest.programs

    def _begin_at_the_witness(self) -> None:
        """Complete the solution that is at hand, if it is one."""
        if self.problem.witness is None:
            return
        own = self.problem.witness[self.quantities]
        lower, upper = (
            self.problem.lower[self.quantities],
            np.minimum(self.problem.upper[self.quantities], self.unlimited),
        )
        is_given = (own >= lower) & (own <= upper)
        relations = csc_array(_block_diagonal(self.blocks))
        solver = _solver_of(
            relations,
            np.where(is_given, own, lower),
            np.where(is_given, own, upper),
            np.concatenate([block.relation_lower for block in self.blocks]),
            np.concatenate([block.relation_upper for block in self.blocks]),
        )
        solver.run()
        self.programs += 1
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return
        values = np.asarray(solver.getSolution().col_value)
        self.solutions.append(values)
        self.least_seen = np.minimum(self.least_seen, values[self.places])
        self.most_seen = np.maximum(self.most_seen, values[self.places])

    def solve_by_slices(self, rounded: NDArray[np.bool_]) -> None:
        """As `solve`, with the rounded quantities held at the values of two solutions wherever that is enough."""
        if self.count > COLUMNS_OF_A_PROGRAM:
            # Rounded numbers leave room everywhere: from the middle of it most witnesses are near.
            self.solutions.append(self._middle())
            for size in SIZES_NEARBY:
                self._nearby(size)
            self._attack_rest()
            self._finish()
            return
        for high in (True, False):
            left = self._left(high)
            if len(left) == 0:
                continue
            values = self._run(left, high)
            self.solutions.append(values[: self.count])
            bounds = (self.problem.lower.copy(), self.problem.upper.copy())
            held = np.flatnonzero(rounded[self.quantities])
            for bound in bounds:
                bound[self.quantities[held]] = values[held]
            slack = SLICE_TOLERANCE
            slice_of = Problem(
                *bounds,
                self.problem.relations,
                self.problem.relation_lower - slack,
                self.problem.relation_upper + slack,
            )
            left = self._left(high)
            is_left = np.zeros_like(self.is_target)
            is_left[self.targets[left]] = True
            blocks = [block for block in split(slice_of) if is_left[block.quantities].any()]
            for group in _groups(blocks):
                program = _Program(slice_of, group, is_left, self.least, self.most)
                program._together(high=high)
                if program.count <= COLUMNS_OF_A_PROGRAM:
                    program._apart(high=high)
                self._take_over(program)
                self.programs += program.programs
        self._finish()

    def _middle(self) -> Floats:
        """A solution far from all bounds, by the interior point method."""
        solver = _solver_of(
            csc_array(_block_diagonal(self.blocks)),
            self.problem.lower[self.quantities],
            np.minimum(self.problem.upper[self.quantities], self.unlimited),
            np.concatenate([block.relation_lower for block in self.blocks]),
            np.concatenate([block.relation_upper for block in self.blocks]),
        )
        solver.setOptionValue("solver", "ipm")
        solver.setOptionValue("run_crossover", "off")
        solver.run()
        self.programs += 1
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ContradictionError(self._contradiction())
        values = np.asarray(solver.getSolution().col_value)
        np.minimum(self.least_seen, values[self.places], out=self.least_seen)
        np.maximum(self.most_seen, values[self.places], out=self.most_seen)
        return values

    def _take_over(self, program: _Program) -> None:
        """Its solutions are solutions here too."""
        own = np.searchsorted(self.sorted_targets, program.targets)
        own = self.order_of_targets[own]
        self.least_seen[own] = np.minimum(self.least_seen[own], program.least_seen)
        self.most_seen[own] = np.maximum(self.most_seen[own], program.most_seen)

    def _finish(self) -> None:
        self._apart(high=True)
        self._apart(high=False)
        small = self.least_seen <= self.least + TOLERANCE
        large = self.most_seen >= self.most - TOLERANCE
        self.lower = np.where(small, np.minimum(self.least_seen, self.least), self.lower)
        self.upper = np.where(large, np.maximum(self.most_seen, self.most), self.upper)
        self._intervals()
        self.width = self.most_seen - self.least_seen

    def _left(self, high: bool) -> Ints:
        """Targets that have not been seen large, or not been seen small, and are not known to be large either."""
        if high:
            return np.flatnonzero(self.most_seen < self.most - TOLERANCE)
        is_above = self.lower >= self.most + 1 - TOLERANCE
        return np.flatnonzero((self.least_seen > self.least + TOLERANCE) & ~is_above)

    def _together(self, high: bool) -> None:
        left = self._left(high)
        while len(left) > 0:
            values = self._run(left, high)
            self.solutions.append(values[: self.count])
            after = self._left(high)
            # A block in which little new was seen is left to other attacks.
            seen = np.bincount(self.owner[np.setdiff1d(left, after)], minlength=len(self.blocks))
            before = np.bincount(self.owner[left], minlength=len(self.blocks))
            is_worth_it = (seen > 0) & (seen * (20 if self.count <= COLUMNS_OF_A_PROGRAM else 4) >= before)
            left = after[is_worth_it[self.owner[after]]]

    def _scattered(self, high: bool, rounds: int = 1_000) -> None:
        """Attack a few targets at once, drawn by lot: they lie far apart, and seldom stand in each other's way.

        Args:
            high: whether they are to be large.
            rounds: how many programs at most.
        """
        draw = np.random.default_rng(0)
        size = SCATTERED
        left = self._left(high)
        while len(left) > 0 and size > 1 and rounds > 0:
            rounds -= 1
            chosen = draw.choice(left, min(size, len(left)), replace=False)
            values = self._run(chosen, high)
            if len(self.solutions) < SOLUTIONS:
                self.solutions.append(values[: self.count])
            after = self._left(high)
            if 2 * (len(left) - len(after)) < len(chosen):
                size //= 2
            left = after

    def _apart(self, high: bool) -> None:
        left = self._left(high)
        done = np.zeros(len(self.places), dtype=bool)
        while len(left) > 0:
            # One target of each block: the blocks do not know of each other.
            _, first = np.unique(self.owner[left], return_index=True)
            chosen = left[first]
            values = self._run(chosen, high)[self.places[chosen]]
            if high:
                self.upper[chosen] = np.minimum(self.upper[chosen], np.maximum(values, self.lower[chosen]))
            else:
                self.lower[chosen] = np.maximum(self.lower[chosen], values)
            done[chosen] = True
            left = self._left(high)
            left = left[~done[left]]

    def _nearby(self, size: int) -> None:
        """Attack targets with what is near them alone.

        Everything farther away is held at the mean of the solutions so far: what is found then is a solution of the
        whole. Or it is left out: what is impossible then is impossible in the whole.

        Args:
            size: how many quantities are near.
        """
        left = np.union1d(self._left(True), self._left(False))
        if len(left) == 0:
            return
        relations = _block_diagonal(self.blocks)
        by_quantity = csc_array(relations)
        lower = np.concatenate([block.relation_lower for block in self.blocks])
        upper = np.concatenate([block.relation_upper for block in self.blocks])
        values = np.mean(self.solutions, axis=0)
        is_waiting = np.zeros(self.count, dtype=bool)
        target_of = np.full(self.count, -1)
        target_of[self.places] = np.arange(len(self.places))
        is_waiting[self.places[left]] = True
        for seed in self.places[left]:
            if not is_waiting[seed]:
                continue
            near = _ball(relations, by_quantity, int(seed), size)
            # Those at the rim have little room; they are the middle of another one.
            middle = near[: max(len(near) // 2, 1)]
            asked = middle[is_waiting[middle]]
            is_waiting[asked] = False
            self._attack_near(relations, lower, upper, values, near, target_of[asked])

    def _attack_near(
        self, relations: csr_array, lower: Floats, upper: Floats, values: Floats, near: Ints, asked: Ints
    ) -> None:
        touched = csr_array(relations[:, near])
        rows = np.flatnonzero(np.diff(touched.indptr))
        own = csr_array(touched[rows, :])
        whole = np.diff(own.indptr) == np.diff(relations.indptr)[rows]
        quantities = self.quantities[near]
        is_asked = np.zeros_like(self.is_target)
        is_asked[self.targets[asked]] = True
        # Only the relations that lie wholly inside: what they make impossible is impossible.
        inside = Block(quantities, csr_array(own[whole, :]), lower[rows][whole], upper[rows][whole])
        bounded = _Program(self.problem, [inside], is_asked, self.least, self.most)
        for target in np.intersect1d(self._left(False), asked):
            column = bounded.place_of(int(self.targets[target]))
            self.lower[target] = max(self.lower[target], bounded._solve(np.array([column]), 1.0)[column])
        self.programs += bounded.programs
        # All relations, with everything outside held.
        far = csr_array(relations[rows, :]) @ values - own @ values[near]
        slack = SLICE_TOLERANCE
        held = Block(quantities, own, lower[rows] - far - slack, upper[rows] - far + slack)
        program = _Program(self.problem, [held], is_asked, self.least, self.most)
        for high in (True, False):
            for target in np.intersect1d(self._left(high), asked):
                program._solve(np.array([program.place_of(int(self.targets[target]))]), -1.0 if high else 1.0)
                self._take_over(program)
        # A large one must not be pinned down either.
        is_above = self.lower >= self.most + 1 - TOLERANCE
        for sign in (-1.0, 1.0):
            is_narrow = self.most_seen - self.least_seen < self.most - self.least - TOLERANCE
            for target in asked[(is_above & is_narrow)[asked]]:
                program._solve(np.array([program.place_of(int(self.targets[target]))]), sign)
            self._take_over(program)
        self.programs += program.programs

    def place_of(self, quantity: int) -> int:
        """Column of a quantity."""
        return int(np.flatnonzero(self.quantities == quantity)[0])

    def _intervals(self) -> None:
        """The interval of each target that is neither open nor seen to be large and not pinned, for the report."""
        is_open = (self.lower <= self.least + TOLERANCE) & (self.upper >= self.most - TOLERANCE)
        is_above = self.lower >= self.most + 1 - TOLERANCE
        is_wide = self.most_seen - self.least_seen >= self.most - self.least - TOLERANCE
        for high in (True, False):
            left = np.flatnonzero(~is_open & ~(is_above & is_wide))
            while len(left) > 0:
                _, first = np.unique(self.owner[left], return_index=True)
                chosen = left[first]
                values = self._solve(self.places[chosen], -1.0 if high else 1.0)[self.places[chosen]]
                if high:
                    self.upper[chosen] = np.where(values >= self.unlimited - TOLERANCE, np.inf, values)
                else:
                    self.lower[chosen] = values
                left = np.setdiff1d(left, chosen)

    def _run(self, chosen: Ints, high: bool) -> Floats:
        offset = self.count if high else self.count + len(self.places)
        return self._solve(offset + chosen, -1.0 if high else 1.0)

    def _solve(self, columns: Ints, cost: float) -> Floats:
        changed = np.asarray(columns, dtype=np.int32)
        self.solver.changeColsCost(len(changed), changed, np.full(len(changed), cost))
        self.solver.run()
        self.programs += 1
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ContradictionError(self._contradiction())
        values = np.asarray(self.solver.getSolution().col_value)
        self.solver.changeColsCost(len(changed), changed, np.zeros(len(changed)))
        found = values[self.places]
        np.minimum(self.least_seen, found, out=self.least_seen)
        np.maximum(self.most_seen, found, out=self.most_seen)
        return values

    def _contradiction(self) -> list[int]:
        """Quantities of the first block that has no solution."""
        for block in self.blocks:
            bounds = Bounds(
                self.problem.lower[block.quantities], np.minimum(self.problem.upper[block.quantities], self.unlimited)
            )
            relations = LinearConstraint(block.relations, block.relation_lower, block.relation_upper)
            if milp(np.zeros(len(block.quantities)), bounds=bounds, constraints=relations).status == 2:
                return [int(quantity) for quantity in block.quantities]
        return [int(quantity) for quantity in self.quantities]


def _ball(relations: csr_array, by_quantity: csc_array, seed: int, size: int) -> Ints:
    """Quantities near one, nearest first: those in its relations, those in theirs, until there are about `size`."""
    seen = {seed: None}
    rows: set[int] = set()
    frontier = [seed]
    while frontier and len(seen) < size:
        reached: list[int] = []
        for quantity in frontier:
            for row in by_quantity.indices[by_quantity.indptr[quantity] : by_quantity.indptr[quantity + 1]].tolist():
                if row in rows:
                    continue
                rows.add(row)
                members = relations.indices[relations.indptr[row] : relations.indptr[row + 1]].tolist()
                fresh = [member for member in members if member not in seen]
                # A relation of very many is left to the rim.
                if len(seen) + len(fresh) <= size * 1.2:
                    reached += fresh
                    seen.update(dict.fromkeys(fresh))
            if len(seen) >= size:
                break
        frontier = reached
    return np.array(list(seen), dtype=np.int64)


def _solver_of(
    matrix: csc_array, lower: Floats, upper: Floats, relation_lower: Floats, relation_upper: Floats
) -> highspy.Highs:
    """A linear program without costs."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(lower), len(relation_lower)
    model.col_cost_ = np.zeros(len(lower))
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_, model.row_upper_ = relation_lower, relation_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.asarray(matrix.indptr, dtype=np.int32)
    model.a_matrix_.index_ = np.asarray(matrix.indices, dtype=np.int32)
    model.a_matrix_.value_ = np.asarray(matrix.data, dtype=np.float64)
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("random_seed", 0)):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    return solver


def _unlimited(known: Sequence[Floats]) -> float:
    values = np.concatenate(known)
    return 10.0 * float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) + 1000.0


def _block_diagonal(blocks: Sequence[Block]) -> csr_array:
    shift = np.cumsum([0, *(len(block.quantities) for block in blocks)])
    parts = [block.relations.tocoo() for block in blocks]
    rows = np.cumsum([0, *(len(block.relation_lower) for block in blocks)])
    data = np.concatenate([part.data for part in parts])
    row = np.concatenate([part.coords[0] + first for part, first in zip(parts, rows, strict=False)])
    column = np.concatenate([part.coords[1] + first for part, first in zip(parts, shift, strict=False)])
    return csr_array((data, (row, column)), shape=(int(rows[-1]), int(shift[-1])))


def integer_range(
    problem: Problem, blocks: Sequence[Block], target: int, *, seconds: float = 5.0
) -> tuple[float, float] | None:
    """Smallest and largest whole number that a quantity can be, all quantities being whole.

    Args:
        problem: what is known.
        blocks: its blocks (`split`).
        target: the quantity.
        seconds: time limit of each of the two programs.

    Returns:
        The two values, `numpy.inf` for no limit; None when the time was too short.

    Raises:
        ContradictionError: when no whole numbers fit.
    """
    block = next((one for one in blocks if target in one.quantities), None)
    if block is None:
        return float(np.ceil(problem.lower[target] - TOLERANCE)), float(np.floor(problem.upper[target] + TOLERANCE))
    known = [problem.lower[block.quantities], problem.upper[block.quantities]]
    unlimited = _unlimited([*known, block.relation_lower, block.relation_upper])
    bounds = Bounds(problem.lower[block.quantities], np.minimum(problem.upper[block.quantities], unlimited))
    relations = LinearConstraint(block.relations, block.relation_lower, block.relation_upper)
    ends = []
    for sign in (1.0, -1.0):
        cost = np.where(block.quantities == target, sign, 0.0)
        solved = milp(
            cost,
            integrality=np.ones(len(cost)),
            bounds=bounds,
            constraints=relations,
            options={"time_limit": seconds},
        )
        if solved.status == 2:
            raise ContradictionError([int(quantity) for quantity in block.quantities])
        if solved.status != 0 or solved.x is None:
            return None
        ends.append(float(np.round(sign * solved.fun)))
    return ends[0], np.inf if ends[1] >= unlimited - 1 else ends[1]
