"""Every bad input is refused with file, column, rows and remedy, and leaves the earlier registers as they were."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kansrijke_start.delivery import ingest as ingest_module
from kansrijke_start.delivery.ingest import DeliveryRefusedError
from kansrijke_start.delivery.lock import only_one
from kansrijke_start.errors import DeliveryError

from .conftest import DEBTS_FILE, INCOME_2020, INCOME_2021, PERSONS_FILE, ROWS, SPELLS_FILE, Door, write_table


def test_missing_register(door: Door, refused: Any) -> None:
    door.run()
    shutil.rmtree(door.delivery / "InkomenBestedingen/SCHULDENTAB")
    refused(
        "missing from the delivery",
        "2021",
        "SCHULDEN2021TABV1",
        ["InkomenBestedingen", "SCHULDENTAB"][1],
        str(door.delivery),
        file="SCHULDENTAB",
    )


def test_missing_year(door: Door, refused: Any) -> None:
    door.run()
    (door.delivery / f"{INCOME_2021}.parquet").unlink()
    refused("the file of 2021 is missing", "INHA2021TABV1", file="INHATAB")


def test_missing_year_names_files_that_nobody_knows(door: Door, refused: Any) -> None:
    door.run()
    (door.delivery / f"{INCOME_2021}.parquet").rename(door.delivery / "InkomenBestedingen/INHATAB/inkomens 21.parquet")
    refused("inkomens 21.parquet", "file_patterns", file="INHATAB")


def test_cumulative_file_that_is_too_old(door: Door, refused: Any) -> None:
    door.run()
    file = door.delivery / f"{PERSONS_FILE}.parquet"
    file.rename(file.with_name("GBAPERSOON2022TABV1.parquet"))
    refused("the newest file is of 2022", "2023 or later", file="GBAPERSOONTAB")


def test_no_delivery(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no delivery in this folder") as caught:
        Door(tmp_path).ingest()
    assert "kansrijke-start synthesize" in str(caught.value)
    assert not (tmp_path / "registers").exists()


def test_empty_delivery(door: Door) -> None:
    door.delivery.mkdir()
    with pytest.raises(DeliveryError, match=r"no \.sav, \.csv or \.parquet file"):
        door.ingest()


def test_missing_column(door: Door, refused: Any) -> None:
    door.run()
    door.tables[PERSONS_FILE] = door.tables[PERSONS_FILE].drop("GBAGESLACHT")
    door.write()
    refused("the column is missing", "gbapersoontab.yml", file=f"{PERSONS_FILE}.parquet", column="GBAGESLACHT")


def test_renamed_column(door: Door, refused: Any) -> None:
    door.run()
    door.tables[PERSONS_FILE] = door.tables[PERSONS_FILE].rename({"GBAGESLACHT": "GBAGESLACHTNW"})
    door.write()
    refused("has a column GBAGESLACHTNW", "aliases", file=f"{PERSONS_FILE}.parquet", column="GBAGESLACHT")


def test_alias_of_other_years(door: Door, refused: Any) -> None:
    door.run()
    door.tables[INCOME_2021] = door.tables[INCOME_2021].rename({"INHP100HGEST": "OLDPERCENTILE"})
    door.write()
    refused("OLDPERCENTILE", file=f"{INCOME_2021}.parquet", column="INHP100HGEST")


def test_dates_in_names_that_differ(door: Door, refused: Any) -> None:
    entry = door.catalogue.registers["schuldentab"]
    second = entry.columns[2].model_copy(update={"name": "schuld_hh", "pattern": r"schuld_hh_(?P<date>\d{8})"})
    changed = entry.model_copy(update={"columns": (*entry.columns, second)})
    door.catalogue = door.catalogue.model_copy(
        update={"registers": {**door.catalogue.registers, "schuldentab": changed}}
    )
    debts = door.tables[DEBTS_FILE]
    door.tables[DEBTS_FILE] = debts.with_columns(debts["schuld_20210101"].alias("schuld_hh_20210101"))
    door.run()
    door.tables[DEBTS_FILE] = door.tables[DEBTS_FILE].rename({"schuld_hh_20210101": "schuld_hh_20200101"})
    door.write()
    refused("20200101, 20210101", file=f"{DEBTS_FILE}.parquet", column="peildatum")


def test_text_where_a_number_belongs(door: Door, refused: Any) -> None:
    door.run()
    values = [str(value) for value in door.tables[INCOME_2020]["INHBESTINKH"]]
    values[4] = values[9] = "veel"
    door.replace(INCOME_2020, INHBESTINKH=values)
    door.write()
    refused("wrong type", "'veel'", "2 of 100 rows", file=f"{INCOME_2020}.parquet", column="INHBESTINKH", rows=[5, 10])


def test_fraction_where_a_whole_number_belongs(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(INCOME_2020, "INHP100HGEST", {7: 50.5})
    door.write()
    refused("not a whole number", "50.5", file=f"{INCOME_2020}.parquet", column="INHP100HGEST", rows=[7])


def test_column_of_another_kind(door: Door, refused: Any) -> None:
    door.run()
    door.replace(PERSONS_FILE, GBAGESLACHT=[True] * ROWS)
    door.write()
    refused("wrong type", "boolean", file=f"{PERSONS_FILE}.parquet", column="GBAGESLACHT", rows=[1, 2, 3, 4, 5])


def test_wrong_width(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "RINPERSOON", {3: "21"})
    door.write()
    refused("wrong width", "9 characters", "'21'", file=f"{PERSONS_FILE}.parquet", column="RINPERSOON", rows=[3])


def test_too_wide_to_pad(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(SPELLS_FILE, "PLHH", {2: "010"})
    door.write()
    refused("at most 2 characters", file=f"{SPELLS_FILE}.parquet", column="PLHH", rows=[2])


def test_wrong_form(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "RINPERSOON", {3: "00000002A"})
    door.write()
    refused("wrong form", "'00000002A'", file=f"{PERSONS_FILE}.parquet", column="RINPERSOON", rows=[3])


def test_unknown_code(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {8: "9", 9: "9"})
    door.write()
    refused(
        "unknown code; known are 1, 2",
        "'9'",
        "2 of 100 rows",
        "codes or missing",
        file=f"{PERSONS_FILE}.parquet",
        column="GBAGESLACHT",
        rows=[8, 9],
    )


def test_unknown_number_code(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(DEBTS_FILE, "schuld_20210101", {4: 2.0})
    door.write()
    refused("unknown code", file=f"{DEBTS_FILE}.parquet", column="schuld_20210101", rows=[4])


def test_too_many_missing(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", dict.fromkeys(range(1, 91), "-"))
    door.write()
    refused(
        "values are missing",
        "tolerance.missing",
        file=f"{PERSONS_FILE}.parquet",
        column="GBAGESLACHT",
        rows=[1, 2, 3, 4, 5],
    )


def test_duplicate_keys_above_tolerance(door: Door, refused: Any) -> None:
    door.run()
    door.tables[SPELLS_FILE] = pl.concat([door.tables[SPELLS_FILE], door.tables[SPELLS_FILE].head(40)])
    door.write()
    refused(
        "duplicate keys",
        "40 of 140 rows",
        "tolerated 10.00%",
        "key_tolerance",
        file=f"{SPELLS_FILE}.parquet",
        column="rinpersoons, rinpersoon, datumaanvanghh",
        rows=[101, 102, 103, 104, 105],
    )


def test_duplicate_keys_where_none_are_tolerated(door: Door, refused: Any) -> None:
    door.run()
    door.tables[PERSONS_FILE] = pl.concat([door.tables[PERSONS_FILE], door.tables[PERSONS_FILE].slice(9, 1)])
    door.write()
    refused("none tolerated", file=f"{PERSONS_FILE}.parquet", column="rinpersoons, rinpersoon", rows=[101])


def test_impossible_dates_above_tolerance(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(SPELLS_FILE, "DATUMAANVANGHH", dict.fromkeys(range(11, 41), "20150229"))
    door.write()
    refused(
        "impossible dates",
        "'20150229'",
        "30 of 100 rows",
        "tolerated 10.00%",
        "tolerance.impossible_date",
        file=f"{SPELLS_FILE}.parquet",
        column="DATUMAANVANGHH",
        rows=[11, 12, 13, 14, 15],
    )


def test_open_code_where_none_belongs(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(SPELLS_FILE, "DATUMEINDEHH", {2: "99999999"})
    door.write()
    refused("impossible dates", "none tolerated", file=f"{SPELLS_FILE}.parquet", column="DATUMEINDEHH", rows=[2])


def test_negative_amounts_above_tolerance(door: Door, refused: Any) -> None:
    door.run()
    door.set_cells(INCOME_2020, "INHBESTINKH", dict.fromkeys(range(51, 101), -1.0))
    door.write()
    refused(
        "negative amounts",
        "51 of 100 rows",
        file=f"{INCOME_2020}.parquet",
        column="INHBESTINKH",
        rows=[2, 51, 52, 53, 54],
    )


def test_persons_whom_gbapersoontab_does_not_know(door: Door, refused: Any) -> None:
    door.run()
    strangers = [f"{900000000 + person}" for person in range(50)]
    door.set_cells(INCOME_2020, "RINPERSOON", {21 + place: number for place, number in enumerate(strangers)})
    door.write()
    refused(
        "do not occur in GBAPERSOONTAB",
        "50 of 100 rows",
        "tolerated 10.00%",
        "same delivery",
        file=f"{INCOME_2020}.parquet",
        column="rinpersoons, rinpersoon",
        rows=[21, 22, 23, 24, 25],
    )


def test_new_gbapersoontab_is_held_against_unchanged_registers(door: Door, refused: Any) -> None:
    door.run()
    door.tables[PERSONS_FILE] = door.tables[PERSONS_FILE].head(20)
    write_table(door.delivery / f"{PERSONS_FILE}.parquet", door.tables[PERSONS_FILE])
    refused(
        "80 of 100 rows", file=f"{INCOME_2021}.parquet", column="rinpersoons, rinpersoon", rows=[21, 22, 23, 24, 25]
    )


@pytest.mark.parametrize(("share", "jobs"), [(0.5, 1), (0.97, 1), (0.97, 2)])
def test_truncated_sav(door: Door, refused: Any, share: float, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kansrijke_start.delivery.read.CHUNK_VALUES", 60)
    monkeypatch.setattr("kansrijke_start.delivery.read.IN_PROCESS_VALUES", 0)
    door.extension = ".sav"
    door.run()
    door.jobs = jobs
    file = door.delivery / f"{INCOME_2020}.sav"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    refused("no SPSS file, or it is truncated", "Copy the file again", file=f"{INCOME_2020}.sav")


def test_sav_that_is_no_spss_file(door: Door, refused: Any) -> None:
    door.extension = ".sav"
    door.run()
    (door.delivery / f"{INCOME_2020}.sav").write_text("inkomen;persoon\n" * 50, encoding="utf-8")
    refused("no SPSS file", "Copy the file again", file=f"{INCOME_2020}.sav")


def test_truncated_parquet(door: Door, refused: Any) -> None:
    door.run()
    file = door.delivery / f"{INCOME_2020}.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    refused("no Parquet file, or it is truncated", file=f"{INCOME_2020}.parquet")


def test_csv_with_a_broken_line(door: Door, refused: Any) -> None:
    door.extension = ".csv"
    door.run()
    file = door.delivery / f"{INCOME_2020}.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[5] = "R,000000035"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    refused("another number of values", file=f"{INCOME_2020}.csv", rows=[5])


def test_csv_without_header(door: Door, refused: Any) -> None:
    door.extension = ".csv"
    door.run()
    (door.delivery / f"{INCOME_2020}.csv").write_bytes(b"")
    refused("no CSV file", file=f"{INCOME_2020}.csv")


def test_no_room_before_writing(door: Door, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "2"})
    door.write()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(ingest_module.shutil, "disk_usage", lambda path: usage(10**9, 10**9, 10_000))
    refused("not enough room on the disk", "KANSRIJKE_START_REGISTERS", "0.1 GiB is needed", file=str(door.root))


def test_no_room_while_writing(door: Door, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "2"})
    door.write()

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ingest_module, "convert", full)
    refused("not enough room on the disk", file=str(door.root))


def test_all_reasons_are_told_at_once(door: Door) -> None:
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {8: "9"})
    door.set_cells(INCOME_2020, "INHP100HGEST", {7: 50.5})
    with pytest.raises(DeliveryRefusedError) as caught:
        door.run()
    assert len(caught.value.errors) == 2
    assert "refused for 2 reasons" in str(caught.value)
    assert "GBAGESLACHT" in str(caught.value) and "INHP100HGEST" in str(caught.value)
    assert not door.registers.exists()


def test_interrupted_run_leaves_the_registers(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.run()
    before = door.snapshot()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "2"})
    door.write()

    def stopped(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ingest_module, "_swap", stopped)
        with pytest.raises(KeyboardInterrupt):
            door.ingest()
    assert door.snapshot() == before
    door.ingest()
    assert door.read("gbapersoontab", 2023)["gbageslacht"][0] == "2"


def test_run_that_was_killed_between_the_renames(door: Door) -> None:
    door.run()
    before = door.snapshot()
    door.registers.rename(door.root / "registers.previous")
    (door.root / "registers.incoming/half").mkdir(parents=True)
    door.ingest()
    assert door.snapshot() == before
    assert not (door.root / "registers.previous").exists() and not (door.root / "registers.incoming").exists()


def test_registers_that_are_in_use(door: Door, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door.run()
    door.set_cells(PERSONS_FILE, "GBAGESLACHT", {1: "2"})
    door.write()
    rename = Path.rename

    def held(path: Path, target: Path) -> Path:
        if path == door.registers:
            raise PermissionError(13, "The process cannot access the file")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held)
    refused("cannot be replaced", "Close it", file=str(door.registers))


def test_one_ingest_at_a_time(door: Door, refused: Any) -> None:
    door.run()
    with only_one(door.registers):
        refused("another ingest is writing", file=str(door.registers))
