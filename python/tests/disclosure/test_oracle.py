"""The yardstick itself, against trying out every table of whole numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..compositions import compositions
from .invented import Row, World, crossed, flat
from .oracle import breaches, can_be_whole, is_safe, ranges, shown_cells, targets


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(
    inner=st.lists(st.integers(0, 2), min_size=6, max_size=6),
    hidden=st.lists(st.booleans(), min_size=11, max_size=11),
)
def test_bounds_are_those_of_every_table_tried_out(inner: list[int], hidden: list[bool]) -> None:
    axes = [flat("r", 2, "all"), flat("c", 3, "all")]
    world = crossed(np.array(inner).reshape(2, 3), axes)
    system = world.system()
    names = list(world.values)
    is_hidden = np.array([*hidden, False])
    assert names[-1] == "all|all"
    possible = []
    for cells in compositions(world.values["all|all"], 6):
        candidate = crossed(np.array(cells).reshape(2, 3), axes).values
        if all(
            flag or candidate[name] == world.values[name] for name, flag in zip(names, is_hidden.tolist(), strict=True)
        ):
            possible.append(candidate)
    chosen = [cell for cell in range(len(names)) if cell not in shown_cells(system, is_hidden)]
    assert {system.names[cell] for cell in chosen} == set(itertools.compress(names, is_hidden))
    for cell, (low, high) in ranges(system, is_hidden, chosen).items():
        numbers = {candidate[system.names[cell]] for candidate in possible}
        # Tables of two dimensions have whole corners.
        assert (low, high) == (pytest.approx(min(numbers), abs=1e-6), pytest.approx(max(numbers), abs=1e-6))
        for value in range(int(max(numbers)) + 2):
            assert can_be_whole(system, is_hidden, cell, value) == (value in numbers)


@pytest.mark.parametrize(
    ("numbers", "span", "is_breach"),
    [((10, 5, 0, 0), (0, 0), False), ((10, 3, 1, 1), (0, 2), True), ((20, 10, 5, 9), (0, 14), False)],
    ids=["two zeros that everyone knows", "known to be two together", "open"],
)
def test_two_hidden_parts_of_a_total(numbers: tuple[int, ...], span: tuple[int, int], is_breach: bool) -> None:
    """`15 = 10 + 5 + x + x`: both are zero. `15 = 10 + 3 + x + x`: both are one when nobody hides a zero."""
    parts = ("a", "b", "c", "d")
    world = World(
        dict(zip(("all", *parts), (sum(numbers), *numbers), strict=True)),
        [Row(cell) for cell in ("all", *parts)],
        [("all", parts)],
    )
    system = world.system()
    hidden = np.array([False, False, False, True, True])
    assert targets(system, hidden, 10) == [system.names.index("c"), system.names.index("d")]
    assert ranges(system, hidden, targets(system, hidden, 10)) == dict.fromkeys(targets(system, hidden, 10), span)
    assert set(breaches(system, hidden)) == ({"c", "d"} if is_breach else set())


@pytest.mark.parametrize(
    ("value", "span", "safe"),
    [
        (4, (0, 9), True), (4, (1, 9), True), (4, (2, 40), False), (4, (0, 8), False),
        (0, (0, 9), True), (0, (0, 0), True), (0, (0, 3), False),
        (30, (1, 30), True), (30, (10, 40), True), (30, (26, 34), True), (30, (26, 33), False), (30, (3, 40), False),
        (30, (30, 30), False),
    ],
)  # fmt: skip
def test_what_is_safe(value: int, span: tuple[int, int], safe: bool) -> None:
    assert is_safe(value, span, 10) == safe


def test_small_complements_are_hidden_numbers_although_no_row_shows_them() -> None:
    world = World(
        {"all": 34, "yes": 30, "no": 4, "more": 40}, [Row("yes", "all", "no"), Row("more")], [("all", ("yes", "no"))]
    )
    system = world.system()
    assert set(breaches(system, np.array([False, False]))) == {"no"}
    assert breaches(system, np.array([True, False])) == {}
