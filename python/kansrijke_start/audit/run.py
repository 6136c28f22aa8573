"""Audit a publication: read its files, attack them, say what was found.

Nothing of the protector is used here, neither its code nor what it worked out. With the restricted companion every
shown count is taken to be known exactly: what holds then holds for rounded counts too, which leave more open. Without
it the attack is on the published files as they are.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kansrijke_start.audit.attack import ContradictionError, Findings, attack, integer_range, split
from kansrijke_start.audit.files import (
    Shape,
    check_files,
    check_rounding,
    columns_of,
    missing_tables,
    open_publication,
)
from kansrijke_start.audit.findings import Breach
from kansrijke_start.audit.knowledge import (
    Equation,
    Release,
    Row,
    System,
    equations_of,
    preimage,
    read_release,
    system_of,
)
from kansrijke_start.audit.structure import Structure, code_text, read_structure
from kansrijke_start.errors import KansrijkeStartError

AUDIT_FILE = "audit.json"
"""Name of the verdict beside the published tables."""

ALLOWED_SCHEMAS = ("regiobeeld", "kennisnotitie")
"""Schemas that may leave."""

COUNT_COLUMNS = ("numerator", "denominator")
HIDDEN_COLUMN = "is_hidden"
SPOT_CHECKS = 30
"""Numbers that are attacked with whole numbers too."""

WIDE = 30
"""A number that may be below the threshold by rounding alone, and for the rest anywhere in more than this."""

PROTECT = "Protect the tables again with everything that is published, this cell included."


@dataclass(frozen=True)
class Publication:
    """A publication to audit.

    Attributes:
        name: how it is called in messages.
        folder: its files.
        companion: folder with the exact counts of its rows, when they are at hand.
    """

    name: str
    folder: Path
    companion: Path | None = None


@dataclass
class Verdict:
    """What an audit found.

    Attributes:
        is_exact: whether shown counts were taken to be known exactly.
        structure: the description of the publication.
        breaches: everything that tells too much.
        tables: rows and hidden rows by table.
        attacked: hidden numbers attacked.
        open: of these, how many can lie anywhere below the threshold.
        large: of these, how many are not below it, as an attacker may see, and not found out.
        zero: of these, how many are parts of a sum that is shown to be zero: it says so itself.
        widened: of these, how many may be below it by rounding alone.
        narrowed: of these, how many lie in fewer values than they may.
        recovered: of these, how many are found out.
        shown_before: hidden numbers that a former release shows.
        small_differences: sums less their published parts, published nowhere, that lie below the threshold (exact).
        spot_checks: numbers attacked with whole numbers too, and not found narrower.
        programs: linear programs solved.
        blocks: independent blocks.
        largest_block: quantities of the largest block.
        former: names of the former releases.
        hashes: SHA-256 of each file.
        seconds: wall time of the audit.
    """

    is_exact: bool
    structure: Structure
    breaches: list[Breach] = field(default_factory=list)
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)
    attacked_by_table: dict[str, list[int]] = field(default_factory=dict)
    attacked: int = 0
    open: int = 0
    large: int = 0
    zero: int = 0
    widened: int = 0
    narrowed: int = 0
    recovered: int = 0
    shown_before: int = 0
    small_differences: int = 0
    spot_checks: int = 0
    programs: int = 0
    blocks: int = 0
    largest_block: int = 0
    former: tuple[str, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.breaches

    def public(self) -> dict[str, Any]:
        """The verdict as it may leave: no hidden number, no interval, no time, so that the same files give the same."""
        return {
            "version": 1,
            "passed": self.passed,
            "attacked_with": "exact counts" if self.is_exact else "the published files alone",
            "rules": {
                "minimum_cell_count": self.structure.threshold,
                "rounding_base": self.structure.base,
            },
            "cells": {
                "attacked": self.attacked,
                "open": self.open,
                "known_to_be_large": self.large,
                "known_to_be_zero": self.zero,
                "widened_by_rounding": self.widened,
                "narrowed": self.narrowed,
                "recovered": self.recovered,
            },
            "programs": self.programs,
            "blocks": self.blocks,
            "largest_block": self.largest_block,
            "spot_checks_with_whole_numbers": self.spot_checks,
            "former_releases": list(self.former),
            "tables": {place: {"rows": rows, "hidden": hidden} for place, (rows, hidden) in self.tables.items()},
            "breaches": [str(breach) for breach in self.breaches],
            "files": self.hashes,
        }

    def restricted(self) -> dict[str, Any]:
        """The verdict for those who may see the exact counts: with the interval of each breach."""
        return self.public() | {
            "seconds": round(self.seconds, 1),
            "hidden_numbers_shown_before": self.shown_before,
            "differences_below_the_threshold": self.small_differences,
            "breaches": [
                {
                    "kind": breach.kind,
                    "place": breach.place,
                    "dimensions": {name: code_text(value) for name, value in breach.dimensions.items()},
                    "problem": breach.problem,
                    "remedy": breach.remedy,
                    "interval": None if breach.interval is None else [_number(end) for end in breach.interval],
                }
                for breach in self.breaches
            ],
        }


def _number(value: float) -> float | None:
    return None if not np.isfinite(value) else round(value, 6)


def audit(publication: Publication, former: Sequence[Publication] = ()) -> Verdict:
    """Attack a publication together with former ones.

    Args:
        publication: what is to be published, or was.
        former: earlier releases of the same data. All exact counts are used, or those of none.

    Returns:
        The verdict.

    Raises:
        KansrijkeStartError: when the folder is no publication, or a companion belongs to another one.
    """
    started = time.perf_counter()
    everything = [publication, *former]
    is_exact = all(one.companion is not None for one in everything)
    structure = read_structure(publication.folder)
    verdict = Verdict(is_exact=is_exact, structure=structure, former=tuple(one.name for one in former))
    verdict.hashes = hashes(publication.folder)
    verdict.breaches += _changed_since(publication.folder, verdict.hashes)
    releases = []
    connection = open_publication(publication.folder)
    try:
        missing = missing_tables(connection, [(table.schema, table.name) for table in structure.tables.values()])
        if missing:
            verdict.breaches += missing
            return verdict
        shapes = shapes_of(connection, structure)
        verdict.breaches += check_files(connection, publication.folder, shapes, ALLOWED_SCHEMAS)
        verdict.breaches += check_rounding(connection, shapes, structure.base, structure.threshold)
        companion = publication.companion if is_exact else None
        releases.append(read_release(publication.name, connection, structure, companion))
    finally:
        connection.close()
    for one in former:
        connection = open_publication(one.folder)
        try:
            companion = one.companion if is_exact else None
            releases.append(read_release(one.name, connection, read_structure(one.folder), companion))
        finally:
            connection.close()
    examine(releases, verdict)
    verdict.seconds = time.perf_counter() - started
    return verdict


def examine(releases: Sequence[Release], verdict: Verdict) -> None:
    """Attack what was read of a publication, and write what was found into the verdict.

    Args:
        releases: the publication, then former ones.
        verdict: of the publication; its `is_exact` says what the attacker knows.
    """
    verdict.tables = releases[0].row_count
    verdict.breaches += releases[0].breaches
    if verdict.is_exact:
        verdict.breaches += _shown_small(releases[0])
    equations = [equations_of(release) for release in releases]
    verdict.breaches += _differences(releases[0], equations[0], verdict)
    _attack(releases, equations, verdict)


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a publication but its verdict, and its DuckDB file, which is never twice the same."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != AUDIT_FILE and path.suffix != ".duckdb"
    }


def _changed_since(folder: Path, found: dict[str, str]) -> list[Breach]:
    path = folder / AUDIT_FILE
    if not path.is_file():
        return []
    try:
        audited = json.loads(path.read_text(encoding="utf-8"))["files"]
        names = sorted(name for name in {*audited, *found} if audited.get(name) != found.get(name))
    except (ValueError, KeyError, TypeError, AttributeError):
        return [Breach("files_changed", AUDIT_FILE, "it is not a verdict.", "Publish again.")]
    return [
        Breach("files_changed", name, "it is not the file that was audited when it was published.", "Publish again.")
        for name in names
    ]


def shapes_of(connection: duckdb.DuckDBPyConnection, structure: Structure) -> list[Shape]:
    """What the columns of each table are: everything but its key, labels and texts is a measure."""
    shapes = []
    for table in structure.tables.values():
        bare = Shape(table.schema, table.name, table.row_key, None)
        columns = dict(columns_of(connection, bare))
        counts = tuple(column for column in COUNT_COLUMNS if column in columns)
        hidden = HIDDEN_COLUMN if HIDDEN_COLUMN in columns else None
        told = {*table.row_key, *counts, HIDDEN_COLUMN}
        measures = tuple(
            name for name, kind in columns.items() if name not in told and kind not in ("VARCHAR", "BOOLEAN")
        )
        shapes.append(
            Shape(
                schema=table.schema,
                name=table.name,
                dimensions=table.row_key,
                hidden=hidden,
                counts=counts if hidden is not None else (),
                measures=measures if hidden is not None else (),
                ratios=tuple((r.column, r.numerator, r.denominator, r.times) for r in table.ratios),
            )
        )
    return shapes


def _shown_small(release: Release) -> list[Breach]:
    """Shown numbers that lie below the threshold, or are not the rounded count of the build."""
    threshold = release.structure.threshold
    breaches = []
    for seen in release.seen.values():
        if seen.rounded is None:
            continue
        row, role = seen.rows[0]
        if seen.exact is None or round_half_up(seen.exact, release.structure.base) != seen.rounded:
            breaches.append(
                _cell_breach(
                    "contradiction",
                    row,
                    f"its {role} is not the rounded count of the build.",
                    "Build and publish again.",
                )
            )
        elif 0 < seen.exact < threshold:
            breaches.append(
                _cell_breach("shown", row, f"its {role} is below {threshold}, and shown.", PROTECT, (seen.exact,) * 2)
            )
    return breaches


def round_half_up(count: int, base: int) -> int:
    """The multiple of the base next to a count, the larger one of two."""
    return (count + base // 2) // base * base


def _cell_breach(kind: str, row: Row, problem: str, remedy: str, interval: tuple[float, float] | None = None) -> Breach:
    return Breach(kind, row.table, problem, remedy, dict(row.key), interval)


def _differences(release: Release, equations: Sequence[Equation], verdict: Verdict) -> list[Breach]:
    """Sums less their published parts, where what is left is published nowhere: found out from the rounded numbers?"""
    structure = release.structure
    breaches = []
    for equation in equations:
        if len(equation.totals) > 1:
            continue
        total = release.seen.get(equation.totals[0])
        if total is None or total.rounded is None:
            continue
        missing = [part for part in equation.parts if part not in release.seen]
        parts = [release.seen[part] for part in equation.parts if part in release.seen]
        if not parts or len(missing) + equation.has_rest != 1 or any(part.rounded is None for part in parts):
            continue
        least, most = preimage(total.rounded, structure.base, structure.threshold)
        for part in parts:
            assert part.rounded is not None
            low, high = preimage(part.rounded, structure.base, structure.threshold)
            least, most = least - high, most - low
        if total.exact is not None:
            exact = total.exact - sum(part.exact or 0 for part in parts)
            verdict.small_differences += 0 < exact < structure.threshold
        if 0 < max(least, 0) == most < structure.threshold:
            row = total.rows[0][0]
            breaches.append(
                _cell_breach(
                    "difference",
                    row,
                    "what it holds beside its published parts is found out by subtraction.",
                    PROTECT,
                    (most, most),
                )
            )
    return breaches


def _complements(releases: Sequence[Release], system: System, verdict: Verdict) -> list[Breach]:
    """Differences of two shown numbers that are a group below the threshold, each release with what others show."""
    threshold = verdict.structure.threshold
    breaches = []
    for quantities, (row, number) in system.shown_pairs.items():
        part, whole = quantities
        least = system.problem.lower[whole] - system.problem.upper[part]
        most = system.problem.upper[whole] - system.problem.lower[part]
        if least >= 1 and most < threshold:
            release = "" if number == 0 else f" ({releases[number].name})"
            breaches.append(
                _cell_breach(
                    "complement",
                    row,
                    f"those of the denominator that are not in the numerator are fewer than {threshold}{release}.",
                    PROTECT,
                    (least, most),
                )
            )
    return breaches


def _attack(releases: Sequence[Release], equations: Sequence[Sequence[Equation]], verdict: Verdict) -> None:
    least, most = 1.0, float(verdict.structure.threshold - 1)
    apart: frozenset = frozenset()
    while True:
        system = system_of(releases, equations, is_exact=verdict.is_exact, apart=apart)
        try:
            findings = attack(
                system.problem,
                [target[0] for target in system.targets],
                least=least,
                most=most,
                rounded=system.rounded,
            )
            break
        except ContradictionError as error:
            cells = frozenset(system.cells[quantity][0] for quantity in error.quantities)
            if len(releases) > 1 and not cells <= apart:
                # Rounded numbers of two releases can look alike though the data have changed.
                apart |= cells
                continue
            verdict.breaches.append(_contradiction(releases, system, error))
            return
    verdict.breaches += _complements(releases, system, verdict)
    verdict.programs, verdict.blocks = findings.programs, findings.blocks
    verdict.largest_block = findings.largest_block
    _judge(system, findings, verdict)
    _attack_whole_numbers(system, findings, verdict)


def _contradiction(releases: Sequence[Release], system: System, error: ContradictionError) -> Breach:
    for quantity in error.quantities:
        cell, number = system.cells[quantity]
        seen = releases[number].seen.get(cell)
        if seen is not None:
            row, role = seen.rows[0]
            return _cell_breach(
                "contradiction",
                row,
                f"its {role} and numbers that it adds up with contradict each other.",
                "Mend the declaration of what adds up, or the model.",
            )
    return Breach("contradiction", "structure.json", "numbers contradict each other.", "Mend the declaration.")


def _judge(system: System, findings: Findings, verdict: Verdict) -> None:
    threshold = verdict.structure.threshold
    for (_, row, role, number), lower, upper, width, is_open, is_known_zero in zip(
        system.targets,
        findings.lower,
        findings.upper,
        findings.width,
        findings.is_open,
        findings.is_known_zero,
        strict=True,
    ):
        # Whole numbers only.
        low, high = float(np.ceil(lower - 1e-6)), float(np.floor(upper + 1e-6))
        if number == 0:
            verdict.attacked_by_table.setdefault(row.table, [0, 0, 0])[0] += 1
        verdict.attacked += 1
        if is_open:
            verdict.open += 1
            continue
        if is_known_zero:
            verdict.zero += 1
            continue
        is_wide = width >= threshold - 2 - 1e-6
        if low >= threshold and is_wide:
            verdict.large += 1
            continue
        if not verdict.is_exact and low > 0 and high - low > WIDE:
            verdict.widened += 1
            continue
        release = "" if number == 0 else f" (of {verdict.former[number - 1]})"
        is_recovered = low >= high
        verdict.recovered += is_recovered
        verdict.narrowed += not is_recovered
        if number == 0:
            verdict.attacked_by_table[row.table][2 if is_recovered else 1] += 1
        what = "is found out" if is_recovered else "can be narrowed below what is hidden"
        verdict.breaches.append(
            _cell_breach(
                "recovered" if is_recovered else "narrowed",
                row,
                f"its hidden {role}{release} {what}.",
                PROTECT,
                (low, high),
            )
        )
    for row, role, number, quantity in system.shown_before:
        verdict.shown_before += 1
        low, high = system.problem.lower[quantity], system.problem.upper[quantity]
        if 0 < high < threshold and low > 0:
            release = "another release" if number else "a former release"
            verdict.recovered += 1
            verdict.breaches.append(
                _cell_breach("recovered", row, f"its hidden {role} stands in {release}.", PROTECT, (low, high))
            )


def _attack_whole_numbers(system: System, findings: Findings, verdict: Verdict) -> None:
    """Attack some open numbers with whole numbers, by another solver: none may turn out to be narrower."""
    blocks = split(system.problem)
    size = {int(quantity): len(block.quantities) for block in blocks for quantity in block.quantities}
    threshold = verdict.structure.threshold
    candidates = [
        place
        for place, is_open in enumerate(findings.is_open)
        if is_open and size.get(system.targets[place][0], 0) <= 400
    ]
    for place in sorted(random.Random(0).sample(candidates, min(SPOT_CHECKS, len(candidates)))):
        quantity, row, role, _ = system.targets[place]
        found = integer_range(system.problem, blocks, quantity)
        if found is None:
            continue
        if found[0] <= 1 and found[1] >= threshold - 1:
            verdict.spot_checks += 1
            continue
        verdict.narrowed += 1
        verdict.open -= 1
        verdict.breaches.append(
            _cell_breach("narrowed", row, f"its hidden {role} can be narrowed, being a whole number.", PROTECT, found)
        )


def refuse(verdict: Verdict, what: str, shown: int = 10) -> None:
    """Stop when an audit found anything.

    Raises:
        KansrijkeStartError: naming the first breaches, without any hidden number.
    """
    if verdict.passed:
        return
    lines = [f"  {breach}" for breach in verdict.breaches[:shown]]
    more = len(verdict.breaches) - len(lines)
    if more > 0:
        lines.append(f"  and {more} more")
    raise KansrijkeStartError("\n".join([f"{what}: {len(verdict.breaches)} breaches of disclosure control.", *lines]))
