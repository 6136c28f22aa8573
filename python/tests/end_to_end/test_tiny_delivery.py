"""The whole way on a tiny delivery, and what must not change its result."""

from __future__ import annotations

import csv
import json
import shutil

import duckdb
import pytest

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.quality.structure import all_breaches

from .conftest import TINY, TINY_SEED
from .projects import WITHOUT_TESTS, Project, differences

pytestmark = pytest.mark.end_to_end


def test_every_node_passes_without_a_warning(tiny: Project) -> None:
    results = json.loads((tiny.target / "run_results.json").read_text())["results"]
    assert results
    # An exposure is no work.
    worked = [result for result in results if not result["unique_id"].startswith("exposure.")]
    assert {result["status"] for result in worked} <= {"success", "pass"}


def test_docs_are_one_page(tiny: Project) -> None:
    page = tiny.target / "static_index.html"
    assert page.stat().st_size > 1_000_000
    assert "Where a reviewer starts" in page.read_text(encoding="utf-8")
    assert (tiny.target / "data_docs" / "index.html").is_file()


def test_structure_holds_after_the_build(tiny: Project) -> None:
    assert all_breaches(tiny.target, PROJECT_ROOT) == []


def test_publication_holds_the_marts_and_nothing_else(tiny: Project) -> None:
    built = tiny.query(
        """
        select schema_name, table_name from duckdb_tables()
        where schema_name in ('kennisnotitie', 'regiobeeld')
        order by all
        """
    )
    assert {schema for schema, _ in built} == {"kennisnotitie", "regiobeeld"}
    with duckdb.connect(str(tiny.publication / "kansrijke_start.duckdb"), read_only=True) as connection:
        published = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        counts = {
            table: connection.execute(f"select count(*) from {'.'.join(table)}").fetchall()[0][0] for table in published
        }
    assert published == built
    for schema, table in published:
        place = tiny.publication / schema / table
        parquet = duckdb.sql(f"select count(*) from '{place}.parquet'").fetchall()[0][0]
        with place.with_suffix(".csv").open(encoding="utf-8") as file:
            assert sum(1 for _ in csv.reader(file)) - 1 == parquet == counts[schema, table]
    for schema in ("kennisnotitie", "regiobeeld"):
        assert (tiny.publication / f"{schema}.xlsx").is_file()
    assert "Synthetische cijfers" in (tiny.publication / "LEESMIJ.md").read_text(encoding="utf-8")


def test_a_reader_does_not_block_build_or_publish(tiny: Project) -> None:
    with duckdb.connect(str(tiny.publication / "kansrijke_start.duckdb"), read_only=True) as reader:
        before = reader.execute("select count(*) from regiobeeld.births").fetchall()
        tiny.dbt("run", "--select", "births")
        tiny.run("publish")
        assert reader.execute("select count(*) from regiobeeld.births").fetchall() == before


def test_sav_with_one_thread_gives_the_same_marts_as_parquet_with_four(tiny: Project, project: Project) -> None:
    """Neither the format of the delivery nor the number of threads nor a second build changes any column of a mart."""
    assert tiny.threads == 4
    other = Project(project.folder / "other", threads=1, is_fresh=True)
    other.run("synthesize", "--fraction", TINY, "--seed", TINY_SEED, "--format", "sav")
    assert not list(other.delivery.rglob("*.parquet"))
    other.run("ingest")
    other.dbt("build", *WITHOUT_TESTS)
    assert differences(tiny, other) == []


def test_failed_publish_leaves_the_old_publication(tiny: Project, project: Project) -> None:
    shutil.copytree(tiny.publication, project.publication)
    before = sorted(path.name for path in project.publication.rglob("*"))
    done = project.attempt("publish")
    assert done.returncode == 1
    assert "run `dbt build` first" in " ".join(done.stderr.split())
    assert sorted(path.name for path in project.publication.rglob("*")) == before
