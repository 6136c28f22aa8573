"""What the dbt Python models of the weighting do: imputation, propensity and estimates from tables."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.weighting.contract import Roles
from kansrijke_start.weighting.entry import Settings, weight_table
from kansrijke_start.weighting.steps import (
    BIRTH_OUTCOMES,
    CARE_TYPES,
    PREDICTORS,
    estimates_table,
    impute_outcomes,
    propensity_table,
)

KNOWN = ("preterm_birth", "epidural")
"""Birth outcomes that occur in the births below; the others occur in none."""


@pytest.mark.parametrize(
    ("macro", "names"), [("birth_outcomes", BIRTH_OUTCOMES), ("care_types_of_children", CARE_TYPES)]
)
def test_names_are_those_of_the_macros(macro: str, names: tuple[str, ...]) -> None:
    text = (PROJECT_ROOT / "macros" / "kennisnotitie.sql").read_text(encoding="utf-8")
    listed = re.search(rf"macro {macro}\(\).*?return\((\[.*?\])\)", text, re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"'(\w+)'", listed[1])) == names


def births(n: int, seed: int) -> pa.Table:
    """Births with two outcomes that the vulnerable have more often, sorted as the lineage numbers them."""
    random = np.random.default_rng(seed)
    exposed = np.sort(random.random(n) < 0.25)
    mother = np.where(np.arange(n) % 3 == 0, np.arange(n) // 2, np.arange(n))
    outcomes = {name: np.full(n, 2, dtype=np.int16) for name in BIRTH_OUTCOMES}
    for name in KNOWN:
        outcomes[name] = np.where(random.random(n) < np.where(exposed, 0.5, 0.2), 1, 2).astype(np.int16)
    return pa.table(
        {
            "birth_id": [f"R{row:05d}" for row in random.permutation(n)],
            "birth_year": random.integers(2017, 2019, n),
            "is_multiply_vulnerable": exposed,
            "birth_number": np.arange(n, dtype=np.int32),
            "mother_number": np.unique(mother, return_inverse=True)[1].astype(np.int32),
            "exposure": np.where(exposed, 1, 2),
            **{name: random.integers(1, 6, n) for name in PREDICTORS[1:]},
            **outcomes,
        }
    )


def test_imputed_outcomes_know_the_exposure_and_no_order() -> None:
    table = births(3000, 1)
    gone = np.random.default_rng(2).random(3000) < 0.3
    outcome = pa.array(np.where(table["exposure"].to_numpy() == 1, 1, 2).astype(np.int16), mask=gone)
    table = table.set_column(table.column_names.index("epidural"), "epidural", outcome)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(3000)))
    with duckdb.connect(config={"threads": 1}) as connection:
        found = [
            impute_outcomes(connection.from_arrow(one), count=2, cycles=2, donors=500, seed=1)
            for one in (table, shuffled)
        ]
    assert found[0].equals(found[1])
    assert set(found[0]["outcome"].to_pylist()) == {"epidural"}
    assert found[0].num_rows == 2 * gone.sum()
    exposure = dict(zip(table["birth_id"].to_pylist(), table["exposure"].to_pylist(), strict=True))
    same = [exposure[row["birth_id"]] == row["value"] for row in found[0].to_pylist()]
    # The outcome follows the exposure, and so do nearly all drawn values: the penalty allows for chance.
    assert np.mean(same) > 0.9


def tables(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """The tables of the lineage for complete births: patterns, covariates, sums and children by life year."""
    random = np.random.default_rng(9)
    n = len(table)
    connection.register("births", table)
    bits = "+".join(f"(case when {name} = 1 then {1 << place} else 0 end)" for place, name in enumerate(BIRTH_OUTCOMES))
    flags = ", ".join(f"(pattern // {1 << place}) % 2 = 1 as has_{name}" for place, name in enumerate(BIRTH_OUTCOMES))
    connection.execute(f"""
        create table birth_patterns as
        select
            birth_id, birth_number, is_multiply_vulnerable, 0::smallint as imputation,
            ((birth_year - 2017) * 4096 + {bits})::integer as pattern
        from births;
        create table patterns as
        select
            1::smallint as imputation, pattern,
            count(*) filter (not is_multiply_vulnerable) as unexposed_births,
            count(*) filter (is_multiply_vulnerable) as exposed_births,
            2017 + pattern // 4096 as birth_year, {flags}
        from birth_patterns group by pattern;
        create table covariates as
        select
            unnest({[*BIRTH_OUTCOMES, "birth_year"]}) as covariate,
            covariate in ('preterm_birth', 'epidural', 'birth_year') as is_in_propensity
    """)
    years = []
    for life_year in range(2):
        costs = np.round(random.exponential(500 * (1 + life_year), n), 2)
        columns = {"birth_id": table["birth_id"], "life_year": np.full(n, life_year, np.int16)}
        for place, name in enumerate(CARE_TYPES):
            columns[f"{name}_euro"] = np.round(costs / (1 + place), 2)
            columns[f"uses_{name}"] = costs > 200
        years.append(pa.table(columns))
    connection.register("raw_years", pa.concat_tables(years))
    euros = ", ".join(
        f"case when known then {name}_euro::decimal(9, 2) end as {name}_euro, "
        f"case when known then uses_{name} end as uses_{name}"
        for name in CARE_TYPES
    )
    # One child in seven has no costs in the year after birth.
    connection.execute(f"""
        create table child_years as
        select birth_id, life_year, {euros}
        from (select *, life_year = 0 or hash(birth_id) % 7 > 0 as known from raw_years)
    """)
    sums = ", ".join(
        f"count(*) filter (uses_{name}) as {name}_users, sum({name}_euro)::double as {name}_sum, "
        f"sum({name}_euro * {name}_euro)::double as {name}_squares"
        for name in CARE_TYPES
    )
    connection.execute(f"""
        create table pattern_sums as
        select
            imputation, pattern, is_multiply_vulnerable as is_exposed, life_year, count(*) as children, {sums}
        from birth_patterns inner join child_years using (birth_id)
        where total_euro is not null
        group by all
    """)


def test_estimates_are_those_of_the_entry() -> None:
    table = births(800, 4)
    with duckdb.connect(config={"threads": 1}) as connection:
        tables(connection, table)
        found = estimates_table(
            truncate=0.95,
            last_life_year=1,
            last_life_years_of_totals=[1],
            **{
                name: connection.table(name)
                for name in ("birth_patterns", "patterns", "covariates", "pattern_sums", "child_years")
            },
            births=connection.from_arrow(table),
        )
        wide = connection.sql("""
            select
                births.birth_id, mother_number, is_multiply_vulnerable, birth_year, preterm_birth, epidural,
                one.gp_euro::double as gp, two.uses_dental::double as dental
            from births
            inner join child_years as one on births.birth_id = one.birth_id and one.life_year = 0
            inner join child_years as two on births.birth_id = two.birth_id and two.life_year = 1
        """).to_arrow_table()
        propensities = propensity_table(connection.table("patterns"), connection.table("covariates"))
    roles = Roles(
        exposure="is_multiply_vulnerable",
        covariates=("preterm_birth", "epidural", "birth_year"),
        outcomes=("gp", "dental"),
        categorical=("preterm_birth", "epidural", "birth_year"),
        cluster="mother_number",
        key=("birth_id",),
        unknown_outcomes=True,
    )
    expected = weight_table(wide, roles, Settings(truncate=0.95)).tables
    rows = {
        (row["adjustment"], row["life_years"], row["care_type"], row["measure"], row["statistic"]): row
        for row in found.to_pylist()
    }
    assert len(rows) == found.num_rows == 4 * 3 * len(CARE_TYPES) * 2 * 4
    for theirs in expected["estimates"].to_pylist():
        place = ("0", "gp", "mean_euro") if theirs["outcome"] == "gp" else ("1", "dental", "share_using")
        ours = rows["ate" if theirs["is_weighted"] else "raw", *place, "difference"]
        assert ours["value"] == pytest.approx(theirs["difference"], rel=1e-6)
        assert ours["standard_error"] == pytest.approx(theirs["difference_se"], rel=1e-5)
        assert (ours["lower"], ours["upper"]) == pytest.approx(
            (theirs["difference_lower"], theirs["difference_upper"]), rel=1e-5, abs=1e-6
        )
    known = {row["propensity"] for row in expected["weights"].to_pylist()}
    assert sorted(known) == pytest.approx(sorted(set(propensities["propensity"].to_pylist())))
    # Costs of both years added up; of use the mean.
    for measure, years in (("mean_euro", 1), ("share_using", 2)):
        parts = [rows["att", year, "total", measure, "unexposed"]["value"] for year in ("0", "1")]
        assert rows["att", "0-1", "total", measure, "unexposed"]["value"] == pytest.approx(sum(parts) / years)


def test_groups_that_are_told_apart_are_not_weighted(capsys: pytest.CaptureFixture[str]) -> None:
    table = births(300, 5)
    with duckdb.connect(config={"threads": 1}) as connection:
        tables(connection, table)
        # Every covariate has both groups, but together two of them tell the groups apart.
        connection.execute("update patterns set unexposed_births = 0 where has_preterm_birth = has_epidural")
        connection.execute("update patterns set exposed_births = 0 where has_preterm_birth <> has_epidural")
        patterns = connection.sql("select * replace (has_preterm_birth = has_epidural as has_referral) from patterns")
        covariates = connection.sql(
            "select covariate, is_in_propensity or covariate = 'referral' as is_in_propensity from covariates"
        )
        assert propensity_table(patterns, covariates).num_rows == 0
        nothing = connection.table("patterns").filter("false")
        assert propensity_table(nothing, covariates).num_rows == 0
    assert "No weighting" in capsys.readouterr().err
