"""Which delivered column is which column of the catalogue, before any value is read."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from kansrijke_start.delivery.discover import SourceFile
from kansrijke_start.errors import DeliveryError
from kansrijke_start.registers.catalogue import Column


@dataclass(frozen=True)
class Matched:
    """A column of the catalogue and what a file has for it.

    Attributes:
        column: the catalogue's column.
        header: the name in the file, None when the file does not hold it.
        constant: a date that the file carries in the name of another column.
    """

    column: Column
    header: str | None = None
    constant: str | None = None


@dataclass(frozen=True)
class Layout:
    """All columns of a register for one file, in the catalogue's order, and the headers that nobody asked for."""

    matched: tuple[Matched, ...]
    ignored: tuple[str, ...]

    @property
    def headers(self) -> list[str]:
        """The headers to read."""
        return list(dict.fromkeys(one.header for one in self.matched if one.header is not None))

    @property
    def absent(self) -> list[str]:
        """Canonical names of the columns that the file does not hold."""
        return [one.column.name for one in self.matched if one.header is None and one.constant is None]


def match_columns(source: SourceFile, headers: list[str]) -> tuple[Layout, list[DeliveryError]]:
    """Match the headers of a file with the catalogue.

    Names are compared without regard to case. Of several headers for one column the one that the catalogue names
    first wins; of several dates in the name, the one in the file year, else the latest.

    Args:
        source: the file.
        headers: its column names, as delivered.

    Returns:
        The layout, and one error for each column that should be there and is not.
    """
    register = source.register
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(header.lower(), header)
    errors: list[DeliveryError] = []
    chosen: dict[str, str] = {}
    dates: dict[str, set[str]] = {}
    columns = register.columns_expanded()
    for column in columns:
        if column.pattern is not None:
            dated = []
            for header in headers:
                fits, date = column.match_header(header, source.year)
                if fits:
                    dated.append(((date or "").startswith(str(source.year)), date or "", header))
            if dated:
                _, date, header = max(dated)
                chosen[column.name] = header
                if column.date_column is not None and date:
                    dates.setdefault(column.date_column, set()).add(date)
            continue
        for name in column.headers(source.year):
            if name in by_name:
                chosen[column.name] = by_name[name]
                break
    used = set(chosen.values())
    ignored = tuple(header for header in headers if header not in used)
    filled = {name for name, values in dates.items() if values}
    for column in columns:
        if column.name in chosen or column.name in filled or not column.expected_in(source.year):
            continue
        errors.append(_missing_column(source, column, ignored))
    for group in register.at_least_one_of:
        if not any(name in chosen for name in group):
            names = " or ".join(register.column(name).usual_name for name in group)
            errors.append(_missing_column(source, register.column(group[0]), ignored, names))
    for name, values in dates.items():
        if len(values) > 1:
            errors.append(
                DeliveryError(
                    source.name,
                    f"the names of the columns carry different dates: {', '.join(sorted(values))}",
                    "A file holds one reference date: ask for one file a date.",
                    column=name,
                )
            )
    matched = tuple(
        Matched(column, chosen.get(column.name), max(dates[column.name]) if column.name in filled else None)
        if column.name not in chosen
        else Matched(column, chosen[column.name])
        for column in columns
    )
    return Layout(matched, ignored), errors


def _missing_column(
    source: SourceFile, column: Column, ignored: tuple[str, ...], names: str | None = None
) -> DeliveryError:
    """The error for a column that a file should hold, with the closest unknown header as a hint."""
    lower = {header.lower(): header for header in ignored}
    candidates = [
        name
        for wanted in column.headers(source.year)
        for name in difflib.get_close_matches(wanted, lower, n=1, cutoff=0.6)
    ]
    outside = [alias.name.lower() for alias in column.aliases if alias.name.lower() in lower]
    best = outside or sorted(
        candidates,
        key=lambda name: (
            -max(difflib.SequenceMatcher(None, wanted, name).ratio() for wanted in column.headers(source.year))
        ),
    )
    entry = f"{source.register.folder}.yml"
    if best:
        found = lower[best[0]]
        return DeliveryError(
            source.name,
            f"the column is missing; the file has a column {found} that the catalogue does not know",
            f"If {found} is the same column under another name, add it to the aliases of {column.name} in the "
            f"catalogue entry {entry}; else ask for a file that holds the column.",
            column=names or column.usual_name,
        )
    return DeliveryError(
        source.name,
        "the column is missing",
        "Ask for a file that holds the column, or, if files of this year never hold it, say so in years of "
        f"{column.name} in the catalogue entry {entry}.",
        column=names or column.usual_name,
    )
