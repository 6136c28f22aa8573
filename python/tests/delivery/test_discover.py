"""Which file of a delivery is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kansrijke_start.delivery.discover import Discovery, discover
from kansrijke_start.registers.catalogue import Catalogue, YearRange

from .conftest import small_catalogue


def found(root: Path, *names: str, catalogue: Catalogue | None = None) -> Discovery:
    """Discover a delivery of empty files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return discover(root, catalogue or small_catalogue())


def chosen(discovery: Discovery, folder: str) -> list[str]:
    return [source.name for source in discovery.selected if source.register.folder == folder]


@pytest.mark.parametrize(
    ("names", "winner"),
    [
        (["INHA2020TABV9.sav", "INHA2020TABV10.sav"], "INHA2020TABV10.sav"),
        (["INHA2020TABV2.sav", "INHA2020TABV10.SAV", "INHA2020TABV3.parquet"], "INHA2020TABV10.SAV"),
        (["INHA2020TABV2.sav", "INHA2020TABV2.csv", "INHA2020TABV2.parquet"], "INHA2020TABV2.parquet"),
        (["INHA2020TABV2.sav", "INHA2020TABV2.csv"], "INHA2020TABV2.csv"),
        (["inha2020tabv1.SAV"], "inha2020tabv1.SAV"),
        (["140710 INHATAB 2020V1.sav"], "140710 INHATAB 2020V1.sav"),
        (["2020/INHA2020TABV1.sav"], "2020/INHA2020TABV1.sav"),
        (
            ["INHA2020TABV1.sav", "geconverteerde data/INHA2020TABV1.parquet"],
            "geconverteerde data/INHA2020TABV1.parquet",
        ),
        (["INHA2020TABV1.sav", "copy/INHA2020TABV1.sav"], "INHA2020TABV1.sav"),
    ],
)
def test_newest_version_and_format(tmp_path: Path, names: list[str], winner: str) -> None:
    discovery = found(tmp_path, *(f"Inkomen/INHATAB/{name}" for name in names))
    assert chosen(discovery, "inhatab") == [f"Inkomen/INHATAB/{winner}"]
    assert discovery.superseded == {
        f"Inkomen/INHATAB/{name}": f"Inkomen/INHATAB/{winner}" for name in names if name != winner
    }


def test_month_counts_before_the_version(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    entry = catalogue.registers["gbapersoontab"].model_copy(
        update={"file_patterns": (r"VSL(?P<year>\d{4})TAB(?P<month>\d{2})V(?P<version>\d+)",)}
    )
    catalogue = catalogue.model_copy(update={"registers": {"gbapersoontab": entry}})
    discovery = found(tmp_path, "A/VSL2023TAB03V9.sav", "A/VSL2023TAB10V1.sav", catalogue=catalogue)
    assert chosen(discovery, "gbapersoontab") == ["A/VSL2023TAB10V1.sav"]


def test_only_the_newest_year_of_a_cumulative_register(tmp_path: Path) -> None:
    discovery = found(tmp_path, "P/GBAPERSOON2022TABV3.sav", "P/GBAPERSOON2023TABV1.sav", "P/GBAPERSOON2024TABV1.sav")
    assert chosen(discovery, "gbapersoontab") == ["P/GBAPERSOON2024TABV1.sav"]
    assert discovery.superseded == {
        "P/GBAPERSOON2022TABV3.sav": "P/GBAPERSOON2024TABV1.sav",
        "P/GBAPERSOON2023TABV1.sav": "P/GBAPERSOON2024TABV1.sav",
    }


def test_years_before_the_first_are_not_read_and_later_ones_are(tmp_path: Path) -> None:
    discovery = found(tmp_path, *(f"I/INHA{year}TABV1.csv" for year in range(2018, 2024)))
    assert chosen(discovery, "inhatab") == [f"I/INHA{year}TABV1.csv" for year in range(2020, 2024)]
    assert discovery.not_needed == ["I/INHA2018TABV1.csv", "I/INHA2019TABV1.csv"]


def test_component_folder_in_any_case_and_any_theme(tmp_path: Path) -> None:
    discovery = found(tmp_path, "anything/inhatab/INHA2020TABV1.sav", "INHA2021TABV1.sav")
    assert chosen(discovery, "inhatab") == ["anything/inhatab/INHA2020TABV1.sav", "INHA2021TABV1.sav"]


def test_file_of_another_register_in_a_component_folder(tmp_path: Path) -> None:
    discovery = found(tmp_path, "Inkomen/INHATAB/SCHULDEN2021TABV1.sav")
    assert chosen(discovery, "schuldentab") == ["Inkomen/INHATAB/SCHULDEN2021TABV1.sav"]


def test_unknown_and_hidden_files(tmp_path: Path) -> None:
    discovery = found(
        tmp_path,
        "Inkomen/INHATAB/readme.csv",
        "Inkomen/INHATAB/notes.txt",
        ".trash/INHA2020TABV1.sav",
        "Inkomen/INHATAB/~INHA2020TABV1.sav",
    )
    assert discovery.unknown == ["Inkomen/INHATAB/readme.csv"]
    assert not discovery.selected


def test_register_that_no_model_reads(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    entry = catalogue.registers["inhatab"].model_copy(update={"required": False})
    catalogue = catalogue.model_copy(update={"registers": {"inhatab": entry}})
    discovery = found(tmp_path, "I/INHA2020TABV1.csv", catalogue=catalogue)
    assert discovery.not_needed == ["I/INHA2020TABV1.csv"] and not discovery.missing and not discovery.selected


def test_missing_years_are_listed(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    entry = catalogue.registers["inhatab"].model_copy(update={"years": YearRange(first=2018, last=2021)})
    catalogue = catalogue.model_copy(update={"registers": {"inhatab": entry}})
    discovery = found(tmp_path, "I/INHA2020TABV1.csv", catalogue=catalogue)
    [error] = discovery.missing
    assert "the files of 2018, 2019, 2021 are missing" in error.problem


def test_years_without_a_file_are_not_missed(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    entry = catalogue.registers["inhatab"].model_copy(
        update={"years": YearRange(first=2019, last=2021), "file_years_only": (2019, 2021)}
    )
    catalogue = catalogue.model_copy(update={"registers": {"inhatab": entry}})
    discovery = found(tmp_path, "I/INHA2019TABV1.csv", "I/INHA2021TABV1.csv", catalogue=catalogue)
    assert chosen(discovery, "inhatab") == ["I/INHA2019TABV1.csv", "I/INHA2021TABV1.csv"] and not discovery.missing


def test_an_optional_register_may_miss_years_or_all_of_them(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    entry = catalogue.registers["inhatab"].model_copy(update={"required": False, "has_source": True})
    catalogue = catalogue.model_copy(update={"registers": {"inhatab": entry}})
    discovery = found(tmp_path, "other.csv", catalogue=catalogue)
    assert not discovery.missing and not discovery.selected
    discovery = found(tmp_path, "I/INHA2020TABV1.csv", catalogue=catalogue)
    assert chosen(discovery, "inhatab") == ["I/INHA2020TABV1.csv"] and not discovery.missing
