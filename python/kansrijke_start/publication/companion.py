"""For the output checker: beside each published table, in the restricted folder, what it was made of.

A checker decides whether a file may leave. For that she sees per table the published file, the same rows with the exact
counts, the rules, and how it differs from what left before. None of this leaves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from kansrijke_start.audit.files import open_publication, quoted, text
from kansrijke_start.audit.knowledge import Cell, cells_of
from kansrijke_start.audit.run import Publication, Verdict
from kansrijke_start.audit.structure import Structure, TableStructure, code_text, number_of
from kansrijke_start.errors import KansrijkeStartError

CELLS = "intermediate.int_disclosure__cells"
"""Table of the build database with the exact count of every cell, by `population|set|time|region`."""

REPORT = "CONTROLE.md"
VERDICT = "audit.json"


def exact_counts(database: Path) -> dict[Cell, int]:
    """The exact count of every cell, from the build database.

    Raises:
        KansrijkeStartError: when the build database has no such table.
    """
    connection = duckdb.connect(str(database), read_only=True)
    try:
        rows = connection.execute(f"select cell_id, cell_count from {CELLS}").fetchall()
    except duckdb.Error as error:
        raise KansrijkeStartError(
            f"The build database has no exact counts to audit with ({CELLS}): run `dbt build` first."
        ) from error
    finally:
        connection.close()
    return {Cell(*cell.split("|")): int(count) for cell, count in rows if count is not None}


def write_companion(folder: Path, staged: Path, structure: Structure, exact: dict[Cell, int]) -> None:
    """Write the exact counts of every published row, as `schema/table.parquet` and `.csv`.

    Args:
        folder: where; it must not exist.
        staged: the publication.
        structure: its structure.json.
        exact: exact counts by cell.

    Raises:
        KansrijkeStartError: when the build has no exact count of a row.
    """
    folder.mkdir(parents=True)
    connection = open_publication(staged)
    try:
        for table in structure.tables.values():
            if table.numbers:
                _write_table(connection, folder, table, exact)
    finally:
        connection.close()


def _write_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: TableStructure, exact: dict[Cell, int]
) -> None:
    source = f"publication.{quoted(table.schema)}.{quoted(table.name)}"
    keys = ", ".join(quoted(column) for column in table.row_key)
    rows = connection.execute(
        f"select {keys}, numerator is null and denominator is null and not is_hidden from {source} order by rowid"
    ).fetchall()
    counts: list[tuple[int, int | None, int | None]] = []
    for place, row in enumerate(rows):
        codes = {column: code_text(value) for column, value in zip(table.row_key, row[:-1], strict=True)}
        number = number_of(table.numbers, codes)
        if row[-1] or number is None:
            counts.append((place, None, None))
            continue
        pair = []
        for cell in cells_of(table, number, codes)[:2]:
            if cell is not None and cell not in exact:
                raise KansrijkeStartError(
                    f"{table.place}: the build has no exact count of {' / '.join(cell)}, so the row cannot be audited. "
                    "Declare the numbers of the table as its cells are, and build again."
                )
            pair.append(None if cell is None else exact[cell])
        counts.append((place, pair[0], pair[1]))
    columns = [pa.array([row[column] for row in counts], type=pa.int64()) for column in range(3)]
    connection.register("counts", pa.table(columns, names=["place", "numerator", "denominator"]))
    place = folder / table.schema / table.name
    place.parent.mkdir(exist_ok=True)
    query = f"""
        select {keys}, counts.numerator as numerator_exact, counts.denominator as denominator_exact,
            published.numerator, published.denominator, published.is_hidden
        from {source} as published
        inner join counts on published.rowid = counts.place
        order by counts.place
    """
    connection.execute(f"copy ({query}) to {text(place.with_suffix('.parquet'))} (format parquet)")
    connection.execute(f"copy ({query}) to {text(place.with_suffix('.csv'))} (format csv, header)")


def write_report(
    folder: Path, publication: Publication, verdict: Verdict, former: Sequence[Publication], structure: Structure
) -> None:
    """Write what the checker reads first: tables with their files, the rules, and what changed since the last release.

    Args:
        folder: the companion folder.
        publication: what is to leave.
        verdict: what the audit found.
        former: releases that it was audited with.
        structure: structure.json of the publication.
    """
    (folder / VERDICT).write_text(json.dumps(verdict.restricted(), indent=1), encoding="utf-8", newline="\n")
    last = former[-1] if former else None
    lines = [
        "# Voor de outputcontrole",
        "",
        "Dit bestand en de aantallen in deze map zijn vertrouwelijk en verlaten de beveiligde omgeving niet.",
        "",
        f"- Oordeel: **{'goedgekeurd' if verdict.passed else 'geweigerd'}**, "
        f"{len(verdict.breaches)} bevindingen (`{VERDICT}`).",
        f"- Regels: geen aantal of verschil van 1 tot en met {structure.threshold - 1}; aantallen afgerond op "
        f"{structure.base}; percentages uit afgeronde aantallen; elke verborgen cel kan van 1 tot en met "
        f"{structure.threshold - 1} zijn voor wie alle getoonde aantallen precies zou kennen, of is zeker groter.",
        f"- Aangevallen: {verdict.attacked} verborgen getallen; {verdict.open} kunnen overal liggen, "
        f"{verdict.large} zijn zeker groot, {verdict.narrowed} zijn te nauw, {verdict.recovered} zijn te herleiden.",
        f"- Eerdere publicaties in dezelfde aanval: {', '.join(one.name for one in former) or 'geen'}.",
        f"- Sommen min hun getoonde delen, zelf nergens getoond, onder de {structure.threshold}: "
        f"{verdict.small_differences}; door de afronding zijn ze niet te berekenen.",
        "",
        "Per tabel: het bestand dat naar buiten gaat, en hier dezelfde rijen met de aantallen voor afronding.",
        "",
        "| tabel | publicatie | aantallen | rijen | verborgen | tegenover "
        f"{last.name if last else 'eerder'}: gelijk | anders | nu verborgen | nu getoond | nieuw | weg |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for table in structure.tables.values():
        rows, hidden = verdict.tables.get(table.place, (0, 0))
        counts = "" if not table.numbers else f"`{table.schema}/{table.name}.csv`"
        changes = _changes(publication.folder, last.folder, table) if last is not None and table.numbers else ("",) * 6
        lines.append(
            f"| `{table.place}` | `{table.schema}/{table.name}.csv` | {counts} | {rows} | {hidden} | "
            + " | ".join(str(change) for change in changes)
            + " |"
        )
    (folder / REPORT).write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")


def _changes(now: Path, before: Path, table: TableStructure) -> tuple[int | str, ...]:
    """Rows that show the same, show something else, are hidden now, are shown now, are new, and are gone."""
    keys = [quoted(column) for column in table.row_key]
    source = f"{quoted(table.schema)}.{quoted(table.name)}"
    connection = open_publication(now)
    try:
        connection.execute(f"attach {text(before / 'kansrijke_start.duckdb')} as former (read_only)")
        same = " and ".join(f"one.{key} is not distinct from other.{key}" for key in keys)
        row = connection.execute(
            f"""
            with one as (select *, true as is_there from publication.{source}),
            other as (select *, true as is_there from former.{source})
            select
                count(*) filter (where both_there and not one.is_hidden and not other.is_hidden and is_same),
                count(*) filter (where both_there and not one.is_hidden and not other.is_hidden and not is_same),
                count(*) filter (where both_there and one.is_hidden and not other.is_hidden),
                count(*) filter (where both_there and not one.is_hidden and other.is_hidden),
                count(*) filter (where other.is_there is null),
                count(*) filter (where one.is_there is null)
            from (
                select
                    one,
                    other,
                    one.is_there and other.is_there as both_there,
                    one.numerator is not distinct from other.numerator
                    and one.denominator is not distinct from other.denominator as is_same
                from one full join other on {same}
            )
            """
        ).fetchall()[0]
    except duckdb.Error:
        # The table has other columns now, or is new.
        return ("andere kolommen", "", "", "", "", "")
    finally:
        connection.close()
    return row
