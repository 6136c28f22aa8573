"""Small cohorts of which the truth is known: children with birth outcomes, an exposure and costs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kansrijke_start.weighting.contract import Roles

ROLES = Roles(
    exposure="is_vulnerable",
    covariates=("gestation", "birth_weight", "birth_year", "is_induced"),
    outcomes=("costs", "uses_care"),
    categorical=("birth_year",),
    cluster="mother_id",
    key=("child_id",),
)

EFFECT = 250.0
"""What the exposure adds to the costs of everybody."""


def children(n: int, seed: int, *, share: float = 0.3) -> pa.Table:
    """Draw n children, two in three of them with a sibling; the exposure and the costs depend on the covariates."""
    random = np.random.default_rng(seed)
    gestation = random.choice(["early", "term", "late"], n, p=[0.2, 0.6, 0.2])
    weight = np.round(random.normal(3.4, 0.5, n), 1)
    year = random.integers(2017, 2020, n)
    induced = random.random(n) < 0.25
    predictor = np.log(share / (1 - share)) + 0.6 * (gestation == "early") - 0.5 * (weight - 3.4) + 0.3 * induced
    exposed = random.random(n) < 1 / (1 + np.exp(-predictor))
    of_mother = random.normal(0, 300, n)[np.arange(n) * 2 // 3]
    costs = 1000 + 800 * (gestation == "early") - 300 * (weight - 3.4) + EFFECT * exposed + of_mother
    costs += random.exponential(400, n)
    return pa.table(
        {
            "child_id": [f"C{row:07d}" for row in random.permutation(n)],
            "mother_id": [f"M{row * 2 // 3:07d}" for row in range(n)],
            "is_vulnerable": exposed,
            "gestation": gestation.tolist(),
            "birth_weight": weight,
            "birth_year": year,
            "is_induced": induced,
            "costs": costs,
            "uses_care": random.random(n) < 0.4 + 0.2 * exposed,
        }
    )


def with_column(table: pa.Table, name: str, values: object) -> pa.Table:
    """The table with a column put in its place, or after the others."""
    array = pa.array(values)
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, array)
    return table.append_column(name, array)
