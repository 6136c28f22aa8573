"""The attack on numbers and equations, against trying out every table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from kansrijke_start.audit import attack as module
from kansrijke_start.audit.attack import ContradictionError, Problem, attack, integer_range, split

from ..compositions import compositions


def problem(rows: list[list[float]], lower: list[float], upper: list[float]) -> Problem:
    """Each row times the quantities is zero."""
    matrix = csr_array(np.array(rows, dtype=float))
    nothing = np.zeros(len(rows))
    return Problem(np.array(lower, dtype=float), np.array(upper, dtype=float), matrix, nothing, nothing)


def two_way(rows: int, columns: int) -> tuple[list[list[float]], int]:
    """Equations of a table with totals; quantities are the inner cells, totals of rows, of columns, and all."""
    inner = rows * columns
    size = inner + rows + columns + 1
    equations = []
    for row in range(rows):
        equation = [0.0] * size
        equation[inner + row] = 1
        for column in range(columns):
            equation[row * columns + column] = -1
        equations.append(equation)
    for column in range(columns):
        equation = [0.0] * size
        equation[inner + rows + column] = 1
        for row in range(rows):
            equation[row * columns + column] = -1
        equations.append(equation)
    for first, count in ((inner, rows), (inner + rows, columns)):
        equation = [0.0] * size
        equation[-1] = 1
        for place in range(first, first + count):
            equation[place] = -1
        equations.append(equation)
    return equations, size


@settings(max_examples=25, deadline=None)
@given(
    shape=st.sampled_from([(2, 2), (2, 3)]),
    data=st.data(),
)
def test_two_way_tables_as_trying_out_every_table(shape: tuple[int, int], data: st.DataObject) -> None:
    rows, columns = shape
    inner = data.draw(st.lists(st.integers(0, 3), min_size=rows * columns, max_size=rows * columns))
    equations, size = two_way(rows, columns)

    def whole(cells: tuple[int, ...] | list[int]) -> list[int]:
        table = np.array(cells).reshape(rows, columns)
        return [*cells, *table.sum(axis=1), *table.sum(axis=0), int(table.sum())]

    values = whole(inner)
    is_hidden = [*data.draw(st.lists(st.booleans(), min_size=size - 1, max_size=size - 1)), False]
    lower = [0.0 if hidden else float(value) for hidden, value in zip(is_hidden, values, strict=True)]
    upper = [np.inf if hidden else float(value) for hidden, value in zip(is_hidden, values, strict=True)]
    targets = [place for place, hidden in enumerate(is_hidden) if hidden]
    possible = [
        candidate
        for cells in compositions(values[-1], rows * columns)
        for candidate in [whole(cells)]
        if all(hidden or a == b for hidden, a, b in zip(is_hidden, candidate, values, strict=True))
    ]
    most = data.draw(st.integers(2, 6))
    found = attack(problem(equations, lower, upper), targets, least=1, most=most)
    blocks = split(problem(equations, lower, upper))
    for place, target in enumerate(targets):
        least_possible = min(candidate[target] for candidate in possible)
        most_possible = max(candidate[target] for candidate in possible)
        assert found.is_open[place] == (least_possible <= 1 and most_possible >= most)
        if not found.is_open[place]:
            # Tables of two dimensions have whole corners: the real bounds are whole numbers.
            if found.lower[place] <= most or found.width[place] < most - 1:
                assert found.lower[place] == pytest.approx(least_possible)
                assert found.upper[place] == pytest.approx(most_possible)
            assert least_possible >= found.lower[place] - 1e-6
            assert most_possible - least_possible >= found.width[place] - 1e-6
    if targets:
        assert integer_range(problem(equations, lower, upper), blocks, targets[0]) == (
            min(candidate[targets[0]] for candidate in possible),
            max(candidate[targets[0]] for candidate in possible),
        )


@settings(max_examples=25, deadline=None)
@given(
    inner=st.lists(st.integers(0, 40), min_size=9, max_size=9),
    hidden=st.lists(st.booleans(), min_size=15, max_size=15),
)
def test_rounded_numbers_leave_more_open_and_slices_change_nothing(inner: list[int], hidden: list[bool]) -> None:
    equations, _ = two_way(3, 3)
    table = np.array(inner).reshape(3, 3)
    values = np.array([*inner, *table.sum(axis=1), *table.sum(axis=0), table.sum()], dtype=float)
    is_hidden = np.array([*hidden, False])
    targets = [int(place) for place in np.flatnonzero(is_hidden)]
    exact = attack(
        problem(equations, list(np.where(is_hidden, 0, values)), list(np.where(is_hidden, np.inf, values))), targets
    )
    wide = problem(
        equations,
        list(np.where(is_hidden, 0, np.maximum(values - 2, 0))),
        list(np.where(is_hidden, np.inf, values + 2)),
    )
    sliced = attack(wide, targets, rounded=~is_hidden)
    at_once = attack(wide, targets)
    assert list(sliced.is_open) == list(at_once.is_open)
    assert all(not open_ or wider for open_, wider in zip(exact.is_open, sliced.is_open, strict=True))
    for place in np.flatnonzero(~sliced.is_open):
        # One that is certainly large is not looked at further.
        is_large = at_once.lower[place] >= 10 - 1e-4
        assert is_large == (sliced.lower[place] >= 10 - 1e-4)
        if not is_large:
            assert sliced.lower[place] == pytest.approx(at_once.lower[place], abs=1e-4)
            assert sliced.upper[place] == pytest.approx(at_once.upper[place], abs=1e-4)
            assert sliced.lower[place] <= exact.lower[place] + 1e-4
            assert sliced.upper[place] >= exact.upper[place] - 1e-4


def test_three_way_tables_are_not_whole_and_whole_numbers_are_never_wider() -> None:
    random = np.random.default_rng(3)
    shape = (3, 3, 3)
    size = int(np.prod(shape))
    index = np.arange(size).reshape(shape)
    margins = []
    for axis in range(3):
        for group in np.moveaxis(index, axis, 0).reshape(shape[axis], -1).T:
            row = np.zeros(size)
            row[group] = 1
            margins.append(row)
    matrix = np.array(margins)
    values = random.integers(0, 4, size)
    sums = matrix @ values
    task = Problem(np.zeros(size), np.full(size, np.inf), csr_array(matrix), sums, sums)
    found = attack(task, list(range(size)), most=3)
    blocks = split(task)
    compared = 0
    for target in range(0, size, 5):
        whole = integer_range(task, blocks, target)
        assert whole is not None
        if not found.is_open[target]:
            assert np.ceil(found.lower[target] - 1e-6) <= whole[0]
            assert whole[1] <= np.floor(found.upper[target] + 1e-6)
            compared += 1
    assert compared > 0


def test_a_number_without_limit_is_open() -> None:
    found = attack(problem([[1, -1, -1]], [0, 0, 0], [np.inf, np.inf, np.inf]), [0, 1])
    assert list(found.is_open) == [True, True]


def test_a_number_in_no_equation_is_what_is_known_of_it() -> None:
    found = attack(problem([[1, -1, -1, 0]], [20, 0, 0, 3], [20, np.inf, np.inf, 7]), [1, 3])
    assert list(found.is_open) == [True, False]
    assert (found.lower[1], found.upper[1]) == (3, 7)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [([20, 5, 5], [20, 5, 5]), ([20, 25, 0], [20, 25, np.inf])],
    ids=["known numbers", "no number is left for the hidden one"],
)
def test_numbers_that_contradict_each_other_are_named(lower: list[float], upper: list[float]) -> None:
    with pytest.raises(ContradictionError) as caught:
        attack(problem([[1, -1, -1]], lower, upper), [2])
    assert 2 in caught.value.quantities


@pytest.mark.parametrize("hidden_share", [0.2, 0.5])
def test_large_blocks_are_attacked_nearby_with_the_same_result(
    hidden_share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(5)
    rows, columns = 6, 7
    equations, size = two_way(rows, columns)
    table = random.poisson(random.gamma(0.7, 12, size=(rows, columns)))
    values = np.concatenate([table.ravel(), table.sum(axis=1), table.sum(axis=0), [table.sum()]]).astype(float)
    hidden = (random.random(size) < hidden_share) | ((values > 0) & (values < 10))
    hidden[-1] = False
    task = problem(equations, list(np.where(hidden, 0, values)), list(np.where(hidden, np.inf, values)))
    targets = [int(place) for place in np.flatnonzero(hidden)]
    whole = attack(task, targets)
    monkeypatch.setattr(module, "COLUMNS_OF_A_PROGRAM", 5)
    monkeypatch.setattr(module, "SIZES_NEARBY", (6, 14))
    nearby = attack(task, targets)
    assert 0 < whole.is_open.sum() < len(targets)
    assert list(nearby.is_open) == list(whole.is_open)
    for place in np.flatnonzero(~whole.is_open):
        is_large = whole.lower[place] >= 10
        assert is_large == (nearby.lower[place] >= 10)
        assert (whole.width[place] >= 8) == (nearby.width[place] >= 8)
        if not is_large:
            assert nearby.lower[place] == pytest.approx(whole.lower[place], abs=1e-4)
            assert nearby.upper[place] == pytest.approx(whole.upper[place], abs=1e-4)


def test_many_blocks_are_attacked_together() -> None:
    pairs = 300
    rows = [[0.0] * (3 * pairs) for _ in range(pairs)]
    lower, upper = [], []
    for pair in range(pairs):
        rows[pair][3 * pair : 3 * pair + 3] = [1, -1, -1]
        lower += [30, 0, 0] if pair % 10 else [8, 0, 0]
        upper += [lower[-3], np.inf, np.inf]
    targets = [place for place in range(3 * pairs) if place % 3]
    found = attack(problem(rows, lower, upper), targets)
    assert (~found.is_open).sum() == 2 * pairs / 10
    assert set(found.upper[~found.is_open]) == {8}
    assert found.blocks == pairs
    assert found.programs < 20


def test_where_nothing_is_published_nothing_is_found_out() -> None:
    found = attack(problem([[1, -1, -1]], [0, 0, 0], [np.inf] * 3), [0, 1, 2])
    assert found.is_open.all()
    assert (found.programs, found.blocks) == (1, 0)
    # A number that is half of itself is zero, published or not.
    zero = attack(problem([[1, -1, -1], [1, -1, 0]], [0, 0, 0], [np.inf] * 3), [0, 2])
    assert zero.is_open.tolist() == [True, False]
