"""Great Expectations configurations for a register as ingested, built from the catalogue.

They describe a table with the columns of `Register.arrow_schema()`: text padded, missing codes null, and codes
that carry meaning kept. What only the raw file shows (its widths before padding, its headers) is checked by
ingest; whether persons occur in GBAPERSOONTAB compares two registers and is checked by SQL.
"""

from __future__ import annotations

import re
from typing import Any

from kansrijke_start.registers.catalogue import Column, Register

Expectation = dict[str, Any]
"""`{"type": ..., "kwargs": {...}, "meta": {...}}`, the configuration of one Great Expectations expectation."""

MONTH_DAY = (
    r"(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    r"|02(?:0[1-9]|1\d|2[0-8])"
)
LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
DATE_PATTERN = rf"\d{{4}}(?:{MONTH_DAY})|{LEAP_YEAR}0229"
"""A calendar date as yyyymmdd; 29 February in leap years only."""


def _expectation(register: Register, kind: str, notes: str, **kwargs: Any) -> Expectation:
    if kwargs.get("mostly") == 1.0:
        del kwargs["mostly"]
    return {"type": kind, "kwargs": kwargs, "meta": {"notes": notes, "component": register.component}}


def _mostly(tolerated: float) -> float:
    """The share of values that must be right; rounded, since 1 - 0.001 is not exact in binary."""
    return round(1.0 - tolerated, 9)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def _column_expectations(register: Register, column: Column, year: int | None) -> list[Expectation]:
    name = column.name
    found: list[Expectation] = []
    tolerance = column.tolerance
    # Over all years together a column with its own years is partly null by design.
    always = column.expected_in(year) if year is not None else column.years is None and not column.optional
    if always and tolerance.missing < 1.0:
        found.append(
            _expectation(
                register,
                "expect_column_values_to_not_be_null",
                f"At most {tolerance.missing:.1%} of {name} may be missing.",
                column=name,
                mostly=_mostly(tolerance.missing),
            )
        )
    kept = list(column.meaningful_missing)
    # A person number stands after its kind, one letter.
    is_person = register.kind_of_person(name) is not None
    if column.type == "date":
        pattern = "|".join([DATE_PATTERN, *(re.escape(code) for code in kept)])
        found.append(
            _expectation(
                register,
                "expect_column_values_to_fully_match_pattern",
                f"{name} is a calendar date (yyyymmdd)"
                + (f" or {' or '.join(kept)}" if kept else "")
                + f"; at most {tolerance.impossible_date:.1%} may not be.",
                column=name,
                pattern=pattern,
                mostly=_mostly(tolerance.impossible_date),
            )
        )
    elif column.codes:
        codes: list[Any] = [*column.codes, *kept]
        if column.type == "integer":
            codes = [int(code) for code in codes]
        found.append(
            _expectation(
                register,
                "expect_column_values_to_be_in_set",
                f"{name} holds known codes; at most {tolerance.unknown_code:.1%} may be unknown.",
                column=name,
                value_set=codes,
                mostly=_mostly(tolerance.unknown_code),
            )
        )
    elif column.value_pattern is not None:
        form = f"[A-Z]{column.value_pattern}" if is_person else column.value_pattern
        pattern = "|".join([form, *(re.escape(code) for code in kept)])
        found.append(
            _expectation(
                register,
                "expect_column_values_to_fully_match_pattern",
                f"{name} has the form {form}.",
                column=name,
                pattern=pattern,
                mostly=_mostly(tolerance.unknown_code),
            )
        )
    if column.exact_width is not None:
        width = column.exact_width + is_person
        found.append(
            _expectation(
                register,
                "expect_column_value_lengths_to_equal",
                f"{name} is {width} characters wide.",
                column=name,
                value=width,
            )
        )
    if column.type in ("integer", "decimal") and not column.codes and tolerance.negative < 1.0:
        lowest = min([0, *(number for number in map(_number, kept) if number is not None)])
        found.append(
            _expectation(
                register,
                "expect_column_values_to_be_between",
                f"{name} is at least {lowest}; at most {tolerance.negative:.1%} may be lower.",
                column=name,
                min_value=lowest,
                mostly=_mostly(tolerance.negative),
            )
        )
    return found


def expectations(register: Register, year: int | None = None) -> list[Expectation]:
    """What must hold for a register as ingested.

    Args:
        register: the register.
        year: the file year when the table holds one file; None when it holds all files of the register.
            With None, columns that some years lack may be null, and the widest yearly tolerance of the key
            counts.

    Returns:
        Configurations that `great_expectations` accepts (`type`, `kwargs`, `meta`), table level first.
    """
    columns = register.columns_expanded()
    found = [
        _expectation(
            register,
            "expect_table_columns_to_match_ordered_list",
            "The columns are those of the catalogue, in its order.",
            column_list=["file_year", *(column.name for column in columns)],
        ),
        _expectation(register, "expect_table_row_count_to_be_between", "The register is not empty.", min_value=1),
        _expectation(
            register, "expect_column_values_to_not_be_null", "Every row has its file year.", column="file_year"
        ),
    ]
    found.append(_types(register))
    if register.key:
        tolerated = register.key_tolerance.for_year(year) if year is not None else _widest(register)
        found.append(_key(register, tolerated))
    for column in columns:
        found += _column_expectations(register, column, year)
    return found


def _types(register: Register) -> Expectation:
    stored = {"file_year": "INTEGER", **{c.name: c.duckdb_type for c in register.columns_expanded()}}
    types = ", ".join(f"typeof({name}) as {name}" for name in stored)
    wrong = " or ".join(f"{name} <> '{kind}'" for name, kind in stored.items())
    return _expectation(
        register,
        "unexpected_rows_expectation",
        "Every column is stored in the type of the catalogue.",
        unexpected_rows_query=f"select * from (select {types} from {{batch}} limit 1) as types where {wrong}",
    )


def _key(register: Register, tolerated: float) -> Expectation:
    """Rows that repeat the key of another row of the same file: all but one of each key."""
    columns = ", ".join(["file_year", *register.key])
    known = " and ".join(f"{name} is not null" for name in register.key)
    return _expectation(
        register,
        "unexpected_rows_expectation",
        f"The key {', '.join(register.key)} is unique; at most {tolerated:.1%} of the rows may repeat one.",
        unexpected_rows_query=(
            "select sum(copies) as checked_rows, sum(copies - 1) as repeated_rows from "
            f"(select count(*) as copies from {{batch}} where {known} group by {columns}) as keys "
            f"having sum(copies - 1) > {tolerated!r} * sum(copies)"
        ),
    )


def _widest(register: Register) -> float:
    return max([register.key_tolerance.default, *register.key_tolerance.years.values()])


def suite_name(register: Register, year: int | None = None) -> str:
    """Name of the suite: the component in lower case, with the file year when there is one."""
    return register.folder if year is None else f"{register.folder}_{year}"


def expectation_suite(register: Register, year: int | None = None) -> Any:
    """The same as a `great_expectations.ExpectationSuite`; Great Expectations is imported only here."""
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    import kansrijke_start.registers.pattern_expectation  # noqa: F401  (registers the expectation)

    return gx.ExpectationSuite(
        name=suite_name(register, year),
        expectations=[
            ExpectationConfiguration(type=item["type"], kwargs=item["kwargs"], meta=item["meta"]).to_domain_obj()
            for item in expectations(register, year)
        ],
    )
