"""Expectations made from the catalogue, evaluated by Great Expectations inside DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pytest
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from kansrijke_start.registers.catalogue import Register, load_catalogue
from kansrijke_start.registers.expectations import (
    DATE_PATTERN,
    expectation_suite,
    expectations,
    suite_name,
)

CATALOGUE = load_catalogue()
ROWS = 2000


def test_date_pattern_is_the_calendar() -> None:
    days = {date(1895, 1, 1) + timedelta(days=offset) for offset in range(75_240)}
    valid = {f"{day:%Y%m%d}" for day in days}
    pattern = re.compile(DATE_PATTERN)
    for year in range(1895, 2101):
        for month in range(14):
            for day in range(33):
                text = f"{year}{month:02}{day:02}"
                assert (pattern.fullmatch(text) is not None) == (text in valid), text


@pytest.mark.parametrize("register", CATALOGUE.registers.values(), ids=lambda register: register.component)
@pytest.mark.parametrize("year", [None, "last"])
def test_every_register_gives_a_suite(register: Register, year: str | None) -> None:
    file_year = register.file_years[-1] if year == "last" else None
    found = expectations(register, file_year)
    assert [item["type"] for item in found[:2]] == [
        "expect_table_columns_to_match_ordered_list",
        "expect_table_row_count_to_be_between",
    ]
    assert found[0]["kwargs"]["column_list"] == register.arrow_schema().names
    assert all(item["meta"]["notes"] for item in found)
    assert all(0.0 <= item["kwargs"].get("mostly", 1.0) <= 1.0 for item in found)
    suite = expectation_suite(register, file_year)
    assert suite.name == suite_name(register, file_year)
    assert len(suite.expectations) == len(found)


def test_years_change_what_must_be_there() -> None:
    costs = CATALOGUE.registers["zvwzorgkostentab"]
    narrowed = costs.model_copy(
        update={
            "columns": tuple(
                column.model_copy(update={"tolerance": column.tolerance.model_copy(update={"missing": 0.0})})
                if column.name in ("zvwkspecggz", "zvwkggzzpmtotaal")
                else column
                for column in costs.columns
            )
        }
    )

    def filled(year: int | None) -> set[str]:
        return {
            item["kwargs"]["column"]
            for item in expectations(narrowed, year)
            if item["type"] == "expect_column_values_to_not_be_null"
        }

    assert "zvwkspecggz" in filled(2021) and "zvwkggzzpmtotaal" not in filled(2021)
    assert "zvwkspecggz" not in filled(2022) and "zvwkggzzpmtotaal" in filled(2022)
    assert not {"zvwkspecggz", "zvwkggzzpmtotaal"} & filled(None)
    assert "zvwkhuisarts" in filled(None)


def test_key_tolerance_follows_the_year() -> None:
    births = CATALOGUE.registers["gbalevendgeborenenmassatab"]

    def key(year: int | None) -> str:
        return next(
            query
            for item in expectations(births, year)
            if "repeated_rows" in (query := item["kwargs"].get("unexpected_rows_query", ""))
        )

    assert "> 0.02 *" in key(2015) and "> 0.02 *" in key(None)
    assert "> 0.0 *" in key(2016)


class _Door:
    """A DuckDB file and a Great Expectations context that reads it through one open connection."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = folder / "door.duckdb"
        connections: dict[int, Any] = {}

        def get_connection(engine: SqlAlchemyExecutionEngine) -> Any:
            import contextlib

            @contextlib.contextmanager
            def opened() -> Iterator[Any]:
                key = id(engine.engine)
                if key not in connections:
                    connections[key] = engine.engine.connect()
                yield connections[key]

            return opened()

        monkeypatch.setattr(SqlAlchemyExecutionEngine, "get_connection", get_connection)
        self.connections = connections

    def failures(self, register: Register, changes: str = "", year: int = 2024) -> set[tuple[str, str]]:
        """(type, column) of the expectations that fail for a valid table after `changes` (SQL)."""
        self.database.unlink(missing_ok=True)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                f"create table t as select {year} as file_year, 'R' as rinpersoons, "
                "'R' || lpad(cast(i as varchar), 9, '0') as rinpersoon, '20200229' as datumaanvanghh, "
                "case when i % 2 = 0 then '88888888' else '20501231' end as datumeindehh, "
                "'000000000001' as huishoudnr, '6' as typhh, '07' as plhh, '1' as refpersoonhh, "
                "2::bigint as aantalpershh, 1::bigint as aantalkindhh, null::bigint as aantalovhh, "
                "'2020' as gebjaarjongstekindhh, '01' as gebmaandjongstekindhh, "
                "null::varchar as gebjaaroudstekindhh, null::varchar as gebmaandoudstekindhh, "
                f"null::varchar as imputatiecodehh from range(1, {ROWS + 1}) as rows(i)"
            )
            if changes:
                connection.execute(changes)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_sql("door", connection_string=f"duckdb:///{self.database}")
        batch = source.add_table_asset("t", table_name="t").add_batch_definition_whole_table("all").get_batch()
        outcome = batch.validate(expectation_suite(register, year))
        for connection in self.connections.values():
            connection.close()
            connection.engine.dispose()
        self.connections.clear()
        found = set()
        for result in outcome.results:
            assert not result.exception_info.get("raised_exception", True), result.exception_info
            if not result.success:
                configuration = result.expectation_config
                found.add((configuration.type, configuration.kwargs.get("column", "")))
        return found


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Door:
    return _Door(tmp_path, monkeypatch)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("", set()),
        # Tolerated: 2 of 2000 impossible dates and 2 of 2000 repeated keys are 0.1 %.
        ("update t set datumeindehh = '20190229' where rinpersoon <= 'R000000002'", set()),
        ("update t set rinpersoon = 'R000000005' where rinpersoon in ('R000000006', 'R000000007')", set()),
        # One more is refused.
        (
            "update t set datumeindehh = '20190229' where rinpersoon <= 'R000000003'",
            {("expect_column_values_to_fully_match_pattern", "datumeindehh")},
        ),
        (
            "update t set rinpersoon = 'R000000005' where rinpersoon in ('R000000006', 'R000000007', 'R000000008')",
            {("unexpected_rows_expectation", "")},
        ),
        (
            "update t set typhh = '9' where rinpersoon = 'R000000001';"
            "update t set aantalpershh = -1 where rinpersoon = 'R000000002';"
            "update t set rinpersoon = '12' where rinpersoon = 'R000000003';"
            "update t set rinpersoon = null where rinpersoon = 'R000000004'",
            {
                ("expect_column_values_to_be_in_set", "typhh"),
                ("expect_column_values_to_be_between", "aantalpershh"),
                ("expect_column_values_to_fully_match_pattern", "rinpersoon"),
                ("expect_column_value_lengths_to_equal", "rinpersoon"),
                ("expect_column_values_to_not_be_null", "rinpersoon"),
            },
        ),
        ("delete from t", {("expect_table_row_count_to_be_between", "")}),
        (
            "alter table t alter aantalkindhh type integer; alter table t add column extra integer",
            {("unexpected_rows_expectation", ""), ("expect_table_columns_to_match_ordered_list", "")},
        ),
    ],
)
def test_suite_inside_duckdb(door: _Door, changes: str, expected: set[tuple[str, str]]) -> None:
    assert door.failures(CATALOGUE.registers["gbahuishoudensbus"], changes) == expected
