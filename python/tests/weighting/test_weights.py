"""Weights: their formulas, their truncation, and what rows are worth."""

from __future__ import annotations

import numpy as np
import pytest

from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import WeightingError, cohort
from kansrijke_start.weighting.propensity import fit
from kansrijke_start.weighting.weights import effective_sample_size, percentile, unweighted, weights

from .simulated import ROLES, children


def test_weights_are_those_of_the_table() -> None:
    rows = cohort(children(600, 1), ROLES)
    propensity = fit(rows)
    e, p = propensity.probabilities[:, 1], rows.exposed.mean()
    expected = {
        Estimand.ate: ((1 - p) / (1 - e), p / e),
        Estimand.att: (e / (1 - e) * (1 - p) / p, np.ones_like(e)),
        Estimand.overlap: (e, 1 - e),
    }
    for estimand, (unexposed, exposed) in expected.items():
        found = weights(rows, propensity, estimand)
        assert found.values == pytest.approx(np.column_stack([unexposed, exposed]))
        assert not found.is_truncated.any() and found.cap is None
    # Stabilised weights of the ATE and the ATT are about 1 on average.
    for estimand in (Estimand.ate, Estimand.att):
        values = weights(rows, propensity, estimand).values
        means = (rows.counts * values).sum(axis=0) / rows.counts.sum(axis=0)
        assert means == pytest.approx([1, 1], abs=0.05)


@pytest.mark.parametrize("estimand", list(Estimand))
def test_truncation_keeps_the_share_and_caps_the_rest(estimand: Estimand) -> None:
    rows = cohort(children(600, 1), ROLES)
    propensity = fit(rows)
    whole, cut = weights(rows, propensity, estimand), weights(rows, propensity, estimand, 0.9)
    groups = [0] if estimand is Estimand.att else [0, 1]
    share = (rows.counts * cut.is_truncated)[:, groups].sum() / rows.counts[:, groups].sum()
    assert 0 < share <= 0.1
    assert cut.cap is not None and cut.values[cut.is_truncated] == pytest.approx(cut.cap)
    assert np.array_equal(cut.values[~cut.is_truncated], whole.values[~cut.is_truncated])
    assert (whole.values[cut.is_truncated] > cut.cap).all()
    if estimand is Estimand.att:
        assert (cut.values[:, 1] == 1).all()


@pytest.mark.parametrize("share", [0.5, 1.0, 99.0, -0.1])
def test_truncation_at_no_share_is_refused(share: float) -> None:
    rows = cohort(children(300, 1), ROLES)
    with pytest.raises(WeightingError, match=r"not at "):
        weights(rows, fit(rows), Estimand.ate, share)


def test_percentile_counts_rows() -> None:
    values, counts = np.array([3.0, 1.0, 2.0]), np.array([1.0, 5.0, 4.0])
    assert [percentile(values, counts, share) for share in (0, 0.5, 0.51, 0.9, 0.91, 1)] == [1, 1, 2, 2, 3, 3]


def test_effective_sample_size() -> None:
    counts = np.array([[4.0, 2.0], [0.0, 2.0]])
    # Equal weights are worth their number; (2 + 6) ** 2 / (2 + 18) for two rows of 1 and two of 3.
    assert effective_sample_size(np.array([[2.0, 1.0], [9.0, 3.0]]), counts) == pytest.approx([4, 64 / 20])
    rows = cohort(children(300, 1), ROLES)
    assert effective_sample_size(unweighted(rows).values, rows.counts) == pytest.approx(rows.counts.sum(axis=0))
