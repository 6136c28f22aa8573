"""Outcomes of the births as the perinatal registration knows them, and what they do to the health of the children.

Gestational age, intensive care, stays and deaths are those of `birth_events`; the rest is drawn here, more often
unfavourable for vulnerable births. Outcomes of a delivery (such as a caesarean section) are shared by twins.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.birth_events import NEVER, PRETERM_UNDER_26, Admissions
from kansrijke_start.synthetic.calibration import of_classes, select_highest
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

#: Last day of life on which an admission is one of a newborn child.
LAST_NEWBORN_DAY = 28
#: Weight in grams that is the middle of the children of a gestational age in days, and its spread (logarithm).
_DAYS = (154, 168, 196, 224, 252, 280, 296)
_GRAMS = (480, 650, 1100, 1850, 2750, 3500, 3750)
_WEIGHT_SPREAD = 0.13


@dataclass
class BirthOutcomes:
    """Outcomes of all births; arrays of shape (n_births,), those of deliveries repeated for twins.

    Attributes:
        vulnerable: the mother is in the first latent class.
        gestation_days: -1 when unknown.
        is_preterm: born before 37 weeks.
        weight_percentile: of the birth weight for the gestational age, 0 to 100.
        weight: birth weight in grams.
        is_small: below the tenth percentile.
        has_low_apgar: Apgar score after five minutes below 7.
        has_anomaly: congenital anomaly.
        has_intensive_care: on a neonatal intensive care unit in the first weeks.
        has_paediatric_intensive_care: on a paediatric intensive care unit.
        has_stay: nights in hospital around birth.
        is_caesarean, is_referred, has_haemorrhage, has_episiotomy, has_epidural, has_severe_rupture,
        is_hospital_birth: of the delivery.
    """

    vulnerable: Bool
    gestation_days: Int
    is_preterm: Bool
    weight_percentile: Float
    weight: Int
    is_small: Bool
    has_low_apgar: Bool
    has_anomaly: Bool
    has_intensive_care: Bool
    has_paediatric_intensive_care: Bool
    has_stay: Bool
    is_caesarean: Bool
    is_referred: Bool
    has_haemorrhage: Bool
    has_episiotomy: Bool
    has_epidural: Bool
    has_severe_rupture: Bool
    is_hospital_birth: Bool


def is_vulnerable(world: World) -> Bool:
    """Whether the mother of each birth is in the first latent class, bool (n_births,)."""
    births = world.population.births
    result: Bool = (births.mother >= 0) & (world.circumstances.latent_class[births.event] == 0)
    return result


def share_in_class(year: Int, vulnerable: Bool) -> Float:
    """Share of the births in the class by birth year (place of the year, from 0 on), shape (years,)."""
    years = int(year.max(initial=0)) + 1
    births = np.bincount(year, minlength=years)
    share = np.bincount(year, weights=vulnerable, minlength=years) / np.maximum(births, 1)
    # Where the world has nobody of the class any share of it will do.
    return np.clip(share, 0.02, 0.5)


def shares_of_classes(world: World, labelled: Any, share: Float) -> Float:
    """Numbers of the class and of the others by birth year, from those of labelled and of other births.

    Args:
        world: gives the parameters of the label.
        labelled: two numbers, or two by birth year (shape (years, 2)).
        share: share of the births in the class by birth year (`share_in_class`).

    Returns:
        Shape (years, 2).
    """
    label = world.parameters["children.label"]
    values = np.broadcast_to(np.asarray(labelled, dtype=np.float64), (len(share), 2))
    return of_classes(values, share, float(label["inside"]), float(label["outside"]))


class _Outcomes:
    """Draws outcome after outcome; what was drawn shifts the propensity to what follows."""

    def __init__(self, world: World) -> None:
        self.world, self.seed = world, world.seed
        self.p = world.parameters["children"]
        population, events = world.population, world.events
        births = population.births
        self.births = births
        self.n, self.n_events = len(births), population.n_events
        self.lead = population.event_first_birth.astype(np.int64)
        self.vulnerable = is_vulnerable(world)
        self.year = (births.birth_year - births.birth_year.min(initial=2100)).astype(np.int64)
        self.preterm = events.preterm > 0
        newborn = _admitted(events.nicu, self.n, LAST_NEWBORN_DAY)
        self.traits: dict[str, Bool] = {
            "multiple": births.is_multiple,
            "first_child": births.birth_rank <= 1,
            "preterm": self.preterm,
            "death": (events.death_day != NEVER) & (events.death_day <= LAST_NEWBORN_DAY),
            "intensive_care": newborn,
            "paediatric_intensive_care": _admitted(events.picu, self.n, 10_000),
            "child_stay": events.child_nights > 0,
            "mother_stay": (events.mother_nights > 0)[births.event],
        }

    def trait_of_delivery(self, name: str, has: Bool) -> None:
        self.traits[name] = has[self.births.event]

    def choose(self, name: str, candidates: Bool) -> Bool:
        """Whether each birth has an outcome; the share of each birth year and class is as given among candidates."""
        rows = np.flatnonzero(candidates)
        vulnerable, year = self.vulnerable[rows], self.year[rows]
        in_class = share_in_class(year, vulnerable)
        share = shares_of_classes(self.world, self.p["outcomes"][name], in_class)
        score = draws.normal(self.seed, f"outcomes/{name}", rows)
        for trait, shift in self.p["propensity"][name].items():
            has = self.traits[trait][rows]
            if shift is None:
                score[has] = -np.inf
            else:
                score += has * float(shift)
        group = year * 2 + ~vulnerable
        offset = draws.uniform_one(self.seed, f"outcomes/{name}/offset")
        chosen = np.zeros(self.n, dtype=bool)
        chosen[rows] = select_highest(group, share.ravel(), score, offset)
        return chosen

    def of_delivery(self, name: str) -> Bool:
        """The same of deliveries, for all their children."""
        first = np.zeros(self.n, dtype=bool)
        first[self.lead] = True
        chosen = self.choose(name, first)
        return chosen[self.lead][self.births.event]

    def hospital_birth(self) -> Bool:
        """Deliveries with a hospital product: with nights of the mother, or an ordinary birth in hospital."""
        event = np.arange(self.n_events)
        share = float(self.world.parameters["perinatal.hospital_care.ordinary_birth"]["product"])
        ordinary = draws.uniform(self.seed, "hospital/ordinary", event) < share
        hospital = ordinary | (self.world.events.mother_nights > 0)
        # Who is born before 32 weeks, or goes to intensive care on the first day, was born there.
        needs = np.zeros(self.n_events, dtype=bool)
        needs[self.births.event[self.preterm | self.traits["intensive_care"]]] = True
        return (hospital | needs)[self.births.event]

    def gestation(self, late_preterm: Bool) -> Int:
        events = self.world.events
        index = np.arange(self.n)
        u = draws.uniform(self.seed, "outcomes/gestation", index)
        # Twins who were not born too early have the same gestational age.
        shared = draws.uniform(self.seed, "outcomes/gestation/delivery", self.births.event)
        term = np.interp(shared, [0.0, 0.15, 0.40, 0.65, 0.87, 0.98, 1.0], [259, 268, 276, 281, 287, 293, 297])
        days = np.floor(term).astype(np.int64)
        days[late_preterm] = (258 - np.floor(35 * shared**2)).astype(np.int64)[late_preterm]
        days[self.preterm] = (182 + np.floor(42 * np.sqrt(u))).astype(np.int64)[self.preterm]
        under = events.preterm == PRETERM_UNDER_26
        days[under] = (168 + np.floor(14 * np.sqrt(u))).astype(np.int64)[under]
        stillborn = ~self.births.is_live
        weeks = self.births.gestation_weeks.astype(np.int64)
        days[stillborn] = np.where(weeks == 99, -1, weeks * 7 + np.floor(u * 7).astype(np.int64))[stillborn]
        return days

    def draw(self) -> BirthOutcomes:
        live = self.births.is_live
        hospital = self.hospital_birth()
        self.traits["home"] = ~hospital
        # Twins share it: one of them who was not born before 32 weeks takes the other along.
        late = self.of_delivery("preterm_32_37") & live & ~self.preterm
        days = self.gestation(late)
        small = self.choose("small_for_gestational_age", live)
        caesarean = self.of_delivery("caesarean")
        self.traits["caesarean"] = caesarean
        apgar = self.choose("low_apgar", live)
        anomaly = self.choose("congenital_anomaly", live)
        u = draws.uniform(self.seed, "outcomes/percentile", np.arange(self.n))
        # In tenths: from 0.1 to 9.9, and from 10.0 to 99.9.
        percentile: Float = np.where(small, 1 + np.floor(99 * u), 100 + np.floor(900 * u)) / 10.0
        weight = np.interp(days, _DAYS, _GRAMS) * np.exp(_WEIGHT_SPREAD * _quantile(percentile / 100))
        # The day on which a stillborn child's growth stopped is not known: lighter.
        weight = np.where(live, weight, 0.85 * weight)
        return BirthOutcomes(
            vulnerable=self.vulnerable,
            gestation_days=days,
            is_preterm=(days >= 0) & (days < 259),
            weight_percentile=percentile,
            weight=np.rint(weight).astype(np.int64),
            is_small=small,
            has_low_apgar=apgar,
            has_anomaly=anomaly,
            has_intensive_care=self.traits["intensive_care"],
            has_paediatric_intensive_care=self.traits["paediatric_intensive_care"],
            has_stay=self.traits["child_stay"],
            is_caesarean=caesarean,
            is_referred=self.of_delivery("referral"),
            has_haemorrhage=self.of_delivery("haemorrhage"),
            has_episiotomy=self.of_delivery("episiotomy"),
            has_epidural=self.of_delivery("epidural"),
            has_severe_rupture=self.of_delivery("severe_rupture"),
            is_hospital_birth=hospital,
        )


def _admitted(admissions: Admissions, n: int, last_day: int) -> Bool:
    result = np.zeros(n, dtype=bool)
    result[admissions.birth[admissions.first_day <= last_day]] = True
    return result


def _quantile(share: Float) -> Float:
    """Standard normal quantile by linear interpolation."""
    grid = np.concatenate([[0.001], np.arange(1, 100) / 100, [0.999]])
    result: Float = np.interp(share, grid, [NormalDist().inv_cdf(value) for value in grid])
    return result


def draw(world: World) -> BirthOutcomes:
    """Draw the outcomes of all births of a world; the same for the same world, whatever the machine."""
    return _Outcomes(world).draw()
