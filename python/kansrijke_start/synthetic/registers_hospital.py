"""Hospital registers: declared products (MSZPRESTATIESVEKTTAB) and care activities (MSZZORGACTIVITEITENVEKTTAB).

Both are views of one :class:`Plan`, which lays the events around birth down as products and activities, among other
care that the definitions must reject: nights in products that do not count, nights before or after the days that
count, activities without a product, lines that were taken back, other diagnoses. A product stands in the file of the
year in which it began, and so do its activities, whenever they took place.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.birth_events import (
    CONDITIONS,
    LAST_STAY_DAY,
    PRETERM_26_32,
    PRETERM_UNDER_26,
    Admissions,
    BirthEvents,
)
from kansrijke_start.synthetic.population import january_first, year_of
from kansrijke_start.synthetic.registers_brp import RinText
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]

#: Rows in one slice.
SLICE = 1_000_000
PAEDIATRICS, GYNAECOLOGY = "0316", "0307"
OUTPATIENT, DAY_CARE, CLINICAL = 0, 1, 2
_SETTINGS = ("1", "2", "3", "9")
_NO_SETTING = 3
_NO_DIAGNOSIS = "9" * 15
#: Links of activities without a product lie above those of all products.
_UNMATCHED_LINK = 9_000
_LINK_WIDTH = 6
_NIGHT_NICU, _NIGHT_PICU = "190150", "190151"
_HEALTHY_MOTHER, _HEALTHY_INFANT = "190032", "190033"


def code_list(name: str, group: str) -> list[str]:
    """Codes of one group of a code list (a seed), in the order of the file.

    Raises:
        KansrijkeStartError: the seed or the group is missing.
    """
    return list(_code_lists(name).get(group) or _missing_group(name, group))


@functools.cache
def _code_lists(name: str) -> dict[str, list[str]]:
    place = PROJECT_ROOT / "seeds" / "code_lists" / f"{name}.csv"
    if not place.is_file():
        raise KansrijkeStartError(f"{place} is missing: restore it from the repository (git checkout -- {place}).")
    found: dict[str, list[str]] = {}
    with place.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["code_group"], []).append(row["code"])
    return found


def _missing_group(name: str, group: str) -> list[str]:
    raise KansrijkeStartError(
        f"The code list {name} has no codes for '{group}'. Add them to seeds/code_lists/{name}.csv."
    )


@dataclass
class Plan:
    """All products and activities of a world.

    Products are sorted by begin year, person and begin; activities by their product's begin year, then in the order of
    the products. Codes are places in the lists of labels.

    Attributes:
        person, start, end: int32 (n_products,), person and first and last day.
        year: int16 (n_products,), begin year.
        link: int32 (n_products,), number that links activities to a product, unique with person and begin year.
        product, diagnosis, specialism, setting: int16 or int8 (n_products,), places in the labels.
        is_dbc: bool (n_products,), DBC care product (else another product).
        activity_person, activity_link, activity_date: int32 (n_activities,).
        activity_year: int16 (n_activities,), begin year of the product.
        activity_code: int16 (n_activities,).
        activity_count: int8 (n_activities,), number of activities; negative when it corrects another line.
        labels: labels of each kind of code: product, diagnosis, specialism, activity.
    """

    person: Int32
    start: Int32
    end: Int32
    year: Int16
    link: Int32
    product: Int16
    diagnosis: Int16
    specialism: Int16
    setting: Int8
    is_dbc: Bool
    activity_person: Int32
    activity_link: Int32
    activity_date: Int32
    activity_year: Int16
    activity_code: Int16
    activity_count: Int8
    labels: dict[str, list[str]]


def _diagnosis(specialism: str, code: str) -> str:
    """Specialism and diagnosis in fifteen characters; what stands between them is not documented."""
    return f"{specialism}-11-00-{code}"


class _Builder:
    """Collects products and activities kind by kind; see :func:`plan_of`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seed = world.seed
        self.population = world.population
        self.births = world.population.births
        self.events: BirthEvents = world.events
        self.p: Mapping[str, Any] = world.parameters["perinatal"]["hospital_care"]
        self.death = world.lives.death_date.astype(np.int64)
        self.labels: dict[str, list[str]] = {
            "product": [""],
            "diagnosis": [_NO_DIAGNOSIS],
            "specialism": ["9999"],
            "activity": [],
        }
        self.places: dict[str, dict[str, int]] = {
            kind: {v: i for i, v in enumerate(found)} for kind, found in self.labels.items()
        }
        self.n_products = 0
        #: Products whose activities have lost their link.
        self.lost: list[Int] = []
        self.columns: dict[str, list[NDArray[Any]]] = {}
        self.activities: dict[str, list[NDArray[Any]]] = {}
        self.listed = code_list("hospital_stay_products", "regiobeeld")
        self.delivery_date = world.population.event_date.astype(np.int64)
        self.mother = world.population.event_mother.astype(np.int64)
        self.birth_date = self.births.birth_date.astype(np.int64)

    # -- collecting ----------------------------------------------------------------------------------------------

    def place(self, kind: str, labels: list[str]) -> Int:
        """Places of labels in the list of a kind; new ones are added."""
        known = self.places[kind]
        for label in labels:
            if label not in known:
                known[label] = len(self.labels[kind])
                self.labels[kind].append(label)
        return np.array([known[label] for label in labels])

    def uniform(self, name: str, index: NDArray[Any]) -> NDArray[np.float64]:
        return draws.uniform(self.seed, f"hospital/{name}", index)

    def pick(self, name: str, index: NDArray[Any], kind: str, labels: list[str] | Mapping[str, float]) -> Int:
        """Place of a label drawn for each index: equally often, or by weight."""
        weights = list(labels.values()) if isinstance(labels, Mapping) else [1.0] * len(labels)
        return self.place(kind, list(labels))[draws.categorical(self.uniform(name, index), weights)]

    def add(
        self,
        person: Int,
        start: Int,
        end: Int,
        product: Int,
        diagnosis: Int,
        specialism: str | Int,
        setting: int | Int,
        *,
        is_dbc: bool = True,
    ) -> Int:
        """Products; gives their numbers."""
        n = len(person)
        spec = self.place("specialism", [specialism])[0] if isinstance(specialism, str) else specialism
        for name, values in {
            "person": person,
            "start": start,
            "end": end,
            "product": product,
            "diagnosis": diagnosis,
            "specialism": np.broadcast_to(spec, n),
            "setting": np.broadcast_to(setting, n),
            "is_dbc": np.full(n, is_dbc),
        }.items():
            dtype = np.bool_ if name == "is_dbc" else np.int32
            self.columns.setdefault(name, []).append(np.asarray(values).astype(dtype))
        numbers = np.arange(self.n_products, self.n_products + n)
        self.n_products += n
        return numbers

    def act(self, product: Int, code: str | Int, date: Int, count: int = 1) -> None:
        """Activities of products, one line each."""
        n = len(product)
        place = self.place("activity", [code])[0] if isinstance(code, str) else code
        self.activities.setdefault("product", []).append(np.asarray(product).astype(np.int32))
        self.activities.setdefault("code", []).append(np.broadcast_to(place, n).astype(np.int16))
        self.activities.setdefault("date", []).append(np.asarray(date).astype(np.int32))
        self.activities.setdefault("count", []).append(np.full(n, count, dtype=np.int8))

    def runs(self, product: Int, first: Int, days: NDArray[np.integer]) -> tuple[Int, Int, Int]:
        """Consecutive days of stays: product, date and row of each day."""
        row = np.repeat(np.arange(len(product)), days)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(days) - days, days)
        return product[row], first[row] + offset, row

    # -- kinds of care -------------------------------------------------------------------------------------------

    def of_diagnosis(self, name: str, index: NDArray[Any], group: str, specialism: str) -> Int:
        codes = [_diagnosis(specialism, code) for code in self.p["codes"]["diagnosis"][group]]
        return self.pick(f"{name}/diagnosis", index, "diagnosis", codes)

    def unlisted(self, name: str, index: NDArray[Any], group: str) -> Int:
        return self.pick(f"{name}/product", index, "product", self.p["codes"]["product"][group])

    def stay_end(self, start: Int) -> Int:
        return start + int(self.p["days_open"]["stay"])

    def visit_end(self, name: str, index: NDArray[Any], start: Int) -> Int:
        least, most = self.p["days_open"]["outpatient"]
        return start + draws.integers(self.seed, f"hospital/{name}/end", index, int(least), int(most) + 1)

    def mothers_who_stay(self) -> None:
        """Listed products of mothers with the nights of the stay around birth."""
        event = np.flatnonzero((self.mother >= 0) & (self.events.mother_nights > 0))
        before = self.p["begin"]
        days = np.array(list(before))[draws.categorical(self.uniform("mother/begin", event), list(before.values()))]
        born = self.delivery_date[event]
        # No file holds products that began before the first file year.
        start = np.maximum(born - days, int(january_first(_years("MSZPRESTATIESVEKTTAB")[0])))
        product = self.add(
            self.mother[event],
            start,
            self.stay_end(start),
            self.pick("mother/listed", event, "product", self.listed),
            self.of_diagnosis("mother", event, "mother", GYNAECOLOGY),
            GYNAECOLOGY,
            CLINICAL,
        )
        self.act(product, self.p["codes"]["activity"]["delivery"], born)
        number, date, row = self.runs(
            product, born + self.events.mother_first_night[event], self.events.mother_nights[event]
        )
        key = event[row] * 64 + (date - born[row])
        code = self.pick("mother/night", key, "activity", self.p["night_codes"]["mother"])
        beside = np.zeros(self.population.n_events, dtype=bool)
        beside[self.births.event[self.events.child_nights > 0]] = True
        healthy = beside[event[row]] & (self.uniform("mother/healthy", key) < float(self.p["healthy_mother"]))
        self.act(number, np.where(healthy, self.place("activity", [_HEALTHY_MOTHER])[0], code), date)

    def ordinary_births(self) -> None:
        """Unlisted products of mothers for the birth, with or without a night; some of their children's."""
        settings = self.p["ordinary_birth"]
        event = np.flatnonzero((self.mother >= 0) & (self.events.mother_nights == 0))
        event = event[self.uniform("ordinary", event) < float(settings["product"])]
        born = self.delivery_date[event]
        night = self.uniform("ordinary/night", event) < float(settings["night"])
        product = self.add(
            self.mother[event],
            born,
            self.stay_end(born),
            self.unlisted("ordinary", event, "mother"),
            self.of_diagnosis("ordinary", event, "mother", GYNAECOLOGY),
            GYNAECOLOGY,
            np.where(night, CLINICAL, OUTPATIENT),
        )
        self.act(product, self.p["codes"]["activity"]["delivery"], born)
        code = self.pick("ordinary/code", event[night], "activity", self.p["night_codes"]["mother"])
        self.act(product[night], code, born[night])
        in_hospital = np.zeros(self.population.n_events, dtype=bool)
        in_hospital[event[night]] = True
        child = np.flatnonzero(self.births.is_live & in_hospital[self.births.event] & (self.events.child_nights == 0))
        child = child[self.uniform("healthy infant", child) < float(settings["healthy_infant"])]
        date = self.birth_date[child]
        product = self.add(
            self.births.child[child],
            date,
            self.stay_end(date),
            self.unlisted("healthy infant", child, "child"),
            self.of_diagnosis("healthy infant", child, "child", PAEDIATRICS),
            PAEDIATRICS,
            CLINICAL,
        )
        self.act(product, _HEALTHY_INFANT, date)

    def rejected_stays(self) -> None:
        """Listed products of mothers without a night that counts."""
        settings = self.p["rejected_stay"]
        event = np.flatnonzero((self.mother >= 0) & ~self.events.has_stay)
        event = event[self.uniform("rejected", event) < float(settings["share"])]
        kind = draws.categorical(self.uniform("rejected/kind", event), settings["kinds"])
        born = self.delivery_date[event]
        u = self.uniform("rejected/day", event)
        # No night; day 8 and later; at least three days before the birth; on a day that would count, taken back.
        shift = np.select(
            [kind == 1, kind == 2, kind == 3],
            [LAST_STAY_DAY + 1 + np.floor(u * 12), -3 - np.floor(u * 30), np.floor(u * (LAST_STAY_DAY + 1))],
            0,
        ).astype(np.int64)
        # The child of a twin birth can be born a day later.
        shift = np.where(kind == 1, shift + 1 * (u > 0.1), shift)
        start = born + np.where(kind == 3, 0, shift)
        product = self.add(
            self.mother[event],
            start,
            self.stay_end(start),
            self.pick("rejected/listed", event, "product", self.listed),
            self.of_diagnosis("rejected", event, "mother", GYNAECOLOGY),
            GYNAECOLOGY,
            CLINICAL,
        )
        self.act(product, self.p["codes"]["activity"]["visit"], start)
        night = kind > 0
        code = self.pick("rejected/code", event, "activity", self.p["night_codes"]["mother"])
        self.act(product[night], code[night], (born + shift)[night])
        back = kind == 3
        self.act(product[back], code[back], (born + shift)[back], -1)

    def children(self) -> None:
        """Products of newborns who stay, and of later admissions to intensive care."""
        events, births = self.events, self.births
        child = np.flatnonzero(births.is_live & (events.child_nights > 0))
        start = self.birth_date[child]
        preterm = {PRETERM_UNDER_26: "preterm_under_26", PRETERM_26_32: "preterm_26_32"}
        diagnosis = self.of_diagnosis("child", child, "child", PAEDIATRICS)
        for state, group in preterm.items():
            of_state = events.preterm[child] == state
            codes = [_diagnosis(PAEDIATRICS, code) for code in code_list("diagnoses", group)]
            diagnosis[of_state] = self.pick(f"child/{group}", child[of_state], "diagnosis", codes)
        product = self.add(
            births.child[child],
            start,
            self.stay_end(start),
            self.pick("child/listed", child, "product", self.listed),
            diagnosis,
            PAEDIATRICS,
            CLINICAL,
        )
        number = np.full(len(births), -1, dtype=np.int64)
        number[child] = product
        busy: list[Int] = []
        for name, code, admissions in (("nicu", _NIGHT_NICU, events.nicu), ("picu", _NIGHT_PICU, events.picu)):
            busy.append(self.intensive_care(name, code, admissions, number))
        # No nursing day on a day of intensive care.
        nights, date, row = self.runs(product, start + events.child_first_night[child], events.child_nights[child])
        free = ~np.isin(child[row] * 4096 + (date - start[row]), np.concatenate(busy))
        key = (child[row] * 64 + (date - start[row]))[free]
        self.act(nights[free], self.pick("child/night", key, "activity", self.p["night_codes"]["child"]), date[free])
        codes = [_diagnosis(PAEDIATRICS, code) for code in code_list("diagnoses", "preterm_26_32")]
        also = child[events.preterm[child] == PRETERM_UNDER_26]
        also = also[self.uniform("under 26", also) < float(self.p["under_26_also_later"])]
        later = np.flatnonzero(events.preterm > 0)
        later = later[self.uniform("preterm next year", later) < float(self.p["preterm_next_year"])]
        next_year = january_first(births.birth_year[later].astype(np.int64) + 1)
        for name, who, begin in (
            ("under 26", also, self.birth_date[also]),
            ("preterm next year", later, next_year + draws.integers(self.seed, "hospital/preterm/day", later, 0, 300)),
        ):
            product = self.add(
                births.child[who],
                begin,
                self.visit_end(name, who, begin),
                self.unlisted(name, who, "child"),
                self.pick(f"{name}/diagnosis", who, "diagnosis", codes),
                PAEDIATRICS,
                OUTPATIENT,
            )
            self.act(product, self.p["codes"]["activity"]["visit"], begin)

    def intensive_care(self, name: str, code: str, admissions: Admissions, number: Int) -> Int:
        """Days of intensive care, in the product of the stay when they begin in it; gives child and day of life."""
        birth = admissions.birth.astype(np.int64)
        first = admissions.first_day.astype(np.int64)
        index = np.arange(len(birth))
        product = np.where(first <= LAST_STAY_DAY, number[birth], -1)
        own = np.flatnonzero(product < 0)
        start = self.birth_date[birth[own]] + first[own]
        key = birth[own] * 512 + first[own]
        listed = self.pick(f"{name}/listed", key, "product", self.listed)
        is_listed = self.uniform(f"{name}/is listed", key) < float(self.p["late_intensive_care_listed"])
        # In the first week it would be a stay around birth.
        is_listed &= first[own] > LAST_STAY_DAY
        product[own] = self.add(
            self.births.child[birth[own]],
            start,
            self.stay_end(start + admissions.days[own]),
            np.where(is_listed, listed, self.unlisted(name, key, "child")),
            self.of_diagnosis(name, key, "child", PAEDIATRICS),
            PAEDIATRICS,
            CLINICAL,
        )
        lost = self.uniform(f"{name}/lost", key) < float(self.p["unmatched"])
        self.lost.append(product[own][lost])
        days, date, row = self.runs(product, self.birth_date[birth] + first, admissions.days.astype(np.int64))
        self.act(days, code, date)
        child = birth[index[row]]
        return child * 4096 + (date - self.birth_date[child])

    def psychosocial(self) -> None:
        """Products of psychosocial care of children."""
        care = self.events.conditions
        birth, start = care.birth.astype(np.int64), care.start.astype(np.int64)
        key = birth * 8 + care.condition
        diagnosis = np.zeros(len(birth), dtype=np.int64)
        for number, name in enumerate(CONDITIONS):
            rows = care.condition == number
            codes = [_diagnosis(PAEDIATRICS, code) for code in code_list("diagnoses", name)]
            diagnosis[rows] = self.pick("psychosocial/code", key[rows], "diagnosis", codes)
        again = np.flatnonzero(self.uniform("psychosocial/again", key) < float(self.p["follow_up_share"]["share"]))
        for name, rows, shift in (
            ("psychosocial", np.arange(len(birth)), 0),
            ("psychosocial/again", again, int(self.p["follow_up_share"]["days"])),
        ):
            begin = start[rows] + shift
            end = self.visit_end(name, key[rows], begin)
            product = self.add(
                self.births.child[birth[rows]],
                begin,
                end,
                self.unlisted(name, key[rows], "child"),
                diagnosis[rows],
                PAEDIATRICS,
                OUTPATIENT,
            )
            self.act(product, self.p["codes"]["activity"]["visit"], begin)
            # A later visit, often in the next calendar year for products that begin in December.
            self.act(product, self.p["codes"]["activity"]["visit"], begin + (end - begin) // 2)

    def other_children(self) -> None:
        """Other care of children in the year of birth and the two years after."""
        settings = self.p["other_children"]
        rows = np.flatnonzero(self.births.is_live)
        conditions = [
            _diagnosis(self.p["codes"]["specialism"][0], code)
            for name in CONDITIONS
            for code in code_list("diagnoses", name)
        ]
        for offset in range(3):
            key = rows * 4 + offset
            chosen = self.uniform("other child", key) < float(settings["share"])
            who, own = rows[chosen], key[chosen]
            year = self.births.birth_year[who].astype(np.int64) + offset
            low = np.maximum(self.birth_date[who], january_first(year))
            start = low + np.floor(self.uniform("other child/day", own) * (january_first(year + 1) - low)).astype(
                np.int64
            )
            u = self.uniform("other child/kind", own)
            night, day = float(settings["night"]), float(settings["day_care"])
            setting = np.select([u < night, u < night + day], [CLINICAL, DAY_CARE], OUTPATIENT)
            elsewhere = self.uniform("other child/specialism", own) < float(settings["other_specialism"])
            person = self.births.child[who].astype(np.int64)
            here = self.is_here(person, start)
            product = self.add(
                person[here],
                start[here],
                self.visit_end("other child", own, start)[here],
                self.unlisted("other child", own, "other")[here],
                np.where(
                    elsewhere,
                    self.pick("other child/condition", own, "diagnosis", conditions),
                    self.of_diagnosis("other child", own, "child", PAEDIATRICS),
                )[here],
                np.where(
                    elsewhere,
                    self.place("specialism", [self.p["codes"]["specialism"][0]])[0],
                    self.place("specialism", [PAEDIATRICS])[0],
                )[here],
                setting[here],
            )
            self.other_activities("other child", product, own[here], start[here], setting[here])
            back = self.uniform("other child/taken back", own[here]) < float(self.p["taken_back"]["nicu"])
            for count in (1, -1):
                self.act(product[back], _NIGHT_NICU, start[here][back], count)

    def other_mothers(self) -> None:
        """Other care of mothers, in any year."""
        settings = self.p["other_mothers"]
        mothers = np.arange(self.population.n_mothers)
        for year in _years("MSZPRESTATIESVEKTTAB"):
            key = mothers * 16 + (year - 2010)
            chosen = self.uniform("other mother", key) < float(settings["share"])
            who, own = mothers[chosen], key[chosen]
            first = int(january_first(year))
            start = first + np.floor(self.uniform("other mother/day", own) * 365).astype(np.int64)
            here = self.is_here(who, start)
            who, own, start = who[here], own[here], start[here]
            specialism = draws.integers(
                self.seed, "hospital/other mother/specialism", own, 0, len(self.p["codes"]["specialism"])
            )
            combined = np.zeros(len(own), dtype=np.int64)
            for number, code in enumerate(self.p["codes"]["specialism"]):
                rows = specialism == number
                combined[rows] = self.of_diagnosis("other mother", own[rows], "other", code)
            setting = np.where(self.uniform("other mother/kind", own) < float(settings["night"]), CLINICAL, OUTPATIENT)
            product = self.add(
                who,
                start,
                self.visit_end("other mother", own, start),
                self.unlisted("other mother", own, "other"),
                combined,
                self.place("specialism", self.p["codes"]["specialism"])[specialism],
                setting,
            )
            self.other_activities("other mother", product, own, start, setting)

    def other_activities(self, name: str, product: Int, key: Int, date: Int, setting: Int) -> None:
        codes = self.p["codes"]["activity"]
        first = np.where(
            setting == DAY_CARE,
            self.place("activity", [codes["day_care"]])[0],
            self.place("activity", [codes["visit"]])[0],
        )
        self.act(product, first, date)
        tested = self.uniform(f"{name}/laboratory", key) < 0.3
        self.act(product[tested], codes["laboratory"], date[tested])
        nights = np.flatnonzero(setting == CLINICAL)
        code = self.pick(f"{name}/night", key[nights], "activity", self.p["night_codes"]["child"])
        intensive = self.p["other_intensive_care"]
        other = self.pick(f"{name}/intensive", key[nights], "activity", intensive["codes"])
        is_intensive = self.uniform(f"{name}/is intensive", key[nights]) < float(intensive["share"])
        self.act(product[nights], np.where(is_intensive, other, code), date[nights])

    def is_here(self, person: Int, date: Int) -> Bool:
        """In the population register on a day (deaths are looked at for all products)."""
        lives, persons = self.world.lives, self.population.persons
        away = (lives.absent_from[person] <= date) & (date < lives.absent_until[person])
        result: Bool = (persons.registered_from[person] <= date) & ~away
        return result

    def other_claims(self) -> None:
        """Other products beside DBCs: no care product, no diagnosis, no activities."""
        settings = self.p["other_claims"]
        person = np.concatenate(self.columns["person"]).astype(np.int64)
        start = np.concatenate(self.columns["start"]).astype(np.int64)
        specialism = np.concatenate(self.columns["specialism"]).astype(np.int64)
        number = np.arange(len(person))
        chosen = self.uniform("other claims", number) < float(settings["share"])
        number, person, start, specialism = number[chosen], person[chosen], start[chosen], specialism[chosen]
        none = self.uniform("other claims/specialism", number) < float(settings["no_specialism"])
        zero = np.zeros(len(number), dtype=np.int64)
        self.add(person, start, start, zero, zero, np.where(none, 0, specialism), _NO_SETTING, is_dbc=False)

    # -- finishing -----------------------------------------------------------------------------------------------

    def finish(self) -> Plan:
        columns = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        person = columns["person"].astype(np.int64)
        start = columns["start"].astype(np.int64)
        year = year_of(start)
        years = _years("MSZPRESTATIESVEKTTAB")
        kept = (year >= years[0]) & (year <= years[-1]) & (start <= self.death[person])
        order = np.flatnonzero(kept)
        order = order[np.lexsort((order, start[order], person[order], year[order]))]
        group = person[order] * 16 + (year[order] - years[0])
        new = np.append(True, group[1:] != group[:-1]) if len(group) else np.zeros(0, dtype=bool)
        first = np.maximum.accumulate(np.where(new, np.arange(len(group)), 0))
        # Links begin anywhere, at the same number for a person in every year.
        link = draws.integers(self.seed, "hospital/link", person[order], 1, 4000) + np.arange(len(group)) - first
        end = np.minimum(columns["end"][order], np.minimum(self.death[person[order]], np.iinfo(np.int32).max))
        place = np.full(self.n_products, -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        acts = {name: np.concatenate(parts) for name, parts in self.activities.items()}
        product = place[acts["product"]]
        # Nothing after death; lines whose product has no file have none either.
        rows = np.flatnonzero((product >= 0) & (acts["date"] <= self.death[person[acts["product"]]]))
        rows = rows[np.argsort(product[rows], kind="stable")]
        twice = rows[self.uniform("corrected", rows) < float(self.p["taken_back"]["activity"])]
        rows = np.concatenate([rows, twice, twice])
        count = acts["count"][rows].copy()
        count[len(rows) - len(twice) :] *= -1
        by_product = np.argsort(product[rows], kind="stable")
        rows, count = rows[by_product], count[by_product]
        product = product[rows]
        lost = np.isin(acts["product"][rows], np.concatenate(self.lost))
        final_link = link[product] + np.where(lost, _UNMATCHED_LINK, 0)
        # Activities whose product is nowhere: a line beside the others, with a link of its own.
        intensive = np.isin(acts["code"][rows], self.place("activity", [_NIGHT_NICU, _NIGHT_PICU]))
        is_copied = (self.uniform("unmatched", rows) < float(self.p["unmatched"])) & ~intensive & ~lost
        astray = np.flatnonzero(is_copied)
        final_rows = np.concatenate([np.arange(len(rows)), astray])
        final_rows = final_rows[np.argsort(final_rows, kind="stable")]
        is_astray = np.zeros(len(final_rows), dtype=bool)
        is_astray[1:] = final_rows[1:] == final_rows[:-1]
        product, final_link = product[final_rows], final_link[final_rows]
        final_link = final_link + np.where(is_astray, _UNMATCHED_LINK, 0)
        return Plan(
            person=person[order].astype(np.int32),
            start=start[order].astype(np.int32),
            end=np.maximum(end, start[order]).astype(np.int32),
            year=year[order].astype(np.int16),
            link=link.astype(np.int32),
            product=columns["product"][order].astype(np.int16),
            diagnosis=columns["diagnosis"][order].astype(np.int16),
            specialism=columns["specialism"][order].astype(np.int16),
            setting=columns["setting"][order].astype(np.int8),
            is_dbc=columns["is_dbc"][order],
            activity_person=person[order][product].astype(np.int32),
            activity_link=final_link.astype(np.int32),
            activity_date=acts["date"][rows][final_rows],
            activity_year=year[order][product].astype(np.int16),
            activity_code=acts["code"][rows][final_rows],
            activity_count=np.where(is_astray, 1, count[final_rows]).astype(np.int8),
            labels=self.labels,
        )


def plan_of(world: World) -> Plan:
    """All hospital products and activities of a world; the same for the same world, whatever the machine."""
    builder = _Builder(world)
    builder.mothers_who_stay()
    builder.ordinary_births()
    builder.rejected_stays()
    builder.children()
    builder.psychosocial()
    builder.other_children()
    builder.other_mothers()
    builder.other_claims()
    return builder.finish()


def _years(component: str) -> range:
    years = load_catalogue().registers[component.lower()].years
    assert years.first is not None and years.last is not None
    return range(years.first, years.last + 1)


def _slices(first: int, last: int) -> Iterator[slice]:
    """Parts of at most `SLICE` rows; one empty part when there are none, so that a file is always written."""
    for start in range(first, max(last, first + 1), SLICE):
        yield slice(start, min(start + SLICE, last))


def _link_columns(numbers: RinText, person: Int32, link: Int32, year: int) -> dict[str, pa.Array]:
    constant = np.zeros(len(person), dtype=np.int8)
    return {
        "rinpersoons": text.codes(constant, ["R"]),
        "rinpersoon": numbers.person(person),
        "vektmszkoppelidprestza": text.digits(link, _LINK_WIDTH),
        "vektmszbeginjaarprest": text.codes(constant, [str(year)]),
    }


def mszprestatiesvekttab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Declared products, by the year in which they began."""
    plan = world.hospital
    numbers = RinText(world.population)
    for year in _years("MSZPRESTATIESVEKTTAB"):
        first, last = np.searchsorted(plan.year, [year, year + 1])
        for part in _slices(int(first), int(last)):
            yield year, _product_rows(world, plan, numbers, year, part)


def _product_rows(world: World, plan: Plan, numbers: RinText, year: int, part: slice) -> pa.Table:
    p = world.parameters["perinatal"]["hospital_care"]["amounts"]
    index = np.arange(part.start, part.stop)
    is_dbc, setting = plan.is_dbc[part], plan.setting[part]
    median = np.where(
        ~is_dbc, float(p["other"]), np.where(setting == CLINICAL, float(p["stay"]), float(p["outpatient"]))
    )
    amount = median * np.exp(float(p["spread"]) * draws.normal(world.seed, "hospital/amount", index))
    # DBC products are claimed under 14-17, other products under other numbers.
    claim = draws.integers(world.seed, "hospital/claim", index, 0, 40_000)
    claim = np.where(is_dbc, 140_000 + claim, 190_000 + claim % 10_000)
    return pa.table(
        _link_columns(numbers, plan.person[part], plan.link[part], year)
        | {
            "vektmszbegindatumprest": text.dates(plan.start[part]),
            "vektmszeinddatumprest": text.dates(plan.end[part]),
            "vektmszaantalprest": np.ones(len(index), dtype=np.int64),
            "vektmszdbczorgproduct": text.codes(plan.product[part], plan.labels["product"]),
            "vektmszspecialismediagnosecombinatie": text.codes(plan.diagnosis[part], plan.labels["diagnosis"]),
            "vektmszbehandelendspecialisme": text.codes(plan.specialism[part], plan.labels["specialism"]),
            "vektmszsettingzpk": text.codes(setting, _SETTINGS),
            "vektmszdeclaratiecode": text.digits(claim, 6),
            "vektmszvergoedbedragzvw": np.round(amount, 2),
        }
    )


def mszzorgactiviteitenvekttab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Care activities, by the year in which their product began."""
    plan = world.hospital
    numbers = RinText(world.population)
    for year in _years("MSZZORGACTIVITEITENVEKTTAB"):
        first, last = np.searchsorted(plan.activity_year, [year, year + 1])
        for part in _slices(int(first), int(last)):
            yield (
                year,
                pa.table(
                    _link_columns(numbers, plan.activity_person[part], plan.activity_link[part], year)
                    | {
                        "vektmszzorgactiviteit": text.codes(plan.activity_code[part], plan.labels["activity"]),
                        "vektmszzorgactiviteitdatum": text.dates(plan.activity_date[part]),
                        "vektmszaantalza": plan.activity_count[part].astype(np.int64),
                    }
                ),
            )


REGISTERS: dict[str, Callable[[World], Iterator[tuple[int, pa.Table]]]] = {
    "MSZPRESTATIESVEKTTAB": mszprestatiesvekttab,
    "MSZZORGACTIVITEITENVEKTTAB": mszzorgactiviteitenvekttab,
}
"""The registers of this module by CBS component."""
