"""From published files to what an attacker knows: numbers, and equations between them.

A number is a cell: a set of a population at a time and in a region. Wherever these four are the same it is the same
number, in whatever table it stands. structure.json says which sets, times and regions add up; here that is written out
for every place where it tells something, with an unknown number wherever a member is published nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from kansrijke_start.audit.attack import Problem
from kansrijke_start.audit.files import quoted, text
from kansrijke_start.audit.findings import Breach
from kansrijke_start.audit.structure import (
    NOT_A_GROUP,
    Number,
    Structure,
    TableStructure,
    code_text,
    number_of,
    render,
)
from kansrijke_start.errors import KansrijkeStartError


class Cell(NamedTuple):
    """One number: how many of `group` there are.

    Attributes:
        population: whom it counts.
        group: name of the set.
        time: its time; a total is named by its parts, so that "all" years of two releases can be two times.
        region: level and code.
    """

    population: str
    group: str
    time: str
    region: str


class Row(NamedTuple):
    """A row of a published table.

    Attributes:
        table: `schema.table`.
        key: codes of the columns that identify it.
    """

    table: str
    key: tuple[tuple[str, Any], ...]


@dataclass
class Seen:
    """What the rows of a publication say about a number.

    Attributes:
        rounded: the number as it is shown; None when it is hidden wherever it stands.
        exact: the number before rounding, where the restricted companion is at hand.
        rows: rows in which it stands, with `numerator`, `denominator` or `complement`.
    """

    rounded: int | None = None
    exact: int | None = None
    rows: list[tuple[Row, str]] = field(default_factory=list)


class Equation(NamedTuple):
    """A number, or a few together, that are the sum of others.

    Attributes:
        totals: the sum; mostly one number.
        parts: what adds up.
        has_rest: whether the totals can be more than the parts.
    """

    totals: tuple[Cell, ...]
    parts: tuple[Cell, ...]
    has_rest: bool


@dataclass
class Release:
    """One publication as an attacker reads it.

    Attributes:
        name: how it is called in messages.
        structure: what it says about itself.
        seen: its numbers.
        pairs: numerator, denominator and complement of rows, where the difference is a group.
        hidden_rows: rows that are hidden, with their cells (None where there is no number).
        row_count: rows by table: all, and hidden ones.
        breaches: what contradicts itself.
    """

    name: str
    structure: Structure
    seen: dict[Cell, Seen] = field(default_factory=dict)
    pairs: dict[tuple[Cell, Cell], Cell] = field(default_factory=dict)
    hidden_rows: list[tuple[Row, Cell | None, Cell | None, Cell | None]] = field(default_factory=list)
    row_count: dict[str, tuple[int, int]] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)


EXACT_COLUMNS = ("numerator_exact", "denominator_exact")
"""Columns of the restricted companion beside the key of its rows."""


def read_release(
    name: str, connection: duckdb.DuckDBPyConnection, structure: Structure, companion: Path | None = None
) -> Release:
    """Read the numbers of a publication.

    Args:
        name: how it is called in messages.
        connection: its DuckDB file, as `open_publication` attaches it.
        structure: its structure.json.
        companion: folder with the exact counts of its rows (`schema/table.parquet`), when they are at hand.

    Raises:
        KansrijkeStartError: when a table does not have the columns that structure.json names, or the companion lacks
            a row.
    """
    release = Release(name, structure)
    for table in structure.tables.values():
        _read_table(release, connection, table, companion)
    return release


def _canonical_times(structure: Structure) -> dict[tuple[str, str], str]:
    """Name of each time that is a sum, by population: its parts."""
    return {
        (population, span.total): "+".join(sorted(span.parts))
        for span in structure.times
        for population in span.populations
        if span.is_complete
    }


def _read_table(
    release: Release,
    connection: duckdb.DuckDBPyConnection,
    table: TableStructure,
    companion: Path | None,
) -> None:
    source = f"publication.{quoted(table.schema)}.{quoted(table.name)}"
    if not table.numbers:
        try:
            rows = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
        except duckdb.Error:
            return
        release.row_count[table.place] = (rows, 0)
        return
    keys = ", ".join(quoted(column) for column in table.row_key)
    try:
        rows = connection.execute(
            f"select {keys}, numerator, denominator, is_hidden from {source} order by rowid"
        ).fetchall()
    except duckdb.Error as error:
        raise KansrijkeStartError(
            f"{table.place} is not the table that structure.json describes: {str(error).splitlines()[0]} Publish again."
        ) from error
    exact = None if companion is None else _exact_counts(connection, table, companion)
    add_rows(release, table, rows, exact)


def add_rows(
    release: Release,
    table: TableStructure,
    rows: Sequence[tuple[Any, ...]],
    exact: Mapping[tuple[Any, ...], tuple[int | None, int | None]] | None,
) -> None:
    """Add the rows of a table to what a release tells.

    Args:
        release: the release.
        table: the table.
        rows: its key columns in order, numerator, denominator, and whether it is hidden.
        exact: numerator and denominator before rounding, by key; None when they are not at hand.

    Raises:
        KansrijkeStartError: when a row has no exact counts.
    """
    times = _canonical_times(release.structure)
    size = len(table.row_key)
    hidden_rows = 0
    for values in rows:
        key, (numerator, denominator, is_hidden) = values[:size], values[size:]
        row = Row(table.place, tuple(zip(table.row_key, key, strict=True)))
        hidden_rows += bool(is_hidden)
        if not is_hidden and numerator is None and denominator is None:
            continue
        codes = {column: code_text(value) for column, value in row.key}
        number = number_of(table.numbers, codes)
        if number is None:
            release.breaches.append(
                Breach(
                    "structure",
                    table.place,
                    "structure.json does not say what this row counts.",
                    "Declare the numbers of the table and build again.",
                    dict(row.key),
                )
            )
            continue
        if exact is not None and key not in exact:
            raise KansrijkeStartError(
                f"The companion of {table.place} lacks a row of the publication "
                f"({', '.join(f'{c}={v}' for c, v in row.key)}): it belongs to another publication."
            )
        first, second, complement = (
            None if cell is None else cell._replace(time=times.get((cell.population, cell.time), cell.time))
            for cell in cells_of(table, number, codes)
        )
        exact_pair = (None, None) if exact is None else exact[key]
        for place, (cell, role) in enumerate(((first, "numerator"), (second, "denominator"))):
            shown = None if is_hidden else (numerator, denominator)[place]
            # A number that is neither shown nor hidden does not exist.
            if cell is not None and (is_hidden or shown is not None):
                _note(release, cell, shown, exact_pair[place], row, role)
        if first in release.seen and second in release.seen and complement is not None:
            release.pairs[first, second] = complement
        if is_hidden:
            release.hidden_rows.append((row, first, second, complement))
    release.row_count[table.place] = (len(rows), hidden_rows)


def cells_of(
    table: TableStructure, number: Number, codes: Mapping[str, str]
) -> tuple[Cell | None, Cell | None, Cell | None]:
    """Numerator, denominator and their difference in a row, as structure.json names them.

    Args:
        table: the table.
        number: what its counts are in this row.
        codes: the row's codes by column.

    Returns:
        The three cells; None where there is no number of the system, or the difference is no group.
    """
    region = f"{codes['region_level']}:{codes['region_code']}"

    def cell(template: str | None, population: str | None, time: str | None) -> Cell | None:
        if template is None:
            return None
        return Cell(population or table.population, render(template, codes), render(time or table.time, codes), region)

    first = None if number.shadow else cell(number.numerator, number.numerator_population, number.numerator_time)
    second = cell(number.denominator, number.denominator_population, number.denominator_time)
    if first is None or second is None or first == second or number.complement == NOT_A_GROUP:
        return first, second, None
    group = f"not {first.group} of {second.group}"
    if number.complement is not None:
        group = render(number.complement, codes)
    return first, second, Cell(second.population, group, second.time, region)


def _exact_counts(
    connection: duckdb.DuckDBPyConnection, table: TableStructure, companion: Path
) -> dict[tuple[Any, ...], tuple[int | None, int | None]]:
    path = companion / table.schema / f"{table.name}.parquet"
    columns = ", ".join(quoted(column) for column in (*table.row_key, *EXACT_COLUMNS))
    try:
        rows = connection.execute(f"select {columns} from read_parquet({text(path)})").fetchall()
    except duckdb.Error as error:
        raise KansrijkeStartError(
            f"The companion {path} with the exact counts of {table.place} cannot be read: publish again."
        ) from error
    return {row[:-2]: (row[-2], row[-1]) for row in rows}


def _note(release: Release, cell: Cell, shown: int | None, exact: int | None, row: Row, role: str) -> None:
    seen = release.seen.setdefault(cell, Seen())
    seen.rows.append((row, role))
    differs = (shown is not None and seen.rounded is not None and shown != seen.rounded) or (
        exact is not None and seen.exact is not None and exact != seen.exact
    )
    if differs:
        release.breaches.append(
            Breach(
                "contradiction",
                row.table,
                f"its {role} is another number than in {seen.rows[0][0].table}, though it counts the same.",
                "Declare that they differ, or mend the model.",
                dict(row.key),
            )
        )
    seen.rounded = shown if seen.rounded is None else seen.rounded
    seen.exact = exact if seen.exact is None else seen.exact


def equations_of(release: Release) -> list[Equation]:
    """All equations between the numbers of a release that can tell something, each once.

    They are written out from the published numbers upwards: wherever a part is known of, so is its total, and with
    the total all other parts. An equation of which no part is known of tells nothing that one above it does not tell,
    unless it cuts across another one, as areas do that share a part and have others apart: then its total is enough.
    """
    upwards, downwards = _sums_by_member(release.structure)
    equations: list[Equation] = []
    written: set[tuple[int, str, str]] = set()
    known = set(release.seen)
    waiting = list(release.seen)
    while waiting:
        cell = waiting.pop()
        for axis, others in ((1, (cell[2], cell[3])), (2, (cell[1], cell[3])), (3, (cell[1], cell[2]))):
            member = (axis, cell.population, cell[axis])
            for one in (*upwards.get(member, ()), *downwards.get(member, ())):
                place = (one.number, *others)
                if place in written:
                    continue
                written.add(place)
                equation = Equation(
                    tuple(_at(cell, axis, total) for total in one.totals),
                    tuple(_at(cell, axis, part) for part in one.parts),
                    one.has_rest,
                )
                equations.append(equation)
                for other in (*equation.totals, *equation.parts):
                    if other not in known:
                        known.add(other)
                        waiting.append(other)
    return [*equations, *_pair_equations(release, known), *_cross_equations(release, known)]


_Name = tuple[str, str]
"""A population, and a set, time or region."""


class _Sum(NamedTuple):
    """A sum of sets (axis 1), times (2) or regions (3), for all that is the same on the other axes."""

    number: int
    axis: int
    totals: tuple[_Name, ...]
    parts: tuple[_Name, ...]
    has_rest: bool


_Sums = dict[tuple[int, str, str], list[_Sum]]
"""Sums by axis and member."""


def _sums_by_member(structure: Structure) -> tuple[_Sums, _Sums]:
    """All sums of sets, times and regions by each of their parts, and some also by their total."""
    times = _canonical_times(structure)
    sums = [_Sum(number, 1, one.totals, one.parts, one.has_rest) for number, one in enumerate(structure.sums)]
    for axis, spans in ((2, structure.times), (3, structure.regions)):
        for span in spans:
            for population in span.populations:
                names = [
                    (population, times.get((population, name), name) if axis == 2 else name)
                    for name in (span.total, *span.parts)
                ]
                sums.append(_Sum(len(sums), axis, (names[0],), tuple(names[1:]), not span.is_complete))
    upwards: _Sums = defaultdict(list)
    for one in sums:
        for part in one.parts:
            upwards[one.axis, *part].append(one)
    downwards: _Sums = defaultdict(list)
    for one in sums:
        if one.axis != 1 and any(
            not set(other.parts) <= set(one.parts) and not set(one.parts) <= set(other.parts)
            for part in one.parts
            for other in upwards[one.axis, *part]
        ):
            downwards[one.axis, *one.totals[0]].append(one)
    return upwards, downwards


def _at(cell: Cell, axis: int, name: _Name) -> Cell:
    """The cell with another name on one axis."""
    names = [name[0], *cell[1:]]
    names[axis] = name[1]
    return Cell._make(names)


def _pair_equations(release: Release, known: set[Cell]) -> list[Equation]:
    """Denominators: with the complement in the rows themselves, and as a bound wherever both sets are known of."""
    equations = [Equation((second,), (first, rest), False) for (first, second), rest in release.pairs.items()]
    wholes: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for first, second in release.pairs:
        if first.time == second.time:
            wholes[first.population, first.group].add((second.population, second.group))
    for cell in known:
        for population, group in wholes.get((cell.population, cell.group), ()):
            whole = Cell(population, group, cell.time, cell.region)
            if whole in known and (cell, whole) not in release.pairs:
                equations.append(Equation((whole,), (cell,), True))
    return equations


def _cross_equations(release: Release, known: set[Cell]) -> list[Equation]:
    """Sets over common atoms, at each place where one of them is hidden; atoms that no set tells apart are one."""
    places: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    used = {name for cross in release.structure.crosses for name in (cross.total, *cross.sets)}
    for cell in known:
        if cell.group in used:
            places[cell.population, cell.time, cell.region].add(cell.group)
    equations = []
    kinds: dict[tuple[int, tuple[str, ...]], dict[str, tuple[int, ...]]] = {}
    for (population, time, region), groups in sorted(places.items()):
        level = region.partition(":")[0]
        active = [
            (number, cross)
            for number, cross in enumerate(release.structure.crosses)
            if cross.population == population
            and (not cross.levels or level in cross.levels)
            and len(groups & {cross.total, *cross.sets}) > 1
        ]
        # Sets that are published nowhere tie two crosses together when both have them.
        in_two = {name for _, cross in active for name in cross.sets if sum(name in c.sets for _, c in active) > 1}
        for number, cross in active:
            names = tuple(sorted((groups | in_two) & {cross.total, *cross.sets}))
            cells = {name: Cell(population, name, time, region) for name in names}
            if all(_is_shown(release, cell) for cell in cells.values()):
                continue
            if (number, names) not in kinds:
                sets = {**cross.sets, cross.total: frozenset(range(cross.atoms))}
                kinds[number, names] = _merged_atoms(sets, names, cross.atoms)
            for name, cell in cells.items():
                atoms = (
                    Cell(population, f"atom {number}.{atom} of {'/'.join(names)}", time, region)
                    for atom in kinds[number, names][name]
                )
                equations.append(Equation((cell,), tuple(atoms), False))
    return equations


def _is_shown(release: Release, cell: Cell) -> bool:
    return cell in release.seen and release.seen[cell].rounded is not None


def _merged_atoms(sets: Mapping[str, frozenset[int]], names: Sequence[str], atoms: int) -> dict[str, tuple[int, ...]]:
    """Atoms of each set, those in the same sets taken as one (their first)."""
    first: dict[tuple[bool, ...], int] = {}
    for atom in range(atoms):
        signature = tuple(atom in sets[name] for name in names)
        if any(signature):
            first.setdefault(signature, atom)
    return {
        name: tuple(atom for signature, atom in first.items() if signature[place]) for place, name in enumerate(names)
    }


class Relation(NamedTuple):
    """An equation between quantities, by their numbers.

    Attributes:
        totals: the sum.
        parts: what adds up.
        has_rest: whether the totals can be more than the parts.
    """

    totals: tuple[int, ...]
    parts: tuple[int, ...]
    has_rest: bool


@dataclass
class System:
    """What is known of one or more releases together.

    Attributes:
        problem: bounds and relations.
        rounded: which quantities are known up to rounding.
        cells: the cell and the release (by number) of each quantity.
        targets: quantities to attack: number, row, role and release.
        shown_before: hidden numbers that another release shows, with their row and role.
        shown_pairs: numerator and denominator that are both shown and whose difference is a group, with a row and its
            release.
    """

    problem: Problem
    rounded: NDArray[np.bool_]
    cells: list[tuple[Cell, int]]
    targets: list[tuple[int, Row, str, int]]
    shown_before: list[tuple[Row, str, int, int]]
    shown_pairs: dict[tuple[int, int], tuple[Row, int]]


def system_of(
    releases: Sequence[Release],
    equations: Sequence[Sequence[Equation]],
    *,
    is_exact: bool,
    apart: frozenset[Cell] = frozenset(),
) -> System:
    """Put releases together in one system.

    A number of two releases is one quantity, unless it is known to differ: then its data have changed in between, and
    nothing is said about it.

    Args:
        releases: the publication first, then former ones.
        equations: their equations.
        is_exact: whether the attacker knows every shown number exactly, or only up to rounding.
        apart: numbers that are not taken to be the same in all releases.
    """
    ids, cells = _quantities(releases, equations, is_exact, apart)
    count = len(cells)
    lower = np.zeros(count)
    upper = np.full(count, np.inf)
    shown = np.zeros(count, dtype=bool)
    for number, release in enumerate(releases):
        for cell, seen in release.seen.items():
            if seen.rounded is None:
                continue
            least, most = _bounds(seen, release.structure, is_exact)
            quantity = ids[number][cell]
            lower[quantity] = max(lower[quantity], least)
            upper[quantity] = min(upper[quantity], most)
            shown[quantity] = True
    small = _small_complements(releases)
    targets, shown_before = _targets(releases, ids, shown, small)
    kept = shown.copy()
    kept[[target[0] for target in targets]] = True
    rows: dict[Relation, None] = {}
    for number, own in enumerate(equations):
        for equation in own:
            totals = tuple(sorted(ids[number][total] for total in equation.totals))
            parts = tuple(sorted(ids[number][part] for part in equation.parts))
            rows[Relation(totals, parts, equation.has_rest)] = None
    relations = _without_slack(list(rows), kept, count)
    data, row_numbers, columns = [], [], []
    for row, relation in enumerate(relations):
        row_numbers += [row] * (len(relation.totals) + len(relation.parts))
        columns += [*relation.totals, *relation.parts]
        data += [1.0] * len(relation.totals) + [-1.0] * len(relation.parts)
    matrix = csr_array((data, (row_numbers, columns)), shape=(len(relations), count))
    problem = Problem(
        lower=lower,
        upper=upper,
        relations=matrix,
        relation_lower=np.zeros(len(relations)),
        relation_upper=np.array([np.inf if relation.has_rest else 0.0 for relation in relations]),
        witness=_witness(releases, ids, count) if is_exact else None,
    )
    shown_pairs: dict[tuple[int, int], tuple[Row, int]] = {}
    for number, release in enumerate(releases):
        for first, second in release.pairs:
            pair = (ids[number][first], ids[number][second])
            if shown[pair[0]] and shown[pair[1]]:
                shown_pairs.setdefault(pair, (release.seen[first].rows[0][0], number))
    return System(problem, shown & (upper > lower), cells, targets, shown_before, shown_pairs)


def _witness(releases: Sequence[Release], ids: Sequence[Mapping[Cell, int]], count: int) -> NDArray[np.float64]:
    """The exact numbers of the companion: one solution of everything known, from which others are sought."""
    witness = np.full(count, np.nan)
    for number, release in enumerate(releases):
        for cell, seen in release.seen.items():
            if seen.exact is not None:
                witness[ids[number][cell]] = seen.exact
        for (first, second), complement in release.pairs.items():
            part, whole = release.seen[first].exact, release.seen[second].exact
            if part is not None and whole is not None and complement in ids[number]:
                witness[ids[number][complement]] = whole - part
    return witness


def _bounds(seen: Seen, structure: Structure, is_exact: bool) -> tuple[float, float]:
    """Least and largest number that a shown one can stand for."""
    assert seen.rounded is not None
    if is_exact:
        assert seen.exact is not None
        return float(seen.exact), float(seen.exact)
    return preimage(seen.rounded, structure.base, structure.threshold)


def preimage(rounded: int, base: int, threshold: int) -> tuple[float, float]:
    """Least and largest count that is shown as `rounded`: zero is zero, other counts are not below the threshold."""
    if rounded == 0:
        return 0.0, 0.0
    least = rounded - base // 2
    most = rounded + (base - 1) // 2
    return float(max(least, min(threshold, rounded))), float(most)


def _quantities(
    releases: Sequence[Release],
    equations: Sequence[Sequence[Equation]],
    is_exact: bool,
    apart: frozenset[Cell],
) -> tuple[list[dict[Cell, int]], list[tuple[Cell, int]]]:
    ids: list[dict[Cell, int]] = []
    cells: list[tuple[Cell, int]] = []
    # Of each cell the quantities that it has got so far, with what is known of each.
    versions: dict[Cell, list[tuple[int, Seen | None]]] = defaultdict(list)
    for number, release in enumerate(releases):
        own: dict[Cell, int] = {}
        # When no number has changed between two releases, those that one of them does not show have not either.
        is_changed = any(
            versions[cell] and not any(_may_be_same(seen, other, is_exact) for _, other in versions[cell])
            for cell, seen in release.seen.items()
        )
        members: Iterable[Cell] = dict.fromkeys(
            [*release.seen, *(cell for one in equations[number] for cell in (*one.totals, *one.parts))]
        )
        for cell in members:
            seen = release.seen.get(cell)
            same = None
            for known, other in versions[cell]:
                is_comparable = seen is not None and other is not None
                if cell not in apart and (_may_be_same(seen, other, is_exact) if is_comparable else not is_changed):
                    same = known
                    break
            if same is None:
                same = len(cells)
                cells.append((cell, number))
                versions[cell].append((same, seen))
            own[cell] = same
        ids.append(own)
    return ids, cells


def _may_be_same(one: Seen | None, other: Seen | None, is_exact: bool) -> bool:
    """Whether nothing says that a number differs between two releases."""
    if one is None or other is None:
        return True
    if is_exact:
        return one.exact == other.exact
    return one.rounded is None or other.rounded is None or one.rounded == other.rounded


def _small_complements(releases: Sequence[Release]) -> set[tuple[int, Cell]]:
    """Release and cell of the differences that are below the threshold, as far as exact counts are at hand.

    Where the denominator is shown, a hidden numerator and its complement mirror each other: one lies between as many
    values as the other. So a complement is looked at on its own only when it is a small number itself.
    """
    small = set()
    for number, release in enumerate(releases):
        for (first, second), complement in release.pairs.items():
            part, whole = release.seen[first].exact, release.seen[second].exact
            if part is not None and whole is not None and 0 < whole - part < release.structure.threshold:
                small.add((number, complement))
    return small


def _targets(
    releases: Sequence[Release],
    ids: Sequence[Mapping[Cell, int]],
    shown: NDArray[np.bool_],
    small: set[tuple[int, Cell]],
) -> tuple[list[tuple[int, Row, str, int]], list[tuple[Row, str, int, int]]]:
    targets: dict[int, tuple[int, Row, str, int]] = {}
    before = []
    for number, release in enumerate(releases):
        for row, first, second, complement in release.hidden_rows:
            for cell, role in ((first, "numerator"), (second, "denominator")):
                if cell is None:
                    continue
                quantity = ids[number][cell]
                if not shown[quantity]:
                    targets.setdefault(quantity, (quantity, row, role, number))
                elif not _is_shown(release, cell):
                    before.append((row, role, number, quantity))
            if first is None or second is None or complement is None or (number, complement) not in small:
                continue
            # Where both are shown their difference is known to everyone, and looked at there.
            if shown[ids[number][second]] and not shown[ids[number][first]]:
                quantity = ids[number][complement]
                if not shown[quantity]:
                    targets.setdefault(quantity, (quantity, row, "complement", number))
    return list(targets.values()), before


def _without_slack(relations: Sequence[Relation], kept: NDArray[np.bool_], count: int) -> list[Relation]:
    """Leave out unknown numbers that stand in one relation alone: they take up whatever the others leave.

    As the only total such a number is whatever its parts are, so the relation says nothing; as a part it is a rest.
    """
    uses: list[set[int]] = [set() for _ in range(count)]
    for row, relation in enumerate(relations):
        for quantity in (*relation.totals, *relation.parts):
            uses[quantity].add(row)
    left: list[Relation | None] = list(relations)
    waiting = [quantity for quantity in range(count) if len(uses[quantity]) == 1 and not kept[quantity]]
    while waiting:
        quantity = waiting.pop()
        if len(uses[quantity]) != 1:
            continue
        (row,) = uses[quantity]
        relation = left[row]
        assert relation is not None
        rest = tuple(part for part in relation.parts if part != quantity)
        if quantity in relation.totals and len(relation.totals) > 1:
            continue
        if quantity in relation.totals or not rest:
            left[row] = None
            gone: Iterable[int] = (*relation.totals, *relation.parts)
        else:
            left[row] = Relation(relation.totals, rest, True)
            gone = (quantity,)
        for member in gone:
            uses[member].discard(row)
            if len(uses[member]) == 1 and not kept[member]:
                waiting.append(member)
    return [relation for relation in left if relation is not None]
