"""Lives of the people: deaths, migration, addresses, households and marriages, consistent with births.

Everything hangs on *tracks*. A track is a home that goes on through time: a sequence of dwellings without gaps. There
is one for each mother, one for each other parent (where he lives when not with the mother), one for the parents of each
mother, and one for each child without parents. A *stay* puts a person on a track for a while. From stays and dwellings
follow the address spells; from the stays on one track together follow the households. So addresses and households
agree by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import gamma
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.population import (
    FOREVER,
    NOBODY,
    Population,
    Role,
    january_first,
    reference_date,
    year_of,
)

Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

#: First day of the registers; older stays begin on it.
REGISTER_START = int(january_first(1995))
#: Moves are drawn from this day on (nothing looks further back).
MOVES_START = int(january_first(2010))
#: First day after the last one in the registers.
WORLD_END = int(january_first(2025))
_BASE = int(january_first(1880))
_SHIFT = 17


class FamilyCircumstances(Protocol):
    """The part of the circumstances that lives depend on."""

    @property
    def single_parent(self) -> Bool:
        """bool (n_events,): the household at birth is a one-parent household."""

    @property
    def latent_class(self) -> Int8:
        """int8 (n_events,): latent class of the mother, 0..4."""

    @property
    def below_120(self) -> Bool:
        """bool (n_events,): the household income is below 120 % of the social minimum."""


class Stay(IntEnum):
    """What a person is on the track where he or she stays."""

    MOTHER = 0
    PARTNER = 1
    CHILD = 2
    OLDER_PARENT = 3
    GROWN_CHILD = 4
    ALONE = 5
    INSTITUTION = 6


@dataclass
class Lives:
    """What happened to the people until 31 December 2024. Dates: days since 1970, `FOREVER` = not (yet).

    Attributes:
        death_date: int32 (n_persons,).
        absent_from, absent_until: int32 (n_persons,), stay abroad in between (FOREVER, FOREVER when none; an emigrant
            who did not return has absent_until FOREVER).
        dwelling_region: int16 (n_dwellings,), row of Regions of each address object.
        dwelling_is_irregular: bool (n_dwellings,), the object stands in NIETVSLGWBTAB only.
        address_person, address_from, address_until, address_dwelling: int32 (n_address_spells,), sorted by person and
            date, never overlapping; address_until FOREVER when still there.
        household_from, household_until: int32 (n_households,), one element a household episode: a group of people that
            does not change in that time.
        household_number: int32 (n_households,), number behind HUISHOUDNR (stays the same while the track goes on).
        household_type: int8 (n_households,), TYPHH 1..8.
        household_persons, household_children, household_others: int8 (n_households,).
        household_youngest, household_oldest: int32 (n_households,), birth dates of youngest and oldest child living
            there, FOREVER when none.
        household_reference: int32 (n_households,), reference person.
        member_person, member_household: int32 (n_members,), member_place, member_is_reference: int8 (PLHH, 0/1),
            sorted by person and household_from; a person is never in two households at one time.
        marriage_mother, marriage_partner, marriage_from, divorce_date: int32 (n_marriages,), FOREVER when not divorced;
            of mothers with other parents, then of the parents of mothers, then those that ended before a first birth (a
            mother and the other parent of another family). A person is in one marriage at a time.
        marriage_is_partnership: bool (n_marriages,), registered partnership instead of marriage.
    """

    death_date: Int32
    absent_from: Int32
    absent_until: Int32
    dwelling_region: Int16
    dwelling_is_irregular: Bool
    address_person: Int32
    address_from: Int32
    address_until: Int32
    address_dwelling: Int32
    household_from: Int32
    household_until: Int32
    household_number: Int32
    household_type: Int8
    household_persons: Int8
    household_children: Int8
    household_others: Int8
    household_youngest: Int32
    household_oldest: Int32
    household_reference: Int32
    member_person: Int32
    member_household: Int32
    member_place: Int8
    member_is_reference: Int8
    marriage_mother: Int32
    marriage_partner: Int32
    marriage_from: Int32
    divorce_date: Int32
    marriage_is_partnership: Bool

    def household_on(self, day: int) -> Int32:
        """Household episode of each person on a day, int32 (n_persons,), -1 when in none (abroad, dead, unborn)."""
        open_ = (self.household_from <= day) & (day < self.household_until)
        found = np.flatnonzero(open_[self.member_household])
        result = np.full(len(self.death_date), -1, dtype=np.int32)
        result[self.member_person[found]] = self.member_household[found]
        return result

    def is_present(self, population: Population, day: int) -> Bool:
        """Whether each person is alive and in the population register on a day, bool (n_persons,)."""
        persons = population.persons
        return (
            (persons.registered_from <= day)
            & (persons.birth_date <= day)
            & (day <= self.death_date)
            & ~((self.absent_from <= day) & (day < self.absent_until))
        )


@dataclass
class Spells:
    """Stays, dwellings or episodes: `key` (track), `start`, `until` (half-open), all int64, same length."""

    key: Int64
    start: Int64
    until: Int64

    def __len__(self) -> int:
        return len(self.key)

    @property
    def sort_key(self) -> Int64:
        """Track and start in one number."""
        return (self.key << _SHIFT) | (self.start - _BASE)


def overlaps(stays: Spells, pieces: Spells) -> tuple[Int64, Int64, Int64, Int64]:
    """Every overlap of a stay with a piece of the same track.

    Args:
        stays: any stays, in any order, with start < until, inside the time that the pieces of their track cover.
        pieces: sorted by track and start; the pieces of one track touch and do not overlap.

    Returns:
        index of the stay, index of the piece, start and until of each overlap (int64), ordered by stay, then date.
    """
    place = pieces.sort_key
    first = np.searchsorted(place, stays.sort_key, side="right") - 1
    last = np.searchsorted(place, (stays.key << _SHIFT) | (stays.until - 1 - _BASE), side="right") - 1
    count = last - first + 1
    stay = np.repeat(np.arange(len(stays)), count)
    offset = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    piece = first[stay] + offset
    start = np.maximum(stays.start[stay], pieces.start[piece])
    until = np.minimum(stays.until[stay], pieces.until[piece])
    return stay, piece, start, until


def pieces_of(key: Int64, moment: Int64, end: int) -> Spells:
    """Touching pieces from break moments: each runs to the next moment of its track, the last one to `end`.

    Moments that occur twice on a track count once; moments at or after `end` are dropped.
    """
    combined = np.sort(((key << _SHIFT) | (moment - _BASE))[moment < end])
    combined = combined[np.append(True, combined[1:] != combined[:-1])] if len(combined) else combined
    track = combined >> _SHIFT
    start = (combined & ((1 << _SHIFT) - 1)) + _BASE
    until = np.full(len(start), end, dtype=np.int64)
    same = track[1:] == track[:-1]
    until[:-1][same] = start[1:][same]
    return Spells(track, start, until)


class _Builder:
    """Builds the lives step by step; see :func:`build`."""

    def __init__(
        self,
        population: Population,
        circumstances: FamilyCircumstances,
        parameters: Mapping[str, Any],
        seed: int,
        death_day: Int16 | None,
    ) -> None:
        self.population = population
        self.death_day = death_day
        self.p = parameters["lives"]
        self.seed = seed
        self.single = np.asarray(circumstances.single_parent, dtype=bool)
        persons = population.persons
        self.n = len(persons)
        self.n_mothers = population.n_mothers
        self.first_partner, self.stop_partner = population.block[Role.OTHER_PARENT]
        self.n_partners = self.stop_partner - self.first_partner
        self.birth = persons.birth_date.astype(np.int64)
        self.registered = persons.registered_from.astype(np.int64)
        # Linked birth events by mother and date.
        linked = np.flatnonzero(population.event_mother >= 0)
        order = linked[np.lexsort((population.event_date[linked], population.event_mother[linked]))]
        self.event = order
        self.event_mother = population.event_mother[order].astype(np.int64)
        self.event_partner = population.event_other_parent[order].astype(np.int64)
        self.event_date = population.event_date[order].astype(np.int64)
        self.event_single = self.single[order]
        self.event_class = np.asarray(circumstances.latent_class)[order].astype(np.int64)
        self.event_region = population.births.region[population.event_first_birth[order]]
        new = np.append(True, self.event_mother[1:] != self.event_mother[:-1]) if len(order) else np.zeros(0, bool)
        self.is_first_event = new
        self.is_last_event = np.append(new[1:], True) if len(order) else new
        self.first_event = np.zeros(self.n_mothers, dtype=np.int64)
        self.first_event[self.event_mother[self.is_first_event]] = np.flatnonzero(self.is_first_event)
        self.last_event = np.zeros(self.n_mothers, dtype=np.int64)
        self.last_event[self.event_mother[self.is_last_event]] = np.flatnonzero(self.is_last_event)
        self.mother_first = self.event_date[self.first_event]
        self.mother_last = self.event_date[self.last_event]
        self.partner_mother = np.full(self.n_partners, NOBODY, dtype=np.int64)
        self.partner_first = np.zeros(self.n_partners, dtype=np.int64)
        self.partner_last = np.zeros(self.n_partners, dtype=np.int64)
        known = np.flatnonzero(self.event_partner >= 0)
        index = self.event_partner[known] - self.first_partner
        self.partner_mother[index] = self.event_mother[known]
        self.partner_last[index] = self.event_date[known]
        self.partner_first[index[::-1]] = self.event_date[known[::-1]]
        self.event_low_income = np.asarray(circumstances.below_120, dtype=bool)[order]
        self.partner_class = np.zeros(self.n_partners, dtype=np.int64)
        self.partner_class[index] = self.event_class[known]

    def _u(self, stream: str, index: NDArray[np.integer]) -> Float:
        return draws.uniform(self.seed, f"lives/{stream}", index)

    def _exponential(self, stream: str, index: NDArray[np.integer]) -> Float:
        return -np.log1p(-self._u(stream, index))

    # -- deaths and migration --------------------------------------------------------------------------------------

    def deaths(self) -> None:
        """Day of death of everyone, FOREVER when after 2024."""
        settings = self.p["deaths"]
        block = self.population.block
        persons = self.population.persons
        death = np.full(self.n, int(FOREVER), dtype=np.int64)
        # Children: a constant yearly chance after the first month; what the events around birth say comes first.
        for role in (Role.CHILD, Role.OLDER_CHILD):
            who = np.arange(*block[role])
            late = (
                self.birth[who]
                + 29
                + np.floor(self._exponential("death/child", who) / settings["child_yearly"] * 365.25)
            )
            death[who] = np.minimum(late, float(FOREVER)).astype(np.int64)
        if self.death_day is not None:
            births = self.population.births
            early_births = np.flatnonzero(births.is_live & (self.death_day >= 0))
            child = births.child[early_births]
            death[child] = self.birth[child] + self.death_day[early_births]
        # Older brothers and sisters: neonatal deaths with a flat share.
        who = np.arange(*block[Role.OLDER_CHILD])
        early = draws.stratified_bernoulli(
            self.seed, "lives/death/neonatal", settings["older_neonatal_share"], year_of(self.birth[who]) - 1950
        )
        early &= self.birth[who] > REGISTER_START
        day = np.floor(self._u("death/neonatal day", who[early]) * settings["older_neonatal_days"]).astype(np.int64)
        death[who[early]] = self.birth[who[early]] + day
        # Adults: Gompertz, given that they lived at their last birth (parents) or at the birth of the mother.
        adults = np.concatenate([np.arange(0, block[Role.OTHER_PARENT][1]), np.arange(*block[Role.GRANDPARENT])])
        alive = np.zeros(self.n, dtype=np.int64)
        alive[: self.n_mothers] = self.mother_last
        alive[self.first_partner : self.stop_partner] = self.partner_last
        for parent in (persons.mother, persons.father):
            known = np.flatnonzero(parent[: self.n_mothers] >= 0)
            alive[parent[known]] = np.maximum(self.birth[known], self.registered[parent[known]])
        factor = np.where(persons.sex[adults] == 1, settings["adult_factor"]["man"], settings["adult_factor"]["woman"])
        slope = settings["adult_slope"]
        hazard = np.exp(settings["adult_log_hazard_at_32"]) * factor
        age = (alive[adults] - self.birth[adults]) / 365.25 - 32
        drawn_age = np.log(np.exp(slope * age) + self._exponential("death/adult", adults) * slope / hazard) / slope + 32
        death[adults] = np.maximum(
            self.birth[adults] + np.floor(drawn_age * 365.25).astype(np.int64), alive[adults] + 1
        )
        death[death >= WORLD_END] = int(FOREVER)
        self.death = death

    def migration(self) -> None:
        """Stays abroad of mothers; those who live with them go along (see `stays`)."""
        settings = self.p["migration"]
        persons = self.population.persons
        away = persons.absent_from.astype(np.int64)
        back = persons.absent_until.astype(np.int64)
        who = np.arange(self.stop_partner)
        rate = np.array([settings["emigration"][k] for k in (0, 1, 2)])[persons.generation[who]]
        last = np.concatenate([self.mother_last, self.partner_last])
        leaves = last + 60 + np.floor(self._exponential("emigration", who) / rate * 365.25).astype(np.int64)
        returns = self._u("return", who) < settings["return_share"]
        least, most = settings["days_abroad"]["least"], settings["days_abroad"]["most"]
        stay = least + np.floor(self._u("days abroad", who) * (most - least)).astype(np.int64)
        free = (away[who] == FOREVER) & (leaves < WORLD_END - 1) & (leaves < self.death[who])
        away[who[free]] = leaves[free]
        comes = leaves + stay
        back[who[free]] = np.where(returns & (comes < WORLD_END - 30) & (comes < self.death[who]), comes, FOREVER)[free]
        # Between the first two births in the world.
        second = self.first_event + 1
        has_second = second <= self.last_event
        second = np.where(has_second, second, self.first_event)
        mother = np.arange(self.n_mothers)
        reference = reference_date(year_of(self.event_date[second])).astype(np.int64)
        room = reference - 60 - (self.mother_first + 90)
        chosen = (
            has_second
            & (room > least + 30)
            & (self._u("abroad between births", mother) < settings["between_births_share"])
            & (persons.absent_from[mother] == FOREVER)
        )
        duration = np.minimum(stay[: self.n_mothers], room)
        leaves = (
            self.mother_first
            + 90
            + np.floor(self._u("abroad between births/day", mother) * (room - duration + 1)).astype(np.int64)
        )
        away[mother[chosen]] = leaves[chosen]
        back[mother[chosen]] = (leaves + duration)[chosen]
        self.away, self.back = away, back

    # -- couples ---------------------------------------------------------------------------------------------------

    def homes(self) -> None:
        """When mothers left their parents' household, and when adults start on their own track."""
        settings = self.p["home"]
        persons = self.population.persons
        mother = np.arange(self.n_mothers)
        first_child = self.mother_first.copy()
        older = np.arange(*self.population.block[Role.OLDER_CHILD])
        np.minimum.at(first_child, persons.mother[older], self.birth[older])
        has_parents = (persons.mother[mother] >= 0) | (persons.father[mother] >= 0)
        age = settings["leaving_age"]
        leaving = age["mean"] + age["deviation"] * draws.normal(self.seed, "lives/leaving home", mother)
        leaves = self.birth[mother] + np.floor(np.maximum(leaving, age["least"]) * 365.25).astype(np.int64)
        leaves = np.minimum(leaves, first_child - settings["before_first_child_days"])
        reference = reference_date(year_of(self.mother_first)).astype(np.int64)
        grown = self.birth[: self.stop_partner] + 18 * 365 + 5
        registered = self.registered[: self.stop_partner]
        planned = persons.absent_until[: self.stop_partner].astype(np.int64)
        planned = np.where(planned == FOREVER, 0, planned)
        reference = np.concatenate([reference, reference_date(year_of(self.partner_first)).astype(np.int64)])
        first = np.concatenate([np.minimum(first_child, self.mother_first), self.partner_first])
        # On their own at 18, in any case before the reference date of the first birth.
        start = np.minimum(grown, np.minimum(reference - 30, first - 30))
        start = np.maximum(start, registered)
        start[: self.n_mothers] = np.where(
            has_parents, np.maximum(leaves, registered[: self.n_mothers]), start[: self.n_mothers]
        )
        self.own_start = np.maximum(start, REGISTER_START)
        # Those who come back in the year of birth: nobody can live with them before.
        self.available = np.maximum(self.own_start, np.where(planned < first, planned, 0))
        self.has_nest = has_parents & (self.own_start[: self.n_mothers] > REGISTER_START)
        self._grandparent_couples()

    def _grandparent_couples(self) -> None:
        """Marriages and divorces of the parents of mothers; a divorced father lives on a track of his own."""
        settings = self.p["couples"]
        persons = self.population.persons
        mother, father = persons.mother[: self.n_mothers], persons.father[: self.n_mothers]
        both = np.flatnonzero((mother >= 0) & (father >= 0)).astype(np.int64)
        married = both[self._u("grandparents married", both) < settings["grandparents_married"]]
        first = int(january_first(2011))
        years = self._exponential("grandparents divorce", married) / settings["grandparents_divorce"]
        when = first + np.floor(np.minimum(years, 100) * 365.25).astype(np.int64)
        alive = np.minimum(self.death[mother[married]], self.death[father[married]])
        divorced = (when < WORLD_END) & (when < alive)
        self.grand_family = married
        self.grand_wedding = (
            self.birth[married] - 200 - np.floor(self._u("grandparents wedding", married) * 1500).astype(np.int64)
        )
        youngest = np.maximum(self.birth[mother[married]], self.birth[father[married]]) + 17 * 366
        self.grand_wedding = np.maximum(self.grand_wedding, youngest)
        divorced &= when > self.grand_wedding
        self.grand_divorce = np.where(divorced, when, int(FOREVER))
        self.grand_leaves = np.where(divorced, when - settings["grandparents_left_before_divorce_days"], int(FOREVER))

    def couples(self) -> None:
        """Intervals in which a mother and the other parent live together, marriages and divorces."""
        settings = self.p["couples"]
        together = (self.event_partner >= 0) & ~self.event_single
        same_run = np.zeros(len(together), dtype=bool)
        same_run[1:] = (
            (self.event_mother[1:] == self.event_mother[:-1])
            & (self.event_partner[1:] == self.event_partner[:-1])
            & together[1:]
            & together[:-1]
        )
        first = np.flatnonzero(together & ~same_run)
        last_of_run = together & ~np.append(same_run[1:], False)
        last = np.flatnonzero(last_of_run)
        mother, partner = self.event_mother[first], self.event_partner[first]
        number = first  # stable number of a couple: its first event
        begin_event, end_event = self.event_date[first], self.event_date[last]
        # The end: before the next birth of the mother, or parting some time later.
        has_next = ~self.is_last_event[last]
        following = self.event_date[np.minimum(last + 1, len(self.event_date) - 1)]
        part = (
            end_event
            + 60
            + np.floor(
                self._u("parting before next birth", number) * np.maximum(following - end_event - 120, 1)
            ).astype(np.int64)
        )
        years = self._exponential("parting", number) / settings["separation"]
        later = end_event + 60 + np.floor(np.minimum(years, 200) * 365.25).astype(np.int64)
        end = np.where(has_next, part, later)
        # The beginning: not before the previous event or couple of the mother, nor before both are there.
        same_mother = (
            np.append(False, self.event_mother[1:] == self.event_mother[:-1])[first]
            if len(first)
            else np.zeros(0, bool)
        )
        previous = np.where(same_mother, self.event_date[np.maximum(first - 1, 0)] + 30, 0)
        previous_end = np.zeros(len(first), dtype=np.int64)
        if len(first) > 1:
            follows = mother[1:] == mother[:-1]
            previous_end[1:][follows] = end[:-1][follows] + 1
        latent = self.event_class[first]
        years_together = np.where(
            self.event_low_income[first],
            np.array(settings["years_together_low_income"])[latent],
            np.array(settings["years_together"])[latent],
        )
        lead = 270 + np.floor(self._exponential("years together", number) * years_together * 365.25).astype(np.int64)
        least = np.maximum(
            np.maximum(previous, previous_end), np.maximum(self.available[mother], self.available[partner])
        )
        # Both parents together again after an earlier parting: the partner's own earlier couple ended before.
        start = np.minimum(np.maximum(begin_event - lead, least), begin_event - 1)
        end = np.minimum(end, np.minimum(self.death[mother], self.death[partner]) + 1)
        self.couple_mother, self.couple_partner = mother, partner
        self.couple_start, self.couple_end = start, np.minimum(end, WORLD_END)
        # Marriage.
        marries = self._u("marries", number) < np.array(settings["ever_married"])[latent]
        early = self._u("marries before birth", number) < settings["married_before_birth"]
        inside = (
            start
            + 1
            + np.floor(
                self._u("marriage day", number) ** settings["wedding_power"] * np.maximum(begin_event - start - 1, 1)
            ).astype(np.int64)
        )
        after = (
            begin_event
            + 30
            + np.floor(
                self._exponential("late marriage", number) * settings["years_until_late_marriage"] * 365.25
            ).astype(np.int64)
        )
        wedding = np.where(early, inside, after)
        couple_over = np.minimum(self.couple_end, np.minimum(self.death[mother], self.death[partner]))
        married = marries & (wedding < couple_over) & (wedding < WORLD_END)
        self.couple_wedding = np.where(married, wedding, int(FOREVER))
        delay = settings["divorce_delay_days"]
        divorce = (
            self.couple_end
            + delay["least"]
            + np.floor(self._u("divorce", number) * (delay["most"] - delay["least"])).astype(np.int64)
        )
        parted = self.couple_end < np.minimum(np.minimum(self.death[mother], self.death[partner]) + 1, WORLD_END)
        alive = divorce < np.minimum(self.death[mother], self.death[partner])
        self.couple_divorce = np.where(married & parted & alive & (divorce < WORLD_END), divorce, int(FOREVER))
        # Nobody marries again before the divorce: such a later wedding is left out.
        for who in (mother, partner):
            order = np.lexsort((start, who))
            same = who[order][1:] == who[order][:-1]
            not_free = (
                same
                & (self.couple_wedding[order][:-1] != FOREVER)
                & (self.couple_divorce[order][:-1] >= self.couple_wedding[order][1:])
            )
            drop = order[1:][not_free]
            self.couple_wedding[drop] = int(FOREVER)
            self.couple_divorce[drop] = int(FOREVER)
        self._earlier_marriages()

    def _earlier_marriages(self) -> None:
        """Earlier marriages that ended before a first birth: a mother with the other parent of another family.

        Both had their first birth in the world in the same year, in families of the same kind (vulnerable or not), and
        lived with nobody of the world yet when they divorced.
        """
        settings = self.p["couples"]["earlier_divorce"]
        m = self.n_mothers
        started = np.full(self.stop_partner, WORLD_END, dtype=np.int64)
        np.minimum.at(started, self.couple_mother, self.couple_start)
        np.minimum.at(started, self.couple_partner, self.couple_start)
        first = np.concatenate([self.mother_first, self.partner_first])
        year = year_of(first)
        kind = np.concatenate([self.event_class[self.first_event], self.partner_class]) == 0
        earliest = january_first(year - settings["years"])
        earliest = np.maximum(earliest, np.maximum(self.registered[: len(first)], self.birth[: len(first)] + 19 * 366))
        latest = np.minimum(started, january_first(year)) - 1
        room = latest - earliest > settings["least_days"]
        wives: list[Int64] = []
        husbands: list[Int64] = []
        for vulnerable, share in ((True, settings["share"]["vulnerable"]), (False, settings["share"]["other"])):
            for birth_year in np.unique(year[:m]).tolist():
                group = np.flatnonzero((kind == vulnerable) & (year == birth_year) & room)
                group = group[np.argsort(self._u("earlier marriage", group), kind="stable")]
                women, men = group[group < m], group[group >= m]
                everyone = int(((kind[:m] == vulnerable) & (year[:m] == birth_year)).sum())
                number = min(round(share * everyone), len(women), len(men))
                wives.append(women[:number])
                husbands.append(men[:number])
        wife, husband = np.concatenate(wives), np.concatenate(husbands)
        begin = np.maximum(earliest[wife], earliest[husband])
        end = np.minimum(latest[wife], latest[husband])
        fits = (begin + settings["least_days"] < end) & (self.partner_mother[husband - self.first_partner] != wife)
        wife, husband, begin, end = wife[fits], husband[fits], begin[fits], end[fits]
        self.earlier_wife, self.earlier_husband = wife, husband
        self.earlier_divorce = begin + np.floor(self._u("earlier divorce", wife) * (end - begin)).astype(np.int64)
        adult = np.maximum(self.birth[wife], self.birth[husband]) + 18 * 366
        years = settings["shortest_years"] + self._exponential("earlier marriage/years", wife) * settings["mean_years"]
        wedding = self.earlier_divorce - np.floor(years * 365.25).astype(np.int64)
        self.earlier_wedding = np.maximum(wedding, np.minimum(adult, self.earlier_divorce - 1))

    # -- stays -----------------------------------------------------------------------------------------------------

    def stays(self) -> None:
        """Who stays where and when. Tracks: mothers, other parents, parents of mothers, children without parents."""
        persons, block = self.population.persons, self.population.block
        m, q = self.n_mothers, self.n_partners
        mother = np.arange(m, dtype=np.int64)
        parts: list[tuple[Int64, Int64, Int64, Int64, int]] = []

        def add(person: Int64, track: Int64, start: Int64, until: Int64, what: Stay) -> None:
            parts.append((person, track, start, until, int(what)))

        self.track_partner = m
        self.track_older = m + q
        children = np.arange(*block[Role.CHILD], dtype=np.int64)
        alone = children[persons.mother[children] < 0]
        self.track_alone = self.track_older + m
        parted = np.flatnonzero(self.grand_divorce != FOREVER)
        self.track_parted = self.track_alone + len(alone)
        self.n_tracks = self.track_parted + len(parted)
        left = np.full(m, WORLD_END, dtype=np.int64)
        left[self.grand_family[parted]] = self.grand_leaves[parted]
        death_until = np.minimum(self.death + 1, WORLD_END)
        # A stay abroad of the mother is one of her home: the other parent who lives there and her children go along.
        gone_from, gone_until = self.away.copy(), self.back.copy()
        # Mothers: with their parents, then at home.
        nest = np.flatnonzero(self.has_nest)
        grand_start = np.full(m, WORLD_END, dtype=np.int64)
        for parent in (persons.mother, persons.father):
            known = np.flatnonzero(parent[:m] >= 0)
            grand_start[known] = np.minimum(
                grand_start[known], np.maximum(self.registered[parent[known]], REGISTER_START)
            )
            add(
                parent[known].astype(np.int64),
                self.track_older + known,
                np.maximum(self.registered[parent[known]], REGISTER_START),
                np.minimum(death_until[parent[known]], left[known])
                if parent is persons.father
                else death_until[parent[known]],
                Stay.OLDER_PARENT,
            )
        self.parted_start = self.grand_leaves[parted]
        gone = persons.father[self.grand_family[parted]].astype(np.int64)
        self.parted_start = np.maximum(self.parted_start, np.maximum(self.registered[gone], REGISTER_START))
        add(gone, self.track_parted + np.arange(len(parted)), self.parted_start, death_until[gone], Stay.ALONE)
        start = np.maximum(self.registered[nest], REGISTER_START)
        grand_start[nest] = np.minimum(grand_start[nest], start)
        add(nest, self.track_older + nest, start, np.minimum(self.own_start[nest], death_until[nest]), Stay.GROWN_CHILD)
        self.grand_start = grand_start
        add(mother, mother, self.own_start[:m], death_until[:m], Stay.MOTHER)
        # Other parents: own home, the mother's home, own home again.
        order = np.lexsort((self.couple_start, self.couple_partner))
        partner, couple_mother = self.couple_partner[order], self.couple_mother[order]
        start, end = self.couple_start[order], self.couple_end[order]
        add(partner, couple_mother, start, end, Stay.PARTNER)
        everyone = np.arange(self.first_partner, self.stop_partner, dtype=np.int64)
        free_person = np.concatenate([everyone, partner])
        free_start = np.concatenate([self.own_start[everyone], end])
        by = np.lexsort((free_start, free_person))
        free_person, free_start = free_person[by], free_start[by]
        busy = np.lexsort(
            (np.concatenate([np.full(len(everyone), WORLD_END), start]), np.concatenate([everyone, partner]))
        )
        busy_start = np.concatenate([np.full(len(everyone), WORLD_END), start])[busy]
        # The k-th free time of a person ends where the k-th couple begins (the last one with the world or at death).
        add(
            free_person,
            free_person - self.first_partner + self.track_partner,
            free_start,
            np.minimum(busy_start, death_until[free_person]),
            Stay.ALONE,
        )
        # An other parent who lives with her goes along with the mother; otherwise only his own later emigration counts.
        # Planned absence (before the first birth) stays.
        planned = persons.absent_from[everyone] != FOREVER
        gone_from[everyone[~planned]] = int(FOREVER)
        gone_until[everyone[~planned]] = int(FOREVER)
        leaves = self.away[couple_mother]
        along = (start <= leaves) & (leaves < end) & (persons.absent_from[partner] == FOREVER)
        gone_from[partner[along]] = leaves[along]
        gone_until[partner[along]] = self.back[couple_mother[along]]
        last_end = np.zeros(self.stop_partner, dtype=np.int64)
        np.maximum.at(last_end, partner, end)
        own = everyone[
            (gone_from[everyone] == FOREVER)
            & (self.away[everyone] != FOREVER)
            & (self.away[everyone] > last_end[everyone])
        ]
        gone_from[own], gone_until[own] = self.away[own], self.back[own]
        # Children.
        for role in (Role.CHILD, Role.OLDER_CHILD):
            who = np.arange(*block[role], dtype=np.int64)
            who = who[persons.mother[who] >= 0]
            home = persons.mother[who].astype(np.int64)
            begin = np.maximum(np.maximum(self.birth[who], self.registered[who]), REGISTER_START)
            begin = np.maximum(begin, np.minimum(self.own_start[home], self.mother_first[home]))
            add(who, home, begin, death_until[who], Stay.CHILD)
            gone = self.away[home]
            before = gone < self.birth[who]
            after_return = before & (self.back[home] <= self.birth[who])
            gone_from[who] = np.where(after_return, int(FOREVER), np.maximum(gone, self.birth[who] + 1))
            gone_from[who] = np.where(gone == FOREVER, int(FOREVER), gone_from[who])
            gone_until[who] = np.where(gone_from[who] == FOREVER, int(FOREVER), self.back[home])
        add(alone, self.track_alone + np.arange(len(alone)), self.birth[alone], death_until[alone], Stay.INSTITUTION)
        person = np.concatenate([part[0] for part in parts])
        track = np.concatenate([part[1] for part in parts])
        begin = np.concatenate([part[2] for part in parts])
        until = np.concatenate([part[3] for part in parts])
        what = np.concatenate([np.full(len(part[0]), part[4], dtype=np.int8) for part in parts])
        # Stays abroad cut the stays here.
        gone_from = np.minimum(gone_from, int(FOREVER))
        gone_from[gone_from > self.death] = int(FOREVER)
        gone_until[gone_from == FOREVER] = int(FOREVER)
        self.gone_from, self.gone_until = gone_from, gone_until
        cut = (gone_from[person] < until) & (gone_until[person] > begin)
        tail = np.flatnonzero(cut & (gone_until[person] < until))
        tail_begin = np.maximum(begin[tail], gone_until[person[tail]])
        tail_until = until[tail]
        until = np.concatenate([np.where(cut, np.minimum(until, gone_from[person]), until), tail_until])
        begin = np.concatenate([begin, tail_begin])
        person = np.concatenate([person, person[tail]])
        track = np.concatenate([track, track[tail]])
        what = np.concatenate([what, what[tail]])
        keep = np.flatnonzero(begin < until)
        order = keep[np.argsort((track[keep] << _SHIFT) | (begin[keep] - _BASE), kind="stable")]
        self.stay_person, self.stay_what = person[order], what[order]
        self.stay = Spells(track[order], begin[order], until[order])

    # -- dwellings ---------------------------------------------------------------------------------------------------

    def dwellings(self) -> None:
        """Dwellings of every track with their neighbourhood, and the address spells that follow from the stays."""
        settings = self.p["moves"]
        m = self.n_mothers
        own = self.own_start
        alone = self.stay_what == Stay.INSTITUTION
        track_start = np.concatenate(
            [
                own,
                self.grand_start,
                np.full(self.track_parted - self.track_alone, WORLD_END, dtype=np.int64),
                self.parted_start,
            ]
        )
        track_start[self.stay.key[alone]] = self.birth[self.stay_person[alone]]
        track = np.arange(self.n_tracks, dtype=np.int64)
        # Random moves.
        begin = np.maximum(track_start, MOVES_START)
        span = np.maximum(WORLD_END - begin, 0)
        exponent = float(settings["tail_exponent"])
        tail = self._exponential("moves/rate", track) ** exponent / gamma(1 + exponent)
        yearly = np.full(self.n_tracks, float(settings["yearly"]))
        yearly[:m] *= np.array(settings["class_factor"])[self.event_class[self.first_event]]
        yearly[self.track_partner : self.track_older] *= np.array(settings["class_factor"])[self.partner_class]
        yearly[self.track_older : self.track_alone] = settings["yearly_grandparents"]
        count = draws.poisson(self.seed, "lives/moves", track, np.minimum(yearly * tail, 2.5) * span / 365.25)
        mover = np.repeat(track, count)
        number = np.arange(len(mover)) - np.repeat(np.cumsum(count) - count, count)
        moment = begin[mover] + np.floor(self._u("moves/day", mover * 64 + number) * span[mover]).astype(np.int64)
        keys, moments = [track[track_start < WORLD_END], mover], [track_start[track_start < WORLD_END], moment]

        def add(key: Int64, when: Int64) -> None:
            keys.append(key)
            moments.append(when)

        # Births in different neighbourhoods: a move in between.
        different = np.flatnonzero(
            (self.event_mother[1:] == self.event_mother[:-1]) & (self.event_region[1:] != self.event_region[:-1])
        )
        gap = self.event_date[different + 1] - self.event_date[different]
        add(
            self.event_mother[different],
            self.event_date[different]
            + 30
            + np.floor(self._u("moves/between births", different) * (gap - 60)).astype(np.int64),
        )
        couple = np.arange(len(self.couple_mother))
        together = self._u("moves/new home", couple) < settings["new_home_share"]
        add(self.couple_mother[together], self.couple_start[together])
        over = self.couple_end < WORLD_END
        leaves = over & (self._u("moves/leaves home", couple) < settings["leaves_home_share"])
        add(self.couple_mother[leaves], self.couple_end[leaves])
        add(self.couple_partner[over] - self.first_partner + self.track_partner, self.couple_end[over])
        mother_back = np.flatnonzero(self.gone_until[:m] < WORLD_END)
        add(mother_back, np.maximum(self.gone_until[mother_back], own[mother_back]))
        key, when = np.concatenate(keys), np.concatenate(moments)
        late = when < track_start[key]
        when[late] = track_start[key][late]
        pieces = pieces_of(key, when, WORLD_END)
        region = self._dwelling_regions(pieces)
        stay, piece, start, until = overlaps(self.stay, pieces)
        used = np.zeros(len(pieces), dtype=bool)
        used[piece] = True
        number_of = np.cumsum(used) - 1
        person = self.stay_person[stay]
        order = np.argsort((person << _SHIFT) | (start - _BASE), kind="stable")
        self.address_person = person[order].astype(np.int32)
        self.address_from = start[order].astype(np.int32)
        self.address_until = np.where(until[order] >= WORLD_END, FOREVER, until[order]).astype(np.int32)
        self.address_dwelling = number_of[piece[order]].astype(np.int32)
        self.dwelling_region = region[used].astype(np.int16)
        self.dwelling_is_irregular = (
            self._u("irregular object", np.arange(len(self.dwelling_region))) < settings["irregular_object_share"]
        )

    def _dwelling_regions(self, pieces: Spells) -> Int64:
        """Neighbourhood of each dwelling: that of a birth in it, else near the home before or after."""
        settings = self.p["moves"]
        regions, m = self.population.regions, self.n_mothers
        n = len(pieces)
        region = np.full(n, -1, dtype=np.int64)
        place = pieces.sort_key
        at = np.searchsorted(place, (self.event_mother << _SHIFT) | (self.event_date - _BASE), side="right") - 1
        region[at] = self.event_region
        births = self.population.births
        alone = np.flatnonzero((births.mother < 0) & births.is_live)
        # Children without parents have a track each, in the order of the children.
        tracks = self.track_alone + np.arange(len(alone))
        region[np.searchsorted(place, tracks << _SHIFT)] = births.region[alone]
        # Home of the next birth, else of the previous one; for other tracks the first birth of the mother.
        known = np.where(region >= 0, np.arange(n), n)
        following = np.minimum.accumulate(known[::-1])[::-1]
        following_ok = (following < n) & (pieces.key[np.minimum(following, n - 1)] == pieces.key)
        previous = np.maximum.accumulate(np.where(region >= 0, np.arange(n), -1))
        previous_ok = (previous >= 0) & (pieces.key[np.maximum(previous, 0)] == pieces.key)
        family = pieces.key.copy()
        is_partner = (pieces.key >= self.track_partner) & (pieces.key < self.track_older)
        family[is_partner] = self.partner_mother[pieces.key[is_partner] - self.track_partner]
        is_older = (pieces.key >= self.track_older) & (pieces.key < self.track_alone)
        family[is_older] -= self.track_older
        is_parted = pieces.key >= self.track_parted
        families = self.grand_family[self.grand_divorce != FOREVER]
        family[is_parted] = families[pieces.key[is_parted] - self.track_parted]
        base = self.event_region[self.first_event[np.where(family < m, family, 0)]].astype(np.int64)
        base = np.where(previous_ok, region[np.maximum(previous, 0)], base)
        base = np.where(following_ok, region[np.minimum(following, n - 1)], base)
        free = np.flatnonzero(region < 0)
        u = self._u("home/kind", free)
        cell = regions.cell[base[free]].astype(np.int64)
        far = u >= settings["same_neighbourhood"] + settings["same_municipality"]
        born = np.bincount(births.region, minlength=len(regions)).astype(np.float64)
        size = np.bincount(regions.cell, weights=born, minlength=regions.n_cells) + 1e-9
        cell[far] = draws.categorical(self._u("home/elsewhere", free[far]), size)
        drawn = regions.draw_row(cell, self._u("home/neighbourhood", free)).astype(np.int64)
        region[free] = np.where(u < settings["same_neighbourhood"], base[free], drawn)
        return region

    # -- households --------------------------------------------------------------------------------------------------

    def households(self) -> None:
        """Household episodes: what changes when someone comes, goes, is born, dies, marries."""
        settings = self.p["households"]
        persons = self.population.persons
        track, start, until = self.stay.key, self.stay.start, self.stay.until
        # Weddings while living together.
        wed = np.flatnonzero((self.couple_wedding < self.couple_end) & (self.couple_wedding >= self.couple_start))
        married = Spells(self.couple_mother[wed], self.couple_wedding[wed], self.couple_end[wed])
        # A mother with a child of an unknown other parent who is no single parent lives with others for a while.
        others_at = np.flatnonzero((self.event_partner < 0) & ~self.event_single)
        others_mother = self.event_mother[others_at]
        others_until = self.event_date[others_at] + settings["other_household_days"]
        following = np.where(
            self.is_last_event[others_at],
            WORLD_END,
            self.event_date[np.minimum(others_at + 1, len(self.event_date) - 1)],
        )
        others = Spells(
            others_mother, self.event_date[others_at], np.minimum(np.minimum(others_until, following), WORLD_END)
        )
        pieces = pieces_of(
            np.concatenate([track, track, married.key, others.key, others.key]),
            np.concatenate([start, until, married.start, others.start, others.until]),
            WORLD_END,
        )
        n = len(pieces)
        stay, piece, begin, _ = overlaps(self.stay, pieces)
        what, person = self.stay_what[stay], self.stay_person[stay]
        del stay

        def present(*kinds: Stay) -> Int64:
            return np.bincount(piece[np.isin(what, kinds)], minlength=n)

        has_mother = present(Stay.MOTHER) > 0
        has_partner = present(Stay.PARTNER) > 0
        older = present(Stay.OLDER_PARENT)
        kids = present(Stay.CHILD, Stay.GROWN_CHILD)
        single = present(Stay.ALONE) > 0
        members = np.bincount(piece, minlength=n)
        is_married = np.zeros(n, dtype=bool)
        if len(married):
            is_married[overlaps(married, pieces)[1]] = True
        has_others = np.zeros(n, dtype=bool)
        if len(others):
            has_others[overlaps(others, pieces)[1]] = True
        has_others &= has_mother & ~has_partner & (kids > 0)
        is_older = (pieces.key >= self.track_older) & (pieces.key < self.track_alone)
        grand_married = np.zeros(self.n_mothers, dtype=bool)
        grand_married[self.grand_family] = True
        is_married[is_older] = grand_married[pieces.key[is_older] - self.track_older]
        pair = (has_mother & has_partner) | (older == 2)
        parent = has_mother | has_partner | (older > 0)
        kind = np.full(n, 8, dtype=np.int8)
        kind[parent & ~pair] = np.where(kids > 0, 6, 1)[parent & ~pair]
        kind[pair] = np.where(kids > 0, np.where(is_married, 5, 4), np.where(is_married, 3, 2))[pair]
        kind[single] = 1
        # Some other parents who do not live with the mother live with relatives or another partner.
        is_partner = (pieces.key >= self.track_partner) & (pieces.key < self.track_older)
        with_others = np.zeros(n, dtype=bool)
        own = pieces.key[is_partner] - self.track_partner
        share = np.array(settings["other_parent_with_others"])[self.partner_class[own]]
        with_others[is_partner] = self._u("other parent with others", own) < share
        has_others |= with_others & single
        kind[has_others] = 7
        # A grown child who outlived her parents at home is on her own there.
        kind[is_older & (older == 0) & (kids > 0)] = 1
        # Place in the household.
        of = kind[piece]
        is_kid = (what == Stay.CHILD) | (what == Stay.GROWN_CHILD)
        adult_place = np.array([0, 2, 3, 4, 5, 6, 7, 8, 10], dtype=np.int8)
        place = np.where(is_kid & (of != 1) & (of != 8), 1, adult_place[of]).astype(np.int8)
        # Reference person: the man of a couple, else the mother or eldest woman, else the only adult.
        adult = np.flatnonzero(place != 1)
        adult = adult[place[adult] != 10]
        weight = np.where(persons.sex[person[adult]] == 1, 0, 1) * 4 + (what[adult] == Stay.PARTNER)
        order = adult[np.lexsort((weight, piece[adult]))]
        first = np.append(True, piece[order][1:] != piece[order][:-1]) if len(order) else np.zeros(0, dtype=bool)
        is_reference = np.zeros(len(piece), dtype=np.int8)
        is_reference[order[first]] = 1
        reference = np.full(n, NOBODY, dtype=np.int64)
        reference[piece[order[first]]] = person[order[first]]
        # Institutions have no reference person; the first member stands for them.
        rest = np.flatnonzero(reference[piece] < 0)
        reference[piece[rest[::-1]]] = person[rest[::-1]]
        kid = np.flatnonzero(place == 1)
        youngest = np.full(n, -(2**40), dtype=np.int64)
        oldest = np.full(n, int(FOREVER), dtype=np.int64)
        np.maximum.at(youngest, piece[kid], self.birth[person[kid]])
        np.minimum.at(oldest, piece[kid], self.birth[person[kid]])
        youngest[youngest < -(2**39)] = int(FOREVER)
        used = members > 0
        number_of = (np.cumsum(used) - 1).astype(np.int32)
        order = np.argsort((person << _SHIFT) | (begin - _BASE), kind="stable")
        self.member_person = person[order].astype(np.int32)
        self.member_household = number_of[piece[order]]
        self.member_place = place[order]
        self.member_is_reference = is_reference[order]
        self.household_from = pieces.start[used].astype(np.int32)
        self.household_until = np.where(pieces.until >= WORLD_END, FOREVER, pieces.until)[used].astype(np.int32)
        self.household_number = (pieces.key[used] + 1).astype(np.int32)
        self.household_type = kind[used]
        n_kids = np.bincount(piece[kid], minlength=n)
        self.household_persons = np.minimum(members + has_others, 99)[used].astype(np.int8)
        self.household_children = np.minimum(n_kids, 99)[used].astype(np.int8)
        self.household_others = has_others[used].astype(np.int8)
        self.household_youngest = youngest[used].astype(np.int32)
        self.household_oldest = oldest[used].astype(np.int32)
        self.household_reference = reference[used].astype(np.int32)

    def finish(self) -> Lives:
        """The arrays of the contract."""
        wed = np.flatnonzero(self.couple_wedding != FOREVER)
        persons, family = self.population.persons, self.grand_family
        wife = np.concatenate([self.couple_mother[wed], persons.mother[family], self.earlier_wife])
        husband = np.concatenate([self.couple_partner[wed], persons.father[family], self.earlier_husband])
        wedding = np.concatenate([self.couple_wedding[wed], self.grand_wedding, self.earlier_wedding])
        divorce = np.concatenate([self.couple_divorce[wed], self.grand_divorce, self.earlier_divorce])
        return Lives(
            death_date=np.minimum(self.death, int(FOREVER)).astype(np.int32),
            absent_from=self.gone_from.astype(np.int32),
            absent_until=self.gone_until.astype(np.int32),
            dwelling_region=self.dwelling_region,
            dwelling_is_irregular=self.dwelling_is_irregular,
            address_person=self.address_person,
            address_from=self.address_from,
            address_until=self.address_until,
            address_dwelling=self.address_dwelling,
            household_from=self.household_from,
            household_until=self.household_until,
            household_number=self.household_number,
            household_type=self.household_type,
            household_persons=self.household_persons,
            household_children=self.household_children,
            household_others=self.household_others,
            household_youngest=self.household_youngest,
            household_oldest=self.household_oldest,
            household_reference=self.household_reference,
            member_person=self.member_person,
            member_household=self.member_household,
            member_place=self.member_place,
            member_is_reference=self.member_is_reference,
            marriage_mother=wife.astype(np.int32),
            marriage_partner=husband.astype(np.int32),
            marriage_from=wedding.astype(np.int32),
            divorce_date=divorce.astype(np.int32),
            marriage_is_partnership=(
                self._u("registered partnership", wife) < self.p["couples"]["registered_partnership"]
            ),
        )


def build(
    population: Population,
    circumstances: FamilyCircumstances,
    parameters: Mapping[str, Any],
    seed: int,
    death_day: Int16 | None = None,
) -> Lives:
    """Lives of everyone until 31 December 2024.

    Args:
        population: people and births.
        circumstances: gives, for each birth event, `latent_class` (class of the mother), `below_120` (a low household
            income) and `single_parent`, bool (population.n_events,): whether the household at birth is a one-parent
            household. If not, the known other parent lives with the mother at birth; with an unknown other parent she
            lives in an "other" household.
        parameters: parameter files by name; ``lives`` is used.
        seed: seed of every draw.
        death_day: int16 (n_births,), day of life on which a child dies in its first year, below 0 for the others;
            None when nobody does.
    """
    builder = _Builder(population, circumstances, parameters, seed, death_day)
    builder.deaths()
    builder.migration()
    builder.homes()
    builder.couples()
    builder.stays()
    builder.dwellings()
    builder.households()
    return builder.finish()
