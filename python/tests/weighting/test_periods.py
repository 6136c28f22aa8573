"""Many outcomes in many periods at once: the same as one after the other, in any order of work."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kansrijke_start.weighting import periods
from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import Cohort, Roles, cohort
from kansrijke_start.weighting.estimates import Estimate, estimate
from kansrijke_start.weighting.periods import Estimates, Panel, Weighting, estimate_periods, moments
from kansrijke_start.weighting.propensity import Propensity, fit
from kansrijke_start.weighting.weights import Weights, unweighted, weights

from .simulated import ROLES, children

PERIODS = 3


def followed(n: int, seed: int) -> pa.Table:
    """Children with costs and use in three periods; ever fewer of them are known."""
    random = np.random.default_rng(seed)
    table = children(n, seed)
    for period in range(PERIODS):
        costs = table["costs"].to_numpy() * (1 + period) + random.exponential(500, n)
        costs[random.random(n) < 0.2 * period] = np.nan
        # Panels hold float32: what is compared has the same values.
        table = table.append_column(f"costs_{period}", pa.array(costs.astype(np.float32).astype(float)))
        use = np.where(np.isnan(costs), np.nan, (costs > 1500).astype(float))
        table = table.append_column(f"use_{period}", pa.array(use))
    return table


OUTCOMES = tuple(f"{name}_{period}" for period in range(PERIODS) for name in ("costs", "use"))


def roles(cluster: str | None) -> Roles:
    return Roles(ROLES.exposure, ROLES.covariates, OUTCOMES, ROLES.categorical, cluster, ROLES.key, True)


def panel_of(rows: Cohort) -> tuple[Panel, np.ndarray]:
    """The rows with the unexposed first, and their order."""
    cluster = np.arange(len(rows)) if rows.cluster is None else rows.cluster
    order = np.argsort(rows.exposed, kind="stable")
    values = np.stack([rows.outcome(name) for name in OUTCOMES]).reshape(PERIODS, 2, len(rows))[:, :, order]
    known = ~np.isnan(values[:, 0])
    return Panel(int((~rows.exposed).sum()), cluster[order], np.nan_to_num(values).astype(np.float32), known), order


def weighting(panel: Panel, order: np.ndarray, rows: Cohort, used: Weights, of: Propensity | None) -> Weighting:
    """A set of weights for the panel."""
    pattern = rows.pattern[order]
    return Weighting(pattern, rows, moments(panel, pattern, len(rows.codes)), used, of)


def numbers(one: Estimate) -> tuple[list[float], list[float]]:
    return (
        [one.mean_unexposed, one.mean_exposed, one.difference],
        [one.mean_unexposed_se, one.mean_exposed_se, one.difference_se],
    )


@pytest.mark.parametrize("cluster", [None, "mother_id"])
def test_every_period_is_what_one_outcome_gives(monkeypatch: pytest.MonkeyPatch, cluster: str | None) -> None:
    monkeypatch.setattr(periods, "BLOCK", 100)
    rows = cohort(followed(900, 3), roles(cluster))
    panel, order = panel_of(rows)
    fitted = fit(rows)
    choices = [(Estimand.ate, None), (Estimand.ate, 0.9), (Estimand.att, None), (Estimand.overlap, None)]
    made = [(unweighted(rows), None), *((weights(rows, fitted, *choice), fitted) for choice in choices)]
    found = estimate_periods(panel, [weighting(panel, order, rows, *one) for one in made])
    for (used, of), ours in zip(made, found, strict=True):
        for place, theirs in enumerate(estimate(rows, used, of)):
            values, errors = numbers(theirs)
            period, outcome = divmod(place, 2)
            assert ours.values[period, outcome, :3] == pytest.approx(values, rel=1e-6)
            assert ours.standard_errors[period, outcome, :3] == pytest.approx(errors, rel=1e-5)


def test_a_sum_of_periods_is_a_period_of_sums_where_all_are_known() -> None:
    table = children(600, 5)
    costs = table["costs"].to_numpy().astype(np.float32).astype(float)
    for period in range(PERIODS):
        table = table.append_column(f"costs_{period}", pa.array(costs * (1 + period)))
        table = table.append_column(f"use_{period}", pa.array((costs > 1000 + 100 * period).astype(float)))
    rows = cohort(table, roles("mother_id"))
    panel, order = panel_of(rows)
    whole = Panel(panel.unexposed, panel.cluster, panel.values[:2].sum(axis=0, keepdims=True), panel.known[:1])
    fitted = fit(rows)
    used = weights(rows, fitted)
    summed = estimate_periods(panel, [weighting(panel, order, rows, used, fitted)], [(0, 1)])[0]
    expected = estimate_periods(whole, [weighting(whole, order, rows, used, fitted)])[0]
    assert summed.values[PERIODS] == pytest.approx(expected.values[0], rel=1e-6)
    assert summed.standard_errors[PERIODS] == pytest.approx(expected.standard_errors[0], rel=1e-5)


def test_blocks_and_threads_change_nothing_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = cohort(followed(500, 4), roles("mother_id"))
    panel, order = panel_of(rows)
    fitted = fit(rows)
    one = [weighting(panel, order, rows, weights(rows, fitted), fitted)]
    whole = estimate_periods(panel, one, [(0, 1, 2)], threads=1)[0]
    monkeypatch.setattr(periods, "BLOCK", 50)
    first, second = (estimate_periods(panel, one, [(0, 1, 2)], threads=threads)[0] for threads in (1, 3))
    assert np.array_equal(first.standard_errors, second.standard_errors)
    assert first.standard_errors == pytest.approx(whole.standard_errors, rel=1e-5)


def simple(exposed: np.ndarray, values: np.ndarray, known: np.ndarray) -> Estimates:
    """Raw estimates of one outcome, by period; nobody has siblings."""
    rows = cohort(
        pa.table({"exposed": exposed, "group": np.arange(len(exposed)) % 2, "outcome": values[0]}),
        Roles("exposed", ("group",), ("outcome",)),
    )
    order = np.argsort(exposed, kind="stable")
    shown = np.where(known, values, 0)[:, None, order].astype(np.float32)
    panel = Panel(int((~exposed).sum()), np.arange(len(exposed)), shown, known[:, order])
    return estimate_periods(panel, [weighting(panel, order, rows, unweighted(rows), None)])[0]


def test_the_relative_difference_has_the_error_of_a_ratio() -> None:
    random = np.random.default_rng(2)
    exposed = np.arange(4000) % 4 == 0
    values = random.gamma(2, np.where(exposed, 150, 100), (300, 4000))
    found = simple(exposed, values[:1], np.ones((1, 4000), dtype=bool)).standard_errors[0, 0, 3]
    ratios = 100 * values[:, exposed].mean(axis=1) / values[:, ~exposed].mean(axis=1)
    assert found == pytest.approx(ratios.std(), rel=0.15)


def test_a_group_without_known_outcomes_has_no_number() -> None:
    exposed = np.array([True, True, False, False])
    known = np.array([[True] * 4, [False, False, True, True]])
    found = simple(exposed, np.array([[1.0, 2.0, 3.0, 5.0], [9.0, 9.0, 3.0, 4.0]]), known)
    assert found.values[0, 0].tolist() == pytest.approx([4.0, 1.5, -2.5, -62.5])
    assert found.values[1, 0, 0] == 3.5
    assert np.isnan(found.values[1, 0, 1:]).all() and np.isnan(found.standard_errors[1, 0, 1:]).all()
