"""Estimates: the truth, the standard errors of stacked equations, and symmetries."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.special import expit, ndtr

from kansrijke_start.weighting.choices import Estimand, Link
from kansrijke_start.weighting.contract import Cohort, WeightingError, cohort
from kansrijke_start.weighting.estimates import estimate
from kansrijke_start.weighting.propensity import Propensity, fit
from kansrijke_start.weighting.weights import Weights, unweighted, weights

from .simulated import EFFECT, ROLES, children, with_column

PROPERTY = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.filter_too_much]
)


def drawn(seed: int, n: int = 150) -> tuple[pa.Table, Cohort, Propensity]:
    """A small cohort of which the propensity exists."""
    table = children(n, seed, share=0.4)
    rows = cohort(table, ROLES)
    try:
        return table, rows, fit(rows)
    except WeightingError:
        assume(False)
        raise


def stacked_standard_errors(
    rows: Cohort, propensity: Propensity, made: Weights, estimand: Estimand, outcome: np.ndarray
) -> tuple[float, float, float]:
    """Standard errors row by row, with every derivative by differences: unexposed, exposed, difference."""
    t, design = rows.exposed.astype(float), propensity.design[rows.pattern]
    p, cap = t.mean(), made.cap or np.inf
    known = ~np.isnan(outcome)
    filled = np.where(known, outcome, 0)
    # Which weights are truncated is decided once, so that a step does not cross the cap.
    above = made.is_truncated[rows.pattern, rows.exposed.astype(int)]

    def equations(parameters: np.ndarray) -> np.ndarray:
        eta = design @ parameters[:-2]
        if propensity.link is Link.logit:
            e = expit(eta)
            score = t - e
        else:
            e = ndtr(eta)
            score = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi) * (t - e) / (e * (1 - e))
        if estimand is Estimand.ate:
            w = np.where(t == 1, p / e, (1 - p) / (1 - e))
        elif estimand is Estimand.att:
            w = np.where(t == 1, 1, e / (1 - e) * (1 - p) / p)
        else:
            w = np.where(t == 1, 1 - e, e)
        w = np.where(above, cap, w)
        means = [known * (t == group) * w * (filled - parameters[group - 2]) for group in (0, 1)]
        return np.column_stack([score[:, None] * design, *means])

    own = made.values[rows.pattern, rows.exposed.astype(int)] * known
    means = [np.average(filled[t == group], weights=own[t == group]) for group in (0, 1)]
    at = np.r_[propensity.coefficients, means]
    bread = np.empty((len(at), len(at)))
    for place in range(len(at)):
        step = np.zeros(len(at))
        step[place] = 1e-5 * max(1, abs(at[place]))
        bread[:, place] = (equations(at + step) - equations(at - step)).sum(axis=0) / (2 * step[place])
    parts = equations(at)
    if rows.cluster is not None:
        parts = pd.DataFrame(parts).groupby(rows.cluster).sum().to_numpy()
    inverse = np.linalg.inv(bread)
    variance = (inverse @ (parts.T @ parts) @ inverse.T)[-2:, -2:]
    difference = variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]
    return float(variance[0, 0] ** 0.5), float(variance[1, 1] ** 0.5), float(difference**0.5)


@pytest.mark.parametrize("link", list(Link))
@pytest.mark.parametrize("estimand", list(Estimand))
@pytest.mark.parametrize(("truncate", "cluster"), [(None, "mother_id"), (0.95, "mother_id"), (0.95, None)])
def test_standard_errors_are_those_of_the_stacked_equations(
    link: Link, estimand: Estimand, truncate: float | None, cluster: str | None
) -> None:
    table = children(250, 2)
    costs = [None if row % 7 == 0 else value for row, value in enumerate(table["costs"].to_pylist())]
    table = with_column(table, "followed_costs", costs)
    roles = dataclasses.replace(ROLES, cluster=cluster, outcomes=("costs", "followed_costs"), unknown_outcomes=True)
    rows = cohort(table, roles)
    propensity = fit(rows, link)
    made = weights(rows, propensity, estimand, truncate)
    for found in estimate(rows, made, propensity):
        expected = stacked_standard_errors(rows, propensity, made, estimand, rows.outcome(found.outcome))
        errors = (found.mean_unexposed_se, found.mean_exposed_se, found.difference_se)
        assert errors == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("estimand", list(Estimand))
def test_the_truth_is_found(estimand: Estimand) -> None:
    rows = cohort(children(6000, 3), ROLES)
    propensity = fit(rows)
    raw = estimate(rows, unweighted(rows))[0]
    found = estimate(rows, weights(rows, propensity, estimand), propensity)[0]
    assert abs(found.difference - EFFECT) < 3 * found.difference_se < 75
    assert abs(raw.difference - EFFECT) > 4 * raw.difference_se
    lower, upper = found.interval
    assert (upper - lower) / found.difference_se == pytest.approx(2 * 1.959964, rel=1e-6)


def test_unknown_outcomes_are_left_out_of_their_mean_alone() -> None:
    table = children(600, 4)
    known = [row % 3 > 0 for row in range(600)]
    values = [value if there else None for value, there in zip(table["costs"].to_pylist(), known, strict=True)]
    roles = dataclasses.replace(ROLES, unknown_outcomes=True)
    rows = cohort(with_column(table, "costs", values), roles)
    part = cohort(table.filter(pa.array(known)), ROLES)
    costs, use = estimate(rows, unweighted(rows))
    expected = estimate(part, unweighted(part))[0]
    assert (costs.rows_unexposed, costs.rows_exposed) == (expected.rows_unexposed, expected.rows_exposed)
    assert (costs.difference, costs.difference_se) == pytest.approx((expected.difference, expected.difference_se))
    assert use.rows_unexposed + use.rows_exposed == 600
    # The weights are still those of all rows.
    assert fit(rows).log_likelihood == fit(cohort(table, ROLES)).log_likelihood
    exposed = table["is_vulnerable"].to_pylist()
    nobody = [None if there else 1.0 for there in exposed]
    rows = cohort(with_column(table, "costs", nobody), roles)
    with pytest.raises(WeightingError, match="outcome costs is unknown for all rows of a group"):
        estimate(rows, unweighted(rows))


@PROPERTY
@given(seed=st.integers(0, 10_000), estimand=st.sampled_from(Estimand))
def test_equal_weights_give_raw_means(seed: int, estimand: Estimand) -> None:
    table = children(120, seed)
    rows = cohort(table, dataclasses.replace(ROLES, cluster=None))
    found = estimate(rows, unweighted(rows))[0]
    frame = table.to_pandas()
    of = frame.groupby("is_vulnerable")["costs"]
    assert (found.mean_unexposed, found.mean_exposed) == pytest.approx(tuple(of.mean()))
    variance = (of.var(ddof=0) / of.size()).sum()
    assert found.difference_se == pytest.approx(variance**0.5)
    # And so do weights of a propensity that the covariates do not change: every pattern in both groups alike.
    both = pa.concat_tables([table, table])
    both = with_column(both, "is_vulnerable", [True] * 120 + [False] * 120)
    both = with_column(both, "child_id", [f"C{row}" for row in range(240)])
    rows = cohort(both, ROLES)
    propensity = fit(rows)
    made = weights(rows, propensity, estimand)
    weighted, raw = estimate(rows, made, propensity)[0], estimate(rows, unweighted(rows))[0]
    assert weighted.mean_exposed == pytest.approx(raw.mean_exposed)
    assert weighted.difference == pytest.approx(raw.difference, abs=1e-7)


@PROPERTY
@given(seed=st.integers(0, 10_000), link=st.sampled_from(Link))
def test_swapping_the_groups_mirrors_the_ate(seed: int, link: Link) -> None:
    table, rows, propensity = drawn(seed)
    propensity = fit(rows, link)
    swapped = cohort(
        with_column(table, "is_vulnerable", [not value for value in table["is_vulnerable"].to_pylist()]), ROLES
    )
    other = fit(swapped, link)
    for estimand in (Estimand.ate, Estimand.overlap):
        one = estimate(rows, weights(rows, propensity, estimand), propensity)[0]
        two = estimate(swapped, weights(swapped, other, estimand), other)[0]
        assert two.difference == pytest.approx(-one.difference, rel=1e-6, abs=1e-6)
        assert two.difference_se == pytest.approx(one.difference_se, rel=1e-6)
        assert two.mean_exposed == pytest.approx(one.mean_unexposed, rel=1e-6)


@PROPERTY
@given(seed=st.integers(0, 10_000), estimand=st.sampled_from(Estimand))
def test_rows_twice_change_no_mean_and_by_cluster_no_standard_error(seed: int, estimand: Estimand) -> None:
    table, rows, propensity = drawn(seed)
    twice = pa.concat_tables([table, with_column(table, "child_id", [f"D{row}" for row in range(len(table))])])
    double = cohort(twice, ROLES)
    other = fit(double)
    one = estimate(rows, weights(rows, propensity, estimand), propensity)[0]
    two = estimate(double, weights(double, other, estimand), other)[0]
    assert two.difference == pytest.approx(one.difference, rel=1e-6, abs=1e-6)
    assert two.difference_se == pytest.approx(one.difference_se, rel=1e-6)
    # Without clusters the copies would count as rows of their own.
    alone = dataclasses.replace(ROLES, cluster=None)
    apart = cohort(table, alone), cohort(twice, alone)
    errors = [
        estimate(c, weights(c, f, estimand), f)[0].difference_se for c, f in zip(apart, map(fit, apart), strict=True)
    ]
    assert errors[1] == pytest.approx(errors[0] / 2**0.5, rel=1e-6)


@PROPERTY
@given(seed=st.integers(0, 10_000), unit=st.sampled_from([0.001, 1000.0]))
def test_units_do_not_matter(seed: int, unit: float) -> None:
    table, rows, propensity = drawn(seed)
    scaled = with_column(table, "birth_weight", np.array(table["birth_weight"].to_pylist()) * unit + 7)
    scaled = with_column(scaled, "costs", np.array(table["costs"].to_pylist()) * unit)
    other = cohort(scaled, ROLES)
    again = fit(other)
    one = estimate(rows, weights(rows, propensity), propensity)[0]
    two = estimate(other, weights(other, again), again)[0]
    assert two.difference == pytest.approx(one.difference * unit, rel=1e-6, abs=1e-6 * unit)
    assert two.difference_se == pytest.approx(one.difference_se * unit, rel=1e-6)


def test_every_row_a_cluster_is_no_cluster() -> None:
    table = children(300, 5)
    rows = [cohort(table, dataclasses.replace(ROLES, cluster=name)) for name in ("child_id", None)]
    found = [estimate(one, weights(one, fit(one)), fit(one)) for one in rows]
    for one, other in zip(*found, strict=True):
        assert one.difference_se == pytest.approx(other.difference_se, rel=1e-12)


@pytest.mark.parametrize("key", [("child_id",), ()])
def test_order_of_rows_does_not_matter(key: tuple[str, ...]) -> None:
    roles = dataclasses.replace(ROLES, key=key)
    table = children(500, 6)
    results = []
    for order in (np.arange(500), np.arange(500)[::-1], np.random.default_rng(7).permutation(500)):
        rows = cohort(table.take(pa.array(order)), roles)
        propensity = fit(rows)
        made = weights(rows, propensity, Estimand.ate, 0.95)
        results.append((estimate(rows, made, propensity), made.values.tolist(), rows.table.to_pylist()))
    # Not nearly the same: the same.
    assert results[0] == results[1] == results[2]
