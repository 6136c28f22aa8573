"""The social states of the adults have the published shares where these are defined, and hang together."""

from __future__ import annotations

import csv
import functools

import numpy as np
import pytest
from income_care_world import world

from kansrijke_start.synthetic.parameters_loader import PUBLISHED_FIGURES
from kansrijke_start.synthetic.population import january_first, year_of
from kansrijke_start.synthetic.profiles import (
    NO_JOB,
    OTHER_CONTRACT,
    PERMANENT,
    Profiles,
    _threshold,
    yearly_share,
)

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")


def test_a_threshold_cuts_off_the_share_exactly() -> None:
    scores = np.array([0.3, -1.0, 2.0, 0.1, 5.0])
    for wanted in range(6):
        assert (scores > _threshold(scores, wanted / 5)).sum() == wanted
    barred = np.array([1.0, -np.inf, -np.inf, 2.0])
    assert (barred > _threshold(barred, 0.75)).sum() == 2
    assert _threshold(np.zeros(0), 0.5) == np.inf


def test_a_yearly_share_adds_up_over_the_years() -> None:
    assert 1 - (1 - yearly_share(0.15, 7)) ** 7 == pytest.approx(0.15)
    assert yearly_share(0.0, 5) == 0.0


@functools.cache
def _jobs(year: int) -> tuple[np.ndarray, np.ndarray]:
    contract = world().profiles.contract(year)
    return contract, world().profiles.full_time(year, contract)


def _published() -> list[tuple[str, str, str, float]]:
    with PUBLISHED_FIGURES.open(encoding="utf-8", newline="") as handle:
        rows = [
            row
            for row in csv.DictReader(handle)
            if row["figure_id"] == "KN-04"
            and row["statistic"] == "percent"
            and row["indicator"] in ("Arbeidscontract", "Arbeidsduur")
            and not row["breakdown"].endswith("Deeltijd")
        ]
    return [(*(part.strip() for part in row["breakdown"].split("|")), float(row["value"])) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("role", "kind", "state", "value"), _published())
def test_jobs_of_parents_to_be_have_the_published_shares(role: str, kind: str, state: str, value: float) -> None:
    """The published ones outside the first class; in it those of the parameters, near the published ones."""
    here = world()
    units = here.circumstances.units
    if kind == "kwetsbaar ja":
        parent = "mother" if role == "moeder" else "other_parent"
        settings = here.parameters["vulnerability"]
        fitted = settings["full_time"][parent]["vulnerable"]
        if state != "Voltijd":
            fitted = settings["contract"][parent]["vulnerable"][int(state != "Vast")]
        assert 100 * fitted == pytest.approx(value, abs=6.0)
        value = 100 * fitted
    has: list[np.ndarray] = []
    for year in range(2016, 2023):
        rows = (units.birth_year == year + 1) & ((units.latent_class == 0) == (kind == "kwetsbaar ja"))
        person = units.mother[rows] if role == "moeder" else units.other_parent[rows]
        person = person[person >= 0]
        contract, full_time = _jobs(year)
        if state == "Voltijd":
            has.append(full_time[person])
        else:
            has.append(contract[person] == (PERMANENT if state == "Vast" else OTHER_CONTRACT))
    assert 100 * np.concatenate(has).mean() == pytest.approx(value, abs=0.6)


def test_the_class_of_a_year_is_that_of_the_next_birth() -> None:
    here = world()
    units, profiles = here.circumstances.units, here.profiles
    for year in (2016, 2019, 2022):
        rows = units.birth_year == year + 1
        assert (profiles.latent_class(year)[units.mother[rows]] == units.latent_class[rows]).all()
    assert (profiles.latent_class(2005) == profiles.latent_class(2015)).all()
    assert (profiles.latent_class(2030) == here.circumstances.adult_class).all()


def test_employees_have_jobs_more_often_and_full_time_needs_a_job() -> None:
    here = world()
    contract = here.profiles.contract(2019)
    full_time = here.profiles.full_time(2019, contract)
    assert not full_time[contract == NO_JOB].any()
    present = here.profiles.present(2019)
    assert (contract[~present] == NO_JOB).all()
    by_class = [(contract[(here.profiles.latent_class(2019) == k) & present] != NO_JOB).mean() for k in range(5)]
    assert max(by_class[0], by_class[2]) < min(by_class[1], by_class[3], by_class[4])


def test_families_who_live_together_have_a_vehicle_together_or_not() -> None:
    here = world()
    units, profiles, lives = here.circumstances.units, here.profiles, here.lives
    year = 2019
    count = profiles.vehicles(year)
    first = lives.household_on(int(january_first(year)))
    rows = np.flatnonzero((units.birth_year == year) & (units.other_parent >= 0))
    mother, other = units.mother[rows], units.other_parent[rows]
    last = (profiles._family[other] == mother) & (first[mother] == first[other]) & (first[mother] >= 0)
    adult = year - year_of(here.population.persons.birth_date) >= 18
    last &= adult[mother] & adult[other]
    family_has = (count[mother] + count[other])[last] > 0
    latent = profiles.latent_class(year - 1)[mother[last]]
    none = here.parameters["vulnerability.vehicles"]["none"]
    for number in (2, 3, 4):
        share = 1 - family_has[latent == number].mean()
        assert share == pytest.approx(none[number], abs=0.06), number
    # Who lives with the owner owns none himself in a part of the families.
    assert 0.15 < (count[mother[last]][family_has] == 0).mean() < 0.6
    assert count.max() == 2
    assert not count[~profiles.present(year)].any()


def test_crime_and_care_have_the_assumed_shares_by_class() -> None:
    here = world()
    profiles = here.profiles
    crime = here.parameters["vulnerability"]["crime"]
    always = np.all([profiles.present(year) for year in range(2015, 2023)], axis=0) & profiles.is_mother
    age = 2015 - year_of(here.population.persons.birth_date[: profiles.n])
    always &= (age >= 18) & (profiles.latent_class(2015) == profiles.latent_class(2022))
    for name, state, years in (("suspect", profiles.is_suspect, 7), ("victim", profiles.is_victim, 5)):
        ever = np.any([state(year) for year in range(2016, 2016 + years)], axis=0)
        for number in (0, 4):
            share = ever[always & (profiles.latent_class(2015) == number)].mean()
            assert share == pytest.approx(crime[name]["shares"][number], abs=0.03), (name, number)
    young = year_of(here.population.persons.birth_date[: profiles.n]) > 2009 - 12
    assert not profiles.is_suspect(2009)[young].any()


def test_asylum_seekers_were_born_abroad_and_came_late() -> None:
    here = world()
    persons = here.population.persons
    seeker = here.profiles.is_asylum_seeker()
    assert seeker.any()
    who = np.flatnonzero(seeker)
    assert (persons.birth_country[who] != here.population.countries.netherlands).all()
    assert (persons.registered_from[who] >= january_first(2014)).all()


def test_states_depend_on_nothing_but_the_world() -> None:
    here = world()
    again = Profiles(here)
    # Another order of calls, another object: the same states.
    later = again.contract(2021)
    assert (again.contract(2017) == here.profiles.contract(2017)).all()
    assert (later == here.profiles.contract(2021)).all()
    assert (again.vehicles(2018) == here.profiles.vehicles(2018)).all()
