"""Schools and the perinatal registration agree with the world and have the defects of real deliveries."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from income_care_world import numbers, register, world

from kansrijke_start.synthetic.registers_children import NO_SCHOOL, special_education

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")


def test_special_education_by_the_year_of_the_fifth_birthday() -> None:
    here = world()
    drawn, births = special_education(here), here.population.births
    label = here.parameters["children.label"]
    year = births.birth_year[drawn.rows].astype(np.int64)
    in_class = here.birth_outcomes.vulnerable[drawn.rows]
    labelled = np.where(in_class, label["inside"], label["outside"])
    by_five = drawn.first <= year + 5
    for weights, share in zip((labelled, 1 - labelled), here.parameters["children.school.special"], strict=True):
        assert np.average(by_five, weights=weights) == pytest.approx(share, abs=0.002)
    begin = (drawn.first - year)[drawn.first < NO_SCHOOL]
    assert set(begin.tolist()) == {3, 4, 5, 6}
    assert (drawn.until[drawn.first < NO_SCHOOL] > drawn.first[drawn.first < NO_SCHOOL]).all()


def test_pupils_are_in_one_school_and_still_here() -> None:
    here = world()
    drawn = special_education(here)
    ordinary, special = register("INSCHRWPOTAB"), register("INSCHRWECTAB")
    assert ordinary.join(special, on=["rinpersoon", "file_year"], how="inner").is_empty()
    pupils = pl.concat([table.select("rinpersoon", "file_year") for table in (ordinary, special)])
    rin = dict(zip(numbers(drawn.child, here.population), drawn.rows.tolist(), strict=True))
    birth = np.array([rin[number] for number in pupils["rinpersoon"].to_list()])
    day = pupils.select(pl.date("file_year", 10, 1)).to_series().to_physical().to_numpy()
    births = here.population.births
    age = (day - births.birth_date[birth]) / 365.25
    assert age.min() > 2.7 and (age < 3.99).mean() < 0.01
    death = here.lives.death_date[births.child[birth]]
    assert (death >= day).all()
    # Kinds are codes in some years and words in others; special education has both kinds of school.
    kinds = ordinary.group_by("file_year").agg(pl.col("wpotypepo").unique())
    assert {frozenset(kind) for kind in kinds["wpotypepo"]} == {
        frozenset({"BO", "SBO"}),
        frozenset({"Basisonderwijs", "Speciaal Basisonderwijs"}),
    }
    assert special.height > 20


def test_perined_has_two_deliveries_of_2021_and_second_records() -> None:
    table = register("PERINED")
    years = {year: set(part["jaar"]) for (year,), part in table.group_by("file_year")}
    assert years == {2021: set(range(2016, 2022)), 2022: {2021, 2022}, 2023: {2023}}
    known = table.filter(pl.col("rinpersoons_kind") == "R")
    earlier, later = (known.filter(jaar=2021, file_year=year) for year in (2021, 2022))
    # A number that one delivery lacks the other lacks too; a later delivery holds fewer missing values.
    assert set(earlier["rinpersoon_kind"]) == set(later["rinpersoon_kind"])
    gaps = [
        sum(part[name].null_count() for name in ("fluxus", "ruggenprik", "episiotomie")) for part in (earlier, later)
    ]
    assert 0 < gaps[1] < gaps[0]
    twice = known.group_by("file_year", "rinpersoon_kind").len().filter(pl.col("len") > 1)
    assert 0.002 < twice.height / known.height < 0.006


def test_perined_knows_what_the_world_knows() -> None:
    here = world()
    births, outcomes = here.population.births, here.birth_outcomes
    table = register("PERINED").filter(pl.col("rinpersoons_kind") == "R").unique("rinpersoon_kind", keep="last")
    live = np.flatnonzero(births.is_live)
    truth = pl.DataFrame(
        {
            "rinpersoon_kind": numbers(births.child[live], here.population),
            "mother": numbers(births.mother[live], here.population),
            "days": outcomes.gestation_days[live],
            "nicu": outcomes.has_intensive_care[live].astype(np.int32),
            "small": outcomes.is_small[live],
            "low": outcomes.has_low_apgar[live],
            "caesarean": outcomes.is_caesarean[live],
            "severe": outcomes.has_severe_rupture[live],
        }
    )
    both = truth.join(table, on="rinpersoon_kind")
    unmatched = 1 - both.height / truth.height
    assert 0.02 < unmatched < 0.035
    assert ((both["amddd"] == both["days"]) & (both["amww"] == both["days"] // 7)).all()
    assert (both["nicuopname"] == both["nicu"]).all()
    assert ((both["hoftiezer"] < 10) == both["small"]).all()
    scored = both.filter(pl.col("apgar5").is_not_null() & (pl.col("apgar5") != 99))
    assert ((scored["apgar5"] < 7) == scored["low"]).all()
    moded = both.filter(pl.col("type_partus") != "")
    assert (moded["type_partus"].is_in(["3", "4"]) == moded["caesarean"]).all()
    torn = both.filter(pl.col("ruptuur") != "")
    assert (torn["ruptuur"].is_in(["3", "4"]) == torn["severe"]).all()
    with_mother = both.filter(pl.col("rinpersoons_moeder") == "R")
    assert (with_mother["rinpersoon_moeder"] == with_mother["mother"]).all()
    unknown = both.filter(pl.col("rinpersoons_moeder") == "G")["rinpersoon_moeder"].unique().to_list()
    assert set(unknown) == {"000000000", "---------"}
    missing = {name: both[name].null_count() / both.height for name in ("fluxus", "ruggenprik", "congenafw")}
    assert all(0.01 < share < 0.06 for share in missing.values())
