"""The macros of macros/weighting.sql give what the Python engine gives."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn

import duckdb
import jinja2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.weighting.balance import balance
from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Cohort, cohort
from kansrijke_start.weighting.estimates import estimate
from kansrijke_start.weighting.propensity import fit
from kansrijke_start.weighting.weights import Weights, effective_sample_size, percentile, unweighted, weights

from .simulated import ROLES, children


def stop(message: str) -> NoReturn:
    raise ValueError(message)


MACROS: Any = (
    jinja2.Environment(undefined=jinja2.StrictUndefined)
    .from_string(
        (PROJECT_ROOT / "macros" / "weighting.sql").read_text(encoding="utf-8"),
        globals={"exceptions": SimpleNamespace(raise_compiler_error=stop)},
    )
    .module
)

DATABASE = duckdb.connect(config={"threads": 1})
"""An empty database, for queries that need no table."""


def weighted_rows(connection: duckdb.DuckDBPyConnection, rows: Cohort, propensity: np.ndarray, cut: str) -> None:
    """Tables `weighted` (one row per child) and `raw` (the same with weights of 1) in the database."""
    table = rows.table.append_column("propensity", [propensity])
    connection.register("children", table)
    connection.execute(f"create or replace table weighted as {cut}")
    connection.execute("create or replace table raw as select * replace (cast(1 as double) as weight) from weighted")


def query(estimand: str, truncate: float | None) -> str:
    """Weights as a model would make them."""
    made = f"""
        with weights as (
            select
                *,
                {MACROS.propensity_weight("is_vulnerable", "propensity", "share_exposed", estimand)} as weight
            from (select *, avg(cast(is_vulnerable as double)) over () as share_exposed from children)
        )
    """
    if truncate is None:
        return f"{made} select *, false as is_truncated from weights"
    cap = MACROS.weight_cap("is_vulnerable", "weight", truncate, estimand)
    above = MACROS.is_above_cap("is_vulnerable", "weight", "cap", estimand)
    truncated = MACROS.truncated_weight("is_vulnerable", "weight", "cap", estimand)
    return f"""
        {made}, caps as (select {cap} as cap from weights)
        select weights.* replace ({truncated} as weight), {above} as is_truncated from weights cross join caps
    """


@pytest.mark.parametrize(
    ("estimand", "truncate"), [(Estimand.ate, None), (Estimand.ate, 0.9), (Estimand.att, 0.9), (Estimand.overlap, None)]
)
def test_sql_equals_python(estimand: Estimand, truncate: float | None) -> None:
    rows = cohort(children(400, 1), ROLES)
    propensity = fit(rows)
    made = weights(rows, propensity, estimand, truncate)
    with duckdb.connect() as connection:
        weighted_rows(connection, rows, propensity.probabilities[rows.pattern, 1], query(estimand.value, truncate))
        found = connection.sql("select weight, is_truncated from weighted order by child_id").fetchnumpy()
        assert found["weight"] == pytest.approx(made.values.ravel()[rows.cell], rel=1e-12)
        assert found["is_truncated"].tolist() == made.is_truncated.ravel()[rows.cell].tolist()
        for table, used in (("raw", unweighted(rows)), ("weighted", made)):
            check_means(connection, table, rows, used)
            check_sizes(connection, table, rows, used)
        check_balance(connection, rows, made, estimand)


def check_means(connection: duckdb.DuckDBPyConnection, table: str, rows: Cohort, used: Weights) -> None:
    for expected in estimate(rows, used):
        mean = MACROS.weighted_mean(f"cast({expected.outcome} as double)", "weight")
        means = connection.sql(f"select {mean} from {table} group by is_vulnerable order by is_vulnerable").fetchall()
        assert [row[0] for row in means] == pytest.approx([expected.mean_unexposed, expected.mean_exposed], rel=1e-12)


def check_sizes(connection: duckdb.DuckDBPyConnection, table: str, rows: Cohort, used: Weights) -> None:
    size = MACROS.effective_sample_size("weight")
    sizes = connection.sql(f"select {size} from {table} group by is_vulnerable order by is_vulnerable").fetchall()
    expected = effective_sample_size(used.values, rows.counts)
    assert [row[0] for row in sizes] == pytest.approx(expected.tolist(), rel=1e-12)


def check_balance(connection: duckdb.DuckDBPyConnection, rows: Cohort, made: Weights, estimand: Estimand) -> None:
    # A quantity, and of each covariate with categories the first.
    firsts = {column.covariate: column.level for column in reversed(rows.columns)}
    for expected in balance(rows, made, estimand):
        if expected.level != firsts[expected.covariate]:
            continue
        value = f"cast({expected.covariate} as double)"
        if expected.level is not None:
            value = f"case when cast({expected.covariate} as varchar) = '{expected.level}' then 1.0 else 0.0 end"
        mean, variance = MACROS.weighted_mean(value, "weight"), MACROS.weighted_variance(value, "weight")
        moments = {
            when: f"""
                select
                    *,
                    {"variance" if expected.level is None else MACROS.share_variance("mean")} as spread
                from (select is_vulnerable, {mean} as mean, {variance} as variance from {when} group by all)
            """
            for when in ("raw", "weighted")
        }
        difference = MACROS.standardised_difference(
            "exposed.mean", "unexposed.mean", "raw_exposed.spread", "raw_unexposed.spread", estimand.value
        )
        ratio = MACROS.variance_ratio("exposed.spread", "unexposed.spread")
        used = "weighted" if expected.is_weighted else "raw"
        found = connection.sql(
            f"""
            with moments as ({moments[used]}), raw_moments as ({moments["raw"]})
            select unexposed.mean, exposed.mean, {difference}, {ratio}
            from moments as exposed, moments as unexposed, raw_moments as raw_exposed, raw_moments as raw_unexposed
            where
                exposed.is_vulnerable and not unexposed.is_vulnerable
                and raw_exposed.is_vulnerable and not raw_unexposed.is_vulnerable
            """
        ).fetchall()
        numbers = (expected.mean_unexposed, expected.mean_exposed, expected.standardised_difference)
        assert found[0][:3] == pytest.approx(numbers, rel=1e-9, abs=1e-9)
        if expected.variance_ratio is not None:
            assert found[0][3] == pytest.approx(expected.variance_ratio, rel=1e-9)


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(
    values=st.lists(st.integers(0, 40), min_size=1, max_size=120),
    share=st.sampled_from([0.5, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999]),
)
def test_caps_are_the_same_row(values: list[int], share: float) -> None:
    cap = MACROS.weight_cap("false", "weight", share, "ate")
    query = f"select {cap} from (select cast(unnest(?) as double) as weight)"
    found = DATABASE.execute(query, [values]).fetchall()
    assert found[0][0] == percentile(np.array(values, dtype=float), np.ones(len(values)), share)


def test_means_without_a_known_value_and_units_without_variance_are_null() -> None:
    mean = MACROS.weighted_mean("value", "weight")
    variance = MACROS.weighted_variance("weight", "weight")
    nothing = MACROS.standardised_difference("1.0", "2.0", "0.0", "0.0", "ate")
    equal = MACROS.standardised_difference("2.0", "2.0", "0.0", "0.0", "att")
    ratio = MACROS.variance_ratio("1.0", "0.0")
    with duckdb.connect() as connection:
        found = connection.sql(
            f"""
            select {mean}, {variance}, {nothing}, {equal}, {ratio}
            from (select cast(null as double) as value, 2.0 as weight)
            """
        ).fetchall()
        assert found == [(None, None, None, 0.0, None)]
        known = connection.sql(f"select {mean} from (values (1.0, 1.0), (null, 8.0), (4.0, 3.0)) as t (value, weight)")
        assert known.fetchall() == [(3.25,)]


def test_another_estimand_is_refused() -> None:
    with pytest.raises(ValueError, match="estimand is 'atc': choose ate or att or overlap"):
        MACROS.propensity_weight("a", "b", "c", "atc")
