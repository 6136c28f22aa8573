"""The registers on work, youth, children, safety and the living environment have CBS's shape and fit the world."""

from __future__ import annotations

import csv

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from income_care_world import numbers, register, world

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import draws, health_monitor, registers_children, registers_social, youth
from kansrijke_start.synthetic.parameters_loader import PUBLISHED_FIGURES
from kansrijke_start.synthetic.population import year_of
from kansrijke_start.synthetic.registers_social import REGISTERS

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")

COMPONENTS = sorted({**REGISTERS, **health_monitor.REGISTERS, **registers_children.REGISTERS})


def test_files_have_the_years_columns_values_and_keys_of_the_catalogue() -> None:
    catalogue = load_catalogue()
    known = {bytes(row).decode() for row in world().population.rin_digits}
    for component in COMPONENTS:
        layout = catalogue.registers[component.lower()]
        table = register(component)
        years = table["file_year"].unique().sort().to_list()
        assert years == ([2016] if component == "GEMON" else layout.file_years), component
        columns = {column.name: column for column in layout.columns_expanded()}
        expected = {name for name, column in columns.items() if not column.optional}
        assert expected <= set(table.columns) <= {*columns, "file_year"}, component
        assert table.height > 0, component
        if layout.key:
            assert not table.select("file_year", *layout.key).is_duplicated().any(), component
        if "rinpersoon" in columns:
            assert set(table["rinpersoon"].unique()) <= known, component
        for name, column in columns.items():
            if name not in table.columns:
                continue
            values = table[name].drop_nulls()
            special = [*column.missing, *column.meaningful_missing]
            if column.codes:
                assert set(values.cast(pl.String).unique()) <= {*column.codes, *special}, f"{component}.{name}"
            if column.exact_width is not None:
                assert (values.str.len_chars() == column.exact_width).all(), f"{component}.{name}"
            if column.value_pattern is not None and values.dtype == pl.String:
                plain = values.filter(~values.is_in(special))
                assert plain.str.contains(f"^(?:{column.value_pattern})$").all(), f"{component}.{name}"


def test_slices_do_not_change_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(component: str) -> list[tuple[int, pa.Table]]:
        made: dict[int, list[pa.Table]] = {}
        for year, table in REGISTERS[component](world()):
            plain = {
                name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
            made.setdefault(year, []).append(pa.table(plain))
        return [(year, pa.concat_tables(tables).combine_chunks()) for year, tables in made.items()]

    for component in ("RDWNPACTTAB", "SLOTAB", "JGDHULPBUS", "GGZDBCTRAJECTENTAB", "NABIJHEIDZORGTAB"):
        whole = rows(component)
        with monkeypatch.context() as patch:
            patch.setattr(registers_social, "SLICE", 313)
            parts = rows(component)
        for (year, one), (other_year, other) in zip(whole, parts, strict=True):
            assert year == other_year
            assert one.equals(other), f"{component} {year}"


def test_the_job_with_most_hours_is_the_state_of_the_person() -> None:
    here = world()
    year = 2019
    jobs = register("SPOLISBUS").filter(file_year=year)
    contract = here.profiles.contract(year)
    full_time = here.profiles.full_time(year, contract)
    best = (
        jobs.group_by("rinpersoon", "scontractsoort", "spolisdienstverband")
        .agg(pl.col("sbasisuren").sum())
        .sort("rinpersoon", "sbasisuren", descending=[False, True])
        .unique("rinpersoon", keep="first", maintain_order=True)
    )
    who = np.flatnonzero(contract)
    known = pl.DataFrame(
        {
            "rinpersoon": numbers(who, here.population),
            "permanent": contract[who] == 1,
            "full_time": full_time[who],
        }
    )
    both = best.join(known, on="rinpersoon", how="full", coalesce=True)
    assert both.null_count().sum_horizontal().item() == 0
    assert ((both["scontractsoort"] == "O") == both["permanent"]).all()
    assert ((both["spolisdienstverband"] == "1") == both["full_time"]).all()
    assert jobs["sdatumaanvangiko"].min() >= f"{year}0101"
    assert jobs["sdatumeindeiko"].max() == f"{year}1231"
    assert (jobs["sdatumaanvangiko"] <= jobs["sdatumeindeiko"]).all()


def test_trajectories_run_in_their_file_year() -> None:
    for component, prefix in (("JGDHULPBUS", "jgdh"), ("JGDBESCHERMBUS", "jgdb")):
        table = register(component)
        start, end = f"{prefix}geldigheidbegindatum", f"{prefix}geldigheideinddatum"
        year = pl.col("file_year").cast(pl.String)
        is_open = pl.col(end) == "88888888"
        assert table.select((pl.col(start).str.head(4) <= year).all()).item()
        assert table.filter(~is_open).select((pl.col(end).str.head(4) == year).all()).item()
        assert table.filter(is_open).height > 0
        # What is open stands in the next file too.
        keys = ["rinpersoon", start]
        going_on = table.filter(is_open, pl.col("file_year") < 2023).with_columns(file_year=pl.col("file_year") + 1)
        assert going_on.join(table, on=[*keys, "file_year"], how="anti").is_empty()


def _in_the_two_years_before(kinds: tuple[int, ...]) -> np.ndarray:
    """Whether a child of the mother of each unit has a trajectory in the two calendar years before the birth year."""
    here = world()
    drawn, units = here.youth, here.circumstances.units
    rows = np.isin(drawn.kind, kinds)
    owner = here.population.persons.mother[drawn.child[rows]].astype(np.int64)
    first, last = year_of(drawn.start[rows]), year_of(drawn.until[rows] - 1)
    result = np.zeros(len(units.mother), dtype=bool)
    for back in (1, 2):
        for year in range(2017, 2024):
            runs = (first <= year - back) & (last >= year - back)
            has = np.isin(units.mother, owner[runs])
            result |= has & (units.birth_year == year)
    return result


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("Jeugdhulp voor zwangerschap", (0, 1)), ("Jeugdbescherming voor zwangerschap", (2,))],
)
def test_youth_care_before_a_birth_has_the_published_shares(name: str, kinds: tuple[int, ...]) -> None:
    with PUBLISHED_FIGURES.open(encoding="utf-8", newline="") as handle:
        figures = {
            row["breakdown"].split(" | ")[1]: float(row["value"])
            for row in csv.DictReader(handle)
            if row["indicator"] == name and row["statistic"] == "percent" and row["breakdown"].startswith("moeder")
        }
    units = world().circumstances.units
    found = _in_the_two_years_before(kinds)
    after = units.birth_year >= 2017
    for kind, value in figures.items():
        rows = after & ((units.latent_class == 0) == (kind == "kwetsbaar ja"))
        # In the first class fitted: the published share is of the births that the forest labels.
        near = 3.0 if kind == "kwetsbaar ja" else 1.0
        assert 100 * found[rows].mean() == pytest.approx(value, abs=near), kind


def test_youth_care_of_the_children_has_the_published_shares() -> None:
    here = world()
    births = here.population.births
    settings = here.parameters["vulnerability"]["youth"]
    label = here.parameters["children.label"]
    chosen = births.is_live & (births.mother >= 0) & (births.birth_year == 2017)
    in_class = (here.circumstances.latent_class[births.event] == 0)[chosen]
    # How many of each child the forest would label.
    labelled = np.where(in_class, label["inside"], label["outside"])
    for kind, name in enumerate(youth.KINDS):
        rows = here.youth.kind == kind
        begun = np.full(len(here.population.persons), 9999)
        np.minimum.at(begun, here.youth.child[rows], year_of(here.youth.start[rows]))
        has = begun[births.child[chosen]] <= 2019
        for group, weight in (("vulnerable", labelled), ("other", 1 - labelled)):
            table = settings[name][group]
            wanted = table[2017] if isinstance(table, dict) else table[0]
            assert np.average(has, weights=weight) == pytest.approx(wanted, abs=0.004), (name, group)


def test_every_home_of_a_parent_has_its_practices() -> None:
    here = world()
    lives = here.lives
    day = int(np.datetime64("2019-06-30").astype("datetime64[D]").astype(np.int64))
    rows = (
        (lives.address_person < here.circumstances.n_adults) & (lives.address_from <= day) & (day < lives.address_until)
    )
    homes = draws.number_in_register(here.seed, "object", np.unique(lives.address_dwelling[rows]))
    objects = register("NABIJHEIDZORGTAB").filter(file_year=2019)
    assert {f"{number:09d}" for number in homes.tolist()} <= set(objects["rinobjectnummer"])
    assert 0.01 < (objects["vzaanthartspr03km"] == 0).mean() < 0.08


def test_addiction_care_is_found_in_trajectories_or_diagnoses() -> None:
    here = world()
    for year, circuit, column, diagnosis, code in (
        (2012, "GGZDBCTRAJECTENTAB", "ggzdbccircuit", "GGZDBCDIAGNOSETAB", "ggzdbcnevendiagnosedsmiv"),
        (
            2018,
            "GGZDBCTRAJECTENHOOFDDIAGTAB",
            "ggzdbccircuithoofddiag",
            "GGZDBCDIAGNOSEHOOFDDIAGTAB",
            "ggzdbcnevendiagnosedsmivhoofddiag",
        ),
    ):
        found = set(register(circuit).filter(pl.col(column) == "5", file_year=year)["rinpersoon"])
        by_diagnosis = register(diagnosis).filter(pl.col(code).str.starts_with("as1_4"), file_year=year)
        assert set(by_diagnosis["rinpersoon"]) - found
        found |= set(by_diagnosis["rinpersoon"])
        assert found == set(numbers(np.flatnonzero(here.profiles.has_addiction_care(year)), here.population))


def test_low_liveability_is_most_frequent_where_it_should_be() -> None:
    here = world()
    regions = here.population.regions
    table = register("LEEFBAAROMETER")
    newest = table.filter(pl.col("jaar") == 2022)
    low = dict(zip(newest["pc4"], (newest["lbm"] <= 3.81).fill_null(False), strict=True))
    share = {
        name: np.mean([low[code] for code in np.unique(regions.postcode4[rows])])
        for name, rows in (
            ("low places", np.isin(regions.ggd, ["GG4607", "GG7014", "GG6106"])),
            ("elsewhere", (regions.borough == 0) & ~np.isin(regions.ggd, ["GG4607", "GG7014", "GG6106"])),
        )
    }
    assert share["low places"] > 3 * share["elsewhere"] > 0
    assert set(newest["pc4"]) == set(np.unique(regions.postcode4).tolist())


def test_each_person_with_a_disability_is_in_a_source() -> None:
    here = world()
    found: set[str] = set()
    for component in ("LVBAO", "LVBCIZ", "LVBWSW", "LVBBASISBESTAND"):
        found |= set(register(component)["rinpersoon"])
    assert found == set(numbers(np.flatnonzero(here.profiles.has_intellectual_disability()), here.population))
