"""What cannot be weighted is refused in words that say which column and what to do."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from kansrijke_start.weighting.contract import Roles, WeightingError, cohort

from .simulated import ROLES, children, with_column

TABLE = children(60, 1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"exposure": "is_vulnerabel"}, r"no column is_vulnerabel\. Did you mean is_vulnerable\?"),
        ({"outcomes": ("zzz",)}, r"no column zzz\. It has child_id, mother_id, .* and 4 more"),
        ({"covariates": ()}, "at least one covariate"),
        ({"outcomes": ()}, "at least one outcome"),
        ({"covariates": ("gestation", "gestation")}, "gestation: named twice as covariate"),
        ({"outcomes": ("costs", "is_vulnerable")}, "is_vulnerable is the exposure and cannot be"),
        ({"covariates": ("gestation", "costs"), "categorical": ()}, "costs: a covariate cannot be an outcome too"),
        ({"categorical": ("mother_id",)}, "mother_id: named as categorical, but no covariate"),
        ({"key": ("mother_id",)}, r"key does not identify a row: \d+ rows too many, the first at mother_id = M0000000"),
        ({"exposure": "birth_weight", "covariates": ("gestation",), "categorical": ()}, "must be true or false, or 1"),
        ({"exposure": "gestation", "covariates": ("birth_weight",), "categorical": ()}, "it holds early, late, term"),
        ({"outcomes": ("mother_id",)}, r"outcome mother_id is string; it must be a number"),
    ],
)
def test_roles_that_do_not_fit(changed: dict[str, object], message: str) -> None:
    with pytest.raises(WeightingError, match=message):
        cohort(TABLE, dataclasses.replace(ROLES, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("is_vulnerable", [True] * 60, r"same exposure \(is_vulnerable = True\): there is nothing to compare"),
        ("is_induced", [False] * 60, r"covariate is_induced is constant \(False in every row\): leave it out"),
        ("birth_weight", [float("inf"), *np.arange(59.0)], "covariate birth_weight holds infinite"),
        ("costs", [float("-inf"), *np.arange(59.0)], "outcome costs holds infinite"),
        ("gestation", [None] * 3 + ["term", "late"] * 28 + ["term"], r"gestation \(3 of 60 rows\)\. Impute covariates"),
        ("is_vulnerable", [None] + [True, False] * 29 + [True], r"is_vulnerable \(1 of 60 rows\)"),
        ("costs", [float("nan"), *np.arange(59.0)], r"costs \(1 of 60 rows\)"),
        ("mother_id", [None] * 60, r"mother_id \(60 of 60 rows\)"),
        ("gestation", [[1]] * 60, r"covariate gestation is list<.*>; it must be a number, text"),
    ],
)
def test_values_that_do_not_fit(column: str, values: list[object], message: str) -> None:
    with pytest.raises(WeightingError, match=message):
        cohort(with_column(TABLE, column, values), ROLES)


def test_no_rows_at_all() -> None:
    with pytest.raises(WeightingError, match="no rows"):
        cohort(TABLE.slice(0, 0), ROLES)


def test_types_that_mean_the_same_give_the_same() -> None:
    exposed = TABLE["is_vulnerable"].to_pylist()
    years = TABLE["birth_year"].to_pylist()
    variants = [
        TABLE,
        with_column(TABLE, "is_vulnerable", [int(value) for value in exposed]),
        with_column(TABLE, "is_vulnerable", [float(value) for value in exposed]),
        with_column(TABLE, "birth_year", [Decimal(value) for value in years]),
        with_column(TABLE, "birth_year", [str(value) for value in years]),
        with_column(TABLE, "gestation", TABLE["gestation"].combine_chunks().dictionary_encode()),
    ]
    made = [cohort(table, ROLES) for table in variants]
    for other in made[1:]:
        assert np.array_equal(other.counts, made[0].counts)
        assert [column.label for column in other.columns] == [column.label for column in made[0].columns]


def test_a_category_that_does_not_occur_is_none() -> None:
    kinds = pa.DictionaryArray.from_arrays(pa.array([0, 2] * 30), pa.array(["a", "never", "b"]))
    rows = cohort(with_column(TABLE, "gestation", kinds), ROLES)
    assert rows.covariates[0].labels == ("a", "b")


def test_patterns_are_the_combinations_that_occur() -> None:
    rows = cohort(TABLE, ROLES)
    frame = rows.table.to_pandas()
    names = list(ROLES.covariates)
    expected = frame.groupby(names).size()
    assert len(rows.codes) == len(expected)
    assert rows.counts.sum(axis=1).tolist() == expected.tolist()
    for column in rows.columns:
        values = frame[column.covariate]
        if column.level is not None:
            values = values.map(lambda value: str(value).lower()) == column.level
        assert column.values[rows.pattern].tolist() == values.astype(float).tolist()


def test_many_covariates_do_not_overflow() -> None:
    random = np.random.default_rng(3)
    numbers = {f"c{place:02d}": random.permutation(200).astype(float) for place in range(20)}
    table = pa.table({"exposed": np.arange(200) % 2, "outcome": np.zeros(200), **numbers})
    rows = cohort(table, Roles("exposed", tuple(numbers), ("outcome",)))
    # Twenty covariates of 200 values have more combinations than a 64-bit number; each row is its own pattern.
    assert len(rows.codes) == 200
    for place, name in enumerate(numbers):
        assert rows.columns[place].values[rows.pattern].tolist() == rows.table[name].to_pylist()
