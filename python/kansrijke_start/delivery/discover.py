"""Find the files of a delivery: which file is which register, year and version, and which are superseded.

A delivery is a folder tree as CBS makes it (`<Theme>/<COMPONENT>/[<year>/]<FILE>.sav`), with CSV or converted
Parquet files beside or instead. The theme folder says nothing here: the component folder does, and else the file
name. Of several files for one register and year the rule is, in this order:

1. the newest month, where the name has one, then the highest version, as a number (V10 is newer than V9);
2. Parquet before CSV before SPSS, since they hold the same version and read faster;
3. the path with the fewest folders, then the alphabetically first (a copy of the same file).

Of cumulative registers and cumulative spell files only the newest file year is read.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from kansrijke_start.errors import DeliveryError
from kansrijke_start.registers.catalogue import Catalogue, FileVersion, Register

FORMATS = ("parquet", "csv", "sav")
"""File formats that can be read, the preferred one first."""

NEWEST_ONLY = frozenset({"cumulative", "spells"})
"""Kinds of register of which one file holds all years."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a delivery that the catalogue knows.

    Attributes:
        register: the catalogue entry it belongs to.
        version: file year, month (0 when the name has none) and version number, from the file name.
        format: `parquet`, `csv` or `sav`.
        path: where it stands.
        name: the path within the delivery, with forward slashes, as shown to users.
    """

    register: Register
    version: FileVersion
    format: str
    path: Path
    name: str

    @property
    def year(self) -> int:
        """File year."""
        return self.version.year

    @property
    def preference(self) -> tuple[int, int, int, int, str]:
        """Sort key among the files of one register and year: the smallest is the file to read."""
        rank = FORMATS.index(self.format)
        return (-self.version.month, -self.version.version, rank, self.name.count("/"), self.name)


@dataclass
class Discovery:
    """What stands in a delivery.

    Attributes:
        selected: the files to read, by register and year.
        superseded: files that a newer version, a newer year or a better format replaces, with the name of that file.
        not_needed: files of registers or years that no model reads.
        unknown: data files whose name no register's pattern matches.
        missing: one error for each register or year that must be there and is not.
    """

    selected: list[SourceFile] = field(default_factory=list)
    superseded: dict[str, str] = field(default_factory=dict)
    not_needed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    missing: list[DeliveryError] = field(default_factory=list)


def discover(delivery: Path, catalogue: Catalogue) -> Discovery:
    """Walk a delivery and choose the file of each register and year.

    Args:
        delivery: root of the folder tree.
        catalogue: the registers that are known.

    Returns:
        The choice; registers and years that are missing stand in `missing`, nothing is raised for them.

    Raises:
        DeliveryError: the delivery does not exist or holds no data file at all.
    """
    if not delivery.is_dir():
        raise DeliveryError(
            str(delivery),
            "there is no delivery in this folder",
            "Put the CBS folder tree there, or point KANSRIJKE_START_DELIVERY at it, or make a synthetic delivery "
            "with `kansrijke-start synthesize`.",
        )
    found: dict[str, dict[int, list[SourceFile]]] = defaultdict(lambda: defaultdict(list))
    unknown_in: dict[str, list[str]] = defaultdict(list)
    result = Discovery()
    folders = {
        name.casefold(): register
        for register in catalogue.registers.values()
        for name in (*register.component_aliases, register.component)
    }
    files = 0
    for path in _data_files(delivery):
        files += 1
        name = path.relative_to(delivery).as_posix()
        in_folder = next(
            (
                folders[part.casefold()]
                for part in reversed(path.relative_to(delivery).parts[:-1])
                if part.casefold() in folders
            ),
            None,
        )
        source = _identify(path, name, in_folder, catalogue)
        if source is None:
            result.unknown.append(name)
            if in_folder is not None:
                unknown_in[in_folder.folder].append(name)
        else:
            found[source.register.folder][source.year].append(source)
    if not files:
        raise DeliveryError(
            str(delivery),
            "the delivery holds no .sav, .csv or .parquet file",
            "Point KANSRIJKE_START_DELIVERY at the folder that holds the theme folders (Bevolking, ...).",
        )
    for folder, register in catalogue.registers.items():
        _choose(register, found[folder], unknown_in[folder], delivery, result)
    return result


def _data_files(delivery: Path) -> list[Path]:
    """All files with a known extension, in a fixed order; hidden folders and lock files are left alone."""
    paths = []
    for folder, subfolders, names in os.walk(delivery):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        paths += [
            Path(folder) / name
            for name in sorted(names)
            if not name.startswith((".", "~")) and Path(name).suffix.lower().lstrip(".") in FORMATS
        ]
    return paths


def _identify(path: Path, name: str, in_folder: Register | None, catalogue: Catalogue) -> SourceFile | None:
    """Match a file name, first with the register of its folder, then with all others."""
    others = (register for register in catalogue.registers.values() if register is not in_folder)
    for register in ([in_folder] if in_folder is not None else []) + list(others):
        version = register.file_version(path.stem)
        if version is not None:
            return SourceFile(register, version, path.suffix.lower().lstrip("."), path, name)
    return None


def _choose(
    register: Register,
    by_year: dict[int, list[SourceFile]],
    unknown: list[str],
    delivery: Path,
    result: Discovery,
) -> None:
    """Pick one file a year (or one in all), note what is superseded, not needed or missing."""
    if not register.generates_source:
        result.not_needed += [source.name for year in sorted(by_year) for source in by_year[year]]
        return
    newest: dict[int, SourceFile] = {}
    for year in sorted(by_year):
        candidates = sorted(by_year[year], key=lambda source: source.preference)
        newest[year] = candidates[0]
        for source in candidates[1:]:
            result.superseded[source.name] = candidates[0].name
    first, last = register.file_years[0], register.file_years[-1]
    if not newest and not register.required:
        return
    if register.kind in NEWEST_ONLY:
        if newest and max(newest) >= last:
            chosen = newest[max(newest)]
            result.selected.append(chosen)
            result.superseded.update({newest[year].name: chosen.name for year in newest if year != chosen.year})
        else:
            result.missing.append(_missing(register, [last], sorted(newest), unknown, delivery))
        return
    absent = [year for year in register.file_years if year not in newest]
    # Of an optional register any year will do: a survey of one year is a delivery of that year.
    if absent and register.required:
        result.missing.append(_missing(register, absent, sorted(newest), unknown, delivery))
    for year, source in newest.items():
        if year < first:
            result.not_needed.append(source.name)
        else:
            result.selected.append(source)


def _missing(
    register: Register, years: list[int], present: list[int], unknown: list[str], delivery: Path
) -> DeliveryError:
    """The error for a register or years of it that must be in a delivery and are not."""
    stems = ", ".join(register.file_stem(year, 1) for year in years[:3]) + (", ..." if len(years) > 3 else "")
    place = f"{register.theme}/{register.component}"
    written = ", ".join(str(year) for year in years)
    if not present:
        problem = f"the register is missing from the delivery ({written})"
    elif register.kind in NEWEST_ONLY:
        problem = f"the newest file is of {present[-1]}, while a file of {written} or later is needed"
    else:
        problem = f"the file of {written} is missing" if len(years) == 1 else f"the files of {written} are missing"
    problem += f"; looked in {delivery} for {stems} (any version, .sav, .csv or .parquet), usually in {place}"
    if unknown:
        problem += f"; files there with a name that the catalogue does not know: {', '.join(unknown[:5])}"
    return DeliveryError(
        register.component,
        problem,
        f"Put the file in {place} of the delivery, or, if it is there under another name, add that name to "
        f"file_patterns in the catalogue entry {register.folder}.yml.",
    )
