"""The BRP family of registers, written from the synthetic world.

Each function yields (file year, rows) with the catalogue's canonical column names and the raw codes of CBS: text with
leading zeros, missing codes, open spells as ``88888888``. Big registers come in slices. Nothing is drawn here that
another register could contradict; the few small draws (imputation codes, late objects) concern one register only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.lives import REGISTER_START, WORLD_END, Lives
from kansrijke_start.synthetic.population import FOREVER, Population, Role, january_first, year_of
from kansrijke_start.synthetic.regions import CODE_YEARS, FIRST_CODE_YEAR
from kansrijke_start.synthetic.world import World

#: Year of the newest cumulative and spell files.
NEWEST_YEAR = 2024
#: Year of the newest region tables.
REGION_YEAR = 2023
#: Rows in one slice.
SLICE = 1_000_000
#: SOORTOBJECTNUMMER of objects in VSLGWBTAB and in NIETVSLGWBTAB (placeholders: the code list is not documented).
OBJECT_KINDS = ("V", "N")
#: Share of live births of 2015 that stand in the file twice (the fact is documented, the share assumed).
DUPLICATE_SHARE_2015 = 0.01
#: Share of persons whose record holds an imputed characteristic, and of households that were imputed (assumption).
IMPUTED_SHARE = 0.003
#: Share of objects that have no region codes in the years before they were built (assumption).
LATE_OBJECT_SHARE = 0.02
#: Share of objects whose postal code changed once (assumption).
RENEWED_POSTCODE_SHARE = 0.01

_UNKNOWN_NUMBER = np.frombuffer(b"---------", dtype=np.uint8)

Tables = Iterator[tuple[int, pa.Table]]


class RinText:
    """Person numbers as CBS text, by gathering rows of one digit matrix."""

    def __init__(self, population: Population) -> None:
        self._digits = population.rin_digits
        self._n_persons = len(population.persons)

    def person(self, index: NDArray[np.integer]) -> pa.StringArray:
        """RINPERSOON of persons; NOBODY becomes ``---------``."""
        known = index >= 0
        rows = self._digits[np.where(known, index, 0)]
        if not known.all():
            rows[~known] = _UNKNOWN_NUMBER
        return text.fixed_text(rows)

    def kind(self, index: NDArray[np.integer], known: str = "R") -> pa.DictionaryArray:
        """RINPERSOONS: `known` for persons, G for NOBODY."""
        return text.codes((np.asarray(index) < 0).astype(np.int8), [known, "G"])

    def stillborn(self, number: NDArray[np.integer]) -> pa.StringArray:
        """RINPERSOON of the k-th stillborn children."""
        return text.fixed_text(self._digits[self._n_persons + np.asarray(number)])


def _constant(value: str, n: int) -> pa.DictionaryArray:
    return text.codes(np.zeros(n, dtype=np.int8), [value])


def _slices(n: int) -> Iterator[slice]:
    for start in range(0, max(n, 1), SLICE):
        yield slice(start, min(start + SLICE, n))


def _spell_end(until: NDArray[np.integer]) -> pa.DictionaryArray:
    """Last day of half-open spells; open ones as 88888888."""
    return text.dates(np.where(until == FOREVER, 0, until.astype(np.int64) - 1), until == FOREVER)


_YEAR_LABELS = [str(year) for year in range(1850, 2051)]
_MONTH_LABELS = [f"{month:02d}" for month in range(1, 13)]
_DAY_LABELS = [f"{day:02d}" for day in range(1, 32)]
_FIRST_DAY = int(january_first(1850))


def _calendar() -> tuple[NDArray[np.int16], NDArray[np.int8], NDArray[np.int8]]:
    """Place in the label lists (year, month, day) of every day from 1850 to 2050."""
    days = np.arange(_FIRST_DAY, int(january_first(2051))).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    return (
        (years.astype(np.int64) + 1970 - 1850).astype(np.int16),
        (months.astype(np.int64) % 12).astype(np.int8),
        (days - months).astype(np.int8),
    )


_CALENDAR = _calendar()


def _date_parts(
    days: NDArray[np.integer], known: NDArray[np.bool_]
) -> tuple[pa.DictionaryArray, pa.DictionaryArray, pa.DictionaryArray]:
    """Year, month and day as text; unknown ones as ``----``, ``--``, ``--``."""
    place = np.where(known, days, 0).astype(np.int64) - _FIRST_DAY
    year, month, day = (lookup[place] for lookup in _CALENDAR)
    return (
        text.codes(np.where(known, year, np.int16(len(_YEAR_LABELS))), [*_YEAR_LABELS, "----"]),
        text.codes(np.where(known, month, np.int8(12)), [*_MONTH_LABELS, "--"]),
        text.codes(np.where(known, day, np.int8(31)), [*_DAY_LABELS, "--"]),
    )


def gbapersoontab(world: World) -> Tables:
    """GBAPERSOONTAB: one row a person.

    Parents who are not in the world have a country of birth; their day of birth is known for persons born here only.
    """
    population: Population = world.population
    persons, countries, rin = population.persons, population.countries, RinText(population)
    labels = ["----" if i == countries.unknown else str(code) for i, code in enumerate(countries.code)]
    home, unknown = countries.netherlands, countries.unknown

    def country(index: NDArray[np.integer]) -> pa.DictionaryArray:
        return text.codes(index, labels)

    for part in _slices(len(persons)):
        who = np.arange(part.start, part.stop)
        n = len(who)
        year, month, day = _date_parts(persons.birth_date[part], np.ones(n, dtype=bool))
        origin = country(persons.origin_country[part])
        columns: dict[str, Any] = {
            "rinpersoons": _constant("R", n),
            "rinpersoon": rin.person(who),
            "gbageboorteland": country(persons.birth_country[part]),
            "gbageslacht": text.codes(persons.sex[part] - 1, ["1", "2"]),
            "gbageboortelandmoeder": country(persons.mother_birth_country[part]),
            "gbageboortelandvader": country(persons.father_birth_country[part]),
            "gbaherkomstgroepering": origin,
            "gbageneratie": text.codes(persons.generation[part], ["0", "1", "2"]),
            "gbageboortejaar": year,
            "gbageboortemaand": month,
            "gbageboortedag": day,
            "gbaherkomstland": origin,
            "gbageboortelandnl": text.codes((persons.birth_country[part] == home).astype(np.int8), ["0", "1"]),
            "gbaimputatiecode": text.codes(
                (draws.uniform(world.seed, "brp/imputed person", who) < IMPUTED_SHARE).astype(np.int8), ["0", "1"]
            ),
        }
        abroad = np.zeros(n, dtype=np.int8)
        for name, parent, parent_country, sex in (
            ("moeder", persons.mother[part], persons.mother_birth_country[part], 2),
            ("vader", persons.father[part], persons.father_birth_country[part], 1),
        ):
            known = parent >= 0
            person = np.where(known, parent, 0)
            outside = ~known & (persons.birth_country[part] == home) & (parent_country != unknown)
            guess = (
                persons.birth_date[part]
                - 8000
                - np.floor(draws.uniform(world.seed, f"brp/birthday {name}", who) * 5500).astype(np.int64)
            )
            days = np.where(known, persons.birth_date[person], guess)
            columns[f"gbageboortejaar{name}"], columns[f"gbageboortemaand{name}"], columns[f"gbageboortedag{name}"] = (
                _date_parts(days, known | outside)
            )
            columns[f"gbageslacht{name}"] = text.codes(
                np.where(known, persons.sex[person] - 1, np.where(parent_country != unknown, sex - 1, 2)),
                ["1", "2", "-"],
            )
            abroad += (parent_country != home) & (parent_country != unknown)
        some = (persons.mother_birth_country[part] != unknown) | (persons.father_birth_country[part] != unknown)
        columns["gbaaantaloudersbuitenland"] = text.codes(np.where(some, abroad, 3), ["0", "1", "2", "-"])
        yield NEWEST_YEAR, pa.table(columns)


def kindoudertab(world: World) -> Tables:
    """KINDOUDERTAB: one row a child: births of 2016-2023 (stillborn too), older children and the mothers."""
    population: Population = world.population
    persons, births, rin = population.persons, population.births, RinText(population)
    still = np.flatnonzero(~births.is_live)
    live = np.flatnonzero(births.is_live & births.in_kindoudertab)
    older = np.arange(*population.block[Role.OLDER_CHILD])
    mothers = np.arange(population.n_mothers)
    mothers = mothers[(persons.mother[mothers] >= 0) | (persons.father[mothers] >= 0)]
    child = np.concatenate([births.child[live], older, mothers])
    parts = [
        ("R", child, persons.mother[child], persons.father[child]),
        ("D", -1 - births.child[still], births.mother[still], births.other_parent[still]),
    ]
    for kind, index, mother, father in parts:
        for part in _slices(len(index)):
            numbers = index[part].astype(np.int64) + (len(persons) if kind == "D" else 0)
            yield (
                NEWEST_YEAR,
                pa.table(
                    {
                        "rinpersoons": _constant(kind, len(numbers)),
                        "rinpersoon": rin.stillborn(index[part]) if kind == "D" else rin.person(index[part]),
                        "xkoppelnummer": text.digits(draws.number_in_register(world.seed, "kindouder", numbers), 9),
                        "rinpersoonspa": rin.kind(father[part]),
                        "rinpersoonpa": rin.person(father[part]),
                        "rinpersoonsma": rin.kind(mother[part]),
                        "rinpersoonma": rin.person(mother[part]),
                    }
                ),
            )


def gbalevendgeborenenmassatab(world: World) -> Tables:
    """GBALEVENDGEBORENENMASSATAB 2015-2023: one row a live birth; 2015 has some rows twice.

    The file of 2015 holds the children born here in 2015 whose mother has a later birth in the world.
    """
    population: Population = world.population
    persons, births, rin = population.persons, population.births, RinText(population)
    first, stop = population.block[Role.OLDER_CHILD]
    older = np.arange(first, stop)
    mother = persons.mother[older]
    # Older children stand by mother and date: the rank is the place within the mother.
    new = np.append(True, mother[1:] != mother[:-1]) if len(older) else np.zeros(0, dtype=bool)
    start = np.flatnonzero(new)
    rank = np.arange(len(older)) - np.repeat(start, np.diff(np.append(start, len(older)))) + 1
    here = (year_of(persons.birth_date[older]) == 2015) & (
        persons.birth_country[older] == population.countries.netherlands
    )
    child, ranks = older[here], rank[here]
    # Rounded down, so that a small file stays inside the tolerated share.
    n_twice = int(DUPLICATE_SHARE_2015 * len(child))
    twice = np.sort(np.argsort(draws.uniform(world.seed, "brp/double 2015", child), kind="stable")[:n_twice])
    child, ranks = np.concatenate([child, child[twice]]), np.concatenate([ranks, ranks[twice]])
    yield 2015, _live_birth_rows(rin, child, ranks)
    for year in range(2016, 2024):
        mine = np.flatnonzero(births.is_live & (births.birth_year == year))
        ranks = np.where(births.birth_rank[mine] > 0, births.birth_rank[mine], 99)
        yield year, _live_birth_rows(rin, births.child[mine], ranks)


def _live_birth_rows(rin: RinText, child: NDArray[np.integer], rank: NDArray[np.integer]) -> pa.Table:
    return pa.table(
        {
            "rinpersoons": _constant("R", len(child)),
            "rinpersoon": rin.person(child),
            "rangnummermoeder": pa.array(rank.astype(np.int32)),
        }
    )


def dggbapersoontab(world: World) -> Tables:
    """DGGBAPERSOONTAB 2016-2023: one row a stillborn child."""
    population: Population = world.population
    births, rin = population.births, RinText(population)
    for year in range(2016, 2024):
        mine = np.flatnonzero(~births.is_live & (births.birth_year == year))
        yield (
            year,
            pa.table(
                {
                    "rinpersoons": _constant("D", len(mine)),
                    "rinpersoon": rin.stillborn(-1 - births.child[mine]),
                    "dgdatumpartus": text.dates(births.birth_date[mine]),
                    "dgzwangerschapsduur": pa.array(births.gestation_weeks[mine].astype(np.int32)),
                    "dgrangnummermoeder": pa.array(births.birth_rank[mine].astype(np.int32)),
                }
            ),
        )


def gbahuishoudensbus(world: World) -> Tables:
    """GBAHUISHOUDENSBUS: one row a person and household spell."""
    population: Population = world.population
    lives: Lives = world.lives
    rin = RinText(population)
    places = [f"{place:02d}" for place in range(1, 11)]
    for part in _slices(len(lives.member_person)):
        person, episode = lives.member_person[part], lives.member_household[part]
        columns: dict[str, Any] = {
            "rinpersoons": _constant("R", len(person)),
            "rinpersoon": rin.person(person),
            "datumaanvanghh": text.dates(lives.household_from[episode]),
            "datumeindehh": _spell_end(lives.household_until[episode]),
            "huishoudnr": text.digits(
                draws.number_in_register(world.seed, "household", lives.household_number[episode]), 12
            ),
            "typhh": text.codes(lives.household_type[episode] - 1, [str(kind) for kind in range(1, 9)]),
            "plhh": text.codes(lives.member_place[part] - 1, places),
            "refpersoonhh": text.codes(lives.member_is_reference[part], ["0", "1"]),
            "aantalpershh": pa.array(lives.household_persons[episode].astype(np.int32)),
            "aantalkindhh": pa.array(lives.household_children[episode].astype(np.int32)),
            "aantalovhh": pa.array(lives.household_others[episode].astype(np.int32)),
        }
        for which, days in (
            ("jongste", lives.household_youngest[episode]),
            ("oudste", lives.household_oldest[episode]),
        ):
            year, month, _ = _date_parts(days, days != FOREVER)
            columns[f"gebjaar{which}kindhh"], columns[f"gebmaand{which}kindhh"] = year, month
        imputed = draws.uniform(world.seed, "brp/imputed household", episode) < IMPUTED_SHARE
        columns["imputatiecodehh"] = text.codes(imputed.astype(np.int8), ["0", "1"])
        yield NEWEST_YEAR, pa.table(columns)


def _object_columns(world: World, dwelling: NDArray[np.integer]) -> dict[str, Any]:
    """Kind and number of address objects."""
    irregular = world.lives.dwelling_is_irregular[dwelling]
    return {
        "soortobjectnummer": text.codes(irregular.astype(np.int8), list(OBJECT_KINDS)),
        "rinobjectnummer": text.digits(draws.number_in_register(world.seed, "object", dwelling), 9),
    }


def gbaadresobjectbus(world: World) -> Tables:
    """GBAADRESOBJECTBUS: one row a person and address spell."""
    lives: Lives = world.lives
    rin = RinText(world.population)
    for part in _slices(len(lives.address_person)):
        yield (
            NEWEST_YEAR,
            pa.table(
                {
                    "rinpersoons": _constant("R", part.stop - part.start),
                    "rinpersoon": rin.person(lives.address_person[part]),
                    "gbadatumaanvangadreshouding": text.dates(lives.address_from[part]),
                    "gbadatumeindeadreshouding": _spell_end(lives.address_until[part]),
                    **_object_columns(world, lives.address_dwelling[part]),
                }
            ),
        )


def _region_rows(world: World, dwelling: NDArray[np.integer], first_use: NDArray[np.integer]) -> pa.Table:
    """Region codes of address objects in every year; ---- before an object was built."""
    lives: Lives = world.lives
    regions = world.population.regions
    row = lives.dwelling_region[dwelling].astype(np.int64)
    late = draws.uniform(world.seed, "brp/late object", dwelling) < LATE_OBJECT_SHARE
    # An object has codes at least from 2021 on, the year of the first study's classification.
    built = np.where(late, np.minimum(first_use, 2021), FIRST_CODE_YEAR)
    columns = _object_columns(world, dwelling)
    for column, year in enumerate(CODE_YEARS):
        missing = built > year
        for name, codes, blank in (
            (f"gem{year}", regions.municipality, "----"),
            (f"wc{year}", regions.district, "------"),
            (f"bc{year}", regions.neighbourhood, "--------"),
        ):
            labels, index = np.unique(codes[:, column], return_inverse=True)
            of_row = index.astype(np.int16)
            columns[name] = text.codes(np.where(missing, len(labels), of_row[row]), [*labels.tolist(), blank])
    return pa.table(columns)


def _first_use(world: World) -> NDArray[np.int64]:
    """Year in which each address object was first lived in, int64 (n_dwellings,)."""
    lives: Lives = world.lives
    first = np.full(len(lives.dwelling_region), 2**30, dtype=np.int64)
    np.minimum.at(first, lives.address_dwelling, lives.address_from.astype(np.int64))
    return year_of(first)


def _region_table(world: World, irregular: bool) -> Tables:
    lives: Lives = world.lives
    first_use = _first_use(world)
    dwellings = np.flatnonzero(lives.dwelling_is_irregular == irregular)
    for part in _slices(len(dwellings)):
        yield REGION_YEAR, _region_rows(world, dwellings[part], first_use[dwellings[part]])


def vslgwbtab(world: World) -> Tables:
    """VSLGWBTAB: one row an address object of the BAG, with the codes of every year."""
    return _region_table(world, irregular=False)


def nietvslgwbtab(world: World) -> Tables:
    """NIETVSLGWBTAB: one row an address object outside the BAG."""
    return _region_table(world, irregular=True)


def vslpostcodebus(world: World) -> Tables:
    """VSLPOSTCODEBUS: one row an address object and postal code spell; a few objects got a new postal code."""
    lives: Lives = world.lives
    regions = world.population.regions
    labels, index = np.unique(regions.postcode4, return_inverse=True)
    for part in _slices(len(lives.dwelling_region)):
        dwelling = np.arange(part.start, part.stop)
        renewed = draws.uniform(world.seed, "brp/postcode renewed", dwelling) < RENEWED_POSTCODE_SHARE
        first, last = int(january_first(2012)), int(january_first(2022))
        day = draws.integers(
            world.seed, "brp/postcode day", dwelling, np.full(len(dwelling), first), np.full(len(dwelling), last)
        )
        code = index[lives.dwelling_region[dwelling]]
        before = np.where(code > 0, code - 1, code + 1)
        both = np.concatenate([np.flatnonzero(renewed), np.arange(len(dwelling))])
        is_old = np.arange(len(both)) < int(renewed.sum())
        order = np.lexsort((~is_old, both))
        both, is_old = both[order], is_old[order]
        start = np.where(is_old | ~renewed[both], REGISTER_START, day[both])
        until = np.where(is_old, day[both], int(FOREVER))
        yield (
            REGION_YEAR,
            pa.table(
                {
                    **_object_columns(world, dwelling[both]),
                    "postcodenum": text.codes(np.where(is_old, before[both], code[both]), labels.tolist()),
                    "datumaanvpostcodenumadres": text.dates(start),
                    "datumeindpostcodenumadres": _spell_end(until),
                }
            ),
        )


def gbaburgerlijkestaatbus(world: World) -> Tables:
    """GBABURGERLIJKESTAATBUS: one row a person and marital status spell, from birth to death."""
    population: Population = world.population
    lives: Lives = world.lives
    persons = population.persons
    rin = RinText(population)
    n = len(persons)
    single, married, widowed, divorced = 0, 1, 2, 3
    labels = ["O", "H", "W", "S", "P", "B", "A"]
    who: list[NDArray[np.integer]] = [np.arange(n)]
    when: list[NDArray[np.integer]] = [persons.birth_date.astype(np.int64)]
    status: list[NDArray[np.integer]] = [np.full(n, single, dtype=np.int8)]
    partnership = lives.marriage_is_partnership.astype(np.int8) * 3
    for person, spouse in (
        (lives.marriage_mother, lives.marriage_partner),
        (lives.marriage_partner, lives.marriage_mother),
    ):
        who.append(person)
        when.append(lives.marriage_from.astype(np.int64))
        status.append(np.where(partnership > 0, 4, married).astype(np.int8))
        ended = np.flatnonzero(lives.divorce_date != FOREVER)
        who.append(person[ended])
        when.append(lives.divorce_date[ended].astype(np.int64))
        status.append(np.where(partnership[ended] > 0, 6, divorced).astype(np.int8))
        death = lives.death_date[spouse].astype(np.int64)
        left = np.flatnonzero((lives.divorce_date == FOREVER) & (death != FOREVER) & (death >= lives.marriage_from))
        who.append(person[left])
        when.append(death[left] + 1)
        status.append(np.where(partnership[left] > 0, 5, widowed).astype(np.int8))
    person, day, code = np.concatenate(who), np.concatenate(when), np.concatenate(status)
    keep = np.flatnonzero((day <= lives.death_date[person]) & (day < WORLD_END))
    order = keep[np.lexsort((day[keep], person[keep]))]
    person, day, code = person[order], day[order], code[order]
    until = np.minimum(lives.death_date[person].astype(np.int64) + 1, int(FOREVER))
    same = person[1:] == person[:-1]
    until[:-1][same] = day[1:][same]
    keep = np.flatnonzero(day < until)
    for part in _slices(len(keep)):
        rows = keep[part]
        yield (
            NEWEST_YEAR,
            pa.table(
                {
                    "rinpersoons": _constant("R", len(rows)),
                    "rinpersoon": rin.person(person[rows]),
                    "gbaaanvangburgerlijkestaat": text.dates(day[rows]),
                    "gbaeindeburgerlijkestaat": _spell_end(until[rows]),
                    "gbaburgerlijkestaatnw": text.codes(code[rows], labels),
                }
            ),
        )


def gbascheidingenmassatab(world: World) -> Tables:
    """GBASCHEIDINGENMASSATAB 2012-2023: one row a divorce or dissolved partnership."""
    lives: Lives = world.lives
    rin = RinText(world.population)
    ended = np.flatnonzero(lives.divorce_date != FOREVER)
    year = year_of(lives.divorce_date[ended])
    for file_year in range(2012, 2024):
        mine = ended[year == file_year]
        one, two = lives.marriage_mother[mine], lives.marriage_partner[mine]
        yield (
            file_year,
            pa.table(
                {
                    "scheidingjaar": _constant(str(file_year), len(mine)),
                    "rinpersoonspartner1s": rin.kind(one),
                    "rinpersoonpartner1s": rin.person(one),
                    "rinpersoonspartner2s": rin.kind(two),
                    "rinpersoonpartner2s": rin.person(two),
                }
            ),
        )


def gbaoverlijdentab(world: World) -> Tables:
    """GBAOVERLIJDENTAB: one row a deceased person."""
    lives: Lives = world.lives
    rin = RinText(world.population)
    dead = np.flatnonzero(lives.death_date != FOREVER)
    for part in _slices(len(dead)):
        yield (
            NEWEST_YEAR,
            pa.table(
                {
                    "rinpersoons": _constant("R", part.stop - part.start),
                    "rinpersoon": rin.person(dead[part]),
                    "gbadatumoverlijden": text.dates(lives.death_date[dead[part]]),
                }
            ),
        )


REGISTERS: dict[str, Callable[[World], Tables]] = {
    "GBAPERSOONTAB": gbapersoontab,
    "KINDOUDERTAB": kindoudertab,
    "GBALEVENDGEBORENENMASSATAB": gbalevendgeborenenmassatab,
    "DGGBAPERSOONTAB": dggbapersoontab,
    "GBAHUISHOUDENSBUS": gbahuishoudensbus,
    "GBAADRESOBJECTBUS": gbaadresobjectbus,
    "VSLGWBTAB": vslgwbtab,
    "NIETVSLGWBTAB": nietvslgwbtab,
    "VSLPOSTCODEBUS": vslpostcodebus,
    "GBABURGERLIJKESTAATBUS": gbaburgerlijkestaatbus,
    "GBASCHEIDINGENMASSATAB": gbascheidingenmassatab,
    "GBAOVERLIJDENTAB": gbaoverlijdentab,
}
"""The registers of the BRP family by CBS component, each as a function of the world."""
