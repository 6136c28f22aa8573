"""The delivery writer: names, equal bytes of Parquet files, equal values of SPSS files, swapping in whole."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from fabricated_registers import fabricate, hashes, quirk_settings

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import text, writer
from kansrijke_start.synthetic.quirks import Quirks
from kansrijke_start.synthetic.writer import DeliveryWriter, replaced_whole

CATALOGUE = load_catalogue()


def quirks(seed: int = 5) -> Quirks:
    return Quirks(CATALOGUE, seed, quirk_settings())


def deliver(
    root: Path,
    component: str,
    years: list[int],
    rows: int = 1000,
    *,
    file_format: str = "parquet",
    slices: int = 1,
    threads: int | None = 1,
    seed: int = 5,
    plain: bool = False,
) -> Path:
    register = CATALOGUE.registers[component.lower()]
    with DeliveryWriter(root, CATALOGUE, file_format, quirks=quirks(seed), threads=threads) as delivery:
        for year in years:
            table = fabricate(register, year, rows)
            if plain:
                types = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
                table = table.cast(pa.schema(list(zip(table.column_names, types, strict=True))))
            cuts = [rows * k // slices for k in range(slices + 1)]
            for start, stop in itertools.pairwise(cuts):
                delivery.write(component, year, table.slice(start, stop - start))
    return root


@pytest.mark.parametrize("component", sorted(r.component for r in CATALOGUE.required.values()))
def test_every_register_is_written_under_a_name_that_the_catalogue_knows(component: str, tmp_path: Path) -> None:
    register = CATALOGUE.registers[component.lower()]
    deliver(tmp_path, component, register.file_years, rows=40)
    found = {}
    for path in tmp_path.rglob("*.parquet"):
        assert CATALOGUE.match(path.stem) is register
        assert path.relative_to(tmp_path).parts[:2] == (register.theme, register.component)
        version = register.file_version(path.stem)
        assert version is not None
        found[path] = version
        if register.year_folder:
            assert path.parent.name == str(version.year)
        known = [c for c in register.columns_expanded() if c.expected_in(version.year)]
        names = pq.read_schema(path).names
        for column in known:
            assert sum(column.match_header(name, version.year)[0] for name in names) == 1, column.name
    newest = {v.year: max(w for w in found.values() if w.year == v.year) for v in found.values()}
    assert set(register.file_years) <= set(newest)


@pytest.mark.parametrize("component", ["GBAHUISHOUDENSBUS", "INHATAB", "ZVWZORGKOSTENTAB", "HOOGSTEOPLTAB"])
def test_equal_rows_give_equal_bytes_whatever_the_slices_threads_and_encoding(
    component: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP_SIZE", 300)
    years = CATALOGUE.registers[component.lower()].file_years[:4]
    first = hashes(deliver(tmp_path / "a", component, years))
    assert first
    assert hashes(deliver(tmp_path / "b", component, years, slices=7)) == first
    assert hashes(deliver(tmp_path / "c", component, years, slices=3, threads=2)) == first
    assert hashes(deliver(tmp_path / "d", component, years, plain=True, slices=2)) == first
    assert hashes(deliver(tmp_path / "e", component, years, seed=6)) != first


def test_mixed_encodings_of_one_column_are_united(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP_SIZE", 8)
    register = CATALOGUE.registers["medicijntab"]
    table = fabricate(register, 2016, 20, only={"atc4": text.codes(np.arange(20) % 2, ["N06A", "N05A"])})
    plain = table.set_column(2, "atc4", table["atc4"].cast(pa.string()))
    with DeliveryWriter(tmp_path / "a", CATALOGUE, threads=1) as delivery:
        delivery.write("MEDICIJNTAB", 2016, table.slice(0, 11))
        delivery.write("MEDICIJNTAB", 2016, plain.slice(11))
    with DeliveryWriter(tmp_path / "b", CATALOGUE, threads=1) as delivery:
        delivery.write("MEDICIJNTAB", 2016, table)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


@pytest.mark.parametrize(
    ("component", "threads"),
    [
        ("KINDOUDERTAB", 2),
        ("PROBLEMATISCHESCHULDENTAB", 1),
        ("SECMBUS", 1),
        ("INHATAB", 1),
        ("VSLGWBTAB", 1),
    ],
)
def test_sav_and_parquet_hold_the_same_values(component: str, threads: int, tmp_path: Path) -> None:
    year = CATALOGUE.registers[component.lower()].file_years[0]
    deliver(tmp_path / "parquet", component, [year])
    deliver(tmp_path / "sav", component, [year], file_format="sav", threads=threads)
    expected_files = sorted((tmp_path / "parquet").rglob("*.parquet"))
    assert len(expected_files) == len([p for p in (tmp_path / "sav").rglob("*") if p.is_file()])
    for expected_file in expected_files:
        expected = pq.read_table(expected_file)
        folder = tmp_path / "sav" / expected_file.relative_to(tmp_path / "parquet").parent
        (path,) = [p for p in folder.iterdir() if p.stem == expected_file.stem]
        assert path.suffix == (".SAV" if component == "SECMBUS" else ".sav")
        frame, meta = pyreadstat.read_sav(path)
        assert list(frame.columns) == expected.column_names
        register = CATALOGUE.registers[component.lower()]
        for name in expected.column_names:
            (column,) = [c for c in register.columns_expanded() if c.match_header(name, year)[0]]
            values = expected[name].to_pylist()
            assert frame[name].tolist() == values
            assert meta.column_names_to_labels[name] == (column.description or None)
            if column.codes:
                kind = str if column.arrow_type == pa.string() else float
                labels = meta.variable_value_labels[name]
                assert {kind(code) for code in column.codes} <= set(labels)


def test_delivered_names_follow_the_year(tmp_path: Path) -> None:
    deliver(tmp_path, "HOOGSTEOPLTAB", [2018, 2020], rows=10)
    deliver(tmp_path, "PROBLEMATISCHESCHULDENTAB", [2021], rows=10)
    deliver(tmp_path, "GBASCHEIDINGENMASSATAB", [2013], rows=10)
    names = {path.stem: pq.read_schema(path).names for path in tmp_path.rglob("*.parquet")}
    assert "OPLNIVSOI2016AGG4HBMETNIRWO".lower() in [n.lower() for n in names["HOOGSTEOPL2018TABV1"]]
    assert "OPLNIVSOI2021AGG4HBmetNIRWO".lower() in [n.lower() for n in names["HOOGSTEOPL2020TABV2"]]
    assert "smalle_def_problematische_schulden_HH_20210101" in names["PROBLEMATISCHESCHULDEN2021TABV1"]
    assert "140710 GBASCHEIDINGENMASSATAB 2013V1" in names


def test_refuses_what_the_catalogue_does_not_know(tmp_path: Path) -> None:
    register = CATALOGUE.registers["medicijntab"]
    table = fabricate(register, 2016, 5)
    with DeliveryWriter(tmp_path, CATALOGUE, threads=1) as delivery:
        with pytest.raises(ValueError, match="no column nonsense"):
            delivery.write("MEDICIJNTAB", 2016, table.append_column("nonsense", table["atc4"]))
        with pytest.raises(ValueError, match="column atc4 must be there"):
            delivery.write("MEDICIJNTAB", 2016, table.drop_columns(["atc4"]))
        delivery.write("MEDICIJNTAB", 2016, table)
        delivery.write("MEDICIJNTAB", 2017, table)
        with pytest.raises(ValueError, match="one after the other"):
            delivery.write("MEDICIJNTAB", 2016, table)
    with pytest.raises(KansrijkeStartError, match="Unknown format 'dta'"):
        DeliveryWriter(tmp_path, CATALOGUE, "dta")


def test_a_failure_in_the_background_reaches_the_caller(tmp_path: Path) -> None:
    table = fabricate(CATALOGUE.registers["medicijntab"], 2016, 5)
    with pytest.raises(ValueError, match="must be there"), DeliveryWriter(tmp_path, CATALOGUE, threads=2) as delivery:
        delivery.write("MEDICIJNTAB", 2016, table.drop_columns(["atc4"]))
        delivery.finish()


def test_an_empty_register_is_a_file_without_rows(tmp_path: Path) -> None:
    deliver(tmp_path / "p", "WANBZVWTAB", [2019], rows=0)
    deliver(tmp_path / "s", "WANBZVWTAB", [2019], rows=0, file_format="sav")
    (path,) = (tmp_path / "p").rglob("*.parquet")
    assert pq.read_table(path).num_rows == 0
    (path,) = (tmp_path / "s").rglob("*.sav")
    assert pyreadstat.read_sav(path)[1].number_rows == 0


def test_a_delivery_is_replaced_in_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "delivery"
    with replaced_whole(target) as new:
        (new / "old.txt").write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), replaced_whole(target) as new:
        (new / "half.txt").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert [path.name for path in target.iterdir()] == ["old.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["delivery"]
    (tmp_path / ".delivery.partial").mkdir()
    (tmp_path / ".delivery.partial" / "left.txt").write_text("left by a killed run", encoding="utf-8")
    target.rename(tmp_path / ".delivery.previous")
    with pytest.raises(ValueError, match="stop"), replaced_whole(target) as new:
        raise ValueError("stop")
    assert [path.name for path in target.iterdir()] == ["old.txt"]
    with replaced_whole(target) as new:
        (new / "new.txt").write_text("new", encoding="utf-8")
    assert [path.name for path in target.iterdir()] == ["new.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["delivery"]


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(KansrijkeStartError, match="No space is left"), replaced_whole(tmp_path / "delivery"):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_spss_numbers_and_text_at_the_edges(tmp_path: Path) -> None:
    numbers = [0.0, -99.0, -100.0, 151.0, 152.0, 0.5, -0.5, 1e300, None, 9999999999.0]
    texts = ["", "a", "12345678", "123456789", "x" * 20, " a", "é", "  ", None, "b"]
    table = pa.table({"number": pa.array(numbers, pa.float64()), "text": texts, "empty": [""] * 10})
    pq.write_table(table, tmp_path / "a.parquet")
    columns = [
        writer._SavColumn("number", False, 2, "", {"-99": "onbekend"}),
        writer._SavColumn("text", True, 0, "Tekst", {"a": "één"}),
        writer._SavColumn("empty", True, 0, "", {}),
    ]
    writer._to_sav(tmp_path / "a.parquet", tmp_path / "a.sav", columns)
    assert [path.name for path in tmp_path.iterdir()] == ["a.sav"]
    frame, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    assert [None if np.isnan(v) else v for v in frame["number"]] == numbers
    assert frame["text"].tolist() == [(value or "").rstrip(" ") for value in texts]
    assert frame["empty"].tolist() == [""] * 10
    assert meta.readstat_variable_types == {"number": "double", "text": "string", "empty": "string"}
    assert meta.original_variable_types["number"] == "F12.2"
    assert meta.column_names_to_labels["text"] == "Tekst"
    assert meta.variable_value_labels == {"number": {-99.0: "onbekend"}, "text": {"a": "één"}}


def test_an_spss_file_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise pyreadstat.ReadstatError("Unable to write data")

    monkeypatch.setattr(pyreadstat, "write_sav", full)
    with pytest.raises(KansrijkeStartError, match="Unable to write data"):
        deliver(tmp_path, "WANBZVWTAB", [2019], rows=10, file_format="sav")


def test_text_helpers() -> None:
    assert text.digits(np.array([0, 42, 999]), 3).to_pylist() == ["000", "042", "999"]
    with pytest.raises(ValueError, match="must lie in"):
        text.digits(np.array([1000]), 3)
    with pytest.raises(ValueError, match="must lie in"):
        text.digits(np.array([-1]), 3)
    days = np.array([0, 59, 2**31 - 1])
    assert text.dates(days, days == 2**31 - 1).to_pylist() == ["19700101", "19700301", "88888888"]
    with pytest.raises(ValueError, match="span"):
        text.dates(days)
    assert text.codes(np.array([1, 0]), ["a", "b"]).to_pylist() == ["b", "a"]
    assert text.fixed_text(np.frombuffer(b"abcd", np.uint8).reshape(2, 2)).to_pylist() == ["ab", "cd"]
    with pytest.raises(ValueError, match="uint8"):
        text.fixed_text(np.zeros(3, np.uint8))


def test_row_hash_knows_only_the_text() -> None:
    plain = pa.table({"a": ["R", "R", "D"], "b": ["000000001", "000000010", "000000001"]})
    coded = pa.table({"a": plain["a"].dictionary_encode(), "b": plain["b"].dictionary_encode()})
    whole = text.row_hash(plain, ["a", "b"])
    assert len(set(whole.tolist())) == 3
    assert np.array_equal(whole, text.row_hash(coded, ["a", "b"]))
    assert np.array_equal(whole[1:], text.row_hash(plain.slice(1), ["a", "b"]))
    varied = pa.table({"a": ["1", "10", ""]})
    assert np.array_equal(text.row_hash(varied, ["a"])[:1], text.row_hash(varied.slice(0, 1), ["a"]))
