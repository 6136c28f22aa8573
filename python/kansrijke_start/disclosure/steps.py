"""The step of the lineage: what the dbt Python model of the disclosure control does with the tables it is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kansrijke_start.disclosure.protect import Options, Protection, protect
from kansrijke_start.disclosure.system import System, build_system

SCHEMA = pa.schema(
    [
        ("cell", pa.string()),
        ("is_hidden", pa.bool_()),
        ("is_primary", pa.bool_()),
        ("is_known_to_be_large", pa.bool_()),
        ("is_unsafe", pa.bool_()),
        ("lowest", pa.float64()),
        ("highest", pa.float64()),
    ]
)
"""Columns of the table of protected cells."""

ROW_COLUMNS = (
    "numerator_cell, denominator_cell, complement_cell, follows_cell, numerator, denominator, "
    "primary_reason as reason, has_small_numerator, has_small_denominator, has_small_complement, "
    "hiding_weight as weight, keeping"
)
"""What the protector reads of a published row."""


def protected_cells(rows: Any, equations: Any, minimum: int, hides_all_above: float) -> pa.Table:
    """Protect the linked system.

    Args:
        rows: relation of published rows, with ROW_COLUMNS and row_number.
        equations: relation of equation, cell, coefficient and is_possible.
        minimum: smallest count that may be shown, if not zero.
        hides_all_above: share of the rows that hide themselves above which all are hidden.

    Returns:
        One row per cell that a table shows or that needs protection, by name, with SCHEMA.

    """
    system = build_system(
        rows.order("row_number").project(ROW_COLUMNS).to_arrow_table(),
        equations.order("equation, cell").to_arrow_table(),
    )
    protection = protect(system, Options(minimum=minimum, hides_all_above=hides_all_above))
    return as_table(system, protection)


def as_table(system: System, protection: Protection) -> pa.Table:
    """The cells that tables show or that need protection, with the proof, sorted by name."""
    shown = np.zeros(len(system.names), dtype=bool)
    for cells in (system.numerator, system.denominator):
        shown[cells[cells >= 0]] = True
    chosen = np.flatnonzero(shown | protection.is_target)
    return pa.table(
        {
            "cell": [system.names[cell] for cell in chosen],
            "is_hidden": protection.is_cell_hidden[chosen],
            "is_primary": protection.is_primary[chosen],
            "is_known_to_be_large": protection.is_large[chosen],
            "is_unsafe": np.isin(chosen, protection.unsafe),
            "lowest": _optional(protection.lowest[chosen]),
            "highest": _optional(protection.highest[chosen]),
        },
        schema=SCHEMA,
    )


def _optional(numbers: Any) -> list[float | None]:
    return [None if np.isnan(number) else float(round(number, 6)) for number in numbers]
