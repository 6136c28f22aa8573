"""Audit a publication that is already there: alone, or as one who knows the restricted folder."""

from __future__ import annotations

from pathlib import Path

from kansrijke_start.audit.files import DATABASE
from kansrijke_start.audit.run import Publication, Verdict, audit, hashes
from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.publication import releases


def audit_folder(folder: Path, restricted: Path | None, registers: Path) -> Verdict:
    """Audit the publication in a folder.

    Args:
        folder: the publication.
        restricted: the restricted folder, to attack with exact counts and former releases; None for the files alone.
        registers: the registers, which tell of whom a publication is that stands in no ledger.

    Returns:
        The verdict.

    Raises:
        KansrijkeStartError: when the folder is no publication, or the restricted folder has no exact counts of it.
    """
    if not (folder / DATABASE).is_file():
        raise KansrijkeStartError(f"{folder} is not a publication: it has no {DATABASE}. Give the folder that has one.")
    if restricted is None:
        return audit(Publication("this publication", folder))
    files = hashes(folder)
    ledger = releases.read_ledger(restricted)
    own = next((one for one in ledger if dict(one.files) == files and one.withdrawn is None), None)
    world = releases.world_of(registers) if own is None else own.world
    companion = restricted / "companion" if own is None else releases.kept(restricted, own.number) / "companion"
    if not companion.is_dir():
        raise KansrijkeStartError(f"{companion} has no exact counts: publish first, or leave --restricted out.")
    return audit(Publication("this publication", folder, companion), releases.former(restricted, world, files))
