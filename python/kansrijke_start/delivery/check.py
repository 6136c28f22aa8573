"""Check the raw values of one file against the catalogue, in DuckDB, before anything is padded or set to null.

Every value of a column gets one verdict:

| verdict | meaning | tolerated share of rows |
|---|---|---|
| ok | as the catalogue describes, or a missing code that carries meaning | |
| missing | empty, or a missing code | `tolerance.missing` |
| type | no number where one belongs, or a fraction where a whole number belongs | none |
| width | another number of characters | none |
| value | right width, but not of the form of `value_pattern` | none |
| code | not on the closed code list | `tolerance.unknown_code` |
| date | eight digits that are no day of the calendar | `tolerance.impossible_date` |
| negative | below zero | `tolerance.negative` |

Columns with few different values are checked once a value, not once a row. Keys and persons are checked on the
converted rows, which stand in the same order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from kansrijke_start.delivery.columns import Layout
from kansrijke_start.delivery.discover import SourceFile
from kansrijke_start.delivery.read import Raw, quote_name, quote_text
from kansrijke_start.errors import DeliveryError
from kansrijke_start.registers.catalogue import Column, PersonRule, Register

WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
FRACTIONAL = frozenset({"FLOAT", "DOUBLE"})
MOMENT = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"})

VERDICTS = ("ok", "missing", "type", "width", "value", "code", "date", "negative")

ROWS_SHOWN = 5
"""Number of rows at fault that an error names."""

FEW_VALUES_WIDTH = 8
"""Text columns of at most this width are checked once for each different value."""


def allowed(share: float, rows: int) -> float:
    """Number of rows with a defect up to which a file is accepted.

    A tolerated share is held against the count with an allowance for chance, three standard deviations of a binomial
    count and one row, so that a small file (a sample of 1 %) is not refused for one row. No share, no allowance.

    Args:
        share: tolerated share of rows, 0 to 1.
        rows: rows of the file.
    """
    if share <= 0:
        return 0.0
    return share * rows + 3 * math.sqrt(rows * share * (1 - share)) + 1


class Rules:
    """SQL for one delivered column: its value as the register holds it, and the verdict on the raw value.

    The SQL is written in layers, each a subquery of the next: `r` the raw value; `t` the value as text without
    blanks, null when empty (numbers: only to see whether there is one); `v` the value as a number; `p` the text
    padded with zeros. A suffix on these names lets the columns of one file stand beside each other.

    Args:
        column: the catalogue's column.
        kind: DuckDB type of the raw values.
        decimal_comma: raw text may have a comma before its decimals.
        suffix: added to r, t, v and p.
    """

    def __init__(self, column: Column, kind: str, *, decimal_comma: bool = False, suffix: str = "") -> None:
        self.column = column
        self.delivered = kind
        self.kind = "DOUBLE" if kind.startswith("DECIMAL") or kind == "FLOAT" else kind
        self.cast = "::double" if self.kind != kind else ""
        if kind == '"NULL"':
            self.kind, self.cast = "VARCHAR", "::varchar"
        self.number = column.type in ("integer", "decimal")
        self.decimal_comma = decimal_comma
        self.numeric_raw = self.kind in WHOLE or self.kind in FRACTIONAL
        self.width = column.exact_width
        self.padded = self.width is not None and (column.pad or self.numeric_raw) and not self.number
        self.r, self.t, self.v, self.p = (f"{name}{suffix}" for name in "rtvp")

    def beside(self, suffix: str) -> Rules:
        """The same rules with a suffix on the names of their layers."""
        return Rules(self.column, self.delivered, decimal_comma=self.decimal_comma, suffix=suffix)

    @property
    def readable(self) -> bool:
        """Whether the raw type can hold such a column at all."""
        return self.kind == "VARCHAR" or self.numeric_raw or (self.kind in MOMENT and self.column.type == "date")

    @property
    def few_values(self) -> bool:
        """Whether the column has few different values, so that each is checked once."""
        return (
            self.kind == "VARCHAR"
            and not self.number
            and (self.column.type in ("code", "date") or (self.width or 99) <= FEW_VALUES_WIDTH)
        )

    def raw(self, header: str) -> str:
        """SQL of r."""
        return f"{quote_name(header)}{self.cast} as {self.r}"

    def first(self) -> list[str]:
        """Select items over r: r and t, for numbers also v."""
        r = self.r
        if self.number:
            if self.kind == "VARCHAR":
                text = f"replace(trim({r}), ',', '.')" if self.decimal_comma else f"trim({r})"
                return [r, f"nullif(trim({r}), '') as {self.t}", f"try_cast({text} as double) as {self.v}"]
            value = f"case when not isnan({r}) then {r} end" if self.kind in FRACTIONAL else r
            return [r, f"{value} as {self.t}", f"{value} as {self.v}"]
        if self.kind in MOMENT:
            return [r, f"strftime({r}, '%Y%m%d') as {self.t}"]
        if self.kind in FRACTIONAL:
            return [r, f"case when not isnan({r}) then try_cast(trunc({r}) as hugeint)::varchar end as {self.t}"]
        if self.kind != "VARCHAR":
            return [r, f"{r}::varchar as {self.t}"]
        if self.column.pad:
            return [r, f"nullif(trim({r}), '') as {self.t}"]
        return [r, f"nullif(case when ends_with({r}, ' ') then rtrim({r}) else {r} end, '') as {self.t}"]

    def second(self) -> list[str]:
        """Select items over the first layer: r, t, v or p."""
        if self.number:
            return [self.r, self.t, self.v]
        padded = self.t
        if self.padded:
            short = f"length({self.t}) < {self.width}"
            if self.column.meaningful_missing:
                short += f" and not {self._listed(self.t, tuple(self.column.meaningful_missing))}"
            if self.numeric_raw:
                short += f" and not starts_with({self.t}, '-')"
            padded = f"case when {short} then lpad({self.t}, {self.width}, '0') else {self.t} end"
        return [self.r, self.t, f"{padded} as {self.p}"]

    def final(self) -> str:
        """SQL over the second layer: the value in the register."""
        missing = self._is(self.column.missing)
        value = f"{self.v}::{self.column.duckdb_type}" if self.number else self.p
        if self.number and self.kind == self.column.duckdb_type:
            value = self.v
        return value if missing == "false" else f"case when not coalesce({missing}, false) then {value} end"

    def _listed(self, value: str, codes: tuple[str, ...]) -> str:
        literals = [quote_text(code) for code in codes if code != ""]
        return f"{value} in ({', '.join(literals)})" if literals else "false"

    def _is(self, codes: tuple[str, ...]) -> str:
        """SQL condition over the second layer: the value is one of these codes."""
        if self.number:
            numbers = [code for code in codes if _is_number(code)]
            texts = tuple(code for code in codes if not _is_number(code))
            conditions = [f"{self.v} in ({', '.join(numbers)})"] if numbers else []
            if self.kind == "VARCHAR" and any(texts):
                conditions.append(self._listed(self.t, texts))
        else:
            conditions = [self._listed(value, codes) for value in ([self.t, self.p] if self.padded else [self.p])]
            conditions = [condition for condition in conditions if condition != "false"]
        return f"({' or '.join(conditions)})" if conditions else "false"

    def verdict(self) -> str:
        """SQL over the second layer: the position of the verdict in VERDICTS."""
        column, r, t, v, p = self.column, self.r, self.t, self.v, self.p
        rules: list[tuple[str, str]] = []
        if self.number:
            rules += [
                (f"{t} is null", "missing"),
                (self._is(column.missing), "missing"),
                (f"{v} is null", "type"),
                (f"isinf({v})" if self.kind in FRACTIONAL or self.kind == "VARCHAR" else "false", "type"),
                (self._is(tuple(column.meaningful_missing)), "ok"),
                (f"{v} <> trunc({v})" if column.type == "integer" and self.kind not in WHOLE else "false", "type"),
                (f"not {self._is(tuple(column.codes))}" if column.codes else "false", "code"),
                (f"{v} < 0", "negative"),
            ]
        else:
            if self.kind in FRACTIONAL:
                rules += [(f"{r} is null or isnan({r})", "missing"), (f"isinf({r}) or {r} <> trunc({r})", "type")]
            rules += [
                (f"{t} is null", "missing"),
                (self._is(column.missing), "missing"),
                (self._is(tuple(column.meaningful_missing)), "ok"),
            ]
            if self.width is not None:
                rules.append((f"length({t}) {'>' if self.padded else '<>'} {self.width}", "width"))
            if column.codes:
                rules.append((f"not {self._is(tuple(column.codes))}", "code"))
            pattern = column.value_pattern or ("[0-9]{8}" if column.type == "date" else None)
            if pattern is not None:
                rules.append((f"not regexp_full_match({p}, {quote_text(pattern)})", "value"))
            if column.type == "date":
                rules.append((f"try_strptime({p}, '%Y%m%d') is null", "date"))
        cases = " ".join(
            f"when {condition} then {VERDICTS.index(verdict)}" for condition, verdict in rules if condition != "false"
        )
        return f"(case {cases} else 0 end)::utinyint"

    def changed(self) -> str:
        """SQL condition over the second layer: the register's value differs from the raw one."""
        if self.kind != self.column.duckdb_type or self.cast:
            return "true"
        return f"{self.r} is not null and ({self.final()}) is distinct from {self.r}"


def _is_number(code: str) -> bool:
    try:
        return math.isfinite(float(code)) and code.strip() != ""
    except ValueError:
        return False


@dataclass
class Findings:
    """What was found in the values of one file.

    Attributes:
        rows: number of rows.
        plain: canonical columns whose raw values can be taken over as they are.
        tolerated: rows with a tolerated defect, by "rule.column".
        errors: defects above their tolerance.
        notes: what the conversion repairs.
    """

    rows: int
    plain: set[str] = field(default_factory=set)
    tolerated: dict[str, int] = field(default_factory=dict)
    errors: list[DeliveryError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_values(source: SourceFile, layout: Layout, raw: Raw, connection: duckdb.DuckDBPyConnection) -> Findings:
    """Check all raw values of a file, one pass over each column.

    Returns:
        The findings; errors are collected, not raised.
    """
    rows = connection.execute(f"select count(*) from {raw.relation}").fetchall()[0][0]
    findings = Findings(rows)
    rules: list[tuple[str, Rules]] = []
    for one in layout.matched:
        if one.header is None:
            continue
        rule = Rules(one.column, raw.header.columns[one.header], decimal_comma=raw.header.delimiter == ";")
        if rule.readable:
            rules.append((one.header, rule))
        else:
            findings.errors.append(
                DeliveryError(
                    source.name,
                    f"wrong type: the column is delivered as {rule.kind.lower()}, expected {one.column.type}",
                    "Ask for the column as CBS delivers it, or convert it back to text or a number.",
                    column=one.header,
                    rows=range(1, min(rows, ROWS_SHOWN) + 1),
                )
            )
    if not rules or rows == 0:
        return findings
    counts, changed = _count(rules, raw, connection)
    for number, (header, rule) in enumerate(rules):
        if changed.get(number, 0) == 0:
            findings.plain.add(rule.column.name)
        if rule.numeric_raw and not rule.number:
            padded = f", padded to {rule.width} characters" if rule.width else ""
            findings.notes.append(f"{header} was delivered as a number: made text{padded}.")
        _judge(source, header, rule, counts.get(number, {}), raw, connection, findings)
    return findings


def _count(
    rules: list[tuple[str, Rules]], raw: Raw, connection: duckdb.DuckDBPyConnection
) -> tuple[dict[int, dict[str, int]], dict[int, int]]:
    """Count the verdicts of each column (by position), and the values that the register changes.

    One pass over all columns with many different values first tells which of them have something to count.
    """
    counts: dict[int, dict[str, int]] = {}
    changed: dict[int, int] = {}
    many = [number for number, (_, rule) in enumerate(rules) if not rule.few_values]
    dull: set[int] = set()
    if many:
        sides = [rules[number][1].beside(str(number)) for number in many]
        flags = ", ".join(
            f"{side.verdict()} <> 0 as odd{number}, {side.changed()} as new{number}"
            for number, side in zip(many, sides, strict=True)
        )
        totals = ", ".join(
            f"count(*) filter (where odd{number}), count(*) filter (where new{number})" for number in many
        )
        second = ", ".join(item for side in sides for item in side.second())
        first = ", ".join(item for side in sides for item in side.first())
        values = ", ".join(side.raw(rules[number][0]) for number, side in zip(many, sides, strict=True))
        row = connection.execute(
            f"select {totals} from (select {flags} from (select {second} from "
            f"(select {first} from (select {values} from {raw.relation}))))"
        ).fetchall()[0]
        for place, number in enumerate(many):
            odd, changed[number] = row[2 * place], row[2 * place + 1]
            if odd == 0:
                dull.add(number)
    branches = []
    for number, (header, rule) in enumerate(rules):
        if number in dull:
            continue
        values = f"select {rule.raw(header)}, {{}} as n from {raw.relation}"
        values = values.format("count(*)") + " group by 1" if rule.few_values else values.format("1")
        branches.append(
            f"select {number} as i, {rule.verdict()} as verdict, sum(n)::bigint as n, "
            f"coalesce(sum(n) filter (where {rule.changed()}), 0)::bigint as changed "
            f"from (select {', '.join(rule.second())}, n from "
            f"(select {', '.join(rule.first())}, n from ({values}))) group by all"
        )
    if branches:
        for number, verdict, n, different in connection.execute(" union all ".join(branches)).fetchall():
            counts.setdefault(number, {})[VERDICTS[verdict]] = n
            if rules[number][1].few_values:
                changed[number] = changed.get(number, 0) + different
    return counts, changed


def _judge(
    source: SourceFile,
    header: str,
    rule: Rules,
    counts: dict[str, int],
    raw: Raw,
    connection: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> None:
    """Hold the counts of one column against its tolerances."""
    tolerance = rule.column.tolerance
    limits = {
        "missing": ("missing", tolerance.missing),
        "type": ("type", 0.0),
        "width": ("width", 0.0),
        "value": ("value", 0.0),
        "code": ("unknown_code", tolerance.unknown_code),
        "date": ("impossible_date", tolerance.impossible_date),
        "negative": ("negative", tolerance.negative),
    }
    for verdict, (name, share) in limits.items():
        n = counts.get(verdict, 0)
        if n == 0:
            continue
        if n > allowed(share, findings.rows):
            findings.errors.append(_refusal(source, header, rule, verdict, n, share, raw, connection, findings.rows))
        elif verdict != "missing":
            findings.tolerated[f"{name}.{rule.column.name}"] = n


def _refusal(
    source: SourceFile,
    header: str,
    rule: Rules,
    verdict: str,
    n: int,
    share: float,
    raw: Raw,
    connection: duckdb.DuckDBPyConnection,
    total: int,
) -> DeliveryError:
    """The error for one rule that a column breaks, with the first rows that break it."""
    found = connection.execute(
        f"select row, r::varchar from (select {', '.join(rule.second())}, row from "
        f"(select {', '.join(rule.first())}, row from "
        f"(select {rule.raw(header)}, row_number() over () as row from {raw.relation}))) "
        f"where {rule.verdict()} = {VERDICTS.index(verdict)} order by row limit {ROWS_SHOWN}"
    ).fetchall()
    column = rule.column
    entry = f"the catalogue entry {source.register.folder}.yml"
    example = "empty" if found[0][1] is None or found[0][1].strip() == "" else f"'{found[0][1]}'"
    number = "a whole number" if column.type == "integer" else "a number"
    if not rule.number:
        number = f"text of {rule.width} characters" if rule.width else "text"
    form = column.value_pattern or "yyyymmdd"
    codes = ", ".join(list(column.codes)[:15]) + (", ..." if len(column.codes) > 15 else "")
    problem, remedy = {
        "missing": (
            "values are missing",
            f"Ask whether the file is complete; if so many are truly missing, raise tolerance.missing of "
            f"{column.name} in {entry}.",
        ),
        "type": (
            f"wrong type: not {number}",
            f"Ask for the file anew, or, if the value is a missing code, add it to missing of {column.name} in "
            f"{entry}.",
        ),
        "width": (
            f"wrong width: not {'at most ' if rule.padded else ''}{rule.width} characters",
            f"Look whether leading zeros were lost or columns shifted, and ask for the file anew; a missing code "
            f"belongs in missing of {column.name} in {entry}.",
        ),
        "value": (
            f"wrong form: not {form}",
            f"Ask for the file anew, or, if the value is a missing code, add it to missing of {column.name} in "
            f"{entry}.",
        ),
        "code": (
            f"unknown code; known are {codes}",
            f"Look the code up in the documentation report and add it to codes or missing of {column.name} in {entry}.",
        ),
        "date": (
            "impossible dates",
            f"Ask for the file anew; if real deliveries have so many, raise tolerance.impossible_date of "
            f"{column.name} in {entry}.",
        ),
        "negative": (
            "negative amounts",
            f"Ask for the file anew; if real deliveries have so many, raise tolerance.negative of "
            f"{column.name} in {entry}, or add the value to meaningful_missing if it is a code.",
        ),
    }[verdict]
    return DeliveryError(
        source.name,
        f"{problem} (first: {example}; {_share(n, total)}{_tolerated(share)})",
        remedy,
        column=header,
        rows=[row for row, _ in found],
    )


def _share(n: int, total: int) -> str:
    return f"{n:,} of {total:,} rows, {n / total:.2%}"


def _tolerated(share: float) -> str:
    return f", tolerated {share:.2%}" if share else ", none tolerated"


def check_key(
    source: SourceFile, register_file: Path, rows: int, connection: duckdb.DuckDBPyConnection
) -> tuple[int, DeliveryError | None]:
    """Count the rows that repeat the key of an earlier row.

    A hash of the key is counted first, which is faster; only when hashes repeat are the keys themselves counted.

    Args:
        source: the file.
        register_file: its converted rows, in the order of the file.
        rows: their number.
        connection: DuckDB.

    Returns:
        The number of such rows, and an error when it is above the tolerance.
    """
    key = source.register.key
    if not key or rows == 0:
        return 0, None
    relation = _relation(register_file)
    names = ", ".join(quote_name(name) for name in key)
    different = connection.execute(f"select count(distinct hash({names})) from {relation}").fetchall()[0][0]
    if different == rows:
        return 0, None
    different = connection.execute(f"select count(*) from (select distinct {names} from {relation})").fetchall()[0][0]
    repeated = rows - different
    share = source.register.key_tolerance.for_year(source.year)
    if repeated <= allowed(share, rows):
        return repeated, None
    found = connection.execute(
        f"select row from (select row, row_number() over (partition by {names} order by row) as occurrence "
        f"from (select {names}, row_number() over () as row from {relation})) "
        f"where occurrence > 1 order by row limit {ROWS_SHOWN}"
    ).fetchall()
    return repeated, DeliveryError(
        source.name,
        f"duplicate keys: the key repeats that of an earlier row ({_share(repeated, rows)}{_tolerated(share)})",
        "Ask for the file anew; if real deliveries repeat so many rows, raise key_tolerance in the catalogue entry "
        f"{source.register.folder}.yml.",
        column=", ".join(key),
        rows=[row for (row,) in found],
    )


def person_key(number: str) -> str:
    """SQL of a person of a converted file as one whole number, null when there is none; fast to join on."""
    name = quote_name(number)
    return f"try_cast({name}[2:] as bigint) + ascii({name}) * 1000000000000"


@dataclass(frozen=True)
class PersonCounts:
    """How far GBAPERSOONTAB knows the persons of one file.

    Attributes:
        rows: for each person rule of the register, the rows that name a person and those whose person is unknown.
        persons: different persons in the file, over all rules.
        linked_persons: those of them whom GBAPERSOONTAB knows.
    """

    rows: tuple[tuple[int, int], ...]
    persons: int
    linked_persons: int


def count_persons(
    register: Register, file: Path, connection: duckdb.DuckDBPyConnection, *, has_repeated_keys: bool
) -> PersonCounts:
    """Look up the persons of a converted file in GBAPERSOONTAB.

    Only rows count whose number is not missing and whose kind is one of the rule's kinds. The persons whom
    GBAPERSOONTAB knows stand in the table `known_persons` (column person, as made by `person_key`).

    Args:
        register: the register of the file, with at least one person rule.
        file: the converted file.
        connection: DuckDB.
        has_repeated_keys: whether the file repeats a key; if not, and the key is the person, nothing is gathered.
    """
    rules = list(enumerate(register.persons))
    named = " union all ".join(
        f"select {index} as rule, {person_key(rule.number)} as person from {_relation(file)} where {_named(rule)}"
        for index, rule in rules
    )
    only = register.persons[0]
    if len(rules) == 1 and set(register.key) == {only.kind, only.number} and not has_repeated_keys:
        occurring = f"select person, 1 as rows_0 from ({named})"
    else:
        counts = ", ".join(f"count(*) filter (where rule = {index}) as rows_{index}" for index, _ in rules)
        occurring = f"select person, {counts} from ({named}) group by person"
    sums = ", ".join(
        f"coalesce(sum(rows_{index}), 0), coalesce(sum(rows_{index}) filter (where known.person is null), 0)"
        for index, _ in rules
    )
    found = connection.execute(
        f"select count(*), count(known.person), {sums} from ({occurring}) as occurring "
        "left join known_persons as known on occurring.person = known.person"
    ).fetchone()
    assert found is not None
    persons, linked, *rows = (int(number) for number in found)
    return PersonCounts(tuple(zip(rows[::2], rows[1::2], strict=True)), persons, linked)


def judge_persons(
    source: SourceFile,
    rule: PersonRule,
    total: int,
    unknown: int,
    register_file: Path,
    connection: duckdb.DuckDBPyConnection,
) -> DeliveryError | None:
    """Hold the number of rows with an unknown person against the rule; an error when there are too many."""
    share = 1 - rule.least_share
    if unknown <= allowed(share, total):
        return None
    found = connection.execute(
        f"select row from (select row_number() over () as row, {person_key(rule.number)} as person, "
        f"{_named(rule)} as named from {_relation(register_file)}) as rows "
        f"where rows.named and not exists (from known_persons as known where known.person = rows.person) "
        f"order by row limit {ROWS_SHOWN}"
    ).fetchall()
    return DeliveryError(
        source.name,
        "persons do not occur in GBAPERSOONTAB "
        f"({_share(unknown, total)} that name a person{_tolerated(round(share, 6))})",
        "Check that this register and GBAPERSOONTAB come from the same delivery (the same pseudonyms), and that "
        "GBAPERSOONTAB is the newest file.",
        column=f"{rule.kind}, {rule.number}",
        rows=[row for (row,) in found],
    )


def _named(rule: PersonRule) -> str:
    kinds = ", ".join(quote_text(kind) for kind in rule.kinds)
    return f"{quote_name(rule.number)} is not null and {quote_name(rule.kind)} in ({kinds})"


def _relation(*files: Path) -> str:
    names = ", ".join(quote_text(file.as_posix()) for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"
