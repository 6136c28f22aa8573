"""Ingest a delivery: find, check and convert its files, and swap the new registers in as a whole.

Everything is written to a folder beside the registers and takes their place at the very end. A run that is refused or
interrupted leaves the earlier registers as they were. What has not changed since the last run is not read again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from kansrijke_start.delivery.check import (
    check_key,
    check_values,
    count_persons,
    judge_persons,
    person_key,
)
from kansrijke_start.delivery.columns import Layout, match_columns
from kansrijke_start.delivery.convert import convert
from kansrijke_start.delivery.discover import Discovery, SourceFile, discover
from kansrijke_start.delivery.lock import only_one
from kansrijke_start.delivery.manifest import Entry, Manifest, read_manifest
from kansrijke_start.delivery.read import (
    Header,
    Raw,
    csv_to_parquet,
    finish,
    plan_chunks,
    quote_text,
    read_chunk,
    read_header,
    readers,
    unreadable,
)
from kansrijke_start.errors import DeliveryError
from kansrijke_start.progress import console, step
from kansrijke_start.registers.catalogue import Catalogue, Register, load_catalogue
from kansrijke_start.synthetic.marker import MARKER, read_marker

RULES_VERSION = 3
"""Raised when ingest itself gives another outcome for the same file, so that unchanged files are read again."""

PERSONS = "gbapersoontab"
"""The register that knows all persons."""

SPACE_FACTOR = {"parquet": 1.2, "csv": 0.7, "sav": 0.7}
"""Room that a source file needs while it is converted, in its own sizes: raw and converted Parquet together."""

SPACE_MARGIN = 64 * 1024**2
MEMORY_LIMIT = "5GiB"
PROBLEMS_SHOWN = 20


class DeliveryRefusedError(DeliveryError):
    """Several things are wrong with a delivery; `errors` holds them all.

    The attributes file, problem, column and rows are those of the first.
    """

    def __init__(self, errors: Sequence[DeliveryError]) -> None:
        first = errors[0]
        super().__init__(first.file, first.problem, first.remedy, column=first.column, rows=first.rows)
        self.errors = list(errors)
        lines = [f"{number}. {error}" for number, error in enumerate(errors[:PROBLEMS_SHOWN], start=1)]
        if len(errors) > PROBLEMS_SHOWN:
            lines.append(f"... and {len(errors) - PROBLEMS_SHOWN} more.")
        self.args = (f"the delivery is refused for {len(errors)} reasons:\n" + "\n".join(lines),)


@dataclass
class Work:
    """One file on its way through ingest.

    Attributes:
        source: the file.
        catalogue_sha256: hash of the catalogue entry and the rules.
        size, modified_ns: of the file, as it was when the run started.
        sha256: hash of the file, when already known.
        kept: entry of an earlier run that still holds; the file is then not read.
        header, layout: filled before rows are read.
        raw: raw rows, filled when they are asked for.
        entry: the outcome.
        errors: what is wrong with it.
    """

    source: SourceFile
    catalogue_sha256: str
    size: int
    modified_ns: int
    sha256: str | None = None
    kept: Entry | None = None
    header: Header | None = None
    layout: Layout | None = None
    raw: Raw | None = None
    entry: Entry | None = None
    errors: list[DeliveryError] = field(default_factory=list)

    @property
    def target(self) -> str:
        """Path of the Parquet file within the registers."""
        return f"{self.source.register.folder}/{self.source.year}.parquet"


def ingest(
    delivery: Path,
    registers: Path,
    *,
    force: bool = False,
    jobs: int | None = None,
    catalogue: Catalogue | None = None,
) -> Manifest:
    """Make the registers from a delivery.

    Args:
        delivery: root of the CBS folder tree.
        registers: folder that will hold `<component>/<year>.parquet` and manifest.json; replaced as a whole.
        force: read every file, also those that have not changed.
        jobs: processes and threads to use; all processors when None.
        catalogue: the registers that are known; the project's own when None.

    Returns:
        The manifest of the registers as they now are.

    Raises:
        DeliveryError: the delivery is refused (`DeliveryRefusedError` for more than one reason), there is no room on
            the disk, another ingest is running, or the registers are in use. The registers are then as they were.
    """
    delivery, registers = Path(delivery).absolute(), Path(registers).absolute()
    catalogue = load_catalogue() if catalogue is None else catalogue
    jobs = max(jobs or os.cpu_count() or 1, 1)
    registers.parent.mkdir(parents=True, exist_ok=True)
    staged = registers.with_name(registers.name + ".incoming")
    with only_one(registers):
        _recover(registers)
        _remove(staged)
        with step("find the files of the delivery"):
            discovery = discover(delivery, catalogue)
            synthetic = _synthetic(delivery)
        if discovery.missing:
            _refuse(discovery.missing)
        previous = None if force else read_manifest(registers)
        works = _plan(discovery, previous, registers)
        manifest = Manifest(
            synthetic,
            [],
            dict(sorted(discovery.superseded.items())),
            sorted(discovery.not_needed),
            sorted(discovery.unknown),
        )
        if previous is not None and all(work.kept is not None for work in works):
            manifest.registers = _entries(works)
            wanted = {work.target for work in works} | set(_undelivered(catalogue, works))
            if manifest == previous and wanted == _register_files(registers):
                console.print("  nothing has changed since the last ingest")
                return previous
        try:
            staged.mkdir(parents=True)
            _need_room(works, staged)
            _read_all(works, registers, staged, jobs)
            _write_undelivered(catalogue, works, staged)
            manifest.registers = _entries(works)
            manifest.write(staged)
            _swap(staged, registers)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise _no_room(registers, None) from error
        finally:
            _remove(staged)
    for name in manifest.unknown_files[:PROBLEMS_SHOWN]:
        console.print(f"  not read, name unknown to the catalogue: {name}")
    return manifest


# --- what to read ---------------------------------------------------------------------------------------------------


def _plan(discovery: Discovery, previous: Manifest | None, registers: Path) -> list[Work]:
    """List the files, and keep those whose file, catalogue entry and outcome have not changed."""
    earlier = {} if previous is None else {(e.component, e.file_year): e for e in previous.registers}
    hashes: dict[str, str] = {}
    works = []
    for source in sorted(discovery.selected, key=lambda one: (one.register.folder, one.year)):
        folder = source.register.folder
        if folder not in hashes:
            hashes[folder] = _catalogue_hash(source.register)
        status = source.path.stat()
        work = Work(source, hashes[folder], status.st_size, status.st_mtime_ns)
        entry = earlier.get((source.register.component, source.year))
        if entry is not None and _still_holds(work, entry, registers):
            work.kept = replace(entry, source_modified_ns=work.modified_ns)
        works.append(work)
    return works


def _still_holds(work: Work, entry: Entry, registers: Path) -> bool:
    """Whether an earlier outcome can stay: size and time of change first, the hash when only the time differs."""
    target = registers / work.target
    if (
        entry.source_file != work.source.name
        or entry.catalogue_sha256 != work.catalogue_sha256
        or entry.source_size != work.size
        or not target.is_file()
        or target.stat().st_size != entry.register_size
    ):
        return False
    if entry.source_modified_ns == work.modified_ns:
        return True
    work.sha256 = _file_hash(work.source.path)
    return work.sha256 == entry.sha256


def _catalogue_hash(register: Register) -> str:
    return hashlib.sha256(f"{RULES_VERSION}\n{register.model_dump_json()}".encode()).hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _synthetic(delivery: Path) -> dict[str, Any] | None:
    """Fraction, seed and scenario of a synthetic delivery."""
    try:
        content = read_marker(delivery)
        if content is None or content["synthetic"] is not True:
            return None
        return {name: content[name] for name in ("fraction", "seed", "scenario")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeliveryError(
            MARKER,
            "the file that marks a synthetic delivery cannot be read (it needs synthetic, fraction, seed, scenario)",
            "Make the synthetic delivery again with `kansrijke-start synthesize`.",
        ) from error


def _register_files(registers: Path) -> set[str]:
    """The Parquet files of the registers, by their path within them."""
    return {path.relative_to(registers).as_posix() for path in registers.glob("*/*.parquet")}


def _undelivered(catalogue: Catalogue, works: list[Work]) -> dict[str, Register]:
    """Optional registers that models read and that the delivery lacks, by the file that stands in for them."""
    delivered = {work.source.register.folder for work in works}
    return {
        f"{folder}/{register.file_years[-1]}.parquet": register
        for folder, register in catalogue.registers.items()
        if register.generates_source and not register.required and folder not in delivered
    }


def _write_undelivered(catalogue: Catalogue, works: list[Work], staged: Path) -> None:
    """Write a file without rows for each optional register that was not delivered.

    So models can read it all the same; the manifest, which does not name it, tells it from a delivered one.
    """
    for target, register in _undelivered(catalogue, works).items():
        (staged / target).parent.mkdir()
        pq.write_table(register.arrow_schema().empty_table(), staged / target)


# --- reading, checking, writing -------------------------------------------------------------------------------------


def _read_all(works: list[Work], registers: Path, staged: Path, jobs: int) -> None:
    """Fill `staged` with all registers; raises one error for all that is wrong."""
    raw_folder = staged / ".raw"
    raw_folder.mkdir()
    spill = staged / ".spill"
    connection = duckdb.connect(
        config={
            "threads": jobs,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        fresh = [work for work in works if work.kept is None]
        with step("read the headers of the files"), ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda work: _read_header(work, connection.cursor()), fresh))
        _refuse([error for work in fresh for error in work.errors])
        values = sum(
            (work.header.rows or 0) * len(work.layout.headers)
            for work in fresh
            if work.source.format == "sav" and work.header is not None and work.layout is not None
        )
        with readers(values, jobs) as executor:
            for work in fresh:
                _start_reading(work, raw_folder, executor)
            for group in _by_register(works):
                _ingest_register(group, registers, staged, connection, jobs)
        _refuse([error for work in works for error in work.errors])
        _check_persons(works, staged, connection)
        _refuse([error for work in works for error in work.errors])
    except duckdb.Error as error:
        if "no space left" in str(error).lower() or "not enough space" in str(error).lower():
            raise _no_room(staged, None) from error
        raise
    finally:
        connection.close()
        shutil.rmtree(raw_folder, ignore_errors=True)
        shutil.rmtree(spill, ignore_errors=True)


def _by_register(works: list[Work]) -> Iterator[list[Work]]:
    group: list[Work] = []
    for work in works:
        if group and group[0].source.register is not work.source.register:
            yield group
            group = []
        group.append(work)
    if group:
        yield group


def _read_header(work: Work, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        work.header = read_header(work.source, connection)
    except DeliveryError as error:
        work.errors.append(error)
        return
    work.layout, errors = match_columns(work.source, list(work.header.columns))
    work.errors += errors


def _start_reading(work: Work, folder: Path, executor: Executor) -> None:
    """Parquet is read where it stands; SPSS chunks are handed to the reading processes."""
    assert work.header is not None and work.layout is not None
    if work.source.format == "parquet":
        work.raw = Raw(work.header, [work.source.path])
    elif work.source.format == "csv":
        work.raw = Raw(work.header, [folder / f"{work.source.register.folder}_{work.source.year}.parquet"])
    else:
        chunks = plan_chunks(work.source, work.header, work.layout.headers, folder)
        work.raw = Raw(
            work.header,
            [chunk.part for chunk in chunks],
            [executor.submit(read_chunk, chunk) for chunk in chunks],
        )


def _ingest_register(
    group: list[Work], registers: Path, staged: Path, connection: duckdb.DuckDBPyConnection, jobs: int
) -> None:
    """Keep or make all files of one register."""
    component = group[0].source.register.component
    fresh = [work for work in group if work.kept is None]
    (staged / group[0].source.register.folder).mkdir()
    for work in group:
        if work.kept is not None:
            _link(registers / work.target, staged / work.target)
            work.entry = work.kept
    if not fresh:
        return
    files = f"{len(fresh)} file{'s' if len(fresh) > 1 else ''}"
    with step(f"ingest {component} ({files})") as progress, ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda work: _ingest_file(work, staged, connection.cursor()), fresh))
        progress.rows = sum(work.entry.rows for work in fresh if work.entry is not None)


def _ingest_file(work: Work, staged: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Check and convert one file; errors are collected in the work."""
    started = time.perf_counter()
    source, raw, layout = work.source, work.raw, work.layout
    assert raw is not None and layout is not None
    target = staged / work.target
    try:
        if source.format == "csv":
            csv_to_parquet(source, raw.header, layout.headers, raw.parts[0], connection)
        elif source.format == "sav":
            finish(source, raw)
        findings = check_values(source, layout, raw, connection)
        work.errors += findings.errors
        if work.errors:
            return
        convert(source, layout, raw, findings.plain, target, connection)
        repeated, error = check_key(source, target, findings.rows, connection)
        if error is not None:
            work.errors.append(error)
        elif repeated:
            findings.tolerated["duplicate_key"] = repeated
        digest = work.sha256 or _file_hash(source.path)
    except DeliveryError as error:
        work.errors.append(error)
        return
    except duckdb.IOException as error:
        if "space" in str(error).lower():
            raise
        work.errors.append(unreadable(source, "readable", error))
        return
    finally:
        if source.format != "parquet":
            for part in raw.parts:
                part.unlink(missing_ok=True)
    work.entry = Entry(
        component=source.register.component,
        file_year=source.year,
        source_file=source.name,
        version=source.version.version,
        rows=findings.rows,
        sha256=digest,
        tolerated_defects=dict(sorted(findings.tolerated.items())),
        ignored_columns=list(layout.ignored),
        seconds=round(time.perf_counter() - started, 3),
        absent_columns=layout.absent,
        notes=findings.notes,
        source_size=work.size,
        source_modified_ns=work.modified_ns,
        catalogue_sha256=work.catalogue_sha256,
        register_size=target.stat().st_size,
    )


def _check_persons(works: list[Work], staged: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Look up the persons of the files in GBAPERSOONTAB: of all files when that is new, else of the new files."""
    known = [work for work in works if work.source.register.folder == PERSONS]
    if not known:
        return
    all_files = any(work.kept is None for work in known)
    asked = [work for work in works if work.source.register.persons and (all_files or work.kept is None)]
    if not asked:
        return
    with step("look the persons up in GBAPERSOONTAB") as progress:
        tables = ", ".join(quote_text((staged / work.target).as_posix()) for work in known)
        connection.execute(
            f"create or replace temp table known_persons as select distinct "
            f"{person_key('rinpersoon')} as person "
            f"from read_parquet([{tables}], hive_partitioning = false) where rinpersoon is not null"
        )
        progress.rows = 0
        for group in _by_register(asked):
            for work in group:
                assert work.entry is not None
                file = staged / work.target
                repeated = "duplicate_key" in work.entry.tolerated_defects
                counts = count_persons(work.source.register, file, connection, has_repeated_keys=repeated)
                work.entry.persons, work.entry.linked_persons = counts.persons, counts.linked_persons
                defects = dict(work.entry.tolerated_defects)
                for rule, (total, unknown) in zip(work.source.register.persons, counts.rows, strict=True):
                    error = judge_persons(work.source, rule, total, unknown, file, connection)
                    if error is not None:
                        work.errors.append(error)
                    defects[f"unknown_person.{rule.number}"] = unknown
                work.entry.tolerated_defects = {name: n for name, n in sorted(defects.items()) if n}
            progress.rows += sum(work.entry.rows for work in group if work.entry is not None)


def _entries(works: list[Work]) -> list[Entry]:
    entries = [work.entry or work.kept for work in works]
    return sorted(
        (entry for entry in entries if entry is not None), key=lambda entry: (entry.component, entry.file_year)
    )


def _refuse(errors: Sequence[DeliveryError]) -> None:
    """Raise what is wrong, if anything is."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DeliveryRefusedError(errors)


# --- the folder of registers ----------------------------------------------------------------------------------------


def _need_room(works: list[Work], folder: Path) -> None:
    """Refuse before anything is written when the disk has no room for it."""
    needed = sum(work.size * SPACE_FACTOR[work.source.format] for work in works if work.kept is None) + SPACE_MARGIN
    if shutil.disk_usage(folder).free < needed:
        raise _no_room(folder, needed)


def _no_room(folder: Path, needed: float | None) -> DeliveryError:
    free = shutil.disk_usage(folder.parent).free
    about = f"about {needed / 1024**3:.1f} GiB is needed, " if needed is not None else ""
    return DeliveryError(
        str(folder.parent),
        f"there is not enough room on the disk: {about}{free / 1024**3:.1f} GiB is free",
        "Free some room, or let KANSRIJKE_START_REGISTERS point to a larger disk; the earlier registers are as they "
        "were.",
    )


def _link(earlier: Path, later: Path) -> None:
    """Take over an unchanged file without copying it, where the file system can."""
    try:
        os.link(earlier, later)
    except OSError:
        shutil.copy2(earlier, later)


def _remove(folder: Path) -> None:
    """Remove what an earlier run left behind."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _previous(registers: Path) -> Path:
    return registers.with_name(registers.name + ".previous")


def _recover(registers: Path) -> None:
    """Put the registers back when a run was stopped between the two renames of a swap."""
    previous = _previous(registers)
    if not registers.exists() and previous.exists():
        previous.rename(registers)
    _remove(previous)


def _swap(staged: Path, registers: Path) -> None:
    """Let the new folder take the place of the old one.

    Raises:
        DeliveryError: a program holds a file of the registers open (Windows refuses the rename then).
    """
    previous = _previous(registers)
    try:
        if registers.exists():
            registers.rename(previous)
        try:
            staged.rename(registers)
        except OSError:
            if previous.exists():
                previous.rename(registers)
            raise
    except PermissionError as error:
        raise DeliveryError(
            str(registers),
            "the registers cannot be replaced, because a program has one of their files open",
            "Close it (a dbt build, a notebook, a query tool) and run ingest again; the earlier registers are as they "
            "were.",
        ) from error
    _remove(previous)
