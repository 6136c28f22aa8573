"""The door: whole or not at all, audited, readable by old drivers, the same twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.publication import publish as module
from kansrijke_start.publication.publish import publish as publish_with
from kansrijke_start.publication.publish import refuse_failed_build

STRUCTURE = {
    "version": 1,
    "rules": {"minimum_cell_count": 10, "rounding_base": 5},
    "tables": {
        "regiobeeld.births": {
            "row_key": ["birth_year", "region_level", "region_code", "part"],
            "population": "births",
            "numbers": [{"numerator": "{part}", "denominator": "all"}],
            "percentages": [],
        }
    },
    "sums": [{"population": "births", "total": "all", "parts": ["a", "b", "c"], "rest": False}],
}


def publish(paths: Paths, structure: dict[str, Any] = STRUCTURE) -> list[module.PublishedTable]:
    return publish_with(paths, lambda *_: structure)


def fill(database: Path, year: int, parts: dict[str, tuple[int, bool]]) -> None:
    """Rows of a year: the parts of the births, which of them are hidden, and their exact counts."""
    whole = sum(count for count, _ in parts.values())
    with duckdb.connect(str(database)) as connection:
        for part, (count, is_hidden) in {**parts, "all": (whole, False)}.items():
            shown = (None, None) if is_hidden else ((count + 2) // 5 * 5, (whole + 2) // 5 * 5)
            connection.execute(
                "insert into regiobeeld.births values (?, 'country', 'NL', ?, ?, ?, ?)", [year, part, *shown, is_hidden]
            )
            connection.execute(
                "insert into intermediate.int_disclosure__rows values "
                "('regiobeeld', 'births', ?, 'country', 'NL', ?, ?, ?)",
                [year, f"part={part}", count, whole],
            )


def places(folder: Path) -> Paths:
    return Paths(
        root=folder,
        delivery=folder / "delivery",
        registers=folder / "registers",
        database=folder / "build.duckdb",
        publication=folder / "publication",
        restricted=folder / "restricted",
        models=folder / "models",
        truth=folder / "truth",
        target=folder / "target",
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A build database with one published and one restricted table, after a green build."""
    paths = places(tmp_path_factory.mktemp("built"))
    with duckdb.connect(str(paths.database)) as connection:
        connection.execute("create schema regiobeeld; create schema cohorts; create schema intermediate")
        connection.execute(
            """
            create table regiobeeld.births (
                birth_year integer, region_level varchar, region_code varchar, part varchar,
                numerator bigint, denominator bigint, is_hidden boolean
            )
            """
        )
        connection.execute(
            """
            create table intermediate.int_disclosure__rows (
                schema_name varchar, table_name varchar, birth_year integer, region_level varchar, region_code varchar,
                breakdown_key varchar, numerator bigint, denominator bigint
            )
            """
        )
        connection.execute("comment on table regiobeeld.births is 'One row per year. It''s a test.'")
        connection.execute("comment on column regiobeeld.births.birth_year is 'Calendar year of birth.'")
        connection.execute("create table cohorts.cohort_births as select 'R000000001' as birth_id")
    fill(paths.database, 2021, {"a": (103, False), "b": (24, True), "c": (4, True)})
    paths.target.mkdir()
    results = {"args": {"which": "build"}, "results": [{"unique_id": "model.births", "status": "success"}]}
    (paths.target / "run_results.json").write_text(json.dumps(results))
    (paths.target / "manifest.json").write_text("{}")
    return paths


@pytest.fixture(scope="module")
def once_published(built: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The same after its first publication."""
    folder = tmp_path_factory.mktemp("published") / "copy"
    shutil.copytree(built.root, folder)
    publish(places(folder))
    return places(folder)


@pytest.fixture
def paths(built: Paths, tmp_path: Path) -> Paths:
    """A copy of what was built."""
    shutil.copytree(built.root, tmp_path / "copy")
    return places(tmp_path / "copy")


@pytest.fixture
def published(once_published: Paths, tmp_path: Path) -> Paths:
    """A copy of what was published."""
    shutil.copytree(once_published.root, tmp_path / "copy")
    return places(tmp_path / "copy")


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }


def test_only_publication_schemas_leave(paths: Paths) -> None:
    tables = publish(paths)
    assert [(table.schema, table.name, table.rows) for table in tables] == [("regiobeeld", "births", 4)]
    assert not any("cohort" in name for name in contents(paths.publication))
    with duckdb.connect(str(paths.publication / module.DATABASE_NAME), read_only=True) as connection:
        assert connection.execute("select schema_name, table_name, comment from duckdb_tables()").fetchall() == [
            ("regiobeeld", "births", "One row per year. It's a test.")
        ]
        tags = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where not internal"
        ).fetchall()
    assert str(tags[0][0]).startswith("v1.0.0")


def test_two_publications_of_the_same_tables_are_equal(paths: Paths) -> None:
    publish(paths)
    first = contents(paths.publication)
    publish(paths)
    assert contents(paths.publication) == first


def test_synthetic_figures_are_called_synthetic(paths: Paths) -> None:
    publish(paths)
    assert "Synthetische" not in (paths.publication / "LEESMIJ.md").read_text(encoding="utf-8")
    paths.registers.mkdir()
    (paths.registers / "manifest.json").write_text(json.dumps({"synthetic": {"fraction": 0.1}}))
    publish(paths)
    assert "Synthetische cijfers** (10%" in (paths.publication / "LEESMIJ.md").read_text(encoding="utf-8")


def test_refuses_without_a_build_database(paths: Paths) -> None:
    paths.database.unlink()
    with pytest.raises(KansrijkeStartError, match="run `dbt build` first"):
        publish(paths)


@pytest.mark.parametrize("status", ["error", "fail", "runtime error", "skipped", "partial success"])
def test_refuses_after_a_failed_test_and_names_it(paths: Paths, status: str) -> None:
    results = {"results": [{"unique_id": "test.kansrijke_start.unique_births", "status": status}]}
    (paths.target / "run_results.json").write_text(json.dumps(results))
    with pytest.raises(KansrijkeStartError, match="unique_births"):
        publish(paths)
    assert not paths.publication.exists()


def test_refuses_when_nothing_is_known_of_the_build(paths: Paths) -> None:
    results = paths.target / "run_results.json"
    results.write_text(json.dumps({"args": {"which": "generate"}, "results": []}))
    with pytest.raises(KansrijkeStartError, match="says nothing about models and tests"):
        publish(paths)
    results.write_text("half a fil")
    with pytest.raises(KansrijkeStartError, match="cannot be read"):
        publish(paths)
    results.unlink()
    with pytest.raises(KansrijkeStartError, match=r"run_results\.json is not there"):
        publish(paths)
    assert not paths.publication.exists()


def test_a_warning_is_no_failure(tmp_path: Path) -> None:
    results = {"args": {"which": "build"}, "results": [{"unique_id": "test.x", "status": "warn"}]}
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    refuse_failed_build(tmp_path / "run_results.json")


def test_interrupted_publish_keeps_the_old_one(published: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(published.publication)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_workbooks", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(published)
    assert contents(published.publication) == before
    assert not published.publication.with_name("publication.next").exists()


def test_open_file_on_windows_leaves_both_and_says_what_to_do(
    published: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(published.publication)

    def held(self: Path, target: Path) -> Path:
        if self == published.publication:
            raise PermissionError(13, "held by another program")
        os.rename(self, target)  # noqa: PTH104
        return target

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(KansrijkeStartError, match="close the program"):
        publish(published)
    assert contents(published.publication) == before
    assert published.publication.with_name("publication.next").is_dir()


def test_a_reader_keeps_its_publication_while_a_new_one_comes(published: Paths) -> None:
    with duckdb.connect(str(published.publication / module.DATABASE_NAME), read_only=True) as reader:
        fill(published.database, 2022, {"a": (20, False), "b": (0, False), "c": (0, False)})
        publish(published)
        assert reader.execute("select count(*) from regiobeeld.births").fetchall() == [(4,)]
    with duckdb.connect(str(published.publication / module.DATABASE_NAME), read_only=True) as reader:
        assert reader.execute("select count(*) from regiobeeld.births").fetchall() == [(8,)]


def test_the_verdict_lies_beside_the_files_and_in_the_build_database(published: Paths) -> None:
    verdict = json.loads((published.publication / "audit.json").read_text(encoding="utf-8"))
    assert verdict["passed"] is True
    assert verdict["attacked_with"] == "exact counts"
    assert verdict["cells"] == {
        **dict.fromkeys(("widened_by_rounding", "narrowed", "recovered", "known_to_be_large", "known_to_be_zero"), 0),
        "attacked": 2,
        "open": 2,
    }
    for name, digest in verdict["files"].items():
        assert hashlib.sha256((published.publication / name).read_bytes()).hexdigest() == digest
    assert {"regiobeeld/births.csv", "regiobeeld/births.parquet", "structure.json"} <= set(verdict["files"])
    with duckdb.connect(str(published.database), read_only=True) as connection:
        found = connection.execute("select * exclude (attacked_with) from quality.disclosure_audit").fetchall()
        assert found == [("regiobeeld", "births", 4, 2, 2, 0, 0, 0, 0, True)]
        undescribed = connection.execute(
            "select count(*) from duckdb_columns() where table_name = 'disclosure_audit' and comment is null"
        ).fetchall()
    assert undescribed == [(0,)]


def test_the_output_checker_finds_exact_counts_rules_and_relation_to_former_releases(published: Paths) -> None:
    place = published.restricted / "companion"
    rows = duckdb.sql(
        f"select part, numerator_exact, numerator, is_hidden from '{place}/regiobeeld/births.parquet' order by part"
    ).fetchall()
    assert rows == [("a", 103, 105, False), ("all", 131, 130, False), ("b", 24, None, True), ("c", 4, None, True)]
    assert "geen aantal of verschil van 1 tot en met 9" in (place / "CONTROLE.md").read_text(encoding="utf-8")
    fill(published.database, 2022, {"a": (20, False), "b": (0, False), "c": (0, False)})
    publish(published)
    report = (place / "CONTROLE.md").read_text(encoding="utf-8")
    assert "Eerdere publicaties in dezelfde aanval: release 1." in report
    table = next(line for line in report.splitlines() if line.startswith("| `regiobeeld.births`"))
    assert [part.strip() for part in table.split("|")[4:-1]] == ["8", "2", "2", "0", "0", "0", "4", "0"]
    assert not list(published.publication.rglob("*companion*"))


def refused(published: Paths, match: str, structure: dict[str, Any] = STRUCTURE) -> str:
    """Publish something good, then what must be refused: the old publication stays as it was."""
    before = contents(published.publication)
    with pytest.raises(KansrijkeStartError, match=match) as caught:
        publish(published, structure)
    assert contents(published.publication) == before
    assert not published.publication.with_name("publication.next").exists()
    return str(caught.value)


def test_refuses_a_cell_that_can_be_found_out_and_names_it(published: Paths) -> None:
    fill(published.database, 2022, {"a": (20, False), "b": (30, False), "c": (7, True)})
    message = refused(published, r"part=c\]: its hidden numerator is found out")
    assert "regiobeeld.births [birth_year=2022, region_level=country, region_code=NL, part=c]" in message
    assert "the old publication stays" in message
    assert "7" not in message.replace(str(published.restricted), "")
    with duckdb.connect(str(published.database), read_only=True) as connection:
        assert connection.execute("select is_passed, recovered > 0 from quality.disclosure_audit").fetchall() == [
            (False, True)
        ]
    report = json.loads((published.restricted / "companion.next" / "audit.json").read_text(encoding="utf-8"))
    assert [7, 7] in [breach["interval"] for breach in report["breaches"]]


def test_refuses_a_small_number_that_is_shown(published: Paths) -> None:
    fill(published.database, 2022, {"a": (20, False), "b": (30, False), "c": (9, False)})
    refused(published, r"part=c\]: its numerator is below 10, and shown")


def test_refuses_a_shown_number_that_is_not_the_count_of_the_build(published: Paths) -> None:
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("update regiobeeld.births set numerator = 110 where part = 'a'")
    refused(published, r"part=a\]: its numerator is not the rounded count of the build")


def test_refuses_a_person_key(published: Paths) -> None:
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("alter table regiobeeld.births add column mother_id integer")
    refused(published, "column mother_id is a key of persons")
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("alter table regiobeeld.births rename mother_id to remark")
        connection.execute("alter table regiobeeld.births alter remark type varchar")
        connection.execute("update regiobeeld.births set remark = 'R000000012' where not is_hidden")
    refused(published, "column remark holds values that look like keys of persons")


def test_refuses_a_table_that_is_not_described(published: Paths) -> None:
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("create table regiobeeld.births_cells as select 3 as numerator")
    refused(published, r"regiobeeld\.births_cells: the table is not described in structure\.json")


def test_refuses_a_restricted_schema_or_file_among_the_files(published: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.write_readme

    def with_table(staged: Path, *arguments: Any) -> None:
        real(staged, *arguments)
        with duckdb.connect(str(staged / module.DATABASE_NAME)) as connection:
            connection.execute("create schema cohorts; create table cohorts.cohort_births as select 1 as n")

    monkeypatch.setattr(module, "write_readme", with_table)
    refused(published, "schema cohorts is not one of those that may leave")

    def with_file(staged: Path, *arguments: Any) -> None:
        real(staged, *arguments)
        (staged / "regiobeeld" / "cohort_births.parquet").write_bytes(b"x")

    monkeypatch.setattr(module, "write_readme", with_file)
    refused(published, r"regiobeeld/cohort_births\.parquet: the file belongs to no table that may leave")


def test_refuses_a_count_that_the_build_does_not_know(published: Paths) -> None:
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("delete from intermediate.int_disclosure__rows where breakdown_key = 'part=b'")
    refused(published, "exact counts of 0 rows of country NL part=b, and 1 are published")
    with duckdb.connect(str(published.database)) as connection:
        connection.execute("drop table intermediate.int_disclosure__rows")
    refused(published, "no exact counts to audit with")


def test_refuses_without_a_manifest(published: Paths) -> None:
    (published.target / "manifest.json").unlink()
    refused(published, r"manifest\.json, which describes the models")


def test_refuses_while_another_program_holds_the_build_database(
    published: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = duckdb.connect

    def held(database: str = ":memory:", **options: Any) -> duckdb.DuckDBPyConnection:
        if database == str(published.database) and not options.get("read_only"):
            raise duckdb.IOException("Conflicting lock is held")
        return real(database, **options)

    monkeypatch.setattr(module.duckdb, "connect", held)
    refused(published, "Close it and publish again")
