"""Youth help and youth protection of the children of the synthetic world.

Children born from 2017 on have what the figures on outcomes say at two and at five years of age. Older brothers and
sisters fill up what the figures say about the two years before a birth: of each mother one earlier child, born before
2017, is the one who has it. A birth that has none finds none in those two years, whatever another birth of the mother
needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.birth_outcomes import share_in_class, shares_of_classes
from kansrijke_start.synthetic.calibration import select_highest
from kansrijke_start.synthetic.population import FOREVER, Role, january_first, year_of
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int64 = NDArray[np.int64]

#: First birth year of which outcomes of the children are known.
FIRST_OUTCOME_YEAR = 2017
FIRST_FILE_YEAR, LAST_FILE_YEAR = 2015, 2023
WITHOUT_STAY, WITH_STAY, PROTECTION = 0, 1, 2
KINDS = ("help_without_stay", "help_with_stay", "protection")


@dataclass(frozen=True)
class Trajectories:
    """Trajectories of youth help and measures of youth protection, sorted by child; arrays of shape (n,).

    Attributes:
        child: person index.
        kind: `WITHOUT_STAY`, `WITH_STAY` or `PROTECTION`.
        start, until: first day and day after the last one, days since 1970.
    """

    child: Int64
    kind: Int64
    start: Int64
    until: Int64


class _Youth:
    def __init__(self, world: World) -> None:
        self.world = world
        self.seed = world.seed
        self.p = world.parameters["vulnerability.youth"]
        self.course = self.p["course"]
        self.child: list[Int64] = []
        self.kind: list[Int64] = []
        self.first: list[Int64] = []
        self.last: list[Int64] = []

    def _u(self, stream: str, index: NDArray[np.integer]) -> Float:
        return draws.uniform(self.seed, f"youth/{stream}", index)

    def _score(self, name: str, child: Int64, mother: Int64) -> Float:
        correlation = float(self.course["correlation"])
        shared = draws.normal(self.seed, f"youth/{name}/mother", np.maximum(mother, 0))
        own = draws.normal(self.seed, f"youth/{name}/child", child)
        return np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own

    def _add(self, child: Int64, kind: int, first: Int64, last: Int64) -> None:
        """Trajectories in the calendar years first..last."""
        self.child.append(child)
        self.kind.append(np.full(len(child), kind, dtype=np.int64))
        self.first.append(first)
        self.last.append(last)

    def _years(self, stream: str, index: NDArray[np.integer]) -> Int64:
        """Calendar years beyond the first one in which something goes on."""
        stop = 1.0 / float(self.course["mean_years"])
        return np.floor(np.log1p(-self._u(stream, index)) / np.log1p(-stop)).astype(np.int64)

    # --- the outcomes of the children

    def outcomes(self) -> None:
        """Begin of each kind for children born from `FIRST_OUTCOME_YEAR` on."""
        births = self.world.population.births
        rows = np.flatnonzero(births.is_live & (births.mother >= 0) & (births.birth_year >= FIRST_OUTCOME_YEAR))
        child = births.child[rows].astype(np.int64)
        year = births.birth_year[rows].astype(np.int64)
        vulnerable = self.world.circumstances.latent_class[births.event[rows]] == 0
        group = (year - FIRST_OUTCOME_YEAR) * 2 + ~vulnerable
        in_class = share_in_class(year - FIRST_OUTCOME_YEAR, vulnerable)
        years = np.arange(FIRST_OUTCOME_YEAR, year.max(initial=FIRST_OUTCOME_YEAR) + 1)
        mother = births.mother[rows].astype(np.int64)
        helped = np.zeros(len(rows), dtype=bool)
        sibling = float(self.course["later_sibling"]) * (vulnerable & self._has_later_sibling(mother, year))
        for kind, name in enumerate(KINDS):
            at_two, at_five = self._shares(name, years, in_class)
            score = self._score(name, child, mother) + sibling
            if kind == PROTECTION:
                score = score + float(self.course["protection_with_help"]) * helped
            offset = draws.uniform_one(self.seed, f"youth/{name}/offset")
            early = select_highest(group, at_two, score, offset)
            # The same order and offset: whoever has it at two has it at five.
            later = select_highest(group, at_five, score, offset) & ~early
            helped |= early
            for begun, chosen in enumerate((early, later)):
                which = child[chosen]
                weights = np.array(self.course["begins"][begun])
                start = year[chosen] + 3 * begun + draws.categorical(self._u(f"{name}/begin/{begun}", which), weights)
                self._add(which, kind, start, start + self._years(f"{name}/years/{begun}", which))

    def _has_later_sibling(self, mother: Int64, year: Int64) -> Bool:
        """Whether a next birth of the mother follows in one to five calendar years."""
        units = self.world.circumstances.units
        known = np.zeros((int(mother.max(initial=0)) + 1, 32), dtype=bool)
        here = units.mother < len(known)
        known[units.mother[here], units.birth_year[here].astype(np.int64) - 2010] = True
        result = np.zeros(len(mother), dtype=bool)
        for later in range(1, 6):
            result |= known[mother, np.minimum(year + later - 2010, 31)]
        return result

    def _shares(self, name: str, years: Int64, in_class: Float) -> tuple[Float, Float]:
        """Shares at two and at five years by birth year and class, shape (2 * years,)."""
        p = self.p[name]
        if name == "protection":
            known = p["vulnerable"]
            two = np.interp(years, list(known), list(known.values()))
            at_two = np.stack([two, np.full(len(years), float(p["other"][0]))], axis=1)
            at_five = np.tile([float(p["vulnerable_at_five"]), float(p["other"][1])], (len(years), 1))
        else:
            at_two, at_five = (
                np.tile([float(p["vulnerable"][age]), float(p["other"][age])], (len(years), 1)) for age in (0, 1)
            )
        # What is published of the births that the forest labels is turned into shares of the class.
        return (
            shares_of_classes(self.world, at_two, in_class).ravel(),
            shares_of_classes(self.world, at_five, in_class).ravel(),
        )

    # --- earlier children

    def earlier_children(self) -> None:
        """Help and protection of an earlier child in the two years before the births from `FIRST_OUTCOME_YEAR` on."""
        units = self.world.circumstances.units
        mother, year = units.mother.astype(np.int64), units.birth_year.astype(np.int64)
        free = self._free_child(mother, year)
        group = (units.latent_class != 0).astype(np.int64) + 2 * (year - year.min(initial=2100))
        n_groups = int(group.max(initial=0)) + 1
        later = np.zeros(len(mother), dtype=bool)
        later[:-1] = mother[1:] == mother[:-1]
        helped = np.zeros(len(mother), dtype=bool)
        for name, kinds in (
            ("help_before_birth", (WITHOUT_STAY, WITH_STAY)),
            ("protection_before_birth", (PROTECTION,)),
        ):
            implied = self._implied(mother, year, kinds)
            share = np.tile([float(self.p[name]["vulnerable"]), float(self.p[name]["other"])], n_groups // 2 + 1)
            score = self._score(name, np.arange(len(mother)), mother)
            if name == "protection_before_birth":
                score = score + float(self.course["protection_with_help"]) * helped
            score = np.where(implied, np.inf, np.where(free >= 0, score, -np.inf))
            offset = draws.uniform_one(self.seed, f"youth/{name}/offset")
            chosen = select_highest(group, share[:n_groups], score, offset)
            helped = chosen
            rows = np.flatnonzero(chosen & ~implied & (free >= 0))
            before = np.zeros(len(mother), dtype=bool)
            after = np.zeros(len(mother), dtype=bool)
            near = (mother[1:] == mother[:-1]) & (year[1:] - year[:-1] == 1)
            # The next birth of the mother, a year later, has none: nothing in the year before this one.
            after[:-1] = near & ~chosen[1:]
            before[1:] = near & ~chosen[:-1]
            child = free[rows]
            born = year_of(self.world.population.persons.birth_date[child])
            u = self._u(f"{name}/year", rows)
            two_back = (after[rows] | ((u < 0.5) & ~before[rows])) & (born <= year[rows] - 2)
            first = year[rows] - 1 - two_back
            last = np.where(after[rows] | before[rows], first, year[rows] - 1)
            # Nothing is known of the years after a mother's last birth: it may go on.
            going_on = ~later[rows] & (last == year[rows] - 1)
            last = last + np.where(going_on, self._years(f"{name}/years", rows), 0)
            kind = np.full(len(rows), kinds[0], dtype=np.int64)
            if len(kinds) > 1:
                kind[self._u(f"{name}/stay", rows) < float(self.course["stay_share_of_earlier"])] = WITH_STAY
            for number in kinds:
                which = kind == number
                self._add(child[which], number, first[which], last[which])

    def _free_child(self, mother: Int64, year: Int64) -> Int64:
        """For each unit the mother's youngest child born before 2017 and before the unit, -1 when there is none.

        Only children who are alive, registered and younger than 18 in the year before the birth.
        """
        persons = self.world.population.persons
        block = self.world.population.block
        candidates = np.arange(block[Role.CHILD][0], block[Role.OLDER_CHILD][1])
        birth = persons.birth_date[candidates].astype(np.int64)
        wanted = (persons.mother[candidates] >= 0) & (birth < january_first(FIRST_OUTCOME_YEAR))
        wanted &= self.world.lives.death_date[candidates] == FOREVER
        wanted &= persons.registered_from[candidates] < january_first(FIRST_OUTCOME_YEAR - 1)
        candidates, birth = candidates[wanted], birth[wanted]
        owner = persons.mother[candidates].astype(np.int64)
        order = np.lexsort((birth, owner))
        candidates, birth, owner = candidates[order], birth[order], owner[order]
        # The last child of the mother before the year before the birth.
        place = (
            np.searchsorted(owner * 100_000 + birth + 50_000, mother * 100_000 + january_first(year) + 50_000 - 1) - 1
        )
        found = np.maximum(place, 0)
        fits = (place >= 0) & (len(owner) > 0)
        result = np.full(len(mother), -1, dtype=np.int64)
        if len(owner):
            born = year_of(birth[found])
            fits &= (owner[found] == mother) & (year - 1 - born < 18) & (born <= year - 1)
            result[fits] = candidates[found[fits]]
        result[year < FIRST_OUTCOME_YEAR] = -1
        return result

    def _implied(self, mother: Int64, year: Int64, kinds: tuple[int, ...]) -> Bool:
        """Whether another child of the mother has one of the kinds in the two years before the unit's birth year."""
        persons = self.world.population.persons
        child, kind = np.concatenate(self.child), np.concatenate(self.kind)
        first, last = np.concatenate(self.first), np.concatenate(self.last)
        rows = np.isin(kind, kinds)
        owner = persons.mother[child[rows]].astype(np.int64)
        taken = np.zeros(int(mother.max(initial=0)) + 1, dtype=np.int64)
        for number in range(FIRST_FILE_YEAR, LAST_FILE_YEAR + 1):
            runs = (first[rows] <= number) & (number <= last[rows])
            taken[owner[runs]] |= 1 << (number - FIRST_FILE_YEAR)
        bits = taken[mother]
        result = np.zeros(len(mother), dtype=bool)
        for back in (1, 2):
            shift = year - back - FIRST_FILE_YEAR
            result |= (shift >= 0) & ((bits >> np.maximum(shift, 0)) & 1 == 1)
        return result

    def trajectories(self) -> Trajectories:
        """The trajectories with their days; those of children who died or left end there."""
        child, kind = np.concatenate(self.child), np.concatenate(self.kind)
        first, last = np.concatenate(self.first), np.concatenate(self.last)
        persons, lives = self.world.population.persons, self.world.lives
        key = (child * 4 + kind) * 2 + 1
        length = january_first(first + 1) - january_first(first)
        start = january_first(first) + np.floor(self._u("first day", key) * length * 0.9).astype(np.int64)
        start = np.maximum(start, persons.birth_date[child].astype(np.int64))
        length = january_first(last + 1) - january_first(last)
        until = january_first(last) + 1 + np.floor(self._u("last day", key) * (length - 1)).astype(np.int64)
        until = np.maximum(until, start + 1)
        until = np.minimum(until, lives.death_date[child].astype(np.int64) + 1)
        keep = np.flatnonzero(until > start)
        order = keep[np.lexsort((kind[keep], start[keep], child[keep]))]
        return Trajectories(child[order], kind[order], start[order], until[order])


def draw(world: World) -> Trajectories:
    """Draw the youth help and youth protection of all children of the world."""
    youth = _Youth(world)
    youth.outcomes()
    youth.earlier_children()
    return youth.trajectories()
