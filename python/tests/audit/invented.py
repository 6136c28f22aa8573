"""Small invented publications: counts, which of them are hidden, and how they hang together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from kansrijke_start.audit.knowledge import Release, add_rows
from kansrijke_start.audit.run import Publication, Verdict, examine
from kansrijke_start.audit.structure import parse
from kansrijke_start.publication.publish import copy_tables, write_workbooks

EVERY_ROW = {"numerator": "{part}", "denominator": "all"}


@dataclass
class Table:
    """A table with one breakdown column, `part`.

    Attributes:
        rows: year, region, part, numerator, denominator, whether it is hidden.
        numbers: what the counts are.
        population: whom it counts.
        decimals: digits of the percentage, which is computed from the rounded counts ...
        from_exact: ... or from the exact ones.
        values: whether there is a column `mean_hours` that follows no count.
    """

    rows: list[tuple[int | None, str, str, int, int, bool]]
    numbers: list[dict[str, Any]] = field(default_factory=lambda: [EVERY_ROW])
    population: str = "births"
    decimals: int = 0
    from_exact: bool = False


def rounded(count: int, base: int = 5) -> int:
    """Half up, by counting instead of by dividing."""
    return min(range(0, count + base + 1, base), key=lambda multiple: (abs(multiple - count), -multiple))


def build(
    database: Path,
    tables: dict[str, Table],
    *,
    sums: Sequence[dict[str, Any]] = (),
    times: Sequence[dict[str, Any]] = (),
    regions: Sequence[dict[str, Any]] = (),
    cross: Sequence[dict[str, Any]] = (),
    threshold: int = 10,
    base: int = 5,
) -> dict[str, Any]:
    """Write the tables into a build database, exact counts in schema `exact`; gives the content of structure.json."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema regiobeeld; create schema exact")
        for name, table in tables.items():
            connection.execute(
                f"""
                create table regiobeeld.{name} (
                    birth_year integer, region_level varchar, region_code varchar, region_name varchar, part varchar,
                    part_label varchar, numerator bigint, denominator bigint, percentage double, remark varchar,
                    is_hidden boolean
                );
                create table exact.{name} (
                    birth_year integer, region_level varchar, region_code varchar, part varchar,
                    numerator_exact bigint, denominator_exact bigint
                )
                """
            )
            for year, region, part, numerator, denominator, is_hidden in table.rows:
                level, code = region.split(":")
                shown = (None, None, None) if is_hidden else (rounded(numerator), rounded(denominator))
                if not is_hidden:
                    basis = (numerator, denominator) if table.from_exact else shown
                    shown = (*shown, round(100 * basis[0] / basis[1], table.decimals) if basis[1] else None)
                connection.execute(
                    f"insert into regiobeeld.{name} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [year, level, code, code, part, f"deel {part}", *shown, None, is_hidden],
                )
                connection.execute(
                    f"insert into exact.{name} values (?, ?, ?, ?, ?, ?)",
                    [year, level, code, part, numerator, denominator],
                )
    return describe(tables, sums=sums, times=times, regions=regions, cross=cross, threshold=threshold, base=base)


def describe(
    tables: dict[str, Table],
    *,
    sums: Sequence[dict[str, Any]] = (),
    times: Sequence[dict[str, Any]] = (),
    regions: Sequence[dict[str, Any]] = (),
    cross: Sequence[dict[str, Any]] = (),
    threshold: int = 10,
    base: int = 5,
) -> dict[str, Any]:
    """The content of structure.json."""
    return {
        "version": 1,
        "rules": {"minimum_cell_count": threshold, "rounding_base": base},
        "tables": {
            f"regiobeeld.{name}": {
                "row_key": ["birth_year", "region_level", "region_code", "part"],
                "time": "{birth_year}",
                "population": table.population,
                "numbers": table.numbers,
                "percentages": [
                    {"column": "percentage", "numerator": "numerator", "denominator": "denominator", "times": 100}
                ],
            }
            for name, table in tables.items()
        },
        "sums": list(sums),
        "times": list(times),
        "regions": list(regions),
        "cross": list(cross),
    }


def publish(folder: Path, tables: dict[str, Table], **structure: Any) -> Publication:
    """Write a publication and its companion below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    content = build(database, tables, **structure)
    staged = folder / "publication"
    staged.mkdir()
    write_workbooks(staged, copy_tables(database, staged))
    (staged / "structure.json").write_text(json.dumps(content), encoding="utf-8")
    companion = folder / "companion"
    (companion / "regiobeeld").mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        for name in tables:
            connection.execute(f"copy exact.{name} to '{companion / 'regiobeeld' / name}.parquet' (format parquet)")
    return Publication(folder.name, staged, companion)


def read(name: str, tables: dict[str, Table], *, is_exact: bool = True, **structure: Any) -> Release:
    """What an attacker reads, without writing any file."""
    release = Release(name, parse(describe(tables, **structure)))
    for place, table in tables.items():
        key_of = [(year, *region.split(":"), part) for year, region, part, *_ in table.rows]
        base = release.structure.base
        shown = [
            (*key, *((None, None) if row[5] else (rounded(row[3], base), rounded(row[4], base))), row[5])
            for key, row in zip(key_of, table.rows, strict=True)
        ]
        exact = {key: (row[3], row[4]) for key, row in zip(key_of, table.rows, strict=True)}
        add_rows(release, release.structure.tables[f"regiobeeld.{place}"], shown, exact if is_exact else None)
    return release


def look(*releases: Release, is_exact: bool = True) -> Verdict:
    """Attack releases, the first one the newest."""
    verdict = Verdict(is_exact=is_exact, structure=releases[0].structure, former=tuple(r.name for r in releases[1:]))
    examine(releases, verdict)
    return verdict


def find(tables: dict[str, Table], *, is_exact: bool = True, **structure: Any) -> set[tuple[str, str, str]]:
    """Kind, part and region of the breaches of one publication."""
    return told(look(read("new", tables, is_exact=is_exact, **structure), is_exact=is_exact))


def told(verdict: Verdict) -> set[tuple[str, str, str]]:
    """Kind, part and region of each breach."""
    return {(b.kind, str(b.dimensions["part"]), str(b.dimensions["region_code"])) for b in verdict.breaches}


def one_sum(*parts: tuple[str, int, bool], total: str = "all", year: int = 2021, region: str = "country:NL") -> Table:
    """A total and its parts in one place."""
    whole = sum(count for _, count, _ in parts)
    rows: list[tuple[int | None, str, str, int, int, bool]] = [(year, region, total, whole, whole, False)]
    rows += [(year, region, part, count, whole, is_hidden) for part, count, is_hidden in parts]
    return Table(rows)


def adds_up(
    parts: str | list[str], total: str = "all", *, rest: bool = False, population: str = "births"
) -> dict[str, Any]:
    """A sum of sets; a text is one letter a set."""
    return {"population": population, "total": total, "parts": list(parts), "rest": rest}
