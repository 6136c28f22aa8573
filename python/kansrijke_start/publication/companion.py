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
from kansrijke_start.audit.run import Publication, Verdict
from kansrijke_start.audit.structure import Structure, TableStructure, code_text
from kansrijke_start.errors import KansrijkeStartError

ROWS = "intermediate.int_disclosure__rows"
"""Table of the build database with the exact counts of every row that can be published."""

YEARS = ("birth_year", "year")
"""Columns with the year of a row."""

REGION = ("region_level", "region_code")

REPORT = "CONTROLE.md"
VERDICT = "audit.json"


Place = tuple[str, str, str, str, frozenset[str]]
"""Schema, table, region level, region code, and the codes of a row's breakdown, as `column=code`."""

Exact = dict[Place, list[tuple[int | None, int | None]]]
"""Exact numerators and denominators of the rows of a place, by year; all years together come last."""


def exact_counts(database: Path) -> Exact:
    """The exact counts of every row that can be published, from the build database.

    Raises:
        KansrijkeStartError: when the build database has no such table.
    """
    connection = duckdb.connect(str(database), read_only=True)
    try:
        rows = connection.execute(
            f"""
            select schema_name, table_name, region_level, region_code, breakdown_key, numerator, denominator
            from {ROWS}
            order by birth_year nulls last
            """
        ).fetchall()
    except duckdb.Error as error:
        raise KansrijkeStartError(
            f"The build database has no exact counts to audit with ({ROWS}): run `dbt build` first."
        ) from error
    finally:
        connection.close()
    found: Exact = {}
    for schema, table, level, region, key, numerator, denominator in rows:
        codes = frozenset(part for part in key.split(";") if part)
        found.setdefault((schema, table, level, region, codes), []).append((numerator, denominator))
    return found


def write_companion(folder: Path, staged: Path, structure: Structure, exact: Exact) -> None:
    """Write the exact counts of every published row, as `schema/table.parquet` and `.csv`.

    Args:
        folder: where; it must not exist.
        staged: the publication.
        structure: its structure.json.
        exact: exact counts by place.

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


def _write_table(connection: duckdb.DuckDBPyConnection, folder: Path, table: TableStructure, exact: Exact) -> None:
    """Rows of one breakdown and region are matched by the order of their years, whatever a table calls them."""
    source = f"publication.{quoted(table.schema)}.{quoted(table.name)}"
    keys = ", ".join(quoted(column) for column in table.row_key)
    rows = connection.execute(
        f"select rowid, {keys} from {source} where numerator is not null or denominator is not null or is_hidden "
        "order by rowid"
    ).fetchall()
    years: dict[Place, list[tuple[bool, int, int]]] = {}
    for place, *values in rows:
        codes = dict(zip(table.row_key, values, strict=True))
        year = next((codes[column] for column in YEARS if column in codes), None)
        breakdown = frozenset(
            f"{column}={code_text(code)}" for column, code in codes.items() if column not in (*YEARS, *REGION)
        )
        group = (table.schema, table.name, codes["region_level"], codes["region_code"], breakdown)
        years.setdefault(group, []).append((year is None, 0 if year is None else int(year), place))
    counts: dict[int, tuple[int | None, int | None]] = {}
    for group, own in years.items():
        known = exact.get(group, [])
        if len(known) != len(own):
            raise KansrijkeStartError(
                f"{table.place}: the build has exact counts of {len(known)} rows of {group[2]} {group[3]} "
                f"{' '.join(sorted(group[4]))}, and {len(own)} are published, so they cannot be audited. Build again."
            )
        for (_, _, place), pair in zip(sorted(own), known, strict=True):
            counts[place] = pair
    places = connection.execute(f"select rowid from {source} order by rowid").fetchall()
    both = [counts.get(place, (None, None)) for (place,) in places]
    columns = [[place for (place,) in places], [pair[0] for pair in both], [pair[1] for pair in both]]
    arrays = [pa.array(column, type=pa.int64()) for column in columns]
    connection.register("counts", pa.table(arrays, names=["place", "numerator", "denominator"]))
    path = folder / table.schema / table.name
    path.parent.mkdir(exist_ok=True)
    query = f"""
        select {keys}, counts.numerator as numerator_exact, counts.denominator as denominator_exact,
            published.numerator, published.denominator, published.is_hidden
        from {source} as published
        inner join counts on published.rowid = counts.place
        order by counts.place
    """
    connection.execute(f"copy ({query}) to {text(path.with_suffix('.parquet'))} (format parquet)")
    connection.execute(f"copy ({query}) to {text(path.with_suffix('.csv'))} (format csv, header)")


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
