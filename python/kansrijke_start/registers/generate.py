"""Files that are made from the register catalogue: dbt sources and the data dictionary page.

`python -m kansrijke_start.registers.generate --write` writes them, `--check` exits with 1 and names each file
that differs from the catalogue.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.registers.catalogue import (
    Catalogue,
    Column,
    Register,
    YearRange,
    load_catalogue,
    load_sources,
)
from kansrijke_start.synthetic.quirks import quirks_of_the_twin

COMMAND = "kansrijke-start catalogue"
REGISTERS_FOLDER = "{{ env_var('KANSRIJKE_START_REGISTERS', 'data/registers') }}"
DATA_DICTIONARY = Path("models/docs/data_dictionary.md")
DELIVERY_SOURCES = Path("models/staging/delivery/_delivery__sources.yml")

FAMILY_TITLES = {
    "brp": "Population register (BRP) and regions",
    "income_and_work": "Income, work and debt",
    "education": "Education",
    "care": "Health care",
    "youth": "Youth care and child protection",
    "safety": "Police, justice and detention",
    "living_environment": "Living environment",
    "perinatal": "Perinatal registration",
    "health_monitor": "Health monitor",
}
KIND_MEANINGS = {
    "yearly": "one table per year, all of them needed",
    "cumulative": "one table that holds all years, the newest file counts",
    "spells": "spells with begin and end, the newest file holds the whole history",
    "spells_per_year": "spells with begin and end, one file per year, all of them needed",
}
CONFIDENCE_MEANINGS = {
    "documented": "stands in documentation of CBS",
    "seen": "used in public code that ran on the real files",
    "inferred": "inferred from the facts around it; verify in the documentation report of the file",
    "recalled": "general knowledge, not verified; verify in the documentation report of the file",
    "placeholder": "not known: the project's own stand-in, to be replaced when the real layout is known",
}

MANIFEST_COLUMNS = {
    "format_version": ("INTEGER", "Version of the manifest's own format."),
    "synthetic": (
        "STRUCT(fraction DOUBLE, seed BIGINT, scenario VARCHAR)",
        "Null for a real delivery; fraction of the population, seed and scenario of a synthetic one.",
    ),
    "registers": (
        "STRUCT(component VARCHAR, file_year INTEGER, source_file VARCHAR, version INTEGER, rows BIGINT, "
        "sha256 VARCHAR, tolerated_defects JSON, ignored_columns VARCHAR[], seconds DOUBLE, persons BIGINT, "
        "linked_persons BIGINT)[]",
        "One entry per ingested file: where it came from, its rows and persons, what was tolerated and what was "
        "ignored.",
    ),
}


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _years(years: YearRange | None) -> str:
    if years is None:
        return ""
    if years.first is None:
        return f"until {years.last}"
    if years.last is None:
        return f"from {years.first}"
    return str(years.first) if years.first == years.last else f"{years.first}-{years.last}"


def _codes(codes: dict[str, str]) -> str:
    return "; ".join(f"{code} {label}" for code, label in codes.items())


def _visible(values: tuple[str, ...]) -> str:
    return ", ".join(value if value else "(empty)" for value in values)


def column_text(column: Column, kind: str | None = None) -> str:
    """One line that tells all the catalogue knows of a column: meaning, unit, codes, years, confidence."""
    parts = [column.description]
    if kind is not None:
        parts.append(f"Stands after its kind ({kind.upper()}), as one text; null when either is missing.")
    if column.unit is not None:
        parts.append(f"Unit: {column.unit}.")
    if column.codes:
        parts.append(f"Codes: {_codes(column.codes)}.")
    if column.meaningful_missing:
        parts.append(f"Kept as delivered: {_codes(column.meaningful_missing)}.")
    if column.missing:
        parts.append(f"Null when delivered as {_visible(column.missing)}.")
    if column.years is not None:
        parts.append(f"Delivered {_years(column.years)}.")
    if column.optional:
        parts.append("May be absent from a delivery; then null.")
    parts.append(f"Confidence: {column.confidence} ({column.source}).")
    return " ".join(parts)


def _render(content: dict[str, Any]) -> str:
    header = f"# Generated from the register catalogue by `{COMMAND}`. Change the catalogue, not this file.\n"
    return header + yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False
    )


def _source_table(register: Register) -> dict[str, Any]:
    location = f"read_parquet('{REGISTERS_FOLDER}/{register.folder}/*.parquet')"
    columns: list[dict[str, Any]] = [
        {
            "name": "file_year",
            "description": "Year of the delivered file, from its name; added by ingest.",
            "data_type": "INTEGER",
        }
    ]
    for column in register.columns_expanded():
        text = column_text(column, register.kind_of_person(column.name))
        columns.append({"name": column.name, "description": text, "data_type": column.duckdb_type})
    return {
        "name": register.folder,
        "description": (
            f"{register.grain} {register.description} Component {register.component} in theme "
            f"{register.theme}, file years {_years(register.years)}. Confidence: {register.confidence} "
            f"({register.source})."
        ),
        "config": {"meta": {"external_location": location}},
        "columns": columns,
    }


def render_sources(catalogue: Catalogue, family: str) -> str:
    """The dbt sources YAML of one family: every register that models read, every column described."""
    registers = [r for r in catalogue.registers.values() if r.family == family and r.generates_source]
    return _render(
        {
            "version": 2,
            "sources": [
                {
                    "name": family,
                    "description": (
                        f"{FAMILY_TITLES[family]}: registers as ingested, raw values with missing codes set "
                        "to null. Read by staging models only."
                    ),
                    "tables": [_source_table(register) for register in registers],
                }
            ],
        }
    )


def render_delivery_sources() -> str:
    """The dbt source of the manifest that ingest writes beside the registers."""
    struct = ", ".join(f"{name}: '{kind}'" for name, (kind, _) in MANIFEST_COLUMNS.items())
    location = f"read_json('{REGISTERS_FOLDER}/manifest.json', format='unstructured', columns={{{struct}}})"
    return _render(
        {
            "version": 2,
            "sources": [
                {
                    "name": "delivery",
                    # The docs site shows a page only where a description refers to it.
                    "description": (
                        "What ingest recorded about the delivery, and the data dictionary of its registers.\n\n"
                        "{{ doc('data_dictionary') }}"
                    ),
                    "tables": [
                        {
                            "name": "manifest",
                            "description": (
                                "One row: the manifest of the ingested delivery, written by ingest as "
                                "manifest.json beside the registers."
                            ),
                            # The braces of read_json's columns would be fields of the default formatter.
                            "config": {"meta": {"external_location": location, "formatter": "oldstyle"}},
                            "columns": [
                                {"name": name, "description": text, "data_type": kind}
                                for name, (kind, text) in MANIFEST_COLUMNS.items()
                            ],
                        }
                    ],
                }
            ],
        }
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _column_row(column: Column, kind_of_person: str | None) -> str:
    defects = [
        f"{name.replace('_', ' ')} {share:.1%}" for name, share in column.tolerance.model_dump().items() if share > 0
    ]
    kind: str = column.type
    if column.exact_width is not None:
        kind += f" {column.exact_width}"
    if column.pad:
        kind += ", padded with zeros"
    name = column.name
    if column.per_year is not None:
        name = f"{name}<year> ({_years(column.per_year)})"
    elif column.pattern is not None:
        name = f"{name}<date>"
    aliases = [alias.name.upper() + (f" ({_years(alias.years)})" if alias.years else "") for alias in column.aliases]
    meaning = column_text(column, kind_of_person)
    if aliases:
        meaning += f" Also delivered as {', '.join(aliases)}."
    cells = [f"`{name}`", kind, _cell(meaning), "; ".join(defects) or "none"]
    return f"| {' | '.join(cells)} |"


def _need(register: Register) -> str:
    if register.required:
        return "required."
    if register.generates_source:
        return "optional: models read it when it is delivered; ingest writes an empty register when it is not."
    return "not required: no model reads it yet."


def _register_section(register: Register, twin_quirks: Sequence[str] = ()) -> list[str]:
    key = ", ".join(f"`{name}`" for name in register.key) or "none (rows repeat by nature)"
    tolerance = f"{register.key_tolerance.default:.1%} of rows may repeat a key"
    for year, share in sorted(register.key_tolerance.years.items()):
        tolerance += f", {share:.1%} in {year}"
    place = f"{register.theme}/{register.component}/" + ("<year>/" if register.year_folder else "")
    assert register.years.last is not None
    lines = [
        f"### {register.component}",
        "",
        f"{register.grain} {register.description}",
        "",
        f"- Files: `{place}{register.file_stem(register.years.last, 1)}.{register.file_format}`; "
        f"{KIND_MEANINGS[register.kind]}; file years {_years(register.years)}; " + _need(register),
        f"- Key: {key}; {tolerance}." if register.key else f"- Key: {key}.",
    ]
    for rule in register.persons:
        lines.append(
            f"- Persons: at least {rule.least_share:.1%} of `{rule.kind}` + `{rule.number}` "
            f"({', '.join(rule.kinds)}) must occur in GBAPERSOONTAB."
        )
    for group in register.at_least_one_of:
        lines.append(f"- At least one of {', '.join(f'`{name}`' for name in group)} must be there.")
    lines.append(f"- Confidence: {register.confidence}; source: {register.source}.")
    lines += ["", "| column | type | meaning | tolerated |", "|---|---|---|---|"]
    lines += [_column_row(column, register.kind_of_person(column.name)) for column in register.columns]
    if register.quirks:
        lines += ["", "Known quirks:", ""]
        lines += [f"- {quirk}" for quirk in register.quirks]
    if twin_quirks:
        lines += ["", "In the synthetic twin:", ""]
        lines += [f"- {quirk}" for quirk in twin_quirks]
    return [*lines, ""]


def render_data_dictionary(catalogue: Catalogue) -> str:
    """The data dictionary page: one table per register, with quirks and what the door tolerates."""
    count = len(catalogue.registers)
    twin = quirks_of_the_twin() if catalogue is load_catalogue() else {}
    lines = [
        f"<!-- Generated by `{COMMAND}`. Change the register catalogue, not this file. -->",
        "{% docs data_dictionary %}",
        "",
        "# Data dictionary of the registers",
        "",
        *textwrap.wrap(
            f"The {count} registers that the project knows (of Statistics Netherlands, CBS), as their files "
            "are delivered: names, types, codes, known defects and the largest share of rows up to which the "
            "door tolerates a defect. What is tolerated is counted in the manifest; more refuses the register. "
            "Every fact says how sure we are of it; the documentation report of the file you receive always "
            "wins.",
            width=110,
        ),
        "",
        "| confidence | means |",
        "|---|---|",
        *(f"| {name} | {meaning} |" for name, meaning in CONFIDENCE_MEANINGS.items()),
        "",
        "| source | stands for |",
        "|---|---|",
        *(f"| {key} | {_cell(text)} |" for key, text in load_sources().items()),
        "",
    ]
    for family, title in FAMILY_TITLES.items():
        registers = [register for register in catalogue.registers.values() if register.family == family]
        if registers:
            lines += [f"## {title}", ""]
            for register in registers:
                lines += _register_section(register, twin.get(register.component, ()))
    lines += ["{% enddocs %}"]
    return "\n".join(lines) + "\n"


def generated_files(catalogue: Catalogue | None = None) -> dict[Path, str]:
    """Every generated file: path from the project root, and the content it must have."""
    catalogue = catalogue or load_catalogue()
    files = {DELIVERY_SOURCES: render_delivery_sources()}
    families = {r.family for r in catalogue.registers.values() if r.generates_source}
    for family in sorted(families):
        files[Path(f"models/staging/{family}/_{family}__sources.yml")] = render_sources(catalogue, family)
    files[DATA_DICTIONARY] = render_data_dictionary(catalogue)
    return files


def write(root: Path = PROJECT_ROOT, catalogue: Catalogue | None = None) -> list[Path]:
    """Write every generated file that differs; returns the paths that were written."""
    written = []
    for path, content in generated_files(catalogue).items():
        target = root / path
        if target.exists() and target.read_text(encoding="utf-8") == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(target.suffix + ".partial")
        partial.write_text(content, encoding="utf-8", newline="\n")
        partial.replace(target)
        written.append(path)
    return written


def check(root: Path = PROJECT_ROOT, catalogue: Catalogue | None = None) -> list[str]:
    """What is out of step with the catalogue: a sentence per file that is missing, edited or left over."""
    expected = generated_files(catalogue)
    problems = []
    for path, content in expected.items():
        target = root / path
        if not target.exists():
            problems.append(f"{path.as_posix()} is missing; run `{COMMAND}`")
        elif target.read_text(encoding="utf-8") != content:
            problems.append(f"{path.as_posix()} differs from the catalogue; run `{COMMAND}`")
    for target in sorted((root / "models" / "staging").glob("*/_*__sources.yml")):
        path = target.relative_to(root)
        if path not in expected:
            problems.append(f"{path.as_posix()}: the catalogue has no such sources; remove it")
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Command line: --write writes the generated files, --check exits with 1 when one differs."""
    parser = argparse.ArgumentParser(
        prog="python -m kansrijke_start.registers.generate",
        description="Write or check the files that are made from the register catalogue.",
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files that differ")
    mode.add_argument("--check", action="store_true", help="change nothing; exit with 1 when a file differs")
    parser.add_argument("--root", type=Path, default=PROJECT_ROOT, help="project root (default: this checkout)")
    options = parser.parse_args(arguments)
    if options.check:
        problems = check(options.root)
        for problem in problems:
            print(problem, file=sys.stderr)
        return 1 if problems else 0
    for path in write(options.root):
        print(f"wrote {path.as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
