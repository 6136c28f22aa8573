"""The ledger of releases: what left before, so that a new publication is audited together with it.

The ledger lies in the restricted folder. It names each release with the hashes of its files and keeps what is needed to
attack it again: its DuckDB file, its structure.json and the companion with the exact counts. A publication that never
left can be withdrawn, with a reason: from then on it counts for nothing.

Releases of one world belong together: all real deliveries are one, each synthetic Netherlands is one of its own, as its
births are others.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kansrijke_start.audit.files import DATABASE
from kansrijke_start.audit.run import AUDIT_FILE, Publication
from kansrijke_start.audit.structure import FILE as STRUCTURE_FILE
from kansrijke_start.errors import KansrijkeStartError

LEDGER = "releases.json"
VERSION = 1


@dataclass(frozen=True)
class Release:
    """One line of the ledger.

    Attributes:
        number: 1 for the first release.
        world: whose births: `delivery`, or the synthetic world.
        published_at: when it took the place of the one before, in UTC.
        files: SHA-256 of each file that left.
        withdrawn: why it counts no more; None when it counts.
    """

    number: int
    world: str
    published_at: str
    files: Mapping[str, str]
    withdrawn: str | None = None

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return f"release {self.number}"


def world_of(registers: Path) -> str:
    """Whose births the registers hold: real ones, or those of a synthetic world."""
    manifest = registers / "manifest.json"
    synthetic = None
    if manifest.is_file():
        synthetic = json.loads(manifest.read_text(encoding="utf-8")).get("synthetic")
    if synthetic is None:
        return "delivery"
    return "synthetic " + " ".join(f"{name} {synthetic[name]}" for name in sorted(synthetic))


def read_ledger(restricted: Path) -> list[Release]:
    """All releases, in order.

    Raises:
        KansrijkeStartError: when the ledger cannot be read: then nobody knows what left.
    """
    path = restricted / LEDGER
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}")
        return [Release(**entry) for entry in content["releases"]]
    except (ValueError, KeyError, TypeError) as error:
        raise KansrijkeStartError(
            f"The ledger of releases {path} cannot be read ({error}), so nothing can be audited together with what "
            "left before. Restore it from a backup."
        ) from error


def former(restricted: Path, world: str, files: Mapping[str, str]) -> list[Publication]:
    """Releases of a world that count, but for those with the very same files.

    Args:
        restricted: the restricted folder.
        world: whose births.
        files: hashes of the publication that is audited.

    Raises:
        KansrijkeStartError: when the kept files of a release are gone.
    """
    found = []
    for release in read_ledger(restricted):
        if release.world != world or release.withdrawn is not None or dict(release.files) == dict(files):
            continue
        folder = kept(restricted, release.number)
        for needed in (folder / DATABASE, folder / STRUCTURE_FILE):
            if not needed.is_file():
                raise KansrijkeStartError(
                    f"{needed} of {release.name} is gone, so nothing can be audited together with it. Restore it from "
                    f"a backup; if it never left: `kansrijke-start releases --withdraw {release.number}`."
                )
        companion = folder / "companion"
        found.append(Publication(release.name, folder, companion if companion.is_dir() else None))
    return found


def kept(restricted: Path, number: int) -> Path:
    """Folder with what is kept of a release."""
    return restricted / "releases" / f"{number:04d}"


def record(restricted: Path, world: str, files: Mapping[str, str], publication: Path, companion: Path) -> Release:
    """Add a publication to the ledger, unless it is the same as one that counts already.

    Args:
        restricted: the restricted folder.
        world: whose births.
        files: hashes of its files.
        publication: its folder.
        companion: folder with its exact counts.

    Returns:
        The line of the ledger.
    """
    releases = read_ledger(restricted)
    for release in releases:
        if release.world == world and release.withdrawn is None and dict(release.files) == dict(files):
            return release
    added = Release(
        number=max((release.number for release in releases), default=0) + 1,
        world=world,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=dict(files),
    )
    folder = kept(restricted, added.number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in (DATABASE, STRUCTURE_FILE, AUDIT_FILE):
        shutil.copy2(publication / name, folder / name)
    shutil.copytree(companion, folder / "companion")
    _write(restricted, [*releases, added])
    return added


def withdraw(restricted: Path, number: int, reason: str) -> Release:
    """Mark a release that never left.

    Raises:
        KansrijkeStartError: when there is no such release, or no reason.
    """
    releases = read_ledger(restricted)
    chosen = next((release for release in releases if release.number == number), None)
    if chosen is None:
        raise KansrijkeStartError(f"The ledger {restricted / LEDGER} has no release {number}: see its numbers.")
    if not reason.strip():
        raise KansrijkeStartError("Say why the release counts no more: --reason. The output checker reads it.")
    withdrawn = Release(chosen.number, chosen.world, chosen.published_at, chosen.files, reason.strip())
    _write(restricted, [withdrawn if release.number == number else release for release in releases])
    return withdrawn


def _write(restricted: Path, releases: list[Release]) -> None:
    restricted.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"version": VERSION, "releases": [asdict(release) for release in releases]}
    path = restricted / LEDGER
    written = path.with_name(path.name + ".next")
    written.write_text(json.dumps(content, indent=1), encoding="utf-8")
    written.replace(path)
