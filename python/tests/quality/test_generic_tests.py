"""Generic data tests of dbt find what they are for: each runs on rows that keep its rule and on rows that do not."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import jinja2
import pytest

from kansrijke_start.paths import PROJECT_ROOT

TABLE = "rows_tested"


def _rendered(name: str, row_hash: str | None = None, **arguments: Any) -> str:
    """The query of a generic test; `row_hash` takes the place of the hash of a row."""
    text = (PROJECT_ROOT / "tests" / "generic" / f"{name}.sql").read_text(encoding="utf-8")
    macro = re.sub(r"{% test (\w+)\(", r"{% macro \1(", text).replace("{% endtest %}", "{% endmacro %}")
    hashes = (PROJECT_ROOT / "macros" / "row_hash.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    default_hash = environment.from_string(hashes).module.default__row_hash  # type: ignore[attr-defined]
    environment.globals["row_hash"] = default_hash if row_hash is None else lambda _: row_hash
    environment.globals["sql_list"] = lambda values: ", ".join(f"'{value}'" for value in values)
    return str(getattr(environment.from_string(macro).module, name)(TABLE, **arguments))


def _found(sql: str, rows: str, columns: str = "a, b") -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"create table {TABLE} as select * from (values {rows}) as given ({columns})")
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("row_hash", [None, "1"], ids=["hashes differ", "all rows have one hash"])
@pytest.mark.parametrize(
    ("rows", "largest_share", "too_many"),
    [
        ("(1, 'x'), (1, 'y'), (2, 'x')", 0, None),
        ("(1, 'x'), (1, 'x'), (2, 'x')", 0, 1),
        ("(1, 'x'), (1, 'x'), (1, 'x')", 0, 2),
        ("(1, 'x'), (2, null)", 0, 1),
        ("(1, 'x'), (1, 'x'), (2, 'x'), (3, 'x')", 0.25, None),
        ("(1, 'x'), (1, 'x'), (2, 'x'), (3, 'x')", 0.24, 1),
    ],
)
def test_unique_key(rows: str, largest_share: float, too_many: int | None, row_hash: str | None) -> None:
    """Doubles and empty keys are found, and hashes that happen to be equal change no verdict."""
    sql = _rendered("unique_key", row_hash, columns=["a", "b"], largest_share=largest_share)
    assert [found[1] for found in _found(sql, rows)] == ([] if too_many is None else [too_many])


@pytest.mark.parametrize(
    ("rows", "breaches"),
    [
        ("(1, 'x'), (2, 'y')", []),
        ("(1, 'x'), (2, null)", []),
        ("(1, 'x'), (null, 'y')", [("a", "is_null", 1)]),
        ("(1, 'z'), (2, 'x')", [("b", "not_accepted", 1)]),
        ("(null, 'z'), (null, 'x')", [("a", "is_null", 2), ("b", "not_accepted", 1)]),
    ],
)
def test_column_values(rows: str, breaches: list[tuple[str, str, int]]) -> None:
    """Each column and breach is named; a null is no value that is not accepted."""
    sql = _rendered("column_values", not_null=["a"], accepted_values={"b": ["x", "y"]})
    assert sorted(_found(sql, rows)) == breaches


@pytest.mark.parametrize(
    ("rows", "breaches"),
    [
        ("(1, 10, 20), (1, 20, null), (2, 10, 20)", []),
        ("(1, 10, 21), (1, 20, null)", [(2, 0, 1)]),
        ("(1, 10, null), (1, 20, null)", [(2, 0, 1)]),
        ("(1, 10, 20), (1, 10, 20)", [(2, 0, 1)]),
        ("(1, 10, 10), (1, 10, 20)", [(2, 0, 1)]),
        ("(null, 10, null), (null, 10, null), (1, null, null)", [(3, 3, 0)]),
    ],
)
def test_no_overlapping_spells(rows: str, breaches: list[tuple[int, int, int]]) -> None:
    """Spells may touch; a double, an overlap and a spell without entity or begin are found."""
    sql = _rendered("no_overlapping_spells", entity="a", valid_from="b", valid_to="c")
    assert _found(sql, rows, "a, b, c") == breaches
