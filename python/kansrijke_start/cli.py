"""The command line: every make target has its twin here, for machines without make."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.processes import DBT
from kansrijke_start.progress import console, step
from kansrijke_start.weighting.choices import Estimand, Link

app = typer.Typer(
    name="kansrijke-start",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "From a delivery of CBS registers to publication-safe tables. "
        "Usual order: synthesize (or your own delivery) - ingest - validate - models - publish - docs; "
        "`build` does all of them."
    ),
)


class Format(StrEnum):
    """File format of a synthetic delivery."""

    parquet = "parquet"
    sav = "sav"


FractionOption = Annotated[float, typer.Option(help="Share of the Netherlands to synthesize, above 0 and at most 1.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the synthetic world: same seed, same files.")]
FormatOption = Annotated[
    Format, typer.Option(help="parquet: CBS's converted data, fast. sav: SPSS files with value labels.")
]
ScenarioOption = Annotated[
    str, typer.Option(help="Scenario file that changes parameters, such as default or no_rise_2021.")
]


BUILD = ("build", "--exclude-resource-type", "unit_test")
"""Unit tests say the same for every delivery; `test` runs them."""


def dbt(arguments: Sequence[str], paths: Paths) -> None:
    """Run dbt as a process of its own in the project root.

    A process, because dbt keeps the lock on the build database for as long as its process lives.

    Raises:
        KansrijkeStartError: if dbt ends with an error; its own output says which.
    """
    if start_dbt(arguments, paths).wait() != 0:
        raise KansrijkeStartError(f"dbt {arguments[0]} failed: see its messages above.")


def start_dbt(arguments: Sequence[str], paths: Paths, *, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start dbt in the project root, without telemetry and with the places of this run.

    A place that the environment names keeps that name, also when it is a link: under another name dbt would read the
    whole project anew.
    """
    places = {
        "KANSRIJKE_START_REGISTERS": str(paths.registers),
        "KANSRIJKE_START_DATABASE": str(paths.database),
    }
    environment = places | os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen([*DBT, *arguments], cwd=paths.root, env=environment, stdout=output, stderr=output)


@app.command()
def synthesize(
    fraction: FractionOption = 0.1,
    seed: SeedOption = 2024,
    format: FormatOption = Format.parquet,
    scenario: ScenarioOption = "default",
) -> None:
    """Write a synthetic delivery in CBS's own shape (never over a real one)."""
    from kansrijke_start.synthetic.generate import synthesize as run

    paths = Paths.from_environment()
    run(paths.delivery, paths.truth, fraction=fraction, seed=seed, format=format.value, scenario=scenario)


@app.command()
def ingest(
    force: Annotated[bool, typer.Option(help="Read every file again, also the unchanged ones.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes and threads to use; all processors when left out.")
    ] = None,
) -> None:
    """Check the delivery and read it into registers (Parquet), in whole or not at all."""
    from kansrijke_start.delivery.ingest import ingest as run

    paths = Paths.from_environment()
    run(paths.delivery, paths.registers, force=force, jobs=jobs)


@app.command()
def validate() -> None:
    """Validate the registers with Great Expectations; the report is target/data_docs/index.html."""
    from kansrijke_start.quality.validate import validate as run

    paths = Paths.from_environment()
    if not run(paths.registers, paths.target / "data_docs").success:
        raise KansrijkeStartError("The registers are not what the catalogue describes: see the table above.")


@app.command()
def models(
    arguments: Annotated[list[str] | None, typer.Argument(help="Further arguments for `dbt build`, after --.")] = None,
) -> None:
    """Build every table with its data tests: `dbt build` without the unit tests, which need no registers."""
    dbt([*BUILD, *(arguments or [])], Paths.from_environment())


@app.command()
def publish() -> None:
    """Write the publication (DuckDB, Parquet, CSV, Excel), in whole or not at all, once its audit has found nothing."""
    from kansrijke_start.publication.publish import publish as run

    paths = Paths.from_environment()
    run(paths)


@app.command()
def audit(
    path: Annotated[Path, typer.Argument(help="Folder of a publication.")],
    restricted: Annotated[
        Path | None,
        typer.Option(
            help="Restricted folder: attack as one who knows every shown count exactly, together with former releases. "
            "Left out: with the published files alone."
        ),
    ] = None,
) -> None:
    """Attack every hidden number of a publication; fails and names the cell when one can be found out."""
    from kansrijke_start.audit.run import refuse
    from kansrijke_start.publication.door import audit_folder

    paths = Paths.from_environment()
    verdict = audit_folder(path, restricted, paths.registers)
    console.print(
        f"{verdict.attacked:,} hidden numbers attacked with {'exact counts' if verdict.is_exact else 'the files alone'}"
        f" in {verdict.seconds:.1f} s: {verdict.open:,} open, {verdict.large:,} known to be large, "
        f"{verdict.widened:,} wide, {verdict.narrowed:,} narrowed, {verdict.recovered:,} found out."
    )
    refuse(verdict, str(path))


@app.command()
def releases(
    withdraw: Annotated[int | None, typer.Option(help="Number of a release that never left.")] = None,
    reason: Annotated[str, typer.Option(help="Why it counts no more; the output checker reads it.")] = "",
) -> None:
    """Show the ledger of releases, with which every new publication is audited."""
    from kansrijke_start.publication.releases import read_ledger
    from kansrijke_start.publication.releases import withdraw as run

    restricted = Paths.from_environment().restricted
    if withdraw is not None:
        run(restricted, withdraw, reason)
    for release in read_ledger(restricted):
        state = "" if release.withdrawn is None else f", withdrawn: {release.withdrawn}"
        console.print(f"{release.number:>4}  {release.published_at}  {release.world}{state}", markup=False)


@app.command()
def docs() -> None:
    """Make the docs: one page, target/static_index.html, that opens without a server."""
    # Compiled tests are not shown, so they are not compiled.
    excluded = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    paths = Paths.from_environment()
    # It writes over what the last build found of models and tests, which `publish` asks for.
    results = paths.target / "run_results.json"
    found = results.read_bytes() if results.is_file() else None
    dbt(["docs", "generate", "--static", *excluded], paths)
    if found is not None:
        results.write_bytes(found)
    console.print(f"Docs: {paths.target / 'static_index.html'}")


@app.command()
def registers(
    force: Annotated[bool, typer.Option(help="Read every file again, also the unchanged ones.")] = False,
) -> None:
    """Ingest and validate."""
    ingest(force)
    validate()


@app.command()
def build(
    fraction: FractionOption = 0.1,
    seed: SeedOption = 2024,
    format: FormatOption = Format.parquet,
    scenario: ScenarioOption = "default",
) -> None:
    """From nothing to the publication and the docs.

    A delivery that is not synthetic is used as it is; the options then have no meaning.
    """
    from kansrijke_start.synthetic.marker import is_real_delivery

    paths = Paths.from_environment()
    with step("build"):
        if is_real_delivery(paths.delivery):
            console.print(f"Using the delivery in {paths.delivery}; it is not synthetic and stays untouched.")
        else:
            synthesize(fraction, seed, format, scenario)
        ingest()
        # Validation keeps one core busy: meanwhile the other reads the project, which dbt keeps for the next command.
        parsing = start_dbt(["parse"], paths, quiet=True)
        try:
            validate()
        finally:
            parsing.wait()
        dbt(BUILD, paths)
        publish()
        docs()
    console.print(f"Publication: {paths.publication}")


@app.command()
def catalogue(
    check: Annotated[bool, typer.Option(help="Only tell whether generated files are out of date.")] = False,
) -> None:
    """Generate dbt sources and the data dictionary from the register catalogue."""
    from kansrijke_start.registers.generate import main as run

    if run(["--check" if check else "--write"]) != 0:
        raise KansrijkeStartError("Run `kansrijke-start catalogue` and commit what it writes.")


@app.command()
def test() -> None:
    """Run every check of the project: what CI runs."""
    from kansrijke_start.quality.checks import run_all

    run_all(Paths.from_environment())


@app.command()
def weight(
    table: Annotated[str, typer.Option(help="Parquet or CSV file, or schema.table of the build database.")],
    exposure: Annotated[str, typer.Option(help="Column with true or 1 for the exposed, false or 0 for the others.")],
    covariates: Annotated[
        str, typer.Option(help="Columns to make alike, with commas: numbers as they are, text as categories.")
    ],
    outcomes: Annotated[str, typer.Option(help="Columns of which means are compared, with commas.")],
    output: Annotated[Path, typer.Option(help="Folder for weights, estimates, balance and summary (Parquet).")],
    estimand: Annotated[Estimand, typer.Option(help="Whom the groups are made alike.")] = Estimand.ate,
    categorical: Annotated[str, typer.Option(help="Covariates with numbers that are categories, with commas.")] = "",
    cluster: Annotated[
        str | None, typer.Option(help="Column of rows that belong together, such as the mother.")
    ] = None,
    key: Annotated[str, typer.Option(help="Columns that identify a row, with commas.")] = "",
    imputation: Annotated[
        str | None, typer.Option(help="Column with the number of the imputed set; results are pooled (Rubin).")
    ] = None,
    truncate: Annotated[
        float | None, typer.Option(help="Share of the weights that stays as it is, such as 0.99; all when left out.")
    ] = None,
    link: Annotated[Link, typer.Option(help="Regression of the propensity.")] = Link.logit,
    unknown_outcomes: Annotated[
        bool, typer.Option("--unknown-outcomes", help="Outcomes may be missing: means of the rows that have them.")
    ] = False,
) -> None:
    """Compare two groups after weighting: an effect, or a decomposition if covariates lie after the exposure."""
    from kansrijke_start.weighting.contract import Roles
    from kansrijke_start.weighting.entry import Settings
    from kansrijke_start.weighting.entry import weight as run

    def names(text: str) -> tuple[str, ...]:
        return tuple(name.strip() for name in text.split(",") if name.strip())

    roles = Roles(
        exposure=exposure,
        covariates=names(covariates),
        outcomes=names(outcomes),
        categorical=names(categorical),
        cluster=cluster,
        key=names(key),
        unknown_outcomes=unknown_outcomes,
    )
    run(table, roles, output, Settings(estimand, link, truncate, imputation))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def benchmark(context: typer.Context) -> None:
    """Measure time and memory of every step (medians and ratios)."""
    from kansrijke_start.benchmark import main as run

    raise typer.Exit(run(context.args))


@app.command()
def lock() -> None:
    """Compile the lock files from pyproject.toml: exact versions and hashes, no index or host."""
    from kansrijke_start.quality.checks import compile_locks

    compile_locks(Paths.from_environment().root)


@app.command()
def clean() -> None:
    """Remove what was generated (a delivery that is not synthetic stays)."""
    from kansrijke_start.synthetic.marker import is_real_delivery

    paths = Paths.from_environment()
    folders = [paths.registers, paths.truth, paths.publication, paths.target, paths.root / "logs"]
    if not is_real_delivery(paths.delivery):
        # The ledger of real releases stays: what has left cannot be called back.
        folders += [paths.delivery, paths.restricted]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    for database in (paths.database, Path(f"{paths.database}.wal")):
        database.unlink(missing_ok=True)


def main() -> None:
    """Entry point: prints an expected failure as one message and exits with 1."""
    try:
        app()
    except KansrijkeStartError as error:
        console.print(f"[red]Stopped:[/red] {escape(str(error))}", markup=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
