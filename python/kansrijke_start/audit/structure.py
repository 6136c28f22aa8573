"""What structure.json says about the published tables: which number stands where, and how numbers hang together.

The file is published, so an attacker has it too. It is read and expanded here alone: the auditor takes over nothing
that the protector has worked out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kansrijke_start.errors import KansrijkeStartError

FILE = "structure.json"
VERSION = 1
NOT_A_GROUP = "none"
"""A complement of this name is no group of persons: denominator minus numerator means nothing."""


@dataclass(frozen=True)
class Number:
    """What the counts of some rows of a table are.

    Attributes:
        where: columns and the codes that a row must have there for this entry to hold.
        numerator: template of the set that the numerator counts; None when it is no count of the system.
        denominator: template of the set that the denominator counts; None as above.
        complement: template of the set of denominator minus numerator, `NOT_A_GROUP`, or None: a set of its own.
        numerator_population: population of the numerator, None for that of the table.
        denominator_population: population of the denominator, None for that of the table.
        numerator_time: template of the time of the numerator, None for that of the table.
        denominator_time: template of the time of the denominator, None for that of the table.
        shadow: the numerator is not in the system; the row follows its denominator.
    """

    where: Mapping[str, tuple[str, ...]]
    numerator: str | None
    denominator: str | None
    complement: str | None
    numerator_population: str | None
    denominator_population: str | None
    numerator_time: str | None
    denominator_time: str | None
    shadow: bool


@dataclass(frozen=True)
class Ratio:
    """A column that is computed from the rounded counts.

    Attributes:
        column: its name.
        numerator: column with the numerator.
        denominator: column with the denominator.
        times: 100 for a percentage, 1000 for a rate per thousand.
    """

    column: str
    numerator: str
    denominator: str
    times: int


@dataclass(frozen=True)
class TableStructure:
    """One published table.

    Attributes:
        schema: its schema.
        name: its name.
        row_key: columns that identify a row.
        time: template of the time.
        population: whom it counts.
        numbers: what its counts are; the first that holds for a row counts.
        ratios: columns computed from the counts.
    """

    schema: str
    name: str
    row_key: tuple[str, ...]
    time: str
    population: str
    numbers: tuple[Number, ...]
    ratios: tuple[Ratio, ...]

    @property
    def place(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Sum:
    """A set that is the sum of others, at every time and region.

    Attributes:
        totals: populations and names of the sets that together are the sum; mostly one.
        parts: populations and names of its parts.
        has_rest: whether there may be more in it than the parts.
    """

    totals: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    has_rest: bool


@dataclass(frozen=True)
class Cross:
    """Sets that are unions of the same atoms.

    Attributes:
        population: the population.
        total: the set of all atoms.
        atoms: number of atoms.
        sets: numbers of the atoms of each set.
        levels: region levels at which they are; none for all.
    """

    population: str
    total: str
    atoms: int
    sets: Mapping[str, frozenset[int]]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """A time or region that is the sum of others, for every set of some populations.

    Attributes:
        populations: the populations.
        total: the time or region.
        parts: its parts.
        is_complete: whether the parts are all there is in it.
    """

    populations: tuple[str, ...]
    total: str
    parts: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True)
class Structure:
    """Everything that structure.json says.

    Attributes:
        threshold: least count that may be shown, other than zero.
        base: base of the rounding.
        tables: tables by `schema.table`.
        sums: sums of sets.
        crosses: sets over common atoms.
        times: sums over time.
        regions: sums over regions.
    """

    threshold: int
    base: int
    tables: Mapping[str, TableStructure]
    sums: tuple[Sum, ...]
    crosses: tuple[Cross, ...]
    times: tuple[Span, ...]
    regions: tuple[Span, ...]


def read_structure(folder: Path) -> Structure:
    """Read structure.json of a publication.

    Raises:
        KansrijkeStartError: when it is missing or not what is expected.
    """
    path = folder / FILE
    if not path.is_file():
        raise KansrijkeStartError(
            f"{folder} has no {FILE}, which says how its numbers hang together: without it nothing can be audited. "
            "Give the folder of a publication, or publish again."
        )
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KansrijkeStartError(
            f"{path} is not the description of a publication ({type(error).__name__}: {error}). Publish again."
        ) from error


def parse(content: Mapping[str, Any]) -> Structure:
    """Read plain data as structure.json has it.

    Raises:
        ValueError: when the version is another one.
        KeyError: when something is missing.
    """
    if content["version"] != VERSION:
        raise ValueError(f"version {content['version']}, where {VERSION} is known")
    tables = {}
    for place, entry in content["tables"].items():
        schema, _, name = place.partition(".")
        tables[place] = TableStructure(
            schema=schema,
            name=name,
            row_key=tuple(entry["row_key"]),
            time=entry.get("time") or "{birth_year}",
            population=entry.get("population") or "",
            numbers=tuple(_number(number) for number in entry.get("numbers", [])),
            ratios=tuple(
                Ratio(ratio["column"], ratio["numerator"], ratio["denominator"], int(ratio["times"]))
                for ratio in entry.get("percentages", [])
            ),
        )
    return Structure(
        threshold=int(content["rules"]["minimum_cell_count"]),
        base=int(content["rules"]["rounding_base"]),
        tables=tables,
        sums=tuple(
            Sum(
                tuple(_set(entry["population"], total) for total in _names(entry["total"])),
                tuple(_set(entry["population"], part) for part in entry["parts"]),
                bool(entry.get("rest", False)),
            )
            for entry in content.get("sums", [])
        ),
        crosses=tuple(
            Cross(
                entry["population"],
                entry["total"],
                int(entry["atoms"]),
                {name: frozenset(int(atom) for atom in atoms) for name, atoms in entry["sets"].items()},
                tuple(entry.get("levels") or ()),
            )
            for entry in content.get("cross", [])
        ),
        times=tuple(
            Span(tuple(entry["populations"]), entry["total"], tuple(entry["parts"]), bool(entry.get("complete", True)))
            for entry in content.get("times", [])
        ),
        regions=tuple(
            Span(
                tuple(entry["populations"]),
                entry["parent"],
                tuple(entry["children"]),
                bool(entry.get("complete", True)),
            )
            for entry in content.get("regions", [])
        ),
    )


def _names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _set(population: str, name: str) -> tuple[str, str]:
    """Population and name of a set; one of another population has it before its name, with `::` between."""
    other, separator, own = name.partition("::")
    return (other, own) if separator else (population, name)


def _number(entry: Mapping[str, Any]) -> Number:
    return Number(
        where={
            column: tuple(code_text(v) for v in (value if isinstance(value, list) else [value]))
            for column, value in (entry.get("where") or {}).items()
        },
        numerator=entry.get("numerator"),
        denominator=entry.get("denominator"),
        complement=entry.get("complement"),
        numerator_population=entry.get("numerator_population"),
        denominator_population=entry.get("denominator_population"),
        numerator_time=entry.get("numerator_time"),
        denominator_time=entry.get("denominator_time"),
        shadow=bool(entry.get("shadow", False)),
    )


def number_of(numbers: Sequence[Number], row: Mapping[str, str]) -> Number | None:
    """The first entry that holds for a row, given as codes by column."""
    for number in numbers:
        if all(row.get(column) in codes for column, codes in number.where.items()):
            return number
    return None


_FIELD = re.compile(r"\{(\w+)\}")


@cache
def _pieces(template: str) -> tuple[str, ...]:
    """Text and names of columns, by turns."""
    return tuple(_FIELD.split(template))


def render(template: str, row: Mapping[str, str]) -> str:
    """Fill the columns of a row into a template.

    Raises:
        KeyError: when the row has no such column.
    """
    pieces = _pieces(template)
    if len(pieces) == 1:
        return template
    return "".join(row[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def code_text(value: Any) -> str:
    """A code as it stands in names: no year means all of them."""
    if value is None:
        return "all"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
