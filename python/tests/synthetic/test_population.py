"""People and births: counts per year and region, exclusions, parents, ranks, origins."""

from __future__ import annotations

import copy
from dataclasses import fields

import numpy as np
import pytest
from people_world import FRACTION, people

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.synthetic import population, regions
from kansrijke_start.synthetic.population import FIRST_YEAR, FOREVER, LAST_YEAR, NOBODY, Role

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
LIVE = population.load_parameters()["population"]["births"]["live"]


def same(a: object, b: object) -> bool:
    """Whether two data classes of arrays hold the same values."""
    return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))  # type: ignore[arg-type]


def test_same_seed_same_people_other_seed_other_people() -> None:
    one = people()
    two = population.build(population.load_parameters(), FRACTION, 2024)
    assert same(one.persons, two.persons) and same(one.births, two.births)
    other = people(seed=7)
    assert not np.array_equal(one.births.birth_date[:1000], other.births.birth_date[:1000])


@pytest.mark.parametrize("seed", [2024, 7])
def test_births_per_year_are_the_real_ones(seed: int) -> None:
    births = people(seed).births
    for year in YEARS:
        mine = births.birth_year == year
        assert (mine & births.is_live).sum() == pytest.approx(LIVE[year] * FRACTION, abs=1)
        assert (mine & ~births.is_live).sum() == pytest.approx(LIVE[year] * FRACTION * 0.00262, abs=1.001)
        assert (population.year_of(births.birth_date[mine]) == year).all()


def test_regiobeeld_population_of_2018_and_2021() -> None:
    """After both exclusions: 170,144 in the country in 2021 (+6.0 % since 2018), 10,208 in Amsterdam (-1.2 %)."""
    pop = people(fraction=0.05)
    births = pop.births
    city = pop.regions.is_amsterdam[births.region]
    count = {year: births.in_regiobeeld & (births.birth_year == year) for year in (2018, 2021)}
    for year, country, amsterdam in ((2018, 160_513, 10_332), (2021, 170_144, 10_208)):
        assert count[year].sum() == pytest.approx(country * 0.05, abs=12)
        assert (count[year] & city).sum() == pytest.approx(amsterdam * 0.05, abs=10)


def test_boroughs_have_their_published_size_in_2021() -> None:
    pop = people(fraction=0.05)
    births = pop.births
    mine = births.in_regiobeeld & (births.birth_year == 2021)
    counts = np.bincount(pop.regions.borough[births.region[mine]], minlength=9)[1:]
    published = dict(zip("AEFKMNT", (705, 1935, 1975, 1620, 1740, 1320, 920), strict=True))
    for code, count in zip(pop.regions.borough_codes, counts, strict=True):
        if code in published:
            assert count == pytest.approx(published[code] * 0.05, abs=6)
        else:
            assert count <= 2


def test_municipalities_follow_the_births_of_2015() -> None:
    pop = people(fraction=0.05)
    births = pop.births
    cells = pop.regions.cell[births.region[births.is_live & (births.birth_year == 2019)]]
    counts = np.bincount(cells, minlength=pop.regions.n_cells)
    parameters = population.load_parameters()
    out = parameters["population"]["exclusions"]
    kept = (1 - out["no_legal_parent_share"]) * (1 - out["not_registered_share"][2019])
    expected = regions.expected_live_births(pop.regions, parameters, 2019, kept, LIVE[2019]) * 0.05
    assert (np.abs(counts - expected) < 1 + 1e-6).all()


def test_shares_of_exclusions() -> None:
    births = people(fraction=0.05).births
    live = births.is_live
    assert (~births.has_legal_parent & live).sum() / live.sum() == pytest.approx(0.015, abs=0.0005)
    no_parent = ~births.has_legal_parent
    assert (~births.in_kindoudertab & no_parent).sum() / no_parent.sum() == pytest.approx(0.5, abs=0.02)
    assert births.in_kindoudertab[~no_parent].all()
    linked = births.has_legal_parent & live
    assert (~births.is_registered_on_reference_date & linked).sum() / linked.sum() == pytest.approx(0.0358, abs=0.002)
    assert (births.other_parent < 0)[linked].mean() == pytest.approx(0.0359, abs=0.002)
    assert births.zvw_missing[linked].mean() == pytest.approx(0.025, abs=0.003)
    one = births.mother_registered ^ births.other_parent_registered
    assert 0.01 < (one & (births.other_parent >= 0))[linked].mean() < 0.05


def test_unknown_other_parent_is_commoner_in_amsterdam() -> None:
    pop = people(fraction=0.05)
    births = pop.births
    mine = births.in_regiobeeld & pop.regions.is_amsterdam[births.region]
    assert (births.other_parent < 0)[mine].mean() == pytest.approx(0.06, abs=0.006)


def test_second_mothers_occur() -> None:
    persons = people(fraction=0.05).persons
    first, stop = people(fraction=0.05).block[Role.OTHER_PARENT]
    share = (persons.sex[first:stop] == 2).mean()
    assert 0.002 < share < 0.006


@pytest.mark.parametrize("role", ["mothers", "other_parents"])
def test_ages_follow_the_published_distribution(role: str) -> None:
    births = people(fraction=0.05).births
    age = births.mother_age if role == "mothers" else births.other_parent_age
    age = age[age >= 0]
    classes = population.load_parameters()["population"][role]["age_country"]
    total = sum(classes.values())
    for label, weight in classes.items():
        first, last = (int(part) for part in label.split("-"))
        share = ((age >= first) & (age <= last)).mean()
        assert share == pytest.approx(weight / total, abs=0.003 if role == "mothers" else 0.02)


def test_ages_of_parents_in_amsterdam() -> None:
    """Median 32 and first quartile 29 on 31 December before birth; 6 % of children have a parent under 25."""
    pop = people(fraction=0.1)
    births, persons = pop.births, pop.persons
    mine = (
        births.in_regiobeeld
        & pop.regions.is_amsterdam[births.region]
        & (births.birth_year >= 2018)
        & (births.birth_year <= 2021)
    )
    reference = population.reference_date(births.birth_year)
    ages, young = [], np.zeros(len(births), dtype=bool)
    for parent in (births.mother, births.other_parent):
        known = mine & (parent >= 0)
        age = population.completed_years(persons.birth_date[parent[known]], reference[known])
        ages.append(age)
        young[known] |= age < 25
    assert np.quantile(np.concatenate(ages), [0.25, 0.5], method="inverted_cdf").tolist() == [29, 32]
    assert young[mine].mean() == pytest.approx(0.06, abs=0.011)


def test_origin_classes_of_pairs_in_amsterdam() -> None:
    pop = people(fraction=0.1)
    births = pop.births
    mine = (
        births.in_regiobeeld
        & pop.regions.is_amsterdam[births.region]
        & (births.birth_year >= 2018)
        & (births.birth_year <= 2021)
    )
    share = np.bincount(births.origin_class[mine], minlength=3) / mine.sum()
    assert share == pytest.approx([0.26, 0.20, 0.54], abs=0.02)


def test_origin_groups_of_mothers() -> None:
    pop = people(fraction=0.1)
    mother = pop.births.mother[pop.births.mother >= 0]
    group = pop.countries.origin_group[pop.persons.origin_country[mother]]
    share = np.bincount(group, minlength=10) / len(group)
    published = np.array([799687, 104275, 42197, 51013, 29938, 16536, 17739, 38081, 68914, 22589])
    assert share == pytest.approx(published / published.sum(), abs=0.006)


@pytest.mark.parametrize(
    ("mother", "other", "expected"),
    [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 2), (2, 0, 2), (1, 1, 1), (1, 2, 2), (3, 0, 0), (1, 3, 1), (3, 3, 1)],
)
def test_class_of_a_pair(mother: int, other: int, expected: int) -> None:
    assert population.pair_class(np.array([mother]), np.array([other]))[0] == expected


def test_every_referenced_person_exists() -> None:
    pop = people()
    persons, births = pop.persons, pop.births
    n = len(persons)
    block = pop.block
    for index in (births.mother, births.other_parent, persons.mother, persons.father):
        assert index.min() >= NOBODY and index.max() < n
    assert (births.mother < pop.n_mothers).all()
    others = births.other_parent[births.other_parent >= 0]
    assert set(np.unique(persons.role[others])) == {Role.OTHER_PARENT}
    assert set(np.unique(births.mother[births.mother >= 0])) == set(range(pop.n_mothers))
    assert set(np.unique(others)) == set(range(*block[Role.OTHER_PARENT]))
    live = births.is_live
    assert np.array_equal(births.child[live], np.arange(*block[Role.CHILD]))
    assert sorted(-1 - births.child[~live]) == list(range(pop.n_stillborn))
    assert np.array_equal(persons.mother[births.child[live]], births.mother[live])
    assert np.array_equal(persons.father[births.child[live]], births.other_parent[live])
    older = slice(*block[Role.OLDER_CHILD])
    assert (persons.mother[older] >= 0).all()
    mothers = slice(*block[Role.MOTHER])
    grand = persons.mother[mothers]
    assert (persons.role[grand[grand >= 0]] == Role.GRANDPARENT).all()
    assert (persons.sex[grand[grand >= 0]] == 2).all() and (persons.sex[mothers] == 2).all()


def test_parents_are_old_enough() -> None:
    persons = people().persons
    for parent in (persons.mother, persons.father):
        known = np.flatnonzero(parent >= 0)
        age = population.completed_years(persons.birth_date[parent[known]], persons.birth_date[known])
        assert age.min() >= 15 and age.max() < 66


def test_births_of_a_mother_are_ten_months_apart_and_ranks_count_on() -> None:
    pop = people()
    births, persons = pop.births, pop.persons
    mother = np.concatenate([births.mother, persons.mother[slice(*pop.block[Role.OLDER_CHILD])]])
    day = np.concatenate([births.birth_date, persons.birth_date[slice(*pop.block[Role.OLDER_CHILD])]])
    older = np.arange(len(mother)) >= len(births)
    live = np.concatenate([births.is_live, np.ones(older.sum(), dtype=bool)])
    rank = np.concatenate([births.birth_rank, np.zeros(older.sum(), dtype=np.int8)])
    order = np.lexsort((rank, day, mother))
    order = order[mother[order] >= 0]
    mother, day, live, rank, older = mother[order], day[order], live[order], rank[order], older[order]
    again = mother[1:] == mother[:-1]
    gap = np.diff(day)[again]
    assert ((gap <= 1) | (gap >= 300)).all()
    born = np.cumsum(live)
    first = np.append(True, ~again)
    before = born - live - np.repeat((born - live)[first], np.diff(np.append(np.flatnonzero(first), len(first))))
    assert np.array_equal(rank[~older], (before + 1)[~older])


def test_twins_share_event_mother_and_day() -> None:
    births = people(fraction=0.05).births
    event, counts = np.unique(births.event, return_counts=True)
    assert np.array_equal(event, np.arange(len(event))) and counts.max() == 2
    assert (counts == 2).mean() == pytest.approx(0.015, abs=0.003)
    second = np.flatnonzero(births.event[1:] == births.event[:-1]) + 1
    assert births.is_multiple[second].all() and births.is_multiple.sum() == 2 * len(second)
    assert (births.mother[second] == births.mother[second - 1]).all()
    assert (births.birth_rank[second] == births.birth_rank[second - 1] + 1)[births.mother[second] >= 0].all()
    gap = births.birth_date[second] - births.birth_date[second - 1]
    assert set(np.unique(gap)) == {0, 1}


def test_registration_of_parents() -> None:
    pop = people()
    births, persons = pop.births, pop.persons
    reference = population.reference_date(births.birth_year)
    for parent, flag in (
        (births.mother, births.mother_registered),
        (births.other_parent, births.other_parent_registered),
    ):
        known = parent >= 0
        assert not flag[~known].any()
        here = persons.registered_from[parent[known]] <= reference[known]
        away = (persons.absent_from[parent[known]] <= reference[known]) & (
            reference[known] < persons.absent_until[parent[known]]
        )
        assert np.array_equal(flag[known], here & ~away)
        # Everyone is here on the day of birth.
        assert (persons.registered_from[parent[known]] < births.birth_date[known]).all()
    assert (persons.registered_from >= persons.birth_date).all()
    assert ((persons.absent_from == FOREVER) == (persons.absent_until == FOREVER)).all()


def test_origin_of_children_follows_their_parents() -> None:
    pop = people()
    persons, home = pop.persons, pop.countries.netherlands
    children = np.arange(*pop.block[Role.CHILD])
    assert (persons.birth_country[children] == home).all()
    mother_abroad = persons.mother_birth_country[children] != home
    with_mother = children[(persons.mother[children] >= 0) & mother_abroad]
    assert np.array_equal(persons.origin_country[with_mother], persons.mother_birth_country[with_mother])
    assert (persons.generation[with_mother] == 2).all()
    dutch = children[
        (persons.mother_birth_country[children] == home) & (persons.father_birth_country[children] == home)
    ]
    assert (persons.generation[dutch] == 0).all() and (persons.origin_country[dutch] == home).all()


def test_stillborn_children_have_a_gestation_and_a_mother() -> None:
    births = people(fraction=0.05).births
    still = ~births.is_live
    assert (births.mother[still] >= 0).all()
    weeks = births.gestation_weeks[still]
    assert set(np.unique(weeks)) <= {99, *range(22, 42)}
    assert (births.gestation_weeks[~still] == 0).all()


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.5])
def test_a_fraction_outside_0_1_is_refused(fraction: float) -> None:
    with pytest.raises(KansrijkeStartError, match="fraction"):
        population.build(population.load_parameters(), fraction, 1)


def test_a_country_that_is_not_in_the_seed_is_refused() -> None:
    parameters = copy.deepcopy(population.load_parameters())
    parameters["population"]["origin"]["categories"]["turkije"]["countries"] = {"1234": 1}
    with pytest.raises(KansrijkeStartError, match="country 1234"):
        population.build(parameters, 0.002, 1)


def test_a_country_of_another_class_is_refused() -> None:
    parameters = copy.deepcopy(population.load_parameters())
    parameters["population"]["origin"]["categories"]["turkije"]["countries"] = {"6043": 1, "6029": 1}
    with pytest.raises(KansrijkeStartError, match="differ in class or group"):
        population.build(parameters, 0.002, 1)


def test_a_tiny_fraction_works() -> None:
    pop = people(fraction=0.0005)
    assert pop.births.is_live.sum() == pytest.approx(sum(LIVE.values()) * 0.0005, abs=8)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1990-03-01", "2020-02-29", 29),
        ("1990-03-01", "2020-03-01", 30),
        ("2000-02-29", "2019-02-28", 18),
        ("2000-02-29", "2019-03-01", 19),
        ("1985-12-31", "2017-12-31", 32),
        ("1986-01-01", "2017-12-31", 31),
    ],
)
def test_age_in_completed_years(born: str, day: str, age: int) -> None:
    days = [np.array([np.datetime64(d)]).astype("datetime64[D]").astype(np.int64) for d in (born, day)]
    assert population.completed_years(days[0], days[1])[0] == age


def test_municipal_mergers_and_divisions() -> None:
    table = people().regions
    column = {year: year - regions.FIRST_CODE_YEAR for year in regions.CODE_YEARS}

    def codes(old: str, year: int) -> set[str]:
        return set(table.municipality[table.municipality[:, 0] == old, column[year]].tolist())

    assert codes("0381", 2015) == {"0381"} and codes("0381", 2016) == {"1942"}
    assert codes("0140", 2017) == {"0140"} and codes("0140", 2018) == {"0080", "1900", "1949"}
    assert codes("0788", 2020) == {"0788"} and codes("0788", 2021) == {"0757", "0824", "0855", "0865"}
    assert codes("0457", 2022) == {"0457"} and codes("0457", 2023) == {"0363"}
    weesp = table.municipality[:, 0] == "0457"
    assert not table.is_amsterdam[weesp].any() and (table.borough[weesp] == 0).all()
    for year, number in ((2015, 393), (2021, 352), (2023, 342)):
        assert len(set(table.municipality[:, column[year]])) == number


def test_region_codes_are_nested_and_unique() -> None:
    table = people().regions
    for column in range(table.municipality.shape[1]):
        wc, bc, gem = table.district[:, column], table.neighbourhood[:, column], table.municipality[:, column]
        assert all(w.startswith(g) and len(w) == 6 for w, g in zip(wc, gem, strict=True))
        assert all(b.startswith(w) and len(b) == 8 for b, w in zip(bc, wc, strict=True))
        assert len(set(bc)) == len(bc)
    city = table.is_amsterdam
    assert len(set(table.district[city, 6])) == 99 and len(set(table.neighbourhood[city, 6])) == 481
    # The codes were renewed in 2022 (placeholders).
    assert (table.neighbourhood[city, 6] != table.neighbourhood[city, 7]).mean() > 0.5


def test_weights_of_a_cell_add_up_and_rows_are_drawn_from_it() -> None:
    table = people().regions
    assert np.bincount(table.cell, weights=table.weight) == pytest.approx(np.ones(table.n_cells))
    cell = np.repeat(np.arange(table.n_cells), 3)
    for u in (0.0, 0.5, 1 - 2.0**-53):
        assert np.array_equal(table.cell[table.draw_row(cell, np.full(len(cell), u))], cell)


def test_a_division_without_shares_is_refused() -> None:
    parameters = copy.deepcopy(population.load_parameters())
    del parameters["regions"]["elsewhere"]["split_shares"]["GM0140"]
    with pytest.raises(KansrijkeStartError, match="split_shares needs GM0140"):
        regions.build(parameters)
