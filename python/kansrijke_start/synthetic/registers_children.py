"""Registers on the children: schools (INSCHRWPOTAB, INSCHRWECTAB) and the perinatal registration (PERINED)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.birth_events import NEVER
from kansrijke_start.synthetic.birth_outcomes import share_in_class, shares_of_classes
from kansrijke_start.synthetic.calibration import select_highest
from kansrijke_start.synthetic.population import january_first
from kansrijke_start.synthetic.registers_brp import RinText
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]
Tables = Iterator[tuple[int, pa.Table]]

#: Years of age at which children go to school, and start of the first grade (with four).
SCHOOL_AGE = 4
NO_SCHOOL = 9999
_SPECIAL_SCHOOL, _SPECIAL_PRIMARY = 0, 1


def _file_years(component: str) -> list[int]:
    return load_catalogue().registers[component.lower()].file_years


# --- schools --------------------------------------------------------------------------------------------------------


def _first_october(year: Int | int) -> Int:
    """1 October; the year after it begins 92 days later."""
    return january_first(np.asarray(year) + 1) - 92


@dataclass(frozen=True)
class SpecialEducation:
    """Special education of the live-born children; arrays of shape (n_live,).

    Attributes:
        child: person index.
        rows: index in `Births`.
        first: file year of the first enrolment in special education, `NO_SCHOOL` when there is none.
        until: first file year in which the child is in ordinary education again, `NO_SCHOOL` when there is none.
        kind: special school or special primary education.
    """

    child: Int
    rows: Int
    first: Int
    until: Int
    kind: Int


def special_education(world: World) -> SpecialEducation:
    """Draw who goes to special education from when to when."""
    settings = world.parameters["children.school"]
    course, seed = settings["course"], world.seed
    births, outcomes = world.population.births, world.birth_outcomes
    rows = np.flatnonzero(births.is_live)
    child = births.child[rows].astype(np.int64)
    year = births.birth_year[rows].astype(np.int64)
    place = year - year.min(initial=2100)
    vulnerable = outcomes.vulnerable[rows]
    group = place * 2 + ~vulnerable

    def u(stream: str) -> Float:
        return draws.uniform(seed, f"school/{stream}", child)

    helped = np.zeros(len(world.population.persons), dtype=bool)
    helped[world.youth.child] = True
    shift = course["propensity"]
    score = (
        draws.normal(seed, "school/special", child)
        + float(shift["congenital_anomaly"]) * outcomes.has_anomaly[rows]
        + float(shift["preterm"]) * (world.events.preterm[rows] > 0)
        + float(shift["youth_help"]) * helped[child]
    )
    # Only who is still there can go to school.
    there = world.lives.death_date[child] >= _first_october(year + 5)
    score = np.where(there, score, -np.inf)
    in_class = share_in_class(place, vulnerable)
    share = shares_of_classes(world, settings["special"], in_class).ravel()
    by_five = select_highest(group, share, score, draws.uniform_one(seed, "school/special/offset"))
    share = shares_of_classes(world, course["begins_at_six"], in_class).ravel()
    at_six = ~by_five & (u("at six") < share[group])
    kind = np.where(u("kind") < float(course["special_school"]), _SPECIAL_SCHOOL, _SPECIAL_PRIMARY)
    begin = u("begin")
    four_by_october = births.birth_date[rows] + 366 * SCHOOL_AGE <= _first_october(year + SCHOOL_AGE)
    age = np.where((begin < float(course["begins_at_four"])) & four_by_october, 4, 5)
    age = np.where((begin < float(course["begins_at_three"])) & (kind == _SPECIAL_SCHOOL) & four_by_october, 3, age)
    first = np.where(by_five, year + age, np.where(at_six, year + 6, NO_SCHOOL))
    stay = np.floor(np.log1p(-u("leaves")) / np.log1p(-float(course["leaves"]))).astype(np.int64)
    until = np.where(first < NO_SCHOOL, np.maximum(first + 1 + stay, year + 6), NO_SCHOOL)
    return SpecialEducation(child, rows, first, until, kind)


def _schools(component: str) -> Callable[[World], Tables]:
    """Pupils on 1 October: in special schools (INSCHRWECTAB), or in ordinary and special primary education."""

    def make(world: World) -> Tables:
        settings = world.parameters["children.school"]
        drawn, lives, population = special_education(world), world.lives, world.population
        rin, births = RinText(population), population.births
        birth_date, birth_year = births.birth_date[drawn.rows], births.birth_year[drawn.rows].astype(np.int64)
        recorded = draws.uniform(world.seed, "school/record", drawn.child) >= float(settings["course"]["no_record"])
        for year in _file_years(component):
            day = int(_first_october(year))
            here = lives.is_present(population, day)[drawn.child] & recorded
            special = (drawn.first <= year) & (year < drawn.until)
            in_special_school = special & (drawn.kind == _SPECIAL_SCHOOL)
            if component == "INSCHRWECTAB":
                rows = np.flatnonzero(here & in_special_school)
            else:
                of_age = birth_date + 366 * SCHOOL_AGE <= day
                rows = np.flatnonzero(here & ~in_special_school & (of_age | special))
            columns: dict[str, Any] = {
                "rinpersoons": text.codes(np.zeros(len(rows), dtype=np.int8), ["R"]),
                "rinpersoon": rin.person(drawn.child[rows]),
            }
            if component == "INSCHRWECTAB":
                columns["wecsoort"] = text.codes(np.zeros(len(rows), dtype=np.int8), ["SO"])
            else:
                written_out = year in settings["labels"]
                labels = ["Basisonderwijs", "Speciaal Basisonderwijs"] if written_out else ["BO", "SBO"]
                columns["wpotypepo"] = text.codes(special[rows].astype(np.int8), labels)
                grade = np.clip(year - birth_year[rows] - SCHOOL_AGE, 0, 7)
                columns["wpoleerjaar"] = text.codes(grade, [f"{number:02d}" for number in range(1, 9)])
            yield year, pa.table(columns)

    make.__doc__ = f"{component}: pupils on 1 October of the file year."
    return make


# --- perinatal registration -----------------------------------------------------------------------------------------

#: Labels of the modes of delivery and of the ruptures; placeholders, as the catalogue says.
_MODES = ["", "1", "2", "3", "4"]
_RUPTURES = ["", "0", "1", "2", "3", "4"]
_MISSING_APGAR = 99
_UNKNOWN = ord("-")


class _Perined:
    def __init__(self, world: World) -> None:
        self.world, self.seed = world, world.seed
        self.p = world.parameters["children.perined"]
        self.births = world.population.births
        self.outcomes = world.birth_outcomes

    def u(self, stream: str, key: NDArray[np.integer]) -> Float:
        return draws.uniform(self.seed, f"perined/{stream}", key)

    def files(self) -> Iterator[tuple[int, Int, Int]]:
        """File year, births, and number of the record of each birth (1 for a second record), births in order."""
        births, overlap = self.births, int(self.p["overlap"]["year"])
        index = np.arange(len(births))
        known = self.u("record", index) >= float(self.p["unmatched"]["no_record"])
        twice = self.u("twice", index) < float(self.p["twice"])
        previous = int(births.birth_year.min(initial=2100)) - 1
        for year in _file_years("PERINED"):
            # The delivery after the one with the year of overlap holds that year once more.
            first = overlap if previous == overlap else previous + 1
            rows = np.flatnonzero(known & (births.birth_year >= first) & (births.birth_year <= year))
            both = np.repeat(rows, 1 + twice[rows])
            number = np.append(False, both[1:] == both[:-1]).astype(np.int64) if len(both) else both
            yield year, both, number
            previous = year

    def table(self, year: int, rows: Int, number: Int) -> pa.Table:
        """The records of one delivery."""
        births, o, persons = self.births, self.outcomes, self.world.population.persons
        unmatched = self.p["unmatched"]
        live = births.is_live[rows]
        key = rows * 2 + number
        n = len(rows)
        # A later delivery completes records of an earlier one.
        completed = (births.birth_year[rows] < year) & (births.birth_year[rows] == int(self.p["overlap"]["year"]))
        completed &= year > int(self.p["overlap"]["year"])
        factors = self.p["missing"]["factor"]
        factor = np.where(o.vulnerable[rows], float(factors["vulnerable"]), 1.0)
        factor *= np.where(o.is_hospital_birth[rows], 1.0, float(factors["home"]))
        # The second record of a birth is less complete.
        factor *= np.where(number > 0, 6.0, 1.0) * np.where(completed, 1.0 - float(self.p["overlap"]["completed"]), 1.0)

        def lacks(name: str) -> Bool:
            return self.u(f"missing/{name}", key) < factor * float(self.p["missing"][name])

        def whole(values: NDArray[Any], missing: Bool) -> pa.Array:
            return pa.array(values.astype(np.int32), mask=missing)

        def flag(name: str, values: Bool) -> pa.Array:
            return whole(values[rows], lacks(name))

        child = np.maximum(births.child[rows], 0).astype(np.int64)
        mother = births.mother[rows].astype(np.int64)
        no_child = self.u("no child", key) < float(unmatched["no_child"])
        no_mother = (self.u("no mother", key) < float(unmatched["no_mother"])) | (mother < 0)
        kind = np.where(live, 0, 1)
        kind = np.where(self.u("kind", rows) < float(self.p["other_kind"]), 2, kind)
        days = o.gestation_days[rows]
        no_days = lacks("gestation") | (days < 0)
        no_weight = lacks("weight")
        no_percentile = no_days | no_weight
        dead = self.world.events.death_day[rows].astype(np.int64)
        death = np.select(
            [~live, dead == NEVER, dead <= 7, dead <= 28],
            [np.where(self.u("stillborn", rows) < 0.85, 1, 2), 0, 3, 4],
            5,
        )
        apgar = np.where(
            o.has_low_apgar[rows],
            6 - np.floor(7 * self.u("apgar", rows) ** 2),
            7 + draws.categorical(self.u("apgar", rows), [0.02, 0.06, 0.22, 0.70]),
        )
        apgar = np.where(live, apgar, 0)
        no_apgar = lacks("apgar5")
        # Half of the missing scores are written as 99.
        written = no_apgar & (self.u("apgar/99", key) < 0.5)
        instrument = ~o.is_caesarean[rows] & (self.u("instrument", births.event[rows]) < 0.085)
        planned = self.u("planned", births.event[rows]) < 0.48
        mode = np.where(o.is_caesarean[rows], np.where(planned, 3, 4), np.where(instrument, 2, 1))
        tear = self.u("tear", births.event[rows])
        rupture = np.where(o.has_severe_rupture[rows], np.where(tear < 0.93, 4, 5), np.floor(tear * 2.4) + 1)
        rupture = np.where(o.is_caesarean[rows], 1, rupture)
        rank = births.birth_rank[rows].astype(np.int64)
        parity = np.maximum(rank - 1, 0)
        age = births.mother_age[rows].astype(np.int64)
        twin = births.is_multiple[rows]
        second = twin & (self.world.population.event_first_birth[births.event[rows]] != rows)
        sex = np.where(live, persons.sex[child], 1 + (self.u("sex", rows) < 0.5))
        postcodes, place = np.unique(self.world.population.regions.postcode4, return_inverse=True)
        return pa.table(
            {
                "rinpersoons_kind": text.codes(np.where(no_child, 3, kind), ["R", "D", "F", "G"]),
                "rinpersoon_kind": self._children(rows, no_child),
                "rinpersoons_moeder": text.codes(no_mother.astype(np.int8), ["R", "G"]),
                "rinpersoon_moeder": self._mothers(mother, no_mother, key),
                "jaar": whole(births.birth_year[rows], np.zeros(n, dtype=bool)),
                "amww": whole(days // 7, no_days),
                "amddd": whole(days, no_days),
                "geboortegew": whole(o.weight[rows], no_weight),
                "gesl": whole(sex, np.zeros(n, dtype=bool)),
                "hoftiezer": pa.array(o.weight_percentile[rows], mask=no_percentile),
                "sterfte": whole(death, np.zeros(n, dtype=bool)),
                "nicuopname": flag("nicuopname", o.has_intensive_care),
                "apgar5": whole(np.where(no_apgar, _MISSING_APGAR, apgar), no_apgar & ~written),
                "congenafw": flag("congenafw", o.has_anomaly),
                "fluxus": flag("fluxus", o.has_haemorrhage),
                "ruptuur": text.codes(np.where(lacks("ruptuur"), 0, rupture).astype(np.int64), _RUPTURES),
                "type_partus": text.codes(np.where(lacks("type_partus"), 0, mode), _MODES),
                "overdracht": flag("overdracht", o.is_referred),
                "ziekenhuisbevalling": flag("ziekenhuisbevalling", o.is_hospital_birth),
                "episiotomie": flag("episiotomie", o.has_episiotomy),
                "ruggenprik": flag("ruggenprik", o.has_epidural),
                "par": whole(parity, rank == 0),
                "grav": whole(parity + 1 + (self.u("grav", rows) < 0.25), rank == 0),
                "omv": whole(1 + twin.astype(np.int64), np.zeros(n, dtype=bool)),
                "rangnummer": whole(1 + second.astype(np.int64), np.zeros(n, dtype=bool)),
                "lft": whole(age, age < 0),
                "pc4": text.codes(place.ravel()[births.region[rows]], postcodes.tolist()),
            }
        )

    def _children(self, rows: Int, missing: Bool) -> pa.StringArray:
        """Numbers of the children; those of stillborn children are the ones of DGGBAPERSOONTAB."""
        child = self.births.child[rows].astype(np.int64)
        place = np.where(child >= 0, child, len(self.world.population.persons) - 1 - child)
        digits = self.world.population.rin_digits[place]
        digits[missing] = _UNKNOWN
        return text.fixed_text(digits)

    def _mothers(self, mother: Int, missing: Bool, key: Int) -> pa.StringArray:
        """Numbers of the mothers; unknown ones are blank or zeros."""
        digits = self.world.population.rin_digits[np.maximum(mother, 0)]
        zeros = self.u("zeros", key) < 0.5
        digits[missing & zeros] = ord("0")
        digits[missing & ~zeros] = _UNKNOWN
        return text.fixed_text(digits)


def perined(world: World) -> Tables:
    """PERINED: the records of each delivery."""
    maker = _Perined(world)
    for year, rows, number in maker.files():
        yield year, maker.table(year, rows, number)


REGISTERS: dict[str, Callable[[World], Tables]] = {
    "INSCHRWPOTAB": _schools("INSCHRWPOTAB"),
    "INSCHRWECTAB": _schools("INSCHRWECTAB"),
    "PERINED": perined,
}
"""The registers of this module by CBS component."""
