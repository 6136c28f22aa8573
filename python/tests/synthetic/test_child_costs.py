"""Costs of the children: means by life year and class, who has a record, and what raises the costs."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from income_care_world import parameters, world

from kansrijke_start.synthetic import child_costs
from kansrijke_start.synthetic.birth_outcomes import share_in_class, shares_of_classes
from kansrijke_start.synthetic.child_costs import ChildCosts, headings, price_level
from kansrijke_start.synthetic.population import FOREVER, january_first, year_of

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")


@functools.cache
def made() -> ChildCosts:
    return ChildCosts(world())


@functools.cache
def costs(year: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return made().of_year(year)


def test_headings_have_the_published_means_and_close_the_total() -> None:
    settings = parameters()["children.costs"]
    found = headings(settings, 9)
    for name in ("general_practitioner", "hospital", "dental"):
        for life_year, euro in settings[name]["euro"].items():
            assert found[name].euro[life_year].tolist() == pytest.approx(euro), name
    assert found["dental"].use[6].tolist() == pytest.approx([0.81, 0.89])
    # A straight line between the life years that are given; nothing changes after the last one.
    assert found["hospital"].euro[2].tolist() == pytest.approx([1484, 966])
    assert found["hospital"].euro[8].tolist() == found["hospital"].euro[6].tolist()
    total = sum(heading.euro[:6].sum(axis=0) for heading in found.values())
    assert np.asarray(total).tolist() == pytest.approx(settings["six_years"])
    # The two numbers that are solved.
    birth, after = found["hospital"].euro[:2]
    assert birth[0] / birth[1] == pytest.approx(after[0] / after[1])
    relative = {round(float(found[name].euro[3, 0] / found[name].euro[3, 1]), 9) for name in settings["other_headings"]}
    assert len(relative) == 1
    assert min(heading.euro.min() for heading in found.values()) >= 0
    assert max(heading.use.max() for heading in found.values()) <= 1


def test_prices_follow_the_deflator_and_an_assumption_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert price_level(2023, 0.05) == 1.0
    assert price_level(2017, 0.05) < price_level(2018, 0.05) < 1.0
    monkeypatch.setattr(child_costs, "_deflators", lambda: {2022: 100.0, 2023: 110.0})
    assert price_level(2022, 0.05) == pytest.approx(100 / 110)
    assert price_level(2024, 0.05) == pytest.approx(1.05)
    assert price_level(2025, 0.05) == pytest.approx(1.05**2)


def test_children_have_records_while_they_are_here() -> None:
    maker = made()
    ever = {year: set(maker.child[maker.present(year)].tolist()) for year in range(2016, 2025)}
    died, born = year_of(maker.death), maker.birth_year
    dead = np.flatnonzero(maker.death < int(january_first(2025)))
    assert len(dead) > 20
    for year, who in ever.items():
        assert not who & set(maker.child[dead[died[dead] < year]].tolist())
    # A year in which a child died counts.
    in_first_year = dead[died[dead] == born[dead]]
    assert sum(int(maker.child[row]) in ever[int(born[row])] for row in in_first_year.tolist()) > 0.9 * len(
        in_first_year
    )
    assert not any(set(maker.child[born > year].tolist()) & ever[year] for year in ever)
    gone = np.flatnonzero((maker.away < int(january_first(2022))) & (maker.back == FOREVER))
    assert len(gone) > 5
    assert not set(maker.child[gone].tolist()) & (ever[2022] | ever[2023])
    assert set(maker.child[gone].tolist()) & ever[2018]
    back = np.flatnonzero((year_of(maker.away) < 2020) & (year_of(maker.back) == 2021))
    assert not set(maker.child[back].tolist()) & ever[2020]
    assert set(maker.child[back].tolist()) & ever[2022]
    # Absent records: of few children always, of few in a year.
    share = len(ever[2023]) / int((maker.birth_year <= 2023).sum())
    assert 0.95 < share < 0.99


@pytest.mark.parametrize("name", ["zvwkhuisarts", "zvwkmondzorg", "zvwkfarmacie"])
def test_means_of_the_class_and_of_the_others_are_those_that_show_as_published(name: str) -> None:
    maker, year = made(), 2023
    child, amounts = costs(year)
    row = np.searchsorted(maker.child, child)
    born = maker.birth_year[row] - maker.first_year
    heading = maker.headings[{"zvwkhuisarts": "general_practitioner", "zvwkmondzorg": "dental"}.get(name, name)]
    life_years = year - maker.first_year - np.arange(born.max() + 1)
    share = share_in_class(born, maker.vulnerable[row])
    target = shares_of_classes(maker.world, heading.euro[life_years], share)
    for column, rows in enumerate((maker.vulnerable[row], ~maker.vulnerable[row])):
        expected = target[born[rows], column].mean()
        values = amounts[name][rows]
        error = values.std() / np.sqrt(rows.sum())
        assert values.mean() == pytest.approx(expected, abs=3.5 * error)


def test_complications_raise_the_costs_most_in_the_year_of_birth() -> None:
    maker = made()

    def ratio(life_year: int, has: np.ndarray) -> float:
        with_it, without = [], []
        for year in (2018, 2019):
            child, amounts = costs(year)
            row = np.searchsorted(maker.child, child)
            here = maker.birth_year[row] == year - life_year
            with_it.append(amounts["zvwkziekenhuis"][here & has[row]])
            without.append(amounts["zvwkziekenhuis"][here & ~has[row]])
        return float(np.concatenate(with_it).mean() / np.concatenate(without).mean())

    outcomes = world().birth_outcomes
    assert ratio(0, outcomes.is_preterm[maker.rows]) > 2.5
    assert ratio(0, outcomes.is_preterm[maker.rows]) > ratio(1, outcomes.is_preterm[maker.rows]) > 1.0
    assert ratio(1, outcomes.has_anomaly[maker.rows]) > 2.0


def test_brothers_and_sisters_resemble_each_other() -> None:
    maker = made()
    mother = maker.world.population.births.mother[maker.rows]
    order = np.argsort(mother, kind="stable")
    pairs = np.flatnonzero((mother[order][1:] == mother[order][:-1]) & (mother[order][1:] >= 0))
    score = np.log(maker.frailty)[order]
    assert np.corrcoef(score[pairs], score[pairs + 1])[0, 1] == pytest.approx(0.3, abs=0.05)
    assert maker.frailty.mean() == pytest.approx(1.0, abs=0.02)


def test_registration_is_paid_by_quarter_in_the_year_of_birth() -> None:
    maker, year = made(), 2020
    child, amounts = costs(year)
    row = np.searchsorted(maker.child, child)
    fee = amounts["nopzvwkhuisartsinschrijf"]
    newborn = maker.birth_year[row] == year
    days = int(january_first(year + 1)) - maker.birth_date[row]
    whole = fee[~newborn].min()
    assert (fee[newborn & (days <= 91)] * 4 <= fee[~newborn].max() + 3).all() and fee.min() > 0
    assert (fee[newborn & (days > 273)] >= whole).all()
    assert (amounts["zvwkhuisarts"] >= fee).all()
    assert ((amounts["zvwkhuisarts"] - fee)[~newborn] > 0).mean() > 0.9
