"""Social states of the adults of the synthetic world, from which the registers on work, safety and care are written.

A state is a yearly state of a person and depends on the latent class of the birth that the year comes before: the class
of the *next* birth of the person, or of the last one when no birth follows. So a state that one birth needs never
contradicts another birth. Shares that are published are met exactly where they are defined, in the calendar year before
a birth: the threshold of a propensity is its quantile among the parents of the next year's births, and holds for all.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.circumstances import REGULAR, TOZO
from kansrijke_start.synthetic.population import NOBODY, january_first, year_of
from kansrijke_start.synthetic.registers_income_care import _categories, _normal_cdf
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int8 = NDArray[np.int8]
Int = NDArray[np.integer]

NO_JOB, PERMANENT, OTHER_CONTRACT = 0, 1, 2
#: Calendar years whose next births are of different years; before them and after them nothing changes.
FIRST_YEAR, LAST_YEAR = 2015, 2023
#: Categories of `income.category.codes` whose propensity to have a job differs.
_EMPLOYEE, _DIRECTOR, _SELF_EMPLOYED = (0,), (1,), (2, 3, 4)


def person_year(person: Int, year: int) -> NDArray[np.int64]:
    """Index of a person-year from 2000 on, for streams of yearly draws."""
    return np.asarray(person, dtype=np.int64) * 32 + (year - 2000)


def yearly_share(share: Any, years: int) -> Float:
    """Yearly probability of something that happens at least once in a number of years with the given probability."""
    result: Float = 1.0 - (1.0 - np.asarray(share, dtype=np.float64)) ** (1.0 / years)
    return result


class Profiles:
    """States of the adults (persons ``0 .. n_adults - 1``), by calendar year.

    Args:
        world: the world; its circumstances give the classes and the socio-economic categories.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.seed = world.seed
        self.parameters = world.parameters["vulnerability"]
        self.n = int(world.circumstances.n_adults)
        self.n_mothers = int(world.population.n_mothers)
        units = world.circumstances.units
        known = units.other_parent >= 0
        self._person = np.concatenate([units.mother, units.other_parent[known]]).astype(np.int64)
        self._birth_year = np.concatenate([units.birth_year, units.birth_year[known]]).astype(np.int64)
        self._class = np.concatenate([units.latent_class, units.latent_class[known]]).astype(np.int8)
        self._shared: dict[str, Float] = {}

    @cached_property
    def _classes(self) -> Int8:
        """Class of each adult in `FIRST_YEAR` .. `LAST_YEAR`, int8 (n, years)."""
        result = np.empty((self.n, LAST_YEAR - FIRST_YEAR + 1), dtype=np.int8)
        current = self.world.circumstances.adult_class.astype(np.int8).copy()
        # Mothers of this world are no other parents; among the units of one person in one year the last one counts.
        for year in range(LAST_YEAR, FIRST_YEAR - 1, -1):
            rows = self._birth_year == year + 1
            current[self._person[rows]] = self._class[rows]
            result[:, year - FIRST_YEAR] = current
        return result

    def latent_class(self, year: int) -> Int8:
        """Class of each adult in a calendar year: that of the next birth, or of the last one; int8 (n,)."""
        return self._classes[:, min(max(year, FIRST_YEAR), LAST_YEAR) - FIRST_YEAR]

    def parents_to_be(self, year: int) -> NDArray[np.int64]:
        """Adults with a birth in the next calendar year, once each."""
        is_parent = np.zeros(self.n, dtype=bool)
        is_parent[self._person[self._birth_year == min(max(year, FIRST_YEAR), LAST_YEAR - 1) + 1]] = True
        return np.flatnonzero(is_parent)

    @cached_property
    def is_mother(self) -> Bool:
        """Whether each adult is a mother (else another parent), bool (n,)."""
        return np.arange(self.n) < self.n_mothers

    @cached_property
    def _year_of_birth(self) -> NDArray[np.int64]:
        return year_of(self.world.population.persons.birth_date[: self.n])

    def present(self, year: int) -> Bool:
        """Adults who are in the population register on the first or the last day of a year, bool (n,)."""
        lives, population = self.world.lives, self.world.population
        first, last = int(january_first(year)), int(january_first(year + 1)) - 1
        result: Bool = (lives.is_present(population, first) | lives.is_present(population, last))[: self.n]
        return result

    def persistent(self, name: str, year: int, correlation: float) -> Float:
        """Standard normal propensity of each adult in a year, with the given correlation between years."""
        person = np.arange(self.n)
        shared = self._shared.get(name)
        if shared is None:
            shared = self._shared[name] = draws.normal(self.seed, f"profiles/{name}/person", person)
        own = draws.normal(self.seed, f"profiles/{name}/year", person_year(person, year))
        return np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own

    def _group(self, year: int) -> NDArray[np.int64]:
        """Mothers in the first class, other mothers, other parents in the first class, other ones: 0..3."""
        return np.where(self.is_mother, 0, 2) + (self.latent_class(year) != 0)

    # --- work

    def contract(self, year: int) -> Int8:
        """Contract of the job with most hours: none, permanent or another; int8 (n,)."""
        settings = self.parameters["contract"]
        propensity = settings["propensity"]
        category = _categories(self.world.income_and_care, year)
        circumstances = self.world.circumstances
        assistance = circumstances.assistance[:, circumstances.column(year)]
        shift = np.full(self.n, float(propensity["other"]))
        for codes, name in ((_EMPLOYEE, "employee"), (_DIRECTOR, "director"), (_SELF_EMPLOYED, "self_employed")):
            shift[np.isin(category, codes)] = float(propensity[name])
        shift[assistance == REGULAR] = float(propensity["other"])
        shift[assistance == TOZO] = float(propensity["self_employed"])
        score = shift + np.array(propensity["class"])[self.latent_class(year)]
        score += self.persistent("contract", year, float(propensity["correlation"]))
        score[~self.present(year)] = -np.inf
        result = np.full(self.n, NO_JOB, dtype=np.int8)
        group = self._group(year)
        reference = self.parents_to_be(year)
        for number, (role, kind) in enumerate(_GROUPS):
            permanent, other = settings[role][kind]
            here = np.flatnonzero(group == number)
            among = score[reference[group[reference] == number]]
            for share, state in ((permanent + other, OTHER_CONTRACT), (permanent, PERMANENT)):
                result[here[score[here] > _threshold(among, share)]] = state
        result[~np.isfinite(score)] = NO_JOB
        return result

    def full_time(self, year: int, contract: Int8) -> Bool:
        """Whether the job with most hours is full-time, bool (n,); False without a job.

        Args:
            year: calendar year.
            contract: `contract` of the year.
        """
        settings = self.parameters["full_time"]
        propensity = settings["propensity"]
        score = np.array(propensity["class"])[self.latent_class(year)]
        score = score + self.persistent("full time", year, float(propensity["correlation"]))
        score[contract == NO_JOB] = -np.inf
        result = np.zeros(self.n, dtype=bool)
        group = self._group(year)
        reference = self.parents_to_be(year)
        for number, (role, kind) in enumerate(_GROUPS):
            here = np.flatnonzero(group == number)
            among = score[reference[group[reference] == number]]
            result[here] = score[here] > _threshold(among, float(settings[role][kind]))
        return result & (contract != NO_JOB)

    # --- safety, addiction, disability, asylum

    def happens(self, name: str, year: int, by_class: Any, years: int) -> Bool:
        """Whether something of which the share in a number of years is known happens in this year, bool (n,)."""
        probability = yearly_share(by_class, years)[self.latent_class(year)]
        u = draws.uniform(self.seed, f"profiles/{name}", person_year(np.arange(self.n), year))
        return (u < probability) & self.present(year)

    def _by_role(self, name: str, year: int) -> Bool:
        crime = self.parameters["crime"]
        mother, other = crime[name], crime[f"{name}_other_parent"]
        found = np.where(
            self.is_mother,
            self.happens(name, year, mother["shares"], mother["years"]),
            self.happens(name, year, other["shares"], other["years"]),
        )
        age = year - self._year_of_birth
        return found & (age >= crime["youngest_age"][name])

    def is_suspect(self, year: int) -> Bool:
        """Registered as suspect of a crime in the year."""
        return self._by_role("suspect", year)

    def is_detained(self, year: int) -> Bool:
        """In detention in the year."""
        return self._by_role("detention", year)

    def is_victim(self, year: int) -> Bool:
        """Registered as victim of a crime in the year."""
        victim = self.parameters["crime"]["victim"]
        return self.happens("victim", year, victim["shares"], victim["years"])

    def has_addiction_care(self, year: int) -> Bool:
        """Addiction care in the year; adults only."""
        settings = self.parameters["addiction"]
        age = year - self._year_of_birth
        return self.happens("addiction", year, settings["shares"], settings["years"]) & (age >= 18)

    def has_intellectual_disability(self) -> Bool:
        """Known with a mild intellectual disability at any time, bool (n,)."""
        shares = np.array(self.parameters["intellectual_disability"]["shares"])
        u = draws.uniform(self.seed, "profiles/disability", np.arange(self.n))
        result: Bool = u < shares[self.latent_class(LAST_YEAR)]
        return result

    def is_asylum_seeker(self) -> Bool:
        """Came to the country as asylum seeker since the cohort began, bool (n,)."""
        settings = self.parameters["asylum"]
        persons, countries = self.world.population.persons, self.world.population.countries
        groups = [countries.groups.index(name) for name in settings["groups"]]
        born = countries.origin_group[persons.birth_country[: self.n]]
        late = persons.registered_from[: self.n] >= int(january_first(int(settings["first_year"])))
        u = draws.uniform(self.seed, "profiles/asylum", np.arange(self.n))
        share = np.array(settings["shares"])[self.latent_class(LAST_YEAR)]
        result: Bool = np.isin(born, groups) & late & (u < share)
        return result

    # --- vehicles

    @cached_property
    def _family(self) -> NDArray[np.int64]:
        """Mother of the family of each adult: herself, or the mother of the other parent's last birth; (n,)."""
        units = self.world.circumstances.units
        result = np.full(self.n, NOBODY, dtype=np.int64)
        result[: self.n_mothers] = np.arange(self.n_mothers)
        known = units.other_parent >= 0
        result[units.other_parent[known]] = units.mother[known]
        return result

    def vehicles(self, year: int) -> Int8:
        """Number of motor vehicles of each adult in a year, int8 (n,): 0, 1 or 2.

        Parents who live together have them or not together, as a household has them.
        """
        settings = self.parameters["vehicles"]
        lives = self.world.lives
        share = np.array(settings["none"])[self.latent_class(year - 1)]
        correlation = float(settings["correlation"])
        score = self.persistent("vehicle", year, correlation)
        has = _normal_cdf(score) >= share
        family = self._family
        together = np.zeros(self.n, dtype=bool)
        follows = np.zeros(self.n, dtype=bool)
        for on in (int(january_first(year)), int(january_first(year + 1)) - 1):
            household = lives.household_on(on)[: self.n]
            same = (family >= 0) & (household >= 0) & (household == household[np.maximum(family, 0)])
            follows |= same
        others = np.flatnonzero(follows & ~self.is_mother)
        has[others] = has[family[others]]
        together[others] = True
        together[family[others]] = True
        # One draw a family says who of the two owns it.
        u = draws.uniform(self.seed, "profiles/vehicle/owner", np.maximum(family, 0))
        owner = draws.categorical(u, np.array(settings["owner"]))
        owns = ~together | (owner == 2) | (owner == np.where(self.is_mother, 0, 1))
        second = draws.uniform(self.seed, "profiles/vehicle/second", np.arange(self.n)) < float(settings["second"])
        adult = year - self._year_of_birth >= 18
        count = (has & owns).astype(np.int8)
        count[adult & second & (count > 0)] = 2
        # A family whose owner is still a child has none: nobody under age owns a vehicle.
        count[~adult | ~self.present(year)] = 0
        return count


_GROUPS = (
    ("mother", "vulnerable"),
    ("mother", "other"),
    ("other_parent", "vulnerable"),
    ("other_parent", "other"),
)


def _threshold(scores: Float, share: float) -> float:
    """The score that a share of the scores exceeds; between two of them, so that no tie is cut."""
    if not len(scores):
        return float(np.inf)
    ordered = np.sort(scores)[::-1]
    wanted = round(share * len(ordered))
    if wanted <= 0:
        return float(np.inf)
    if wanted >= len(ordered):
        return float(-np.inf)
    above, below = float(ordered[wanted - 1]), float(ordered[wanted])
    return below if not np.isfinite(below) else (above + below) / 2.0
