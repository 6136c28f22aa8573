"""A delivery of four small registers, as a dictionary of tables that a test changes before it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from kansrijke_start.delivery.ingest import DeliveryRefusedError, ingest
from kansrijke_start.delivery.manifest import Manifest
from kansrijke_start.errors import DeliveryError
from kansrijke_start.registers.catalogue import Catalogue, Register

FACT = {"source": "test", "confidence": "documented", "description": "A column."}
KIND = {
    "name": "rinpersoons",
    "type": "code",
    "width": 1,
    "codes": {"R": "person", "G": "no person"},
    "missing": ["-"],
    **FACT,
}
NUMBER = {
    "name": "rinpersoon",
    "type": "string",
    "width": 9,
    "value_pattern": r"\d{9}",
    "missing": ["", "---------"],
    **FACT,
}


def register(component: str, kind: str, years: tuple[int, int], columns: list[dict[str, Any]], **more: Any) -> Register:
    """A catalogue entry in as few words as possible."""
    stem = component.removesuffix("TAB").removesuffix("BUS")
    return Register.model_validate(
        {
            "component": component,
            "theme": "Bevolking",
            "family": "brp",
            "kind": kind,
            "grain": "One row per row.",
            "description": "A register.",
            "source": "test",
            "confidence": "documented",
            "file_name": f"{stem}{{year}}{component.removeprefix(stem)}V{{version}}",
            "file_patterns": [
                rf"{stem}(?P<year>\d{{4}}){component.removeprefix(stem)}V(?P<version>\d+)",
                rf"(?:\d{{6}} )?{component} ?(?P<year>\d{{4}})V(?P<version>\d+)",
            ],
            "years": {"first": years[0], "last": years[1]},
            "required": True,
            "columns": columns,
            **more,
        }
    )


PERSONS_RULE = [{"kind": "rinpersoons", "number": "rinpersoon", "least_share": 0.9}]


def small_catalogue() -> Catalogue:
    """Persons, household spells, yearly incomes and yearly debts."""
    entries = [
        register(
            "GBAPERSOONTAB",
            "cumulative",
            (2023, 2023),
            [
                KIND,
                NUMBER,
                {
                    "name": "gbageslacht",
                    "type": "code",
                    "width": 1,
                    "codes": {"1": "man", "2": "woman"},
                    "missing": ["-"],
                    "tolerance": {"missing": 0.5},
                    **FACT,
                },
            ],
            key=["rinpersoons", "rinpersoon"],
        ),
        register(
            "GBAHUISHOUDENSBUS",
            "spells",
            (2023, 2023),
            [
                KIND,
                NUMBER,
                {"name": "datumaanvanghh", "type": "date", "width": 8, "tolerance": {"impossible_date": 0.1}, **FACT},
                {
                    "name": "datumeindehh",
                    "type": "date",
                    "width": 8,
                    "meaningful_missing": {"88888888": "open"},
                    **FACT,
                },
                {
                    "name": "plhh",
                    "type": "code",
                    "width": 2,
                    "pad": True,
                    "codes": {"01": "child", "10": "other"},
                    "missing": ["--"],
                    "tolerance": {"missing": 0.5},
                    **FACT,
                },
            ],
            key=["rinpersoons", "rinpersoon", "datumaanvanghh"],
            key_tolerance={"default": 0.0, "years": {2023: 0.1}},
            persons=PERSONS_RULE,
        ),
        register(
            "INHATAB",
            "yearly",
            (2020, 2021),
            [
                KIND,
                NUMBER,
                {
                    "name": "inhp100hgest",
                    "type": "integer",
                    "meaningful_missing": {"-1": "institution"},
                    "tolerance": {"missing": 0.5},
                    "delivered_as": ["INHP100HGEST"],
                    "aliases": [{"name": "PERCENTILE"}, {"name": "OLDPERCENTILE", "years": {"last": 2019}}],
                    **FACT,
                },
                {
                    "name": "inhbestinkh",
                    "type": "decimal",
                    "missing": ["9999999999"],
                    "tolerance": {"missing": 0.5, "negative": 0.2},
                    **FACT,
                },
                {
                    "name": "inhahl",
                    "type": "integer",
                    "years": {"first": 2021},
                    "missing": ["99"],
                    "tolerance": {"missing": 0.5},
                    **FACT,
                },
                {"name": "inhuaf", "type": "string", "optional": True, "tolerance": {"missing": 1.0}, **FACT},
            ],
            key=["rinpersoons", "rinpersoon"],
            persons=PERSONS_RULE,
        ),
        register(
            "SCHULDENTAB",
            "yearly",
            (2021, 2021),
            [
                KIND,
                NUMBER,
                {
                    "name": "schuld",
                    "type": "integer",
                    "pattern": r"schuld_(?P<date>\d{8})",
                    "date_column": "peildatum",
                    "codes": {"0": "no", "1": "yes"},
                    **FACT,
                },
                KIND | {"name": "rinpersoonsma", "optional": True, "tolerance": {"missing": 1.0}},
                NUMBER | {"name": "rinpersoonma", "optional": True, "tolerance": {"missing": 1.0}},
            ],
            persons=PERSONS_RULE,
        ),
    ]
    return Catalogue(registers={entry.folder: entry for entry in sorted(entries, key=lambda one: one.component)})


def numbers(n: int) -> list[str]:
    """Person numbers with leading zeros."""
    return [f"{7 * person:09d}" for person in range(1, n + 1)]


def identities(n: int) -> list[str]:
    """The same persons as registers name them: the number after its kind."""
    return [f"R{number}" for number in numbers(n)]


ROWS = 100


def tables() -> dict[str, pl.DataFrame]:
    """Valid tables by path within the delivery, without extension."""
    people = {"RINPERSOONS": ["R"] * ROWS, "RINPERSOON": numbers(ROWS)}

    def income(year: int) -> pl.DataFrame:
        more = {"INHAHL": [2.0] * (ROWS - 1) + [99.0]} if year >= 2021 else {}
        return pl.DataFrame(
            {
                **people,
                "INHP100HGEST": [-1.0] + [float(1 + person % 100) for person in range(ROWS - 1)],
                "INHBESTINKH": [9999999999.0, -12.5] + [20000.25 + person for person in range(ROWS - 2)],
                **more,
            }
        )

    return {
        "Bevolking/GBAPERSOONTAB/GBAPERSOON2023TABV1": pl.DataFrame(
            {**people, "GBAGESLACHT": ["1", "2", "-", "1", "2"] * (ROWS // 5)}
        ),
        "Bevolking/GBAHUISHOUDENSBUS/GBAHUISHOUDENS2023BUSV1": pl.DataFrame(
            {
                **people,
                "DATUMAANVANGHH": ["20150101", "20160229"] * (ROWS // 2),
                "DATUMEINDEHH": ["88888888", "20201231"] * (ROWS // 2),
                "PLHH": ["1", "10", "--", "01"] * (ROWS // 4),
            }
        ),
        "InkomenBestedingen/INHATAB/INHA2020TABV1": income(2020),
        "InkomenBestedingen/INHATAB/INHA2021TABV1": income(2021),
        "InkomenBestedingen/SCHULDENTAB/SCHULDEN2021TABV1": pl.DataFrame(
            {**people, "schuld_20210101": [0.0, 1.0] * (ROWS // 2)}
        ),
    }


PERSONS_FILE = "Bevolking/GBAPERSOONTAB/GBAPERSOON2023TABV1"
SPELLS_FILE = "Bevolking/GBAHUISHOUDENSBUS/GBAHUISHOUDENS2023BUSV1"
INCOME_2020 = "InkomenBestedingen/INHATAB/INHA2020TABV1"
INCOME_2021 = "InkomenBestedingen/INHATAB/INHA2021TABV1"
DEBTS_FILE = "InkomenBestedingen/SCHULDENTAB/SCHULDEN2021TABV1"


def write_table(path: Path, table: pl.DataFrame) -> None:
    """Write a table in the format of its extension, whatever its case."""
    path.parent.mkdir(parents=True, exist_ok=True)
    extension = path.suffix.lower()
    if extension == ".parquet":
        table.write_parquet(path)
    elif extension == ".csv":
        table.write_csv(path)
    else:
        whole = path.with_name(path.stem + ".tmp.sav")
        pyreadstat.write_sav(table, str(whole))
        whole.rename(path)


@dataclass
class Door:
    """A delivery and the registers made from it.

    Attributes:
        root: scratch folder.
        tables: tables by path without extension; change them before `write`.
        extension: how they are written.
        catalogue: the registers that are known.
        jobs: processes and threads of ingest.
    """

    root: Path
    tables: dict[str, pl.DataFrame] = field(default_factory=tables)
    extension: str = ".parquet"
    catalogue: Catalogue = field(default_factory=small_catalogue)
    jobs: int = 1

    @property
    def delivery(self) -> Path:
        return self.root / "delivery"

    @property
    def registers(self) -> Path:
        return self.root / "registers"

    def write(self) -> None:
        """Write all tables."""
        for name, table in self.tables.items():
            write_table(self.delivery / f"{name}{self.extension}", table)

    def replace(self, name: str, **columns: Any) -> None:
        """Give a table other values in some columns."""
        self.tables[name] = self.tables[name].with_columns(
            [pl.Series(column, values, strict=False) for column, values in columns.items()]
        )

    def set_cells(self, name: str, column: str, cells: dict[int, Any]) -> None:
        """Give some rows (1 = the first) another value."""
        values = self.tables[name][column].to_list()
        for row, value in cells.items():
            values[row - 1] = value
        self.replace(name, **{column: values})

    def mark(self, **content: Any) -> None:
        """Mark the delivery as synthetic."""
        self.delivery.mkdir(parents=True, exist_ok=True)
        (self.delivery / "SYNTHETIC.json").write_text(json.dumps(content), encoding="utf-8")

    def ingest(self, **options: Any) -> Manifest:
        """Ingest the delivery with the small catalogue."""
        return ingest(self.delivery, self.registers, **{"jobs": self.jobs, "catalogue": self.catalogue, **options})

    def run(self, **options: Any) -> Manifest:
        """Write and ingest."""
        self.write()
        return self.ingest(**options)

    def read(self, component: str, year: int) -> pl.DataFrame:
        """A register as ingested."""
        return pl.read_parquet(self.registers / component / f"{year}.parquet")

    def snapshot(self) -> dict[str, bytes]:
        """All files of the registers and their bytes, the manifest too."""
        return {
            path.relative_to(self.registers).as_posix(): path.read_bytes()
            for path in sorted(self.registers.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """A valid delivery, not yet written."""
    return Door(tmp_path)


@pytest.fixture
def refused(door: Door) -> Iterator[Any]:
    """Ingest a good delivery, then a changed one, and hold the refusal against what it must say.

    Call it with what the message must name; it proves that the earlier registers are untouched and that nothing is
    left beside them, and gives the error.
    """

    def check(*said: str, file: str, column: str | None = None, rows: list[int] | None = None) -> DeliveryError:
        before = door.snapshot()
        assert before, "the good delivery must be ingested first"
        with pytest.raises(DeliveryError) as caught:
            door.ingest()
        error = caught.value
        errors = error.errors if isinstance(error, DeliveryRefusedError) else [error]
        fitting = [one for one in errors if one.file == file and one.column == column]
        assert fitting, f"no error for {file}, {column}: {error}"
        found = fitting[0]
        assert found.rows == rows, found.rows
        message = str(found)
        for text in said:
            assert text in message, message
        assert found.remedy and found.remedy in message
        assert str(found.problem) in str(error)
        assert door.snapshot() == before
        assert sorted(path.name for path in door.root.iterdir()) == ["delivery", "registers", "registers.lock"]
        return found

    yield check
