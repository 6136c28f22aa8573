"""Write the checked rows of one file as the register's Parquet file, in the catalogue's columns and types."""

from __future__ import annotations

from pathlib import Path

import duckdb

from kansrijke_start.delivery.check import Rules
from kansrijke_start.delivery.columns import Layout
from kansrijke_start.delivery.discover import SourceFile
from kansrijke_start.delivery.read import Raw, quote_name, quote_text

ROW_GROUP_ROWS = 122_880


def convert(
    source: SourceFile,
    layout: Layout,
    raw: Raw,
    plain: set[str],
    target: Path,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Convert the raw rows, in their order.

    Strings are padded where the catalogue says so, missing codes become null, those with a meaning stay, and columns
    that the file does not have are null. A person number stands after its kind (`Register.kind_of_person`), and is null
    when either is. The first column is file_year. The same input gives the same bytes.

    Args:
        source: the file.
        layout: which header is which column.
        raw: the raw rows.
        plain: columns whose raw values are already as the register wants them.
        target: Parquet file to write.
        connection: DuckDB, with insertion order preserved.
    """
    zero: list[str] = []
    first: list[str] = []
    second: list[str] = []
    values: dict[str, str] = {}
    for number, one in enumerate(layout.matched):
        if one.constant is not None:
            value = quote_text(one.constant)
        elif one.header is None:
            value = f"null::{one.column.duckdb_type}"
        else:
            rules = Rules(
                one.column,
                raw.header.columns[one.header],
                decimal_comma=raw.header.delimiter == ";",
                suffix=str(number),
            )
            zero.append(rules.raw(one.header))
            if one.column.name in plain:
                first.append(rules.r)
                second.append(rules.r)
                value = rules.r
            else:
                first += rules.first()
                second += rules.second()
                value = rules.final()
        values[one.column.name] = value
    final = [f"{source.year}::integer as file_year"]
    for name, value in values.items():
        kind = source.register.kind_of_person(name)
        final.append(f"{f'({values[kind]}) || ({value})' if kind else value} as {quote_name(name)}")
    # Most columns are long lists of identities; with the encodings of version 2 they are read a fifth faster.
    connection.execute(
        f"copy (select {', '.join(final)} from (select {', '.join(second)} from "
        f"(select {', '.join(first)} from (select {', '.join(zero)} from {raw.relation})))) "
        f"to {quote_text(target.as_posix())} "
        f"(format parquet, parquet_version v2, compression zstd, compression_level 1, row_group_size {ROW_GROUP_ROWS})"
    )
