"""The benchmark: what it measures of a process, medians and ratios."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from kansrijke_start import benchmark
from kansrijke_start.benchmark import Measurement, measure, summarise, tables
from kansrijke_start.errors import KansrijkeStartError


def test_time_and_memory_of_a_process(tmp_path: Path) -> None:
    program = "import time; block = bytearray(300_000_000); time.sleep(0.3)"
    seconds, peak = measure([sys.executable, "-c", program], dict(os.environ), tmp_path)
    assert 0.3 <= seconds < 20
    if peak is not None:
        assert 300_000_000 < peak < 600_000_000


def test_a_failing_step_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(KansrijkeStartError, match="out of luck"):
        measure([sys.executable, "-c", "raise SystemExit('out of luck')"], dict(os.environ), tmp_path)


def test_medians_and_growth() -> None:
    runs = [Measurement("ingest", 0.1, "parquet", seconds, 2 * 2**30, 1000) for seconds in (3.0, 1.0, 2.0)]
    runs += [Measurement("ingest", 1.0, "parquet", 18.0, 6 * 2**30, 10_000)]
    small, large = summarise(runs)
    assert (small.seconds, small.runs, small.rows) == (2.0, 3, 1000)
    assert (large.seconds, large.peak) == (18.0, 6 * 2**30)
    console = Console(record=True, width=120, file=Path(os.devnull).open("w"))  # noqa: SIM115
    for table in tables([small, large]):
        console.print(table)
    shown = console.export_text()
    assert "1 : 0.1" in shown
    for number in ("9.0", "3.0", "10.0", "2.00 GiB", "500"):
        assert number in shown


def test_one_fraction_has_no_growth() -> None:
    assert len(tables(summarise([Measurement("ingest", 0.1, "parquet", 1.0, None, 0)]))) == 1


@pytest.mark.parametrize(
    "arguments", [["--fraction", "0"], ["--fraction", "2"], ["--repeat", "0"], ["--sav-fraction", "3"]]
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        benchmark.main(arguments)
    assert stopped.value.code == 2
    assert arguments[0] in capsys.readouterr().err
