"""The health monitor has the study's respondents and the answers of their latent classes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from income_care_world import numbers, register, world

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import health_monitor, truth

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")


@pytest.fixture(scope="module")
def respondents() -> health_monitor.Respondents:
    return health_monitor.select(world())


def test_respondents_of_the_study_gave_birth_in_the_two_years_after(respondents: health_monitor.Respondents) -> None:
    units = world().circumstances.units
    soon = np.unique(units.mother[np.isin(units.birth_year, (2017, 2018))])
    women = respondents.person[respondents.is_of_study]
    assert np.isin(women, soon).all()
    assert len(np.unique(respondents.person)) == len(respondents.person)
    # A world of this size has fewer than the study; the rest are other adults, as many.
    assert 0.25 * len(soon) < len(women) < 0.30 * len(soon) + 1
    assert (~respondents.is_of_study).sum() == len(women)


def test_the_number_of_respondents_does_not_grow_beyond_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    rules = here.parameters["health_monitor"]["respondents"]
    monkeypatch.setitem(here.parameters.entries["health_monitor.respondents"].value, "number", 600)
    try:
        assert health_monitor.select(here).is_of_study.sum() == 600
    finally:
        monkeypatch.undo()
    assert rules["number"] == 4172


def test_classes_and_origins_have_the_size_of_the_study(respondents: health_monitor.Respondents) -> None:
    here = world()
    settings = here.parameters["health_monitor"]
    women = respondents.is_of_study
    shares = np.bincount(respondents.latent_class[women], minlength=5) / women.sum()
    assert shares == pytest.approx(np.array(settings["class_sizes"]), abs=0.001)
    elsewhere = here.population.persons.origin_country != here.population.countries.netherlands
    assert elsewhere[respondents.person[women]].mean() == pytest.approx(0.18, abs=0.02)
    low = here.circumstances.education[respondents.person[women]] == 1
    assert low.mean() == pytest.approx(0.08, abs=0.02)


def test_the_class_of_a_respondent_is_that_of_her_birth(respondents: health_monitor.Respondents) -> None:
    units = world().circumstances.units
    rows = np.flatnonzero(np.isin(units.birth_year, (2017, 2018)))
    first = dict(zip(units.mother[rows][::-1].tolist(), units.latent_class[rows][::-1].tolist(), strict=True))
    women = np.flatnonzero(respondents.is_of_study)
    found = [first[person] for person in respondents.person[women].tolist()]
    assert respondents.latent_class[women].tolist() == found


def test_answers_have_the_profile_of_the_class(respondents: health_monitor.Respondents) -> None:
    settings = world().parameters["health_monitor"]
    table = register("GEMON")
    assert table["rinpersoon"].to_list() == numbers(respondents.person, world().population)
    layout = load_catalogue().registers["gemon"]
    assert set(table.columns) == {column.name for column in layout.columns} | {"file_year"}
    assert table["file_year"].unique().to_list() == [2016]
    for name in [*settings["items"], "regie_3cat"]:
        codes = {int(code) for code in layout.column(name).codes}
        assert set(table[name].drop_nulls().unique()) == codes
        assert table[name].null_count() / len(table) == pytest.approx(0.03, abs=0.01)
    for name, shares in settings["items"].items():
        unfavourable = (table[name] == 1).to_numpy().astype(float)
        for number in (0, 3, 4):
            rows = (respondents.latent_class == number) & table[name].is_not_null().to_numpy()
            error = 4 * np.sqrt(0.25 / rows.sum())
            assert np.nanmean(unfavourable[rows]) == pytest.approx(shares[number], abs=error), (name, number)


def test_the_truth_names_every_respondent(respondents: health_monitor.Respondents) -> None:
    true = truth.respondents(world())
    assert true.height == len(respondents.person)
    assert true["rinpersoon"].to_list() == register("GEMON")["rinpersoon"].to_list()
    assert true.filter(pl.col("is_of_study")).height == int(respondents.is_of_study.sum())
