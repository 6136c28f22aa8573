"""Weighted means and their difference, with standard errors that respect estimated weights and clusters.

The propensity and the means solve equations together (M-estimation): a row has a part in the means by its outcome and
a part by what it did to the propensity. The variance is the sum of squares of these parts, of rows or, where rows
belong together, of their sums by cluster. No correction for few clusters is made: there are as many as mothers.
The level of truncation counts as given.

Sources: Stefanski & Boos 2002 (M-estimation), Lunceford & Davidian 2004 (weighted means with an estimated
propensity), Liang & Zeger 1986 (clusters), Hajek 1971 (means by the sum of weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from kansrijke_start.weighting.contract import Cohort, WeightingError
from kansrijke_start.weighting.propensity import Propensity
from kansrijke_start.weighting.weights import Weights

INTERVAL = 0.95
"""Probability of the intervals."""


@dataclass(frozen=True)
class Estimate:
    """A mean of each group and the difference, exposed less unexposed, in the unit of the outcome.

    Attributes:
        outcome: name of the outcome.
        rows_unexposed: rows of which the outcome is known.
        rows_exposed: the same of the exposed.
        mean_unexposed: weighted mean.
        mean_exposed: weighted mean.
        difference: exposed less unexposed.
        mean_unexposed_se: standard error.
        mean_exposed_se: standard error.
        difference_se: standard error.
    """

    outcome: str
    rows_unexposed: int
    rows_exposed: int
    mean_unexposed: float
    mean_exposed: float
    difference: float
    mean_unexposed_se: float
    mean_exposed_se: float
    difference_se: float

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of the difference, by the normal distribution."""
        reach = float(norm.ppf((1 + INTERVAL) / 2)) * self.difference_se
        return self.difference - reach, self.difference + reach


def estimate(cohort: Cohort, weights: Weights, propensity: Propensity | None = None) -> list[Estimate]:
    """Means and differences of every outcome.

    Args:
        cohort: the rows.
        weights: by pattern and group.
        propensity: from which the weights were made; None when they were given, as weights of 1 are.

    Returns:
        One estimate an outcome, in the order of the roles.

    Raises:
        WeightingError: when an outcome is unknown for a whole group.
    """
    with threadpool_limits(limits=1):
        return [_estimate(cohort, weights, propensity, name) for name in cohort.roles.outcomes]


def _estimate(cohort: Cohort, weights: Weights, propensity: Propensity | None, name: str) -> Estimate:
    """All that an outcome needs, by cell: a row's part is then a line in its outcome, with its cell's coefficients."""
    outcome = cohort.outcome(name)
    known = ~np.isnan(outcome)
    everyone = bool(known.all())
    filled = outcome if everyone else np.where(known, outcome, 0.0)
    shape = weights.values.shape
    size = shape[0] * 2
    rows = cohort.counts
    if not everyone:
        rows = np.bincount(cohort.cell[known], minlength=size).reshape(shape).astype(np.float64)
    if rows.sum(axis=0).min() == 0:
        raise WeightingError(f"The outcome {name} is unknown for all rows of a group: leave it out.")
    sums = np.bincount(cohort.cell, weights=filled, minlength=size).reshape(shape)
    total = (rows * weights.values).sum(axis=0)
    means = (weights.values * sums).sum(axis=0) / total
    slope = weights.values / total
    parts = []
    for group in (0, 1):
        own = np.zeros(shape)
        own[:, group] = slope[:, group]
        shift = np.zeros(shape)
        if propensity is not None:
            moved = weights.slopes[:, group] * (sums[:, group] - means[group] * rows[:, group]) / total[group]
            gradient = np.linalg.solve(propensity.information, propensity.design.T @ moved)
            shift = (propensity.design @ gradient)[:, None] * propensity.scores
        residual = np.where(known, filled - means[group], 0.0)
        parts.append(own.ravel()[cohort.cell] * residual + shift.ravel()[cohort.cell])
    unexposed, exposed = parts
    return Estimate(
        outcome=name,
        rows_unexposed=int(rows[:, 0].sum()),
        rows_exposed=int(rows[:, 1].sum()),
        mean_unexposed=float(means[0]),
        mean_exposed=float(means[1]),
        difference=float(means[1] - means[0]),
        mean_unexposed_se=_standard_error(unexposed, cohort.cluster),
        mean_exposed_se=_standard_error(exposed, cohort.cluster),
        difference_se=_standard_error(exposed - unexposed, cohort.cluster),
    )


def _standard_error(parts: np.ndarray, cluster: np.ndarray | None) -> float:
    if cluster is not None:
        parts = np.bincount(cluster, weights=parts)
    return float(np.sqrt(np.sum(parts**2)))
