"""Small invented linked systems: tables crossed from hierarchies, and the rows that show them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kansrijke_start.disclosure.system import System, build_system

Counts = npt.NDArray[np.int64]

TEXTS = ("numerator_cell", "denominator_cell", "complement_cell", "follows_cell", "reason")
FLAGS = ("has_small_numerator", "has_small_denominator", "has_small_complement")
ROW_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        ("numerator", pa.int64()),
        ("denominator", pa.int64()),
        *((name, pa.bool_()) for name in FLAGS),
        ("weight", pa.float64()),
        ("keeping", pa.int64()),
    ]
)
EQUATION_SCHEMA = pa.schema(
    [("equation", pa.string()), ("cell", pa.string()), ("coefficient", pa.int64()), ("is_possible", pa.bool_())]
)


@dataclass(frozen=True)
class Row:
    """A row of a published table, by the names of its cells."""

    numerator: str | None
    denominator: str | None = None
    complement: str | None = None
    follows: str | None = None
    weight: float = 1.0
    keeping: int = 0
    is_unsafe: bool = False


@dataclass
class World:
    """Cells, rows and sums.

    Attributes:
        values: the true number of every cell, latent ones too.
        rows: what is published.
        sums: a total and its parts.
        possible: rests that are known to be empty when they are.
    """

    values: dict[str, int]
    rows: list[Row]
    sums: list[tuple[str, tuple[str, ...]]]
    possible: set[str] = field(default_factory=set)

    def rows_table(self, minimum: int = 10) -> pa.Table:
        """The rows as the protector reads them; one hides itself when a number of it is small."""
        made = []
        for row in self.rows:
            numbers = [None if cell is None else self.values[cell] for cell in (row.numerator, row.denominator)]
            small = [
                cell is not None and 0 < self.values[cell] < minimum
                for cell in (row.numerator, row.denominator, row.complement)
            ]
            cells = (row.numerator, row.denominator, row.complement, row.follows)
            reason = "small" if row.is_unsafe or any(small) else None
            found = dict(zip(TEXTS, (*cells, reason), strict=True)) | dict(zip(FLAGS, small, strict=True))
            made.append(
                found
                | {"numerator": numbers[0], "denominator": numbers[1], "weight": row.weight, "keeping": row.keeping}
            )
        return pa.Table.from_pylist(made, schema=ROW_SCHEMA)

    def equations_table(self) -> pa.Table:
        """The sums as the protector reads them."""
        made = [
            {"equation": f"{number:05d}", "cell": cell, "coefficient": sign, "is_possible": cell in self.possible}
            for number, (total, parts) in enumerate(self.sums)
            for cell, sign in ((total, -1), *((part, 1) for part in parts))
        ]
        return pa.Table.from_pylist(made, schema=EQUATION_SCHEMA)

    def system(self, minimum: int = 10) -> System:
        """The system as arrays."""
        return build_system(self.rows_table(minimum), self.equations_table())

    def with_unsafe(self, row: int) -> World:
        """The same, with one more row that hides itself."""
        rows = [replace(one, is_unsafe=one.is_unsafe or number == row) for number, one in enumerate(self.rows)]
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Axis:
    """A dimension of a table: which inner places each code counts, and which codes add up to which."""

    members: dict[str, tuple[int, ...]]
    sums: tuple[tuple[str, tuple[str, ...]], ...]


def flat(prefix: str, size: int, total: str) -> Axis:
    """Codes and their total."""
    codes = tuple(f"{prefix}{place}" for place in range(size))
    members = {code: (place,) for place, code in enumerate(codes)}
    return Axis({**members, total: tuple(range(size))}, ((total, codes),))


def tree(boroughs: Sequence[int]) -> Axis:
    """Districts, the boroughs they lie in, and the city.

    Args:
        boroughs: number of the borough of each district.
    """
    members: dict[str, tuple[int, ...]] = {f"district{place}": (place,) for place in range(len(boroughs))}
    sums = []
    for borough in sorted(set(boroughs)):
        inside = tuple(place for place, of in enumerate(boroughs) if of == borough)
        members[f"borough{borough}"] = inside
        sums.append((f"borough{borough}", tuple(f"district{place}" for place in inside)))
    members["city"] = tuple(range(len(boroughs)))
    sums.append(("city", tuple(f"borough{borough}" for borough in sorted(set(boroughs)))))
    return Axis(members, tuple(sums))


def crossed(inner: Counts, axes: Sequence[Axis]) -> World:
    """Every code with every other, shown in a row of its own; the names of cells are codes with bars between them."""
    values = {
        "|".join(codes): int(inner[np.ix_(*(axis.members[code] for axis, code in zip(axes, codes, strict=True)))].sum())
        for codes in itertools.product(*(axis.members for axis in axes))
    }
    sums = []
    for place, axis in enumerate(axes):
        for others in itertools.product(*(other.members for number, other in enumerate(axes) if number != place)):
            for total, parts in axis.sums:

                def name(code: str, others: tuple[str, ...] = others, place: int = place) -> str:
                    return "|".join((*others[:place], code, *others[place:]))

                sums.append((name(total), tuple(name(part) for part in parts)))
    return World(values, [Row(cell) for cell in values], sums)


PRICES = {"district": (2.0, 0), "borough": (8.0, 1), "city": (50.0, 2)}
"""How dear it is to hide a row of a region, and how long its numbers are kept, as in the project."""


def births(inner: Counts, boroughs: Sequence[int], *, districts_are_pooled: bool = False) -> World:
    """Births by region, category and year: the number of each category among all, and all.

    Args:
        inner: (districts, categories, years) counts.
        boroughs: number of the borough of each district.
        districts_are_pooled: whether districts have rows for all years together only; their years are latent then.
    """
    world = crossed(inner, [tree(boroughs), flat("part", inner.shape[1], "all"), flat("year", inner.shape[2], "years")])
    values, rows, sums = dict(world.values), [], list(world.sums)
    for cell in world.values:
        region, part, year = cell.split("|")
        level = region.rstrip("0123456789")
        weight, keeping = PRICES[level]
        whole = f"{region}|all|{year}"
        complement = f"{region}|not {part}|{year}"
        if part != "all":
            values[complement] = values[whole] - values[cell]
            sums.append((whole, (cell, complement)))
        if districts_are_pooled and level == "district" and year != "years":
            continue
        shares = (None, None) if part == "all" else (whole, complement)
        rows.append(Row(cell, *shares, weight=weight, keeping=keeping))
    return World(values, rows, sums)


def sparse_counts(random: np.random.Generator, shape: Iterable[int], mean: float, zeros: float) -> Counts:
    """Counts of which many are small, and a share of which is zero."""
    shape = tuple(shape)
    counts = random.poisson(random.gamma(0.8, mean / 0.8, size=shape))
    return np.where(random.random(shape) < zeros, 0, counts).astype(np.int64)


def random_births(seed: int, *, mean: float = 12.0, zeros: float = 0.15, largest: tuple[int, ...] = (4, 4, 3)) -> World:
    """Births of a random size in a random city."""
    random = np.random.default_rng(seed)
    shape = [int(random.integers(2, size + 1)) for size in largest]
    inner = sparse_counts(random, shape, mean, zeros)
    boroughs = [place * 2 // shape[0] for place in range(shape[0])]
    return births(inner, boroughs, districts_are_pooled=bool(random.random() < 0.25))
