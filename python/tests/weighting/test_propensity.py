"""Propensity: the estimate of statsmodels, and clear words where there is none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm

from kansrijke_start.weighting import propensity as module
from kansrijke_start.weighting.choices import Link
from kansrijke_start.weighting.contract import Roles, WeightingError, cohort
from kansrijke_start.weighting.propensity import fit

from .simulated import ROLES, children

LINKS = {Link.logit: sm.families.links.Logit(), Link.probit: sm.families.links.Probit()}


def rows_of(exposed: list[int], **covariates: list[object]) -> pa.Table:
    table = pa.table({"exposed": exposed, **covariates})
    return table.append_column("outcome", pa.array(np.zeros(len(exposed))))


def roles_of(table: pa.Table) -> Roles:
    return Roles("exposed", tuple(table.column_names[1:-1]), ("outcome",))


@pytest.mark.parametrize("link", list(Link))
def test_it_is_that_of_statsmodels(link: Link) -> None:
    table = children(1500, 1)
    rows = cohort(table, ROLES)
    found = fit(rows, link)
    frame = rows.table.to_pandas()
    design = np.column_stack(
        [
            np.ones(len(frame)),
            frame["gestation"] == "late",
            frame["gestation"] == "term",
            frame["birth_weight"],
            frame["birth_year"] == 2018,
            frame["birth_year"] == 2019,
            frame["is_induced"],
        ]
    ).astype(float)
    expected = sm.GLM(frame["is_vulnerable"].astype(float), design, sm.families.Binomial(LINKS[link])).fit(tol=1e-12)
    assert found.probabilities[rows.pattern, 1] == pytest.approx(np.asarray(expected.fittedvalues), abs=1e-9)
    assert found.probabilities.sum(axis=1) == pytest.approx(1)
    assert found.log_likelihood == pytest.approx(expected.llf, rel=1e-12)
    assert [column.label for column in found.columns] == [
        *("gestation = late", "gestation = term", "birth_weight"),
        *("birth_year = 2018", "birth_year = 2019", "is_induced = true"),
    ]
    # Fewer patterns than rows, and all rows in them.
    assert len(rows.codes) < len(rows) == rows.counts.sum()


@pytest.mark.parametrize("link", list(Link))
def test_derivatives_are_those_of_the_likelihood(link: Link) -> None:
    counts, step = np.array([[3.0, 1.0], [2.0, 5.0]]), 1e-5
    at = np.array([-0.7, 1.9])

    def moved(by: float) -> module._Parts:
        return module._parts(link, at + by, counts)

    here = moved(0)
    assert here.slopes == pytest.approx((moved(step).probabilities - moved(-step).probabilities)[:, 1] / (2 * step))
    slope = (counts * here.scores).sum(axis=1)
    gain = moved(step).log_likelihood - moved(-step).log_likelihood
    assert slope.sum() == pytest.approx(gain / (2 * step))
    change = ((moved(step).scores - moved(-step).scores) * counts).sum(axis=1) / (2 * step)
    assert here.curvature == pytest.approx(-change)


def test_a_category_of_one_group_is_named() -> None:
    table = rows_of([0, 0, 1, 1, 0, 1, 0, 0], kind=["a", "a", "a", "a", "b", "b", "c", "c"])
    with pytest.raises(WeightingError, match=r"All 2 rows with kind = c are unexposed.*leave out these rows"):
        fit(cohort(table, roles_of(table)))


@pytest.mark.parametrize("link", list(Link))
@pytest.mark.parametrize("gap", [0, 1])
def test_a_number_that_tells_the_groups_apart_is_named(link: Link, gap: int) -> None:
    # With no gap the groups share one value: quasi-complete separation.
    number = [1.0, 2.0, 3.0, 4.0, 4.0 + gap, 5.0 + gap, 6.0 + gap, 7.0 + gap]
    table = rows_of([0, 0, 0, 0, 1, 1, 1, 1], number=number, other=[1, 0, 0, 1, 0, 1, 1, 0])
    with pytest.raises(WeightingError, match=r"\(separation, in .*number"):
        fit(cohort(table, roles_of(table)), link)


def test_a_combination_that_tells_the_groups_apart_is_named() -> None:
    # Neither covariate alone does it: exposed are those that have one of the two, but never both or none.
    one, other = [0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]
    table = rows_of([0, 0, 1, 0, 0, 1, 1, 1], one=one, other=other)
    with pytest.raises(WeightingError, match=r"separation, in one, other"):
        fit(cohort(table, roles_of(table)))


def test_one_row_among_many_that_tells_the_groups_apart_is_found() -> None:
    counts = np.array([[400_000.0, 300_000.0], [500_000.0, 100_000.0], [1.0, 0.0]])
    table = rows_of([0, 1, 0, 1, 0], kind=["a", "a", "b", "b", "c"])
    rows = cohort(table, roles_of(table))
    rows.__dict__["counts"] = counts
    with pytest.raises(WeightingError, match="All 1 rows with kind = c are unexposed"):
        fit(rows)


def test_an_extreme_probability_is_no_separation() -> None:
    number = [*np.linspace(-1, 1, 40), 60.0]
    exposed = [int(place % 3 == 0 or place > 25) for place in range(40)]
    table = rows_of([*exposed, 1], number=number)
    found = fit(cohort(table, roles_of(table)))
    assert found.probabilities.min() < module.SUSPECT


def test_covariates_that_say_the_same_are_named() -> None:
    table = rows_of([0, 1, 0, 1, 1, 0], one=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], twice=[2.0, 4.0, 6.0, 8.0, 10.0, 12.0])
    with pytest.raises(WeightingError, match="The covariates determine twice"):
        fit(cohort(table, roles_of(table)))


def test_an_estimate_that_is_not_found_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 1)
    with pytest.raises(WeightingError, match="was not found in 1 steps"):
        fit(cohort(children(300, 1), ROLES))
