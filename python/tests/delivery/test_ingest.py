"""What ingest makes of a good delivery, in each format and with each quirk that real deliveries have."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pyreadstat
import pytest
from polars.testing import assert_frame_equal

from kansrijke_start.delivery.check import allowed
from kansrijke_start.delivery.ingest import ingest
from kansrijke_start.delivery.manifest import read_manifest
from kansrijke_start.errors import DeliveryError
from kansrijke_start.registers.catalogue import Catalogue, load_catalogue

from .conftest import (
    DEBTS_FILE,
    INCOME_2020,
    INCOME_2021,
    PERSONS_FILE,
    ROWS,
    SPELLS_FILE,
    Door,
    identities,
    numbers,
    write_table,
)


def test_schema_is_that_of_the_catalogue(door: Door) -> None:
    door.run()
    for name, entry in door.catalogue.registers.items():
        for file in (door.registers / name).glob("*.parquet"):
            schema = pq.read_schema(file)
            assert schema.names == entry.arrow_schema().names
            assert schema.types == entry.arrow_schema().types


def test_values(door: Door) -> None:
    door.run()
    income = door.read("inhatab", 2021)
    assert income["file_year"].to_list() == [2021] * ROWS
    assert income["rinpersoon"].to_list() == identities(ROWS)
    assert income["inhp100hgest"][0] == -1, "a missing code that carries meaning stays"
    assert income["inhbestinkh"].to_list()[:3] == [None, -12.5, 20000.25]
    assert income["inhahl"].to_list()[-2:] == [2, None]
    assert income["inhuaf"].null_count() == ROWS
    assert door.read("inhatab", 2020)["inhahl"].null_count() == ROWS
    spells = door.read("gbahuishoudensbus", 2023)
    assert spells["plhh"].to_list()[:4] == ["01", "10", None, "01"]
    assert spells["datumeindehh"].to_list()[:2] == ["88888888", "20201231"]
    assert door.read("gbapersoontab", 2023)["gbageslacht"].to_list()[:3] == ["1", "2", None]
    debts = door.read("schuldentab", 2021)
    assert debts["schuld"].to_list()[:2] == [0, 1]
    assert debts["peildatum"].to_list() == ["20210101"] * ROWS


def test_nobody_is_made_of_half_a_name(door: Door) -> None:
    """An unknown parent never becomes a person, with and without a kind; another kind is another person."""
    people = door.tables[DEBTS_FILE]
    kinds = ["R", "G", "G", "-", "R", *["R"] * (ROWS - 5)]
    found = ["000000007", "000000007", "---------", "000000007", "", *numbers(ROWS - 5)]
    columns = {"RINPERSOONSMA": kinds, "RINPERSOONMA": found}
    door.tables[DEBTS_FILE] = people.with_columns(pl.Series(name, values) for name, values in columns.items())
    door.run()
    debts = door.read("schuldentab", 2021)
    assert debts["rinpersoonma"].to_list()[:5] == ["R000000007", "G000000007", None, None, None]
    assert debts["rinpersoonsma"].to_list()[:5] == ["R", "G", "G", None, "R"]
    assert debts["rinpersoon"].to_list() == identities(ROWS)


def test_manifest(door: Door) -> None:
    door.tables[INCOME_2020] = door.tables[INCOME_2020].with_columns(pl.lit("x").alias("NIEUW"))
    door.mark(synthetic=True, fraction=0.01, seed=7, scenario="default", generator="ignored")
    manifest = door.run()
    assert manifest == read_manifest(door.registers)
    assert manifest.synthetic == {"fraction": 0.01, "seed": 7, "scenario": "default"}
    assert [(entry.component, entry.file_year) for entry in manifest.registers] == [
        ("GBAHUISHOUDENSBUS", 2023),
        ("GBAPERSOONTAB", 2023),
        ("INHATAB", 2020),
        ("INHATAB", 2021),
        ("SCHULDENTAB", 2021),
    ]
    income = manifest.registers[2]
    assert income.source_file == f"{INCOME_2020}.parquet" and income.version == 1 and income.rows == ROWS
    assert income.ignored_columns == ["NIEUW"]
    assert income.absent_columns == ["inhahl", "inhuaf"]
    assert income.tolerated_defects == {"negative.inhbestinkh": 1}
    assert len(income.sha256) == 64 and income.seconds >= 0
    assert manifest.rows == 5 * ROWS


def test_real_delivery_is_not_called_synthetic(door: Door) -> None:
    assert door.run().synthetic is None


def test_unreadable_marker(door: Door) -> None:
    door.mark(synthetic=True, fraction=0.01)
    with pytest.raises(DeliveryError, match=r"SYNTHETIC\.json"):
        door.run()


def test_sav_csv_and_parquet_give_equal_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kansrijke_start.delivery.read.CHUNK_VALUES", 130)
    monkeypatch.setattr("kansrijke_start.delivery.read.IN_PROCESS_VALUES", 0)
    outcomes = {}
    for extension, jobs in ((".parquet", 1), (".csv", 1), (".sav", 1), (".SAV", 2)):
        door = Door(tmp_path / f"{extension[1:]}{jobs}", extension=extension, jobs=jobs)
        door.run()
        outcomes[extension] = {
            file.relative_to(door.registers).as_posix(): pl.read_parquet(file)
            for file in sorted(door.registers.rglob("*.parquet"))
        }
    expected = outcomes.pop(".parquet")
    assert len(expected) == 5
    for found in outcomes.values():
        assert found.keys() == expected.keys()
        for name, table in expected.items():
            assert_frame_equal(found[name], table)


def test_repeated_ingest_is_byte_equal(door: Door) -> None:
    door.run()
    first = door.snapshot()
    door.ingest(force=True, jobs=4)
    second = door.snapshot()
    assert {name: data for name, data in first.items() if name != "manifest.json"} == {
        name: data for name, data in second.items() if name != "manifest.json"
    }


def test_many_row_groups_keep_their_order_with_any_number_of_threads(door: Door) -> None:
    rows = 300_000
    door.tables[PERSONS_FILE] = pl.DataFrame(
        {"RINPERSOONS": ["R"] * rows, "RINPERSOON": numbers(rows), "GBAGESLACHT": ["1", "-"] * (rows // 2)}
    )
    door.run(jobs=1)
    first = (door.registers / "gbapersoontab/2023.parquet").read_bytes()
    door.ingest(force=True, jobs=4)
    assert (door.registers / "gbapersoontab/2023.parquet").read_bytes() == first
    assert door.read("gbapersoontab", 2023)["rinpersoon"].to_list() == identities(rows)


def test_unchanged_files_are_skipped(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    first = door.run()
    before = door.snapshot()
    from kansrijke_start.delivery import ingest as module

    read: list[str] = []
    convert = module.convert
    monkeypatch.setattr(module, "convert", lambda source, *rest: (read.append(source.name), convert(source, *rest)))
    assert door.ingest() == first and door.snapshot() == before and read == []
    os.utime(door.delivery / f"{DEBTS_FILE}.parquet", ns=(1, 1))
    second = door.ingest()
    assert read == [] and second.registers[-1].source_modified_ns == 1
    assert second.registers[-1].sha256 == first.registers[-1].sha256
    door.set_cells(INCOME_2021, "INHP100HGEST", {5: 77.0})
    write_table(door.delivery / f"{INCOME_2021}.parquet", door.tables[INCOME_2021])
    door.ingest()
    assert read == [f"{INCOME_2021}.parquet"]
    assert door.read("inhatab", 2021)["inhp100hgest"][4] == 77
    read.clear()
    door.ingest(force=True)
    assert len(read) == 5


def test_same_size_and_other_content_is_read_again(door: Door) -> None:
    door.extension = ".csv"
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "2"})
    write_table(door.delivery / f"{PERSONS_FILE}.csv", door.tables[PERSONS_FILE])
    door.ingest()
    assert door.read("gbapersoontab", 2023)["gbageslacht"][0] == "2"


def test_changed_catalogue_is_read_again(door: Door) -> None:
    door.run()
    entry = door.catalogue.registers["gbapersoontab"]
    columns = (
        *entry.columns[:2],
        entry.columns[2].model_copy(
            update={
                "missing": ("-", "2"),
                "codes": {"1": "man"},
                "tolerance": entry.columns[2].tolerance.model_copy(update={"missing": 1.0}),
            }
        ),
    )
    changed = entry.model_copy(update={"columns": columns})
    door.catalogue = door.catalogue.model_copy(
        update={"registers": {**door.catalogue.registers, "gbapersoontab": changed}}
    )
    door.ingest()
    assert door.read("gbapersoontab", 2023)["gbageslacht"].null_count() == 60


def test_missing_output_is_made_again(door: Door) -> None:
    door.run()
    before = door.snapshot()
    (door.registers / "inhatab/2020.parquet").unlink()
    door.ingest()
    assert {**door.snapshot(), "manifest.json": b""} == {**before, "manifest.json": b""}


def test_files_that_are_no_longer_asked_for_disappear(door: Door) -> None:
    door.run()
    (door.registers / "inhatab/1999.parquet").write_bytes(b"old")
    door.ingest()
    assert not (door.registers / "inhatab/1999.parquet").exists()


def test_an_optional_register_that_is_not_delivered_is_empty_until_it_is(door: Door) -> None:
    door.write()
    full = dict(door.catalogue.registers)
    optional = full["inhatab"].model_copy(update={"required": False, "has_source": True})
    door.catalogue = door.catalogue.model_copy(update={"registers": {**full, "inhatab": optional}})
    files = sorted(path for path in door.delivery.rglob("*INHA*") if path.is_file())
    parked = {path: path.read_bytes() for path in files}
    assert parked
    for path in files:
        path.unlink()
    manifest = door.ingest()
    assert "INHATAB" not in {entry.component for entry in manifest.registers}
    empty = door.read("inhatab", optional.file_years[-1])
    assert empty.is_empty()
    assert empty.columns == optional.arrow_schema().names
    before = door.snapshot()
    door.ingest()
    assert door.snapshot() == before
    for path, content in parked.items():
        path.write_bytes(content)
    manifest = door.ingest()
    assert "INHATAB" in {entry.component for entry in manifest.registers}
    assert door.read("inhatab", optional.file_years[-1]).height > 0


def test_newest_version_is_read(door: Door) -> None:
    door.write()
    newest = door.tables[INCOME_2020].with_columns(pl.lit(55.0).alias("INHP100HGEST"))
    write_table(door.delivery / "InkomenBestedingen/INHATAB/INHA2020TABV10.parquet", newest)
    oldest = door.tables[INCOME_2020].with_columns(pl.lit(11.0).alias("INHP100HGEST"))
    write_table(door.delivery / "InkomenBestedingen/INHATAB/INHA2020TABV9.parquet", oldest)
    manifest = door.ingest()
    assert door.read("inhatab", 2020)["inhp100hgest"].to_list() == [55] * ROWS
    assert manifest.registers[2].version == 10
    assert set(manifest.superseded_files) == {
        f"{INCOME_2020}.parquet",
        "InkomenBestedingen/INHATAB/INHA2020TABV9.parquet",
    }


def test_header_case_aliases_and_date_prefixed_name(door: Door) -> None:
    table = door.tables.pop(INCOME_2020).rename(
        {"RINPERSOONS": "rinpersoons", "RINPERSOON": "RinPersoon", "INHP100HGEST": "Percentile"}
    )
    door.tables["Inkomen/140710 INHATAB 2020V1"] = table
    door.run()
    assert door.read("inhatab", 2020)["inhp100hgest"][1] == 1
    assert door.read("inhatab", 2020)["rinpersoon"].to_list() == identities(ROWS)


def test_usual_name_wins_over_an_alias(door: Door) -> None:
    door.tables[INCOME_2020] = door.tables[INCOME_2020].with_columns(pl.lit(3.0).alias("PERCENTILE"))
    manifest = door.run()
    assert door.read("inhatab", 2020)["inhp100hgest"][1] == 1
    assert manifest.registers[2].ignored_columns == ["PERCENTILE"]


def test_date_in_the_name_of_the_file_year_wins(door: Door) -> None:
    debts = door.tables[DEBTS_FILE]
    door.tables[DEBTS_FILE] = debts.with_columns(pl.lit(0.0).alias("schuld_20220101"))
    door.run()
    assert door.read("schuldentab", 2021)["peildatum"].unique().to_list() == ["20210101"]


@pytest.mark.parametrize("extension", [".sav", ".parquet"])
def test_person_numbers_delivered_as_numbers(door: Door, extension: str) -> None:
    door.extension = extension
    door.replace(PERSONS_FILE, RINPERSOON=[float(number) for number in numbers(ROWS)])
    manifest = door.run()
    assert door.read("gbapersoontab", 2023)["rinpersoon"].to_list() == identities(ROWS)
    assert manifest.registers[1].notes == ["RINPERSOON was delivered as a number: made text, padded to 9 characters."]


def test_blanks_around_text(door: Door) -> None:
    door.set_cells(SPELLS_FILE, "PLHH", {1: " 1", 2: "10 ", 3: "  "})
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "1  ", 2: " ", 3: ""})
    door.run()
    assert door.read("gbahuishoudensbus", 2023)["plhh"].to_list()[:3] == ["01", "10", None]
    assert door.read("gbapersoontab", 2023)["gbageslacht"].to_list()[:3] == ["1", None, None]


def test_dates_in_a_date_format(door: Door) -> None:
    starts = [dt.date(2015, 1, 1), dt.date(1899, 12, 31)] * (ROWS // 2)
    for extension in (".sav", ".parquet"):
        door.extension = extension
        door.replace(SPELLS_FILE, DATUMAANVANGHH=starts)
        for old in door.delivery.rglob("GBAHUISHOUDENS*.*"):
            old.unlink()
        door.run()
        assert door.read("gbahuishoudensbus", 2023)["datumaanvanghh"].to_list()[:2] == ["20150101", "18991231"]


def test_user_missing_values_of_spss_stay_codes(door: Door) -> None:
    door.extension = ".sav"
    door.write()
    pyreadstat.write_sav(
        door.tables[INCOME_2020],
        str(door.delivery / f"{INCOME_2020}.sav"),
        missing_ranges={"INHP100HGEST": [-1.0]},
        variable_value_labels={"INHP100HGEST": {-1.0: "institution", 1.0: "lowest"}},
    )
    door.ingest()
    assert door.read("inhatab", 2020)["inhp100hgest"].to_list()[:2] == [-1, 1]


def test_csv_with_semicolons_commas_and_latin_letters(door: Door) -> None:
    door.write()
    (door.delivery / f"{INCOME_2020}.parquet").unlink()
    lines = ["RINPERSOONS;RINPERSOON;INHP100HGEST;INHBESTINKH;INHUAF"]
    lines += [f"R;{number};50;1234,5;caf\u00e9" for number in numbers(ROWS)]
    (door.delivery / f"{INCOME_2020}.csv").write_bytes("\r\n".join(lines).encode("latin-1"))
    door.ingest()
    income = door.read("inhatab", 2020)
    assert income["inhbestinkh"].to_list() == [1234.5] * ROWS
    assert income["inhuaf"].to_list() == ["caf\u00e9"] * ROWS


@pytest.mark.parametrize(
    "lines",
    [
        ["PC4,jaar,lbm", "1011,2020,4.12", "1012,2020,3.81", "1013,2022,NA"],
        ["pc4;versie;jaar;lbm;afw", '"1011";"3.0";2020;4,12;0,1', "1012;3.0;2020;3,81;", "1013;3.0;2022;;"],
    ],
)
def test_public_file_of_the_leefbaarometer_as_it_is_downloaded(tmp_path: Path, lines: list[str]) -> None:
    catalogue = Catalogue(registers={"leefbaarometer": load_catalogue().registers["leefbaarometer"]})
    file = tmp_path / "delivery" / "Maatwerk" / "Leefbaarometer 3.0 - meting 2022 - scores PC4.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines), encoding="utf-8")
    ingest(tmp_path / "delivery", tmp_path / "registers", catalogue=catalogue, jobs=1)
    found = pl.read_parquet(tmp_path / "registers" / "leefbaarometer" / "2022.parquet")
    expected = [("1011", 2020, 4.12), ("1012", 2020, 3.81), ("1013", 2022, None)]
    assert found.select("pc4", "jaar", "lbm").rows() == expected


def test_tolerated_defects_are_counted_and_stay(door: Door) -> None:
    door.set_cells(SPELLS_FILE, "DATUMAANVANGHH", {3: "20150229", 4: "20151301"})
    door.tables[SPELLS_FILE] = pl.concat([door.tables[SPELLS_FILE], door.tables[SPELLS_FILE].head(3)])
    door.set_cells(INCOME_2020, "RINPERSOON", {1: "900000001"})
    door.set_cells(INCOME_2020, "RINPERSOONS", {2: "G"})
    door.set_cells(INCOME_2020, "RINPERSOON", {2: "900000002"})
    manifest = door.run()
    assert manifest.registers[0].tolerated_defects == {"duplicate_key": 3, "impossible_date.datumaanvanghh": 3}
    assert manifest.registers[2].tolerated_defects == {"negative.inhbestinkh": 1, "unknown_person.rinpersoon": 1}
    assert door.read("gbahuishoudensbus", 2023)["datumaanvanghh"].to_list()[2:4] == ["20150229", "20151301"]


def test_persons_of_a_file_are_counted_once_and_looked_up(door: Door) -> None:
    door.set_cells(INCOME_2020, "RINPERSOON", {1: "900000001"})
    door.set_cells(INCOME_2020, "RINPERSOONS", {2: "G"})
    door.tables[SPELLS_FILE] = pl.concat([door.tables[SPELLS_FILE], door.tables[SPELLS_FILE].head(3)])
    persons, spells, income = (door.run().registers[number] for number in (1, 0, 2))
    assert (persons.persons, persons.linked_persons) == (None, None)
    assert (spells.persons, spells.linked_persons) == (ROWS, ROWS)
    assert (income.persons, income.linked_persons) == (ROWS - 1, ROWS - 2)


def test_persons_verdict_follows_a_new_gbapersoontab(door: Door) -> None:
    door.set_cells(INCOME_2020, "RINPERSOON", {1: "900000001"})
    assert door.run().registers[2].tolerated_defects["unknown_person.rinpersoon"] == 1
    stranger = pl.DataFrame({"RINPERSOONS": ["R"], "RINPERSOON": ["900000001"], "GBAGESLACHT": ["1"]})
    door.tables[PERSONS_FILE] = pl.concat([door.tables[PERSONS_FILE], stranger])
    write_table(door.delivery / f"{PERSONS_FILE}.parquet", door.tables[PERSONS_FILE])
    assert "unknown_person.rinpersoon" not in door.ingest().registers[2].tolerated_defects


def test_file_without_rows(door: Door) -> None:
    for extension in (".parquet", ".csv", ".sav"):
        for old in door.delivery.rglob("SCHULDEN*.*"):
            old.unlink()
        door.write()
        (door.delivery / f"{DEBTS_FILE}.parquet").unlink()
        write_table(door.delivery / f"{DEBTS_FILE}{extension}", door.tables[DEBTS_FILE].clear())
        assert door.ingest().registers[-1].rows == 0
        assert door.read("schuldentab", 2021).height == 0


@pytest.mark.parametrize(
    ("share", "rows", "accepted", "refused"),
    [(0.0, 1000, 0, 1), (0.1, 100, 20, 21), (0.001, 10, 1, 2), (0.001, 10_000_000, 10_300, 10_302), (1.0, 5, 5, 7)],
)
def test_tolerance_leaves_room_for_chance_in_small_files(share: float, rows: int, accepted: int, refused: int) -> None:
    assert accepted <= allowed(share, rows) < refused


def test_manifest_of_another_format_is_not_trusted(door: Door, tmp_path: Path) -> None:
    door.run()
    manifest = door.registers / "manifest.json"
    for content in ("{", "[]", '{"format_version": 99}', '{"format_version": 1, "registers": [{}]}'):
        manifest.write_text(content, encoding="utf-8")
        assert read_manifest(door.registers) is None
        door.ingest()
        assert read_manifest(door.registers) is not None
