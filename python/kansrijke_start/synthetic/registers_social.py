"""Registers on work, youth, safety, vehicles, care nearby and custom deliveries, written from the social states.

Every function yields (file year, rows) with the canonical columns of the catalogue and raw CBS values. Yearly states
come from `profiles`, trajectories from `youth`; what a register adds (days, hours, kinds) is drawn here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import draws, text, youth
from kansrijke_start.synthetic.population import january_first
from kansrijke_start.synthetic.profiles import NO_JOB, OTHER_CONTRACT, PERMANENT, person_year
from kansrijke_start.synthetic.registers_brp import RinText, _object_columns
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Tables = Iterator[tuple[int, pa.Table]]

#: Rows in one slice.
SLICE = 2_000_000
OPEN = "88888888"
#: Secondary diagnoses in DSM-IV, of addiction and others; what follows the known beginning as1_4 is a placeholder.
_ADDICTION_DIAGNOSES = ["as1_4.01.01", "as1_4.02.03", "as1_4.06.02"]
_OTHER_DIAGNOSES = ["as1_9.02.01", "as1_11.03.02", "as2_16.05", "as1_7.01.02"]
#: Care circuits: 5 is addiction care, the others are placeholders.
_CIRCUITS = ["1", "2", "3", "5"]
_ADDICTION_CIRCUIT = 3


def _file_years(component: str) -> list[int]:
    return load_catalogue().registers[component.lower()].file_years


def _slices(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Parts of at most `SLICE` rows; one empty part when there are none, so that a file is always written."""
    for start in range(0, max(len(rows), 1), SLICE):
        yield rows[start : start + SLICE]


def _persons(rin: RinText, person: NDArray[np.integer]) -> dict[str, Any]:
    return {"rinpersoons": text.codes(np.zeros(len(person), dtype=np.int8), ["R"]), "rinpersoon": rin.person(person)}


# --- work ---------------------------------------------------------------------------------------------------------


def spolisbus(world: World) -> Tables:
    """SPOLISBUS: jobs of the parents, one or two pay periods a year for the job with most hours.

    Real files have a row for each month or four weeks; the twin takes the periods of a job together as long as nothing
    changes, which keeps the file small and every sum of hours as it is.
    """
    settings = world.parameters["vulnerability.jobs"]
    rin = RinText(world.population)
    for year in _file_years("SPOLISBUS"):
        contract = world.profiles.contract(year)
        full_time = world.profiles.full_time(year, contract)
        for part in _slices(np.flatnonzero(contract != NO_JOB)):
            yield year, _jobs(world, settings, rin, year, part, contract[part], full_time[part])


def _jobs(
    world: World,
    settings: dict[str, Any],
    rin: RinText,
    year: int,
    person: Int64,
    contract: NDArray[np.int8],
    full_time: Bool,
) -> pa.Table:
    """Rows of one slice: the first and the second period of the job, then the second job, sorted by person."""
    key = person_year(person, year)

    def u(stream: str) -> NDArray[np.float64]:
        return draws.uniform(world.seed, f"spolis/{stream}", key)

    first_day, next_year = int(january_first(year)), int(january_first(year + 1))
    length = next_year - first_day
    begun = (contract == OTHER_CONTRACT) & (u("begun") < float(settings["begun_in_year"]))
    start = first_day + np.where(begun, np.floor(u("begin") * 0.7 * length), 0).astype(np.int64)
    least, most = settings["part_time_hours"]
    hours = np.where(full_time, float(settings["full_time_hours"]), least + (most - least) * u("hours"))
    hours = hours * (next_year - start) / length
    two = u("two periods") < float(settings["two_periods"])
    middle = start + np.maximum(np.floor((next_year - start) * (0.2 + 0.6 * u("middle"))).astype(np.int64), 1)
    second = u("second job") < float(settings["second_job"])
    wage = np.exp(
        np.log(float(settings["wage"]))
        + float(settings["wage_spread"]) * draws.normal(world.seed, "spolis/wage", person)
    ) * (1.0 + 0.025 * (year - 2015))
    applies = u("applies") >= float(world.parameters["vulnerability.contract.not_applicable_share"])
    kind = np.where(contract == PERMANENT, 0, np.where(applies, 1, 2))
    share = np.where(two, (middle - start) / (next_year - start), 1.0)
    # A second job has far fewer hours than either kind of period of the first.
    small = hours * (0.02 + 0.1 * u("second hours"))
    who = np.arange(len(person))
    rows = np.concatenate([who, who[two], who[second]])
    number = np.concatenate([np.zeros(len(who)), np.ones(int(two.sum())), np.full(int(second.sum()), 2)]).astype(
        np.int64
    )
    order = np.lexsort((number, rows))
    rows, number = rows[order], number[order]
    begin = np.where(number == 1, middle[rows], start[rows])
    end = np.where((number == 0) & two[rows], middle[rows] - 1, next_year - 1)
    worked = np.where(number == 2, small[rows], hours[rows] * np.where(number == 1, 1.0 - share[rows], share[rows]))
    worked = np.maximum(np.round(worked, 1), 1.0)
    own_kind = np.where(number == 2, (u("second kind")[rows] < 0.6).astype(np.int64), kind[rows])
    duration = np.where((number == 2) | ~full_time[rows], 1, 0)
    return pa.table(
        {
            **_persons(rin, person[rows]),
            "sdatumaanvangiko": text.dates(begin),
            "sdatumeindeiko": text.dates(end),
            "sbasisloon": np.round(worked * wage[rows]),
            "sbasisuren": worked,
            "scontractsoort": text.codes(own_kind, ["O", "B", "N"]),
            "spolisdienstverband": text.codes(duration, ["1", "2"]),
        }
    )


# --- safety ---------------------------------------------------------------------------------------------------------


def _presence(component: str, state: str) -> Callable[[World], Tables]:
    """A register of persons only: one row a person with the state in the year, two for some."""

    def make(world: World) -> Tables:
        rin = RinText(world.population)
        repeated = float(world.parameters["vulnerability.crime.repeated"])
        for year in _file_years(component):
            person = np.flatnonzero(getattr(world.profiles, state)(year))
            again = draws.uniform(world.seed, f"{component.lower()}/again", person_year(person, year)) < repeated
            for part in _slices(np.repeat(person, 1 + again)):
                yield year, pa.table(_persons(rin, part))

    make.__doc__ = f"{component}: persons registered in the year."
    return make


# --- youth ----------------------------------------------------------------------------------------------------------


def _trajectories(component: str, prefix: str) -> Callable[[World], Tables]:
    """A yearly file of spells: every trajectory that ran in the file year; open when it runs beyond it."""

    def make(world: World) -> Tables:
        rin = RinText(world.population)
        course = world.parameters["vulnerability.youth.course"]
        drawn = world.youth
        is_protection = drawn.kind == youth.PROTECTION
        wanted = np.flatnonzero(is_protection if prefix == "jgdb" else ~is_protection)
        child, kind, start, until = (values[wanted] for values in (drawn.child, drawn.kind, drawn.start, drawn.until))
        tables = [course["measures"]] if prefix == "jgdb" else [course["without_stay"], course["with_stay"]]
        labels = [code for table in tables for code in table]
        code = np.zeros(len(child), dtype=np.int64)
        before = 0
        u = draws.uniform(world.seed, f"{prefix}/code", child * 4 + kind)
        for number, table in enumerate(tables):
            chosen = np.ones(len(child), dtype=bool) if len(tables) == 1 else kind == number
            code[chosen] = before + draws.categorical(u[chosen], np.array(list(table.values())))
            before += len(table)
        name = "jgdbmaatregel" if prefix == "jgdb" else "jgdhhulpvorm"
        for year in _file_years(component):
            next_year = int(january_first(year + 1))
            rows = np.flatnonzero((start < next_year) & (until > int(january_first(year))))
            for part in _slices(rows):
                yield (
                    year,
                    pa.table(
                        {
                            **_persons(rin, child[part]),
                            name: text.codes(code[part], labels),
                            f"{prefix}geldigheidbegindatum": text.dates(start[part]),
                            f"{prefix}geldigheideinddatum": text.dates(
                                until[part] - 1, missing=until[part] > next_year, missing_text=OPEN
                            ),
                        }
                    ),
                )

    make.__doc__ = f"{component}: trajectories that ran in the file year."
    return make


# --- addiction care -------------------------------------------------------------------------------------------------


def _treated(world: World, year: int) -> tuple[Int64, Bool]:
    """Persons with a mental health care trajectory in a year, and whether it is for addiction."""
    circumstances = world.circumstances
    addicted = world.profiles.has_addiction_care(year)
    care = circumstances.mental_care[:, circumstances.column(year)] & world.profiles.present(year)
    person = np.flatnonzero(addicted | care)
    return person, addicted[person]


def _ggz_trajectories(component: str, column: str) -> Callable[[World], Tables]:
    def make(world: World) -> Tables:
        rin = RinText(world.population)
        share = float(world.parameters["vulnerability.addiction_records"]["circuit"])
        for year in _file_years(component):
            person, addicted = _treated(world, year)
            u = draws.uniform(world.seed, "ggz/circuit", person_year(person, year))
            circuit = np.where(addicted & (u < share), _ADDICTION_CIRCUIT, np.floor(u * 8).astype(np.int64) % 3)
            for part in _slices(np.arange(len(person))):
                yield year, pa.table({**_persons(rin, person[part]), column: text.codes(circuit[part], _CIRCUITS)})

    make.__doc__ = f"{component}: one trajectory a person and year, with its circuit."
    return make


def _ggz_diagnoses(component: str, column: str) -> Callable[[World], Tables]:
    def make(world: World) -> Tables:
        rin = RinText(world.population)
        settings = world.parameters["vulnerability.addiction_records"]
        labels = [*_ADDICTION_DIAGNOSES, *_OTHER_DIAGNOSES]
        for year in _file_years(component):
            person, addicted = _treated(world, year)
            key = person_year(person, year)
            in_circuit = addicted & (draws.uniform(world.seed, "ggz/circuit", key) < float(settings["circuit"]))
            u = draws.uniform(world.seed, "ggz/diagnosis", key)
            share = np.where(in_circuit, float(settings["diagnosis_in_circuit"]), float(settings["other_diagnosis"]))
            rows = np.flatnonzero((addicted & ~in_circuit) | (u < share))
            pick = draws.uniform(world.seed, "ggz/diagnosis/code", key[rows])
            code = np.where(
                addicted[rows],
                np.floor(pick * len(_ADDICTION_DIAGNOSES)),
                len(_ADDICTION_DIAGNOSES) + np.floor(pick * len(_OTHER_DIAGNOSES)),
            ).astype(np.int64)
            for part in _slices(np.arange(len(rows))):
                yield year, pa.table({**_persons(rin, person[rows[part]]), column: text.codes(code[part], labels)})

    make.__doc__ = f"{component}: secondary diagnoses of the trajectories of the year."
    return make


# --- vehicles and the living environment ----------------------------------------------------------------------------


def rdwnpacttab(world: World) -> Tables:
    """RDWNPACTTAB: one row a vehicle of a parent in the file year."""
    rin = RinText(world.population)
    kinds = world.parameters["vulnerability.vehicles"]["kinds"]
    weights = np.array(list(kinds.values()))
    for year in _file_years("RDWNPACTTAB"):
        count = world.profiles.vehicles(year)
        owner = np.flatnonzero(count)
        for part in _slices(owner):
            person = np.repeat(part, count[part])
            is_second = np.append(False, person[1:] == person[:-1]) if len(person) else np.zeros(0, dtype=bool)
            u = draws.uniform(world.seed, "rdw/kind", person_year(person, year) * 2 + is_second)
            # Labels other than 1 are not known; the kinds are stand-ins.
            yield (
                year,
                pa.table({**_persons(rin, person), "vrtgsoort": text.codes(draws.categorical(u, weights), [*kinds])}),
            )


def practices_nearby(world: World) -> Int64:
    """Number of GP practices within 3 km of each neighbourhood (row of the regions), int64 (n_regions,)."""
    settings = world.parameters["vulnerability.care_nearby"]
    regions = world.population.regions
    births = regions.cell_births_2015[regions.cell]
    mean = np.clip(
        births / 100.0 * float(settings["per_hundred_births"]), float(settings["smallest"]), float(settings["largest"])
    )
    mean = np.where(regions.borough > 0, float(settings["amsterdam"]), mean)
    index = np.arange(len(regions))
    spread = float(settings["spread"])
    factor = np.exp(spread * draws.normal(world.seed, "nabijheid/neighbourhood", index) - 0.5 * spread**2)
    return draws.poisson(world.seed, "nabijheid/practices", index, mean * factor)


def nabijheidzorgtab(world: World) -> Tables:
    """NABIJHEIDZORGTAB: objects in which a parent lived in the file year (or the next one, if that has no file)."""
    lives = world.lives
    practices = practices_nearby(world)
    spells = np.flatnonzero(lives.address_person < world.circumstances.n_adults)
    start, until = lives.address_from[spells].astype(np.int64), lives.address_until[spells].astype(np.int64)
    years = _file_years("NABIJHEIDZORGTAB")
    for position, year in enumerate(years):
        last = years[position + 1] - 1 if position + 1 < len(years) else year
        lived_in = np.zeros(len(lives.dwelling_region), dtype=bool)
        rows = (start < int(january_first(last + 1))) & (until > int(january_first(year)))
        lived_in[lives.address_dwelling[spells[rows]]] = True
        for part in _slices(np.flatnonzero(lived_in)):
            yield (
                year,
                pa.table(
                    {
                        **_object_columns(world, part),
                        "vzaanthartspr03km": practices[lives.dwelling_region[part].astype(np.int64)],
                    }
                ),
            )


def leefbaarometer(world: World) -> Tables:
    """LEEFBAAROMETER: score of each postal code in each measurement year."""
    settings = world.parameters["vulnerability.liveability"]
    regions = world.population.regions
    labels, first = np.unique(regions.postcode4, return_index=True)
    boroughs = [regions.borough_codes.index(code) + 1 for code in settings["boroughs"]]
    in_city = regions.borough[first] > 0
    low = np.where(
        in_city, np.isin(regions.borough[first], boroughs), np.isin(regions.ggd[first], settings["ggd_regions"])
    )
    (mean, spread), (low_mean, low_spread) = settings["elsewhere"], settings["low_places"]
    index = np.arange(len(labels))
    level = draws.normal(world.seed, "leefbaarometer/level", index)
    score = np.where(low, low_mean + low_spread * level, mean + spread * level)
    years = np.array(settings["years"])
    place = np.repeat(index, len(years))
    year = np.tile(years, len(labels))
    change = float(settings["year_spread"]) * draws.normal(world.seed, "leefbaarometer/year", place * 64 + year - 2000)
    unknown = draws.uniform(world.seed, "leefbaarometer/unknown", place) < float(settings["no_score"])
    value = np.round(score[place] + change, 4)
    yield (
        _file_years("LEEFBAAROMETER")[-1],
        pa.table(
            {
                "pc4": text.codes(place, labels.tolist()),
                "jaar": year.astype(np.int64),
                "lbm": pa.array(value, mask=unknown),
            }
        ),
    )


# --- custom deliveries ----------------------------------------------------------------------------------------------


def asielcohort(world: World) -> Tables:
    """ASIELCOHORT: persons who came as asylum seeker since the cohort began; members only."""
    person = np.flatnonzero(world.profiles.is_asylum_seeker())
    yield _file_years("ASIELCOHORT")[-1], pa.table(_persons(RinText(world.population), person))


def _disability(component: str) -> Callable[[World], Tables]:
    """Persons with a mild intellectual disability who are known in one source; each is known in at least one."""

    def make(world: World) -> Tables:
        sources = world.parameters["vulnerability.intellectual_disability"]["sources"]
        person = np.flatnonzero(world.profiles.has_intellectual_disability())
        known = np.stack(
            [draws.uniform(world.seed, f"lvb/{name}", person) < float(share) for name, share in sources.items()], axis=1
        )
        # Who is in no source otherwise is in the first.
        known[~known.any(axis=1), 0] = True
        rows = person[known[:, list(sources).index(component)]]
        columns = _persons(RinText(world.population), rows)
        if component == "LVBBASISBESTAND":
            columns["lvbregistratie"] = np.ones(len(rows), dtype=np.int64)
        yield _file_years(component)[-1], pa.table(columns)

    make.__doc__ = f"{component}: persons with a mild intellectual disability known in this source."
    return make


REGISTERS: dict[str, Callable[[World], Tables]] = {
    "SPOLISBUS": spolisbus,
    "RDWNPACTTAB": rdwnpacttab,
    "NABIJHEIDZORGTAB": nabijheidzorgtab,
    "SLOTAB": _presence("SLOTAB", "is_victim"),
    "VERDTAB": _presence("VERDTAB", "is_suspect"),
    "GEDETINEERDENTAB": _presence("GEDETINEERDENTAB", "is_detained"),
    "JGDHULPBUS": _trajectories("JGDHULPBUS", "jgdh"),
    "JGDBESCHERMBUS": _trajectories("JGDBESCHERMBUS", "jgdb"),
    "GGZDBCTRAJECTENTAB": _ggz_trajectories("GGZDBCTRAJECTENTAB", "ggzdbccircuit"),
    "GGZDBCDIAGNOSETAB": _ggz_diagnoses("GGZDBCDIAGNOSETAB", "ggzdbcnevendiagnosedsmiv"),
    "GGZDBCTRAJECTENHOOFDDIAGTAB": _ggz_trajectories("GGZDBCTRAJECTENHOOFDDIAGTAB", "ggzdbccircuithoofddiag"),
    "GGZDBCDIAGNOSEHOOFDDIAGTAB": _ggz_diagnoses("GGZDBCDIAGNOSEHOOFDDIAGTAB", "ggzdbcnevendiagnosedsmivhoofddiag"),
    "LEEFBAAROMETER": leefbaarometer,
    "ASIELCOHORT": asielcohort,
    "LVBAO": _disability("LVBAO"),
    "LVBCIZ": _disability("LVBCIZ"),
    "LVBWSW": _disability("LVBWSW"),
    "LVBBASISBESTAND": _disability("LVBBASISBESTAND"),
}
"""The registers of this module by CBS component."""
