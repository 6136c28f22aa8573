"""Quirks of a delivery: their rates, the catalogue's tolerances, and that slices leave no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fabricated_registers import fabricate, quirk_settings

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import text
from kansrijke_start.synthetic.parameters_loader import ParameterError
from kansrijke_start.synthetic.quirks import OPEN_SPELL, Quirks, tolerated_share
from kansrijke_start.synthetic.writer import DeliveryWriter

CATALOGUE = load_catalogue()
SETTINGS = quirk_settings()
QUIRKS = Quirks(CATALOGUE, 2024, SETTINGS)
ROWS = 60_000
SPELLS = sorted(QUIRKS.settings.open_spells.columns.items())


def changed(**values: Any) -> dict[str, Any]:
    return {**SETTINGS, **values}


def test_rates_stay_within_half_of_the_catalogues_tolerance() -> None:
    settings = QUIRKS.settings
    for component, column in settings.impossible_dates.columns.items():
        # Two days of the year in three years of four, times the share.
        expected = settings.impossible_dates.share * 2 / 365
        assert expected <= tolerated_share(CATALOGUE.registers[component.lower()], column, "impossible_date") / 2
    for component, columns in settings.negative_amounts.columns.items():
        for column in columns:
            tolerance = tolerated_share(CATALOGUE.registers[component.lower()], column, "negative")
            assert settings.negative_amounts.share / len(columns) <= tolerance / 2
    for code in settings.missing_codes:
        register = CATALOGUE.registers[code.component.lower()]
        assert code.share <= tolerated_share(register, code.column, "missing") / 2
        assert code.code in register.column(code.column).missing
    for component, column in settings.open_spells.columns.items():
        assert OPEN_SPELL in CATALOGUE.registers[component.lower()].column(column).meaningful_missing


@pytest.mark.parametrize(("component", "column"), SPELLS)
def test_open_spells_end_on_two_codes(component: str, column: str) -> None:
    register = CATALOGUE.registers[component.lower()]
    table = fabricate(register, 2023, ROWS)
    result = QUIRKS.apply(component, 2023, table)
    before, after = table[column].to_pylist(), result[column].to_pylist()
    were_open = [new for old, new in zip(before, after, strict=True) if old == OPEN_SPELL]
    assert set(were_open) == {OPEN_SPELL, "20501231"}
    assert were_open.count("20501231") / len(were_open) == pytest.approx(0.3, abs=0.02)
    assert all(old == new for old, new in zip(before, after, strict=True) if old != OPEN_SPELL)


@pytest.mark.parametrize(("component", "column"), sorted(QUIRKS.settings.impossible_dates.columns.items()))
def test_impossible_dates_stand_only_where_a_leap_day_is_missing(component: str, column: str) -> None:
    register = CATALOGUE.registers[component.lower()]
    days = np.arange(ROWS) % 14_000
    table = fabricate(register, 2024, ROWS, only={column: text.dates(days)})
    result = QUIRKS.apply(component, 2024, table)
    pairs = [(a, b) for a, b in zip(table[column].to_pylist(), result[column].to_pylist(), strict=True) if a != b]
    assert pairs
    for before, after in pairs:
        assert before[4:] in ("0228", "0301")
        assert after == before[:4] + "0229"
        assert before < "2013"
        with pytest.raises(ValueError, match="Day out of range"):
            np.datetime64(f"{after[:4]}-{after[4:6]}-{after[6:]}")
    assert len(pairs) / ROWS < tolerated_share(register, column, "impossible_date") / 2


def test_negative_amounts_occur_at_their_rate() -> None:
    register = CATALOGUE.registers["zvwzorgkostentab"]
    columns = QUIRKS.settings.negative_amounts.columns["ZVWZORGKOSTENTAB"]
    amounts: dict[str, Any] = {name: pa.array(np.full(ROWS, 10.0)) for name in columns}
    result = QUIRKS.apply("ZVWZORGKOSTENTAB", 2019, fabricate(register, 2019, ROWS, only=amounts))
    negative = [pc.sum(pc.less(result[name], 0)).as_py() for name in columns]
    assert sum(negative) / ROWS == pytest.approx(0.002, rel=0.3)
    assert all(count > 0 for count in negative)
    for name in columns:
        assert set(result[name].to_pylist()) == {10.0, -10.0}


@pytest.mark.parametrize("code", QUIRKS.settings.missing_codes, ids=lambda code: f"{code.component}.{code.column}")
def test_missing_codes_occur_at_their_rate(code: Any) -> None:
    register = CATALOGUE.registers[code.component.lower()]
    table = fabricate(register, register.file_years[0], ROWS)
    result = QUIRKS.apply(code.component, register.file_years[0], table)
    values = [str(value) for value in result[code.column].to_pylist()]
    missing = sum(value.removesuffix(".0") == code.code for value in values)
    assert missing / ROWS == pytest.approx(code.share, rel=0.35)


@pytest.mark.parametrize("blanks", QUIRKS.settings.blanks, ids=lambda b: f"{b.component}.{b.column}")
def test_blanks_stand_around_a_share_of_the_codes(blanks: Any) -> None:
    register = CATALOGUE.registers[blanks.component.lower()]
    table = fabricate(register, 2019, ROWS)
    result = QUIRKS.apply(blanks.component, 2019, table)
    before, after = table[blanks.column].to_pylist(), result[blanks.column].to_pylist()
    changed_to = {
        " " * blanks.before + old + " " * blanks.after == new
        for old, new in zip(before, after, strict=True)
        if old != new
    }
    assert changed_to == {True}
    share = sum(old != new for old, new in zip(before, after, strict=True)) / ROWS
    assert share == pytest.approx(blanks.share, rel=0.35)


def test_an_empty_code_gets_no_blanks() -> None:
    register = CATALOGUE.registers["mszprestatiesvekttab"]
    table = fabricate(register, 2019, ROWS)
    place = table.column_names.index("vektmszdbczorgproduct")
    table = table.set_column(place, "vektmszdbczorgproduct", pa.array([""] * ROWS))
    assert set(QUIRKS.apply(register.component, 2019, table)["vektmszdbczorgproduct"].to_pylist()) == {""}


@pytest.mark.parametrize(
    "component", ["MSZPRESTATIESVEKTTAB", "GBAHUISHOUDENSBUS", "GBABURGERLIJKESTAATBUS", "INHATAB", "ZVWZORGKOSTENTAB"]
)
def test_slices_leave_no_trace(component: str) -> None:
    table = fabricate(CATALOGUE.registers[component.lower()], 2018, 5000)
    whole = QUIRKS.apply(component, 2018, table)
    parts = pa.concat_tables(
        [
            QUIRKS.apply(component, 2018, table.slice(start, stop - start)).cast(whole.schema)
            for start, stop in [(0, 1), (1, 1800), (1800, 5000)]
        ]
    )
    for name in table.column_names:
        assert parts[name].to_pylist() == whole[name].to_pylist(), name


def test_quirks_follow_the_key_not_the_place_of_a_row() -> None:
    table = fabricate(CATALOGUE.registers["secmbus"], 2023, 4000)
    order = np.random.default_rng(3).permutation(4000)
    shuffled = QUIRKS.apply("SECMBUS", 2023, table.take(pa.array(order)))
    assert shuffled["eindsecm"].to_pylist() == QUIRKS.apply("SECMBUS", 2023, table)["eindsecm"].take(order).to_pylist()


def test_older_versions_stand_beside_the_newest(tmp_path: Path) -> None:
    rows = 20_000
    with DeliveryWriter(tmp_path, CATALOGUE, quirks=QUIRKS, threads=1) as delivery:
        written = [("WANBZVWTAB", 2020), ("INHATAB", 2018), ("GBAOVERLIJDENTAB", 2024), ("WANBZVWTAB", 2021)]
        for component, year in written:
            delivery.write(component, year, fabricate(CATALOGUE.registers[component.lower()], year, rows))
        files = {(f.component, f.year, f.version): f for f in delivery.finish()}
    assert {(c, y, v) for c, y, v in files if c == "WANBZVWTAB"} == {
        ("WANBZVWTAB", 2020, 10),
        ("WANBZVWTAB", 2020, 9),
        ("WANBZVWTAB", 2021, 1),
    }
    assert files["WANBZVWTAB", 2020, 10].rows == rows
    assert files["WANBZVWTAB", 2020, 9].rows / rows == pytest.approx(0.9, abs=0.01)
    assert files["WANBZVWTAB", 2020, 10].path.endswith("WANBZVW2020TABV10.parquet")
    assert files["GBAOVERLIJDENTAB", 2023, 1].rows / rows == pytest.approx(0.95, abs=0.01)
    newest = pq.read_table(tmp_path / files["INHATAB", 2018, 2].path).to_pandas()
    older = pq.read_table(tmp_path / files["INHATAB", 2018, 1].path).to_pandas()
    newest.columns = older.columns = newest.columns.str.lower()
    both = newest.merge(older, on=["rinpersoonshkw", "rinpersoonhkw"], suffixes=("", "_older"))
    assert len(both) == len(older)
    positive = both[both["inhbestinkh"] > 50]
    assert (positive["inhbestinkh"] != positive["inhbestinkh_older"]).mean() == pytest.approx(0.05, abs=0.01)
    assert (both["inhbbihj"] == both["inhbbihj_older"]).all()


def test_an_undocumented_column_stands_in_one_file(tmp_path: Path) -> None:
    register = CATALOGUE.registers["hoogsteopltab"]
    with DeliveryWriter(tmp_path, CATALOGUE, quirks=QUIRKS, threads=1) as delivery:
        for year in register.file_years:
            delivery.write("HOOGSTEOPLTAB", year, fabricate(register, year, 50))
    unknown = {
        path.stem: [
            name
            for name in pq.read_schema(path).names
            if not any(c.match_header(name, 2017)[0] for c in register.columns_expanded())
        ]
        for path in tmp_path.rglob("*.parquet")
    }
    assert {stem for stem, names in unknown.items() if names} == {"HOOGSTEOPL2017TABV1"}
    assert unknown["HOOGSTEOPL2017TABV1"] == ["ONDERWIJSNR_crypt"]


def test_headers_drift_in_about_the_documented_share_of_the_files() -> None:
    register = CATALOGUE.registers["inhatab"]
    column = register.column("inhbestinkh")
    names = [Quirks(CATALOGUE, seed, SETTINGS).header("INHATAB", column, 2016, 1) for seed in range(300)]
    assert set(names) == {"INHBESTINKH", "inhbestinkh", "Inhbestinkh"}
    assert 1 - names.count("INHBESTINKH") / 300 == pytest.approx(0.15, abs=0.06)


def test_extensions() -> None:
    assert QUIRKS.extension("SECMBUS", "sav") == ".SAV"
    assert QUIRKS.extension("SECMBUS", "parquet") == ".parquet"
    assert QUIRKS.extension("INHATAB", "sav") == ".sav"


def test_every_quirk_is_described_with_its_rate() -> None:
    described = QUIRKS.describe()
    assert set(described) <= {register.component for register in CATALOGUE.registers.values()}
    lines = " ".join(line for component in described.values() for line in component)
    for word in ("30%", "5%", "0.2%", "20501231", ".SAV", "140710", "ONDERWIJSNR_crypt", "2020 V10", "V9"):
        assert word in lines


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (changed(upper_case_extension=["NOSUCHTAB"]), "register NOSUCHTAB"),
        (changed(open_spells={"share": 0.3, "code": "20501231", "columns": {"SECMBUS": "nothing"}}), "column nothing"),
        (changed(header_case_drift={"rate": 1.5}), "quirks.yml is wrong"),
        (
            changed(file_stems=[{"component": "INHATAB", "year": 2016, "stem": "INHA2017TABV1"}]),
            "no file name of INHATAB 2016",
        ),
        (
            changed(older_versions=[{"component": "INHATAB", "year": 2018, "version": 2, "rows_kept": 0.9}]),
            "not older than 2",
        ),
        (
            changed(
                blanks=[
                    {"component": "MSZPRESTATIESVEKTTAB", "column": "vektmszdbczorgproduct", "share": 0.1, "before": 1}
                ]
            ),
            "blanks before it are refused",
        ),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Quirks(CATALOGUE, 1, settings)
