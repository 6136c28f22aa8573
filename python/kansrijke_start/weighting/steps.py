"""The steps of the lineage: what each dbt Python model of the weighting does with the tables it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from kansrijke_start.progress import console
from kansrijke_start.vulnerability.contract import read_codes
from kansrijke_start.vulnerability.imputation import Imputation, impute
from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Covariate, Patterns, WeightingError
from kansrijke_start.weighting.periods import STATISTICS, Estimates, Moments, Panel, Weighting, estimate_periods
from kansrijke_start.weighting.pooling import pool
from kansrijke_start.weighting.propensity import Propensity, fit
from kansrijke_start.weighting.weights import unweighted, weights

BIRTH_OUTCOMES: tuple[str, ...] = (
    "preterm_birth",
    "low_weight_for_gestation",
    "referral",
    "low_apgar",
    "caesarean",
    "hospital_birth",
    "haemorrhage",
    "episiotomy",
    "intensive_care",
    "congenital_anomaly",
    "epidural",
    "severe_rupture",
)
"""The 12 birth outcomes, as the macro `birth_outcomes` names them."""

PREDICTORS: tuple[str, ...] = ("exposure", "costs_at_birth_group", "costs_later_group")
"""What the imputation looks at beside the birth outcomes and the birth year; always known."""

CARE_TYPES: tuple[str, ...] = ("total", "hospital", "gp", "gp_net", "pharmacy", "paramedical", "dental")
"""Kinds of care, as the macro `care_types_of_children` names them."""

MEASURES: tuple[str, ...] = ("mean_euro", "share_using")
"""What is estimated of each kind of care: costs of a child, and the share of the children with any."""

ROWS = 500_000
"""Rows of children and life years that are read at a time."""

IMPUTED_SCHEMA = pa.schema(
    [("birth_id", pa.string()), ("outcome", pa.string()), ("imputation", pa.int32()), ("value", pa.int16())]
)
"""Columns of the table of imputed birth outcomes."""

PROPENSITY_SCHEMA = pa.schema([("imputation", pa.int16()), ("pattern", pa.int32()), ("propensity", pa.float64())])
"""Columns of the table of propensities."""

ESTIMATES_SCHEMA = pa.schema(
    [
        ("adjustment", pa.string()),
        ("life_years", pa.string()),
        ("care_type", pa.string()),
        ("measure", pa.string()),
        ("statistic", pa.string()),
        *((name, pa.float64()) for name in ("value", "standard_error", "degrees_of_freedom", "lower", "upper")),
        ("between_share", pa.float64()),
    ]
)
"""Columns of the table of estimates."""


def impute_outcomes(births: Any, *, count: int, cycles: int, donors: int, seed: int) -> pa.Table:
    """Impute the missing birth outcomes, with the exposure and the costs in the model.

    Args:
        births: relation with one row per birth: `birth_id`, `birth_year`, codes of the birth outcomes (null when
            unknown) and of `PREDICTORS`.
        count: number of imputed sets.
        cycles: rounds over the birth outcomes.
        donors: births on which a regression is estimated, at most.
        seed: seed of all draws.

    Returns:
        One row per birth x missing outcome x imputation, with `IMPUTED_SCHEMA`; an outcome that is known for nobody has
        no rows.
    """
    codes = read_codes(births, "birth_id", (*BIRTH_OUTCOMES, *PREDICTORS), year="birth_year")
    imputed = impute(codes, Imputation(count=count, cycles=cycles, donors=donors, seed=seed))
    return imputed.rename_columns(IMPUTED_SCHEMA.names).cast(IMPUTED_SCHEMA)


def propensity_table(patterns: Any, covariates: Any) -> pa.Table:
    """Propensity of every pattern of covariates, in each imputed set.

    Args:
        patterns: relation with one row per imputation and pattern, with the covariates and the births of both groups.
        covariates: relation with one row per covariate: whether it is in the propensity.

    Returns:
        One row per imputation and pattern, with `PROPENSITY_SCHEMA`. Empty when a propensity cannot be estimated, which
        a small delivery may bring about; the reason is printed.
    """
    parts = [PROPENSITY_SCHEMA.empty_table()]
    try:
        for imputation, numbers, found in _fitted(patterns, covariates):
            columns = [np.full(len(numbers), imputation, np.int16), numbers, found[1].probabilities[:, 1]]
            parts.append(pa.table([pa.array(column) for column in columns], schema=PROPENSITY_SCHEMA))
    except WeightingError as error:
        console.print(f"No weighting: {error}")
        return PROPENSITY_SCHEMA.empty_table()
    return pa.concat_tables(parts)


def _fitted(patterns: Any, covariates: Any) -> Iterator[tuple[int, np.ndarray, tuple[Patterns, Propensity]]]:
    """Number of each imputed set, the numbers of its patterns, ascending, and the patterns with their propensity."""
    used = covariates.filter("is_in_propensity").project("covariate").order("covariate").fetchall()
    used = tuple(name for (name,) in used)
    names = [name for name in BIRTH_OUTCOMES if name in used]
    outcomes = "".join(f", has_{name}::tinyint as {name}" for name in names)
    table = (
        patterns.project(f"imputation, pattern, unexposed_births, exposed_births, birth_year{outcomes}")
        .order("imputation, pattern")
        .fetchnumpy()
    )
    if len(table["pattern"]) and not names:
        raise WeightingError("there is no birth outcome in which the groups can be made alike.")
    for imputation in np.unique(table["imputation"]):
        rows = table["imputation"] == imputation
        parts, codes = [], []
        for name in (*names, *(("birth_year",) if "birth_year" in used else ())):
            values, code = np.unique(table[name][rows], return_inverse=True)
            parts.append(Covariate(name, values, is_categorical=True))
            codes.append(code)
        counts = np.column_stack([table["unexposed_births"][rows], table["exposed_births"][rows]]).astype(np.float64)
        made = Patterns(tuple(parts), np.column_stack(codes), counts)
        yield int(imputation), np.asarray(table["pattern"][rows]), (made, fit(made))


def estimates_table(
    *,
    births: Any,
    birth_patterns: Any,
    patterns: Any,
    covariates: Any,
    pattern_sums: Any,
    child_years: Any,
    truncate: float,
    last_life_year: int,
    last_life_years_of_totals: Sequence[int],
) -> pa.Table:
    """Estimates of both groups and their difference, raw and with each set of weights, pooled over the imputed sets.

    Args:
        births: relation with one row per birth: its number, the unexposed first, and that of its mother.
        birth_patterns: relation with the pattern of each birth, with imputation 0 when it holds in every set.
        patterns: relation as for `propensity_table`.
        covariates: relation as for `propensity_table`.
        pattern_sums: relation with children, users, sums and squares by imputation, pattern, group and life year.
        child_years: relation with the costs and use of each child and life year.
        truncate: share of the weights that stays as it is; 1 truncates nothing.
        last_life_year: last life year that is estimated.
        last_life_years_of_totals: last life year of each sum over life years.

    Returns:
        One row per adjustment, life year or sum of life years, kind of care, measure and statistic, with
        `ESTIMATES_SCHEMA`. Empty when there are no weights.
    """
    try:
        sets = list(_fitted(patterns, covariates))
    except WeightingError:
        return ESTIMATES_SCHEMA.empty_table()
    if not sets:
        return ESTIMATES_SCHEMA.empty_table()
    panel = _panel(births, child_years, last_life_year + 1)
    of_births = birth_patterns.project("birth_number, imputation, pattern").order("birth_number").fetchnumpy()
    sums = pattern_sums.order("imputation, pattern, is_exposed, life_year").fetchnumpy()
    weightings, adjustments = [], []
    for imputation, numbers, (made, fitted) in sets:
        pattern = np.empty(len(panel.cluster), dtype=np.int64)
        rows = (of_births["imputation"] == 0) | (of_births["imputation"] == imputation)
        pattern[of_births["birth_number"][rows]] = np.searchsorted(numbers, of_births["pattern"][rows])
        moments = _moments(sums, imputation, numbers, last_life_year + 1)
        if not weightings:
            # Without weights every imputed set gives the same.
            weightings.append(Weighting(pattern, made, moments, unweighted(made)))
            adjustments.append("raw")
        for estimand in Estimand:
            cut = weights(made, fitted, estimand, truncate if truncate < 1 else None)
            weightings.append(Weighting(pattern, made, moments, cut, fitted))
            adjustments.append(estimand.value)
    sums_of_years = [range(last + 1) for last in last_life_years_of_totals]
    found = estimate_periods(panel, weightings, sums_of_years)
    labels = [str(year) for year in range(last_life_year + 1)]
    labels += [f"0-{last}" for last in last_life_years_of_totals]
    years = np.array([1] * (last_life_year + 1) + [len(one) for one in sums_of_years])
    parts = [
        _pooled(name, labels, years, [one for one, own in zip(found, adjustments, strict=True) if own == name])
        for name in ("raw", *(estimand.value for estimand in Estimand))
    ]
    return pa.concat_tables(parts)


def _panel(births: Any, child_years: Any, periods: int) -> Panel:
    """Costs and use of every child in every life year; costs of all kinds are known or none are."""
    numbers = births.project("birth_number, mother_number, is_multiply_vulnerable").order("birth_number").fetchnumpy()
    size = len(numbers["birth_number"])
    values = np.zeros((periods, 2 * len(CARE_TYPES), size), dtype=np.float32)
    known = np.zeros((periods, size), dtype=bool)
    wanted = ", ".join(
        (*(f"c.{name}_euro::float as {name}_euro" for name in CARE_TYPES), *(f"c.uses_{name}" for name in CARE_TYPES))
    )
    rows = (
        child_years.filter("total_euro is not null")
        .set_alias("c")
        .join(births.set_alias("b"), "c.birth_id = b.birth_id")
        .project(f"b.birth_number, c.life_year, {wanted}")
    )
    for batch in rows.to_arrow_reader(ROWS):
        life_year, birth = (batch.column(name).to_numpy() for name in ("life_year", "birth_number"))
        known[life_year, birth] = True
        for place, name in enumerate(CARE_TYPES):
            values[life_year, place, birth] = batch.column(f"{name}_euro").to_numpy()
            uses = batch.column(f"uses_{name}").to_numpy(zero_copy_only=False)
            values[life_year, len(CARE_TYPES) + place, birth] = uses
    return Panel(int((~numbers["is_multiply_vulnerable"]).sum()), numbers["mother_number"], values, known)


def _moments(sums: dict[str, np.ndarray], imputation: int, numbers: np.ndarray, periods: int) -> Moments:
    """Sums by pattern of one imputed set: of births of which nothing was imputed, and of the others in this set."""
    rows = np.zeros((periods, len(numbers), 2))
    parts = [np.zeros((*rows.shape, 2 * len(CARE_TYPES))) for _ in range(2)]
    # A use is 0 or 1, and so is its square.
    columns = [[f"{name}_{part}" for name in CARE_TYPES] for part in ("sum", "squares", "users")]
    for one in (0, imputation):
        chosen = sums["imputation"] == one
        cell = (
            sums["life_year"][chosen],
            np.searchsorted(numbers, sums["pattern"][chosen]),
            sums["is_exposed"][chosen].astype(np.intp),
        )
        rows[cell] += sums["children"][chosen]
        for added, names in zip(parts, columns[:2], strict=True):
            for place, name in enumerate((*names, *columns[2])):
                added[(*cell, place)] += sums[name][chosen]
    return Moments(rows, *parts)


def _pooled(adjustment: str, labels: Sequence[str], years: np.ndarray, sets: Sequence[Estimates]) -> pa.Table:
    """Estimates of one adjustment as rows; numbers are rounded, so that no last bit can show.

    Args:
        adjustment: its name.
        labels: names of the life years and sums.
        years: number of life years in each: the use of a sum is its mean over them.
        sets: estimates in each imputed set.
    """
    values = np.stack([one.values for one in sets])
    errors = np.stack([one.standard_errors for one in sets])
    use, relative = slice(len(CARE_TYPES), None), STATISTICS.index("relative_difference")
    for numbers in (values, errors):
        numbers[:, :, use, :relative] /= years[:, None, None]
    rows = []
    for period, outcome, statistic in np.ndindex(*values.shape[1:]):
        place = (slice(None), period, outcome, statistic)
        row: dict[str, Any] = {
            "adjustment": adjustment,
            "life_years": labels[period],
            "care_type": CARE_TYPES[outcome % len(CARE_TYPES)],
            "measure": MEASURES[outcome // len(CARE_TYPES)],
            "statistic": STATISTICS[statistic],
        }
        if np.isfinite(values[place]).all() and np.isfinite(errors[place]).all():
            one = pool(values[place].tolist(), errors[place].tolist())
            numbers = {
                "value": one.value,
                "standard_error": one.standard_error,
                "degrees_of_freedom": one.degrees_of_freedom,
                "lower": one.interval[0],
                "upper": one.interval[1],
                "between_share": one.between_share,
            }
            row |= {name: round(number, 9) for name, number in numbers.items() if np.isfinite(number)}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=ESTIMATES_SCHEMA)
