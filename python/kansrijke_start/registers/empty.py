"""Empty registers: right columns and types, no rows, so that models can be built without a delivery."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from kansrijke_start.registers.catalogue import Catalogue, load_catalogue

MANIFEST_FORMAT_VERSION = 1


def write_empty_registers(folder: Path, catalogue: Catalogue | None = None) -> Path:
    """Write a Parquet file without rows for every register, and a manifest that says so.

    Args:
        folder: the registers folder; `<component>/<year>.parquet` and `manifest.json` are written in it.
            It must not hold registers already: a folder with a manifest is refused with FileExistsError.
        catalogue: the registers to write; all of the catalogue by default.

    Returns:
        The path of the manifest.
    """
    manifest = folder / "manifest.json"
    if manifest.exists():
        raise FileExistsError(f"{folder} already holds registers; choose an empty folder")
    catalogue = catalogue or load_catalogue()
    entries: list[dict[str, Any]] = []
    for name, register in catalogue.registers.items():
        year = register.file_years[-1]
        target = folder / name / f"{year}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(register.arrow_schema().empty_table(), target)
        entries.append(
            {
                "component": register.component,
                "file_year": year,
                "source_file": register.file_stem(year, 1),
                "version": 1,
                "rows": 0,
                "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
                "tolerated_defects": {},
                "ignored_columns": [],
                "seconds": 0.0,
                "persons": 0 if register.persons else None,
                "linked_persons": 0 if register.persons else None,
            }
        )
    content = {"format_version": MANIFEST_FORMAT_VERSION, "synthetic": None, "registers": entries}
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return manifest
