"""The files themselves: what is among them, whether all formats say the same, and what can be read off a hidden row.

No linear program is needed to find a person key in a column, a number beside a hidden count, a percentage with more
digits than its rounded counts allow, or an order of rows that follows a hidden value.
"""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb

from kansrijke_start.audit.findings import Breach

DATABASE = "kansrijke_start.duckdb"
"""Name of the DuckDB file of a publication."""

BESIDE_THE_TABLES = frozenset({DATABASE, "LEESMIJ.md", "structure.json", "audit.json"})
"""Files of a publication that are no table."""

RESTRICTED_SCHEMAS = frozenset({"staging", "intermediate", "cohorts", "quality", "reference", "main"})
"""Schemas of the build database of which nothing leaves; `main` holds what was made by hand."""

REMARK = "remark"
"""Column that says why there is no number: on a hidden row it is always the same."""

PERSON_KEY_NAMES = re.compile(
    r"rinpersoon|rinobject|(^|_)(person|birth|child|mother|parent|household|address_object)_id$"
)
"""Names of columns with keys of persons, households and dwellings."""

PERSON_KEY_VALUES = r"^[A-Z]?[0-9]{9}([0-9]{3})?$"
"""Values that look like such a key: nine digits, with the kind of person before them; addresses have twelve."""

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Shape:
    """Which columns of a published table are what.

    Attributes:
        schema: folder of the table and schema in the DuckDB file.
        name: table name.
        dimensions: columns that identify a row.
        hidden: column that says whether a row is hidden; None for a table without cells.
        counts: columns with rounded counts.
        measures: all other columns that must be empty on a hidden row.
        ratios: ratio columns with numerator column, denominator column and scale (100 for percentages).
    """

    schema: str
    name: str
    dimensions: tuple[str, ...]
    hidden: str | None
    counts: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    ratios: tuple[tuple[str, str, str, int], ...] = ()

    @property
    def place(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: object) -> str:
    """An SQL string."""
    return "'" + str(value).replace("'", "''") + "'"


def open_publication(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection in memory with the DuckDB file of a publication attached as `publication`, read only."""
    connection = duckdb.connect()
    connection.execute(f"attach {text(folder / DATABASE)} as publication (read_only)")
    return connection


def columns_of(connection: duckdb.DuckDBPyConnection, shape: Shape) -> list[tuple[str, str]]:
    """Names and types of the columns of a published table, in order."""
    return connection.execute(
        """
        select column_name, data_type
        from duckdb_columns()
        where database_name = 'publication' and schema_name = ? and table_name = ?
        order by column_index
        """,
        [shape.schema, shape.name],
    ).fetchall()


def check_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, shapes: Sequence[Shape], allowed: Sequence[str]
) -> list[Breach]:
    """Everything that can be read off the files without a linear program.

    Args:
        connection: the publication's DuckDB file, as `open_publication` attaches it.
        folder: the publication.
        shapes: the tables that it may hold.
        allowed: schemas that may leave.

    Returns:
        The breaches, by check and table.
    """
    breaches = list(_strange_files(folder, shapes))
    breaches += _strange_tables(connection, shapes, allowed)
    for shape in shapes:
        breaches += _person_keys(connection, shape)
        breaches += _other_formats(connection, folder, shape)
        breaches += _order(connection, folder, shape)
        breaches += _hidden_rows(connection, shape)
        breaches += _ratios(connection, shape)
    breaches += _workbooks(connection, folder, shapes)
    return breaches


def missing_tables(connection: duckdb.DuckDBPyConnection, places: Sequence[tuple[str, str]]) -> list[Breach]:
    """Tables (schema and name) that structure.json describes and the DuckDB file does not have."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'publication'"
    ).fetchall()
    return [
        Breach("files", f"{schema}.{name}", "the table is described, but not in the DuckDB file.", "Publish again.")
        for schema, name in places
        if (schema, name) not in found
    ]


def _strange_files(folder: Path, shapes: Sequence[Shape]) -> Iterator[Breach]:
    known = set(BESIDE_THE_TABLES)
    for shape in shapes:
        known |= {f"{shape.schema}/{shape.name}.parquet", f"{shape.schema}/{shape.name}.csv", f"{shape.schema}.xlsx"}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(found - known):
        restricted = any(word in name for word in ("cohort", "_cells", ".skops", "companion", "quality"))
        yield Breach(
            "restricted_table" if restricted else "files",
            name,
            "the file belongs to no table that may leave.",
            "Remove it from the publication, and find out what wrote it.",
        )
    for name in sorted({f"{s.schema}/{s.name}.parquet" for s in shapes} - found):
        yield Breach("files", name, "the file is missing.", "Publish again.")


def _strange_tables(
    connection: duckdb.DuckDBPyConnection, shapes: Sequence[Shape], allowed: Sequence[str]
) -> Iterator[Breach]:
    known = {(shape.schema, shape.name) for shape in shapes}
    rows = connection.execute(
        """
        select schema_name, table_name from duckdb_tables() where database_name = 'publication'
        union all
        select schema_name, view_name from duckdb_views() where database_name = 'publication' and not internal
        order by all
        """
    ).fetchall()
    for schema, name in rows:
        if schema not in allowed:
            yield Breach(
                "restricted_table",
                f"{schema}.{name}",
                f"schema {schema} is not one of those that may leave ({', '.join(allowed)}).",
                "Remove it from the publication, and find out what wrote it.",
            )
        elif (schema, name) not in known:
            yield Breach(
                "restricted_table",
                f"{schema}.{name}",
                "the table is not described in structure.json, so it has not been protected.",
                "Declare its cells and build again.",
            )


def _person_keys(connection: duckdb.DuckDBPyConnection, shape: Shape) -> Iterator[Breach]:
    remedy = "Take the column out of the table and build again."
    for column, kind in columns_of(connection, shape):
        if PERSON_KEY_NAMES.search(column.lower()):
            yield Breach("person_key", shape.place, f"column {column} is a key of persons or dwellings.", remedy)
        elif kind == "VARCHAR":
            like = connection.execute(
                f"select count(*) from {_table(shape)} where regexp_matches({quoted(column)}, ?)", [PERSON_KEY_VALUES]
            ).fetchall()[0][0]
            if like:
                yield Breach(
                    "person_key", shape.place, f"column {column} holds values that look like keys of persons.", remedy
                )


def _table(shape: Shape) -> str:
    return f"publication.{quoted(shape.schema)}.{quoted(shape.name)}"


def _other_formats(connection: duckdb.DuckDBPyConnection, folder: Path, shape: Shape) -> Iterator[Breach]:
    columns = columns_of(connection, shape)
    types = "{" + ", ".join(f"{text(name)}: {text(kind)}" for name, kind in columns) + "}"
    place = folder / shape.schema / shape.name
    readers = {
        ".parquet": f"read_parquet({text(place.with_suffix('.parquet'))})",
        ".csv": f"read_csv({text(place.with_suffix('.csv'))}, header = true, auto_detect = false, delim = ',', "
        f"quote = '\"', escape = '\"', nullstr = '', columns = {types})",
    }
    for suffix, reader in readers.items():
        file = f"{shape.schema}/{shape.name}{suffix}"
        if not place.with_suffix(suffix).is_file():
            continue
        remedy = "Publish again; if it stays, find out what wrote the file."
        try:
            named = [row[0] for row in connection.execute(f"describe select * from {reader}").fetchall()]
            if named != [name for name, _ in columns]:
                yield Breach("files_differ", file, "its columns are not those of the DuckDB file.", remedy)
                continue
            digests = [
                connection.execute(f"select count(*), sum(hash(one)) from (from {source}) as one").fetchall()
                for source in (reader, _table(shape))
            ]
        except duckdb.Error:
            yield Breach("files_differ", file, "it cannot be read as the table of the DuckDB file.", remedy)
            continue
        if digests[0] != digests[1]:
            yield Breach("files_differ", file, "its rows are not those of the DuckDB file.", remedy)


def _order(connection: duckdb.DuckDBPyConnection, folder: Path, shape: Shape) -> Iterator[Breach]:
    """Rows are ordered by their dimensions: an order by a number would tell which hidden number is larger."""
    if not shape.dimensions:
        return
    named = [name for name, _ in columns_of(connection, shape)]
    keys = ", ".join(quoted(column) for column in sorted(shape.dimensions, key=named.index))
    remedy = "Order the rows by their dimensions, each combination once."
    twice = connection.execute(
        f"select count(*) from (select 1 from {_table(shape)} group by {keys} having count(*) > 1)"
    ).fetchall()[0][0]
    if twice:
        yield Breach(
            "order", shape.place, f"{twice} combinations of the dimensions stand there more than once.", remedy
        )
        return
    sources = {shape.place: f"(select *, rowid as place from {_table(shape)})"}
    parquet = folder / shape.schema / f"{shape.name}.parquet"
    if parquet.is_file():
        name = parquet.relative_to(folder).as_posix()
        sources[name] = (
            f"(select *, file_row_number as place from read_parquet({text(parquet)}, file_row_number = true))"
        )
    csv = folder / shape.schema / f"{shape.name}.csv"
    if csv.is_file():
        kinds = dict(columns_of(connection, shape))
        varchar = ", ".join(f"{text(column)}: 'VARCHAR'" for column in kinds)
        cast = ", ".join(
            f"cast({quoted(column)} as {kinds[column]}) as {quoted(column)}" for column in shape.dimensions
        )
        sources[csv.relative_to(folder).as_posix()] = (
            f"(select {cast}, row_number() over () as place from read_csv({text(csv)}, header = true, "
            "all_varchar = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
            f"columns = {{{varchar}}}, parallel = false))"
        )
    for name, source in sources.items():
        try:
            wrong = connection.execute(
                f"""
                select count(*) from (
                    select row_number() over (order by place) as stands, row_number() over (order by {keys}) as belongs
                    from {source}
                ) where stands <> belongs
                """
            ).fetchall()[0][0]
        except duckdb.Error:
            continue
        if wrong:
            yield Breach("order", name, f"{wrong} rows do not stand in the order of the dimensions.", remedy)


def _hidden_rows(connection: duckdb.DuckDBPyConnection, shape: Shape) -> Iterator[Breach]:
    """A hidden row holds nothing but its dimensions, and all hidden rows look alike."""
    if shape.hidden is None:
        return
    hidden = quoted(shape.hidden)
    unknown = connection.execute(f"select count(*) from {_table(shape)} where {hidden} is null").fetchall()[0][0]
    if unknown:
        yield Breach("null_pattern", shape.place, f"{unknown} rows do not say whether they are hidden.", "Fill it.")
    named = [name for name, _ in columns_of(connection, shape)]
    for column in (*shape.counts, *shape.measures):
        shown = connection.execute(
            f"select {_keys(shape)} from {_table(shape)} "
            f"where {hidden} and {quoted(column)} is not null order by all limit 5"
        ).fetchall()
        for row in shown:
            yield Breach(
                "null_pattern",
                shape.place,
                f"column {column} has a value, though the cell is hidden.",
                "Hide counts, shares, means and sums of a cell together.",
                dict(zip(shape.dimensions, row, strict=True)),
            )
    # Whatever is not a number of the cell must follow from its dimensions: a remark on some hidden cells is a label.
    told = {*shape.dimensions, *shape.counts, *shape.measures, shape.hidden}
    for column in named:
        if column in told:
            continue
        values = connection.execute(
            f"select count(distinct {quoted(column)}) + max(case when {quoted(column)} is null then 1 else 0 end) "
            f"from {_table(shape)} where {hidden}"
        ).fetchall()[0][0]
        if (values or 0) > 1 and (column == REMARK or not _follows_from_dimension(connection, shape, column)):
            yield Breach(
                "label",
                shape.place,
                f"column {column} differs between hidden cells, which tells them apart.",
                "Give all hidden cells one text.",
            )


def _keys(shape: Shape) -> str:
    return ", ".join(quoted(column) for column in shape.dimensions)


def _follows_from_dimension(connection: duckdb.DuckDBPyConnection, shape: Shape, column: str) -> bool:
    """Whether one dimension tells the value; two may, for a label."""
    dimensions = [quoted(dimension) for dimension in shape.dimensions]
    chosen = list(dimensions)
    if column.endswith(("_label", "_name")):
        chosen += [f"{one}, {other}" for one, other in itertools.combinations(dimensions, 2)]
    for keys in chosen:
        several = connection.execute(
            f"""
            select count(*) from (
                select 1 from {_table(shape)}
                group by {keys}
                having count(distinct {quoted(column)}) + max(case when {quoted(column)} is null then 1 else 0 end) > 1
            )
            """
        ).fetchall()[0][0]
        if several == 0:
            return True
    return False


def _ratios(connection: duckdb.DuckDBPyConnection, shape: Shape) -> Iterator[Breach]:
    """A ratio is what the rounded counts give: more digits, or others, would narrow the counts.

    A column has whole numbers below a size and one decimal from there on: that of its smallest row with a decimal.
    """
    for column, numerator, denominator, scale in shape.ratios:
        value, size = quoted(column), quoted(denominator)
        wrong = connection.execute(
            f"""
            with ratios as (
                select
                    *,
                    cast({scale} as double) * {quoted(numerator)} / {size} as expected,
                    min(case when {value} <> round({value}) then {size} end) over () as first_with_decimal
                from {_table(shape)}
                where {value} is not null
            )
            select {_keys(shape)} from ratios
            where
                expected is null
                or not isfinite(expected)
                or abs({value} - expected) > case when {size} >= first_with_decimal then 0.05 else 0.5 end + 1e-9
                or abs({value} * 10 - round({value} * 10)) > 1e-6
            order by all limit 5
            """
        ).fetchall()
        for row in wrong:
            yield Breach(
                "ratio",
                shape.place,
                f"column {column} does not follow from the rounded counts, or has more digits than one.",
                "Compute it from the rounded counts.",
                dict(zip(shape.dimensions, row, strict=True)),
            )


def check_rounding(
    connection: duckdb.DuckDBPyConnection, shapes: Sequence[Shape], base: int, threshold: int
) -> list[Breach]:
    """Counts are multiples of the base, and no published count can stand for one below the threshold.

    Args:
        connection: the publication's DuckDB file, as `open_publication` attaches it.
        shapes: its tables.
        base: base to which counts are rounded, half up.
        threshold: least count that may be shown, other than zero.
    """
    breaches = []
    for shape in shapes:
        for column in shape.counts:
            rows = connection.execute(
                f"""
                select {_keys(shape)} from {_table(shape)}
                where
                    {quoted(column)} is not null
                    and (
                        {quoted(column)} % {base} <> 0
                        or {quoted(column)} < 0
                        or ({quoted(column)} > 0 and {quoted(column)} < {threshold})
                    )
                order by all limit 5
                """
            ).fetchall()
            breaches += [
                Breach(
                    "rounding",
                    shape.place,
                    f"column {column} is not rounded to {base}, or below {threshold}.",
                    "Publish rounded counts of at least the threshold.",
                    dict(zip(shape.dimensions, row, strict=True)),
                )
                for row in rows
            ]
    return breaches


def _workbooks(connection: duckdb.DuckDBPyConnection, folder: Path, shapes: Sequence[Shape]) -> Iterator[Breach]:
    remedy = "Publish again; if it stays, find out what wrote the workbook."
    for schema in sorted({shape.schema for shape in shapes}):
        path = folder / f"{schema}.xlsx"
        if not path.is_file():
            continue
        try:
            sheets = read_workbook(path)
        except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, ValueError):
            yield Breach("files_differ", path.name, "it cannot be read.", remedy)
            continue
        expected = {shape.name[:31]: shape for shape in shapes if shape.schema == schema}
        for name in sorted(set(sheets) - set(expected) - {"inhoud"}):
            yield Breach("restricted_table", f"{path.name}: {name}", "the sheet belongs to no table.", remedy)
        for name, shape in expected.items():
            if name in sheets and sheets[name] != _as_in_workbook(connection, shape):
                yield Breach(
                    "files_differ", f"{path.name}: {name}", "its rows are not those of the DuckDB file.", remedy
                )


Cells = list[tuple[str, str | float | bool]]
"""Filled cells of a sheet, row by row: their place and value."""


def _as_in_workbook(connection: duckdb.DuckDBPyConnection, shape: Shape) -> Cells:
    """What the sheet of a table should hold: names of columns, then its rows; empty text is no cell."""
    names = [name for name, _ in columns_of(connection, shape)]
    letters = [_letters(place) for place in range(len(names))]
    rows = [tuple(names), *connection.execute(f"select * from {_table(shape)} order by rowid").fetchall()]
    return [
        (f"{letter}{line}", value if isinstance(value, bool | str) else _stored(value))
        for line, row in enumerate(rows, start=1)
        for letter, value in zip(letters, row, strict=True)
        if value is not None and value != ""
    ]


def _stored(value: Any) -> str | float:
    return float(value) if isinstance(value, int | float) else str(value)


def read_workbook(path: Path) -> dict[str, Cells]:
    """Filled cells of the sheets of an Excel workbook, by name.

    Raises:
        ValueError: when a sheet has formatting by value, comments, hidden rows or formulas, which can tell what a cell
            hides.
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")):
                shared.append("".join(part.text or "" for part in item.iter(f"{_SPREADSHEET}t")))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        titles = [sheet.attrib["name"] for sheet in book.iter(f"{_SPREADSHEET}sheet")]
        if any("comment" in name for name in names):
            raise ValueError("the workbook has comments")
        return {
            title: _read_sheet(archive.read(f"xl/worksheets/sheet{number}.xml").decode(), shared)
            for number, title in enumerate(titles, start=1)
        }


_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?(?: t="(\w+)")?><v>([^<]*)</v></c>')


def _read_sheet(content: str, shared: Sequence[str]) -> Cells:
    if "<conditionalFormatting" in content or 'hidden="1"' in content:
        raise ValueError("the sheet has formatting by value or hidden rows")
    found = _CELL.findall(content)
    if len(found) != content.count("<c "):
        raise ValueError("a cell without a plain value")
    return [
        (place, shared[int(stored)] if kind == "s" else stored == "1" if kind == "b" else float(stored))
        for place, kind, stored in found
    ]


def _letters(column: int) -> str:
    """Name of a column of a sheet, the first being 0."""
    return chr(65 + column) if column < 26 else _letters(column // 26 - 1) + _letters(column % 26)
