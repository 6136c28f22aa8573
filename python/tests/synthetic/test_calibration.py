"""Fitting to margins and turning shares into people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansrijke_start.synthetic.calibration import (
    CalibrationError,
    Margin,
    controlled_counts,
    divide,
    fit,
    of_classes,
    ranks_within,
    select_highest,
)


def test_fit_meets_every_margin_and_keeps_the_odds_ratio() -> None:
    seed = np.array([4.0, 1.0, 1.0, 2.0])
    row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    rows, columns = np.array([0.3, 0.7]), np.array([0.6, 0.4])
    table = fit(seed, [Margin("rows", row, rows), Margin("columns", column, columns)])
    assert np.bincount(row, weights=table) == pytest.approx(rows, abs=1e-8)
    assert np.bincount(column, weights=table) == pytest.approx(columns, abs=1e-8)
    assert table[0] * table[3] / (table[1] * table[2]) == pytest.approx(8.0)


def test_a_group_without_a_target_stays_free() -> None:
    table = fit(np.array([1.0, 1.0, 2.0]), [Margin("one", np.array([0, 1, 1]), np.array([3.0, np.nan]))])
    assert table == pytest.approx([3.0, 1.0, 2.0])


def test_margins_that_contradict_each_other_are_refused_by_name() -> None:
    seed = np.array([1.0, 0.0, 0.0, 1.0])
    row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    with pytest.raises(CalibrationError, match=r"rows|columns"):
        fit(
            seed,
            [Margin("rows", row, np.array([0.3, 0.7])), Margin("columns", column, np.array([0.6, 0.4]))],
            rounds=50,
        )


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=30),
    st.floats(0, 1, exclude_max=True),
)
def test_running_totals_of_counts_stay_within_one(expected: list[float], offset: float) -> None:
    counts = controlled_counts(np.array(expected), offset)
    assert np.all(counts >= 0)
    assert np.all(np.abs(np.cumsum(counts) - np.cumsum(expected)) <= 1.0 + 1e-6)


def test_counts_are_unbiased_over_offsets() -> None:
    expected = np.array([0.2, 0.2, 0.05, 1.7, 0.0, 3.4])
    offsets = (np.arange(2000) + 0.5) / 2000
    mean = np.mean([controlled_counts(expected, offset) for offset in offsets], axis=0)
    assert mean == pytest.approx(expected, abs=0.01)


def test_ranks_start_at_the_highest_score_and_keep_the_order_of_ties() -> None:
    group = np.array([1, 0, 1, 1, 0])
    score = np.array([0.1, 5.0, 0.9, 0.1, 7.0])
    rank, sizes = ranks_within(group, score, 3)
    assert rank.tolist() == [1, 1, 0, 2, 0]
    assert sizes.tolist() == [2, 3, 0]


def test_the_highest_scores_are_selected_and_forced_elements_follow_their_force() -> None:
    group = np.zeros(6, dtype=int)
    score = np.array([0.5, -np.inf, 0.9, 0.1, np.inf, 0.7])
    chosen = select_highest(group, np.array([0.5]), score, 0.0)
    assert chosen.tolist() == [False, False, True, False, True, True]
    everyone = select_highest(group, np.array([1.0]), score, 0.0)
    assert not everyone[1], "an element that is forced out stays out, even when all are wanted"


@given(st.integers(1, 400), st.integers(1, 12), st.floats(0, 1, exclude_max=True), st.integers(0, 2**31))
def test_division_gives_every_element_a_category_with_the_right_totals(
    n: int, groups: int, offset: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    group = random.integers(0, groups, n)
    shares = random.dirichlet([1.0, 0.5, 0.1], size=groups)
    category = divide(group, shares, random.random(n), offset)
    assert category.min() >= 0 and category.max() <= 2
    sizes = np.bincount(group, minlength=groups)
    first = np.bincount(group[category == 0], minlength=groups)
    assert np.all(np.abs(np.cumsum(first) - np.cumsum(sizes * shares[:, 0])) <= 1.0 + 1e-6)


def test_division_is_unbiased_in_tiny_groups() -> None:
    groups = 4000
    group = np.arange(groups).repeat(2)
    shares = np.tile([0.3, 0.05, 0.65], (groups, 1))
    category = divide(group, shares, np.random.default_rng(1).random(len(group)), 0.37)
    assert np.bincount(category) / len(group) == pytest.approx([0.3, 0.05, 0.65], abs=0.003)


def test_the_highest_scores_get_the_first_category() -> None:
    category = divide(np.zeros(4, dtype=int), np.array([[0.25, 0.5, 0.25]]), np.array([0.1, 0.9, 0.5, 0.3]), 0.0)
    assert category.tolist() == [2, 0, 1, 1]


def test_numbers_of_the_class_show_as_given_among_labelled_births() -> None:
    inside, outside = 0.8, 0.03
    share = np.array([0.06, 0.09])
    labelled = np.array([[0.13, 0.03], [1640.0, 1060.0]])
    found = of_classes(labelled, share, inside, outside)
    label = share * inside + (1 - share) * outside
    in_label = (share * inside * found[:, 0] + (1 - share) * outside * found[:, 1]) / label
    in_rest = (share * (1 - inside) * found[:, 0] + (1 - share) * (1 - outside) * found[:, 1]) / (1 - label)
    assert np.stack([in_label, in_rest], axis=1) == pytest.approx(labelled)
    # A label without errors leaves them as they are; nothing falls below zero.
    assert of_classes(labelled, share, 1.0, 0.0) == pytest.approx(labelled)
    assert of_classes(np.array([0.2, 0.0]), np.array(0.06), inside, outside)[1] == 0.0
