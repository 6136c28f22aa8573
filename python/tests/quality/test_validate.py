"""Validation of registers: what passes, what fails and how it is told."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kansrijke_start.delivery.check import allowed
from kansrijke_start.errors import DeliveryError
from kansrijke_start.quality.validate import ValidationResult, validate, with_room_for_chance

from ..delivery.conftest import ROWS, Door


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """Registers that are as the catalogue describes."""
    door = Door(tmp_path_factory.mktemp("good"))
    door.run()
    return door


def run(door: Door, docs: Path | None = None) -> ValidationResult:
    return validate(door.registers, docs, catalogue=door.catalogue)


def test_good_registers(good: Door, capsys: pytest.CaptureFixture[str]) -> None:
    docs = good.root / "data_docs"
    docs.mkdir()
    (docs / "old.html").touch()
    result = run(good, docs)
    assert result.success and result.failures == []
    assert [(one.component, one.years, one.rows) for one in result.registers] == [
        ("GBAHUISHOUDENSBUS", [2023], ROWS),
        ("GBAPERSOONTAB", [2023], ROWS),
        ("INHATAB", [2020, 2021], 2 * ROWS),
        ("SCHULDENTAB", [2021], ROWS),
    ]
    assert all(one.expectations > 5 for one in result.registers)
    assert result.docs == docs / "index.html" and result.docs.is_file()
    assert not (docs / "old.html").exists()
    assert len(list((docs / "validations").rglob("*.html"))) == 4
    assert "inhatab" in result.docs.read_text(encoding="utf-8")
    said = capsys.readouterr().err
    assert "GBAPERSOONTAB" in said and "2020-2021" in said and "expectations" in said
    assert "Traceback" not in said and "unexpected Exception" not in said


def broken(good: Door, tmp_path: Path, component: str, year: int, table: pl.DataFrame) -> Door:
    """A copy of the good registers with another table in one place."""
    door = Door(tmp_path)
    for name, data in good.snapshot().items():
        file = door.registers / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    table.write_parquet(door.registers / component / f"{year}.parquet")
    return door


def test_unknown_code(good: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = good.read("gbapersoontab", 2023)
    sex = table["gbageslacht"].to_list()
    sex[:10] = ["7"] * 10
    door = broken(good, tmp_path, "gbapersoontab", 2023, table.with_columns(pl.Series("gbageslacht", sex)))
    docs = tmp_path / "docs"
    result = run(door, docs)
    assert not result.success
    [failure] = result.failures
    assert (failure.register, failure.column) == ("GBAPERSOONTAB", "gbageslacht")
    assert failure.share is not None and 0.1 < failure.share < 0.13, "of the rows that have a value"
    said = capsys.readouterr().err.replace("\n", " ")
    assert "GBAPERSOONTAB, column gbageslacht" in said and "gbapersoontab.yml" in said and "ingest --force" in said
    assert len(list((docs / "validations").rglob("*.html"))) == 4, "a failed suite is in the report once"


def test_duplicate_key_and_missing_column(good: Door, tmp_path: Path) -> None:
    table = good.read("gbapersoontab", 2023)
    door = broken(good, tmp_path, "gbapersoontab", 2023, pl.concat([table, table.head(5)]))
    assert [failure.register for failure in run(door).failures] == ["GBAPERSOONTAB"]
    table.drop("gbageslacht").write_parquet(door.registers / "gbapersoontab/2023.parquet")
    [failure] = run(door).failures
    assert failure.column is None and "columns are those of the catalogue" in failure.expectation


def test_wrong_type(good: Door, tmp_path: Path) -> None:
    table = good.read("gbapersoontab", 2023).with_columns(pl.col("rinpersoon").str.slice(1).cast(pl.Int64))
    [failure] = run(broken(good, tmp_path, "gbapersoontab", 2023, table)).failures
    assert "stored in the type of the catalogue" in failure.expectation


def test_room_for_chance_is_that_of_ingest(good: Door) -> None:
    register = good.catalogue.registers["gbahuishoudensbus"]
    relaxed = with_room_for_chance(register, 100)
    assert relaxed.columns[2].tolerance.impossible_date == pytest.approx(allowed(0.1, 100) / 100)
    assert relaxed.columns[3].tolerance.impossible_date == 0
    assert relaxed.columns[4].tolerance.missing == pytest.approx(allowed(0.5, 100) / 100)
    assert relaxed.key_tolerance.for_year(2023) == pytest.approx(allowed(0.1, 100) / 100)
    assert with_room_for_chance(register, 1).columns[4].tolerance.missing == 1
    assert with_room_for_chance(register, 0) == register


def test_no_registers(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no registers to validate") as caught:
        validate(tmp_path / "registers")
    assert "kansrijke-start ingest" in str(caught.value)


def test_missing_file(good: Door, tmp_path: Path) -> None:
    door = broken(good, tmp_path, "inhatab", 2020, good.read("inhatab", 2020))
    (door.registers / "inhatab/2020.parquet").unlink()
    with pytest.raises(DeliveryError, match=r"inhatab/2020\.parquet.*not there") as caught:
        run(door)
    assert "--force" in str(caught.value)
