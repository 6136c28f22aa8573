"""One line per long step: what ran, how many rows, how many seconds."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass
class Step:
    """A running step; set `rows` when they are known.

    Attributes:
        name: what the step does.
        rows: rows written or checked, None when rows have no meaning here.
        seconds: wall time, filled when the step ends.
    """

    name: str
    rows: int | None = None
    seconds: float = 0.0


@contextmanager
def step(name: str) -> Generator[Step, None, None]:
    """Time a step and print it when it ends (also when it fails, marked as such)."""
    current = Step(name)
    started = time.perf_counter()
    try:
        yield current
    except BaseException:
        console.print(f"  {name:<44} failed after {time.perf_counter() - started:7.1f} s", style="red")
        raise
    current.seconds = time.perf_counter() - started
    rows = "" if current.rows is None else f"{current.rows:,}"
    console.print(
        f"  {name:<44} {rows:>14} rows {current.seconds:7.1f} s"
        if rows
        else f"  {name:<44} {'':>14}      {current.seconds:7.1f} s"
    )
