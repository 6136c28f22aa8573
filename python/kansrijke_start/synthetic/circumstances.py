"""The circumstances of the families of the synthetic world, from which the registers on income, debt and care come.

:func:`draw` gives every *unit* (the births of one mother in one year: they share one reference date) a latent class
and a pattern of risk factors from the fitted tables (`risk_tables`), divides each factor over its parts and over the
parents, and lays the results down as yearly states of persons. Registers read only these states; so a state that one
birth needs can never contradict another birth. The flags of the births are then read back from the states, which makes
the truth file agree with the registers by construction.

All draws are ranks of latent propensities inside strata of region group x birth year x population, so counts are
within rounding of their expectation, and propensities of one mother are correlated over her births.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.synthetic import draws, risk_tables
from kansrijke_start.synthetic.calibration import divide, ranks_within, select_highest
from kansrijke_start.synthetic.education import draw_education, pair_tables
from kansrijke_start.synthetic.parameters_loader import Parameters
from kansrijke_start.synthetic.population import NOBODY, Population, Role
from kansrijke_start.synthetic.regions import Regions
from kansrijke_start.synthetic.risk_tables import CLASSES, RiskTables

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]

FIRST_STATE_YEAR = 2014
LAST_STATE_YEAR = 2024
STATE_YEARS = LAST_STATE_YEAR - FIRST_STATE_YEAR + 1
#: Year end before the first snapshot of problematic debt (1 January 2019), which earlier births look ahead to.
SNAPSHOT_YEAR = 2018

NO_DEBT, WSNP, ARREARS, PROBLEMATIC = 0, 1, 2, 3
NO_ASSISTANCE, REGULAR, TOZO = 0, 1, 2
UNPINNED = -1


@dataclass
class Units:
    """Births of one mother in one year, one element a unit; arrays have shape (n_units,).

    Attributes:
        mother: person index.
        other_parent: person index of the known other parent, NOBODY when unknown.
        birth_year: int16.
        group: region group, row of `RiskTables.groups`.
        in_regiobeeld: whether a birth of the unit is in the population of the Regiobeeld.
        latent_class: 0..4.
        single_parent, debt, mental_health, low_income: the drawn risk factors.
        income_below_120, has_assistance, has_tozo: parts of low income.
        debt_type: 0 none, 1 restructuring, 2 premium arrears, 3 problematic debt alone.
    """

    mother: Int32
    other_parent: Int32
    birth_year: NDArray[np.int16]
    group: Int8
    in_regiobeeld: Bool
    latent_class: Int8
    single_parent: Bool
    debt: Bool
    mental_health: Bool
    low_income: Bool
    income_below_120: Bool
    has_assistance: Bool
    has_tozo: Bool
    debt_type: Int8


@dataclass
class Circumstances:
    """What the registers on income, debt and care are written from.

    Adults are persons ``0 .. n_adults - 1`` (mothers and other parents). Yearly states have shape
    (n_adults, STATE_YEARS); column 0 is `FIRST_STATE_YEAR`.

    Attributes:
        group_names: names of the region groups, in the order of `Units.group`.
        units: the units; their flags are what the yearly states say, so what the registers will show.
        unit_of_event: int32 (n_events,), unit of each birth event, -1 for births without a mother.
        single_parent: bool (n_events,), the household at birth is a one-parent household.
        latent_class: int8 (n_events,), class of the mother (4 for births without a mother).
        below_120: bool (n_events,), the household income is below 120 % of the social minimum.
        n_adults: number of adults.
        adult_class: int8 (n_adults,), latent class of the (last) unit of the adult.
        assistance: int8, 0 none, 1 social assistance, 2 Tozo on 31 December of the year.
        debt_state: int8, 0 none, 1 restructuring, 2 premium arrears, 3 problematic debt alone on 31 December.
        mental_care, mental_medication: bool, in the calendar year.
        income_below_120: int8, whether the household of the adult has an income below 120 % of the social minimum in
            the year (-1 not fixed by a birth).
        income_below_120_usual: int8, the same with the years that no birth fixes filled from the nearest.
        has_care_record: bool (n_adults,), False for persons without any record in the health-insurance registers.
        education: int8 (n_adults,), 0 unknown, 1 low, 2 middle, 3 high.
    """

    group_names: tuple[str, ...]
    units: Units
    unit_of_event: Int32
    single_parent: Bool
    latent_class: Int8
    below_120: Bool
    n_adults: int
    adult_class: Int8
    assistance: Int8
    debt_state: Int8
    mental_care: Bool
    mental_medication: Bool
    income_below_120: Int8
    income_below_120_usual: Int8
    has_care_record: Bool
    education: Int8

    def column(self, year: int) -> int:
        """Column of a calendar year in the yearly states; years outside are those at the edge."""
        return min(max(year, FIRST_STATE_YEAR), LAST_STATE_YEAR) - FIRST_STATE_YEAR


def expected_cells(parameters: Parameters) -> risk_tables.pl.DataFrame:
    """Expected shares of flags and counts by birth year and region (see `risk_tables.expected_cells`)."""
    return risk_tables.expected_cells(parameters)


def draw(population: Population, parameters: Parameters, seed: int) -> Circumstances:
    """Draw the circumstances of all families.

    Args:
        population: people and births.
        parameters: parameters of the scenario.
        seed: seed of the world.

    Returns:
        Circumstances; the same for the same arguments, whatever the machine.
    """
    tables = risk_tables.build(parameters)
    frame = _Frame(population, parameters, tables, seed)
    _draw_classes(frame)
    _draw_single(frame)
    _draw_debt(frame)
    _draw_mental(frame)
    _draw_low_income(frame)
    states = _States(frame)
    _hold_assistance(frame, states)
    _hold_mental(frame, states)
    _hold_income(frame, states)
    return _finish(frame, states)


class _Frame:
    """Units and the arrays that the steps share."""

    def __init__(self, population: Population, parameters: Parameters, tables: RiskTables, seed: int) -> None:
        self.population = population
        self.parameters = parameters
        self.tables = tables
        self.seed = seed
        births = population.births
        with_mother = np.flatnonzero(births.mother >= 0)
        key = births.mother[with_mother].astype(np.int64) * 16 + (births.birth_year[with_mother] - 2010)
        self.key, first, unit = np.unique(key, return_index=True, return_inverse=True)
        lead = with_mother[first]
        n = len(self.key)
        self.n = n
        self.mother = births.mother[lead].astype(np.int32)
        self.birth_year = births.birth_year[lead].astype(np.int16)
        # Units are ordered by mother and year.
        self.has_earlier = np.zeros(n, dtype=bool)
        self.has_earlier[1:] = self.mother[1:] == self.mother[:-1]
        self.other = np.full(n, NOBODY, dtype=np.int32)
        np.maximum.at(self.other, unit, births.other_parent[with_mother])
        self.in_regiobeeld = np.zeros(n, dtype=bool)
        np.logical_or.at(self.in_regiobeeld, unit, births.in_regiobeeld[with_mother])
        self.mother_registered = births.mother_registered[lead]
        self.other_registered = np.zeros(n, dtype=bool)
        np.logical_or.at(self.other_registered, unit, births.other_parent_registered[with_mother])
        self.mother_care_record = ~births.zvw_missing[lead]
        self.mother_age = births.mother_age[lead]
        self.other_age = np.full(n, -1, dtype=np.int64)
        np.maximum.at(self.other_age, unit, births.other_parent_age[with_mother])
        self.region = births.region[lead]
        self.unit_of_event = np.full(population.n_events, -1, dtype=np.int32)
        self.unit_of_event[births.event[with_mother]] = unit
        self.n_adults = population.block[Role.OTHER_PARENT][1]
        self.group = _region_group(population, births.region[lead], tables)
        self.city = tables.in_amsterdam[self.group]
        # Strata: population of the Regiobeeld or not, birth year, region group.
        groups = len(tables.groups)
        self.n_strata = 2 * len(risk_tables.YEARS) * groups
        self.stratum = (
            (~self.in_regiobeeld).astype(np.int64) * len(risk_tables.YEARS) + (self.birth_year - risk_tables.YEARS[0])
        ) * groups + self.group
        # (strata, class, single, debt, mental health, low income)
        joint = np.concatenate([tables.joint[year] for year in risk_tables.YEARS])
        self.joint = np.concatenate([joint, joint])
        self.other_exclusive = _exclusive_other_parents(population, self.mother, self.other, self.n_adults)
        # The other parent can have a state of his own for this unit.
        self.other_can = (
            (self.other >= 0)
            & self.other_registered
            & (self.other_exclusive[np.maximum(self.other, 0)] | ~self.mother_registered)
        )
        self.mother_can = self.mother_registered | ~self.other_can
        self.latent_class = np.zeros(n, dtype=np.int64)
        self.single = np.zeros(n, dtype=bool)
        self.debt = np.zeros(n, dtype=bool)
        self.debt_type = np.zeros(n, dtype=np.int8)
        self.mental = np.zeros(n, dtype=bool)
        self.low = np.zeros(n, dtype=bool)
        self.below_120 = np.zeros(n, dtype=bool)
        self.assistance = np.zeros(n, dtype=bool)
        self.tozo = np.zeros(n, dtype=bool)
        self.pinned_2018 = np.full(self.n_adults, UNPINNED, dtype=np.int8)

    def propensity(self, name: str) -> Float:
        """Normal propensity of each unit, correlated over the births of one mother."""
        correlation = float(self.parameters["risk_factors.persistence.correlation"][name])
        own = draws.normal(self.seed, f"circumstances/{name}/unit", self.key)
        shared = draws.normal(self.seed, f"circumstances/{name}/mother", self.mother)
        return np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own

    def offset(self, name: str) -> float:
        """Offset of the systematic rounding of one step."""
        return draws.uniform_one(self.seed, f"circumstances/{name}/offset")

    def uniform(self, name: str) -> Float:
        """Uniform number of each unit."""
        return draws.uniform(self.seed, f"circumstances/{name}", self.key)


def _region_group(population: Population, region: NDArray[np.integer], tables: RiskTables) -> Int8:
    regions = population.regions
    position = {name: index for index, name in enumerate(tables.groups)}
    borough = np.array([position["other"], *(position[code] for code in regions.borough_codes)])
    of_region = borough[regions.borough]
    outside = regions.borough == 0
    for name, index in position.items():
        if name.startswith("GG"):
            of_region[outside & (regions.ggd == name)] = index
    return of_region[region].astype(np.int8)


def _exclusive_other_parents(population: Population, mother: Int32, other: Int32, n_adults: int) -> Bool:
    """Adults who are other parent of the children of one mother only, and are no mother themselves."""
    known = other >= 0
    lowest = np.full(n_adults, np.iinfo(np.int32).max, dtype=np.int32)
    highest = np.full(n_adults, -1, dtype=np.int32)
    np.minimum.at(lowest, other[known], mother[known])
    np.maximum.at(highest, other[known], mother[known])
    result: Bool = lowest == highest
    result[: population.n_mothers] = False
    return result


def _class_shift(frame: _Frame) -> Float:
    """Shift of the latent propensity by what the population knows of both parents, in standard deviations."""
    shift = frame.parameters["classes.shift"]
    population = frame.population
    persons, countries = population.persons, population.countries
    known = frame.other >= 0
    other = np.maximum(frame.other, 0)

    def by_origin(name: str, person: Int32) -> Float:
        # Index -1 (unknown origin) is the last element, zero.
        table = np.array([*(shift[name].get(group, 0.0) for group in countries.groups), 0.0])
        return table[countries.origin_group[persons.origin_country[person]]]

    def by_age(name: str, age: NDArray[np.integer]) -> Float:
        first_ages = np.array(list(shift[name]))
        place = np.searchsorted(first_ages, np.maximum(age, 0), side="right") - 1
        return np.array(list(shift[name].values()))[place]

    urbanity = np.array([0.0, *shift["urbanity"].values()])
    result: Float = (
        by_origin("mother_origin", frame.mother)
        + by_age("mother_age", frame.mother_age)
        + urbanity[_urbanity(population.regions)[frame.region]]
        + float(shift["mother_not_registered"]) * ~frame.mother_registered
        + float(shift["no_care_record"]) * ~frame.mother_care_record
        + np.where(
            known,
            by_origin("other_origin", other) + by_age("other_age", frame.other_age),
            float(shift["other_parent_unknown"]),
        )
        + float(shift["other_parent_not_registered"]) * (known & ~frame.other_registered)
    )
    return result


def _urbanity(regions: Regions) -> Int8:
    """Class of urbanity (1..5) of each row of the regions, 0 when its municipality is not in the seed."""
    place = PROJECT_ROOT / "seeds" / "geography" / "municipality_urbanity.csv"
    if not place.is_file():
        raise KansrijkeStartError(f"{place} is missing: restore it from the repository (git checkout -- {place}).")
    with place.open(encoding="utf-8", newline="") as file:
        classes = {row["municipality_code"][2:]: int(row["urbanity_class"]) for row in csv.DictReader(file)}
    return np.array([classes.get(code, 0) for code in regions.municipality[:, -1].tolist()], dtype=np.int8)


def _draw_classes(frame: _Frame) -> None:
    """Classes, year by year: mothers who had a birth before keep their class as far as the sizes of the year allow."""
    order = np.array(frame.parameters["classes.severity_order"])
    sizes = frame.joint.sum(axis=(2, 3, 4, 5))[:, order]
    after = np.cumsum(sizes, axis=1)
    place_of_class = np.argsort(order)
    edge = float(frame.parameters["classes.stability"]) / 2
    score = frame.propensity("latent_class") + _class_shift(frame)
    within = frame.uniform("latent_class/place")
    has_earlier = frame.has_earlier
    for year in risk_tables.YEARS:
        rows = np.flatnonzero(frame.birth_year == year)
        stratum = frame.stratum[rows]
        rank, _ = ranks_within(stratum, np.where(has_earlier[rows], -np.inf, score[rows]), frame.n_strata)
        new = np.bincount(stratum[~has_earlier[rows]], minlength=frame.n_strata)
        # Place in the distribution of the stratum, 0 is the most vulnerable.
        place = (rank + 0.5) / np.maximum(new, 1)[stratum]
        again = np.flatnonzero(has_earlier[rows])
        before = place_of_class[frame.latent_class[rows[again] - 1]]
        # Away from the edges of the interval of her class, so that new mothers change first when sizes do not fit.
        inside = edge + (1 - 2 * edge) * within[rows[again]]
        size = sizes[stratum[again], before]
        place[again] = after[stratum[again], before] - size * (1 - inside)
        frame.latent_class[rows] = order[divide(stratum, sizes, -place, frame.offset(f"latent_class/{year}"))]


def _draw_single(frame: _Frame) -> None:
    cells = frame.joint.sum(axis=(3, 4, 5)).reshape(-1, 2)
    score = frame.propensity("single_parent")
    alone = frame.uniform("single_parent/unknown") < float(
        frame.parameters["risk_factors.single_parent.share_other_parent_unknown"]
    )
    # An unknown other parent goes before everyone else, or behind; the number in each cell stays as it is.
    score = score + np.where(frame.other < 0, np.where(alone, 100.0, -100.0), 0.0)
    group = frame.stratum * CLASSES + frame.latent_class
    frame.single = select_highest(group, _conditional(cells), score, frame.offset("single_parent"))


def _draw_debt(frame: _Frame) -> None:
    cells = frame.joint.sum(axis=(4, 5)).reshape(-1, 2)
    probability = _conditional(cells)
    group = (frame.stratum * CLASSES + frame.latent_class) * 2 + frame.single
    score = frame.propensity("debt")
    type_score = frame.propensity("debt_type")
    # Minors are in no restructuring and owe no premium: problematic debt is what they can have.
    birth_date = frame.population.persons.birth_date[frame.mother]
    minor = _is_minor(birth_date, frame.birth_year - 1, int(frame.parameters["debts.youngest_age"]))
    type_score = type_score + np.array(frame.parameters["debts.type_shift"])[frame.latent_class]
    type_score = np.where(minor, -100.0, type_score)
    # Births of 2019 and before share the snapshot of 1 January 2019: latest first, earlier ones follow their sibling.
    for years in ([2020, 2021, 2022, 2023], [2019], [2018], [2017], [2016]):
        rows = np.flatnonzero(np.isin(frame.birth_year, years))
        forced = score[rows].copy()
        if years[0] < SNAPSHOT_YEAR + 1:
            known = frame.pinned_2018[frame.mother[rows]]
            other = np.where(
                frame.other_can[rows], frame.pinned_2018[np.maximum(frame.other[rows], 0)], np.int8(UNPINNED)
            )
            forced[known == 0] = -np.inf
            forced[(known > 0) | (other > 0)] = np.inf
        name = f"debt/{years[0]}"
        frame.debt[rows] = select_highest(group[rows], probability, forced, frame.offset(name))
        with_debt = rows[frame.debt[rows]]
        strata = (
            (~frame.in_regiobeeld[with_debt]).astype(np.int64) * len(risk_tables.YEARS)
            + (frame.birth_year[with_debt] - risk_tables.YEARS[0])
        ) * 2 + frame.city[with_debt]
        types = np.concatenate([np.concatenate(list(frame.tables.debt_types.values()))] * 2)
        # The rarer type first: the highest scores are in restructuring, then in arrears.
        frame.debt_type[with_debt] = 1 + divide(strata, types, type_score[with_debt], frame.offset(f"{name}/type"))
        if years[0] <= SNAPSHOT_YEAR + 1:
            _pin_snapshot(frame, rows)


def _debt_holders(frame: _Frame, rows: Int) -> tuple[Bool, Bool]:
    """Whether the mother and the other parent hold the debt of these units."""
    u = frame.uniform("debt_holder")[rows]
    risk = frame.parameters["debts.holder"]
    arrears = risk["restructuring_or_arrears"]
    table = np.array([arrears["vulnerable"], arrears["other"], risk["problematic"]])
    kind = np.where(frame.debt_type[rows] == PROBLEMATIC, 2, np.where(frame.latent_class[rows] == 0, 0, 1))
    category = draws.categorical(u, table[kind])
    mother, other = _holders(frame, rows, category)
    early = frame.birth_year[rows] <= SNAPSHOT_YEAR
    if early.any():
        # Whoever a later birth has pinned at the first snapshot is the holder of problematic debt.
        pinned_mother = frame.pinned_2018[frame.mother[rows]]
        pinned_other = np.where(
            frame.other_can[rows], frame.pinned_2018[np.maximum(frame.other[rows], 0)], np.int8(UNPINNED)
        )
        problematic = early & (frame.debt_type[rows] == PROBLEMATIC)
        fixed = problematic & ((pinned_mother > 0) | (pinned_other > 0))
        mother = np.where(fixed, pinned_mother > 0, mother)
        other = np.where(fixed, pinned_other > 0, other)
    has = frame.debt[rows]
    return mother & has, other & has


def _holders(frame: _Frame, rows: Int, category: Int) -> tuple[Bool, Bool]:
    """Turn 'mother only, other parent only, both' into two flags, within who can hold a state."""
    can_mother, can_other = frame.mother_can[rows], frame.other_can[rows]
    mother = (category != 1) & can_mother
    other = (category != 0) & can_other
    nobody = ~mother & ~other
    return mother | (nobody & can_mother), other | (nobody & ~can_mother)


def _pin_snapshot(frame: _Frame, rows: Int) -> None:
    """Lay down the state of 31 December 2018 that these units (births of 2019 and before) need."""
    mother_has, other_has = _debt_holders(frame, rows)
    kind = frame.debt_type[rows]
    # Restructuring and arrears on an earlier reference date leave the snapshot free.
    fixed = (kind == PROBLEMATIC) | (kind == NO_DEBT) | (frame.birth_year[rows] == SNAPSHOT_YEAR + 1)
    for person, has, can in (
        (frame.mother[rows], mother_has, np.ones(len(rows), dtype=bool)),
        (frame.other[rows], other_has, frame.other_can[rows]),
    ):
        chosen = fixed & can & (person >= 0)
        chosen[chosen] = frame.pinned_2018[person[chosen]] == UNPINNED
        frame.pinned_2018[person[chosen]] = np.where(has, kind, 0)[chosen]


def _draw_mental(frame: _Frame) -> None:
    cells = frame.joint.sum(axis=5).reshape(-1, 2)
    group = ((frame.stratum * CLASSES + frame.latent_class) * 2 + frame.single) * 2 + frame.debt
    frame.mental = select_highest(
        group, _conditional(cells), frame.propensity("mental_health"), frame.offset("mental_health")
    )


def _draw_low_income(frame: _Frame) -> None:
    cells = frame.joint.reshape(-1, 2)
    group = (((frame.stratum * CLASSES + frame.latent_class) * 2 + frame.single) * 2 + frame.debt) * 2 + frame.mental
    # The first child of a vulnerable couple here, whose parents lived apart before, rather than a later one.
    first = ~frame.has_earlier & ~frame.single & (frame.latent_class == 0)
    score = frame.propensity("low_income") + float(frame.parameters["classes.low_income_first_birth"]) * first
    frame.low = select_highest(group, _conditional(cells), score, frame.offset("low_income"))
    others = frame.single.astype(np.int64) + frame.debt + frame.mental
    tables = np.concatenate([frame.tables.low_income_parts[year] for year in risk_tables.YEARS])
    tables = np.concatenate([tables, tables]).reshape(-1, len(risk_tables.PARTS))
    rows = np.flatnonzero(frame.low)
    part = divide(
        (frame.stratum * 4 + others)[rows],
        tables,
        frame.uniform("low_income/part")[rows],
        frame.offset("low_income/part"),
    )
    not_taken = frame.uniform("tozo/take_up")[rows] >= frame.tables.take_up[frame.city[rows].astype(int)]
    tozo = part >= 3
    frame.below_120[rows] = np.isin(part, (0, 2, 4))
    frame.tozo[rows] = tozo & ~not_taken
    frame.assistance[rows] = (part <= 1) | (tozo & ~not_taken)
    frame.low = frame.below_120 | frame.assistance


def _conditional(cells: Float) -> Float:
    """Share of the second column in each row, 0 where the row is empty."""
    total = cells.sum(axis=1)
    return np.divide(cells[:, 1], total, out=np.zeros(len(cells)), where=total > 0)


class _States:
    """Yearly states, with the years that births fix."""

    def __init__(self, frame: _Frame) -> None:
        shape = (frame.n_adults, STATE_YEARS)
        self.assistance = np.full(shape, UNPINNED, dtype=np.int8)
        self.debt = np.full(shape, UNPINNED, dtype=np.int8)
        self.mental = np.full(shape, UNPINNED, dtype=np.int8)
        self.income = np.full(shape, UNPINNED, dtype=np.int8)
        self.column = frame.birth_year.astype(np.int64) - 1 - FIRST_STATE_YEAR
        rows = np.arange(frame.n)
        mother_has, other_has = _debt_holders(frame, rows)
        # Other parents of several families never hold a state, except when the mother is not registered.
        self.pin(self.debt, frame, np.where(other_has, frame.debt_type, 0), other=True)
        self.pin(self.debt, frame, np.where(mother_has, frame.debt_type, 0), other=False)
        snapshot = SNAPSHOT_YEAR - FIRST_STATE_YEAR
        known = frame.pinned_2018 != UNPINNED
        free = known & (self.debt[:, snapshot] == UNPINNED)
        self.debt[free, snapshot] = frame.pinned_2018[free]

    def pin(self, states: Int8, frame: _Frame, value: NDArray[np.integer], *, other: bool) -> None:
        """Fix the state of the mothers or the other parents of all units at the reference year."""
        if other:
            rows = np.flatnonzero(frame.other >= 0)
            # Those who can hold a state last, so that they win over units in which they cannot.
            rows = rows[np.argsort(frame.other_can[rows], kind="stable")]
            states[frame.other[rows], self.column[rows]] = value[rows]
            return
        states[frame.mother, self.column] = value


def _hold_assistance(frame: _Frame, states: _States) -> None:
    holder = frame.parameters["risk_factors.social_assistance_holder"]
    rows = np.arange(frame.n)
    category = np.where(
        frame.tozo,
        draws.categorical(frame.uniform("assistance_holder"), np.array(holder["tozo"])),
        np.where(frame.single, 0, draws.categorical(frame.uniform("assistance_holder"), np.array(holder["couple"]))),
    )
    mother, other = _holders(frame, rows, category)
    kind = np.where(frame.tozo, TOZO, REGULAR)
    states.pin(states.assistance, frame, np.where(other & frame.assistance, kind, 0), other=True)
    states.pin(states.assistance, frame, np.where(mother & frame.assistance, kind, 0), other=False)


def _hold_mental(frame: _Frame, states: _States) -> None:
    """States are 0 none, 1 care, 2 medication, 3 both."""
    holder = frame.parameters["risk_factors.mental_health_holder"]
    kind = (frame.latent_class != 0).astype(np.int64)

    def drawn(stream: str, name: str) -> Int:
        tables = np.array([holder[name]["vulnerable"], holder[name]["other"]])
        return draws.categorical(frame.uniform(stream), tables[kind])

    mother, other = _holders(frame, np.arange(frame.n), drawn("mental_holder", "parent"))
    mother_kind = 1 + drawn("mental_kind/mother", "mother")
    other_kind = 1 + drawn("mental_kind/other", "other_parent")
    # Care cannot be seen without a record in the health-insurance registers.
    mother_kind = np.where(frame.mother_care_record, mother_kind, 2)
    has_record = _other_care_record(frame)[np.maximum(frame.other, 0)]
    other_kind = np.where(has_record, other_kind, 2)
    states.pin(states.mental, frame, np.where(other & frame.mental, other_kind, 0), other=True)
    states.pin(states.mental, frame, np.where(mother & frame.mental, mother_kind, 0), other=False)


def _other_care_record(frame: _Frame) -> Bool:
    missing = float(frame.parameters["risk_factors.care_records.other_parent_missing"])
    result: Bool = draws.uniform(frame.seed, "circumstances/care_record", np.arange(frame.n_adults)) >= missing
    result[: frame.population.n_mothers] = True
    result[frame.mother[~frame.mother_care_record]] = False
    return result


def _hold_income(frame: _Frame, states: _States) -> None:
    value = frame.below_120.astype(np.int8)
    together = ~frame.single | ~frame.mother_registered
    rows = np.flatnonzero((frame.other >= 0) & together)
    states.income[frame.other[rows], states.column[rows]] = value[rows]
    states.income[frame.mother, states.column] = value


def _fill(states: Int8, reach: dict[int, int] | None = None) -> Int8:
    """Give years that no birth fixes the state of the nearest year that one does (the earlier when equally near).

    Args:
        states: (n, years), UNPINNED where free.
        reach: for some states, the largest distance in years at which they still hold; 0 beyond it.
    """
    years = states.shape[1]
    far = np.int8(100)
    before = np.full(states.shape, UNPINNED, dtype=np.int8)
    distance_before = np.full(states.shape, far, dtype=np.int8)
    value = np.full(len(states), UNPINNED, dtype=np.int8)
    distance = np.full(len(states), far, dtype=np.int8)
    for year in range(years):
        pinned = states[:, year] != UNPINNED
        value = np.where(pinned, states[:, year], value)
        distance = np.where(pinned, 0, np.minimum(distance + 1, far)).astype(np.int8)
        before[:, year], distance_before[:, year] = value, distance
    value = np.full(len(states), UNPINNED, dtype=np.int8)
    distance = np.full(len(states), far, dtype=np.int8)
    result = before
    for year in range(years - 1, -1, -1):
        pinned = states[:, year] != UNPINNED
        value = np.where(pinned, states[:, year], value)
        distance = np.where(pinned, 0, np.minimum(distance + 1, far)).astype(np.int8)
        nearer = distance < distance_before[:, year]
        chosen = np.where(nearer, value, before[:, year])
        gap = np.where(nearer, distance, distance_before[:, year])
        for state, limit in (reach or {}).items():
            chosen = np.where((chosen == state) & (gap > limit), 0, chosen)
        result[:, year] = chosen
    result[result == UNPINNED] = 0
    return result


def _is_minor(birth_date: Int32, year: NDArray[np.integer] | int, youngest: int) -> Bool:
    """Whether people are younger than `youngest` on 31 December of a year; arrays are broadcast."""
    born = birth_date.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    result: Bool = np.asarray(year) - born < youngest
    return result


class _Truth(NamedTuple):
    """What the yearly states say about each unit."""

    assistance: Int8
    debt_type: Int8
    mental: Bool


def _read_back(frame: _Frame, assistance: Int8, debt: Int8, mental: Int8) -> _Truth:
    """Flags of the units as a reader of the registers finds them, from the states of both parents."""
    column = frame.birth_year.astype(np.int64) - 1 - FIRST_STATE_YEAR
    snapshot = np.maximum(column, SNAPSHOT_YEAR - FIRST_STATE_YEAR)
    other = np.maximum(frame.other, 0)
    has_other = frame.other >= 0

    def of_parents(states: Int8, at: Int) -> tuple[Int8, Int8]:
        return states[frame.mother, at], np.where(has_other, states[other, at], 0).astype(np.int8)

    mother, partner = of_parents(debt, column)
    kind = np.where(
        (mother == WSNP) | (partner == WSNP), WSNP, np.where((mother == ARREARS) | (partner == ARREARS), ARREARS, 0)
    )
    mother, partner = of_parents(debt, snapshot)
    kind = np.where((kind == 0) & ((mother > 0) | (partner > 0)), PROBLEMATIC, kind)
    mother, partner = of_parents(assistance, column)
    received = np.maximum(mother, partner)
    mother, partner = of_parents(mental, column)
    return _Truth(received, kind.astype(np.int8), (mother > 0) | (partner > 0))


def _finish(frame: _Frame, states: _States) -> Circumstances:
    population = frame.population
    years = int(frame.parameters["debts.restructuring_years"])
    assistance = _fill(states.assistance, {TOZO: 0})
    debt = _fill(states.debt, {WSNP: years})
    youngest = int(frame.parameters["debts.youngest_age"])
    for year in range(FIRST_STATE_YEAR, LAST_STATE_YEAR + 1):
        column = debt[:, year - FIRST_STATE_YEAR]
        minor = _is_minor(population.persons.birth_date[: frame.n_adults], year, youngest)
        column[minor & ((column == WSNP) | (column == ARREARS))] = NO_DEBT
    mental = _fill(states.mental)
    n_events = population.n_events
    has_mother = frame.unit_of_event >= 0
    single = np.zeros(n_events, dtype=bool)
    single[has_mother] = frame.single[frame.unit_of_event[has_mother]]
    latent = np.full(n_events, CLASSES - 1, dtype=np.int8)
    latent[has_mother] = frame.latent_class[frame.unit_of_event[has_mother]]
    below_120 = np.zeros(n_events, dtype=bool)
    below_120[has_mother] = frame.below_120[frame.unit_of_event[has_mother]]
    adult_class = np.full(frame.n_adults, CLASSES - 1, dtype=np.int8)
    known = frame.other >= 0
    adult_class[frame.other[known]] = frame.latent_class[known]
    adult_class[frame.mother] = frame.latent_class
    truth = _read_back(frame, assistance, debt, mental)
    units = Units(
        mother=frame.mother,
        other_parent=frame.other,
        birth_year=frame.birth_year,
        group=frame.group,
        in_regiobeeld=frame.in_regiobeeld,
        latent_class=frame.latent_class.astype(np.int8),
        single_parent=frame.single,
        debt=truth.debt_type > 0,
        mental_health=truth.mental,
        low_income=frame.below_120 | (truth.assistance > 0),
        income_below_120=frame.below_120,
        has_assistance=truth.assistance > 0,
        has_tozo=truth.assistance == TOZO,
        debt_type=truth.debt_type,
    )
    return Circumstances(
        group_names=frame.tables.groups,
        units=units,
        unit_of_event=frame.unit_of_event,
        single_parent=single,
        latent_class=latent,
        below_120=below_120,
        n_adults=frame.n_adults,
        adult_class=adult_class,
        assistance=assistance,
        debt_state=debt,
        mental_care=(mental & 1).astype(bool),
        mental_medication=(mental & 2).astype(bool),
        income_below_120=states.income,
        income_below_120_usual=_fill(states.income),
        has_care_record=_other_care_record(frame),
        education=_draw_education(frame),
    )


def _draw_education(frame: _Frame) -> Int8:
    classes = frame.parameters["classes"]
    shares = classes["multidimensional_share"]["netherlands"]
    years = [year for year in risk_tables.YEARS if year > risk_tables.YEARS[0]]
    city = [
        float(
            frame.tables.joint[year][frame.tables.in_amsterdam, 0].sum(axis=(1, 2, 3, 4))
            @ frame.tables.weight[frame.tables.in_amsterdam]
        )
        for year in years
    ]
    tables = pair_tables(
        frame.parameters,
        (float(np.mean([risk_tables.class_share(classes, shares[year]) for year in years])), float(np.mean(city))),
        float(np.mean(list(frame.tables.amsterdam_share.values()))),
    )
    return draw_education(
        frame.population,
        frame.parameters,
        frame.seed,
        mother=frame.mother,
        other=frame.other,
        latent_class=frame.latent_class,
        city=frame.city,
        in_regiobeeld=frame.in_regiobeeld,
        n_adults=frame.n_adults,
        tables=tables,
    )
