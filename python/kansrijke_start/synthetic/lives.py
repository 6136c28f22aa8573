"""Lives of the people: deaths, migration, addresses, households, marriages, consistent with births and circumstances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]


@dataclass
class Lives:
    """What happened to the people until 31 December 2024. Dates: days since 1970, `FOREVER` = not (yet).

    Attributes:
        death_date: int32 (n_persons,).
        absent_from, absent_until: int32 (n_persons,), stay abroad in between (FOREVER, FOREVER when none; an emigrant
            who did not return has absent_until FOREVER).
        dwelling_region: int16 (n_dwellings,), row of Regions of each address object.
        dwelling_is_irregular: bool (n_dwellings,), the object stands in NIETVSLGWBTAB.
        address_person, address_from, address_until, address_dwelling: int32 (n_address_spells,), sorted by person and
            date, never overlapping; address_until FOREVER when still there.
        household_from, household_until: int32 (n_households,), one element a household episode: a group of people that
            does not change in that time.
        household_number: int32 (n_households,), HUISHOUDNR (stays the same while the group goes on).
        household_type: int8 (n_households,), TYPHH 1..8.
        household_persons, household_children, household_others: int8 (n_households,).
        household_youngest, household_oldest: int32 (n_households,), birth dates of youngest and oldest child living
            there, FOREVER when none.
        member_person, member_household: int32 (n_members,), member_place, member_is_reference: int8 (PLHH, 0/1),
            sorted by person and household_from; a person is never in two households at one time.
        marriage_mother, marriage_partner, marriage_from, divorce_date: int32 (n_marriages,).
    """

    death_date: Int32
    absent_from: Int32
    absent_until: Int32
    dwelling_region: Int16
    dwelling_is_irregular: NDArray[np.bool_]
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
    member_person: Int32
    member_household: Int32
    member_place: Int8
    member_is_reference: Int8
    marriage_mother: Int32
    marriage_partner: Int32
    marriage_from: Int32
    divorce_date: Int32

    def household_on(self, day: int) -> Int32:
        """Household episode of each person on a day, int32 (n_persons,), -1 when in none (abroad, dead, unborn)."""
        start = self.household_from[self.member_household]
        end = self.household_until[self.member_household]
        found = (start <= day) & (day < end)
        result = np.full(len(self.death_date), -1, dtype=np.int32)
        result[self.member_person[found]] = self.member_household[found]
        return result
