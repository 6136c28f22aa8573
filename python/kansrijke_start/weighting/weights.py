"""Weights that make the groups alike, their truncation, and how many rows they are worth.

With e the propensity and p the share that is exposed:

| estimand | weight of the exposed | of the unexposed | compares |
|---|---|---|---|
| ate | p / e | (1 - p) / (1 - e) | both groups, made alike all rows (Robins, Hernan & Brumback 2000) |
| att | 1 | e / (1 - e) * (1 - p) / p | the unexposed, made alike the exposed (Hirano & Imbens 2001) |
| overlap | 1 - e | e | both groups, made alike rows that could be in either (Li, Morgan & Zaslavsky 2018) |

The factors with p stabilise: weights are about 1 on average. They are the same for all rows of a group, so weighted
means do not depend on them; the level at which weights are truncated does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Patterns, WeightingError
from kansrijke_start.weighting.propensity import Propensity


@dataclass(frozen=True)
class Weights:
    """Weights of the rows of a pattern in a group; columns are unexposed, exposed.

    Attributes:
        values: shape (g, 2), above 0; after truncation.
        slopes: their derivative to the linear predictor, shape (g, 2); 0 where truncated, for the cap counts as given.
        is_truncated: shape (g, 2).
        cap: largest weight; None when nothing is truncated.
    """

    values: np.ndarray
    slopes: np.ndarray
    is_truncated: np.ndarray
    cap: float | None = None


def unweighted(patterns: Patterns) -> Weights:
    """Weights of 1: what they give is raw."""
    ones = np.ones_like(patterns.counts)
    return Weights(ones, np.zeros_like(ones), np.zeros(ones.shape, dtype=bool))


def weights(
    patterns: Patterns, propensity: Propensity, estimand: Estimand = Estimand.ate, truncate: float | None = None
) -> Weights:
    """Weights from the propensity.

    Args:
        patterns: the rows, or their patterns alone.
        propensity: fitted on them.
        estimand: whom the groups are made alike.
        truncate: share of the weights that stays as it is, above 0.5 and below 1, such as 0.99: larger ones become the
            largest of these. Taken over both groups; over the unexposed for `att`, where the others all have 1.

    Raises:
        WeightingError: when `truncate` is no such share.
    """
    unexposed, exposed = propensity.probabilities.T
    share = patterns.share_exposed
    if estimand is Estimand.ate:
        values = np.column_stack([(1 - share) / unexposed, share / exposed])
        slopes = np.column_stack([(1 - share) / unexposed**2, -share / exposed**2])
    elif estimand is Estimand.att:
        odds = (1 - share) / share
        values = np.column_stack([odds * exposed / unexposed, np.ones_like(exposed)])
        slopes = np.column_stack([odds / unexposed**2, np.zeros_like(exposed)])
    else:
        values = np.column_stack([exposed, unexposed])
        slopes = np.column_stack([np.ones_like(exposed), -np.ones_like(exposed)])
    slopes = slopes * propensity.slopes[:, None]
    if truncate is None:
        return Weights(values, slopes, np.zeros(values.shape, dtype=bool))
    if not 0.5 < truncate < 1:
        raise WeightingError(
            f"Weights are truncated at a share above 0.5 and below 1, such as 0.99, not at {truncate}."
        )
    groups = slice(0, 1) if estimand is Estimand.att else slice(0, 2)
    cap = percentile(values[:, groups], patterns.counts[:, groups], truncate)
    above = values > cap
    above[:, 1] &= estimand is not Estimand.att
    return Weights(np.where(above, cap, values), np.where(above, 0.0, slopes), above, cap)


def percentile(values: np.ndarray, counts: np.ndarray, share: float) -> float:
    """The smallest value that at least this share of the rows does not exceed, as SQL's `percentile_disc`.

    Args:
        values: of cells, any shape.
        counts: rows by cell, same shape.
        share: from 0 to 1.
    """
    order = np.argsort(values, axis=None, kind="stable")
    rows = np.cumsum(counts.ravel()[order])
    place = max(1, rows[-1] - math.floor(rows[-1] - share * rows[-1]))
    return float(values.ravel()[order][np.searchsorted(rows, place)])


def effective_sample_size(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Rows without weights whose mean is as precise, by group (Kish 1965): square of the sum by the sum of squares.

    Args:
        values: weights by pattern and group, shape (g, 2).
        counts: rows, same shape.

    Returns:
        Unexposed and exposed, shape (2,).
    """
    return (counts * values).sum(axis=0) ** 2 / (counts * values**2).sum(axis=0)
