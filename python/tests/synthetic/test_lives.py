"""Lives: addresses, households, migration, deaths and marriages agree with the births and with each other."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people_world import world

from kansrijke_start.synthetic import lives, population
from kansrijke_start.synthetic.lives import WORLD_END, Lives, Spells, overlaps, pieces_of
from kansrijke_start.synthetic.population import FOREVER, Role


def on_day(person: np.ndarray, start: np.ndarray, until: np.ndarray, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Row of the spell of each person on a day, -1 when there is none (spells sorted by person and start)."""
    key = person.astype(np.int64) * 2**20 + start + 2**18
    row = np.searchsorted(key, who.astype(np.int64) * 2**20 + day + 2**18, side="right") - 1
    row_safe = np.maximum(row, 0)
    return np.where((row >= 0) & (person[row_safe] == who) & (until[row_safe] > day), row_safe, -1)


def members() -> tuple[Lives, np.ndarray, np.ndarray]:
    """Lives, start and end of each member row."""
    life = world().lives
    return life, life.household_from[life.member_household], life.household_until[life.member_household]


def test_same_seed_same_lives() -> None:
    one = world().lives
    two = lives.build(world().population, world().circumstances, world().parameters, 2024)
    assert all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))
    other = world(seed=7).lives
    assert not np.array_equal(one.address_from[:1000], other.address_from[:1000])


def test_address_spells_never_overlap() -> None:
    life = world().lives
    again = life.address_person[1:] == life.address_person[:-1]
    assert (life.address_from < life.address_until).all()
    assert (np.diff(life.address_person) >= 0).all()
    assert (life.address_until[:-1][again] <= life.address_from[1:][again]).all()
    # Most spells touch; gaps are stays abroad.
    touching = (life.address_until[:-1] == life.address_from[1:])[again]
    assert 0.95 < touching.mean() < 1


def test_household_spells_never_overlap() -> None:
    life, start, until = members()
    again = life.member_person[1:] == life.member_person[:-1]
    assert (start < until).all() and (np.diff(life.member_person) >= 0).all()
    assert (until[:-1][again] <= start[1:][again]).all()


def test_addresses_and_households_cover_the_same_days() -> None:
    life, start, until = members()
    n = len(world().population.persons)

    def days(person: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        return np.bincount(person, weights=np.minimum(end, WORLD_END).astype(float) - begin, minlength=n)

    assert np.array_equal(
        days(life.address_person, life.address_from, life.address_until), days(life.member_person, start, until)
    )


def test_people_of_one_household_live_at_one_address() -> None:
    life, start, _ = members()
    place = on_day(life.address_person, life.address_from, life.address_until, life.member_person, start)
    assert (place >= 0).all()
    dwelling = life.address_dwelling[place]
    order = np.argsort(life.member_household, kind="stable")
    household, dwelling = life.member_household[order], dwelling[order]
    again = household[1:] == household[:-1]
    assert (dwelling[1:] == dwelling[:-1])[again].all()


def test_first_address_of_a_child_is_on_the_day_of_birth_in_its_neighbourhood() -> None:
    pop, life = world().population, world().lives
    births = pop.births
    live = births.is_live
    first = np.searchsorted(life.address_person, births.child[live])
    assert np.array_equal(life.address_person[first], births.child[live])
    assert np.array_equal(life.address_from[first], births.birth_date[live])
    assert np.array_equal(life.dwelling_region[life.address_dwelling[first]], births.region[live])


def test_the_mother_of_every_child_lives_in_the_neighbourhood_of_birth() -> None:
    """Also of stillborn children, whose region is the mother's."""
    pop, life = world().population, world().lives
    births = pop.births
    known = births.mother >= 0
    first_day = pop.event_date[births.event[known]]
    row = on_day(life.address_person, life.address_from, life.address_until, births.mother[known], first_day)
    assert (row >= 0).all()
    assert np.array_equal(life.dwelling_region[life.address_dwelling[row]], births.region[known])


@pytest.mark.parametrize("parent", ["mother", "other_parent"])
def test_parents_have_an_address_on_the_reference_date_exactly_when_registered(parent: str) -> None:
    pop, life = world().population, world().lives
    births = pop.births
    person, flag = getattr(births, parent), getattr(births, f"{parent}_registered")
    known = person >= 0
    reference = population.reference_date(births.birth_year)[known]
    row = on_day(life.address_person, life.address_from, life.address_until, person[known], reference)
    assert np.array_equal(row >= 0, flag[known])


def test_household_at_birth_is_what_the_circumstances_say() -> None:
    pop, life = world().population, world().lives
    births = pop.births
    mine = births.is_live & (births.mother >= 0)
    first = np.searchsorted(life.member_person, births.child[mine])
    household = life.member_household[first]
    assert np.array_equal(life.household_from[household], births.birth_date[mine])
    kind = life.household_type[household]
    single = world().circumstances.single_parent[births.event[mine]]
    known = births.other_parent[mine] >= 0
    assert np.array_equal(kind == 6, single)
    assert set(np.unique(kind[~single & known])) == {4, 5}
    assert set(np.unique(kind[~single & ~known])) == {7}
    assert 0.002 < (kind == 7).mean() < 0.02
    alone = births.is_live & (births.mother < 0)
    first = np.searchsorted(life.member_person, births.child[alone])
    assert (life.household_type[life.member_household[first]] == 8).all()


def test_the_other_parent_lives_with_a_mother_who_is_not_single() -> None:
    pop, life = world().population, world().lives
    _, start, until = members()
    event = np.flatnonzero((pop.event_other_parent >= 0) & ~world().circumstances.single_parent)
    day = pop.event_date[event]
    mother = on_day(life.member_person, start, until, pop.event_mother[event], day)
    other = on_day(life.member_person, start, until, pop.event_other_parent[event], day)
    assert (mother >= 0).all() and np.array_equal(life.member_household[mother], life.member_household[other])


def test_household_of_a_first_mother_on_the_reference_date() -> None:
    """One person, a couple without children, or a child with her parents: never a one-parent household of her own."""
    pop, life = world().population, world().lives
    births = pop.births
    first = (births.birth_rank == 1) & births.mother_registered & births.is_live
    reference = population.reference_date(births.birth_year)
    _, start, until = members()
    row = on_day(life.member_person, start, until, births.mother[first], reference[first])
    kind, place = life.household_type[life.member_household[row]], life.member_place[row]
    assert set(np.unique(kind)) <= {1, 2, 3, 4, 5, 6}
    assert set(np.unique(place[np.isin(kind, [4, 5, 6])])) == {1}
    assert (place[kind == 1] == 2).all()
    assert 0.04 < (place == 1).mean() < 0.3 and (np.isin(kind, [2, 3])).mean() > 0.6


def test_counts_and_places_of_households_agree_with_their_members() -> None:
    life, _, _ = members()
    n = len(life.household_from)
    place, kind = life.member_place, life.household_type
    size = np.bincount(life.member_household, minlength=n)
    assert size.min() >= 1 and np.array_equal(size + life.household_others, life.household_persons)
    kids = np.bincount(life.member_household[place == 1], minlength=n)
    assert np.array_equal(kids, life.household_children)
    assert ((kids > 0) == np.isin(kind, [4, 5, 6]))[kind != 7].all()
    assert np.array_equal(life.household_others > 0, kind == 7)
    assert (size[kind == 1] == 1).all() and (size[np.isin(kind, [2, 3])] == 2).all()
    partners = np.bincount(life.member_household[np.isin(place, [3, 4, 5, 6])], minlength=n)
    assert (partners[np.isin(kind, [2, 3, 4, 5])] == 2).all() and (partners[np.isin(kind, [1, 6, 7, 8])] == 0).all()
    reference = np.bincount(life.member_household, weights=life.member_is_reference, minlength=n)
    assert (reference[kind != 8] == 1).all() and (reference[kind == 8] == 0).all()
    expected = {1: {2}, 2: {3}, 3: {4}, 4: {1, 5}, 5: {1, 6}, 6: {1, 7}, 7: {1, 8}, 8: {10}}
    for number, places in expected.items():
        assert set(np.unique(place[kind[life.member_household] == number])) <= places


def test_youngest_and_oldest_child_of_a_household() -> None:
    life, _, _ = members()
    birth = world().population.persons.birth_date
    kid = life.member_place == 1
    youngest = np.full(len(life.household_from), -(2**31), dtype=np.int64)
    np.maximum.at(youngest, life.member_household[kid], birth[life.member_person[kid]])
    youngest[youngest == -(2**31)] = FOREVER
    assert np.array_equal(youngest, life.household_youngest)
    some = life.household_children > 0
    assert (life.household_oldest[some] <= life.household_youngest[some]).all()
    assert (life.household_oldest[~some] == FOREVER).all()


def test_nobody_lives_before_birth_or_after_death() -> None:
    persons, life = world().population.persons, world().lives
    assert (life.address_from >= persons.birth_date[life.address_person]).all()
    assert (life.address_from >= persons.registered_from[life.address_person]).all()
    death = life.death_date[life.address_person].astype(np.int64)
    assert (life.address_until[death != FOREVER] <= death[death != FOREVER] + 1).all()
    assert (life.death_date >= persons.birth_date).all()
    assert ((life.death_date < WORLD_END) | (life.death_date == FOREVER)).all()


def test_parents_live_on_the_day_of_birth() -> None:
    pop, life = world().population, world().lives
    for parent in (pop.births.mother, pop.births.other_parent):
        known = parent >= 0
        assert (life.death_date[parent[known]] >= pop.births.birth_date[known]).all()


def test_children_die_on_the_day_that_the_events_around_birth_say() -> None:
    pop, here = world().population, world()
    day = np.full(len(pop.births), -1, dtype=np.int16)
    live = np.flatnonzero(pop.births.is_live)
    day[live[:40]] = np.arange(40)
    day[~pop.births.is_live] = 3
    life = lives.build(pop, here.circumstances, here.parameters, 2024, day)
    child = pop.births.child[live[:40]]
    assert np.array_equal(life.death_date[child] - pop.persons.birth_date[child], np.arange(40))
    others = pop.births.child[live[40:]]
    assert np.array_equal(life.death_date[others], here.lives.death_date[others])
    assert (life.death_date[others] - pop.persons.birth_date[others] > 28).all()


def test_some_emigrate_and_some_return() -> None:
    pop, life = world().population, world().lives
    gone = life.absent_from != FOREVER
    back = gone & (life.absent_until != FOREVER)
    assert 0.01 < gone[: pop.n_mothers].mean() < 0.08 and 0.1 < back.sum() / gone.sum() < 0.8
    away = life.absent_from[life.address_person]
    inside = (life.address_from >= away) & (life.address_from < life.absent_until[life.address_person])
    assert not inside.any()
    # A child is abroad when its mother is.
    child = np.arange(*pop.block[Role.CHILD])
    mother = pop.persons.mother[child]
    leaves = (
        (mother >= 0)
        & (life.absent_from[np.maximum(mother, 0)] > pop.persons.birth_date[child])
        & (life.absent_from[np.maximum(mother, 0)] <= life.death_date[child])
        & (life.absent_from[np.maximum(mother, 0)] != FOREVER)
    )
    assert np.array_equal(life.absent_from[child[leaves]], life.absent_from[mother[leaves]])


def test_presence_agrees_with_addresses_of_mothers() -> None:
    pop, life = world().population, world().lives
    day = int(population.january_first(2020)) - 1
    present = life.is_present(pop, day)
    mothers = np.arange(pop.n_mothers)
    row = on_day(
        life.address_person, life.address_from, life.address_until, mothers, np.full(len(mothers), day, dtype=np.int64)
    )
    assert not (~present[mothers] & (row >= 0)).any()
    # Nearly all mothers who are present have an address (not: minors without parents here before they are 18).
    assert (row >= 0)[present[mothers]].mean() > 0.99
    household = life.household_on(day)
    assert np.array_equal(household[mothers] >= 0, row >= 0)


def test_moves_are_frequent_with_a_long_tail() -> None:
    pop, life = world().population, world().lives
    mine = life.address_person < pop.n_mothers
    until = life.address_until[mine]
    years = population.year_of(until[until != FOREVER])
    rate = np.bincount(years, minlength=2025)[2012:2020] / pop.n_mothers
    assert 0.06 < rate.mean() < 0.16
    recent = (years >= 2013) & (years < 2018)
    count = np.bincount(life.address_person[mine][until != FOREVER][recent], minlength=pop.n_mothers)
    assert 0.0005 < (count >= 5).mean() < 0.05


def test_irregular_objects_are_few() -> None:
    assert world().lives.dwelling_is_irregular.mean() == pytest.approx(0.005, abs=0.0015)


def test_marriages_are_orderly() -> None:
    life = world().lives
    assert (life.divorce_date > life.marriage_from).all()
    for person in (life.marriage_mother, life.marriage_partner):
        order = np.lexsort((life.marriage_from, person))
        again = person[order][1:] == person[order][:-1]
        assert (life.divorce_date[order][:-1][again] < life.marriage_from[order][1:][again]).all()
        assert (life.marriage_from < life.death_date[person]).all()
        ended = life.divorce_date != FOREVER
        assert (life.divorce_date[ended] <= life.death_date[person[ended]]).all()
    assert 0.02 < life.marriage_is_partnership.mean() < 0.2
    years = population.year_of(life.divorce_date[life.divorce_date != FOREVER])
    assert set(range(2012, 2024)) <= set(years.tolist())


def test_half_of_mothers_are_married_around_birth() -> None:
    pop, life = world().population, world().lives
    births = pop.births
    first = np.full(pop.n_mothers, FOREVER, dtype=np.int64)
    np.minimum.at(
        first,
        life.marriage_mother[life.marriage_mother < pop.n_mothers],
        life.marriage_from[life.marriage_mother < pop.n_mothers],
    )
    known = births.mother >= 0
    share = (first[births.mother[known]] < births.birth_date[known]).mean()
    assert 0.5 < share < 0.75


@given(
    moments=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 300)), min_size=1, max_size=40),
    stays=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 320), st.integers(1, 100)), max_size=20),
)
@settings(max_examples=100, deadline=None)
def test_overlaps_cut_every_stay_into_touching_pieces(
    moments: list[tuple[int, int]], stays: list[tuple[int, int, int]]
) -> None:
    key, when = np.array(moments, dtype=np.int64).T
    pieces = pieces_of(key, when, 400)
    assert (pieces.start < pieces.until).all()
    first = {k: int(when[key == k].min()) for k in np.unique(key)}
    good = [
        (k, max(s, first[k]), min(s + n, 400)) for k, s, n in stays if k in first and max(s, first[k]) < min(s + n, 400)
    ]
    stay_key, start, until = np.array(good, dtype=np.int64).reshape(-1, 3).T
    spells = Spells(stay_key, start, until)
    stay, piece, begin, end = overlaps(spells, pieces)
    assert (begin < end).all()
    assert np.array_equal(pieces.key[piece], stay_key[stay])
    assert ((pieces.start[piece] <= begin) & (end <= pieces.until[piece])).all()
    total = np.bincount(stay, weights=end - begin, minlength=len(good))
    assert np.array_equal(total, (until - start).astype(float))


def test_nobody_is_left_without_a_track() -> None:
    """Every person who is in the registers during the births' years has at least one address."""
    pop, life = world().population, world().lives
    present = np.zeros(len(pop.persons), dtype=bool)
    present[life.address_person] = True
    needed = np.isin(pop.persons.role, [Role.MOTHER, Role.OTHER_PARENT, Role.CHILD])
    assert present[needed].all()
