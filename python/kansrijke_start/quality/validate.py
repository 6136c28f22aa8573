"""Validate the registers: the suites made from the catalogue, run by Great Expectations inside DuckDB.

Each register is a view over its Parquet files, so that no row leaves DuckDB. The report is HTML (Data Docs); the
terminal shows one line a register.
"""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy
from rich.table import Table

from kansrijke_start.delivery.check import allowed
from kansrijke_start.delivery.manifest import Entry, read_manifest
from kansrijke_start.errors import DeliveryError
from kansrijke_start.progress import console, step
from kansrijke_start.registers.catalogue import Catalogue, Register, load_catalogue
from kansrijke_start.registers.expectations import expectation_suite

DATABASE = "duckdb:///:memory:kansrijke_start_validation"
MEMORY_LIMIT = "5GiB"
FAILURES_SHOWN = 20
WIDTH = "expect_column_value_lengths_to_equal"
FORMS = ("expect_column_values_to_fully_match_pattern", "expect_column_values_to_be_in_set")
COLUMNS = "expect_table_columns_to_match_ordered_list"
QUERY = "unexpected_rows_expectation"
"""The first expectation of this kind in a suite is on the types of the columns."""


@dataclass(frozen=True)
class Failure:
    """An expectation that a register does not meet.

    Attributes:
        register: component, in capitals.
        column: column or columns, None for the whole table.
        expectation: what was expected, in a sentence.
        share: share of the rows that do not meet it, None when rows have no meaning here.
        remedy: what to do.
    """

    register: str
    column: str | None
    expectation: str
    share: float | None
    remedy: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        share = f" Not so in {self.share:.2%} of the rows." if self.share is not None else ""
        return f"{self.register}{column}: expected: {self.expectation}{share} {self.remedy}"


@dataclass
class RegisterResult:
    """Outcome for one register.

    Attributes:
        component: in capitals.
        years: file years.
        rows: rows of all years.
        expectations: number of expectations checked.
        failures: those that are not met.
    """

    component: str
    years: list[int]
    rows: int
    expectations: int
    failures: list[Failure] = field(default_factory=list)


@dataclass
class ValidationResult:
    """Outcome for all registers.

    Attributes:
        registers: one result a register, sorted by component.
        docs: index page of the Data Docs, None when none were asked for.
    """

    registers: list[RegisterResult]
    docs: Path | None = None

    @property
    def failures(self) -> list[Failure]:
        """All expectations that are not met."""
        return [failure for register in self.registers for failure in register.failures]

    @property
    def success(self) -> bool:
        """Whether every register meets every expectation."""
        return not self.failures


def validate(registers: Path, docs: Path | None = None, *, catalogue: Catalogue | None = None) -> ValidationResult:
    """Run the suite of every register of the catalogue that was ingested.

    Args:
        registers: folder made by ingest, with its manifest.
        docs: folder for the HTML report, replaced as a whole; None for no report.
        catalogue: the registers that are known; the project's own when None.

    Returns:
        The result; what fails is printed and stands in `failures`.

    Raises:
        DeliveryError: there are no registers, or a Parquet file that the manifest names is missing.
    """
    registers = Path(registers).absolute()
    catalogue = load_catalogue() if catalogue is None else catalogue
    manifest = read_manifest(registers)
    if manifest is None or not manifest.registers:
        raise DeliveryError(
            str(registers),
            "there are no registers to validate",
            "Run `kansrijke-start ingest` first.",
        )
    entries: dict[str, list[Entry]] = {}
    for entry in manifest.registers:
        entries.setdefault(entry.component.lower(), []).append(entry)
    for name, files in entries.items():
        for entry in files:
            if not (registers / name / f"{entry.file_year}.parquet").is_file():
                raise DeliveryError(
                    f"{name}/{entry.file_year}.parquet",
                    "the manifest names this file and it is not there",
                    "Run `kansrijke-start ingest --force` to make the registers anew.",
                )
    with step("start Great Expectations"):
        run = _Run(registers, docs)
    result = ValidationResult([])
    try:
        for name in sorted(entries):
            if name not in catalogue.registers:
                continue
            register = catalogue.registers[name]
            with step(f"validate {register.component}") as progress:
                progress.rows = sum(entry.rows for entry in entries[name])
                result.registers.append(run.register(register, entries[name]))
        if docs is not None:
            with step("write the validation report"):
                result.docs = run.write_docs(docs)
    finally:
        run.close()
    _report(result)
    return result


class _Run:
    """One session of Great Expectations, all in memory but for the report."""

    def __init__(self, registers: Path, docs: Path | None) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "False"
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        # The driver does not know DuckDB's own catalogue for indexes; nothing here needs it.
        warnings.filterwarnings("ignore", message="duckdb-engine doesn't yet support reflection on indices")
        from kansrijke_start.quality.engine import DuckDBDatasource, OneConnectionEngine

        self.registers = registers
        self.context = _new_context()
        self.context.variables.progress_bars = {"globally": False}
        for site in list(self.context.get_site_names()):
            self.context.delete_data_docs_site(site)
        self.staged = docs.with_name(docs.name + ".incoming") if docs is not None else None
        if self.staged is not None:
            shutil.rmtree(self.staged, ignore_errors=True)
            self.staged.mkdir(parents=True)
            self.context.add_data_docs_site(
                "registers",
                {
                    "class_name": "SiteBuilder",
                    "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                    "store_backend": {
                        "class_name": "TupleFilesystemStoreBackend",
                        "base_directory": str(self.staged),
                    },
                    "show_how_to_buttons": False,
                },
            )
        self.source: DuckDBDatasource = self.context.data_sources.add_duckdb(
            name="registers", connection_string=DATABASE
        )
        engine = self.source.get_execution_engine()
        assert isinstance(engine, OneConnectionEngine)
        self.engine = engine
        self._execute(f"set memory_limit = '{MEMORY_LIMIT}'")

    def _execute(self, statement: str) -> None:
        with self.engine.get_connection() as connection:
            connection.execute(sqlalchemy.text(statement.replace(":", "\\:")))
            connection.commit()

    def _schema(self, register: Register) -> tuple[bool, bool]:
        """Whether the view has the columns of the catalogue, and their types; else nothing more can be asked of it."""
        with self.engine.get_connection() as connection:
            found = connection.execute(sqlalchemy.text(f'describe "{register.folder}"')).fetchall()
        wanted = {"file_year": "INTEGER", **{one.name: one.duckdb_type for one in register.columns_expanded()}}
        return [row[0] for row in found] == list(wanted), [row[1] for row in found] == list(wanted.values())

    def register(self, register: Register, entries: list[Entry]) -> RegisterResult:
        """Run the suite of one register; only what fails is looked at in detail."""
        import great_expectations as gx

        name = register.folder
        files = ", ".join(
            "'" + (self.registers / name / f"{entry.file_year}.parquet").as_posix().replace("'", "''") + "'"
            for entry in entries
        )
        self._execute(
            f'create or replace view "{name}" as select * from read_parquet([{files}], hive_partitioning = false)'
        )
        batch = self.source.add_table_asset(name=name, table_name=name).add_batch_definition_whole_table("all years")
        rows = sum(entry.rows for entry in entries)
        suite = expectation_suite(with_room_for_chance(register, rows))
        # Widths were checked on the raw values; where form or codes are checked too, asking again only takes time.
        told = {one.column for one in suite.expectations if one.expectation_type in FORMS}
        suite.expectations = [
            one for one in suite.expectations if one.expectation_type != WIDTH or one.column not in told
        ]
        names, types = self._schema(register)
        if not names:
            suite.expectations = [one for one in suite.expectations if one.expectation_type == COLUMNS]
        elif not types:
            suite.expectations = [one for one in suite.expectations if one.expectation_type in (COLUMNS, QUERY)][:2]
        suite = self.context.suites.add(suite)
        definition = self.context.validation_definitions.add(
            gx.ValidationDefinition(name=name, data=batch, suite=suite)
        )
        outcome = definition.run(result_format={"result_format": "BOOLEAN_ONLY"})
        if not outcome.success:
            store = self.context.validation_results_store
            for key in store.list_keys():
                if key.expectation_suite_identifier.name == suite.name:
                    store.remove_key(key)
            outcome = definition.run(result_format={"result_format": "BASIC", "partial_unexpected_count": 5})
        failures = [_failure(register, result) for result in outcome.results if not result.success]
        years = sorted(entry.file_year for entry in entries)
        return RegisterResult(register.component, years, rows, len(outcome.results), failures)

    def write_docs(self, docs: Path) -> Path:
        """Build the report and let it take the place of the earlier one."""
        assert self.staged is not None
        # The report asks for the observed columns, which the short form of a result leaves out.
        store = self.context.validation_results_store
        for key in store.list_keys():
            outcome = store.get(key)
            for result in outcome.results:
                if result.expectation_config.type == COLUMNS and result.success:
                    result.result.setdefault("observed_value", result.expectation_config.kwargs["column_list"])
            store.set(key, outcome)
        self.context.build_data_docs(site_names=["registers"])
        shutil.rmtree(docs, ignore_errors=True)
        self.staged.rename(docs)
        return docs / "index.html"

    def close(self) -> None:
        """Let go of the database and of what is left of the report."""
        self.engine.close()
        if self.staged is not None:
            shutil.rmtree(self.staged, ignore_errors=True)


def with_room_for_chance(register: Register, rows: int) -> Register:
    """The register with the tolerances that ingest applies to a file of this many rows.

    Ingest leaves room for chance in small files (`allowed`); a suite knows shares only, so that the room is put into
    the shares.
    """

    def share(tolerated: float) -> float:
        return min(allowed(tolerated, rows) / rows, 1.0) if rows else tolerated

    columns = tuple(
        column.model_copy(
            update={
                "tolerance": column.tolerance.model_copy(
                    update={name: share(tolerated) for name, tolerated in column.tolerance.model_dump().items()}
                )
            }
        )
        for column in register.columns
    )
    key = register.key_tolerance
    tolerance = key.model_copy(
        update={
            "default": share(key.default),
            "years": {year: share(tolerated) for year, tolerated in key.years.items()},
        }
    )
    return register.model_copy(update={"columns": columns, "key_tolerance": tolerance})


def _new_context() -> Any:
    """A session that keeps nothing on disk; imported here, since the library takes seconds to load."""
    import great_expectations as gx

    return gx.get_context(mode="ephemeral")


def _failure(register: Register, result: Any) -> Failure:
    """One failed expectation in words."""
    configuration = result.expectation_config
    kwargs = configuration.kwargs
    column = kwargs.get("column") or ", ".join(kwargs.get("column_list", [])) or None
    if configuration.type == COLUMNS:
        column = None
    details = result.result or {}
    percent = details.get("unexpected_percent")
    notes = (configuration.meta or {}).get("notes") or configuration.type
    raised = bool(result.exception_info) and "exception_message" in str(result.exception_info)
    said = _exception_message(result.exception_info) if raised else None
    if said:
        notes = f"{notes} The check itself failed: {said}."
    return Failure(
        register.component,
        column,
        notes,
        None if percent is None else percent / 100,
        "Look at the report, run `kansrijke-start ingest --force`, and if it stays so, ask for the file anew or "
        f"correct the catalogue entry {register.folder}.yml.",
    )


def _exception_message(info: Any) -> str | None:
    """The first message in the exceptions that the library kept."""
    if not isinstance(info, dict):
        return None
    if info.get("exception_message"):
        return str(info["exception_message"]).strip().splitlines()[0]
    for nested in info.values():
        said = _exception_message(nested)
        if said:
            return said
    return None


def _report(result: ValidationResult) -> None:
    """Print one line a register, then what fails."""
    table = Table(title="Validation of the registers", title_justify="left")
    for heading, right in (("register", 0), ("years", 0), ("rows", 1), ("expectations", 1), ("failed", 1)):
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for register in result.registers:
        first, last = register.years[0], register.years[-1]
        failed = len(register.failures)
        table.add_row(
            register.component,
            str(first) if first == last else f"{first}-{last}",
            f"{register.rows:,}",
            str(register.expectations),
            str(failed),
            style="red" if failed else None,
        )
    console.print(table)
    for failure in result.failures[:FAILURES_SHOWN]:
        console.print(str(failure), style="red")
    if len(result.failures) > FAILURES_SHOWN:
        console.print(f"... and {len(result.failures) - FAILURES_SHOWN} more.", style="red")
    if result.docs is not None:
        console.print(f"  report: {result.docs}")
