"""Balance: numbers that can be worked out by hand, in the conventions of cobalt."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kansrijke_start.weighting.balance import Balance, balance, largest
from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Roles, cohort
from kansrijke_start.weighting.propensity import fit
from kansrijke_start.weighting.weights import Weights, weights

from .simulated import ROLES, children

TABLE = pa.table(
    {
        "exposed": [0, 0, 0, 0, 1, 1, 1, 1],
        "age": [1.0, 2.0, 3.0, 4.0, 2.0, 4.0, 6.0, 8.0],
        "kind": ["a", "a", "a", "b", "a", "b", "b", "b"],
        "outcome": [0.0] * 8,
    }
)


def by_label(rows: list[Balance]) -> dict[tuple[str, bool], Balance]:
    return {(row.label, row.is_weighted): row for row in rows}


def test_numbers_by_hand() -> None:
    rows = cohort(TABLE, Roles("exposed", ("age", "kind"), ("outcome",)))
    # The youngest of each group counts twice: unexposed 1, 1, 2, 3, 4 and exposed 2, 2, 4, 6, 8.
    values = np.ones_like(rows.counts)
    age = rows.columns[0].values
    values[age == 1, 0] = values[age == 2, 1] = 2
    made = Weights(values, np.zeros_like(values), np.zeros(values.shape, dtype=bool))
    found = by_label(balance(rows, made, Estimand.ate))
    raw, weighted = found["age", False], found["age", True]
    assert (raw.mean_unexposed, raw.mean_exposed, raw.difference) == (2.5, 5, 2.5)
    # Variances 5/3 and 20/3: ratio 4, standard deviation of both the root of 25/6.
    assert raw.variance_ratio == pytest.approx(4)
    assert raw.standardised_difference == pytest.approx(2.5 / (25 / 6) ** 0.5)
    assert (weighted.mean_unexposed, weighted.mean_exposed) == pytest.approx((2.2, 4.4))
    assert weighted.standardised_difference == pytest.approx(2.2 / (25 / 6) ** 0.5)
    assert weighted.variance_ratio == pytest.approx(4)
    kind = found["kind = b", False]
    assert (kind.mean_unexposed, kind.mean_exposed, kind.variance_ratio) == (0.25, 0.75, None)
    assert kind.standardised_difference == pytest.approx(0.5 / (0.25 * 0.75) ** 0.5)
    # The first category is shown too: it is the mirror of the other.
    assert found["kind = a", False].standardised_difference == pytest.approx(-kind.standardised_difference)
    assert found["kind = b", True].mean_unexposed == pytest.approx(0.2)


def test_the_unit_is_that_of_the_exposed_for_the_att() -> None:
    rows = cohort(TABLE, Roles("exposed", ("age", "kind"), ("outcome",)))
    values = np.ones_like(rows.counts)
    made = Weights(values, values * 0, values < 0)
    found = by_label(balance(rows, made, Estimand.att))
    assert found["age", True].standardised_difference == pytest.approx(2.5 / (20 / 3) ** 0.5)
    assert largest(list(found.values()), is_weighted=True).label in {"kind = a", "kind = b"}


@pytest.mark.parametrize("estimand", list(Estimand))
def test_weighting_makes_groups_alike(estimand: Estimand) -> None:
    rows = cohort(children(4000, 1), ROLES)
    found = balance(rows, weights(rows, fit(rows), estimand), estimand)
    assert largest(found, is_weighted=False).size > 0.2
    assert largest(found, is_weighted=True).size < 0.02
    ratios = [row.variance_ratio for row in found if row.is_weighted and row.variance_ratio is not None]
    assert ratios == pytest.approx([1], abs=0.1)
