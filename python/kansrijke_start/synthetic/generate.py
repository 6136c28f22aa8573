"""Makes a synthetic delivery: one world, every register written from it, swapped in whole."""

from __future__ import annotations

import functools
import gc
import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kansrijke_start import __version__
from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.progress import console, step
from kansrijke_start.registers.catalogue import CATALOGUE_FOLDER, Catalogue, load_catalogue
from kansrijke_start.synthetic import (
    birth_events,
    circumstances,
    health_monitor,
    lives,
    parameters_loader,
    population,
    registers_brp,
    registers_children,
    registers_hospital,
    registers_income_care,
    registers_social,
    truth,
)
from kansrijke_start.synthetic.marker import MARKER, is_real_delivery, read_marker
from kansrijke_start.synthetic.quirks import Quirks
from kansrijke_start.synthetic.world import RegisterTables, World
from kansrijke_start.synthetic.writer import FORMATS, DeliveryWriter, WrittenFile, replaced_whole

README_NAME = "LEESMIJ.txt"
_README = """\
DEZE GEGEVENS ZIJN SYNTHETISCH
Alle bestanden in deze map zijn door een computerprogramma gemaakt (kansrijke_start {version}, fractie {fraction},
seed {seed}, scenario {scenario}). Zij hebben de vorm van CBS-microdata, maar gaan niet over bestaande mensen:
geen enkel nummer, adres of kenmerk hoort bij een persoon. Trek er geen conclusies uit over de werkelijkheid.
Het bestand {marker} kenmerkt de map; verwijder het niet.

THESE DATA ARE SYNTHETIC
All files in this folder were made by a computer program (kansrijke_start {version}, fraction {fraction}, seed {seed},
scenario {scenario}). They have the shape of CBS microdata but are not about existing people: no number, address or
characteristic belongs to a person. Draw no conclusions about reality from them.
The file {marker} marks the folder; do not remove it.
"""


@dataclass(frozen=True)
class SynthesisReport:
    """What a synthesis wrote.

    Attributes:
        delivery: folder of the delivery.
        truth: folder of what only the synthetic world knows.
        marker: contents of the marker file.
        files: every register file; empty when the delivery was there already.
        rows: rows of all files together.
        seconds: wall time.
        reused: True when the delivery was there already, so nothing was written.
    """

    delivery: Path
    truth: Path
    marker: dict[str, Any]
    files: tuple[WrittenFile, ...]
    rows: int
    seconds: float
    reused: bool = False


@functools.cache
def generator_version() -> str:
    """Version of the package and a fingerprint of what the rows depend on: code, parameters, catalogue, seeds."""
    folder = Path(__file__).resolve().parent
    files = [
        *folder.rglob("*.py"),
        *folder.rglob("*.yml"),
        *CATALOGUE_FOLDER.glob("*.yml"),
        *(PROJECT_ROOT / "seeds").rglob("*.csv"),
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _check(delivery: Path, truth_folder: Path, fraction: float, seed: int, file_format: str, scenario: str) -> None:
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 < fraction <= 1:
        raise KansrijkeStartError(f"The fraction must be above 0 and at most 1, for example 0.1; it is {fraction}.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise KansrijkeStartError(f"The seed must be a whole number of 0 or more, for example 2024; it is {seed}.")
    if file_format not in FORMATS:
        raise KansrijkeStartError(f"Unknown format '{file_format}': choose one of {', '.join(FORMATS)}.")
    known = parameters_loader.scenario_names()
    if scenario not in known:
        raise KansrijkeStartError(f"Unknown scenario '{scenario}': choose one of {', '.join(known)}.")
    inside, outside = truth_folder.resolve(), delivery.resolve()
    if inside == outside or outside in inside.parents or inside in outside.parents:
        raise KansrijkeStartError(
            f"The truth of the synthetic world ({truth_folder}) may not stand inside the delivery ({delivery}) "
            "or around it. Choose another folder for one of them."
        )
    if delivery.exists() and not delivery.is_dir():
        raise KansrijkeStartError(f"{delivery} is a file; a delivery is a folder. Choose another place.")
    if is_real_delivery(delivery):
        raise KansrijkeStartError(
            f"{delivery} holds files but no {MARKER}, so it may be a real delivery and is never overwritten. "
            "Choose another folder with KANSRIJKE_START_DELIVERY, or move the files away."
        )


def _size(delivery: Path) -> tuple[int, int]:
    files = [file for file in delivery.rglob("*") if file.is_file() and file.name not in (MARKER, README_NAME)]
    return len(files), sum(file.stat().st_size for file in files)


def _tables(catalogue: Catalogue) -> dict[str, RegisterTables]:
    """The registers to write, by component: those of the largest files first, so that writing is never waited for."""
    made: dict[str, RegisterTables] = {
        **registers_brp.REGISTERS,
        **registers_income_care.REGISTERS,
        **registers_hospital.REGISTERS,
        **registers_social.REGISTERS,
        **registers_children.REGISTERS,
        **health_monitor.REGISTERS,
    }
    missing = sorted(r.component for r in catalogue.required.values() if r.component not in made)
    if missing:
        raise KansrijkeStartError(f"The synthetic twin makes no {', '.join(missing)}, which the catalogue requires.")
    return made


def _write_registers(world: World, writer: DeliveryWriter, tables: Mapping[str, RegisterTables]) -> None:
    for component, make in tables.items():
        with step(component) as current:
            rows = 0
            for year, table in make(world):
                rows += table.num_rows
                writer.write(component, year, table)
                del table
            current.rows = rows


def _make_world(parameters: Any, fraction: float, seed: int, scenario: str) -> World:
    with step("people and births") as current:
        people = population.build(parameters, fraction=fraction, seed=seed)
        current.rows = len(people.births)
    with step("circumstances") as current:
        conditions = circumstances.draw(people, parameters, seed=seed)
        current.rows = people.n_events
    with step("events around birth") as current:
        events = birth_events.draw(people, conditions, parameters, seed=seed)
        current.rows = people.n_events
    with step("addresses, households, deaths"):
        courses = lives.build(people, conditions, parameters, seed=seed, death_day=events.death_day)
    return World(
        seed=seed,
        fraction=fraction,
        scenario=scenario,
        parameters=parameters,
        population=people,
        circumstances=conditions,
        lives=courses,
        events=events,
    )


def synthesize(
    delivery: Path,
    truth_folder: Path,
    *,
    fraction: float,
    seed: int,
    format: str = "parquet",
    scenario: str = parameters_loader.DEFAULT_SCENARIO,
    threads: int | None = None,
) -> SynthesisReport:
    """Write a synthetic delivery and the truth behind it, both in whole or not at all.

    Args:
        delivery: folder of the delivery; an earlier synthetic one is replaced when the new one is complete.
        truth_folder: folder of what only the synthetic world knows (true classes and flags); outside the delivery.
        fraction: share of the country's births, above 0 and at most 1.
        seed: whole number of 0 or more; the same seed gives the same files.
        format: `parquet` or `sav`.
        scenario: name of a parameter scenario.
        threads: threads or processes for writing; 1 for none beside the caller, None for two. The files do not
            depend on it.

    Returns:
        What was written. A delivery that is there already with the same arguments, made by the same generator, is kept.

    Raises:
        KansrijkeStartError: a wrong argument, a folder that may hold a real delivery, no disk space.
    """
    _check(delivery, truth_folder, fraction, seed, format, scenario)
    started = time.perf_counter()
    marker: dict[str, Any] = {
        "synthetic": True,
        "fraction": fraction,
        "seed": seed,
        "scenario": scenario,
        "format": format,
        "generator_version": generator_version(),
    }
    existing = read_marker(delivery)
    if existing is not None and truth_folder.is_dir():
        count, size = _size(delivery)
        if existing == {**marker, "files": count, "bytes": size}:
            console.print(f"  {delivery} already holds this synthetic delivery; it is kept.")
            return SynthesisReport(delivery, truth_folder, existing, (), 0, time.perf_counter() - started, reused=True)
    catalogue = load_catalogue()
    parameters = parameters_loader.load(scenario)
    world_seed = seed + parameters.seed_offset
    quirks = Quirks(catalogue, world_seed, parameters["quirks"])
    tables = _tables(catalogue)
    with ExitStack() as stack:
        new_delivery = stack.enter_context(replaced_whole(delivery))
        new_truth = stack.enter_context(replaced_whole(truth_folder))
        writer = stack.enter_context(DeliveryWriter(new_delivery, catalogue, format, quirks=quirks, threads=threads))
        world = _make_world(parameters, fraction, world_seed, scenario)
        with step("truth of the synthetic world"):
            truth.write(new_truth, world)
        _write_registers(world, writer, tables)
        del world
        gc.collect()
        with step("last files"):
            files = tuple(writer.finish())
        count, size = _size(new_delivery)
        marker = {**marker, "files": count, "bytes": size}
        words = {"version": __version__, "fraction": fraction, "seed": seed, "scenario": scenario, "marker": MARKER}
        (new_delivery / README_NAME).write_text(_README.format(**words), encoding="utf-8")
        (new_delivery / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
    seconds = time.perf_counter() - started
    rows = sum(file.rows for file in files)
    return SynthesisReport(delivery, truth_folder, marker, files, rows, seconds)
