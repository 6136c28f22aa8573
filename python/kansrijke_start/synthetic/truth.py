"""What only the synthetic world knows: true class and flags of every birth, written outside the delivery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws, health_monitor
from kansrijke_start.synthetic.birth_events import (
    CONDITIONS,
    MATERNITY_CLASSES,
    PRETERM_26_32,
    PRETERM_UNDER_26,
    Admissions,
)
from kansrijke_start.synthetic.population import year_of
from kansrijke_start.synthetic.world import World

BIRTHS = "births.parquet"
RESPONDENTS = "respondents.parquet"


def _in_year_of_birth(world: World, admissions: Admissions) -> NDArray[np.int64]:
    """Number of admissions of each birth that begin in the calendar year of birth."""
    data = world.population.births
    day = data.birth_date[admissions.birth].astype(np.int64) + admissions.first_day
    counted = admissions.birth[year_of(day) == data.birth_year[admissions.birth]]
    return np.bincount(counted, minlength=len(data))


def _condition_days(world: World, death: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Day on which the first care for each condition began, -1 when there was none before death."""
    care = world.events.conditions
    found: dict[str, NDArray[np.int64]] = {}
    for number, name in enumerate(CONDITIONS):
        rows = (care.condition == number) & (care.start <= death[care.birth])
        days = np.full(len(death), -1, dtype=np.int64)
        days[care.birth[rows]] = care.start[rows]
        found[name] = days
    return found


def births(world: World) -> pl.DataFrame:
    """One row a birth with a legal parent: its true class and risk factors.

    Columns: rinpersoon (text of nine digits; null for stillborn children, who are no person here), birth_year, is_live,
    in_regiobeeld, region_group (borough letter, GGD region code or `other`), latent_class (name), single_parent,
    income_below_120, has_social_assistance, has_tozo, low_income, debt_type (none, wsnp, default, problematic),
    has_debt, mental_health, risk_factor_count, mother_education and other_parent_education (low, middle, high,
    unknown); what happened around birth: delivery (number of the birth event), mother_has_care_record, death_day (of
    children who die within 28 days), is_preterm_under_26, is_preterm_26_32, nicu_admissions and picu_admissions (that
    begin in the calendar year of birth), has_hospital_stay, maternity_care_class, maternity_care_hours, and for each
    psychosocial condition the day on which care began (`<condition>_from`, null when there was none).
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
    events = world.events
    death = world.lives.death_date[np.maximum(data.child, 0)].astype(np.int64)
    neonatal = data.is_live & (death - data.birth_date <= 28)
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
            "delivery": data.event[rows],
            "mother_has_care_record": circumstances.has_care_record[units.mother[unit]],
            "death_day": np.where(neonatal, death - data.birth_date, -1)[rows],
            "is_preterm_under_26": events.preterm[rows] == PRETERM_UNDER_26,
            "is_preterm_26_32": events.preterm[rows] == PRETERM_26_32,
            "nicu_admissions": _in_year_of_birth(world, events.nicu)[rows],
            "picu_admissions": _in_year_of_birth(world, events.picu)[rows],
            "has_hospital_stay": events.has_stay[data.event[rows]],
            "maternity_care_class": np.array(MATERNITY_CLASSES)[events.maternity_class[data.event[rows]]],
            "maternity_care_hours": events.maternity_hours[data.event[rows]],
            **{f"{name}_from": days[rows] for name, days in _condition_days(world, death).items()},
        }
    )
    unknown = ["death_day", *(f"{name}_from" for name in CONDITIONS)]
    frame = frame.with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in unknown)
    frame = frame.with_columns(pl.from_epoch(f"{name}_from", time_unit="d") for name in CONDITIONS)
    return frame.with_columns(
        rinpersoon=pl.when("is_live").then(pl.col("rinpersoon").cast(pl.String).str.zfill(9)),
        risk_factor_count=pl.sum_horizontal("single_parent", "low_income", "has_debt", "mental_health").cast(pl.Int8),
    )


def respondents(world: World) -> pl.DataFrame:
    """One row a respondent of the health monitor: the class that the answers come from.

    Columns: rinpersoon (text of nine digits), is_of_study (a woman with a birth in the first or second calendar year
    after the survey), latent_class (name).
    """
    drawn = health_monitor.select(world)
    numbers = draws.number_in_register(world.population.seed, "person", drawn.person)
    frame = pl.DataFrame(
        {
            "rinpersoon": numbers,
            "is_of_study": drawn.is_of_study,
            "latent_class": np.array(world.parameters["classes.names"])[drawn.latent_class],
        }
    )
    return frame.with_columns(pl.col("rinpersoon").cast(pl.String).str.zfill(9))


def write(folder: Path, world: World) -> None:
    """Write the truth as Parquet files into an existing folder, which must not be part of the delivery."""
    births(world).write_parquet(folder / BIRTHS, compression="zstd", statistics=False)
    respondents(world).write_parquet(folder / RESPONDENTS, compression="zstd", statistics=False)
