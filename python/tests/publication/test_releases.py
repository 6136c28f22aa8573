"""The ledger of releases: what left before counts in every audit, unless it never left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kansrijke_start.audit.run import Publication, audit
from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.publication import releases
from kansrijke_start.publication.door import audit_folder

from ..audit.invented import adds_up, one_sum, publish

PARTS = {"a": 103, "b": 24, "c": 4, "d": 30}


def release(folder: Path, restricted: Path, hidden: str, world: str = "delivery") -> Publication:
    """Publish the parts with some hidden, and write it into the ledger."""
    table = one_sum(*((part, n, part in hidden) for part, n in PARTS.items()))
    made = publish(folder, {"births": table}, sums=[adds_up("abcd")])
    verdict = audit(made)
    assert verdict.passed
    (made.folder / "audit.json").write_text(json.dumps(verdict.public()))
    assert made.companion is not None
    releases.record(restricted, world, verdict.hashes, made.folder, made.companion)
    return made


def test_two_safe_releases_tell_together_what_each_hides(tmp_path: Path) -> None:
    restricted = tmp_path / "restricted"
    release(tmp_path / "then", restricted, "bc")
    now = release(tmp_path / "now", restricted, "cd")
    verdict = audit_folder(now.folder, restricted, tmp_path)
    assert {(breach.kind, breach.dimensions["part"]) for breach in verdict.breaches} == {("recovered", "c")}
    assert verdict.former == ("release 1",)
    assert audit_folder(now.folder, None, tmp_path).passed
    releases.withdraw(restricted, 1, "never exported")
    assert audit_folder(now.folder, restricted, tmp_path).passed
    assert [one.withdrawn for one in releases.read_ledger(restricted)] == ["never exported", None]


def test_the_same_files_are_one_release_and_worlds_are_apart(tmp_path: Path) -> None:
    restricted = tmp_path / "restricted"
    made = release(tmp_path / "then", restricted, "bc", "synthetic fraction 0.1")
    files = dict(releases.read_ledger(restricted)[0].files)
    assert made.companion is not None
    releases.record(restricted, "synthetic fraction 0.1", files, made.folder, made.companion)
    assert len(releases.read_ledger(restricted)) == 1
    assert releases.former(restricted, "synthetic fraction 0.1", files) == []
    assert releases.former(restricted, "delivery", {}) == []
    assert [one.name for one in releases.former(restricted, "synthetic fraction 0.1", {})] == ["release 1"]


def test_whose_births_the_registers_hold(tmp_path: Path) -> None:
    assert releases.world_of(tmp_path) == "delivery"
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"synthetic": None}))
    assert releases.world_of(tmp_path) == "delivery"
    manifest.write_text(json.dumps({"synthetic": {"seed": 7, "fraction": 0.1}}))
    assert releases.world_of(tmp_path) == "synthetic fraction 0.1 seed 7"


def test_a_ledger_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "releases.json").write_text('{"version": 3, "releases": []}')
    with pytest.raises(KansrijkeStartError, match="Restore it from a backup"):
        releases.read_ledger(tmp_path)


def test_a_release_of_which_the_files_are_gone(tmp_path: Path) -> None:
    release(tmp_path / "then", tmp_path / "restricted", "bc")
    shutil.rmtree(releases.kept(tmp_path / "restricted", 1))
    with pytest.raises(KansrijkeStartError, match="is gone, so nothing can be audited together"):
        releases.former(tmp_path / "restricted", "delivery", {})


def test_only_a_release_of_the_ledger_can_be_withdrawn_and_with_a_reason(tmp_path: Path) -> None:
    release(tmp_path / "then", tmp_path / "restricted", "bc")
    with pytest.raises(KansrijkeStartError, match="has no release 2"):
        releases.withdraw(tmp_path / "restricted", 2, "never exported")
    with pytest.raises(KansrijkeStartError, match="Say why"):
        releases.withdraw(tmp_path / "restricted", 1, " ")


def test_exact_counts_are_asked_for_when_they_are_not_there(tmp_path: Path) -> None:
    made = publish(tmp_path / "made", {"births": one_sum(("a", 103, False), ("b", 24, False))})
    with pytest.raises(KansrijkeStartError, match="has no exact counts"):
        audit_folder(made.folder, tmp_path / "restricted", tmp_path)
