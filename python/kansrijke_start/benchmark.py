"""Measures the time and memory of every step, from a synthetic delivery to the publication.

Every step runs as a process of its own in a temporary folder, several times; the table shows the median of the wall
time and the largest memory of a single process. Nothing is written in the repository. It is a measurement, not a test:
no time is ever compared with a limit.

    python -m kansrijke_start.benchmark --fraction 0.01 --fraction 0.1 --repeat 3
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat
from rich.console import Console
from rich.table import Table

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT

STEPS = ("synthesize", "ingest", "validate", "models", "publish", "audit")
SAV_STEPS = ("synthesize", "ingest")
_MEASURING = """
import json, subprocess, sys, time
try:
    import resource
except ImportError:
    resource = None
started = time.perf_counter()
code = subprocess.run(sys.argv[2:]).returncode
seconds = time.perf_counter() - started
peak = None
if resource is not None:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"seconds": seconds, "peak": peak, "code": code}, file)
"""


@dataclass(frozen=True)
class Measurement:
    """One run of one step.

    Attributes:
        step: name of the command.
        fraction: share of the country.
        file_format: format of the delivery.
        seconds: wall time, start of the process included.
        peak: bytes of the largest process of the step; None where the operating system does not tell.
        rows: rows of the delivery (0 before it is there).
    """

    step: str
    fraction: float
    file_format: str
    seconds: float
    peak: int | None
    rows: int


@dataclass(frozen=True)
class Summary:
    """Median over the runs of one step.

    Attributes:
        step: name of the command.
        fraction: share of the country.
        file_format: format of the delivery.
        seconds: median of the wall times.
        peak: largest of the peaks, in bytes.
        rows: rows of the delivery.
        runs: number of runs.
    """

    step: str
    fraction: float
    file_format: str
    seconds: float
    peak: int | None
    rows: int
    runs: int


def measure(command: Sequence[str], environment: dict[str, str], folder: Path) -> tuple[float, int | None]:
    """Run a command; give its wall time in seconds and the largest resident memory of one of its processes in bytes.

    Args:
        command: program and arguments.
        environment: variables of the process.
        folder: where the output of the command and the result are kept.

    Raises:
        KansrijkeStartError: the command failed; the message ends with its last lines.
    """
    result = folder / "measurement.json"
    log = folder / "output.txt"
    with log.open("wb") as output:
        # The measuring process has one child, so that the memory of its children is that of the command.
        subprocess.run(
            [sys.executable, "-c", _MEASURING, str(result), *command],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )
    content = json.loads(result.read_text(encoding="utf-8"))
    if content["code"] != 0:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise KansrijkeStartError(f"`{' '.join(command)}` failed, so nothing can be measured:\n{last}")
    return float(content["seconds"]), content["peak"]


def _environment(place: Path) -> dict[str, str]:
    return os.environ | {
        "KANSRIJKE_START_DELIVERY": str(place / "data" / "delivery"),
        "KANSRIJKE_START_REGISTERS": str(place / "data" / "registers"),
        "KANSRIJKE_START_DATABASE": str(place / "kansrijke_start.duckdb"),
        "KANSRIJKE_START_PUBLICATION": str(place / "publication"),
        "DBT_TARGET_PATH": str(place / "target"),
        "DBT_LOG_PATH": str(place / "logs"),
    }


def _delivered_rows(delivery: Path) -> int:
    rows = sum(pq.read_metadata(file).num_rows for file in delivery.rglob("*.parquet"))
    for file in delivery.rglob("*"):
        if file.suffix.lower() == ".sav":
            rows += pyreadstat.read_sav(file, metadataonly=True)[1].number_rows or 0
    return rows


def run(
    fractions: Sequence[float], steps: Sequence[str], repeat: int, seed: int, file_format: str, console: Console
) -> list[Measurement]:
    """Measure the steps on each fraction, `repeat` times, each time from nothing.

    Args:
        fractions: shares of the country.
        steps: names of commands, in their order; a later one needs the earlier ones.
        repeat: runs of each.
        seed: seed of the synthetic world.
        file_format: `parquet` or `sav`.
        console: where progress is shown.

    Raises:
        KansrijkeStartError: a step failed.
    """
    found = []
    for fraction in fractions:
        for number in range(1, repeat + 1):
            with tempfile.TemporaryDirectory(prefix="kansrijke_start_benchmark_") as name:
                place = Path(name)
                rows = 0
                for step in steps:
                    command = [sys.executable, "-m", "kansrijke_start.cli", step]
                    if step == "synthesize":
                        command += ["--fraction", str(fraction), "--seed", str(seed), "--format", file_format]
                    if step == "audit":
                        command += [str(place / "publication"), "--restricted", str(place / "data" / "restricted")]
                    seconds, peak = measure(command, _environment(place), place)
                    if step == "synthesize":
                        rows = _delivered_rows(place / "data" / "delivery")
                    found.append(Measurement(step, fraction, file_format, seconds, peak, rows))
                    shown = f"{step:<11} {seconds:8.1f} s {_memory(peak):>9}"
                    console.print(f"  {fraction:<6g} {file_format:<8} run {number}  {shown}")
    return found


def summarise(measurements: Sequence[Measurement]) -> list[Summary]:
    """Median time and largest memory by step, fraction and format, in the order in which they were measured."""
    groups: dict[tuple[str, float, str], list[Measurement]] = {}
    for one in measurements:
        groups.setdefault((one.step, one.fraction, one.file_format), []).append(one)
    return [
        Summary(
            step=step,
            fraction=fraction,
            file_format=file_format,
            seconds=statistics.median(one.seconds for one in runs),
            peak=max((one.peak for one in runs if one.peak is not None), default=None),
            rows=max(one.rows for one in runs),
            runs=len(runs),
        )
        for (step, fraction, file_format), runs in groups.items()
    ]


def _memory(peak: int | None) -> str:
    return "-" if peak is None else f"{peak / 2**30:.2f} GiB"


def _ratio(larger: float | None, smaller: float | None) -> str:
    return f"{larger / smaller:.1f}" if larger and smaller else "-"


def tables(summaries: Sequence[Summary]) -> list[Table]:
    """The tables to show: all medians, and how time and memory grow between the fractions of one format."""
    medians = Table(title="Medians", title_justify="left")
    for title in ("step", "format", "fraction", "rows", "runs", "seconds", "rows/s", "memory"):
        medians.add_column(title, justify="left" if title in ("step", "format") else "right", no_wrap=True)
    for one in summaries:
        medians.add_row(
            one.step,
            one.file_format,
            f"{one.fraction:g}",
            f"{one.rows:,}" if one.rows else "-",
            str(one.runs),
            f"{one.seconds:.1f}",
            f"{one.rows / one.seconds:,.0f}" if one.rows and one.seconds else "-",
            _memory(one.peak),
        )
    growth = Table(title="Growth", title_justify="left")
    for title in ("step", "format", "fractions", "rows", "seconds", "memory"):
        growth.add_column(title, justify="left" if title in ("step", "format") else "right")
    for larger in summaries:
        same = [s for s in summaries if (s.step, s.file_format) == (larger.step, larger.file_format)]
        smaller = [s for s in same if s.fraction < larger.fraction]
        if smaller:
            base = max(smaller, key=lambda s: s.fraction)
            growth.add_row(
                larger.step,
                larger.file_format,
                f"{larger.fraction:g} : {base.fraction:g}",
                _ratio(larger.rows, base.rows),
                _ratio(larger.seconds, base.seconds),
                _ratio(larger.peak, base.peak),
            )
    return [medians, growth] if growth.row_count else [medians]


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; gives the exit code.

    Args:
        arguments: command line; see `--help`.
    """
    parser = argparse.ArgumentParser(prog="benchmark", description="Times and memory of every step, as medians.")
    parser.add_argument(
        "--fraction",
        type=_fraction,
        action="append",
        help="share of the country; may be given more than once (default 0.01 and 0.1)",
    )
    parser.add_argument("--repeat", type=_count, default=3, help="runs of each step (default 3)")
    parser.add_argument("--step", choices=STEPS, action="append", help="only these steps (default all)")
    parser.add_argument("--seed", type=int, default=2024, help="seed of the synthetic world")
    parser.add_argument(
        "--sav-fraction", type=float, default=0.01, help="share for writing and reading .sav files; 0 leaves them out"
    )
    chosen = parser.parse_args(arguments)
    if chosen.sav_fraction and not 0 < chosen.sav_fraction <= 1:
        parser.error("--sav-fraction must be 0, or above 0 and at most 1")
    wanted = chosen.step or STEPS
    last = max(STEPS.index(step) for step in wanted)
    console = Console(highlight=False, width=110)
    console.print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}; "
        "memory is that of the largest process of a step"
    )
    started = time.perf_counter()
    fractions = sorted(set(chosen.fraction or [0.01, 0.1]))
    found = run(fractions, STEPS[: last + 1], chosen.repeat, chosen.seed, "parquet", console)
    if chosen.sav_fraction:
        found += run([chosen.sav_fraction], SAV_STEPS, chosen.repeat, chosen.seed, "sav", console)
    shown = [one for one in summarise(found) if one.step in wanted or one.file_format == "sav"]
    for table in tables(shown):
        console.print(table)
    console.print(f"Measured in {time.perf_counter() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
