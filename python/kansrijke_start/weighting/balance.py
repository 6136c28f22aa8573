"""Balance: how alike the groups are in each covariate, before and after weighting.

Means differ in units of the standard deviation before weighting, so that weighting changes the difference and not the
unit: that of both groups together (root of the mean variance) or, where the unexposed are made alike the exposed, of
the exposed. A category has the variance p (1 - p) of a share; a quantity that of its rows, weighted (Austin & Stuart
2015: without weights the usual one with n - 1). The conventions are those of the R package cobalt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Column, Patterns
from kansrijke_start.weighting.weights import Weights, unweighted


@dataclass(frozen=True)
class Balance:
    """A covariate, or a category of it, before or after weighting.

    Attributes:
        covariate: name of the covariate.
        level: category; None for a quantity.
        is_weighted: whether weights were used.
        mean_unexposed: mean, or share with the category.
        mean_exposed: the same of the exposed.
        difference: exposed less unexposed.
        standardised_difference: in standard deviations before weighting; 0 where both groups have one same value.
        variance_ratio: exposed by unexposed, of a quantity; None for a category, whose variance follows from its mean.
    """

    covariate: str
    level: str | None
    is_weighted: bool
    mean_unexposed: float
    mean_exposed: float
    difference: float
    standardised_difference: float
    variance_ratio: float | None

    @property
    def size(self) -> float:
        """The standardised difference without its sign; infinite where it has no unit."""
        return float("inf") if np.isnan(self.standardised_difference) else abs(self.standardised_difference)

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.covariate if self.level is None else f"{self.covariate} = {self.level}"


def balance(patterns: Patterns, weights: Weights, estimand: Estimand) -> list[Balance]:
    """Each quantity and each category (the first of a covariate too), before and after weighting."""
    found = []
    ones = unweighted(patterns).values
    for column in patterns.columns:
        raw = _moments(column, patterns.counts, ones)
        unit = _unit(raw[1], estimand)
        for is_weighted in (False, True):
            means, variances = _moments(column, patterns.counts, weights.values) if is_weighted else raw
            difference = float(means[1] - means[0])
            ratio = None
            if column.level is None:
                ratio = float(variances[1] / variances[0]) if variances[0] > 0 else float("nan")
            found.append(
                Balance(
                    covariate=column.covariate,
                    level=column.level,
                    is_weighted=is_weighted,
                    mean_unexposed=float(means[0]),
                    mean_exposed=float(means[1]),
                    difference=difference,
                    standardised_difference=_in_units(difference, unit),
                    variance_ratio=ratio,
                )
            )
    return found


def largest(rows: list[Balance], *, is_weighted: bool) -> Balance:
    """The row with the largest absolute standardised difference."""
    return max((row for row in rows if row.is_weighted is is_weighted), key=lambda row: row.size)


def _moments(column: Column, counts: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and variance by group, shape (2,) each."""
    mass, squares = counts * values, (counts * values**2).sum(axis=0)
    total = mass.sum(axis=0)
    means = (mass * column.values[:, None]).sum(axis=0) / total
    if column.level is not None:
        return means, means * (1 - means)
    spread = (mass * (column.values[:, None] - means) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return means, spread * total / (total**2 - squares)


def _unit(variances: np.ndarray, estimand: Estimand) -> float:
    return float(np.sqrt(variances[1] if estimand is Estimand.att else variances.mean()))


def _in_units(difference: float, unit: float) -> float:
    if difference == 0:
        return 0.0
    return difference / unit if unit > 0 else float("nan")
