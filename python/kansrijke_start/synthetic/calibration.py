"""Fit a joint distribution to known margins, and turn expected counts into whole numbers of people.

Iterative proportional fitting (Deming and Stephan, Annals of Mathematical Statistics 1940): the table is scaled to each
margin in turn until all hold. It changes the odds ratios of the seed table as little as possible (Kullback-Leibler).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: Step between the offsets of successive roundings: they never coincide.
_GOLDEN = 0.6180339887498949


class CalibrationError(KansrijkeStartError):
    """The margins contradict each other; the message names the margin that is missed most."""


@dataclass(frozen=True)
class Margin:
    """One margin: every cell of the table belongs to a group, and the groups have known totals.

    Attributes:
        name: what the margin is, for messages.
        group: group of each cell, int, shape (cells,), values 0..k-1.
        target: total of each group, shape (k,); NaN leaves a group free.
    """

    name: str
    group: NDArray[np.integer]
    target: Float


def fit(seed: Float, margins: Sequence[Margin], *, tolerance: float = 1e-9, rounds: int = 20_000) -> Float:
    """Scale a positive table to margins.

    Args:
        seed: non-negative cells, shape (cells,).
        margins: the margins; shares of one whole.
        tolerance: largest difference from a target at which the fit is good.
        rounds: passes over all margins before giving up.

    Returns:
        The fitted cells, shape (cells,).

    Raises:
        CalibrationError: the margins cannot be met together.
    """
    table = np.asarray(seed, dtype=np.float64).copy()
    worst, name = np.inf, ""
    for _ in range(rounds):
        worst = 0.0
        for margin in margins:
            total = np.bincount(margin.group, weights=table, minlength=len(margin.target))
            known = ~np.isnan(margin.target)
            difference = float(np.max(np.abs(total - margin.target)[known], initial=0.0))
            if difference > worst:
                worst, name = difference, margin.name
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = np.where(known & (total > 0), margin.target / total, 1.0)
            table *= factor[margin.group]
        if worst < tolerance:
            return table
    raise CalibrationError(
        f"The margins of the twin cannot be met together: '{name}' is still {worst:.2e} off after {rounds} rounds. "
        "Change the parameters that contradict each other."
    )


def controlled_counts(expected: Float, offset: float) -> Int:
    """Whole numbers whose running total stays within one of the running total of the expected counts.

    Args:
        expected: expected counts, shape (k,).
        offset: uniform number in [0, 1); over uniform offsets each count has exactly its expectation.
    """
    running = np.concatenate([[0.0], np.cumsum(np.asarray(expected, dtype=np.float64))])
    # 1e-9: a running total of 3.9999999999 is 4.
    return np.diff(np.floor(running + offset + 1e-9)).astype(np.int64)


def ranks_within(group: NDArray[np.integer], score: Float, groups: int) -> tuple[Int, Int]:
    """Rank (0 = highest score) of each element within its group, and the sizes of the groups.

    Ties keep the order of the array, so the result is a function of the data alone.
    """
    order = np.lexsort((-score, group))
    sizes = np.bincount(group, minlength=groups)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - starts[group[order]]
    return rank, sizes


def select_highest(group: NDArray[np.integer], probability: Float, score: Float, offset: float) -> Bool:
    """Select, in each group, the elements with the highest scores, as many as the probability says.

    Args:
        group: group of each element, shape (n,), values 0..k-1.
        probability: share to select in each group, shape (k,).
        score: the propensity of each element, shape (n,); infinite scores force an element in or out.
        offset: uniform number in [0, 1) for the rounding.

    Returns:
        Selected elements, shape (n,). The number selected in any run of groups is within one of its expectation,
        except where more elements are forced than were expected.
    """
    rank, sizes = ranks_within(group, score, len(probability))
    wanted = controlled_counts(sizes * probability, offset)
    chosen = rank < wanted[group]
    chosen[np.isposinf(score)] = True
    chosen[np.isneginf(score)] = False
    return chosen


def divide(group: NDArray[np.integer], probabilities: Float, score: Float, offset: float) -> Int:
    """Divide the elements of each group over ordered categories: the highest scores get the first category.

    Args:
        group: group of each element, shape (n,), values 0..k-1.
        probabilities: distribution over the categories in each group, shape (k, categories).
        score: propensity of each element, shape (n,).
        offset: uniform number in [0, 1) for the rounding.

    Returns:
        Category of each element, shape (n,). The counts add up to the sizes of the groups; each category's count in
        any run of groups is within rounding of its expectation, given the categories before it.
    """
    rank, left = ranks_within(group, score, len(probabilities))
    category = np.zeros(len(group), dtype=np.int64)
    limit = np.zeros(len(probabilities), dtype=np.int64)
    for position in range(probabilities.shape[1] - 1):
        # Of those left, the share of this category among the categories left; so limits never cross.
        rest = probabilities[:, position:].sum(axis=1)
        share = np.divide(probabilities[:, position], rest, out=np.zeros(len(rest)), where=rest > 0)
        count = controlled_counts(np.asarray(left * share, dtype=np.float64), (offset + position * _GOLDEN) % 1.0)
        limit += count
        left = left - count
        category += rank >= limit[group]
    return category


def of_classes(labelled: Float, share: Float, inside: float, outside: float) -> Float:
    """Shares or means of a class and of the others that show as given among labelled and other births.

    A label that finds the class with errors draws both numbers together; this undoes it, as long as nothing but the
    class decides on the label.

    Args:
        labelled: numbers of labelled and of other births, shape (..., 2).
        share: share of the births in the class, shape (...).
        inside: share with the label in the class.
        outside: share with the label outside it; below `inside`.

    Returns:
        Numbers of the class and of the others, shape (..., 2), never below zero.
    """
    in_class = np.asarray(share, dtype=np.float64)
    label = in_class * inside + (1 - in_class) * outside
    of_label = in_class * inside / label
    of_rest = in_class * (1 - inside) / (1 - label)
    values = np.asarray(labelled, dtype=np.float64)
    gap = (values[..., 0] - values[..., 1]) / (of_label - of_rest)
    others = values[..., 1] - of_rest * gap
    result: Float = np.maximum(np.stack([others + gap, others], axis=-1), 0.0)
    return result
