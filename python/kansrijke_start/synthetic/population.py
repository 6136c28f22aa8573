"""The people of the synthetic world and the births of 2016-2023.

:func:`build` makes, for a fraction of the country and a seed, the persons (mothers, other parents, children, older
brothers and sisters, parents of the mothers) and the births, with the regions they are born in. It knows nothing of
income, health or households; these follow in `circumstances` and `lives`.

Conventions of all arrays:

* a date is an int32 number of days since 1 January 1970; `FOREVER` means "no such date" or "still so";
* a person is an int32 index into :class:`Persons`; `NOBODY` (-1) is no person;
* persons stand in blocks in the order of `Role`, so ``mothers`` are ``0 .. n_mothers - 1``;
* spells are half-open: from (inclusive), until (exclusive).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic.regions import Regions

Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]

NOBODY = -1
FOREVER = np.int32(2**31 - 1)
FIRST_YEAR = 2016
LAST_YEAR = 2023


class Role(IntEnum):
    """Why a person is in the world; persons are stored in blocks in this order."""

    MOTHER = 0
    OTHER_PARENT = 1
    CHILD = 2
    OLDER_CHILD = 3
    GRANDPARENT = 4


class Sex(IntEnum):
    """CBS code GBAGESLACHT."""

    MAN = 1
    WOMAN = 2


class OriginClass(IntEnum):
    """Origin of a parent pair as the Regiobeeld classes it: any non-western parent, else any Dutch one, else the rest."""

    DUTCH = 0
    WESTERN_OR_UNKNOWN = 1
    NON_WESTERN = 2


@dataclass(frozen=True)
class Countries:
    """Rows of the seed `countries.csv`; a country is an int16 row number.

    Attributes:
        code: 4-digit code of the BRP country table, text, shape (n,).
        name: Dutch name.
        origin_class: old classification, int8: 0 Dutch, 1 western, 2 non-western, 3 unknown.
        origin_group: row in `groups`, int8 (the ten groups of the 2022 classification, -1 unknown).
        groups: labels of the ten groups.
        netherlands: row number of the Netherlands.
        unknown: row number of the unknown country (code ``----`` in the registers).
    """

    code: NDArray[np.str_]
    name: NDArray[np.str_]
    origin_class: Int8
    origin_group: Int8
    groups: tuple[str, ...]
    netherlands: int
    unknown: int


@dataclass
class Persons:
    """All persons, one element a person; every array has shape (n,).

    Attributes:
        birth_date: int32, days since 1970.
        sex: int8, 1 man, 2 woman.
        role: int8, see :class:`Role`.
        birth_country: int16, row of `Countries`.
        mother_birth_country, father_birth_country: int16, rows of `Countries` (the unknown row when not known).
        origin_country: int16, row of `Countries`: origin in the old classification (own country of birth when born
            abroad, else the mother's when she was born abroad, else the father's).
        generation: int8, 0 Dutch origin, 1 born abroad, 2 born in the Netherlands with a parent born abroad.
        mother, father: int32, legal parents as person index (NOBODY when not in the world). `father` is the other
            legal parent of children, who can be a woman.
        registered_from: int32, first day in the Dutch population register: the day of birth for those born here,
            the day of immigration for those born abroad.
    """

    birth_date: Int32
    sex: Int8
    role: Int8
    birth_country: Int16
    mother_birth_country: Int16
    father_birth_country: Int16
    origin_country: Int16
    generation: Int8
    mother: Int32
    father: Int32
    registered_from: Int32

    def __len__(self) -> int:
        return len(self.birth_date)


@dataclass
class Births:
    """All births of 2016-2023, live and stillborn, one element a child; every array has shape (n,).

    Ordered by birth year, then region; children of one twin birth stand next to each other.

    Attributes:
        child: int32, person index of a live-born child, ``-1 - k`` for the k-th stillborn child (not a person).
        birth_date: int32, days since 1970.
        birth_year: int16.
        is_live: bool.
        mother: int32, person index of the legal mother, NOBODY when the child has no legal parent in the registers.
        other_parent: int32, person index of the other legal parent, NOBODY when unknown.
        event: int32, number of the birth event 0..n_events-1 in the same order; twins share it.
        is_multiple: bool, one of twins.
        region: int16, row of `Regions` (neighbourhood) of the first address (the mother's for a stillborn child).
        birth_rank: int8, 1-based rank among the live births of the mother (0 without a mother). For a stillborn
            child: live births before it + 1.
        mother_age, other_parent_age: int8, age in completed years on the day of birth (-1 when unknown).
        origin_class: int8, see :class:`OriginClass`.
        mother_registered, other_parent_registered: bool, whether that parent is in the population register on the
            reference date, 31 December of the year before birth (False when there is no such parent).
        in_kindoudertab: bool, False for half of the children without a legal parent (the others have blank parents).
        zvw_missing: bool, the mother has no record in the health-insurance registers (stable for each mother).
        gestation_weeks: int8, of stillborn children; 99 unknown; 0 for live births (the register has none).
    """

    child: Int32
    birth_date: Int32
    birth_year: Int16
    is_live: Bool
    mother: Int32
    other_parent: Int32
    event: Int32
    is_multiple: Bool
    region: Int16
    birth_rank: Int8
    mother_age: Int8
    other_parent_age: Int8
    origin_class: Int8
    mother_registered: Bool
    other_parent_registered: Bool
    in_kindoudertab: Bool
    zvw_missing: Bool
    gestation_weeks: Int8

    def __len__(self) -> int:
        return len(self.birth_date)

    @property
    def has_legal_parent(self) -> Bool:
        """At least one legal parent in KINDOUDERTAB."""
        return (self.mother >= 0) | (self.other_parent >= 0)

    @property
    def is_registered_on_reference_date(self) -> Bool:
        """At least one linked parent is registered on 31 December of the year before birth."""
        return self.mother_registered | self.other_parent_registered

    @property
    def in_regiobeeld(self) -> Bool:
        """Live birth with a legal parent who is registered on the reference date."""
        return self.is_live & self.has_legal_parent & self.is_registered_on_reference_date


@dataclass
class Population:
    """The people and births of one world.

    Attributes:
        seed: seed of every draw.
        fraction: fraction of the country.
        persons: all persons.
        births: births of 2016-2023.
        regions: the region table.
        countries: the country table.
        n_mothers: persons ``0 .. n_mothers - 1`` are the mothers; a mother's index is also the number of her family.
        block: for each role the first and last-plus-one person index.
        event_first_birth: int32 (n_events,), index in `births` of the first child of each birth event.
        last_known_partner: int32 (n_mothers,), the mother's most recent known other parent, NOBODY when none.
        mother_last_event_before_window: int32 (n_mothers,), birth date of her last child born before 2016, FOREVER
            when she had none.
        n_stillborn: number of stillborn children.
    """

    seed: int
    fraction: float
    persons: Persons
    births: Births
    regions: Regions
    countries: Countries
    n_mothers: int
    block: dict[Role, tuple[int, int]]
    event_first_birth: Int32
    last_known_partner: Int32
    mother_last_event_before_window: Int32
    n_stillborn: int

    @property
    def n_events(self) -> int:
        """Number of birth events (twins count once)."""
        return len(self.event_first_birth)


def reference_date(birth_year: NDArray[np.integer]) -> Int32:
    """31 December of the year before each birth year, in days since 1970."""
    years = birth_year.astype("int64") - 1970
    january_first: NDArray[np.int64] = years.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return (january_first - 1).astype(np.int32)
