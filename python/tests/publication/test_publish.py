"""The publication: whole or not at all, readable by old drivers, the same twice."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pytest

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.publication import publish as module
from kansrijke_start.publication.publish import publish


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A build database with one published and one restricted table."""
    database = tmp_path / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema regiobeeld; create schema cohorts")
        connection.execute("create table regiobeeld.births as select 2021 as birth_year, 10 as numerator, 'it''s' as x")
        connection.execute("comment on table regiobeeld.births is 'One row per year. It''s a test.'")
        connection.execute("comment on column regiobeeld.births.birth_year is 'Calendar year of birth.'")
        connection.execute("create table cohorts.cohort_births as select 'R000000001' as birth_id")
    return Paths(
        root=tmp_path,
        delivery=tmp_path / "delivery",
        registers=tmp_path / "registers",
        database=database,
        publication=tmp_path / "publication",
        models=tmp_path / "models",
        truth=tmp_path / "truth",
        target=tmp_path / "target",
    )


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }


def test_only_publication_schemas_leave(paths: Paths) -> None:
    tables = publish(paths)
    assert [(table.schema, table.name, table.rows) for table in tables] == [("regiobeeld", "births", 1)]
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


def test_refuses_after_a_failed_test_and_names_it(paths: Paths) -> None:
    paths.target.mkdir()
    results = {"results": [{"unique_id": "test.kansrijke_start.unique_births", "status": "fail"}]}
    (paths.target / "run_results.json").write_text(json.dumps(results))
    with pytest.raises(KansrijkeStartError, match="unique_births"):
        publish(paths)
    assert not paths.publication.exists()


def test_interrupted_publish_keeps_the_old_one(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(paths)
    before = contents(paths.publication)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_workbooks", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(paths)
    assert contents(paths.publication) == before
    assert not paths.publication.with_name("publication.next").exists()


def test_open_file_on_windows_leaves_both_and_says_what_to_do(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(paths)
    before = contents(paths.publication)

    def held(self: Path, target: Path) -> Path:
        if self == paths.publication:
            raise PermissionError(13, "held by another program")
        os.rename(self, target)  # noqa: PTH104
        return target

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(KansrijkeStartError, match="close the program"):
        publish(paths)
    assert contents(paths.publication) == before
    assert paths.publication.with_name("publication.next").is_dir()


def test_a_reader_keeps_its_publication_while_a_new_one_comes(paths: Paths) -> None:
    publish(paths)
    with duckdb.connect(str(paths.publication / module.DATABASE_NAME), read_only=True) as reader:
        with duckdb.connect(str(paths.database)) as build:
            build.execute("insert into regiobeeld.births values (2022, 20, 'y')")
        publish(paths)
        assert reader.execute("select count(*) from regiobeeld.births").fetchall() == [(1,)]
    with duckdb.connect(str(paths.publication / module.DATABASE_NAME), read_only=True) as reader:
        assert reader.execute("select count(*) from regiobeeld.births").fetchall() == [(2,)]
