"""What only the synthetic world knows: true class and flags of every birth, written outside the delivery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.world import World

BIRTHS = "births.parquet"


def births(world: World) -> pl.DataFrame:
    """One row a birth with a legal parent: its true class and risk factors.

    Columns: rinpersoon (text of nine digits; null for stillborn children, who are no person here), birth_year, is_live,
    in_regiobeeld, region_group (borough letter, GGD region code or `other`), latent_class (name), single_parent,
    income_below_120, has_social_assistance, has_tozo, low_income, debt_type (none, wsnp, default, problematic),
    has_debt, mental_health, risk_factor_count, mother_education and other_parent_education (low, middle, high,
    unknown).
    """
    population, circumstances = world.population, world.circumstances
    data = population.births
    unit = circumstances.unit_of_event[data.event]
    rows = np.flatnonzero(unit >= 0)
    unit = unit[rows]
    units = circumstances.units
    numbers = draws.number_in_register(world.population.seed, "person", np.maximum(data.child[rows], 0))
    groups = np.array(circumstances.group_names)
    classes = np.array(world.parameters["classes.names"])
    levels = np.array(["unknown", "low", "middle", "high"])
    other = units.other_parent[unit]
    other_level = np.where(other >= 0, circumstances.education[np.maximum(other, 0)], 0)
    frame = pl.DataFrame(
        {
            "rinpersoon": numbers,
            "is_live": data.is_live[rows],
            "birth_year": data.birth_year[rows],
            "in_regiobeeld": data.in_regiobeeld[rows],
            "region_group": groups[units.group[unit]],
            "latent_class": classes[units.latent_class[unit]],
            "single_parent": units.single_parent[unit],
            "income_below_120": units.income_below_120[unit],
            "has_social_assistance": units.has_assistance[unit],
            "has_tozo": units.has_tozo[unit],
            "low_income": units.low_income[unit],
            "debt_type": np.array(["none", "wsnp", "default", "problematic"])[units.debt_type[unit]],
            "has_debt": units.debt[unit],
            "mental_health": units.mental_health[unit],
            "mother_education": levels[circumstances.education[units.mother[unit]]],
            "other_parent_education": levels[other_level],
        }
    )
    return frame.with_columns(
        rinpersoon=pl.when("is_live").then(pl.col("rinpersoon").cast(pl.String).str.zfill(9)),
        risk_factor_count=pl.sum_horizontal("single_parent", "low_income", "has_debt", "mental_health").cast(pl.Int8),
    )


def write(folder: Path, world: World) -> None:
    """Write the truth as Parquet files into an existing folder, which must not be part of the delivery."""
    births(world).write_parquet(folder / BIRTHS, compression="zstd", statistics=False)
