"""The door: write the publication in whole or not at all, and only when nothing can be found out from it.

The publication is a copy: a DuckDB file in an older storage version that BI drivers already read, with Parquet, CSV
and Excel beside it. dbt never opens it and readers never open the build database, so neither waits for the other.
A new publication is written to a folder beside the old one, audited there together with all former releases, and then
takes its name. On Linux and macOS a reader that still has the old file open goes on reading the old content. On Windows
a folder with an open file cannot be renamed: then nothing changes, the new publication waits in the folder beside it,
and the message says what to close.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from kansrijke_start.audit.run import AUDIT_FILE, Publication, Verdict, audit, hashes, refuse
from kansrijke_start.audit.structure import FILE as STRUCTURE_FILE
from kansrijke_start.audit.structure import read_structure
from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.progress import step
from kansrijke_start.publication import releases
from kansrijke_start.publication.companion import VERDICT, exact_counts, write_companion, write_report

PUBLISHED_SCHEMAS = ("regiobeeld", "kennisnotitie")
"""Only these schemas leave: `cohorts` is microdata and `quality` holds exact numbers."""

STORAGE_VERSION = "v1.0.0"
"""Oldest storage version that every DuckDB since 1.0 reads."""

DATABASE_NAME = "kansrijke_start.duckdb"

BUILDING = frozenset({"build", "run", "test", "retry", "seed", "snapshot", "run-operation"})
"""dbt commands after which run_results.json tells about models or tests."""

GREEN = frozenset({"success", "pass", "warn", "no-op"})
"""States of models and tests with which a build may be published."""

AUDIT_COLUMNS = (
    ("schema_name", "varchar", "Schema of the published table."),
    ("table_name", "varchar", "Name of the published table."),
    ("rows", "bigint", "Rows of the table."),
    ("hidden_rows", "bigint", "Rows that are hidden."),
    ("attacked", "bigint", "Hidden numbers first met in this table that were attacked."),
    ("narrowed", "bigint", "Of these, numbers that lie in fewer values than they may."),
    ("recovered", "bigint", "Of these, numbers that are found out."),
    ("breaches", "bigint", "Breaches of all kinds in this table."),
    ("attacked_with", "varchar", "What the attacker was taken to know of shown counts."),
    ("former_releases", "bigint", "Former releases that were attacked together with it."),
    ("is_passed", "boolean", "Whether the publication as a whole was let through."),
)
"""Columns of quality.disclosure_audit: name, type, description."""


@dataclass(frozen=True)
class PublishedTable:
    """A table as published.

    Attributes:
        schema: schema of the build database, and folder in the publication.
        name: table name.
        description: the model's description.
        columns: column names in order.
        rows: number of rows.
    """

    schema: str
    name: str
    description: str
    columns: tuple[str, ...]
    rows: int


Describe = Callable[[Path, dict[str, Any]], dict[str, Any]]
"""From the build database and dbt's manifest to the content of structure.json."""


def publish(paths: Paths, describe: Describe | None = None) -> list[PublishedTable]:
    """Copy every publication table out of the build database, audit the files and let them take the old ones' place.

    Args:
        paths: the places of this run; the last `dbt build` must have filled `paths.database`.
        describe: makes the content of structure.json; that of the protector when left out.

    Returns:
        What was published, by schema and name.

    Raises:
        KansrijkeStartError: when there is no build database, a model or test of the last build failed, no table is
            there to publish, a number can be found out, a person key or restricted table is among the files, or a
            reader on Windows holds the old publication open. The old publication stays.
    """
    if not paths.database.is_file():
        raise KansrijkeStartError(f"There is no build database {paths.database}: run `dbt build` first.")
    refuse_failed_build(paths.target / "run_results.json")
    target = paths.publication
    staged = target.with_name(target.name + ".next")
    companion = paths.restricted / "companion.next"
    for folder in (staged, companion):
        shutil.rmtree(folder, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        with step("publish") as progress:
            tables = copy_tables(paths.database, staged)
            write_workbooks(staged, tables)
            write_readme(staged, tables, synthetic_fraction(paths.registers))
            write_structure(staged, paths, describe or structure_of_the_build)
            progress.rows = sum(table.rows for table in tables)
        with step("audit") as progress:
            verdict = audit_staged(paths, staged, companion)
            progress.rows = verdict.attacked
        report = companion / VERDICT
        refuse(verdict, f"Nothing is published, the old publication stays (restricted report: {report})")
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    swap(staged, target)
    replace_folder(companion, paths.restricted / "companion")
    releases.record(
        paths.restricted, releases.world_of(paths.registers), verdict.hashes, target, paths.restricted / "companion"
    )
    return tables


def refuse_failed_build(run_results: Path) -> None:
    """Refuse to publish after a build in which a model or test failed, or of which nothing is known.

    Raises:
        KansrijkeStartError: naming the first failures.
    """
    if not run_results.is_file():
        raise KansrijkeStartError(
            f"Nothing is published: {run_results} is not there, which says whether every model and test of the last "
            "build is green. Run `dbt build`."
        )
    try:
        content = json.loads(run_results.read_text(encoding="utf-8"))
        command = (content.get("args") or {}).get("which", "build")
        states = [(str(result["unique_id"]), str(result["status"])) for result in content["results"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KansrijkeStartError(f"Nothing is published: {run_results} cannot be read. Run `dbt build`.") from error
    if command not in BUILDING:
        raise KansrijkeStartError(
            f"Nothing is published: the last dbt command was `{command}`, which says nothing about models and tests. "
            "Run `dbt build`."
        )
    failed = [name for name, status in states if status not in GREEN]
    if failed:
        shown = ", ".join(failed[:5])
        raise KansrijkeStartError(
            f"Nothing is published: {len(failed)} models or tests failed in the last build ({shown}). "
            "Mend them and run `dbt build` again."
        )


def structure_of_the_build(database: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """How the published numbers hang together, as the protector declares it."""
    from kansrijke_start.disclosure.structure import structure_of

    return structure_of(database, manifest)


def write_structure(staged: Path, paths: Paths, describe: Describe) -> None:
    """Write structure.json, from which anyone can see how the published numbers hang together.

    Raises:
        KansrijkeStartError: when dbt's manifest is not there.
    """
    manifest = paths.target / "manifest.json"
    if not manifest.is_file():
        raise KansrijkeStartError(f"There is no {manifest}, which describes the models: run `dbt build` first.")
    content = describe(paths.database, json.loads(manifest.read_text(encoding="utf-8")))
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (staged / STRUCTURE_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def audit_staged(paths: Paths, staged: Path, companion: Path) -> Verdict:
    """Audit the staged files, with the exact counts, together with what left before; write the verdict beside them.

    Args:
        paths: the places of this run.
        staged: the files that are to be published.
        companion: folder to write the exact counts to, for the audit and the output checker.

    Returns:
        The verdict; it is also in `quality.disclosure_audit` of the build database.
    """
    structure = read_structure(staged)
    write_companion(companion, staged, structure, exact_counts(paths.database))
    former = releases.former(paths.restricted, releases.world_of(paths.registers), hashes(staged))
    publication = Publication("this publication", staged, companion)
    verdict = audit(publication, former)
    write_report(companion, publication, verdict, former, structure)
    content = json.dumps(verdict.public(), ensure_ascii=False, indent=1)
    (staged / AUDIT_FILE).write_text(content + "\n", encoding="utf-8", newline="\n")
    write_audit_table(paths.database, verdict)
    return verdict


def write_audit_table(database: Path, verdict: Verdict) -> None:
    """Write `quality.disclosure_audit` into the build database: one row per published table.

    Raises:
        KansrijkeStartError: when another program has the build database open.
    """
    rows = [
        (
            *place.split(".", 1),
            count,
            hidden,
            *verdict.attacked_by_table.get(place, [0, 0, 0]),
            sum(breach.place == place for breach in verdict.breaches),
            "exact counts" if verdict.is_exact else "the published files alone",
            len(verdict.former),
            verdict.passed,
        )
        for place, (count, hidden) in verdict.tables.items()
    ]
    try:
        connection = duckdb.connect(str(database))
    except duckdb.IOException as error:
        raise KansrijkeStartError(
            f"Another program has {database} open, so the verdict of the audit cannot be written into it. Close it and "
            "publish again."
        ) from error
    try:
        connection.execute("create schema if not exists quality")
        names = ", ".join(f"{name} {kind}" for name, kind, _ in AUDIT_COLUMNS)
        connection.execute(f"create or replace table quality.disclosure_audit ({names})")
        if rows:
            connection.executemany(
                f"insert into quality.disclosure_audit values ({', '.join('?' for _ in AUDIT_COLUMNS)})", rows
            )
        connection.execute(
            "comment on table quality.disclosure_audit is "
            "'One row per published table. What the audit of the last publication found, before it was let through.'"
        )
        for name, _, about in AUDIT_COLUMNS:
            connection.execute(f"comment on column quality.disclosure_audit.{name} is '{_quoted(about)}'")
    finally:
        connection.close()


def copy_tables(database: Path, staged: Path) -> list[PublishedTable]:
    """Copy every table of the publication schemas to a DuckDB file, Parquet and CSV, rows in a fixed order."""
    connection = duckdb.connect()
    try:
        connection.execute(f"attach '{_quoted(database)}' as build (read_only)")
        connection.execute(
            f"attach '{_quoted(staged / DATABASE_NAME)}' as publication (storage_version '{STORAGE_VERSION}')"
        )
        found = connection.execute(
            """
            select schema_name, table_name, coalesce(comment, '')
            from duckdb_tables()
            where database_name = 'build' and list_contains(?, schema_name)
            order by all
            """,
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        if not found:
            raise KansrijkeStartError("The build database holds no table to publish: run `dbt build` first.")
        return [_copy_table(connection, staged, *row) for row in found]
    finally:
        connection.close()


def _copy_table(
    connection: duckdb.DuckDBPyConnection, staged: Path, schema: str, name: str, description: str
) -> PublishedTable:
    columns = connection.execute(
        """
        select column_name, coalesce(comment, '')
        from duckdb_columns()
        where database_name = 'build' and schema_name = ? and table_name = ?
        order by column_index
        """,
        [schema, name],
    ).fetchall()
    folder = staged / schema
    folder.mkdir(exist_ok=True)
    table = f'publication."{schema}"."{name}"'
    connection.execute(f'create schema if not exists publication."{schema}"')
    connection.execute(f'create table {table} as select * from build."{schema}"."{name}" order by all')
    connection.execute(f"comment on table {table} is '{_quoted(description)}'")
    for column, comment in columns:
        connection.execute(f"comment on column {table}.\"{column}\" is '{_quoted(comment)}'")
    ordered = f"(select * from {table} order by all)"
    connection.execute(f"copy {ordered} to '{_quoted(folder / f'{name}.parquet')}' (format parquet)")
    connection.execute(f"copy {ordered} to '{_quoted(folder / f'{name}.csv')}' (format csv, header)")
    rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    return PublishedTable(schema, name, description, tuple(column for column, _ in columns), rows)


def write_workbooks(staged: Path, tables: list[PublishedTable]) -> None:
    """One Excel workbook a schema, one sheet a table, with a first sheet that says what is in it."""
    connection = duckdb.connect(str(staged / DATABASE_NAME), read_only=True)
    try:
        for schema in sorted({table.schema for table in tables}):
            workbook = xlsxwriter.Workbook(str(staged / f"{schema}.xlsx"))
            # A fixed date keeps two publications of the same tables equal.
            workbook.set_properties({"created": datetime(2024, 1, 1), "title": f"Kansrijke Start: {schema}"})
            bold = workbook.add_format({"bold": True})
            contents = workbook.add_worksheet("inhoud")
            contents.write_row(0, 0, ["tabel", "rijen", "beschrijving"], bold)
            chosen = [table for table in tables if table.schema == schema]
            for number, table in enumerate(chosen, start=1):
                contents.write_row(number, 0, [table.name, table.rows, table.description])
                sheet = workbook.add_worksheet(table.name[:31])
                sheet.write_row(0, 0, table.columns, bold)
                sheet.freeze_panes(1, 0)
                rows = connection.execute(f'select * from "{table.schema}"."{table.name}" order by all').fetchall()
                for line, row in enumerate(rows, start=1):
                    sheet.write_row(line, 0, [_cell(value) for value in row])
            workbook.close()
    finally:
        connection.close()


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def synthetic_fraction(registers: Path) -> float | None:
    """Fraction of the synthetic delivery behind the registers; None for a real delivery."""
    manifest = registers / "manifest.json"
    if not manifest.is_file():
        return None
    synthetic = json.loads(manifest.read_text(encoding="utf-8")).get("synthetic")
    return None if synthetic is None else float(synthetic["fraction"])


def write_readme(staged: Path, tables: list[PublishedTable], fraction: float | None) -> None:
    """Say in Dutch what the folder holds, and that synthetic figures are synthetic."""
    lines = ["# Kansrijke Start: publicatie", ""]
    if fraction is not None:
        lines += [
            f"**Synthetische cijfers** ({fraction:.0%} van een nagebootst Nederland): geen uitkomsten over personen of "
            "gebieden.",
            "",
        ]
    lines += [
        "Een lege cel met `is_hidden` = waar is minder dan 10, of verborgen om zo'n cel te beschermen.",
        "Een lege cel die niet verborgen is, heeft in `remark` de reden waarom er geen getal is.",
        "Aantallen zijn afgerond; percentages zijn berekend uit de afgeronde aantallen.",
        "",
        "| tabel | rijen |",
        "|---|---|",
        *(f"| `{table.schema}.{table.name}` | {table.rows} |" for table in tables),
        "",
    ]
    (staged / "LEESMIJ.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")


def swap(staged: Path, target: Path) -> None:
    """Give the staged folder the name of the publication.

    Raises:
        KansrijkeStartError: when a reader on Windows holds a file of the old publication open.
    """
    old = target.with_name(target.name + ".previous")
    shutil.rmtree(old, ignore_errors=True)
    try:
        if target.exists():
            target.rename(old)
    except PermissionError as error:
        raise KansrijkeStartError(
            f"A program has a file in {target} open, so the publication stays as it was. The new one is in {staged}: "
            "close the program (or give it a copy) and publish again."
        ) from error
    try:
        staged.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def replace_folder(new: Path, target: Path) -> None:
    """Let a folder take the place of another that nobody reads meanwhile."""
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")
