"""Everything that CI checks, what fails fastest first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.processes import DBT
from kansrijke_start.progress import step
from kansrijke_start.quality.structure import all_breaches

TESTS_PLACE = "KANSRIJKE_START_TESTS_PLACE"
"""Variable with the folder in which the tests find what dbt has read, for a project reached over `project` in it."""

SQLFLUFF = (
    "import gc, sys; from sqlfluff.cli.commands import cli;"
    " gc.set_threshold(1_000_000, 2, 2); sys.argv[0] = 'sqlfluff'; cli()"
)
"""The command line of sqlfluff. It makes trees of many small objects: looking for garbage as often as Python does by
itself takes a tenth of its time."""


def run_all(paths: Paths) -> None:
    """Lint, types, generated files, parse, structure, unit tests and the end-to-end builds.

    Raises:
        KansrijkeStartError: naming the first check that failed.
    """
    root = paths.root
    with tempfile.TemporaryDirectory(prefix="kansrijke_start_") as scratch:
        target = Path(scratch) / "target"
        tests_place = Path(scratch) / "tests"
        # dbt reads the whole project anew when one of these paths changes: they are those of the first test process.
        environment = {
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(Path(scratch) / "logs"),
            "KANSRIJKE_START_DATABASE": str(tests_place / "project" / "build.duckdb"),
            "KANSRIJKE_START_REGISTERS": str(tests_place / "project" / "registers"),
        }
        _run("ruff: lint", [sys.executable, "-m", "ruff", "check", "python"], root)
        _run("ruff: format", [sys.executable, "-m", "ruff", "format", "--check", "python"], root)
        types = [sys.executable, "-m", "pyrefly", "check"]
        lint = [sys.executable, "-c", SQLFLUFF, "lint", "--disable-progress-bar", "models", "tests", "analyses"]
        catalogue = [sys.executable, "-m", "kansrijke_start", "catalogue", "--check"]
        parse = [*DBT, "--warn-error", "parse", "--no-partial-parse"]
        # Each uses one core and none depends on another. The SQL lint takes longest: it goes on beside the tests, whose
        # processes now and then wait for each other.
        with ThreadPoolExecutor(max_workers=3) as pool:
            linting = pool.submit(_run, "sqlfluff: SQL lint", lint, root, quiet=True)
            running = [
                pool.submit(_run, "dbt: parse without warnings", parse, root, environment, quiet=True),
                pool.submit(_run, "pyrefly: types", types, root, quiet=True),
                pool.submit(_run, "catalogue: generated files up to date", catalogue, root, quiet=True),
            ]
            for check in running:
                check.result()
            with step("structure of the project"):
                breaches = all_breaches(target, root)
                if breaches:
                    raise KansrijkeStartError("The structure is broken:\n- " + "\n- ".join(breaches))
            tests_place.mkdir()
            shutil.copy2(target / "partial_parse.msgpack", tests_place)
            tests = [sys.executable, "-m", "pytest", "python/tests"]
            _run("pytest: unit tests and end-to-end builds", tests, root, {TESTS_PLACE: str(tests_place)})
            linting.result()


def compile_locks(root: Path) -> None:
    """Compile `requirements.txt` (run) and `requirements-dev.txt` (all) with versions and hashes.

    A version that is locked stays as long as the ranges of pyproject.toml allow it; without the file all are renewed.
    Indexes and hosts stay out of the files, so that they work wherever the packages are.
    """
    extras = {"requirements.txt": ["build"], "requirements-dev.txt": ["build", "dev"]}
    for name, groups in extras.items():
        with tempfile.TemporaryDirectory() as scratch:
            compiled = Path(scratch) / name
            if (root / name).exists():
                shutil.copy2(root / name, compiled)
            command = [
                sys.executable,
                "-m",
                "uv",
                "pip",
                "compile",
                "--quiet",
                "--universal",
                "--generate-hashes",
                "--no-emit-index-url",
                "--no-annotate",
                "--no-header",
                "--python-version",
                "3.11",
            ]
            for group in groups:
                command += ["--extra", group]
            if name != "requirements.txt":
                command += ["--constraint", "requirements.txt"]
            _run(f"lock: {name}", [*command, "pyproject.toml", "--output-file", str(compiled)], root)
            header = "# Compiled from pyproject.toml by `kansrijke-start lock`; do not edit.\n"
            (root / name).write_text(header + compiled.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


def _run(
    name: str, command: Sequence[str], root: Path, environment: dict[str, str] | None = None, *, quiet: bool = False
) -> None:
    """Run a command; `quiet` keeps its output for a failure, so that commands side by side do not mix theirs."""
    pipe = subprocess.PIPE if quiet else None
    with step(name):
        result = subprocess.run(
            command,
            cwd=root,
            env=os.environ | (environment or {}),
            check=False,
            stdout=pipe,
            stderr=subprocess.STDOUT if quiet else None,
            encoding="utf-8",
            errors="replace",
        )
        if result.returncode != 0:
            messages = f":\n{result.stdout.strip()}" if quiet else ": see its messages above."
            raise KansrijkeStartError(f"{name} failed{messages}")
