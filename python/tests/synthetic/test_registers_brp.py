"""The BRP registers: what the catalogue asks, and what the world holds."""

from __future__ import annotations

import functools
import re

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from people_world import world

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import registers_brp
from kansrijke_start.synthetic.population import FOREVER, Role


@functools.cache
def rows(component: str) -> pl.DataFrame:
    """All rows of a register with `file_year`."""
    frames = [
        pl.from_arrow(table).with_columns(pl.lit(year).alias("file_year"))  # type: ignore[union-attr]
        for year, table in registers_brp.REGISTERS[component](world())
    ]
    texts = [frame.with_columns(pl.selectors.categorical().cast(pl.String)) for frame in frames]
    return pl.concat(texts)


@pytest.mark.parametrize("component", list(registers_brp.REGISTERS))
def test_registers_agree_with_the_catalogue(component: str) -> None:
    """Columns, years, widths, codes and keys, on the raw values."""
    register = load_catalogue().registers[component.lower()]
    frame = rows(component)
    known = {column.name: column for column in register.columns_expanded()}
    assert set(frame.columns) - {"file_year"} <= set(known)
    missing = {name for name, column in known.items() if not column.optional} - set(frame.columns)
    assert not missing
    years = set(frame["file_year"].unique().to_list())
    assert years == set(range(register.years.first, register.years.last + 1))
    for name in set(frame.columns) - {"file_year"}:
        column = known[name]
        if column.type not in ("string", "code", "date"):
            assert frame[name].dtype.is_integer()
            continue
        values = frame[name].unique().drop_nulls().to_list()
        assert frame[name].null_count() == 0
        kept = [value for value in values if value not in (column.missing or [])]
        if column.width:
            assert {len(value) for value in kept} <= {column.width}
        if column.type == "code":
            assert set(kept) <= set(column.codes)
        if column.value_pattern:
            pattern = re.compile(column.value_pattern)
            special = set(column.meaningful_missing or {})
            assert all(pattern.fullmatch(value) or value in special for value in kept)
        share = 1 - len(frame.filter(pl.col(name).is_in(kept))) / max(len(frame), 1) if kept else 1.0
        assert share <= column.tolerance.missing + 1e-9
    if register.key:
        for year in sorted(years):
            part = frame.filter(pl.col("file_year") == year)
            repeated = len(part) - part.select(register.key).n_unique()
            tolerance = register.key_tolerance.years.get(year, register.key_tolerance.default)
            assert repeated <= tolerance * len(part)


@pytest.mark.parametrize("component", list(registers_brp.REGISTERS))
def test_every_person_stands_in_gbapersoontab(component: str) -> None:
    register = load_catalogue().registers[component.lower()]
    people = set(rows("GBAPERSOONTAB")["rinpersoon"].to_list())
    for link in register.persons:
        part = rows(component).filter(pl.col(link.kind) == "R")
        assert set(part[link.number].to_list()) <= people


def test_gbapersoontab_holds_everyone_once() -> None:
    frame = rows("GBAPERSOONTAB")
    persons = world().population.persons
    assert len(frame) == len(persons) == frame["rinpersoon"].n_unique()
    assert (frame["rinpersoon"].str.len_bytes() == 9).all()
    assert frame["rinpersoon"].str.starts_with("0").mean() == pytest.approx(0.1, abs=0.02)
    built = frame["gbageboortejaar"] + frame["gbageboortemaand"] + frame["gbageboortedag"]
    days = built.str.to_date("%Y%m%d").to_physical().to_numpy()
    assert np.array_equal(days, persons.birth_date)
    for name in ("gbageboortejaarmoeder", "gbageslachtvader"):
        assert frame[name].str.starts_with("-").any()


def test_kindoudertab_knows_the_missing_parents() -> None:
    frame = rows("KINDOUDERTAB")
    births = world().population.births
    assert ((frame["rinpersoonma"] == "---------") == (frame["rinpersoonsma"] == "G")).all()
    assert ((frame["rinpersoonpa"] == "---------") == (frame["rinpersoonspa"] == "G")).all()
    blank = frame.filter((pl.col("rinpersoonsma") == "G") & (pl.col("rinpersoonspa") == "G"))
    assert len(blank) == (~births.has_legal_parent & births.in_kindoudertab).sum() > 0
    assert (frame["rinpersoons"] == "D").sum() == (~births.is_live).sum()
    digits = registers_brp.RinText(world().population)
    present = set(frame["rinpersoon"].to_list())
    absent = digits.person(births.child[births.is_live & ~births.in_kindoudertab]).to_pylist()
    assert absent and not present & set(absent)
    pop = world().population
    mothers = np.flatnonzero((pop.persons.mother[: pop.n_mothers] >= 0) | (pop.persons.father[: pop.n_mothers] >= 0))
    assert set(digits.person(mothers).to_pylist()) <= present


def test_live_births_of_2015_stand_twice_for_some() -> None:
    frame = rows("GBALEVENDGEBORENENMASSATAB")
    for year in range(2015, 2024):
        part = frame.filter(pl.col("file_year") == year)
        double = len(part) - part["rinpersoon"].n_unique()
        assert (0 < double <= 0.02 * len(part)) if year == 2015 else double == 0
    births = world().population.births
    assert len(frame.filter(pl.col("file_year") >= 2016)) == births.is_live.sum()
    assert (frame.filter(pl.col("file_year") >= 2016)["rangnummermoeder"] == 99).sum() == (
        births.is_live & (births.mother < 0)
    ).sum()
    # The rank of 2015 goes on from 2016: no child of a mother in 2015 has rank 1 in a later year.
    assert frame["rangnummermoeder"].min() == 1


def test_stillborn_children_are_no_persons() -> None:
    still = rows("DGGBAPERSOONTAB")
    assert not set(still["rinpersoon"].to_list()) & set(rows("GBAPERSOONTAB")["rinpersoon"].to_list())
    assert (still["dgdatumpartus"].str.slice(0, 4).cast(pl.Int32) == still["file_year"]).all()
    assert set(still["rinpersoon"].to_list()) <= set(rows("KINDOUDERTAB")["rinpersoon"].to_list())


@pytest.mark.parametrize(
    ("component", "start", "end"),
    [
        ("GBAHUISHOUDENSBUS", "datumaanvanghh", "datumeindehh"),
        ("GBAADRESOBJECTBUS", "gbadatumaanvangadreshouding", "gbadatumeindeadreshouding"),
        ("GBABURGERLIJKESTAATBUS", "gbaaanvangburgerlijkestaat", "gbaeindeburgerlijkestaat"),
    ],
)
def test_spells_end_before_the_next_begins(component: str, start: str, end: str) -> None:
    frame = rows(component).sort("rinpersoon", start)
    following = frame.select(pl.col(start).shift(-1).over("rinpersoon")).to_series()
    assert ((frame[end] < following) | following.is_null()).all()
    assert (frame[start] <= frame[end]).all()
    is_open = frame[end] == "88888888"
    assert is_open.any() and not is_open.all()
    assert (following.is_null() | ~is_open).all()


def test_addresses_are_in_exactly_one_region_table() -> None:
    addresses = set(rows("GBAADRESOBJECTBUS").select("soortobjectnummer", "rinobjectnummer").unique().iter_rows())
    regular = set(rows("VSLGWBTAB").select("soortobjectnummer", "rinobjectnummer").iter_rows())
    irregular = set(rows("NIETVSLGWBTAB").select("soortobjectnummer", "rinobjectnummer").iter_rows())
    assert not regular & irregular and addresses == regular | irregular
    assert len(irregular) / len(addresses) == pytest.approx(0.005, abs=0.002)


def test_region_tables_follow_the_mergers() -> None:
    frame = rows("VSLGWBTAB")
    weesp = frame.filter(pl.col("gem2022") == "0457")
    assert len(weesp) and (weesp["gem2023"] == "0363").all()
    bussum = frame.filter(pl.col("gem2015") == "0381")
    assert len(bussum) and set(bussum["gem2016"].unique()) == {"1942"}
    divided = frame.filter(pl.col("gem2017") == "0140")
    assert set(divided["gem2018"].unique()) == {"0080", "1900", "1949"}
    for year in range(2021, 2024):
        assert not frame[f"gem{year}"].str.starts_with("-").any()
    late = frame["gem2015"] == "----"
    assert 0 < late.mean() < 0.05 and (frame.filter(late)["bc2015"] == "--------").all()


def test_every_object_has_one_postcode_at_a_time() -> None:
    frame = rows("VSLPOSTCODEBUS").sort("rinobjectnummer", "datumaanvpostcodenumadres")
    objects = frame.group_by("rinobjectnummer").len()
    assert set(objects["len"].unique()) == {1, 2}
    assert len(objects) == len(world().lives.dwelling_region)
    following = frame.select(pl.col("datumaanvpostcodenumadres").shift(-1).over("rinobjectnummer")).to_series()
    assert ((frame["datumeindpostcodenumadres"] < following) | following.is_null()).all()


def test_divorces_stand_in_their_year_and_in_the_marital_status() -> None:
    frame = rows("GBASCHEIDINGENMASSATAB")
    assert (frame["scheidingjaar"].cast(pl.Int32) == frame["file_year"]).all() and len(frame)
    status = rows("GBABURGERLIJKESTAATBUS").filter(pl.col("gbaburgerlijkestaatnw").is_in(["S", "A"]))
    divorced = set(status["rinpersoon"].to_list())
    share = frame["rinpersoonpartner1s"].is_in(list(divorced)).mean()
    assert share == 1.0
    assert set(rows("GBABURGERLIJKESTAATBUS")["gbaburgerlijkestaatnw"].unique()) >= {"O", "H", "W", "S", "P"}


def test_deaths_are_those_of_the_world() -> None:
    frame = rows("GBAOVERLIJDENTAB")
    dead = world().lives.death_date != FOREVER
    assert len(frame) == dead.sum() == frame["rinpersoon"].n_unique()
    grand = slice(*world().population.block[Role.GRANDPARENT])
    assert dead[grand].mean() > 0.1


def test_slices_do_not_change_a_register(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pa.concat_tables([table for _, table in registers_brp.gbaadresobjectbus(world())])
    monkeypatch.setattr(registers_brp, "SLICE", 10_007)
    for component in ("GBAADRESOBJECTBUS", "GBAHUISHOUDENSBUS", "VSLPOSTCODEBUS", "GBAPERSOONTAB", "VSLGWBTAB"):
        sliced = [
            pl.from_arrow(table).with_columns(pl.selectors.categorical().cast(pl.String))  # type: ignore[union-attr]
            for _, table in registers_brp.REGISTERS[component](world())
        ]
        assert len(sliced) > 1
        assert pl.concat(sliced).equals(rows(component).drop("file_year"))
    assert whole.num_rows == len(rows("GBAADRESOBJECTBUS"))
