"""The register catalogue: what every register of a delivery looks like, read from one YAML file a register.

Everything that must know a register (ingest, validation, the synthetic twin, the dbt sources, the data
dictionary) reads it from here, so that no second list of files, columns or codes exists.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kansrijke_start.errors import KansrijkeStartError

CATALOGUE_FOLDER = Path(__file__).resolve().parent
SHARED_FILE = "_shared.yml"
SOURCES_FILE = "_sources.yml"

ColumnType = Literal["string", "code", "date", "integer", "decimal"]
Kind = Literal["yearly", "cumulative", "spells", "spells_per_year"]
Confidence = Literal["documented", "seen", "inferred", "recalled", "placeholder"]
Family = Literal[
    "brp",
    "income_and_work",
    "education",
    "care",
    "youth",
    "safety",
    "living_environment",
    "perinatal",
    "health_monitor",
]

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "code": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
}
DUCKDB_TYPES: dict[str, str] = {
    "string": "VARCHAR",
    "code": "VARCHAR",
    "date": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
}
DATE_WIDTH = 8

PERSON_NUMBER, PERSON_KIND = "rinpersoon", "rinpersoons"
"""How the names of a person's number and of its kind begin; what follows is the same (rinpersoonma, rinpersoonsma)."""


class CatalogueError(KansrijkeStartError):
    """A file of the register catalogue is wrong; the message names the file and the field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class YearRange(_Strict):
    """An inclusive range of years; an end that is None is open."""

    first: int | None = None
    last: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> YearRange:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"first year {self.first} lies after last year {self.last}")
        return self

    def __contains__(self, year: object) -> bool:
        return (
            isinstance(year, int)
            and (self.first is None or self.first <= year)
            and (self.last is None or year <= self.last)
        )


class Alias(_Strict):
    """Another name of a column, in some file years or in all (years null)."""

    name: str
    years: YearRange | None = None


class Tolerance(_Strict):
    """Largest share of the rows of one file that may have a known defect; more refuses the register."""

    impossible_date: float = Field(default=0.0, ge=0.0, le=1.0)
    negative: float = Field(default=0.0, ge=0.0, le=1.0)
    unknown_code: float = Field(default=0.0, ge=0.0, le=1.0)
    missing: float = Field(default=0.0, ge=0.0, le=1.0)


class KeyTolerance(_Strict):
    """Largest share of the rows of one file that may repeat the key of another row."""

    default: float = Field(default=0.0, ge=0.0, le=1.0)
    years: dict[int, float] = Field(default_factory=dict)

    @field_validator("years")
    @classmethod
    def _shares(cls, value: dict[int, float]) -> dict[int, float]:
        for year, share in value.items():
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"the share of {year} is {share}, not between 0 and 1")
        return value

    def for_year(self, year: int) -> float:
        """The tolerated share for a file year."""
        return self.years.get(year, self.default)


class PersonRule(_Strict):
    """A pair of columns that names a person, and the least share of those persons that GBAPERSOONTAB knows.

    Only rows whose number is not missing and whose kind is one of `kinds` are counted.
    """

    kind: str
    number: str
    least_share: float = Field(ge=0.0, le=1.0)
    kinds: tuple[str, ...] = ("R",)


class Column(_Strict):
    """One column of a register, under its canonical name (the CBS name in lower case)."""

    name: str
    type: ColumnType
    width: int | None = Field(default=None, ge=1)
    pad: bool = False
    delivered_as: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    pattern: str | None = None
    date_column: str | None = None
    per_year: YearRange | None = None
    years: YearRange | None = None
    optional: bool = False
    codes: dict[str, str] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()
    meaningful_missing: dict[str, str] = Field(default_factory=dict)
    value_pattern: str | None = None
    unit: str | None = None
    tolerance: Tolerance = Tolerance()
    description: str = Field(min_length=1)
    source: str = Field(min_length=1)
    confidence: Confidence

    @field_validator("name", "date_column")
    @classmethod
    def _canonical(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise ValueError(f"'{value}' is no canonical name: lower case letters, digits and _ only")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        text = self.type in ("string", "code", "date")
        if self.type == "code" and not self.codes:
            raise ValueError("type code needs codes; use string for an open list")
        if self.codes and self.type not in ("code", "integer"):
            raise ValueError("codes are for type code or integer only")
        if self.type == "date" and self.width not in (None, DATE_WIDTH):
            raise ValueError(f"a date is {DATE_WIDTH} characters wide (yyyymmdd)")
        if self.width is not None and not text:
            raise ValueError("width is for string, code and date only")
        if self.pad and self.width is None:
            raise ValueError("pad needs a width")
        if self.width is not None:
            for code in self.codes:
                if len(code) != self.width:
                    raise ValueError(f"code '{code}' is not {self.width} characters wide")
        for code in self.codes:
            if code in self.missing or code in self.meaningful_missing:
                raise ValueError(f"'{code}' is both a code and a missing code")
        for code in self.missing:
            if code in self.meaningful_missing:
                raise ValueError(f"'{code}' is both missing and a missing code that carries meaning")
        if self.pattern is not None:
            try:
                groups = re.compile(self.pattern).groupindex
            except re.error as error:
                raise ValueError(f"pattern '{self.pattern}' is no regular expression: {error}") from error
            if self.date_column is not None and "date" not in groups:
                raise ValueError(f"pattern '{self.pattern}' has no group (?P<date>...) for date_column")
        elif self.date_column is not None:
            raise ValueError("date_column needs a pattern")
        if self.value_pattern is not None:
            try:
                re.compile(self.value_pattern)
            except re.error as error:
                raise ValueError(f"value_pattern is no regular expression: {error}") from error
        if self.per_year is not None and (self.per_year.first is None or self.per_year.last is None):
            raise ValueError("per_year needs a first and a last year")
        return self

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type in a register's Parquet file: string, int64 or double."""
        return ARROW_TYPES[self.type]

    @property
    def duckdb_type(self) -> str:
        """The DuckDB type in a register's Parquet file: VARCHAR, BIGINT or DOUBLE."""
        return DUCKDB_TYPES[self.type]

    @property
    def exact_width(self) -> int | None:
        """The width every raw value has (a date always 8), or None when it is free."""
        return DATE_WIDTH if self.type == "date" else self.width

    @property
    def usual_name(self) -> str:
        """The spelling in which the column is usually delivered."""
        return self.delivered_as[0] if self.delivered_as else self.name.upper()

    def expected_in(self, year: int) -> bool:
        """Whether a file of this year must hold the column."""
        return not self.optional and (self.years is None or year in self.years)

    def headers(self, year: int) -> list[str]:
        """The lower-case headers under which a file of this year may deliver the column, usual one first."""
        names = [self.usual_name, *self.delivered_as, self.name]
        names += [alias.name for alias in self.aliases if alias.years is None or year in alias.years]
        return list(dict.fromkeys(name.lower() for name in names))

    def match_header(self, header: str, year: int) -> tuple[bool, str | None]:
        """Whether a delivered header is this column in a file of this year.

        Returns (True, date) for a header that carries a date (`pattern`), (True, None) for another match.
        """
        if self.pattern is not None:
            found = re.fullmatch(self.pattern, header, flags=re.IGNORECASE)
            if found is None:
                return False, None
            return True, found.groupdict().get("date")
        return header.lower() in self.headers(year), None

    def _expanded(self) -> Iterator[Column]:
        if self.per_year is None:
            yield self
            return
        assert self.per_year.first is not None and self.per_year.last is not None
        for year in range(self.per_year.first, self.per_year.last + 1):
            yield self.model_copy(
                update={
                    "name": f"{self.name}{year}",
                    "delivered_as": tuple(f"{name}{year}" for name in self.delivered_as),
                    "aliases": tuple(
                        alias.model_copy(update={"name": f"{alias.name}{year}"}) for alias in self.aliases
                    ),
                    "per_year": None,
                    "description": f"{self.description} Division of {year}.",
                }
            )


class FileVersion(NamedTuple):
    """What a file name says; tuples compare as files do: the greatest is the newest."""

    year: int
    month: int
    version: int


class Register(_Strict):
    """One register (CBS: component) of a delivery."""

    component: str
    theme: str
    family: Family
    kind: Kind
    grain: str = Field(min_length=1)
    description: str = Field(min_length=1)
    source: str = Field(min_length=1)
    confidence: Confidence
    component_aliases: tuple[str, ...] = ()
    year_folder: bool = False
    file_format: Literal["sav", "csv"] = "sav"
    file_name: str
    file_patterns: tuple[str, ...] = Field(min_length=1)
    years: YearRange
    file_years_only: tuple[int, ...] = ()
    required: bool
    has_source: bool | None = None
    key: tuple[str, ...] = ()
    key_tolerance: KeyTolerance = KeyTolerance()
    at_least_one_of: tuple[tuple[str, ...], ...] = ()
    persons: tuple[PersonRule, ...] = ()
    columns: tuple[Column, ...] = Field(min_length=1)
    quirks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Register:
        for pattern in self.file_patterns:
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                raise ValueError(f"file pattern '{pattern}' is no regular expression: {error}") from error
            for group in ("year", "version"):
                if group not in groups:
                    raise ValueError(f"file pattern '{pattern}' has no group (?P<{group}>...)")
        if self.years.first is None or self.years.last is None:
            raise ValueError("years needs a first and a last year")
        if self.file_years_only:
            if self.kind in ("cumulative", "spells"):
                raise ValueError(f"file_years_only is for kinds with a file per year, not for {self.kind}")
            ends = (self.file_years_only[0], self.file_years_only[-1])
            if list(self.file_years_only) != sorted(set(self.file_years_only)):
                raise ValueError("file_years_only must be ascending years, each once")
            if ends != (self.years.first, self.years.last):
                raise ValueError("file_years_only must begin and end with the years of `years`")
        if "{year}" not in self.file_name or "{version}" not in self.file_name:
            raise ValueError("file_name needs {year} and {version}")
        names = [column.name for column in self.columns_expanded()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column {', '.join(twice)} is there twice")
        if "file_year" in names:
            raise ValueError("column file_year is added by ingest; another one cannot exist")
        wanted = [("key", name) for name in self.key]
        wanted += [("persons", name) for rule in self.persons for name in (rule.kind, rule.number)]
        wanted += [("at_least_one_of", name) for group in self.at_least_one_of for name in group]
        for field, name in wanted:
            if name not in names:
                raise ValueError(f"{field} names column {name}, which the register does not have")
        for name in names:
            if self.kind_of_person(name) not in (None, *names):
                raise ValueError(f"person number {name} stands without its kind {self.kind_of_person(name)}")
        if self.match(self.file_stem(self.years.last, 1)) != (self.years.last, 1):
            raise ValueError(f"file_name '{self.file_name}' is not matched by its own file_patterns")
        seen: dict[str, str] = {}
        for column in self.columns_expanded():
            if column.pattern is None:
                for header in {*column.headers(self.years.last), *(a.name.lower() for a in column.aliases)}:
                    if header in seen and seen[header] != column.name:
                        raise ValueError(f"header {header} belongs to both {seen[header]} and {column.name}")
                    seen[header] = column.name
        return self

    @property
    def folder(self) -> str:
        """Folder under data/registers and name of the dbt source table: the component in lower case."""
        return self.component.lower()

    @staticmethod
    def kind_of_person(column: str) -> str | None:
        """The column with the kind of this person number (rinpersoonsma of rinpersoonma); None for another column.

        Only both together name a person. In a register's Parquet file the number stands after its kind, as one text
        (R123456789): identities are most of what models read and join, and putting them together there would take a
        tenth of a build.
        """
        if not column.startswith(PERSON_NUMBER) or column.startswith(PERSON_KIND):
            return None
        return PERSON_KIND + column.removeprefix(PERSON_NUMBER)

    @property
    def generates_source(self) -> bool:
        """Whether a dbt source is generated: required registers, unless has_source says otherwise."""
        return self.required if self.has_source is None else self.has_source

    @property
    def file_years(self) -> list[int]:
        """File years that ingest must find: every year of a yearly kind, only the newest of another."""
        assert self.years.first is not None and self.years.last is not None
        if self.file_years_only:
            return list(self.file_years_only)
        if self.kind in ("cumulative", "spells"):
            return [self.years.last]
        return list(range(self.years.first, self.years.last + 1))

    def columns_expanded(self) -> list[Column]:
        """All canonical columns in their order: one a year for per_year columns, date columns at the end."""
        columns = [column for stem in self.columns for column in stem._expanded()]
        names = {column.name for column in columns}
        for column in self.columns:
            if column.date_column is not None and column.date_column not in names:
                names.add(column.date_column)
                columns.append(
                    Column(
                        name=column.date_column,
                        type="date",
                        width=DATE_WIDTH,
                        optional=True,
                        value_pattern=r"\d{8}",
                        description=(
                            f"Date carried by the delivered column name of {column.name} (yyyymmdd); "
                            "no column of the delivery, filled by ingest."
                        ),
                        source=column.source,
                        confidence=column.confidence,
                    )
                )
        return columns

    def column(self, name: str) -> Column:
        """The expanded column with this canonical name; KeyError when there is none."""
        for column in self.columns_expanded():
            if column.name == name:
                return column
        raise KeyError(f"{self.component} has no column {name}")

    def arrow_schema(self) -> pa.Schema:
        """Schema of the register's Parquet files: file_year (int32), then every canonical column."""
        fields = [pa.field("file_year", pa.int32())]
        fields += [pa.field(column.name, column.arrow_type) for column in self.columns_expanded()]
        return pa.schema(fields)

    def file_stem(self, year: int, version: int) -> str:
        """The canonical file name without extension, e.g. KINDOUDER2024TABV2."""
        return self.file_name.format(year=year, version=version)

    def file_version(self, stem: str) -> FileVersion | None:
        """Year, month (0 when the name has none) and version of a file name without extension.

        None when the name is no file of this register; a name without a version is version 1. The month of
        the VSL files counts before the version: the greatest FileVersion is the newest file, and versions
        compare as numbers (V10 after V9).
        """
        for pattern in self.file_patterns:
            found = re.fullmatch(pattern, stem, flags=re.IGNORECASE)
            if found is not None:
                parts = found.groupdict()
                return FileVersion(int(parts["year"]), int(parts.get("month") or 0), int(parts["version"] or 1))
        return None

    def match(self, stem: str) -> tuple[int, int] | None:
        """(year, version) of a file name without extension, or None when it is no file of this register."""
        found = self.file_version(stem)
        return None if found is None else (found.year, found.version)


class Catalogue(_Strict):
    """All registers, keyed by component in lower case and sorted by it."""

    registers: dict[str, Register]

    @property
    def required(self) -> dict[str, Register]:
        """The registers without which a delivery is refused."""
        return {name: register for name, register in self.registers.items() if register.required}

    def match(self, stem: str) -> Register | None:
        """The register that a file name (without extension) belongs to, or None."""
        for register in self.registers.values():
            if register.file_version(stem) is not None:
                return register
        return None


# The loader in C reads the catalogue ten times faster; PyYAML has it in its wheels.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_LOADER):
    """A YAML loader that refuses a key that stands twice in one mapping."""


def _construct_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            line = node.start_mark.line + 1
            raise yaml.constructor.ConstructorError(None, None, f"key '{key}' is there twice (line {line})")
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True) for key, value in node.value
    }


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"{path.name}: must be a mapping of fields, not {type(content).__name__}")
    return content


def _with_shared(column: Any, shared: dict[str, Any], path: Path) -> Any:
    """A column entry with its `use` replaced by the shared column of that name; own fields win."""
    if not isinstance(column, dict) or "use" not in column:
        return column
    own = dict(column)
    name = own.pop("use")
    if name not in shared:
        raise CatalogueError(
            f"{path.name}: column uses '{name}', which {SHARED_FILE} does not describe "
            f"(it has {', '.join(sorted(shared))})"
        )
    return {**shared[name], **own}


def _problems(error: ValidationError, content: dict[str, Any]) -> str:
    lines = []
    for problem in error.errors():
        place = []
        for index, part in enumerate(problem["loc"]):
            if isinstance(part, int) and index == 1 and problem["loc"][0] == "columns":
                entry = content["columns"][part]
                label = entry.get("name", part) if isinstance(entry, dict) else part
                place.append(f"column '{label}'")
            elif not (index == 0 and part == "columns" and len(problem["loc"]) > 1):
                place.append(str(part))
        value = problem.get("input")
        given = f" (given: {value!r})" if isinstance(value, (str, int, float, bool)) else ""
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{', '.join(place) or 'register'}: {message}{given}")
    return "; ".join(lines)


def load_register(path: Path, shared: dict[str, Any] | None = None) -> Register:
    """Read one register from its YAML file.

    Args:
        path: the file, named after the component in lower case.
        shared: column descriptions that the file may refer to with `use`.

    Raises:
        CatalogueError: the file is no YAML or breaks a rule; the message names file, column and field.
    """
    content = _read(path)
    if isinstance(content.get("columns"), list):
        content["columns"] = [_with_shared(column, shared or {}, path) for column in content["columns"]]
    try:
        register = Register.model_validate(content)
    except ValidationError as error:
        raise CatalogueError(f"{path.name}: {_problems(error, content)}") from error
    if register.folder != path.stem:
        raise CatalogueError(
            f"{path.name}: describes component {register.component}; the file must be {register.folder}.yml"
        )
    return register


@functools.cache
def load_catalogue(folder: Path = CATALOGUE_FOLDER) -> Catalogue:
    """Read the whole catalogue.

    Args:
        folder: where the YAML files stand; _shared.yml describes columns that many registers have.

    Raises:
        CatalogueError: a file is wrong, or the name of one register's file also fits another register.
    """
    shared_path = folder / SHARED_FILE
    shared = _read(shared_path)["columns"] if shared_path.exists() else {}
    paths = sorted(path for path in folder.glob("*.yml") if not path.name.startswith("_"))
    if not paths:
        raise CatalogueError(f"{folder.name}: no register is described here (no *.yml)")
    registers = {path.stem: load_register(path, shared) for path in paths}
    for register in registers.values():
        assert register.years.last is not None
        stem = register.file_stem(register.years.last, 1)
        for other in registers.values():
            if other is not register and other.match(stem) is not None:
                raise CatalogueError(
                    f"{other.folder}.yml: file_patterns also match {stem}, a file of {register.component}"
                )
    _check_sources(folder, registers)
    return Catalogue(registers=registers)


def load_sources(folder: Path = CATALOGUE_FOLDER) -> dict[str, str]:
    """Keys that `source` fields name and what they stand for; empty without _sources.yml."""
    path = folder / SOURCES_FILE
    return dict(_read(path)["sources"]) if path.exists() else {}


def _check_sources(folder: Path, registers: dict[str, Register]) -> None:
    known = load_sources(folder)
    if not known:
        return
    for register in registers.values():
        cited = [("register", register.source)]
        cited += [(f"column '{column.name}'", column.source) for column in register.columns]
        for place, source in cited:
            for key in source.split(","):
                if key.strip() not in known:
                    raise CatalogueError(
                        f"{register.folder}.yml: {place}: source '{key.strip()}' does not stand in "
                        f"{SOURCES_FILE} (it has {', '.join(known)})"
                    )
