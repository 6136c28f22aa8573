"""A whole synthesis: equal files for equal arguments, every register there, swapped in whole, arguments refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from fabricated_registers import fabricate, hashes

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic import generate, writer
from kansrijke_start.synthetic.generate import README_NAME, SynthesisReport, generator_version, synthesize
from kansrijke_start.synthetic.marker import MARKER
from kansrijke_start.synthetic.world import RegisterTables, World

CATALOGUE = load_catalogue()
FRACTION = 0.001


def make(place: Path, **arguments: Any) -> SynthesisReport:
    given = {"fraction": FRACTION, "seed": 7, **arguments}
    return synthesize(place / "delivery", place / "truth", **given)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> SynthesisReport:
    return make(tmp_path_factory.mktemp("first"))


def data_files(report: SynthesisReport) -> dict[str, str]:
    found = hashes(report.delivery)
    return {name: value for name, value in found.items() if name not in (MARKER, README_NAME)}


def test_every_required_register_and_year_is_there(first: SynthesisReport) -> None:
    written = {(file.component, file.year) for file in first.files}
    wanted = {(r.component, year) for r in CATALOGUE.required.values() for year in r.file_years}
    assert wanted <= written
    read = {r.component for r in CATALOGUE.registers.values() if r.generates_source}
    assert read == {file.component for file in first.files if file.rows}
    assert first.rows == sum(file.rows for file in first.files)
    for file in first.files:
        assert pq.read_metadata(first.delivery / file.path).num_rows == file.rows
    assert {file.path for file in first.files} == set(data_files(first))


def test_the_delivery_says_that_it_is_synthetic(first: SynthesisReport) -> None:
    marker = json.loads((first.delivery / MARKER).read_text(encoding="utf-8"))
    assert marker == {
        "synthetic": True,
        "fraction": FRACTION,
        "seed": 7,
        "scenario": "default",
        "format": "parquet",
        "generator_version": generator_version(),
        "files": len(first.files),
        "bytes": sum((first.delivery / file.path).stat().st_size for file in first.files),
    }
    words = (first.delivery / README_NAME).read_text(encoding="utf-8")
    assert "SYNTHETISCH" in words
    assert "SYNTHETIC" in words


def test_equal_arguments_give_equal_files_whatever_the_threads_and_slices(
    first: SynthesisReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = generate._tables

    def sliced(catalogue: Any) -> dict[str, RegisterTables]:
        def cut(make_register: RegisterTables) -> RegisterTables:
            def slices(world: World) -> Iterator[tuple[int, pa.Table]]:
                for year, table in make_register(world):
                    for start in range(0, max(table.num_rows, 1), 777):
                        yield year, table.slice(start, 777)

            return slices

        return {component: cut(function) for component, function in original(catalogue).items()}

    monkeypatch.setattr(generate, "_tables", sliced)
    again = make(tmp_path, threads=1)
    assert not again.reused
    assert hashes(again.delivery) == hashes(first.delivery)
    assert hashes(again.truth) == hashes(first.truth)


def test_another_seed_gives_other_files(first: SynthesisReport, tmp_path: Path) -> None:
    """The end-to-end tests look at what the scenario `other_seed` makes."""
    other = make(tmp_path, seed=8)
    large = {file.path for file in first.files if file.rows > 20}
    assert len(large) > 50
    mine, theirs = data_files(first), data_files(other)
    assert not {path for path in large if theirs.get(path) == mine[path]}


def test_sav_holds_the_same_values_as_parquet(
    first: SynthesisReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Registers that hold every type between them; the end-to-end tests read a whole delivery in both formats."""
    original = generate._tables
    chosen = {"GBAPERSOONTAB", "INHATAB", "HOOGSTEOPLTAB", "ZVWZORGKOSTENTAB", "GEMON"}

    def types(registers: set[str]) -> set[str]:
        return {str(field.type) for name in registers for field in CATALOGUE.registers[name.lower()].arrow_schema()}

    assert types(chosen) == types({register.component for register in CATALOGUE.required.values()})
    monkeypatch.setattr(
        generate,
        "_tables",
        lambda catalogue: {name: make for name, make in original(catalogue).items() if name in chosen},
    )
    report = make(tmp_path, format="sav", threads=1)
    assert {file.component for file in report.files} == chosen
    same = [file for file in first.files if file.component in chosen]
    assert [(f.component, f.year, f.version, f.rows) for f in report.files] == [
        (f.component, f.year, f.version, f.rows) for f in same
    ]
    for sav, parquet in zip(report.files, same, strict=True):
        expected = pq.read_table(first.delivery / parquet.path)
        frame, _ = pyreadstat.read_sav(report.delivery / sav.path)
        assert list(frame.columns) == expected.column_names
        for name in expected.column_names:
            values = expected[name].to_pylist()
            if pa.types.is_string(expected[name].type):
                assert frame[name].tolist() == [value.rstrip(" ") for value in values], (sav.path, name)
            else:
                numbers = np.array([np.nan if value is None else float(value) for value in values])
                assert np.array_equal(frame[name].to_numpy(dtype=float), numbers, equal_nan=True), (sav.path, name)


def test_defects_stay_within_half_of_their_tolerance(first: SynthesisReport) -> None:
    """Impossible dates and negative amounts of the whole delivery, as the door counts them."""
    for file in first.files:
        register = CATALOGUE.registers[file.component.lower()]
        table = pq.read_table(first.delivery / file.path)
        for name in table.column_names:
            found = [c for c in register.columns_expanded() if c.match_header(name, file.year)[0]]
            if not found or not table.num_rows:
                continue
            column = found[0]
            values = table[name].to_pylist()
            if column.type == "date":
                impossible = sum(value.endswith("0229") and int(value[:4]) % 4 != 0 for value in values)
                assert impossible <= max(2, column.tolerance.impossible_date * len(values)), (file.path, name)
            elif column.type in ("integer", "decimal") and column.name.startswith(("zvwk", "nopzvwk")):
                negative = sum(value is not None and value < 0 for value in values)
                assert negative <= max(2, column.tolerance.negative * len(values) / 2), (file.path, name)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, RegisterTables]:
    """A synthesis of two made-up registers, for tests of what stands around the registers."""

    def table(component: str, year: int) -> RegisterTables:
        def rows(world: World) -> Iterator[tuple[int, pa.Table]]:
            yield year, fabricate(CATALOGUE.registers[component.lower()], year, 500, seed=world.seed)

        return rows

    def world(parameters: Any, fraction: float, seed: int, scenario: str) -> World:
        return World(seed, fraction, scenario, parameters, None, None, None)

    tables = {"WANBZVWTAB": table("WANBZVWTAB", 2019), "SECMBUS": table("SECMBUS", 2023)}
    monkeypatch.setattr(generate, "_make_world", world)
    monkeypatch.setattr(generate, "_tables", lambda catalogue: tables)
    monkeypatch.setattr(
        generate.truth, "write", lambda folder, world: (folder / "truth.txt").write_text(str(world.seed))
    )
    return tables


def test_a_complete_delivery_is_kept_and_an_altered_one_is_not(
    quick: dict[str, RegisterTables], tmp_path: Path
) -> None:
    report = make(tmp_path)
    before = hashes(report.delivery)
    assert make(tmp_path).reused
    (report.delivery / report.files[0].path).unlink()
    assert not make(tmp_path).reused
    assert hashes(report.delivery) == before
    assert not make(tmp_path, fraction=FRACTION * 2).reused


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("file_format", ["parquet", "sav"])
def test_an_interrupted_run_leaves_the_earlier_delivery(
    error: type[BaseException], file_format: str, quick: dict[str, RegisterTables], tmp_path: Path
) -> None:
    report = make(tmp_path)
    delivery, truth = hashes(report.delivery), hashes(report.truth)

    def broken(world: World) -> Iterator[tuple[int, pa.Table]]:
        raise error
        yield

    quick["SECMBUS"] = broken
    with pytest.raises(error):
        make(tmp_path, seed=9, format=file_format)
    assert hashes(report.delivery) == delivery
    assert hashes(report.truth) == truth
    assert sorted(path.name for path in tmp_path.iterdir()) == ["delivery", "truth"]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_leaves_the_earlier_delivery(
    threads: int, quick: dict[str, RegisterTables], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make(tmp_path)
    before = hashes(report.delivery)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer._ParquetFile, "_write", full)
    with pytest.raises(KansrijkeStartError, match="No space is left"):
        make(tmp_path, seed=9, threads=threads)
    assert hashes(report.delivery) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["delivery", "truth"]


def test_a_register_that_nobody_makes_is_told() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(generate.registers_brp.REGISTERS, "KINDOUDERTAB")
        with pytest.raises(KansrijkeStartError, match="makes no KINDOUDERTAB"):
            generate._tables(CATALOGUE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fraction": 0}, "fraction must be above 0"),
        ({"fraction": 1.01}, "fraction must be above 0"),
        ({"fraction": float("nan")}, "fraction must be above 0"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"format": "dta"}, "choose one of parquet, sav"),
        ({"scenario": "nowhere"}, "choose one of .*default.*no_rise_2021"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(KansrijkeStartError, match=message):
        make(tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


def test_a_real_delivery_is_never_overwritten(tmp_path: Path) -> None:
    real = tmp_path / "delivery" / "Bevolking"
    real.mkdir(parents=True)
    (real / "KINDOUDER2024TABV1.sav").write_bytes(b"$FL2")
    with pytest.raises(KansrijkeStartError, match="may be a real delivery"):
        make(tmp_path)
    assert (real / "KINDOUDER2024TABV1.sav").read_bytes() == b"$FL2"


def test_the_truth_stays_outside_the_delivery(tmp_path: Path) -> None:
    for truth in (tmp_path / "delivery" / "truth", tmp_path / "delivery", tmp_path):
        with pytest.raises(KansrijkeStartError, match="may not stand inside"):
            synthesize(tmp_path / "delivery", truth, fraction=FRACTION, seed=1)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(KansrijkeStartError, match="a delivery is a folder"):
        synthesize(tmp_path / "file", tmp_path / "truth", fraction=FRACTION, seed=1)
