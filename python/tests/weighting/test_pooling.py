"""Pooling of imputed sets: Rubin's rules by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kansrijke_start.weighting.pooling import pool


def test_rubins_rules_by_hand() -> None:
    found = pool([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    # Within 1, between 1, so 1 + 4/3 in all, of which four sevenths by what is missing; 2 / (4/7) ** 2 degrees.
    assert found.value == 2
    assert found.standard_error == pytest.approx((7 / 3) ** 0.5)
    assert found.between_share == pytest.approx(4 / 7)
    assert found.degrees_of_freedom == pytest.approx(6.125)
    lower, upper = found.interval
    assert (lower + upper) / 2 == pytest.approx(2)
    # Student's 97.5th percentile with 6.125 degrees.
    assert (upper - 2) / found.standard_error == pytest.approx(2.4348, abs=5e-4)


def test_few_rows_have_fewer_degrees_of_freedom() -> None:
    found = pool([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], complete=20)
    observed = 21 / 23 * 20 * (3 / 7)
    assert found.degrees_of_freedom == pytest.approx(1 / (1 / 6.125 + 1 / observed))


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0, 4.0]])
def test_one_set_and_sets_that_agree_are_as_they_are(values: list[float]) -> None:
    found = pool(values, [0.5] * len(values))
    assert (found.value, found.standard_error, found.between_share) == (4, 0.5, 0)
    assert found.degrees_of_freedom == np.inf
    assert found.interval == pytest.approx((4 - 0.98, 4 + 0.98), abs=1e-4)


@pytest.mark.parametrize(("values", "errors"), [([], []), ([1.0], []), ([1.0], [1.0, 1.0])])
def test_what_does_not_fit_is_refused(values: list[float], errors: list[float]) -> None:
    with pytest.raises(ValueError, match="as many standard errors"):
        pool(values, errors)
