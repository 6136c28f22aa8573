"""A project run in a folder of its own: the command line with every place moved there."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.processes import DBT
from kansrijke_start.quality.checks import TESTS_PLACE
from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.registers.empty import write_empty_registers

MARTS = ("cohorts", "kennisnotitie", "quality", "regiobeeld")
"""Schemas whose tables two equal deliveries must fill equally."""

WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test", "--no-write-json")
"""Arguments of `dbt build` for seeds and models alone, of which nothing but the tables is looked at."""


def _place() -> Path:
    """Folder of this process for the link to its projects and what dbt has read.

    `kansrijke-start test` has dbt read the project before the tests begin; the first process takes that over.
    """
    given = os.environ.get(TESTS_PLACE)
    if given and os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        return Path(given)
    made = Path(tempfile.mkdtemp(prefix="kansrijke_start_tests_"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


_PLACE = _place()


def _server() -> multiprocessing.context.ForkServerContext | None:
    """What starts a dbt as a copy of a process that has imported all it needs, which takes half of a short one's time.

    None where the system cannot (Windows).
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return None
    context = multiprocessing.get_context("forkserver")
    steps = ["kansrijke_start.vulnerability.steps", "kansrijke_start.weighting.steps"]
    context.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb", *steps])
    return context


_SERVER = _server()


def _copied_dbt(arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
    """The command line of dbt, in a process of its own; what it prints is written to `output`."""
    # What dbt reads stays until it ends: looking for garbage in it takes a twentieth of the time.
    gc.disable()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT_ROOT)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        with (output / name).open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.argv = ["dbt", *arguments]
    from dbt.cli.main import cli

    cli()


@dataclass
class Project:
    """A delivery, registers, database and publication below `folder`.

    dbt reads the whole project anew when a variable of profiles.yml changes, which takes longer than most builds here.
    So every project is reached over one link, and takes over what dbt has read for another one.

    Attributes:
        folder: everything is written below it.
        threads: threads of dbt.
        is_fresh: whether dbt starts anew each time. Copies of one process share the order in which sets are walked
            through, which may not change a result.
    """

    folder: Path
    threads: int = 4
    is_fresh: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        link = _PLACE / "project"
        self.environment = {
            "KANSRIJKE_START_DELIVERY": str(link / self.delivery.name),
            "KANSRIJKE_START_REGISTERS": str(link / self.registers.name),
            "KANSRIJKE_START_DATABASE": str(link / self.database.name),
            "KANSRIJKE_START_PUBLICATION": str(link / self.publication.name),
            "KANSRIJKE_START_THREADS": "4",
            "DBT_TARGET_PATH": str(link / self.target.name),
            "DBT_LOG_PATH": str(link / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            **self.environment,
        }

    @property
    def delivery(self) -> Path:
        return self.folder / "delivery"

    @property
    def registers(self) -> Path:
        return self.folder / "registers"

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    @property
    def publication(self) -> Path:
        return self.folder / "publication"

    @property
    def target(self) -> Path:
        return self.folder / "target"

    def run(self, *arguments: str) -> str:
        """Run a command of `kansrijke-start`; its output is returned, a failure fails the test with it."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `kansrijke-start` that may fail."""
        return self._process([sys.executable, "-m", "kansrijke_start", *arguments])

    def dbt(self, *arguments: str) -> str:
        """Run dbt in the project root with warnings as errors."""
        done = self.attempt_dbt(*arguments)
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-8000:]}\n{done.stderr}"
        return done.stdout

    def attempt_dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dbt in the project root; it may fail."""
        return self._process([*DBT, "--warn-error", *arguments, "--threads", str(self.threads)])

    def _process(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        link = _PLACE / "project"
        link.unlink(missing_ok=True)
        link.symlink_to(self.folder, target_is_directory=True)
        own, shared = self.target / "partial_parse.msgpack", _PLACE / "partial_parse.msgpack"
        if shared.exists() and not own.exists():
            self.target.mkdir(exist_ok=True)
            shutil.copy2(shared, own)
        try:
            return self._run(command)
        finally:
            if own.exists() and not shared.exists():
                shutil.copy2(own, shared)

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        environment = os.environ | self.environment
        if _SERVER is None or self.is_fresh or tuple(command[: len(DBT)]) != DBT:
            return subprocess.run(
                command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
            )
        process = _SERVER.Process(target=_copied_dbt, args=(command[len(DBT) :], environment, self.folder))
        process.start()
        process.join()
        stdout, stderr = ((self.folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(command, process.exitcode or 0, stdout, stderr)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the build database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def differences(one: Project, other: Project) -> list[str]:
    """Names of the mart tables of which any column of any row differs between two build databases."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.database}' as one (read_only)")
        connection.execute(f"attach '{other.database}' as other (read_only)")
        tables = connection.execute(
            """
            select distinct schema_name, table_name from duckdb_tables()
            where
                database_name in ('one', 'other')
                and list_contains(?, schema_name)
                -- The verdict of a publication: the door writes it, not the build.
                and table_name <> 'disclosure_audit'
            order by all
            """,
            [list(MARTS)],
        ).fetchall()
        assert tables, "no mart was built"
        return [
            f"{schema}.{table}"
            for schema, table in tables
            if connection.execute(
                f"""
                select count(*) from (
                    (select * from one.{schema}.{table} except all select * from other.{schema}.{table})
                    union all
                    (select * from other.{schema}.{table} except all select * from one.{schema}.{table})
                )
                """
            ).fetchall()
            != [(0,)]
        ]


def write_registers(folder: Path, rows: Mapping[str, Mapping[int, Sequence[Mapping[str, Any]]]]) -> None:
    """Write registers as ingest would, from a few hand-made rows.

    Args:
        folder: the registers folder; every register of the catalogue is written in it.
        rows: register (component in lower case) -> file year -> rows by canonical column; columns left out are null.
            Person numbers are given as delivered, apart from their kind.
    """
    catalogue = load_catalogue()
    write_empty_registers(folder, catalogue)
    for component, years in rows.items():
        register = catalogue.registers[component]
        schema = register.arrow_schema()
        for year, records in years.items():
            unknown = {name for record in records for name in record} - set(schema.names)
            assert not unknown, f"{component} has no columns {sorted(unknown)}"
            content = [{name: record.get(name) for name in schema.names} | {"file_year": year} for record in records]
            for record in content:
                for name in schema.names:
                    kind = register.kind_of_person(name)
                    if kind and record[name] is not None:
                        record[name] = record[kind] + record[name]
            pq.write_table(pa.Table.from_pylist(content, schema=schema), folder / component / f"{year}.parquet")
