"""Patterns of the protector before the audit of tau-Argus, the program of Statistics Netherlands.

The audit is given a finished table, not microdata: values, a status per cell (U: primary, M: secondary, S: shown), and
how far below and above its value each primary must be possible (here: down to 1, up to 9). It computes for every hidden
cell the smallest and the largest value that the shown ones leave, and calls a primary unsafe when it cannot reach both.
Two things have to be told it in its own way. A cell of zero is submitted with a frequency (1, when the table has no
column of them), else it is taken for one that is known to be empty. And the audit takes the smallest value of the table
for the least that any cell can be, so that each table needs a zero; its largest value, the total, limits nothing.
Secondaries have no interval to keep: of them the bounds are compared with those of the yardstick. Called on microdata,
with rules of its own, the program would look for a pattern itself and want a response column (of ones); this path needs
neither.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytauargus.engine import Engine

from kansrijke_start.disclosure.protect import protect

from .invented import Counts, World, crossed, flat, sparse_counts
from .oracle import Flags, breaches, ranges, targets

MINIMUM = 10
TOTAL = "all"


def audit(folder: Path, world: World, is_hidden: Flags, inner: Counts) -> dict[str, dict[str, Any]]:
    """What the audit of tau-Argus says of each hidden cell, by name."""
    assert (inner == 0).any(), "without a zero the audit takes the smallest value for the least possible one"
    lines = []
    for row, hidden in zip(world.rows, is_hidden.tolist(), strict=True):
        assert row.numerator is not None
        value = world.values[row.numerator]
        is_small = 0 < value < MINIMUM
        status = ("U" if is_small else "M") if hidden else "S"
        room = (value - 1, MINIMUM - 1 - value) if is_small else (0, 0)
        lines.append(";".join([*row.numerator.split("|"), str(value), status, *map(str, room)]))
    axes = [f"axis{place}" for place in range(inner.ndim)]
    metadata = ['<SEPARATOR> ";"', "<SAFE> S", "<UNSAFE> U", "<PROTECT> P"]
    for axis in axes:
        metadata += [axis, "<RECODEABLE>", f'<TOTCODE> "{TOTAL}"']
    metadata += ["births", "<NUMERIC>", "<DECIMALS> 0", "status", "<STATUS>"]
    metadata += ["below", "<NUMERIC> <LOWERPL>", "above", "<NUMERIC> <UPPERPL>"]
    batch = [
        '<OPENTABLEDATA> "births.tab"',
        '<OPENMETADATA> "births.rda"',
        "<SPECIFYTABLE> " + "".join(f'"{axis}"' for axis in axes) + '|"births"||',
        "<SAFETYRULE>",
        "<READTABLE> 0",
    ]
    for name, content in (("births.tab", lines), ("births.rda", metadata), ("births.arb", batch)):
        (folder / name).write_text("\n".join(content) + "\n", encoding="utf-8")
    engine = Engine()
    engine.run_batch(folder / "births.arb")
    # Its cells are numbered row by row, the total first and then the codes as they are sorted.
    codes = [
        [TOTAL, *(f"{axis}{place}" for place in range(size))] for axis, size in zip("xyz", inner.shape, strict=False)
    ]
    found = {}
    for told in engine.audit(0):
        places = np.unravel_index(told["cell"], [len(axis) for axis in codes])
        name = "|".join(axis[place] for axis, place in zip(codes, places, strict=True))
        assert told["value"] == world.values[name]
        found[name] = told
    return found


@pytest.mark.parametrize(("shape", "seed"), [((4, 5), 11), ((6, 4), 13), ((3, 4, 3), 12), ((3, 3, 2), 15)])
def test_the_audit_accepts_the_pattern_and_refuses_primaries_alone(
    shape: tuple[int, ...], seed: int, tmp_path: Path
) -> None:
    inner = sparse_counts(np.random.default_rng(seed), shape, 14, 0.15)
    world = crossed(inner, [flat(axis, size, TOTAL) for axis, size in zip("xyz", shape, strict=False)])
    system = world.system(MINIMUM)
    protection = protect(system)
    primary = {name for name, value in world.values.items() if 0 < value < MINIMUM}
    assert len(primary) >= 4
    assert protection.unsafe == []
    for pattern in (protection.is_row_hidden, system.is_unsafe):
        told = audit(tmp_path, world, pattern, inner)
        hidden = targets(system, pattern, MINIMUM)
        assert set(told) == {system.names[cell] for cell in hidden}
        assert {name for name, cell in told.items() if cell["status"] == "u"} == primary
        # Of every hidden cell, primary or secondary, it knows exactly as much as the yardstick.
        for cell, span in ranges(system, pattern, hidden).items():
            bounds = told[system.names[cell]]
            assert (bounds["min"], bounds["max"]) == (
                pytest.approx(span[0], abs=1e-4),
                pytest.approx(span[1], abs=1e-4),
            )
        refused = {name for name, cell in told.items() if cell["unsafe"]}
        if pattern is system.is_unsafe:
            assert refused
            assert refused == set(breaches(system, pattern, MINIMUM))
        else:
            assert refused == set()
