"""Events around birth: their numbers are near the published ones, and they agree with each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from income_care_world import FRACTION, SEED, parameters, people, world
from numpy.typing import NDArray

from kansrijke_start.synthetic import birth_events, circumstances
from kansrijke_start.synthetic.birth_events import (
    CONDITIONS,
    HIGH,
    LOW,
    MIDDLE,
    NEVER,
    NONE,
    PRETERM_26_32,
    PRETERM_UNDER_26,
    Admissions,
    BirthEvents,
)
from kansrijke_start.synthetic.population import january_first

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")

Bool = NDArray[np.bool_]
YEARS = range(2018, 2022)
BOROUGHS = ("A", "E", "F", "K", "M", "N", "T")


def events() -> BirthEvents:
    return world().events


def in_year_of_birth(admissions: Admissions) -> Bool:
    """Children with an admission that begins in the calendar year of birth."""
    births = people().births
    left = january_first(births.birth_year + 1) - 1 - births.birth_date
    found = np.zeros(len(births), dtype=bool)
    found[admissions.birth[admissions.first_day <= left[admissions.birth]]] = True
    return found


def outcome(name: str) -> Bool:
    found = {
        "neonatal_death": lambda: (events().death_day >= 0) & (events().death_day <= 28),
        "preterm_under_26": lambda: events().preterm == PRETERM_UNDER_26,
        "preterm_26_32": lambda: events().preterm == PRETERM_26_32,
        "nicu": lambda: in_year_of_birth(events().nicu),
        "picu": lambda: in_year_of_birth(events().picu),
    }
    return found[name]()


OUTCOMES = ("neonatal_death", "preterm_under_26", "preterm_26_32", "nicu", "picu")


def in_amsterdam() -> Bool:
    return people().regions.is_amsterdam[people().births.region]


def rate(name: str, region: str, year: int) -> float:
    settings = parameters()["perinatal"][name]
    value = settings["one_in"][region] if "one_in" in settings else settings["per_1000"][region]
    if isinstance(value, dict):
        value = value[birth_events._nearest(value, year)]
    return 1 / value if "one_in" in settings else value / 1000


def with_record() -> Bool:
    """Live births of the Regiobeeld whose mother has a record in the health-insurance registers."""
    births = people().births
    known = world().circumstances.has_care_record[np.maximum(births.mother, 0)] & (births.mother >= 0)
    return births.in_regiobeeld & known


def test_events_depend_on_the_arguments_alone() -> None:
    drawn = circumstances.draw(people(), parameters(), seed=SEED)
    again = birth_events.draw(people(), drawn, parameters(), SEED)
    other = birth_events.draw(people(), drawn, parameters(), SEED + 1)
    for field in dataclasses.fields(BirthEvents):
        one, two = getattr(events(), field.name), getattr(again, field.name)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, two), field.name
        else:
            for part in dataclasses.fields(one):
                assert np.array_equal(getattr(one, part.name), getattr(two, part.name)), field.name
    assert not np.array_equal(other.preterm, again.preterm)


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("year", YEARS)
def test_numbers_of_events_are_within_rounding(name: str, year: int) -> None:
    births = people().births
    rows = births.in_regiobeeld & (births.birth_year == year)
    found = outcome(name)
    expected = rate(name, "netherlands", year) * rows.sum()
    assert abs((found & rows).sum() - expected) <= 2
    if name != "picu":
        city = rows & in_amsterdam()
        assert abs((found & city).sum() - rate(name, "amsterdam", year) * city.sum()) <= 1.5


@pytest.mark.parametrize("year", YEARS)
def test_intensive_care_of_the_boroughs_is_as_published(year: int) -> None:
    births, regions = people().births, people().regions
    settings = parameters()["perinatal.picu.borough_counts"][year]
    shift = parameters()["perinatal.picu.borough_shift"][year]
    borough = np.array(["", *regions.borough_codes])[regions.borough[births.region]]
    found = outcome("picu") & births.in_regiobeeld & (births.birth_year == year)
    for code in BOROUGHS:
        expected = (settings[code] + shift) * FRACTION
        assert abs((found & (borough == code)).sum() - expected) <= 1.5, code
    total = (sum(settings.values()) + shift * len(BOROUGHS)) * FRACTION
    assert abs((found & in_amsterdam()).sum() - total) <= 1.5


@pytest.mark.parametrize("name", OUTCOMES)
def test_share_with_a_risk_factor_follows_the_published_odds(name: str) -> None:
    """All years together, in the country: what each year's share of all births and the published odds ratio give."""
    births, risk = people().births, events().has_risk
    settings, everyone = parameters()["perinatal"][name], parameters()["perinatal.all_births.with_risk_factor"]
    found = outcome(name) & births.in_regiobeeld
    odds = settings["with_risk_factor"]["netherlands"] / (1 - settings["with_risk_factor"]["netherlands"])
    ratio = odds / (everyone["netherlands"] / (1 - everyone["netherlands"]))
    expected = 0.0
    for year in range(2016, 2024):
        rows = births.in_regiobeeld & (births.birth_year == year)
        share = risk[rows].mean()
        odds = ratio * share / (1 - share)
        expected += rows.sum() * rate(name, "netherlands", year) * odds / (1 + odds)
    assert abs((found & risk).sum() - expected) <= 3 + 0.02 * expected


def test_events_agree_with_each_other() -> None:
    births, e = people().births, events()
    live = births.is_live
    assert not e.preterm[~live].any() and (e.death_day[~live] == NEVER).all()
    for admissions in (e.nicu, e.picu):
        assert live[admissions.birth].all()
        assert (np.diff(admissions.birth) >= 0).all()
        assert (admissions.days >= 1).all() and (admissions.first_day >= 0).all()
        death = e.death_day[admissions.birth]
        assert ((death == NEVER) | (admissions.first_day + admissions.days - 1 <= death)).all()
    # Children born too early are on intensive care far more often.
    early = e.preterm > 0
    assert outcome("nicu")[early].mean() > 20 * outcome("nicu")[live & ~early].mean()
    assert (e.death_day == 28).sum() <= (e.death_day == 0).sum()
    assert ((e.death_day > 28) & live).any()
    # Second admissions never touch the first.
    same = e.picu.birth[1:] == e.picu.birth[:-1]
    gap = e.picu.first_day[1:] - (e.picu.first_day[:-1] + e.picu.days[:-1])
    assert same.any() and (gap[same] >= 1).all()


def test_children_born_early_or_in_intensive_care_at_once_stay_in_hospital() -> None:
    births, e = people().births, events()
    first = {}
    for admissions in (e.nicu, e.picu):
        for birth, day in zip(admissions.birth.tolist(), admissions.first_day.tolist(), strict=True):
            first[birth] = min(day, first.get(birth, 99))
    early = np.zeros(len(births), dtype=bool)
    early[[birth for birth, day in first.items() if day <= birth_events.LAST_STAY_DAY - 1]] = True
    early |= e.preterm > 0
    early &= births.mother >= 0
    assert early.any() and e.has_stay[births.event[early]].all() and (e.child_nights[early] > 0).all()
    assert (e.mother_first_night[e.mother_nights > 0] >= 0).all()
    assert e.mother_first_night.max() == birth_events.LAST_STAY_DAY
    somebody = e.mother_nights > 0
    somebody[births.event[e.child_nights > 0]] = True
    stays = e.has_stay & (people().event_mother >= 0)
    assert np.array_equal(somebody[stays], np.ones(stays.sum(), dtype=bool))
    assert not e.mother_nights[~e.has_stay].any()


def test_children_without_stay_are_as_many_as_published() -> None:
    births, e = people().births, events()
    rows = with_record() & np.isin(births.birth_year, (2017, 2018))
    without = (rows & ~e.has_stay[births.event]).sum()
    published = parameters()["perinatal.hospital_stay.children_without"] * FRACTION
    assert abs(without - published) <= 10
    for year in (2016, 2021, 2023):
        of_year = with_record() & (births.birth_year == year)
        assert e.has_stay[births.event[of_year]].mean() == pytest.approx(1 - published / rows.sum(), abs=0.015)


def _deliveries(year: int | None, *, stay: bool) -> NDArray[np.int64]:
    births = people().births
    rows = with_record() & (events().has_stay[births.event] == stay)
    if year is not None:
        rows &= births.birth_year == year
    return np.unique(births.event[rows])


def test_maternity_care_is_near_the_published_figures() -> None:
    pop, e = people(), events()
    without = _deliveries(2021, stay=False)
    city = pop.regions.is_amsterdam[pop.births.region[pop.event_first_birth[without]]]
    own = without[city]
    assert (e.maternity_class[own] == HIGH).sum() == pytest.approx(1130 * FRACTION, abs=2)
    frame = world().circumstances
    unit = frame.unit_of_event
    limited = (frame.units.low_income | frame.units.debt)[np.maximum(unit, 0)] & (unit >= 0)
    below = own[e.maternity_class[own] <= LOW]
    assert limited[below].mean() == pytest.approx(0.5, abs=2 / len(below))
    shares = np.bincount(e.maternity_class[without], minlength=4) / len(without)
    assert shares[NONE] == pytest.approx(0.060, abs=0.005) and shares[LOW] == pytest.approx(0.050, abs=0.005)
    staying = _deliveries(None, stay=True)
    shares = np.bincount(e.maternity_class[staying], minlength=4) / len(staying)
    wanted = parameters()["perinatal.maternity_care.with_stay"]
    assert np.allclose(shares, [wanted[name] for name in birth_events.MATERNITY_CLASSES], atol=0.01)


def test_low_use_is_larger_in_some_boroughs() -> None:
    pop, e = people(), events()
    borough = np.array(["", *pop.regions.borough_codes])[pop.regions.borough[pop.births.region]]
    deliveries = _deliveries(None, stay=False)
    below = e.maternity_class[deliveries] <= LOW
    of_delivery = borough[pop.event_first_birth[deliveries]]
    more, less = below[np.isin(of_delivery, ["F", "N", "T"])], below[np.isin(of_delivery, ["A", "E", "K", "M"])]
    assert more.mean() > less.mean()


def test_hours_lie_within_their_class() -> None:
    e = events()
    hours = e.maternity_hours
    assert (hours[e.maternity_class == NONE] == 0).all()
    for level, least, below in ((LOW, 3, 24), (MIDDLE, 24, 49), (HIGH, 49, 80.25)):
        of_class = hours[e.maternity_class == level]
        assert of_class.min() >= least and of_class.max() < below
    assert ((hours[e.maternity_class == HIGH] < 52).mean() > 0.8) and ((hours * 4) % 1 == 0).all()
    assert not (e.has_fees_only & (e.maternity_class != NONE)).any() and e.has_fees_only.any()


def test_care_for_crying_follows_the_hours_of_maternity_care() -> None:
    births, e = people().births, events()
    rows = with_record() & ~e.has_stay[births.event] & np.isin(births.birth_year, (2017, 2018))
    use = np.maximum(e.maternity_class[births.event].astype(int) - 1, 0)
    care = e.conditions
    end = january_first(births.birth_year[care.birth].astype(np.int64) + 2)
    crying = np.zeros(len(births), dtype=bool)
    crying[care.birth[(care.condition == CONDITIONS.index("crying_baby")) & (care.start < end)]] = True
    published = parameters()["perinatal.psychosocial.crying_baby"]
    for level, share in enumerate(published["netherlands"]):
        of_class = rows & (use == level)
        assert abs((crying & of_class).sum() - share * of_class.sum()) <= 2.5 + 0.01 * share * of_class.sum()
    city = rows & in_amsterdam()
    assert abs((crying & city).sum() - published["amsterdam"][0] * city.sum()) <= 3


def test_conditions_begin_in_life_and_once() -> None:
    births, care = people().births, events().conditions
    assert (care.start >= births.birth_date[care.birth]).all()
    key = care.birth.astype(np.int64) * 8 + care.condition
    assert len(np.unique(key)) == len(key)
    assert set(care.condition.tolist()) == set(range(len(CONDITIONS)))
    year = births.birth_year[care.birth].astype(np.int64)
    for first, last in ((0, 2), (2, 4), (4, 6)):
        assert ((care.start >= january_first(year + first)) & (care.start < january_first(year + last))).any()
