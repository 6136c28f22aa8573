"""The entry for researchers: weight any table and write weights, estimates, balance and a summary."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.progress import console, step
from kansrijke_start.weighting.balance import Balance, balance, largest
from kansrijke_start.weighting.choices import Estimand, Link
from kansrijke_start.weighting.contract import Cohort, Roles, WeightingError, cohort, listed
from kansrijke_start.weighting.estimates import Estimate, estimate
from kansrijke_start.weighting.pooling import Pooled, pool
from kansrijke_start.weighting.propensity import Propensity, fit
from kansrijke_start.weighting.weights import Weights, effective_sample_size, percentile, unweighted, weights

MEANING = (
    "If the covariates lie before the exposure and nothing that matters is left out, the weighted difference is its "
    "effect. If they lie after it, it is a decomposition (what remains of the difference if the covariates were "
    "alike) and no causal effect."
)
"""What the result says; it goes with every result."""

IMBALANCE = 0.1
"""Absolute standardised difference after weighting from which a covariate is not alike (Austin 2009)."""

FEW = 0.5
"""Share of the rows of a group below which an effective sample size is small."""

RARE = 0.001
"""Probability of the own group below which the other group has hardly anyone like these rows."""

FILES = ("weights", "estimates", "balance", "summary")
"""Names of the files that are written."""


@dataclass(frozen=True)
class Settings:
    """How a table is weighted.

    Attributes:
        estimand: whom the groups are made alike.
        link: of the propensity.
        truncate: share of the weights that stays as it is; None truncates nothing.
        imputation: column with the number of the imputed set; the table then holds every set, and results are pooled.
    """

    estimand: Estimand = Estimand.ate
    link: Link = Link.logit
    truncate: float | None = None
    imputation: str | None = None


@dataclass(frozen=True)
class Weighted:
    """One imputed set, weighted.

    Attributes:
        number: of the imputed set as its column has it, as text; None without imputation.
        cohort: its rows.
        propensity: as fitted.
        weights: by pattern and group.
        raw: estimates without weights.
        weighted: estimates with weights.
        balance: of each covariate.
    """

    number: str | None
    cohort: Cohort
    propensity: Propensity
    weights: Weights
    raw: list[Estimate]
    weighted: list[Estimate]
    balance: list[Balance]


@dataclass(frozen=True)
class Result:
    """What weighting a table gives.

    Attributes:
        sets: each imputed set by itself; one without imputation.
        tables: the tables of `FILES`, by name.
        warnings: sentences on what makes the result doubtful.
    """

    sets: list[Weighted]
    tables: dict[str, pa.Table]
    warnings: list[str]


def weight_table(table: pa.Table, roles: Roles, settings: Settings | None = None) -> Result:
    """Weight a table and pool the imputed sets, if there are.

    Args:
        table: one row per unit, or per unit and imputed set.
        roles: what the columns are.
        settings: how to weight.

    Raises:
        WeightingError: when the table cannot be weighted as it is, naming the columns.
    """
    settings = settings or Settings()
    sets = [_weight(part, roles, settings, number) for number, part in _imputed_sets(table, roles, settings)]
    tables = {
        "weights": pa.concat_tables([_weights_table(one, settings) for one in sets]),
        "estimates": _estimates_table(sets, settings),
        "balance": _balance_table(sets, settings),
        "summary": _summary_table(sets, settings),
    }
    return Result(sets, tables, _warnings(sets))


def weight(
    source: str,
    roles: Roles,
    output: Path,
    settings: Settings | None = None,
    paths: Paths | None = None,
) -> Result:
    """Weight a file or a table of the build database, write the result and print its main lines.

    Args:
        source: a Parquet or CSV file, or schema.table of the build database.
        roles: what the columns are.
        output: folder for the files; files of an earlier run there are replaced.
        settings: how to weight.
        paths: the places of this run.

    Raises:
        KansrijkeStartError: when the source cannot be read or weighted, or the folder is in the publication: weights
            are microdata, and the estimates have not passed disclosure control.
    """
    settings, paths = settings or Settings(), paths or Paths.from_environment()
    output = output.resolve()
    if output.is_relative_to(paths.publication):
        raise KansrijkeStartError(
            f"{output} lies in the publication, which weights may not enter: choose another folder."
        )
    with step("weight") as progress:
        extra = () if settings.imputation is None else (settings.imputation,)
        table = read(source, (*roles.columns, *extra), paths)
        result = weight_table(table, roles, settings)
        _write(result.tables, output)
        progress.rows = table.num_rows
    _print(result, roles, settings, output)
    return result


def read(source: str, columns: Sequence[str], paths: Paths) -> pa.Table:
    """The columns of a file or of a table of the build database; columns that are not there are passed over.

    Raises:
        KansrijkeStartError: when there is no such file or table, or it cannot be read.
    """
    file = Path(source)
    name = re.fullmatch(r"(\w+)\.(\w+)", source)
    if file.suffix.lower() in (".parquet", ".csv"):
        if not file.is_file():
            raise KansrijkeStartError(f"There is no file {source}.")
        reader = "read_parquet" if file.suffix.lower() == ".parquet" else "read_csv"
        return _query(":memory:", f"{reader}('{str(file).replace(chr(39), chr(39) * 2)}')", columns, source)
    if name is None:
        raise KansrijkeStartError(
            f"{source} is no table: give a .parquet or .csv file, or schema.table of the build database."
        )
    if not paths.database.is_file():
        raise KansrijkeStartError(f"There is no build database {paths.database}: run `dbt build` first.")
    return _query(str(paths.database), f'"{name[1]}"."{name[2]}"', columns, source)


def _query(database: str, relation: str, columns: Sequence[str], source: str) -> pa.Table:
    try:
        with duckdb.connect(database, read_only=database != ":memory:") as connection:
            there = connection.sql(f"select * from {relation} limit 0").columns
            # All columns when one is missing: the message then says which there are.
            wanted = columns if set(columns) <= set(there) else there
            listing = ", ".join('"{}"'.format(column.replace('"', '""')) for column in wanted)
            limit = "" if set(columns) <= set(there) else " limit 0"
            return connection.sql(f"select {listing} from {relation}{limit}").to_arrow_table()
    except duckdb.Error as error:
        raise KansrijkeStartError(f"{source} cannot be read: {str(error).splitlines()[0]}") from error


def _imputed_sets(table: pa.Table, roles: Roles, settings: Settings) -> list[tuple[str | None, pa.Table]]:
    """The imputed sets by number, each with the same rows."""
    name = settings.imputation
    if name is None:
        return [(None, table)]
    if name not in table.column_names:
        raise WeightingError(f"The table has no column {name} with the number of the imputed set.")
    if name in roles.columns:
        raise WeightingError(f"{name} is the number of the imputed set and cannot have another role.")
    if not roles.key:
        raise WeightingError("Imputed sets need a key, which tells the rows of a set apart.")
    if table[name].null_count:
        raise WeightingError(f"Missing values in {name}, the number of the imputed set.")
    numbers = sorted(pc.unique(table[name]).to_pylist())
    sets: list[tuple[str | None, pa.Table]] = [
        (str(number), table.filter(pc.equal(table[name], number))) for number in numbers
    ]
    absent = [column for column in roles.key if column not in table.column_names]
    if absent:
        raise WeightingError(f"The table has no column {listed(absent)}.")
    first = None
    for number, part in sets:
        keys = part.select(list(roles.key)).sort_by([(column, "ascending") for column in roles.key]).combine_chunks()
        first = keys if first is None else first
        if not keys.equals(first):
            raise WeightingError(f"Imputed set {number} does not have the rows of set {sets[0][0]}.")
    return sets


def _weight(table: pa.Table, roles: Roles, settings: Settings, number: str | None) -> Weighted:
    rows = cohort(table, roles)
    propensity = fit(rows, settings.link)
    made = weights(rows, propensity, settings.estimand, settings.truncate)
    return Weighted(
        number=number,
        cohort=rows,
        propensity=propensity,
        weights=made,
        raw=estimate(rows, unweighted(rows)),
        weighted=estimate(rows, made, propensity),
        balance=balance(rows, made, settings.estimand),
    )


def _weights_table(one: Weighted, settings: Settings) -> pa.Table:
    """One row per row of the table, in a fixed order: the used columns, the propensity and the weight."""
    cell = one.cohort.cell
    table = one.cohort.table
    if settings.imputation is not None:
        table = table.append_column(settings.imputation, pa.repeat(one.number, len(cell)))
    for name, values in (
        ("propensity", one.propensity.probabilities[:, 1][one.cohort.pattern]),
        ("weight", one.weights.values.ravel()[cell]),
        ("is_truncated", one.weights.is_truncated.ravel()[cell]),
    ):
        if name in table.column_names:
            raise WeightingError(f"A used column has the name {name}, which the result needs: rename it.")
        table = table.append_column(name, pa.array(values))
    return table


def _estimates_table(sets: list[Weighted], settings: Settings) -> pa.Table:
    """One row per outcome, before and after weighting, pooled over the imputed sets."""
    rows = []
    for place, outcome in enumerate(sets[0].cohort.roles.outcomes):
        for is_weighted in (False, True):
            found = [(one.weighted if is_weighted else one.raw)[place] for one in sets]
            pooled = {
                name: pool([getattr(one, name) for one in found], [getattr(one, f"{name}_se") for one in found])
                for name in ("mean_unexposed", "mean_exposed", "difference")
            }
            lower, upper = pooled["difference"].interval
            rows.append(
                {
                    "outcome": outcome,
                    "estimand": settings.estimand.value if is_weighted else None,
                    "is_weighted": is_weighted,
                    "rows_unexposed": found[0].rows_unexposed,
                    "rows_exposed": found[0].rows_exposed,
                    **_columns(pooled),
                    "difference_lower": lower,
                    "difference_upper": upper,
                    "degrees_of_freedom": pooled["difference"].degrees_of_freedom,
                    "between_share": pooled["difference"].between_share,
                    "imputations": len(sets),
                }
            )
    schema = pa.schema(
        [
            ("outcome", pa.string()),
            ("estimand", pa.string()),
            ("is_weighted", pa.bool_()),
            ("rows_unexposed", pa.int64()),
            ("rows_exposed", pa.int64()),
            *((name, pa.float64()) for name in ("mean_unexposed", "mean_unexposed_se", "mean_exposed")),
            *((name, pa.float64()) for name in ("mean_exposed_se", "difference", "difference_se")),
            *((name, pa.float64()) for name in ("difference_lower", "difference_upper", "degrees_of_freedom")),
            ("between_share", pa.float64()),
            ("imputations", pa.int32()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _columns(pooled: dict[str, Pooled]) -> dict[str, float]:
    columns = {}
    for name, one in pooled.items():
        columns[name] = one.value
        columns[f"{name}_se"] = one.standard_error
    return columns


def _balance_table(sets: list[Weighted], settings: Settings) -> pa.Table:
    """One row per imputed set, quantity or category, before and after weighting."""
    schema = pa.schema(
        [
            ("imputation", pa.string()),
            ("estimand", pa.string()),
            ("covariate", pa.string()),
            ("level", pa.string()),
            ("is_weighted", pa.bool_()),
            *((name, pa.float64()) for name in ("mean_unexposed", "mean_exposed", "difference")),
            *((name, pa.float64()) for name in ("standardised_difference", "variance_ratio")),
        ]
    )
    rows = [
        {"imputation": one.number, "estimand": settings.estimand.value, **dataclasses.asdict(row)}
        for one in sets
        for row in one.balance
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _summary_table(sets: list[Weighted], settings: Settings) -> pa.Table:
    """One row per imputed set and group."""
    rows = []
    for one in sets:
        counts, values = one.cohort.counts, one.weights.values
        sizes = effective_sample_size(values, counts)
        clusters = one.cohort.cluster
        for group, name in enumerate(("unexposed", "exposed")):
            own, there = counts[:, group], counts[:, group] > 0
            members = one.cohort.exposed == bool(group)
            rows.append(
                {
                    "imputation": one.number,
                    "estimand": settings.estimand.value,
                    "link": settings.link.value,
                    "truncate": settings.truncate,
                    "group": name,
                    "rows": int(own.sum()),
                    "clusters": None if clusters is None else len(np.unique(clusters[members])),
                    "patterns": int(there.sum()),
                    "effective_sample_size": float(sizes[group]),
                    "weight_mean": float(own @ values[:, group] / own.sum()),
                    "weight_minimum": float(values[there, group].min()),
                    "weight_maximum": float(values[there, group].max()),
                    "weight_p99": percentile(values[:, group], own, 0.99),
                    "weight_cap": one.weights.cap,
                    "share_truncated": float(own @ one.weights.is_truncated[:, group] / own.sum()),
                    "own_probability_minimum": float(one.propensity.probabilities[there, group].min()),
                    "largest_standardised_difference_raw": largest(one.balance, is_weighted=False).size,
                    "largest_standardised_difference_weighted": largest(one.balance, is_weighted=True).size,
                    "meaning": MEANING,
                }
            )
    numbers = ("truncate", "effective_sample_size", "weight_cap", "share_truncated", "own_probability_minimum")
    texts = ("imputation", "estimand", "link", "group", "meaning")
    schema = pa.schema(
        [
            (
                name,
                pa.string()
                if name in texts
                else pa.float64()
                if name in numbers or name.startswith(("weight_", "largest_"))
                else pa.int64(),
            )
            for name in rows[0]
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _warnings(sets: list[Weighted]) -> list[str]:
    """What makes a result doubtful, one sentence each; of the worst imputed set."""
    found = []
    worst = max((largest(one.balance, is_weighted=True) for one in sets), key=lambda row: row.size)
    if worst.size > IMBALANCE:
        found.append(
            f"{worst.label} is not alike after weighting: the groups differ by {worst.standardised_difference:.2f} "
            f"standard deviations (at most {IMBALANCE})."
        )
    for group, name in enumerate(("unexposed", "exposed")):
        shares = [
            float(
                effective_sample_size(one.weights.values, one.cohort.counts)[group] / one.cohort.counts[:, group].sum()
            )
            for one in sets
        ]
        if min(shares) < FEW:
            found.append(f"The {name} rows are worth {min(shares):.0%} of their number: a few weights are large.")
        rare = max(int(one.cohort.counts[one.propensity.probabilities[:, group] < RARE, group].sum()) for one in sets)
        if rare:
            found.append(f"{rare} {name} rows had a probability below {RARE} of being so: hardly anyone is like them.")
    return found


def _write(tables: dict[str, pa.Table], output: Path) -> None:
    """Write every file beside its place, then all in place: a failure leaves those of an earlier run."""
    output.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        pq.write_table(tables[name], output / f"{name}.parquet.next", compression="zstd")
    for name in FILES:
        (output / f"{name}.parquet.next").replace(output / f"{name}.parquet")


def _print(result: Result, roles: Roles, settings: Settings, output: Path) -> None:
    shown = Table(
        title=f"{roles.exposure}: exposed less unexposed, {settings.estimand.value}", title_justify="left", box=SIMPLE
    )
    shown.add_column("outcome", overflow="fold")
    shown.add_column("", no_wrap=True)
    for heading in ("unexposed", "exposed", "difference", "s.e.", "95 % from", "to"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for row in result.tables["estimates"].to_pylist():
        columns = ("mean_unexposed", "mean_exposed", "difference", "difference_se")
        numbers = [f"{row[name]:.5g}" for name in (*columns, "difference_lower", "difference_upper")]
        shown.add_row(row["outcome"], "weighted" if row["is_weighted"] else "raw", *numbers)
    console.print(shown)
    summary = result.tables["summary"].to_pylist()
    for row in summary:
        of = "" if row["imputation"] is None else f"imputed set {row['imputation']}, "
        console.print(
            f"{of}{row['group']}: {row['rows']:,} rows, worth {row['effective_sample_size']:,.0f}; "
            f"weights {row['weight_minimum']:.3g} to {row['weight_maximum']:.3g}"
        )
    raw, weighted = (
        max(row[f"largest_standardised_difference_{when}"] for row in summary) for when in ("raw", "weighted")
    )
    console.print(f"Largest standardised difference: {raw:.3f} raw, {weighted:.3f} weighted.")
    for warning in result.warnings:
        console.print(f"[yellow]Mind:[/yellow] {escape(warning)}")
    console.print(MEANING)
    console.print(f"Written to {output}: weights are microdata, and no number there has passed disclosure control.")
