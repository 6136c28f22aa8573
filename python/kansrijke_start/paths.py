"""Where the project keeps its files; every place can be moved by an environment variable."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
"""Folder of the checkout: holds `dbt_project.yml`, `models/` and `seeds/`."""


@dataclass(frozen=True)
class Paths:
    """The fixed places of one run.

    Attributes:
        root: the project root, from which dbt runs.
        delivery: CBS folder tree as delivered (`KANSRIJKE_START_DELIVERY`).
        registers: ingested Parquet files and their manifest (`KANSRIJKE_START_REGISTERS`).
        database: the build database, written by dbt alone (`KANSRIJKE_START_DATABASE`).
        publication: the tables that may leave (`KANSRIJKE_START_PUBLICATION`).
        restricted: exact counts for the output checker, and the ledger of releases; never leaves
            (`KANSRIJKE_START_RESTRICTED`, beside the registers).
        models: forests that were trained here; confidential (`KANSRIJKE_START_MODELS`, beside the registers).
        truth: what only the synthetic world knows; never inside the delivery.
        target: what dbt writes about its runs, and the docs (`DBT_TARGET_PATH`).
    """

    root: Path
    delivery: Path
    registers: Path
    database: Path
    publication: Path
    restricted: Path
    models: Path
    truth: Path
    target: Path

    @classmethod
    def from_environment(cls, root: Path = PROJECT_ROOT) -> Paths:
        """Resolve every place; relative values are taken from the project root."""

        def place(variable: str, default: str) -> Path:
            return (root / os.environ.get(variable, default)).resolve()

        delivery = place("KANSRIJKE_START_DELIVERY", "data/delivery")
        registers = place("KANSRIJKE_START_REGISTERS", "data/registers")
        return cls(
            root=root,
            delivery=delivery,
            registers=registers,
            database=place("KANSRIJKE_START_DATABASE", "kansrijke_start.duckdb"),
            publication=place("KANSRIJKE_START_PUBLICATION", "publication"),
            restricted=place("KANSRIJKE_START_RESTRICTED", str(registers.parent / "restricted")),
            models=place("KANSRIJKE_START_MODELS", str(registers.parent / "models")),
            truth=delivery.parent / "truth",
            target=place("DBT_TARGET_PATH", "target"),
        )
