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

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic import regions as regions_module
from kansrijke_start.synthetic.regions import Regions
from kansrijke_start.synthetic.text import digit_matrix

Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

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
    """Origin of a parent pair as the Regiobeeld has it: any non-western parent, else any Dutch one, else the rest."""

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
        absent_from, absent_until: int32, planned stay abroad of persons born here who come back in the year of a
            birth (FOREVER, FOREVER for everyone else); `lives` adds the other ones.
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
    absent_from: Int32
    absent_until: Int32

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
        event_mother, event_other_parent: int32 (n_events,), persons, NOBODY when unknown.
        event_date: int32 (n_events,), day of birth of the first child.
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
    event_mother: Int32
    event_other_parent: Int32
    event_date: Int32
    n_stillborn: int

    @cached_property
    def rin_digits(self) -> NDArray[np.uint8]:
        """RINPERSOON of every person, then every stillborn child, as ASCII digits: uint8 (persons + stillborn, 9)."""
        index = np.arange(len(self.persons) + self.n_stillborn)
        return digit_matrix(draws.number_in_register(self.seed, "person", index), 9)

    @property
    def n_events(self) -> int:
        """Number of birth events (twins count once)."""
        return len(self.event_first_birth)


def january_first(years: NDArray[np.integer] | int) -> NDArray[np.int64]:
    """1 January of each year in days since 1970."""
    offset = np.asarray(years, dtype=np.int64) - 1970
    days: NDArray[np.int64] = offset.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return days


def year_of(days: NDArray[np.integer]) -> NDArray[np.int64]:
    """Calendar year of each day."""
    return np.asarray(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def reference_date(birth_year: NDArray[np.integer]) -> Int32:
    """31 December of the year before each birth year, in days since 1970."""
    return (january_first(birth_year) - 1).astype(np.int32)


def completed_years(birth_date: NDArray[np.integer], day: NDArray[np.integer]) -> NDArray[np.int64]:
    """Age in completed years by the calendar (a person born on 29 February has the birthday on 1 March otherwise)."""
    born = np.asarray(birth_date, dtype=np.int64).astype("datetime64[D]")
    now = np.asarray(day, dtype=np.int64).astype("datetime64[D]")
    born_month, now_month = born.astype("datetime64[M]"), now.astype("datetime64[M]")
    months = now_month.astype(np.int64) - born_month.astype(np.int64)
    before_day = (now - now_month).astype(np.int64) < (born - born_month).astype(np.int64)
    return (months - before_day) // 12


def load_parameters(folder: Path | None = None) -> dict[str, Any]:
    """The parameter files of this part of the twin, by name (without scenarios)."""
    place = folder or Path(__file__).parent / "parameters"
    return {
        name: yaml.safe_load((place / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("population", "regions", "lives")
        if (place / f"{name}.yml").is_file()
    }


def load_countries(path: Path | None = None) -> Countries:
    """The seed of countries and their origin classes.

    Raises:
        KansrijkeStartError: the seed is missing or holds an unknown class or group.
    """
    place = path or PROJECT_ROOT / "seeds" / "code_lists" / "countries.csv"
    if not place.is_file():
        raise KansrijkeStartError(f"{place} is missing: restore it from the repository (git checkout -- {place}).")
    with place.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classes = {"dutch": 0, "western": 1, "non_western": 2, "unknown": 3}
    groups = (
        "Nederland",
        "Europa",
        "Turkije",
        "Marokko",
        "Suriname",
        "Cariben NL",
        "Indonesië",
        "Overig Afrika",
        "Overig Azië",
        "Overig Amerika en Oceanië",
    )
    for row in rows:
        if row["origin_class_old"] not in classes or row["origin_group_2022"] not in (*groups, "Onbekend"):
            raise KansrijkeStartError(f"{place}: country {row['country_code']} has an unknown class or group.")
    codes = [row["country_code"] for row in rows]
    return Countries(
        code=np.array(codes),
        name=np.array([row["name_nl"] for row in rows]),
        origin_class=np.array([classes[row["origin_class_old"]] for row in rows], dtype=np.int8),
        origin_group=np.array(
            [groups.index(row["origin_group_2022"]) if row["origin_group_2022"] in groups else -1 for row in rows],
            dtype=np.int8,
        ),
        groups=groups,
        netherlands=codes.index("6030"),
        unknown=codes.index("0000"),
    )


_NORMAL_GRID = np.linspace(-6.0, 6.0, 4001)
_NORMAL_CDF = np.array([0.5 * (1.0 + erf(x / 2.0**0.5)) for x in _NORMAL_GRID])


def _normal_cdf(x: Float) -> Float:
    return np.interp(x, _NORMAL_GRID, _NORMAL_CDF)


def _normal_quantile(u: Float) -> Float:
    return np.interp(u, _NORMAL_CDF, _NORMAL_GRID)


def age_distribution(classes: Mapping[str, float], shape: Mapping[str, float]) -> tuple[NDArray[np.int64], Float]:
    """Single-year distribution that has given shares of age classes.

    Args:
        classes: weight for each class, as ``{"20-24": 7.4, ...}`` (inclusive ages).
        shape: mean and deviation of the normal curve that gives the course inside a class.

    Returns:
        ages (int64) and shares (float64, sum 1).
    """
    ages: list[int] = []
    shares: list[float] = []
    total = sum(classes.values())
    for label, weight in classes.items():
        first, last = (int(part) for part in label.split("-"))
        inside = np.arange(first, last + 1)
        curve = np.exp(-0.5 * ((inside + 0.5 - shape["mean"]) / shape["deviation"]) ** 2)
        ages += inside.tolist()
        shares += (curve / curve.sum() * weight / total).tolist()
    return np.array(ages), np.array(shares)


@dataclass
class _Origins:
    """Origin categories with their countries and the joint distributions of parent pairs."""

    names: list[str]
    origin_class: Int8
    country_table: Float  # (categories, countries) weights
    born_abroad: Float
    joint: dict[str, Float]  # stratum kind -> (k, k) joint of (mother, other parent)


def _origins(settings: Mapping[str, Any], countries: Countries) -> _Origins:
    categories = settings["categories"]
    names = list(categories)
    index = {code: i for i, code in enumerate(countries.code)}
    table = np.zeros((len(names), len(countries.code)))
    origin_class = np.zeros(len(names), dtype=np.int8)
    for row, name in enumerate(names):
        for code, weight in categories[name]["countries"].items():
            if str(code) not in index:
                raise KansrijkeStartError(
                    f"parameters/population.yml: country {code} of origin {name} is not in the seed."
                )
            table[row, index[str(code)]] = weight
        found = {int(countries.origin_class[index[str(code)]]) for code in categories[name]["countries"]}
        found_groups = {int(countries.origin_group[index[str(code)]]) for code in categories[name]["countries"]}
        if len(found) != 1 or found_groups != {countries.groups.index(categories[name]["group"])}:
            raise KansrijkeStartError(
                f"parameters/population.yml: the countries of origin {name} differ in class or group."
            )
        origin_class[row] = found.pop()

    def shares(key: str) -> Float:
        values = np.array([float(settings[key][name]) for name in names])
        return values / values.sum()

    same = np.array([settings["same_origin"][name] for name in names])

    def joint(mothers: Float, others: Float, same_origin: Float) -> Float:
        result = mothers[:, None] * (1 - same_origin[:, None]) * others[None, :]
        result[np.arange(len(names)), np.arange(len(names))] += mothers * same_origin
        return result

    city = shares("parents_amsterdam")
    arrived = shares("parents_immigrated")
    return _Origins(
        names=names,
        origin_class=origin_class,
        country_table=table,
        born_abroad=np.array([settings["born_abroad"][name] for name in names]),
        joint={
            "amsterdam": joint(city, city, same),
            "immigrated": joint(arrived, arrived, np.full(len(names), settings["same_origin_immigrated"])),
        },
    )


def pair_class(mother_class: NDArray[np.integer], other_class: NDArray[np.integer]) -> Int8:
    """Class of a parent pair: non-western if any parent is, else Dutch if any is, else western or unknown.

    Args:
        mother_class, other_class: 0 Dutch, 1 western, 2 non-western, 3 unknown (or no such parent).
    """
    non_western = (mother_class == 2) | (other_class == 2)
    dutch = (mother_class == 0) | (other_class == 0)
    return np.where(non_western, 2, np.where(dutch, 0, 1)).astype(np.int8)


def _pair_tables(
    origins: _Origins, settings: Mapping[str, Any], n_boroughs: int, codes: tuple[str, ...]
) -> tuple[Float, Float]:
    """Distributions over pairs (k*k) and over mothers without other parent (k), for each stratum.

    Stratum 0 is the country outside Amsterdam, 1..n_boroughs the boroughs of Amsterdam.
    """
    k = len(origins.names)
    a, b = np.meshgrid(origins.origin_class, origins.origin_class, indexing="ij")
    class_of_pair = pair_class(a, b)
    single_class = np.where(origins.origin_class == 2, 2, np.where(origins.origin_class == 0, 0, 1))
    pairs = np.zeros((n_boroughs + 1, k * k))
    singles = np.zeros((n_boroughs + 1, k))
    goal = settings["amsterdam_classes"]
    goal_share = np.array([goal["dutch"], goal["western_or_unknown"], goal["non_western"]], dtype=np.float64)
    goal_share /= goal_share.sum()
    sizes = np.array([settings["borough_weights"][code] for code in codes], dtype=np.float64)
    tilt = np.array(
        [
            [0.0, settings["borough_tilt"][code]["western_or_unknown"], settings["borough_tilt"][code]["non_western"]]
            for code in codes
        ]
    )
    by_borough = goal_share * np.exp(tilt)
    for _ in range(200):
        by_borough /= by_borough.sum(axis=1, keepdims=True)
        city = (by_borough * sizes[:, None]).sum(axis=0) / sizes.sum()
        by_borough *= goal_share / city
    by_borough /= by_borough.sum(axis=1, keepdims=True)
    joint = origins.joint["amsterdam"]
    for borough in range(n_boroughs):
        for number in range(3):
            inside = np.where(class_of_pair == number, joint, 0.0)
            pairs[borough + 1] += (inside / inside.sum() * by_borough[borough, number]).ravel()
            alone = np.where(single_class == number, joint.sum(axis=1), 0.0)
            singles[borough + 1] += alone / alone.sum() * by_borough[borough, number]
    elsewhere = _pairs_elsewhere(origins, settings, pairs, sizes, settings["arrived_share"])
    pairs[0] = elsewhere.ravel()
    singles[0] = elsewhere.sum(axis=1)
    return pairs, singles


def _pairs_elsewhere(
    origins: _Origins, settings: Mapping[str, Any], pairs: Float, sizes: Float, arrived_share: float
) -> Float:
    """Joint distribution of parent pairs outside Amsterdam, so that the country as a whole has the published origins.

    The country is 6 % Amsterdam (RB-01), `arrived_share` pairs who came in the year of birth, and the rest. Other
    parents who are not of the mother's origin by descent get the origins that are still missing.
    """
    k = len(origins.names)
    city = (pairs[1:].reshape(-1, k, k) * sizes[:, None, None]).sum(axis=0) / sizes.sum()
    arrived = origins.joint["immigrated"]
    own: list[Float] = []
    for axis, key in ((1, "mothers_country"), (0, "other_parents_country")):
        share = np.array([float(settings[key][name]) for name in origins.names])
        rest = (
            share / share.sum()
            - (1 - arrived_share) * 0.06 * city.sum(axis=axis)
            - arrived_share * arrived.sum(axis=axis)
        )
        rest = np.maximum(rest, 1e-6)
        own.append(rest / rest.sum())
    same = np.array([settings["same_origin"][name] for name in origins.names])
    mothers, others = own
    other = np.maximum(others - mothers * same, 1e-7)
    other /= other.sum()
    result = mothers[:, None] * (1 - same[:, None]) * other[None, :]
    result[np.arange(k), np.arange(k)] += mothers * same
    return result


class _Growing:
    """Arrays of equal length that grow by concatenation."""

    def extend(self, **columns: NDArray[Any]) -> None:
        """Append elements; every array must be given."""
        for name, old in list(vars(self).items()):
            setattr(self, name, np.concatenate([old, columns[name].astype(old.dtype)]))


@dataclass
class _Mothers(_Growing):
    """Mothers while the years go by."""

    birth_date: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    last_date: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    last_year: Int16 = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    live_children: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    partner: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    cell: Int16 = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    region: Int16 = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    origin: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    first_event_year: Int16 = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    first_event_date: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    new_here: Bool = field(default_factory=lambda: np.empty(0, dtype=bool))
    earlier: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))

    def __len__(self) -> int:
        return len(self.birth_date)


@dataclass
class _Partners(_Growing):
    """Other parents while the years go by."""

    birth_date: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    sex: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    origin: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    first_event_year: Int16 = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    first_event_date: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    new_here: Bool = field(default_factory=lambda: np.empty(0, dtype=bool))

    def __len__(self) -> int:
        return len(self.birth_date)


@dataclass
class _Events:
    """Birth events of one year, sorted by planning cell."""

    year: int
    cell: Int16
    region: Int16
    is_live: Bool
    is_twin: Bool
    twin_next_day: Bool
    mother: Int32
    partner: Int32
    date: Int32
    linked: Bool
    rank: Int8


class _Builder:
    """Builds the births year by year; see :func:`build`."""

    def __init__(self, parameters: Mapping[str, Any], fraction: float, seed: int) -> None:
        self.parameters = parameters
        self.p = parameters["population"]
        self.fraction = fraction
        self.seed = seed
        self.regions = regions_module.build(parameters)
        self.countries = load_countries()
        self.origins = _origins(self.p["origin"], self.countries)
        settings = dict(self.p["origin"])
        settings["borough_weights"] = parameters["regions"]["amsterdam"]["borough_births_2021"]
        arrivals = float(np.mean(list(self.p["exclusions"]["not_registered_share"].values())))
        settings["arrived_share"] = arrivals * settings["arrived_mothers_per_arrival"]
        self.pairs, self.singles = _pair_tables(
            self.origins, settings, len(self.regions.borough_codes), self.regions.borough_codes
        )
        first_rows = self.regions.cell_start[:-1]
        self.cell_stratum = self.regions.borough[first_rows].astype(np.int64)  # 0 elsewhere, 1.. boroughs
        self.cell_in_city = self.cell_stratum > 0
        self.age_shares = self._age_shares("mothers")
        self.partner_age_shares = self._age_shares("other_parents")
        self.mothers = _Mothers()
        self.partners = _Partners()
        self.events: list[_Events] = []
        self.older_mother: list[NDArray[np.int64]] = []
        self.older_date: list[NDArray[np.int64]] = []

    # -- distributions --------------------------------------------------------------------------------------------

    def _age_shares(self, block: str) -> tuple[NDArray[np.int64], Float]:
        """Ages and their shares in [elsewhere, Amsterdam] (shape (2, ages))."""
        settings = self.p[block]
        ages, country = age_distribution(settings["age_country"], settings["shape"])
        _, city = age_distribution(settings["age_amsterdam"], settings["shape"])
        elsewhere = np.maximum((country - 0.06 * city) / 0.94, 0)
        return ages, np.stack([elsewhere / elsewhere.sum(), city])

    def _u(self, stream: str, index: NDArray[np.integer]) -> Float:
        return draws.uniform(self.seed, f"population/{stream}", index)

    # -- one year -------------------------------------------------------------------------------------------------

    def add_year(self, year: int) -> None:
        """Draw the birth events of a year and their parents."""
        events = self._slots(year)
        linked = np.flatnonzero(events.linked)
        # Events of a cell in random order: the first ones go to mothers who had a child before.
        order = linked[draws.shuffled_within(self.seed, f"population/{year}/event order", events.cell[linked])]
        chosen, target_cell = self._next_children(year, events, order)
        position = self._positions(order, events.cell, target_cell)
        fits = position >= 0
        chosen, target_cell, position = chosen[fits], target_cell[fits], position[fits]
        again = np.zeros(len(events.cell), dtype=bool)
        again[position] = True
        events.mother[position] = chosen
        new = order[~again[order]]
        new.sort()
        self._regions_of(year, events, position, chosen)
        self._dates(year, events, position, chosen)
        not_registered = self._not_registered(year, events, new)
        self._new_mothers(year, events, new, len(linked), not_registered)
        self._partners_of(year, events, new, position, not_registered)
        self._close_year(year, events)

    def _slots(self, year: int) -> _Events:
        """Birth events from the expected births of each cell: children, twins, stillborn, children without parents."""
        births = self.p["births"]
        out = self.p["exclusions"]
        kept = (1 - out["no_legal_parent_share"]) * (1 - out["not_registered_share"][year])
        expected = (
            regions_module.expected_live_births(self.regions, self.parameters, year, kept, births["live"][year])
            * self.fraction
        )
        offset = draws.uniform_one(self.seed, f"population/{year}/live offset")
        live = draws.systematic_counts(expected, offset)
        offset = draws.uniform_one(self.seed, f"population/{year}/stillborn offset")
        still = draws.systematic_counts(expected * births["stillborn_share"], offset)
        child_cell = np.repeat(np.arange(len(live)), live)
        twin = births["twin_share"] / (1 + births["twin_share"])
        second = self._u(f"{year}/twin", np.arange(len(child_cell))) < twin
        second[1:] &= (child_cell[1:] == child_cell[:-1]) & ~second[:-1]
        second[:1] = False
        first = np.flatnonzero(~second)
        is_twin = np.append(second[1:], False)[first]
        cell = np.concatenate([child_cell[first], np.repeat(np.arange(len(still)), still)])
        is_live = np.arange(len(cell)) < len(first)
        is_twin = np.concatenate([is_twin, np.zeros(len(cell) - len(first), dtype=bool)])
        order = np.argsort(cell, kind="stable")
        cell, is_live, is_twin = cell[order], is_live[order], is_twin[order]
        n = len(cell)
        single = np.flatnonzero(is_live & ~is_twin)
        share = out["no_legal_parent_share"] * live.sum() / max(len(single), 1)
        without = draws.stratified_bernoulli(
            self.seed, f"population/{year}/no legal parent", min(share, 1.0), cell[single]
        )
        linked = np.ones(n, dtype=bool)
        linked[single[without]] = False
        return _Events(
            year=year,
            cell=cell.astype(np.int16),
            region=np.zeros(n, dtype=np.int16),
            is_live=is_live,
            is_twin=is_twin,
            twin_next_day=is_twin & (self._u(f"{year}/twin next day", np.arange(n)) < births["twin_next_day_share"]),
            mother=np.full(n, NOBODY, dtype=np.int32),
            partner=np.full(n, NOBODY, dtype=np.int32),
            date=np.zeros(n, dtype=np.int32),
            linked=linked,
            rank=np.zeros(n, dtype=np.int8),
        )

    def _next_children(self, year: int, events: _Events, order: NDArray[np.int64]) -> tuple[Int32, NDArray[np.int64]]:
        """Mothers of the years before who have another child this year, and the cell they have it in."""
        births = self.p["births"]
        later = (1 - births["first_share"]) * len(order)
        shares = np.array(list(births["interval_years"].values()), dtype=np.float64)
        gaps = np.array(list(births["interval_years"]), dtype=np.int64)
        chosen: list[NDArray[np.int64]] = []
        parity_weight = np.array([1.0, *births["next_child_weight_by_parity"].values()])
        age_points = births["next_child_weight_by_age"]
        for gap, share in zip(gaps, shares / shares.sum(), strict=True):
            if year - gap < FIRST_YEAR:
                continue
            pool = np.flatnonzero(self.mothers.last_year == year - gap)
            age = (january_first(year) + 182 - self.mothers.birth_date[pool]) / 365.25
            weight = np.interp(age, list(age_points), list(age_points.values()))
            weight = weight * parity_weight[np.clip(self.mothers.live_children[pool], 0, len(parity_weight) - 1)]
            number = min(round(later * share), int((weight > 0).sum()))
            key = draws.race_keys(self.seed, f"population/{year}/next child", pool, weight)
            chosen.append(pool[np.argpartition(key, number - 1)[:number]] if number else pool[:0])
        mothers = np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)
        cell = self.mothers.cell[mothers].astype(np.int64)
        moves = self._u(f"{year}/other cell", mothers) < births["other_cell_share"]
        size = np.bincount(events.cell, minlength=self.regions.n_cells).astype(np.float64)
        size[self.cell_in_city] *= births["amsterdam_destination_weight"]
        if moves.any() and size.sum() > 0:
            cell[moves] = draws.categorical(self._u(f"{year}/destination", mothers[moves]), size)
        return mothers.astype(np.int32), cell

    def _positions(self, order: NDArray[np.int64], cells: Int16, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Event for each mother who has another child, -1 when her cell has no room (they get 9 of 10 places)."""
        n_cells = self.regions.n_cells
        size = np.bincount(cells[order], minlength=n_cells)
        start = np.cumsum(size) - size
        room = np.floor(size * 0.9 + 0.5).astype(np.int64)
        sorted_wanted = draws.shuffled_within(self.seed, "population/room", wanted)
        in_order = wanted[sorted_wanted]
        count = np.bincount(wanted, minlength=n_cells)
        rank = np.arange(len(wanted)) - (np.cumsum(count) - count)[in_order]
        result = np.full(len(wanted), -1, dtype=np.int64)
        fits = rank < room[in_order]
        result[sorted_wanted[fits]] = order[start[in_order[fits]] + rank[fits]]
        return result

    def _regions_of(self, year: int, events: _Events, position: NDArray[np.int64], chosen: Int32) -> None:
        """Neighbourhood of every event."""
        cells = events.cell.astype(np.int64)
        u = draws.stratified_uniform(self.seed, f"population/{year}/neighbourhood", cells, self.regions.n_cells)
        events.region[:] = self.regions.draw_row(cells, u)
        same = self.mothers.cell[chosen] == events.cell[position]
        same &= self._u(f"{year}/same neighbourhood", chosen) < self.p["births"]["same_neighbourhood_share"]
        events.region[position[same]] = self.mothers.region[chosen[same]]

    def _dates(self, year: int, events: _Events, position: NDArray[np.int64], chosen: Int32) -> None:
        """Day of birth: even over the year, not too soon after the mother's previous birth."""
        first = np.full(len(events.cell), january_first(year))
        first[position] = np.maximum(
            first[position], self.mothers.last_date[chosen] + self.p["births"]["shortest_interval_days"] + 1
        )
        last = np.full(len(events.cell), january_first(year + 1))
        events.date[:] = draws.integers(self.seed, f"population/{year}/day", np.arange(len(first)), first, last)

    def _not_registered(self, year: int, events: _Events, new: NDArray[np.int64]) -> Bool:
        """New mothers (by place in `new`) who, with the other parent, come into the register in the year of birth."""
        share = self.p["exclusions"]["not_registered_share"][year]
        in_city = self.cell_in_city[events.cell]
        children = 1 + events.is_twin
        probability = np.zeros(len(new))
        for city in (False, True):
            everyone = events.linked & (in_city == city)
            mine = in_city[new] == city
            room = float(children[new][mine].sum())
            probability[mine] = min(1.0, share * float(children[everyone].sum()) / room) if room else 0.0
        result = draws.stratified_bernoulli(
            self.seed, f"population/{year}/not registered", probability, events.cell[new].astype(np.int64)
        )
        # They need some days in January to arrive in.
        early = new[result & (events.date[new] < january_first(year) + 10)]
        events.date[early] += 10
        return result

    def _new_mothers(
        self, year: int, events: _Events, new: NDArray[np.int64], n_linked: int, not_registered: Bool
    ) -> None:
        """Age, origin and earlier children of the mothers who enter the world this year."""
        births = self.p["births"]
        n = len(new)
        ages, shares = self.age_shares
        in_city = self.cell_in_city[events.cell].astype(np.int64)
        old = np.flatnonzero((events.mother >= 0) & events.linked)
        old_age = completed_years(self.mothers.birth_date[events.mother[old]], events.date[old])
        age = np.empty(n, dtype=np.int64)
        for city in (0, 1):
            mine = np.flatnonzero(in_city[new] == city)
            theirs = np.bincount(
                np.clip(old_age[in_city[old] == city] - ages[0], 0, len(ages) - 1), minlength=len(ages)
            )
            wanted = np.maximum(shares[city] * (len(mine) + theirs.sum()) - theirs, 0.0)
            if not wanted.sum():
                wanted = shares[city].copy()
            u = draws.stratified_uniform(
                self.seed, f"population/{year}/age/{city}", np.zeros(len(mine), dtype=np.int64), 1
            )
            age[mine] = ages[draws.categorical(u, wanted)]
        date = events.date[new].astype(np.int64)
        # A day of birth that makes her `age` completed years old on the day of delivery.
        birthday = date - np.floor(365.2425 * age).astype(np.int64) - 1
        birth_date = birthday - np.floor(self._u(f"{year}/birthday", new) * 363.0).astype(np.int64)
        # Earlier children: as many mothers as second and later births are still missing.
        missing = (1 - births["first_share"]) * n_linked - len(old)
        number = int(np.clip(round(missing), 0, n))
        weight = np.where(age >= 18, np.exp(births["earlier_child_log_odds_by_year_of_age"] * (age - 30)), 0.0)
        key = draws.race_keys(self.seed, f"population/{year}/earlier child", new, weight)
        has_earlier = np.zeros(n, dtype=bool)
        if number:
            has_earlier[np.argpartition(key, number - 1)[:number]] = True
        has_earlier &= weight > 0
        table = births["earlier_children"]
        earlier = np.array(list(table))[
            draws.choice(self.seed, f"population/{year}/earlier", new, list(table.values()))
        ]
        earlier = self._earlier_children(year, new, date, birth_date, np.where(has_earlier, earlier, 0))
        events.mother[new] = len(self.mothers) + np.arange(n)
        self.mothers.extend(
            birth_date=birth_date,
            last_date=date,
            last_year=np.full(n, year),
            live_children=np.zeros(n),
            partner=np.full(n, NOBODY),
            cell=events.cell[new],
            region=events.region[new],
            origin=np.zeros(n),
            first_event_year=np.full(n, year),
            first_event_date=date,
            new_here=not_registered,
            earlier=earlier,
        )

    def _earlier_children(
        self,
        year: int,
        new: NDArray[np.int64],
        date: NDArray[np.int64],
        birth_date: NDArray[np.int64],
        wanted: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Days of birth of children born before 2016, backwards from the first birth in the world; how many fit."""
        births = self.p["births"]
        gaps = np.array(list(births["interval_years"]), dtype=np.int64)
        cumulative = np.concatenate([[0.0], np.cumsum(list(births["interval_years"].values()))])
        cumulative /= cumulative[-1]
        least_age = round(15.5 * 365.25)
        kept = np.zeros(len(new), dtype=np.int64)
        following = date.copy()
        # The previous birth lies before 2016: only intervals that reach back so far.
        reach = cumulative[np.searchsorted(gaps, min(year - FIRST_YEAR + 1, int(gaps[-1])))]
        for number in range(1, int(wanted.max(initial=0)) + 1):
            u = self._u(f"{year}/earlier interval {number}", new)
            day = self._u(f"{year}/earlier day {number}", new)
            if number == 1:
                gap = gaps[
                    np.minimum(np.searchsorted(cumulative, reach + u * (1 - reach), side="right") - 1, len(gaps) - 1)
                ]
                first = january_first(year - gap)
                last = np.minimum(january_first(year - gap + 1), date - births["shortest_interval_days"])
                when = first + np.floor(day * (last - first)).astype(np.int64)
            else:
                gap = gaps[np.minimum(np.searchsorted(cumulative, u, side="right") - 1, len(gaps) - 1)]
                days = np.floor((gap - 0.5 + day) * 365.25).astype(np.int64)
                when = following - np.maximum(days, births["shortest_interval_days"] + 1)
            fits = (wanted >= number) & (kept == number - 1) & (when >= birth_date + least_age)
            kept += fits
            following = np.where(fits, when, following)
            self.older_mother.append(len(self.mothers) + np.flatnonzero(fits))
            self.older_date.append(when[fits])
        return kept

    def _partners_of(
        self,
        year: int,
        events: _Events,
        new: NDArray[np.int64],
        again: NDArray[np.int64],
        not_registered: Bool,
    ) -> None:
        """Other parents: known or not, the same as before or another person; origins of new parents."""
        settings = self.p["other_parent"]
        in_city = self.cell_in_city[events.cell]
        # Mothers who had a child before.
        mother = events.mother[again]
        before = self.mothers.partner[mother]
        u = self._u(f"{year}/partner again", mother)
        stays_unknown = (before < 0) & (u < settings["stays_unknown_share"])
        becomes_unknown = (before >= 0) & (u < settings["becomes_unknown_share"])
        other_person = (
            (before >= 0) & ~becomes_unknown & (u < settings["becomes_unknown_share"] + settings["other_person_share"])
        )
        unknown_again = stays_unknown | becomes_unknown
        fresh_again = (before < 0) & ~stays_unknown | other_person
        events.partner[again] = np.where(unknown_again, NOBODY, before)
        # New mothers: so many unknown that the share of the year is right.
        probability = np.zeros(len(new))
        city_share = settings["unknown_share_amsterdam"]
        for city, share in (
            (True, city_share),
            (False, (settings["unknown_share_country"] - 0.06 * city_share) / 0.94),
        ):
            mine = in_city[new] == city
            known_need = (
                share * (mine.sum() + (in_city[again] == city).sum()) - unknown_again[in_city[again] == city].sum()
            )
            probability[mine] = np.clip(known_need / max(mine.sum(), 1), 0, 1)
        stratum = events.cell[new].astype(np.int64) * 2 + not_registered
        unknown_new = draws.stratified_bernoulli(self.seed, f"population/{year}/unknown partner", probability, stratum)
        # Origins of new pairs.
        k = len(self.origins.names)
        first_mother = len(self.mothers) - len(new)
        origin = np.empty(len(new), dtype=np.int64)
        partner_origin = np.zeros(len(new), dtype=np.int64)
        borough = self.cell_stratum[events.cell[new]]
        arrived = self.origins.joint["immigrated"]
        for label, mine, pair_table, single_table in (
            ("here", ~not_registered, self.pairs, self.singles),
            (
                "arrived",
                not_registered,
                np.tile(arrived.ravel(), (len(self.pairs), 1)),
                np.tile(arrived.sum(axis=1), (len(self.pairs), 1)),
            ),
        ):
            pair = np.flatnonzero(mine & ~unknown_new)
            drawn = draws.stratified_categories(self.seed, f"population/{year}/pair/{label}", pair_table, borough[pair])
            origin[pair], partner_origin[pair] = drawn // k, drawn % k
            alone = np.flatnonzero(mine & unknown_new)
            origin[alone] = draws.stratified_categories(
                self.seed, f"population/{year}/alone/{label}", single_table, borough[alone]
            )
        self.mothers.origin[first_mother:] = origin
        # One parent new in the register, the other not.
        out = self.p["exclusions"]
        known_new = ~unknown_new & ~not_registered
        abroad = self.origins.born_abroad > 0
        n_births = len(new) + len(again)
        can_arrive = known_new & abroad[origin]
        chance = out["only_mother_new_share"] * n_births / max(int(can_arrive.sum()), 1)
        only_mother = can_arrive & (self._u(f"{year}/only mother new", new) < chance)
        can_arrive = known_new & ~only_mother & abroad[partner_origin]
        chance = out["only_other_parent_new_share"] * n_births / max(int(can_arrive.sum()), 1)
        only_partner = can_arrive & (self._u(f"{year}/only other parent new", new) < chance)
        self.mothers.new_here[first_mother:] |= only_mother
        early = new[(only_mother | only_partner) & (events.date[new] < january_first(year) + 10)]
        events.date[early] += 10
        self.mothers.last_date[events.mother[early]] = events.date[early]
        self.mothers.first_event_date[events.mother[early]] = events.date[early]
        # The persons.
        who_new = np.flatnonzero(~unknown_new)
        who_again = np.flatnonzero(fresh_again)
        event = np.concatenate([new[who_new], again[who_again]])
        joint_by_stratum = self.pairs.reshape(-1, k, k)
        own = self.mothers.origin[events.mother[again[who_again]]]
        rows = joint_by_stratum[self.cell_stratum[events.cell[again[who_again]]], own]
        rows = np.where(rows.sum(axis=1, keepdims=True) > 0, rows, joint_by_stratum[0].sum(axis=0))
        again_origin = draws.categorical(self._u(f"{year}/new partner origin", event[len(who_new) :]), rows)
        self._add_partners(
            year,
            events,
            event,
            np.concatenate([partner_origin[who_new], again_origin]),
            np.concatenate([(not_registered | only_partner)[who_new], np.zeros(len(who_again), dtype=bool)]),
        )

    def _add_partners(
        self, year: int, events: _Events, event: NDArray[np.int64], origin: NDArray[np.int64], new_here: Bool
    ) -> None:
        """New other parents; their age follows the mother's by a normal copula with the published distribution."""
        date = events.date[event].astype(np.int64)
        mother_age = completed_years(self.mothers.birth_date[events.mother[event]], date)
        ages, shares = self.age_shares
        city = self.cell_in_city[events.cell[event]].astype(np.int64)
        cumulative = np.concatenate([np.zeros((2, 1)), np.cumsum(shares, axis=1)], axis=1)
        place = np.clip(mother_age - ages[0], 0, len(ages) - 1)
        u = self._u(f"{year}/partner age/place", event)
        rank = cumulative[city, place] + u * shares[city, place]
        rho = self.p["other_parents"]["age_correlation"]
        score = rho * _normal_quantile(rank) + (1 - rho**2) ** 0.5 * draws.normal(
            self.seed, f"population/{year}/partner age", event
        )
        partner_ages, partner_shares = self.partner_age_shares
        old = np.flatnonzero(events.partner >= 0)
        old_city = self.cell_in_city[events.cell[old]]
        old_age = completed_years(self.partners.birth_date[events.partner[old]], events.date[old].astype(np.int64))
        place = np.clip(old_age - partner_ages[0], 0, len(partner_ages) - 1)
        age = np.empty(len(event), dtype=np.int64)
        for which in (0, 1):
            mine = np.flatnonzero(city == which)
            # What the other parents who had a child before leave of the published distribution.
            theirs = np.bincount(place[old_city == which], minlength=len(partner_ages))
            wanted = np.maximum(partner_shares[which] * (len(mine) + theirs.sum()) - theirs, 0.0)
            if not wanted.sum():
                wanted = partner_shares[which].copy()
            u = np.empty(len(mine))
            u[np.argsort(score[mine], kind="stable")] = (np.arange(len(mine)) + 0.5) / max(len(mine), 1)
            found = np.searchsorted(np.cumsum(wanted) / wanted.sum(), u, side="right")
            age[mine] = partner_ages[np.minimum(found, len(partner_ages) - 1)]
        birth_date = date - np.floor(365.2425 * age).astype(np.int64) - 1
        birth_date -= np.floor(self._u(f"{year}/partner birthday", event) * 363.0).astype(np.int64)
        woman = self._u(f"{year}/second mother", event) < self.p["other_parent"]["second_mother_share"]
        events.partner[event] = len(self.partners) + np.arange(len(event))
        self.partners.extend(
            birth_date=birth_date,
            sex=np.where(woman, Sex.WOMAN, Sex.MAN),
            origin=origin,
            first_event_year=np.full(len(event), year),
            first_event_date=date,
            new_here=new_here,
        )

    def _close_year(self, year: int, events: _Events) -> None:
        """Ranks, and the mothers' state after this year."""
        linked = np.flatnonzero(events.linked)
        mother = events.mother[linked]
        before = self.mothers.live_children[mother].astype(np.int64)
        fresh = self.mothers.first_event_year[mother] == year
        before = np.where(fresh & (self.mothers.live_children[mother] == 0), self.mothers.earlier[mother], before)
        events.rank[linked] = before + 1
        self.mothers.live_children[mother] = before + np.where(events.is_live[linked], 1 + events.is_twin[linked], 0)
        self.mothers.last_date[mother] = events.date[linked] + events.twin_next_day[linked]
        self.mothers.last_year[mother] = year
        self.mothers.partner[mother] = events.partner[linked]
        self.mothers.cell[mother] = events.cell[linked]
        self.mothers.region[mother] = events.region[linked]
        self.events.append(events)

    # -- the end ----------------------------------------------------------------------------------------------------

    def finish(self) -> Population:
        """Number the persons and make the arrays of the contract."""
        seed = self.seed
        n_mothers, n_partners = len(self.mothers), len(self.partners)
        year = np.concatenate([np.full(len(e.cell), e.year) for e in self.events])

        def stack(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(e, name) for e in self.events])

        event_mother, partner = stack("mother"), stack("partner")
        is_twin, is_live, date = stack("is_twin"), stack("is_live"), stack("date")
        event_partner = np.where(partner >= 0, partner + n_mothers, NOBODY).astype(np.int32)
        # One row a child.
        children_of = 1 + is_twin
        event = np.repeat(np.arange(len(year)), children_of)
        first_birth = (np.cumsum(children_of) - children_of).astype(np.int32)
        is_second = np.zeros(len(event), dtype=bool)
        is_second[first_birth[is_twin] + 1] = True
        birth_date = date[event] + (is_second & stack("twin_next_day")[event])
        birth_date = np.minimum(birth_date, january_first(year[event] + 1) - 1).astype(np.int32)
        live = is_live[event]
        n_live = int(live.sum())
        n_stillborn = len(event) - n_live
        first_child = n_mothers + n_partners
        child = np.where(live, first_child + np.cumsum(live) - 1, -np.cumsum(~live)).astype(np.int32)
        older_mother = np.concatenate(self.older_mother) if self.older_mother else np.empty(0, dtype=np.int64)
        older_date = np.concatenate(self.older_date) if self.older_date else np.empty(0, dtype=np.int64)
        order = np.lexsort((older_date, older_mother))
        older_mother, older_date = older_mother[order], older_date[order]
        first_older = first_child + n_live
        first_grandparent = first_older + len(older_mother)

        # Parents.
        adults = self._adults()
        mother_of_mother, father_of_mother, grandparents = self._grandparents(adults, first_grandparent)
        n_grandparents = len(grandparents["birth_date"])
        n = first_grandparent + n_grandparents
        persons = Persons(**{name: np.empty(n, dtype=dtype) for name, dtype in _PERSON_TYPES.items()})
        persons.mother[:] = NOBODY
        persons.father[:] = NOBODY
        persons.absent_from[:] = FOREVER
        persons.absent_until[:] = FOREVER
        block = {
            Role.MOTHER: (0, n_mothers),
            Role.OTHER_PARENT: (n_mothers, first_child),
            Role.CHILD: (first_child, first_older),
            Role.OLDER_CHILD: (first_older, first_grandparent),
            Role.GRANDPARENT: (first_grandparent, n),
        }
        for role, (start, stop) in block.items():
            persons.role[start:stop] = role
        for name, values in adults.items():
            getattr(persons, name)[:first_child] = values
        for name, values in grandparents.items():
            getattr(persons, name)[first_grandparent:] = values
        persons.mother[:n_mothers] = mother_of_mother
        persons.father[:n_mothers] = father_of_mother
        # Children of the window.
        self._children(
            persons,
            slice(first_child, first_older),
            "child",
            birth_date[live],
            event_mother[event][live],
            event_partner[event][live],
        )
        # Children born before 2016.
        first_event = np.full(n_mothers, -1, dtype=np.int64)
        linked_events = np.flatnonzero(event_mother >= 0)
        first_event[event_mother[linked_events][::-1]] = linked_events[::-1]
        same = draws.uniform(seed, "population/earlier father", np.arange(len(older_mother)))
        father = event_partner[first_event[older_mother]] if len(older_mother) else np.empty(0, dtype=np.int32)
        father = np.where(same < self.p["births"]["earlier_child_same_father_share"], father, NOBODY)
        old_enough = np.where(father >= 0, older_date - persons.birth_date[father] > round(15.5 * 365.25), False)
        father = np.where(old_enough, father, NOBODY)
        self._children(persons, slice(first_older, first_grandparent), "older", older_date, older_mother, father)

        # Births.
        mother, other = event_mother[event], event_partner[event]
        reference = reference_date(year[event])

        def registered(person: Int32) -> Bool:
            known = person >= 0
            who = np.where(known, person, 0)
            there = (persons.registered_from[who] <= reference) & ~(
                (persons.absent_from[who] <= reference) & (reference < persons.absent_until[who])
            )
            return known & there

        def age(person: Int32) -> Int8:
            who = np.where(person >= 0, person, 0)
            return np.where(person >= 0, completed_years(persons.birth_date[who], birth_date), -1).astype(np.int8)

        def old_class(person: Int32) -> Int8:
            who = np.where(person >= 0, person, 0)
            return np.where(person >= 0, self.countries.origin_class[persons.origin_country[who]], 3).astype(np.int8)

        has_parent = (mother >= 0) | (other >= 0)
        absent = draws.stratified_bernoulli(
            seed,
            "population/absent from kindoudertab",
            self.p["exclusions"]["absent_from_kindoudertab_share"],
            (year[event] - FIRST_YEAR)[~has_parent],
        )
        in_kindoudertab = np.ones(len(event), dtype=bool)
        in_kindoudertab[np.flatnonzero(~has_parent)[absent]] = False
        insured = draws.uniform(seed, "population/insurance record", np.arange(n_mothers))
        no_record = insured < self.p["mothers"]["no_insurance_record_share"]
        weeks = self.p["births"]["gestation_weeks"]
        gestation = np.zeros(len(event), dtype=np.int8)
        gestation[~live] = np.array(list(weeks), dtype=np.int8)[
            draws.choice(seed, "population/gestation", np.arange(n_stillborn), list(weeks.values()))
        ]
        births = Births(
            child=child,
            birth_date=birth_date,
            birth_year=year[event].astype(np.int16),
            is_live=live,
            mother=mother.astype(np.int32),
            other_parent=other.astype(np.int32),
            event=event.astype(np.int32),
            is_multiple=is_twin[event],
            region=stack("region")[event],
            birth_rank=np.where(mother >= 0, stack("rank")[event] + is_second, 0).astype(np.int8),
            mother_age=age(mother),
            other_parent_age=age(other),
            origin_class=pair_class(old_class(mother), old_class(other)),
            mother_registered=registered(mother),
            other_parent_registered=registered(other),
            in_kindoudertab=in_kindoudertab,
            zvw_missing=(mother >= 0) & no_record[np.where(mother >= 0, mother, 0)],
            gestation_weeks=gestation,
        )
        return Population(
            seed=seed,
            fraction=self.fraction,
            persons=persons,
            births=births,
            regions=self.regions,
            countries=self.countries,
            n_mothers=n_mothers,
            block=block,
            event_first_birth=first_birth,
            event_mother=event_mother.astype(np.int32),
            event_other_parent=event_partner,
            event_date=date.astype(np.int32),
            n_stillborn=n_stillborn,
        )

    def _adults(self) -> dict[str, NDArray[Any]]:
        """Mothers and other parents: country of birth, generation, when they came to the Netherlands."""
        m, o = self.mothers, self.partners
        n = len(m) + len(o)
        who = np.arange(n)
        birth_date = np.concatenate([m.birth_date, o.birth_date]).astype(np.int64)
        origin = np.concatenate([m.origin, o.origin]).astype(np.int64)
        new_here = np.concatenate([m.new_here, o.new_here])
        event_date = np.concatenate([m.first_event_date, o.first_event_date]).astype(np.int64)
        event_year = np.concatenate([m.first_event_year, o.first_event_year]).astype(np.int64)
        foreign = self.origins.origin_class[origin] != 0
        country = np.full(n, self.countries.netherlands, dtype=np.int16)
        u = self._u("country", who)
        for number, weights in enumerate(self.origins.country_table):
            mine = np.flatnonzero(origin == number)
            country[mine] = draws.categorical(u[mine], weights)
        abroad = foreign & (new_here | (self._u("born abroad", who) < self.origins.born_abroad[origin]))
        home = np.int16(self.countries.netherlands)
        parents = self.p["origin"]["second_generation_parents"]
        pattern = draws.choice(
            self.seed, "population/second generation", who, [parents["both"], parents["mother"], parents["father"]]
        )
        mother_country = np.where(foreign & (abroad | (pattern != 2)), country, home)
        father_country = np.where(foreign & (abroad | (pattern != 1)), country, home)
        # Arrival of those born abroad: in the year of birth, or some time before the reference date.
        reference = january_first(event_year) - 1
        year_start = reference + 1
        recent = year_start + np.floor(self._u("arrival in the year", who) * (event_date - 6 - year_start)).astype(
            np.int64
        )
        u, v = self._u("arrival kind", who), self._u("arrival", who)
        part = np.where(u < 0.25, 0.5 * v, 1 - 0.6 * v**2)
        span = reference - 40 - birth_date
        before = birth_date + np.floor(part * span).astype(np.int64)
        registered_from = np.where(abroad, np.where(new_here, recent, before), birth_date)
        # Born here and back in the year of birth.
        back = new_here & ~abroad
        away = recent - 200 - np.floor(self._u("years abroad", who) * 365.25 * 7).astype(np.int64)
        generation = np.where(abroad, 1, np.where(foreign, 2, 0))
        return {
            "birth_date": birth_date,
            "sex": np.concatenate([np.full(len(m), Sex.WOMAN), o.sex]),
            "birth_country": np.where(abroad, country, home),
            "mother_birth_country": mother_country,
            "father_birth_country": father_country,
            "origin_country": country,
            "generation": generation,
            "registered_from": registered_from,
            "absent_from": np.where(back, away, FOREVER),
            "absent_until": np.where(back, recent, FOREVER),
        }

    def _grandparents(
        self, adults: dict[str, NDArray[Any]], first: int
    ) -> tuple[Int32, Int32, dict[str, NDArray[Any]]]:
        """Parents of the mothers, as far as the registers know them."""
        settings = self.p["grandparents"]
        n = len(self.mothers)
        home = self.countries.netherlands
        here = adults["birth_country"][:n] == home
        index: list[Int32] = []
        parts: list[dict[str, NDArray[Any]]] = []
        at = first
        for side, sex, latest in (("mother", Sex.WOMAN, 48), ("father", Sex.MAN, 58)):
            share = np.where(here, settings["known_share_born_here"][side], settings["known_share_born_abroad"][side])
            known = (self._u(f"grandparent/{side}/known", np.arange(n)) < share) & ~self.mothers.new_here
            who = np.flatnonzero(known)
            place = np.full(n, NOBODY, dtype=np.int32)
            place[who] = at + np.arange(len(who))
            at += len(who)
            settings_age = settings["age_at_birth"]
            age = settings_age[f"{side}_mean"] + settings_age["deviation"] * draws.normal(
                self.seed, f"population/grandparent/{side}/age", who
            )
            born = adults["birth_date"][who] - np.floor(np.clip(age, 17, latest) * 365.25).astype(np.int64)
            country = adults[f"{side}_birth_country"][who]
            foreign = country != home
            came = (
                adults["birth_date"][who]
                - 30
                - np.floor(self._u(f"grandparent/{side}/arrival", who) * 365.25 * 8).astype(np.int64)
            )
            came = np.where(here[who], np.maximum(came, born + 365), adults["registered_from"][who])
            index.append(place)
            parts.append(
                {
                    "birth_date": born,
                    "sex": np.full(len(who), sex),
                    "birth_country": country,
                    "mother_birth_country": country,
                    "father_birth_country": country,
                    "origin_country": country,
                    "generation": foreign.astype(np.int8),
                    "registered_from": np.where(foreign, came, born),
                }
            )
        return index[0], index[1], {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _children(
        self,
        persons: Persons,
        block: slice,
        stream: str,
        birth_date: NDArray[np.integer],
        mother: NDArray[np.integer],
        father: NDArray[np.integer],
    ) -> None:
        """Fill the rows of children from their parents."""
        n = len(birth_date)
        home, unknown = self.countries.netherlands, self.countries.unknown
        known_mother, known_father = mother >= 0, father >= 0
        m, f = np.where(known_mother, mother, 0), np.where(known_father, father, 0)
        # Born before the mother came: born in her country, came with her.
        abroad = known_mother & (persons.registered_from[m] > birth_date)
        mother_country = np.where(known_mother, persons.birth_country[m], unknown)
        father_country = np.where(known_father, persons.birth_country[f], unknown)
        foreign_mother = known_mother & (mother_country != home)
        foreign_father = known_father & (father_country != home)
        own = np.where(abroad, mother_country, home)
        origin = np.where(
            own != home, own, np.where(foreign_mother, mother_country, np.where(foreign_father, father_country, home))
        )
        persons.birth_date[block] = birth_date
        persons.sex[block] = np.where(self._u(f"{stream}/sex", np.arange(n)) < 0.512, Sex.MAN, Sex.WOMAN)
        persons.birth_country[block] = own
        persons.mother_birth_country[block] = mother_country
        persons.father_birth_country[block] = father_country
        persons.origin_country[block] = origin
        persons.generation[block] = np.where(own != home, 1, np.where(foreign_mother | foreign_father, 2, 0))
        persons.mother[block] = np.where(known_mother, mother, NOBODY)
        persons.father[block] = np.where(known_father, father, NOBODY)
        persons.registered_from[block] = np.where(abroad, persons.registered_from[m], birth_date)
        # Children of a mother who comes back were abroad with her.
        back = known_mother & ~abroad & (persons.absent_from[m] != FOREVER) & (birth_date < persons.absent_until[m])
        persons.absent_from[block] = np.where(back, np.maximum(persons.absent_from[m], birth_date + 1), FOREVER)
        persons.absent_until[block] = np.where(back, persons.absent_until[m], FOREVER)


_PERSON_TYPES: dict[str, Any] = {
    "birth_date": np.int32,
    "sex": np.int8,
    "role": np.int8,
    "birth_country": np.int16,
    "mother_birth_country": np.int16,
    "father_birth_country": np.int16,
    "origin_country": np.int16,
    "generation": np.int8,
    "mother": np.int32,
    "father": np.int32,
    "registered_from": np.int32,
    "absent_from": np.int32,
    "absent_until": np.int32,
}


def build(parameters: Mapping[str, Any], fraction: float, seed: int) -> Population:
    """The people of the world and their births of 2016-2023.

    Args:
        parameters: parameter files by name; ``population`` and ``regions`` are used.
        fraction: fraction of the country, 0 < fraction <= 1.
        seed: seed of every draw.

    The years are drawn one after the other. The births of a year in a planning cell (a borough of Amsterdam, a
    municipality elsewhere) are the expected ones, rounded systematically. They go first to mothers of earlier years who
    have another child (chosen by interval, number of children and age), then to mothers new in the world, whose ages
    fill what the others leave of the published distribution, so that every year has it.

    Raises:
        KansrijkeStartError: the fraction is outside (0, 1], or a parameter or seed does not fit.
    """
    if not 0 < fraction <= 1:
        raise KansrijkeStartError(f"The fraction must be above 0 and at most 1, not {fraction}.")
    builder = _Builder(parameters, fraction, seed)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        builder.add_year(year)
    return builder.finish()
