"""The hospital registers: their shape, and that the definitions applied to them find what happened around birth."""

from __future__ import annotations

import functools

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from income_care_world import FRACTION, SEED, parameters, register, world

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import registers_hospital, truth
from kansrijke_start.synthetic.birth_events import CONDITIONS
from kansrijke_start.synthetic.registers_hospital import REGISTERS, code_list

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")

LINK = ["rinpersoon", "vektmszkoppelidprestza", "vektmszbeginjaarprest"]
NO_DIAGNOSIS = "9" * 15


@functools.cache
def products() -> pl.DataFrame:
    return register("MSZPRESTATIESVEKTTAB").with_columns(
        start=pl.col("vektmszbegindatumprest").str.to_date("%Y%m%d"),
        specialism=pl.col("vektmszspecialismediagnosecombinatie").str.slice(0, 4),
        diagnosis=pl.col("vektmszspecialismediagnosecombinatie").str.slice(11, 4),
    )


@functools.cache
def activities() -> pl.DataFrame:
    return register("MSZZORGACTIVITEITENVEKTTAB").with_columns(
        date=pl.col("vektmszzorgactiviteitdatum").str.to_date("%Y%m%d"), code=pl.col("vektmszzorgactiviteit")
    )


@functools.cache
def births() -> pl.DataFrame:
    """Live births with the truth, the day of birth, the mother and the first day of the delivery."""
    here = world()
    data, population = here.population.births, here.population
    rows = np.flatnonzero(here.circumstances.unit_of_event[data.event] >= 0)
    numbers = registers_hospital.RinText(population)
    frame = truth.births(here).with_columns(
        mother=pl.from_arrow(numbers.person(data.mother[rows])),
        birth_date=pl.Series(data.birth_date[rows]).cast(pl.Date),
        delivery_date=pl.Series(population.event_date[data.event[rows]]).cast(pl.Date),
    )
    return frame.filter("is_live")


@pytest.mark.parametrize("component", sorted(REGISTERS))
def test_values_are_within_the_catalogue(component: str) -> None:
    layout = load_catalogue().registers[component.lower()]
    table = register(component)
    columns = {column.name: column for column in layout.columns_expanded()}
    assert set(table.columns) - {"file_year"} <= set(columns)
    assert {name for name, column in columns.items() if not column.optional} <= set(table.columns)
    assert table["file_year"].unique().sort().to_list() == list(layout.file_years)
    for name in set(table.columns) - {"file_year"}:
        column, values = columns[name], table[name]
        assert values.null_count() == 0
        special = [*column.missing, *column.meaningful_missing]
        assert values.cast(pl.String).is_in(special).mean() <= column.tolerance.missing, name
        if values.dtype != pl.String:
            assert (values < 0).mean() <= column.tolerance.negative / 2, name
            continue
        plain = values.filter(~values.is_in(special))
        if column.exact_width is not None:
            assert (plain.str.len_chars() == column.exact_width).all(), name
        if column.codes:
            assert set(plain.unique()) <= set(column.codes), name
        if column.value_pattern is not None:
            assert plain.str.contains(f"^(?:{column.value_pattern})$").all(), name


def test_a_link_is_unique_with_person_and_begin_year_only() -> None:
    table = products()
    assert not table.select(LINK).is_duplicated().any()
    # The same number recurs with other persons and with the same person in other years.
    assert table.select(LINK[1:]).is_duplicated().mean() > 0.1
    assert table.select(LINK[:2]).is_duplicated().mean() > 0.05
    assert (table["vektmszbeginjaarprest"].cast(pl.Int64) == table["start"].dt.year()).all()
    assert (table["vektmszbeginjaarprest"].cast(pl.Int64) == table["file_year"]).all()
    assert (table["vektmszeinddatumprest"] >= table["vektmszbegindatumprest"]).all()


def test_dbc_products_have_a_care_product_and_their_own_claim_codes() -> None:
    table = products()
    is_dbc = table["vektmszdeclaratiecode"].str.slice(0, 2).is_in(["14", "15", "16", "17"])
    assert ((table["vektmszdbczorgproduct"] != "") == is_dbc).all()
    assert (table.filter(~is_dbc)["vektmszspecialismediagnosecombinatie"] == NO_DIAGNOSIS).all()
    assert 0.03 < (~is_dbc).mean() < 0.15
    assert {"0307", "0316", "9999"} <= set(table["vektmszbehandelendspecialisme"])
    assert {"1", "2", "3", "9"} == set(table["vektmszsettingzpk"])


def test_codes_that_are_made_up_stand_on_no_list() -> None:
    codes = parameters()["perinatal.hospital_care.codes"]
    listed = {
        code
        for group in ("regiobeeld", "rivm_base", "rivm_alternative")
        for code in code_list("hospital_stay_products", group)
    }
    assert not {code for group in codes["product"].values() for code in group} & listed
    diagnoses = {
        code for name in (*CONDITIONS, "preterm_under_26", "preterm_26_32") for code in code_list("diagnoses", name)
    }
    assert not {code for group in codes["diagnosis"].values() for code in group} & diagnoses
    nights = {code for name in ("nicu_day", "picu_day", "overnight") for code in code_list("care_activities", name)}
    assert not set(codes["activity"].values()) & nights
    night_codes = parameters()["perinatal.hospital_care.night_codes"]
    assert {code for group in night_codes.values() for code in group} <= nights


def test_a_few_activities_have_no_product_and_some_are_corrected() -> None:
    lost = activities().join(products(), on=LINK, how="anti")
    assert 0.002 < len(lost) / len(activities()) < 0.01
    assert 0 < (activities()["vektmszaantalza"] < 0).mean() <= 0.005
    # Every correction takes back a line of the same day.
    net = activities().group_by(*LINK, "code", "date").agg(pl.col("vektmszaantalza").sum())
    assert (net["vektmszaantalza"] >= 0).all() and (net["vektmszaantalza"] == 0).any()


def test_products_that_begin_in_december_have_activities_in_january() -> None:
    both = activities().join(products().select(*LINK, "start"), on=LINK)
    assert ((both["date"].dt.year() > both["start"].dt.year()) & (both["start"].dt.month() == 12)).any()
    assert (both["file_year"] == both["start"].dt.year()).all()


def test_nothing_happens_before_birth_or_after_death() -> None:
    here = world()
    numbers = registers_hospital.RinText(here.population)
    everyone = np.arange(len(here.population.persons))
    lives = pl.DataFrame(
        {
            "rinpersoon": pl.from_arrow(numbers.person(everyone)),
            "born": here.population.persons.birth_date.astype(np.int64),
            "died": here.lives.death_date.astype(np.int64),
        }
    )
    for table, column in ((products(), "start"), (activities(), "date")):
        both = table.join(lives, on="rinpersoon", how="left")
        day = both[column].cast(pl.Int32).cast(pl.Int64)
        assert both["born"].null_count() == 0
        assert ((day >= both["born"]) & (day <= both["died"])).all()


def days_of(group: str) -> pl.DataFrame:
    """Days on which a person has activities of a group, net of corrections."""
    return (
        activities()
        .filter(pl.col("code").is_in(code_list("care_activities", group)))
        .group_by("rinpersoon", "date")
        .agg(pl.col("vektmszaantalza").sum())
        .filter(pl.col("vektmszaantalza") > 0)
        .select("rinpersoon", "date")
    )


@pytest.mark.parametrize("name", ["nicu", "picu"])
def test_intensive_care_in_the_year_of_birth_agrees_with_the_truth(name: str) -> None:
    days = births().join(days_of(f"{name}_day"), on="rinpersoon")
    days = days.filter(pl.col("date").dt.year() == pl.col("birth_year").cast(pl.Int32)).sort("rinpersoon", "date")
    new = (pl.col("date").diff().dt.total_days().over("rinpersoon") != 1).fill_null(True)
    found = days.group_by("rinpersoon").agg(new.sum().alias("found"))
    both = births().join(found, on="rinpersoon", how="left").with_columns(pl.col("found").fill_null(0))
    assert (both["found"] == both[f"{name}_admissions"]).all()
    assert (both["found"] > 0).any() and (both["found"] > 1).any()
    # Days that were taken back, and days in later years, are no admissions.
    everything = activities().filter(pl.col("code").is_in(code_list("care_activities", f"{name}_day")))
    assert everything["rinpersoon"].n_unique() > (both["found"] > 0).sum()


def test_preterm_birth_agrees_with_the_truth() -> None:
    for name in ("preterm_under_26", "preterm_26_32"):
        codes = code_list("diagnoses", name)
        found = (
            births()
            .join(products().filter(pl.col("diagnosis").is_in(codes), pl.col("specialism") == "0316"), on="rinpersoon")
            .filter(pl.col("start").dt.year() == pl.col("birth_year").cast(pl.Int32))["rinpersoon"]
        )
        seen = births()["rinpersoon"].is_in(found.unique().implode())
        true = births()[f"is_{name}"]
        if name == "preterm_26_32":
            # Some children born before 26 weeks have this diagnosis too.
            seen &= ~births()["is_preterm_under_26"]
        assert (seen == true).all() and true.any()


def test_hospital_stay_agrees_with_the_truth() -> None:
    night = code_list("care_activities", "overnight")
    listed = products().filter(pl.col("vektmszdbczorgproduct").is_in(code_list("hospital_stay_products", "regiobeeld")))
    nights = (
        activities()
        .filter(pl.col("code").is_in(night))
        .join(listed.select(LINK), on=LINK)
        .group_by(*LINK, "date")
        .agg(pl.col("vektmszaantalza").sum())
        .filter(pl.col("vektmszaantalza") > 0)
    )
    stays = [
        births()
        .join(nights, left_on=who, right_on="rinpersoon")
        .filter((pl.col("date") - pl.col("delivery_date")).dt.total_days().is_between(0, 7))["delivery"]
        for who in ("mother", "rinpersoon")
    ]
    seen = births()["delivery"].is_in(pl.concat(stays).unique().implode())
    assert (seen == births()["has_hospital_stay"]).all()
    assert 0.1 < seen.mean() < 0.25
    # Listed products alone would find more, nights alone far more.
    of_mothers = births()["mother"].is_in(listed["rinpersoon"].unique().implode())
    any_night = births().join(days_of("overnight"), left_on="mother", right_on="rinpersoon")
    inside = any_night.filter((pl.col("date") - pl.col("delivery_date")).dt.total_days().is_between(0, 7))
    assert (of_mothers & ~births()["has_hospital_stay"]).mean() > 0.02
    assert inside.filter(~pl.col("has_hospital_stay"))["delivery"].n_unique() > 0.2 * births()["delivery"].n_unique()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_psychosocial_care_agrees_with_the_truth(condition: str) -> None:
    codes = code_list("diagnoses", condition)
    of_paediatrics = pl.col("specialism") == "0316"
    care = products().filter(pl.col("diagnosis").is_in(codes))
    first = care.filter(of_paediatrics).group_by("rinpersoon").agg(pl.col("start").min())
    both = births().join(first, on="rinpersoon", how="left")
    last = pl.date(2023, 12, 31)
    true = pl.when(pl.col(f"{condition}_from") <= last).then(pl.col(f"{condition}_from"))
    assert both.select(pl.col("start").eq_missing(true).all()).item()
    assert both["start"].null_count() < len(both)
    assert not care.filter(~of_paediatrics).is_empty() or len(codes) == 1


def test_every_night_lies_on_a_day_of_its_own_in_intensive_care() -> None:
    """No nursing day on a day of neonatal or paediatric intensive care, for children in the product of their stay."""
    nursing = days_of("overnight").join(
        activities().filter(pl.col("code").is_in(["190200", "190204", "190205"])), on=["rinpersoon", "date"]
    )
    intensive = activities().filter(pl.col("code").is_in(["190150", "190151"]), pl.col("vektmszaantalza") > 0)
    both = intensive.join(nursing, on=["rinpersoon", "date"])
    # Other care of the same child on such a day is left.
    assert len(both) <= 0.01 * len(intensive)


@pytest.mark.parametrize("component", sorted(REGISTERS))
def test_rows_do_not_depend_on_the_slices(component: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers_hospital, "SLICE", 777)
    sliced = [
        (year, pl.DataFrame(pl.from_arrow(table)).with_columns(pl.selectors.categorical().cast(pl.String)))
        for year, table in REGISTERS[component](world())
    ]
    whole = register(component)
    assert len(sliced) > 8
    for year in (2016, 2020):
        rows = pl.concat([table for of_year, table in sliced if of_year == year])
        assert rows.equals(whole.filter(file_year=year).drop("file_year").select(rows.columns))


def test_the_plan_is_the_same_for_the_same_world() -> None:
    again = registers_hospital.plan_of(world())
    for name, value in vars(world().hospital).items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, getattr(again, name)), name
        else:
            assert value == getattr(again, name)


def test_registers_are_written_even_when_they_are_empty() -> None:
    tables = {name: [table for _, table in make(world(fraction=0.0005, seed=SEED))] for name, make in REGISTERS.items()}
    assert all(isinstance(table, pa.Table) for found in tables.values() for table in found)
    assert FRACTION > 0.0005
