"""The manifest of ingested registers: what every Parquet file was made from, and what was met on the way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

FORMAT_VERSION = 1
FILE_NAME = "manifest.json"


@dataclass
class Entry:
    """One ingested file.

    Attributes:
        component: CBS component, in capitals.
        file_year: year of the file.
        source_file: path within the delivery.
        version: version number in the file name.
        rows: number of rows.
        sha256: hash of the source file.
        tolerated_defects: number of rows by "rule.column"; all within the catalogue's tolerances.
        ignored_columns: columns of the file that the catalogue does not know.
        seconds: wall time of reading, checking and writing.
        persons: different persons in the file, of the kinds that GBAPERSOONTAB should know; None when the register
            names none.
        linked_persons: those of them whom GBAPERSOONTAB knows.
        absent_columns: columns of the catalogue that the file does not hold and need not hold; null in the register.
        notes: what was repaired on the way, in sentences.
        source_size: bytes of the source file.
        source_modified_ns: its time of change, in nanoseconds.
        catalogue_sha256: hash of the catalogue entry (and of the rules of ingest) with which it was made.
        register_size: bytes of the Parquet file.
    """

    component: str
    file_year: int
    source_file: str
    version: int
    rows: int
    sha256: str
    tolerated_defects: dict[str, int]
    ignored_columns: list[str]
    seconds: float
    persons: int | None = None
    linked_persons: int | None = None
    absent_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    source_size: int = -1
    source_modified_ns: int = -1
    catalogue_sha256: str = ""
    register_size: int = -1


@dataclass
class Manifest:
    """All ingested files of one delivery.

    Attributes:
        synthetic: fraction, seed and scenario of a synthetic delivery, None for a real one.
        registers: one entry a file, sorted by component and year.
        superseded_files: files that were not read, with the file that was read instead.
        not_needed_files: files of registers and years that no model reads.
        unknown_files: data files that the catalogue does not know.
    """

    synthetic: dict[str, Any] | None
    registers: list[Entry]
    superseded_files: dict[str, str] = field(default_factory=dict)
    not_needed_files: list[str] = field(default_factory=list)
    unknown_files: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all registers together."""
        return sum(entry.rows for entry in self.registers)

    def write(self, folder: Path) -> None:
        """Write manifest.json into a folder of registers."""
        content = {"format_version": FORMAT_VERSION, **asdict(self)}
        (folder / FILE_NAME).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder of registers; None when there is none or it is of another format."""
    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        return None
    if not isinstance(content, dict) or content.get("format_version") != FORMAT_VERSION:
        return None
    try:
        return Manifest(
            content.get("synthetic"),
            [_entry(values) for values in content.get("registers", [])],
            content.get("superseded_files", {}),
            content.get("not_needed_files", []),
            content.get("unknown_files", []),
        )
    except (TypeError, AttributeError):
        return None


def _entry(values: dict[str, Any]) -> Entry:
    names = {attribute.name for attribute in fields(Entry)}
    return Entry(**{name: value for name, value in values.items() if name in names})
