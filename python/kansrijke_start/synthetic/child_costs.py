"""Costs of care of the children by calendar year: rows of ZVWZORGKOSTENTAB beside those of their parents.

Published means of labelled births give those of the class and of the others (`of_classes`). Among the children of a
birth year and class, who needs more care (after a birth with complications, or by the child's own frailty) has more
of it, while the mean of the group stays what it should be.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.birth_events import PRETERM_26_32, PRETERM_UNDER_26
from kansrijke_start.synthetic.birth_outcomes import share_in_class, shares_of_classes
from kansrijke_start.synthetic.population import january_first
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

#: Year of the prices of all amounts in the parameters.
PRICE_YEAR = 2023
#: Life years of the total that is published: the calendar year of birth and the five years after it.
TOTAL_YEARS = 6
#: Largest share with costs that a child can have.
_MOST = 0.995
_HOSPITAL = "zvwkziekenhuis"
_COLUMNS = {"hospital": _HOSPITAL, "dental": "zvwkmondzorg", "paramedical": "zvwkparamedisch"}
_GP = "general_practitioner"


@dataclass(frozen=True)
class Heading:
    """One heading of costs: means and shares by life year, of labelled and of other births, shape (life years, 2).

    Attributes:
        euro: mean euro of all children, in prices of `PRICE_YEAR`; of the general practitioner with registration.
        use: share with costs; of the general practitioner beside the registration.
        spread: spread of the amounts (standard deviation of the logarithm).
        power: power of the child's need for care.
    """

    euro: Float
    use: Float
    spread: float
    power: float


def _by_life_year(values: Mapping[int, Any], life_years: int) -> Float:
    """Numbers by life year, shape (life years, ...): a straight line between those given."""
    given = np.array(list(values.values()), dtype=np.float64)
    k = np.arange(life_years)
    if given.ndim == 1:
        return np.interp(k, list(values), given)
    return np.stack([np.interp(k, list(values), column) for column in given.T], axis=1)


def headings(p: Mapping[str, Any], life_years: int) -> dict[str, Heading]:
    """The headings with their means, as `parameters/children.yml` says under `costs`.

    Two numbers are solved: hospital care in the calendar year of birth closes the six-year total of the others, and
    the relative difference of the headings without a published figure closes that of the vulnerable.
    """
    n = max(life_years, TOTAL_YEARS)
    found: dict[str, Heading] = {}
    for name in (_GP, "hospital", "dental", "paramedical"):
        settings = p[name]
        euro = _by_life_year(settings["euro"], n)
        if name == _GP:
            euro[0] = settings["year_of_birth"]
        found[name] = Heading(euro, _by_life_year(settings["use"], n), **settings["spread"])
    hospital = found["hospital"].euro
    hospital[0] = 0.0
    rest = {
        name: (_by_life_year(settings["euro"], n), _by_life_year(settings["use"], n), settings)
        for name, settings in p["other_headings"].items()
    }
    total = np.array(p["six_years"], dtype=np.float64)
    known = np.sum([heading.euro[:TOTAL_YEARS].sum(axis=0) for heading in found.values()], axis=0)
    other = float(sum(euro[:TOTAL_YEARS].sum() for euro, _, _ in rest.values()))
    birth = total[1] - known[1] - other
    hospital[0] = birth * np.array([hospital[1, 0] / hospital[1, 1], 1.0])
    relative = (total[0] - known[0] - hospital[0, 0]) / other
    for name, (euro, use, settings) in rest.items():
        more = np.minimum(use * np.sqrt(relative), 0.95)
        found[name] = Heading(
            np.stack([euro * relative, euro], axis=1),
            np.stack([more, use], axis=1),
            float(settings["spread"]),
            float(settings["power"]),
        )
    return found


@functools.cache
def _deflators() -> dict[int, float]:
    place = PROJECT_ROOT / "seeds" / "prices" / "price_index.csv"
    with place.open(encoding="utf-8", newline="") as file:
        rows = {int(row["year"]): row["gdp_deflator_index"] for row in csv.DictReader(file)}
    return {year: float(index) for year, index in rows.items() if index}


def price_level(year: int, after_index: float) -> float:
    """Prices of a year, relative to those of `PRICE_YEAR`.

    Args:
        year: calendar year.
        after_index: yearly change after the last year for which the seed holds a deflator.
    """
    index = _deflators()
    known = min(year, max(index))
    level = index[known] / index[PRICE_YEAR]
    return float(level * (1.0 + after_index) ** (year - known))


class ChildCosts:
    """Costs of the children of one world; `of_year` gives the rows of a file."""

    def __init__(self, world: World) -> None:
        self.world, self.seed = world, world.seed
        self.p = world.parameters["children.costs"]
        births = world.population.births
        self.rows = np.flatnonzero(births.is_live)
        self.child = births.child[self.rows].astype(np.int64)
        self.birth_year = births.birth_year[self.rows].astype(np.int64)
        self.first_year = int(self.birth_year.min(initial=2100))
        self.birth_date = births.birth_date[self.rows].astype(np.int64)
        lives, persons = world.lives, world.population.persons
        self.registered = persons.registered_from[self.child].astype(np.int64)
        self.death = lives.death_date[self.child].astype(np.int64)
        self.away = lives.absent_from[self.child].astype(np.int64)
        self.back = lives.absent_until[self.child].astype(np.int64)
        self.outcomes = world.birth_outcomes
        self.vulnerable = self.outcomes.vulnerable[self.rows]
        self.insured = self._insured()
        self.frailty = self._frailty()
        self.headings = headings(self.p, 2025 - self.first_year)

    def _frailty(self) -> Float:
        """Need for care beside that of complications, with mean 1; brothers and sisters resemble each other."""
        health = self.p["health"]
        spread, shared = float(health["frailty"]), float(health["siblings"])
        mother = self.world.population.births.mother[self.rows].astype(np.int64)
        own = draws.normal(self.seed, "children/frailty", self.child)
        family = draws.normal(self.seed, "children/frailty/mother", np.where(mother >= 0, mother, self.child))
        score = np.sqrt(shared) * family + np.sqrt(1.0 - shared) * own
        result: Float = np.exp(spread * score - 0.5 * spread**2)
        return result

    def _insured(self) -> Bool:
        """Children who are in the costs register at all."""
        births, record = self.world.population.births, self.p["record"]
        mother = births.mother[self.rows].astype(np.int64)
        known = self.world.circumstances.has_care_record[np.maximum(mother, 0)] | (mother < 0)
        share = np.where(known, float(record["never"]), float(record["mother_without_record"]))
        return draws.uniform(self.seed, "children/insured", self.child) >= share

    def present(self, year: int) -> Int:
        """Rows (places in `rows`) of the children with a record in a year."""
        first, last = int(january_first(year)), int(january_first(year + 1)) - 1
        here = np.zeros(len(self.rows), dtype=bool)
        for day in (first, last):
            here |= (
                (self.registered <= day)
                & (self.birth_date <= day)
                & (day <= self.death)
                & ~((self.away <= day) & (day < self.back))
            )
        here |= self.birth_year == year
        key = self.child * 16 + (year - 2010)
        absent = draws.uniform(self.seed, "children/absent", key) < float(self.p["record"]["in_a_year"])
        return np.flatnonzero(here & self.insured & ~absent)

    def _need(self, rows: Int, year: int) -> Float:
        """Need for hospital care relative to a child without complications, times the child's frailty."""
        at = self.rows[rows]
        column = np.minimum(year - self.birth_year[rows], 2)
        o, events = self.outcomes, self.world.events
        states: dict[str, Bool] = {
            "preterm_under_26": events.preterm[at] == PRETERM_UNDER_26,
            "preterm_26_32": events.preterm[at] == PRETERM_26_32,
            "preterm_32_37": o.is_preterm[at] & (events.preterm[at] == 0),
            "small_for_gestational_age": o.is_small[at],
            "low_apgar": o.has_low_apgar[at],
            "congenital_anomaly": o.has_anomaly[at],
            "caesarean": o.is_caesarean[at],
            "referral": o.is_referred[at],
            "hospital_birth": o.is_hospital_birth[at],
            "epidural": o.has_epidural[at],
            "intensive_care": o.has_intensive_care[at],
            "paediatric_intensive_care": o.has_paediatric_intensive_care[at],
            "child_stay": o.has_stay[at],
            "death_in_the_year": self.death[rows] < int(january_first(year + 1)),
        }
        need = np.ones(len(rows))
        for name, effect in self.p["health"]["effects"].items():
            who = np.flatnonzero(states[name])
            need[who] += np.array(effect, dtype=np.float64)[column[who]]
        return need * self.frailty[rows]

    def of_year(self, year: int) -> tuple[Int, dict[str, NDArray[np.int32]]]:
        """Children (person index) with a record in a year, and whole euros by column (those with costs)."""
        rows = self.present(year)
        child = self.child[rows]
        key = child * 16 + (year - 2010)
        born = self.birth_year[rows] - self.first_year
        vulnerable = self.vulnerable[rows]
        in_class = share_in_class(born, vulnerable)
        group = born * 2 + ~vulnerable
        groups = (int(born.max(initial=0)) + 1) * 2
        sizes = np.maximum(np.bincount(group, minlength=groups), 1)
        need = self._need(rows, year)
        level = price_level(year, float(self.p["after_index"]))
        life_years = np.maximum(year - self.first_year - np.arange(groups // 2), 0)

        def mean(values: NDArray[Any]) -> Float:
            return np.bincount(group, weights=values, minlength=groups) / sizes

        def of_groups(labelled: Float) -> Float:
            return shares_of_classes(self.world, labelled[life_years], in_class).ravel()

        def amounts(name: str, heading: Heading, fee: NDArray[np.int32] | None) -> NDArray[np.int32]:
            """Euros of a heading; the mean of each group is its target before chance plays its part."""
            more = need ** (0.5 * heading.power)
            share = of_groups(heading.use)
            chance = np.minimum((share / np.maximum(mean(more), 1e-9))[group] * more, _MOST)
            # What the limit took away goes to the others.
            chance = np.minimum(chance * (share / np.maximum(mean(chance), 1e-9))[group], _MOST)
            target = of_groups(heading.euro) * level
            if fee is not None:
                target = np.maximum(target - mean(fee), 1.0)
            users = np.flatnonzero(draws.uniform(self.seed, f"children/{name}", key) < chance)
            scale = target / np.maximum(mean(chance * more), 1e-9)
            normal = draws.normal(self.seed, f"children/{name}/amount", key[users])
            drawn = np.exp(heading.spread * normal - 0.5 * heading.spread**2)
            result = np.zeros(len(rows), dtype=np.int32)
            result[users] = np.maximum(np.rint(scale[group[users]] * more[users] * drawn), 1)
            return result

        costs: dict[str, NDArray[np.int32]] = {}
        fee = self._registration(rows, year)
        beside = amounts(_GP, self.headings[_GP], fee)
        consultations = np.rint(0.7 * beside).astype(np.int32)
        costs["nopzvwkhuisartsinschrijf"] = fee
        costs["nopzvwkhuisartsconsult"] = consultations
        costs["nopzvwkhuisartsoverig"] = beside - consultations
        costs["zvwkhuisarts"] = fee + beside
        for name, heading in self.headings.items():
            if name != _GP:
                costs[_COLUMNS.get(name, name)] = amounts(name, heading, None)
        self._parts(costs, key)
        return child, costs

    def _registration(self, rows: Int, year: int) -> NDArray[np.int32]:
        """Registration fee with a general practitioner, by quarter in the calendar year of birth."""
        fee = self.world.parameters["care.general_practitioner.registration"]
        deprived = draws.uniform(
            self.seed, "children/deprived area", self.world.population.births.event[self.rows[rows]]
        )
        euro = fee["euro_2015"] + fee["growth"] * (year - 2015) + fee["surcharge"] * (deprived < fee["surcharge_share"])
        days = int(january_first(year + 1)) - self.birth_date[rows]
        quarters = np.where(self.birth_year[rows] == year, np.clip(-(-days // 91), 1, 4), 4)
        return np.rint(euro * quarters / 4).astype(np.int32)

    def _parts(self, costs: dict[str, NDArray[np.int32]], key: Int) -> None:
        """Parts of headings, and the total."""
        physiotherapy = draws.uniform(self.seed, "children/physiotherapy", key) < 0.6
        paramedical = costs["zvwkparamedisch"]
        costs["nopzvwkfysiotherapie"] = np.where(physiotherapy, paramedical, 0).astype(np.int32)
        costs["nopzvwkparamedischov"] = paramedical - costs["nopzvwkfysiotherapie"]
        transport = costs["zvwkziekenvervoer"]
        lying = draws.uniform(self.seed, "children/transport", key) < 0.9
        costs["nopzvwkziekenvervoerlig"] = np.where(lying, transport, 0).astype(np.int32)
        costs["nopzvwkziekenvervoerzit"] = transport - costs["nopzvwkziekenvervoerlig"]
        abroad = draws.uniform(self.seed, "children/abroad", key) < 0.6
        costs["nopzvwkbuitenlgrens"] = np.where(abroad, costs["zvwkbuitenland"], 0).astype(np.int32)
        total = np.zeros(len(key), dtype=np.int32)
        for name, values in costs.items():
            if name.startswith("zvwk"):
                total += values
        costs["zvwktotaal"] = total
