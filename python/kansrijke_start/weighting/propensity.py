"""Propensity: the probability of being exposed given the covariates, by a regression without penalty.

Maximum likelihood by Newton's method on the counts of exposed and unexposed rows by pattern of covariates, which has
the likelihood of all rows. A penalty would leave a difference between the groups that weighting is to take away, so
where the estimate does not exist (separation) the run stops and says which covariates are to blame. statsmodels
estimates the same and is what the tests compare with; here it would be a dependency for these few lines.

Sources: McCullagh & Nelder 1989 (the regressions), Albert & Anderson 1984 (when the estimate exists), Konis 2007
(separation by a linear program).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit, log_expit, log_ndtr, ndtr
from threadpoolctl import threadpool_limits

from kansrijke_start.weighting.choices import Link
from kansrijke_start.weighting.contract import Column, Patterns, WeightingError, listed

MOST_STEPS = 50
"""Most steps of Newton's method; an estimate that exists is there in less than ten, nearly always."""

FLAT = 1e-9
"""Gain in log likelihood to be had from a further step at which the estimate is found. A category of one row that
tells the groups apart still gains more while its probability is not yet suspect, however many rows there are."""

DETERMINED = 1e-9
"""Share of a column's variance that the columns before it leave: below this it is determined by them."""

SUSPECT = 1e-6
"""A probability nearer to 0 or 1 than this has separation looked for."""


@dataclass(frozen=True)
class Propensity:
    """A fitted regression of the exposure on the covariates.

    Attributes:
        link: logistic or normal.
        columns: the columns after the constant; of each category all but the first.
        design: constant and columns, standardised, by pattern: shape (g, p).
        coefficients: of the design, shape (p,).
        probabilities: of being unexposed and exposed, by pattern, shape (g, 2), above 0.
        slopes: derivative of the probability to the linear predictor, shape (g,).
        scores: derivative of the log likelihood of a row to the linear predictor, by pattern and group (unexposed,
            exposed): shape (g, 2).
        information: minus the second derivatives of the log likelihood, as observed: shape (p, p).
        log_likelihood: of all rows.
        steps: of Newton's method.
    """

    link: Link
    columns: tuple[Column, ...]
    design: np.ndarray
    coefficients: np.ndarray
    probabilities: np.ndarray
    slopes: np.ndarray
    scores: np.ndarray
    information: np.ndarray
    log_likelihood: float
    steps: int


def fit(patterns: Patterns, link: Link = Link.logit) -> Propensity:
    """Estimate the propensity of each pattern.

    Args:
        patterns: checked rows, or their patterns alone.
        link: `logit`, or `probit` to compare with results that were made with it.

    Raises:
        WeightingError: a column is determined by others, a combination of covariates tells the groups apart without
            exception (separation), or the estimate is not found.
    """
    # One thread: then sums are made in the same order on every machine.
    with threadpool_limits(limits=1):
        return _fit(patterns, link)


def _fit(patterns: Patterns, link: Link) -> Propensity:
    first = {covariate.name: covariate.labels[0] for covariate in patterns.covariates if covariate.is_categorical}
    columns = tuple(
        column for column in patterns.columns if column.level is None or first[column.covariate] != column.level
    )
    counts = patterns.counts
    rows = counts.sum(axis=1)
    values = np.column_stack([column.values for column in columns])
    means = rows @ values / rows.sum()
    deviations = np.sqrt(rows @ (values - means) ** 2 / rows.sum())
    design = np.column_stack([np.ones(len(values)), (values - means) / deviations])
    _check_determined(design, rows, columns)
    coefficients = np.zeros(design.shape[1])
    current = _parts(link, design @ coefficients, counts)
    for taken in range(1, MOST_STEPS + 1):
        slope = design.T @ (counts * current.scores).sum(axis=1)
        information = (design.T * current.curvature) @ design
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        gain = float(slope @ step) / 2
        found = 0 <= gain <= FLAT
        size = 1.0
        # Both likelihoods are concave: a step that goes down is too long, and half of it often enough goes up.
        while size > 1e-6:
            tried = _parts(link, design @ (coefficients + size * step), counts)
            if tried.log_likelihood >= current.log_likelihood - 1e-12 * abs(current.log_likelihood):
                break
            size /= 2
        coefficients, current = coefficients + size * step, tried
        if found:
            _check_separation(design, counts, columns, current.probabilities)
            return Propensity(
                link,
                columns,
                design,
                coefficients,
                current.probabilities,
                current.slopes,
                current.scores,
                (design.T * current.curvature) @ design,
                current.log_likelihood,
                taken,
            )
    _check_separation(design, counts, columns, None)
    raise WeightingError(
        f"The propensity was not found in {MOST_STEPS} steps, though no covariate tells the groups apart: "
        "look for covariates that nearly follow from each other, or for outliers."
    )


@dataclass(frozen=True)
class _Parts:
    """What the likelihood is made of at some coefficients; shapes as in `Propensity`, curvature (g,)."""

    probabilities: np.ndarray
    slopes: np.ndarray
    scores: np.ndarray
    curvature: np.ndarray
    log_likelihood: float


def _parts(link: Link, predictor: np.ndarray, counts: np.ndarray) -> _Parts:
    """Probabilities, scores and curvature (observed, summed over the rows of a pattern) of linear predictors (g,)."""
    if link is Link.logit:
        probabilities = expit(np.column_stack([-predictor, predictor]))
        slopes = probabilities[:, 0] * probabilities[:, 1]
        scores = probabilities[:, ::-1] * np.array([-1.0, 1.0])
        curvature = counts.sum(axis=1) * slopes
        logs = np.column_stack([log_expit(-predictor), log_expit(predictor)])
    else:
        probabilities = ndtr(np.column_stack([-predictor, predictor]))
        logs = np.column_stack([log_ndtr(-predictor), log_ndtr(predictor)])
        log_density = -(predictor**2) / 2 - np.log(2 * np.pi) / 2
        slopes = np.exp(log_density)
        mills = np.exp(log_density[:, None] - logs)
        scores = mills * np.array([-1.0, 1.0])
        curvature = (counts * mills * (mills + np.column_stack([-predictor, predictor]))).sum(axis=1)
    return _Parts(probabilities, slopes, scores, curvature, float((counts * logs).sum()))


def _check_determined(design: np.ndarray, rows: np.ndarray, columns: tuple[Column, ...]) -> None:
    """Every column says something that those before it do not (Cholesky decomposition of their correlations)."""
    square = (design.T * (rows / rows.sum())) @ design
    factor = np.zeros_like(square)
    for place in range(len(square)):
        left = square[place, place] - factor[place, :place] @ factor[place, :place]
        if left < DETERMINED:
            raise WeightingError(
                f"The covariates determine {columns[place - 1].label} (the columns before it leave nothing of it): "
                "leave out one of the covariates that say the same."
            )
        factor[place, place] = np.sqrt(left)
        below = square[place + 1 :, place] - factor[place + 1 :, :place] @ factor[place, :place]
        factor[place + 1 :, place] = below / factor[place, place]


def _check_separation(
    design: np.ndarray, counts: np.ndarray, columns: tuple[Column, ...], probabilities: np.ndarray | None
) -> None:
    """Stop where some direction of the covariates tells exposed from unexposed rows without exception.

    Args:
        design: shape (g, p).
        counts: shape (g, 2).
        columns: of the design, without the constant.
        probabilities: as fitted, to pass over the search when none is extreme; None always searches.

    Raises:
        WeightingError: naming the columns that do so.
    """
    if probabilities is not None and probabilities.min() > SUSPECT:
        return
    for place, column in enumerate(columns, start=1):
        if column.level is not None:
            inside = counts[design[:, place] > 0].sum(axis=0)
            if inside.min() == 0:
                group = "unexposed" if inside[0] else "exposed"
                raise WeightingError(
                    f"All {int(inside.max())} rows with {column.label} are {group}, so that no weight can make the "
                    "groups alike: take this category together with another, or leave out these rows."
                )
    both, exposed = counts.min(axis=1) > 0, counts[:, 1] > 0
    signs = np.where(exposed, 1.0, -1.0)[~both, None]
    one_sided = signs * design[~both]
    if len(one_sided) == 0:
        return
    found = linprog(
        -one_sided.sum(axis=0),
        A_ub=-one_sided,
        b_ub=np.zeros(len(one_sided)),
        A_eq=design[both] if both.any() else None,
        b_eq=np.zeros(int(both.sum())) if both.any() else None,
        bounds=(-1, 1),
        method="highs",
    )
    if found.status == 0 and -found.fun > 1e-7:
        blamed = [column.label for column, part in zip(columns, found.x[1:], strict=True) if abs(part) > 1e-7]
        raise WeightingError(
            f"The covariates tell the groups apart without exception for some rows (separation, in {listed(blamed)}), "
            "so that no weight can make the groups alike: take categories together or leave out these rows."
        )
