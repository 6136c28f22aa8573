"""Small made-up registers for tests of the delivery, in the columns of the catalogue; no world stands behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from kansrijke_start.registers.catalogue import Register
from kansrijke_start.synthetic import parameters_loader, text

_SETTINGS = parameters_loader.PARAMETER_FOLDER / "quirks.yml"


def quirk_settings() -> dict[str, Any]:
    """The values of parameters/quirks.yml."""
    tree = yaml.safe_load(_SETTINGS.read_text(encoding="utf-8"))
    return {name: leaf["value"] for name, leaf in tree.items()}


def fabricate(
    register: Register, year: int, rows: int, seed: int = 1, only: Mapping[str, Any] | None = None
) -> pa.Table:
    """Rows with unique keys and values of the right type and width; `only` replaces columns."""
    random = np.random.default_rng([seed, year, rows])
    columns: dict[str, Any] = {}
    for column in register.columns_expanded():
        if column.years is not None and year not in column.years:
            continue
        if column.name == "peildatum" and column.optional:
            continue
        if column.type == "code":
            labels = list(column.codes)
            columns[column.name] = text.codes(random.integers(0, len(labels), rows), labels)
        elif column.type == "date":
            days = random.integers(3650, 19000, rows)
            is_open = random.random(rows) < (0.5 if column.meaningful_missing else 0.0)
            columns[column.name] = text.dates(days, is_open)
        elif column.type == "string":
            width = column.width or 10
            numbers = random.permutation(np.arange(1, rows + 1)) if width >= 6 else random.integers(0, 10**width, rows)
            columns[column.name] = text.digits(numbers, width)
        elif column.type == "integer":
            columns[column.name] = pa.array(random.integers(0, 2 if column.codes else 40, rows))
        else:
            columns[column.name] = pa.array(np.round(random.gamma(0.5, 800.0, rows), 2))
    columns.update(only or {})
    return pa.table(columns)


def hashes(root: Path) -> dict[str, str]:
    """SHA-256 of every file under a folder, by its path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
