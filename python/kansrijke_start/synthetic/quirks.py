"""What a delivery has that a tidy one has not: versions, odd file names, drifting headers, impossible dates.

The quirks and their rates stand in `parameters/quirks.yml`. A quirk of a value depends on the seed, the name of the
quirk and the key of the row, so never on the slices in which a register is made. Quirks of the world (a child without a
parent, a mother without insurance) belong to the world, not here.
"""

from __future__ import annotations

import calendar
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kansrijke_start.registers.catalogue import Catalogue, Column, Register, load_catalogue
from kansrijke_start.synthetic import draws, parameters_loader, text
from kansrijke_start.synthetic.parameters_loader import ParameterError

OPEN_SPELL = "88888888"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChangedNumber(_Strict):
    """A numeric column of an older version that was corrected in the newest: `share` of its values times `factor`."""

    column: str
    share: float = Field(ge=0, le=1)
    factor: float


class OlderVersion(_Strict):
    """An older file beside the newest one; it holds a share of its rows."""

    component: str
    year: int
    version: int
    rows_kept: float = Field(gt=0, le=1)
    changed: ChangedNumber | None = None


class FileStem(_Strict):
    """A file name (without extension) that breaks the usual pattern of its register."""

    component: str
    year: int
    stem: str


class HeaderName(_Strict):
    """A delivered column name for file years up to `last`; `{date}` is the reference date."""

    component: str
    column: str
    name: str
    first: int | None = None
    last: int | None = None


class HeaderDrift(_Strict):
    """Share of the files with headers in another case."""

    rate: float = Field(ge=0, le=1)


class ExtraColumn(_Strict):
    """A column of one file that the catalogue does not know."""

    component: str
    year: int
    name: str
    width: int = Field(ge=1, le=18)


class OpenSpells(_Strict):
    """Share of open spells that end on another code, by component and column."""

    share: float = Field(ge=0, le=1)
    code: str
    columns: dict[str, str]


class ImpossibleDates(_Strict):
    """Share of the dates next to a missing leap day, in years before `before`, that read 29 February."""

    share: float = Field(ge=0, le=1)
    before: int
    columns: dict[str, str]


class NegativeAmounts(_Strict):
    """Share of the rows in which one of the columns is negative, by component."""

    share: float = Field(ge=0, le=1)
    columns: dict[str, list[str]]


class MissingCode(_Strict):
    """Share of the values of a column that hold its missing code."""

    component: str
    column: str
    code: str
    share: float = Field(ge=0, le=1)


class Blanks(_Strict):
    """Share of the values of a text column that stand between blanks."""

    component: str
    column: str
    share: float = Field(ge=0, le=1)
    before: int = Field(default=0, ge=0)
    after: int = Field(default=0, ge=0)


class QuirkSettings(_Strict):
    """The whole of `parameters/quirks.yml`."""

    newest_version: dict[str, dict[int, int]]
    older_versions: list[OlderVersion]
    upper_case_extension: list[str]
    file_stems: list[FileStem]
    header_names: list[HeaderName]
    header_case_drift: HeaderDrift
    extra_columns: list[ExtraColumn]
    open_spells: OpenSpells
    impossible_dates: ImpossibleDates
    negative_amounts: NegativeAmounts
    missing_codes: list[MissingCode]
    blanks: list[Blanks]


@dataclass(frozen=True)
class DeliveredFile:
    """One file of the delivery and how it comes from the register's rows.

    Attributes:
        year: file year.
        version: version in the file name.
        older: what the older version lacks; None for the newest file.
    """

    year: int
    version: int
    older: OlderVersion | None = None


class Quirks:
    """Decides names and applies the quirks of values.

    Args:
        catalogue: the registers; every quirk must name one of them and stay inside its tolerances.
        seed: seed of the world.
        settings: values of `parameters["quirks"]`; see `QuirkSettings`.

    Raises:
        ParameterError: the settings are wrong or name a register or column that does not exist.
    """

    def __init__(self, catalogue: Catalogue, seed: int, settings: Mapping[str, Any]) -> None:
        try:
            self.settings = QuirkSettings.model_validate(settings)
        except ValidationError as error:
            raise ParameterError(f"quirks.yml is wrong: {error}. Correct the parameter or the override.") from error
        self.catalogue = catalogue
        self.seed = seed
        self._check()

    # --- files and headers

    def files(self, component: str, year: int) -> list[DeliveredFile]:
        """The files to write from the rows of a register and year, the newest first."""
        register = self.catalogue.registers[component.lower()]
        newest = self.settings.newest_version.get(component, {}).get(year, 1)
        cumulative = register.kind in ("cumulative", "spells")
        older = [
            DeliveredFile(entry.year, entry.version, entry)
            for entry in self.settings.older_versions
            if entry.component == component and (entry.year == year or (cumulative and entry.year < year))
        ]
        return [DeliveredFile(year, newest), *older]

    def stem(self, component: str, year: int, version: int) -> str:
        """File name without extension."""
        register = self.catalogue.registers[component.lower()]
        for entry in self.settings.file_stems:
            if entry.component == component and register.match(entry.stem) == (year, version):
                return entry.stem
        return register.file_stem(year, version)

    def extension(self, component: str, file_format: str) -> str:
        """File extension with its dot; SPSS files of some registers are .SAV."""
        if file_format == "sav" and component in self.settings.upper_case_extension:
            return ".SAV"
        return f".{file_format}"

    def header(self, component: str, column: Column, year: int, version: int) -> str:
        """The name under which a column is delivered in one file."""
        name = column.usual_name
        dated = column.pattern is not None
        for entry in self.settings.header_names:
            if (
                entry.component == component
                and entry.column == column.name
                and (entry.first is None or entry.first <= year)
                and (entry.last is None or year <= entry.last)
            ):
                name = entry.name
                break
        name = name.replace("{date}", f"{year}0101")
        style = draws.uniform_one(self.seed, f"quirks/header_case/{component}/{year}/{version}")
        rate = self.settings.header_case_drift.rate
        if not dated and style < rate:
            return name.lower() if style < rate / 2 else name.capitalize()
        return name

    # --- values

    def apply(self, component: str, year: int, table: pa.Table) -> pa.Table:
        """The rows with the quirks of values, in the same order.

        Args:
            component: CBS component.
            year: file year.
            table: rows with canonical column names; any slice of the register.
        """
        for change in (
            self._open_spells,
            self._impossible_dates,
            self._negative_amounts,
            self._missing_codes,
            self._blanks,
        ):
            table = change(component, year, table)
        return table

    def older(self, delivered: DeliveredFile, table: pa.Table) -> pa.Table:
        """The rows that an older version holds, with the numbers that were corrected later."""
        entry = delivered.older
        if entry is None:
            return table
        stream = f"quirks/older/{entry.component}/{entry.year}/{entry.version}"
        key = self._row_key(entry.component, table)
        kept = draws.uniform(self.seed, stream, key) < entry.rows_kept
        if entry.changed is not None and entry.changed.column in table.column_names:
            column = text.as_one_array(table.column(entry.changed.column))
            values = column.to_numpy(zero_copy_only=False).astype(np.float64)
            changed = draws.uniform(self.seed, f"{stream}/changed", key) < entry.changed.share
            changed &= (values > 0) & (values < 1e9)
            values = np.where(changed, np.round(values * entry.changed.factor), values)
            table = _replaced(table, entry.changed.column, pa.array(values, from_pandas=True).cast(column.type))
        return table.filter(pa.array(kept))

    def extra(self, component: str, year: int, table: pa.Table) -> list[tuple[str, pa.Array]]:
        """Columns of this file that no documentation names."""
        found = []
        for entry in self.settings.extra_columns:
            if entry.component == component and entry.year == year:
                key = self._row_key(component, table)
                number = draws.bits(self.seed, f"quirks/extra/{entry.name}", key) % np.uint64(10**entry.width)
                found.append((entry.name, text.digits(number, entry.width)))
        return found

    def _row_key(self, component: str, table: pa.Table) -> np.ndarray:
        register = self.catalogue.registers[component.lower()]
        names = [name for name in register.key if name in table.column_names]
        if not names:
            names = [c.name for c in register.columns_expanded() if c.exact_width and c.name in table.column_names]
        return text.row_hash(table, names)

    def _open_spells(self, component: str, year: int, table: pa.Table) -> pa.Table:
        name = self.settings.open_spells.columns.get(component)
        if name is None or name not in table.column_names:
            return table
        column = text.as_dictionary(table.column(name))
        labels = column.dictionary.to_pylist()
        if OPEN_SPELL not in labels:
            return table
        index = column.indices.to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(index == labels.index(OPEN_SPELL))
        key = self._row_key(component, table.select(self._key_names(component, table)).take(pa.array(rows)))
        drawn = draws.uniform(self.seed, f"quirks/open_spells/{component}", key) < self.settings.open_spells.share
        return _replaced(table, name, _with_text(column, rows[drawn], [self.settings.open_spells.code]))

    def _impossible_dates(self, component: str, year: int, table: pa.Table) -> pa.Table:
        name = self.settings.impossible_dates.columns.get(component)
        if name is None or name not in table.column_names:
            return table
        column = text.as_dictionary(table.column(name))
        labels = column.dictionary.to_pylist()
        before = str(self.settings.impossible_dates.before)
        near = np.array([label < before and _near_missing_leap_day(label) for label in labels], dtype=bool)
        index = column.indices.to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(near[index]) if len(near) else np.empty(0, np.int64)
        key = self._row_key(component, table.select(self._key_names(component, table)).take(pa.array(rows)))
        share = self.settings.impossible_dates.share
        drawn = rows[draws.uniform(self.seed, f"quirks/impossible_dates/{component}", key) < share]
        return _replaced(table, name, _with_text(column, drawn, [labels[k][:4] + "0229" for k in index[drawn]]))

    def _negative_amounts(self, component: str, year: int, table: pa.Table) -> pa.Table:
        names = [n for n in self.settings.negative_amounts.columns.get(component, []) if n in table.column_names]
        if not names:
            return table
        key = self._row_key(component, table)
        stream = f"quirks/negative_amounts/{component}/{year}"
        rows = np.flatnonzero(draws.uniform(self.seed, stream, key) < self.settings.negative_amounts.share)
        which = draws.integers(self.seed, f"{stream}/column", key[rows], 0, len(names))
        for number, name in enumerate(names):
            column = text.as_one_array(table.column(name))
            values = column.to_numpy(zero_copy_only=False).copy()
            chosen = rows[which == number]
            values[chosen] = -np.abs(values[chosen])
            table = _replaced(table, name, pa.array(values, from_pandas=True).cast(column.type))
        return table

    def _missing_codes(self, component: str, year: int, table: pa.Table) -> pa.Table:
        entries = [
            entry
            for entry in self.settings.missing_codes
            if entry.component == component and entry.column in table.column_names
        ]
        key = self._row_key(component, table) if entries else np.empty(0, np.uint64)
        for entry in entries:
            drawn = draws.uniform(self.seed, f"quirks/missing/{component}/{entry.column}/{year}", key) < entry.share
            rows = np.flatnonzero(drawn)
            column = text.as_one_array(table.column(entry.column))
            if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
                changed: pa.Array = _with_text(text.as_dictionary(column), rows, [entry.code])
            else:
                values = column.to_numpy(zero_copy_only=False).copy()
                values[rows] = float(entry.code)
                changed = pa.array(values, from_pandas=True).cast(column.type)
            table = _replaced(table, entry.column, changed)
        return table

    def _blanks(self, component: str, year: int, table: pa.Table) -> pa.Table:
        entries = [
            entry
            for entry in self.settings.blanks
            if entry.component == component and entry.column in table.column_names
        ]
        key = self._row_key(component, table) if entries else np.empty(0, np.uint64)
        for entry in entries:
            stream = f"quirks/blanks/{component}/{entry.column}/{entry.before}/{entry.after}/{year}"
            rows = np.flatnonzero(draws.uniform(self.seed, stream, key) < entry.share)
            column = text.as_dictionary(table.column(entry.column))
            labels = column.dictionary.to_pylist()
            index = column.indices.to_numpy(zero_copy_only=False)
            # An empty value stays empty.
            rows = rows[[bool(labels[place].strip()) for place in index[rows]]] if len(rows) else rows
            values = [" " * entry.before + labels[place].strip() + " " * entry.after for place in index[rows]]
            table = _replaced(table, entry.column, _with_text(column, rows, values))
        return table

    def _key_names(self, component: str, table: pa.Table) -> list[str]:
        register = self.catalogue.registers[component.lower()]
        text_columns = {c.name for c in register.columns_expanded() if c.exact_width}
        return [n for n in table.column_names if n in register.key or (not register.key and n in text_columns)]

    # --- checks and words

    def _check(self) -> None:
        for component, columns in self._named_columns():
            register = self.catalogue.registers.get(component.lower())
            if register is None or register.component != component:
                raise ParameterError(f"quirks.yml names register {component}, which the catalogue does not have.")
            known = {column.name for column in register.columns_expanded()}
            for column in columns:
                if column not in known:
                    raise ParameterError(f"quirks.yml names column {column}, which {component} does not have.")
        for entry in self.settings.file_stems:
            found = self.catalogue.registers[entry.component.lower()].match(entry.stem)
            if found is None or found[0] != entry.year:
                raise ParameterError(
                    f"quirks.yml: '{entry.stem}' is no file name of {entry.component} {entry.year}. "
                    "Correct it or add a pattern to the catalogue."
                )
        for blanks in self.settings.blanks:
            padded = self.catalogue.registers[blanks.component.lower()].column(blanks.column)
            # The door takes blanks after any text away, blanks before it only where it pads or the width is free.
            if blanks.before and padded.exact_width is not None and not padded.pad:
                raise ParameterError(
                    f"quirks.yml: {blanks.column} of {blanks.component} has a fixed width, so blanks before it are "
                    "refused. Put them behind the value."
                )
        for older in self.settings.older_versions:
            newest = self.settings.newest_version.get(older.component, {}).get(older.year, 1)
            register = self.catalogue.registers[older.component.lower()]
            if older.year in register.file_years and older.version >= newest:
                raise ParameterError(
                    f"quirks.yml: version {older.version} of {older.component} {older.year} is not older than {newest}."
                )

    def _named_columns(self) -> Iterator[tuple[str, Sequence[str]]]:
        s = self.settings
        for component in [*s.newest_version, *s.upper_case_extension]:
            yield component, []
        for older in s.older_versions:
            yield older.component, [older.changed.column] if older.changed else []
        for stem in s.file_stems:
            yield stem.component, []
        for header in s.header_names:
            yield header.component, [header.column]
        for extra in s.extra_columns:
            yield extra.component, []
        for component, column in [*s.open_spells.columns.items(), *s.impossible_dates.columns.items()]:
            yield component, [column]
        for component, columns in s.negative_amounts.columns.items():
            yield component, columns
        for code in s.missing_codes:
            yield code.component, [code.column]
        for blanks in s.blanks:
            yield blanks.component, [blanks.column]

    def describe(self) -> dict[str, list[str]]:
        """Sentences on the twin's quirks by component, with their rates, for the data dictionary."""
        found: dict[str, list[str]] = {component: [] for component, _ in self._named_columns()}
        s = self.settings
        for component, versions in s.newest_version.items():
            listed = ", ".join(f"{year} V{version}" for year, version in sorted(versions.items()))
            found[component].append(f"Newest version other than V1: {listed}.")
        for older in s.older_versions:
            found[older.component].append(
                f"An older file ({older.year} V{older.version}) with {older.rows_kept:.0%} of the rows stands beside "
                "the newest."
            )
        for component in s.upper_case_extension:
            found[component].append("SPSS files have the extension .SAV.")
        for stem in s.file_stems:
            found[stem.component].append(f"The file of {stem.year} is called '{stem.stem}'.")
        for extra in s.extra_columns:
            found[extra.component].append(f"The file of {extra.year} has an undocumented column {extra.name}.")
        for component, column in s.open_spells.columns.items():
            found[component].append(
                f"{s.open_spells.share:.0%} of the open spells have {s.open_spells.code} in {column.upper()}, "
                f"the others {OPEN_SPELL}."
            )
        for component, column in s.impossible_dates.columns.items():
            found[component].append(
                f"{s.impossible_dates.share:.0%} of the dates in {column.upper()} on 28 February or 1 March of a year "
                f"without leap day before {s.impossible_dates.before} read 29 February."
            )
        for component, columns in s.negative_amounts.columns.items():
            found[component].append(
                f"{s.negative_amounts.share:.1%} of the rows have a negative amount in one of "
                f"{', '.join(column.upper() for column in columns)}."
            )
        for code in s.missing_codes:
            found[code.component].append(f"{code.share:.1%} of {code.column.upper()} is {code.code} (missing).")
        for blanks in s.blanks:
            sides = " and ".join(side for side, size in (("before", blanks.before), ("after", blanks.after)) if size)
            found[blanks.component].append(
                f"{blanks.share:.1%} of {blanks.column.upper()} have blanks {sides} the value."
            )
        return {component: lines for component, lines in found.items() if lines}


def quirks_of_the_twin() -> dict[str, list[str]]:
    """What `Quirks.describe` says of the default scenario, for the data dictionary."""
    return Quirks(load_catalogue(), 0, parameters_loader.load()["quirks"]).describe()


@functools.lru_cache(maxsize=4096)
def _near_missing_leap_day(date: str) -> bool:
    return date[4:] in ("0228", "0301") and not calendar.isleap(int(date[:4]))


def _replaced(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _with_text(column: pa.DictionaryArray, rows: np.ndarray, values: Sequence[str]) -> pa.DictionaryArray:
    """The column with other texts in some rows; one value serves all rows."""
    if not len(rows):
        return column
    labels: list[str] = column.dictionary.to_pylist()
    position = {label: number for number, label in enumerate(labels)}
    for value in values:
        if value not in position:
            position[value] = len(labels)
            labels.append(value)
    index = column.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    index[rows] = [position[value] for value in values] if len(values) > 1 else position[values[0]]
    return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(labels, pa.string()))


def tolerated_share(register: Register, column: str, defect: str) -> float:
    """The catalogue's largest tolerated share of a defect (`impossible_date`, `negative`, `missing`) of a column."""
    return float(getattr(register.column(column).tolerance, defect))
