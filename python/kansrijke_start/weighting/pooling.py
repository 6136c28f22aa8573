"""One result from several imputed data sets (Rubin 1987, degrees of freedom of Barnard & Rubin 1999).

Each set is weighted and estimated by itself, then the results are pooled ("within"; Leyrat et al. 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from kansrijke_start.weighting.estimates import INTERVAL


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate.

    Attributes:
        value: mean over the imputed sets.
        standard_error: root of the variance within sets and (1 + 1/m) times that between them.
        degrees_of_freedom: of the interval; infinite (normal) when the sets agree or there is one.
        between_share: share of the variance that is due to missing values: 0 for one set.
    """

    value: float
    standard_error: float
    degrees_of_freedom: float
    between_share: float

    @property
    def interval(self) -> tuple[float, float]:
        """Interval by Student's distribution."""
        reach = float(student.ppf((1 + INTERVAL) / 2, self.degrees_of_freedom)) * self.standard_error
        return self.value - reach, self.value + reach


def pool(values: Sequence[float], standard_errors: Sequence[float], complete: float = np.inf) -> Pooled:
    """Pool the estimates of m imputed sets.

    Args:
        values: estimate of each set, shape (m,), m at least 1.
        standard_errors: theirs, shape (m,).
        complete: degrees of freedom if nothing were missing; infinite for many rows.

    Raises:
        ValueError: when there is no set, or not as many standard errors.
    """
    estimates, errors = np.asarray(values, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    sets = len(estimates)
    if sets == 0 or len(errors) != sets:
        raise ValueError("as many standard errors as estimates are needed, of one imputed set at least")
    within = float(np.mean(errors**2))
    between = float(np.var(estimates, ddof=1)) * (1 + 1 / sets) if sets > 1 else 0.0
    total = within + between
    share = between / total if total > 0 else 0.0
    degrees = (sets - 1) / share**2 if share > 0 else np.inf
    if np.isfinite(complete):
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        degrees = 1 / (1 / degrees + 1 / observed) if observed > 0 else 0.0
    return Pooled(float(estimates.mean()), float(np.sqrt(total)), float(degrees), share)
