"""Published results: birth weight and smoking (Cattaneo 2010), as Stata gives them and statsmodels ships them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import statsmodels.treatment.tests.results as shipped
from statsmodels.discrete.discrete_model import Logit, Probit
from statsmodels.regression.linear_model import OLS
from statsmodels.treatment.tests.results import results_teffects as stata
from statsmodels.treatment.treatment_effects import TreatmentEffect

from kansrijke_start.weighting.choices import Estimand, Link
from kansrijke_start.weighting.contract import Roles
from kansrijke_start.weighting.entry import Settings, weight

DATA = Path(shipped.__file__).parent / "cataneo2.csv"

ROLES = Roles(
    exposure="mbsmoke_", covariates=("mmarried_", "mage", "mage2", "fbaby_", "medu"), outcomes=("bweight", "lbweight")
)


def weighted(folder: Path, estimand: Estimand, link: Link) -> dict[str, float]:
    """The weighted row of birth weight."""
    weight(str(DATA), ROLES, folder, Settings(estimand, link))
    rows = pq.read_table(folder / "estimates.parquet").to_pylist()
    return next(row for row in rows if row["outcome"] == "bweight" and row["is_weighted"])


@pytest.mark.parametrize(
    ("estimand", "table"), [(Estimand.ate, stata.results_ipw.table), (Estimand.att, stata.results_ipw.table_t)]
)
def test_published_results_are_reproduced(tmp_path: Path, estimand: Estimand, table: np.ndarray) -> None:
    found = weighted(tmp_path, estimand, Link.probit)
    # Rows of Stata's table: difference, mean of the unexposed; columns: estimate, standard error.
    assert found["difference"] == pytest.approx(table[0, 0], abs=1e-3)
    assert found["difference_se"] == pytest.approx(table[0, 1], abs=1e-2)
    assert found["mean_unexposed"] == pytest.approx(table[1, 0], abs=1e-3)
    assert found["mean_unexposed_se"] == pytest.approx(table[1, 1], abs=1e-2)
    assert found["difference_lower"] == pytest.approx(table[0, 4], abs=1e-2)
    assert found["difference_upper"] == pytest.approx(table[0, 5], abs=1e-2)
    # The printed values, so that the comparison does not rest on the table alone.
    printed = {Estimand.ate: (-230.6886, 25.8152), Estimand.att: (-225.1773, 23.6646)}
    assert (found["difference"], found["difference_se"]) == pytest.approx(printed[estimand], abs=5e-4)


@pytest.mark.parametrize("link", list(Link))
@pytest.mark.parametrize("estimand", [Estimand.ate, Estimand.att])
def test_statsmodels_gives_the_same(tmp_path: Path, estimand: Estimand, link: Link) -> None:
    frame = pd.read_csv(DATA)
    model = {Link.logit: Logit, Link.probit: Probit}[link]
    selection = model.from_formula("mbsmoke_ ~ mmarried_ + mage + mage2 + fbaby_ + medu", frame).fit(disp=0, tol=1e-12)
    effect = TreatmentEffect(
        OLS.from_formula("bweight ~ mage", frame), frame["mbsmoke_"].to_numpy(), results_select=selection
    )
    expected = effect.ipw(effect_group={Estimand.ate: "all", Estimand.att: 1}[estimand]).results_gmm
    found = weighted(tmp_path, estimand, link)
    assert found["difference"] == pytest.approx(expected.params[0], rel=2e-5)
    assert found["mean_unexposed"] == pytest.approx(expected.params[1], rel=2e-5)
    # statsmodels takes derivatives by differences.
    assert found["difference_se"] == pytest.approx(expected.bse[0], rel=1e-3)
    assert found["mean_unexposed_se"] == pytest.approx(expected.bse[1], rel=2e-3)


def test_a_logistic_propensity_of_overlap_makes_means_alike(tmp_path: Path) -> None:
    weighted(tmp_path, Estimand.overlap, Link.logit)
    rows = pq.read_table(tmp_path / "balance.parquet").to_pylist()
    assert max(abs(row["standardised_difference"]) for row in rows if row["is_weighted"]) < 1e-8
    assert max(abs(row["standardised_difference"]) for row in rows if not row["is_weighted"]) > 0.5
