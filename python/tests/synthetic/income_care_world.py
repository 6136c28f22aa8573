"""A small synthetic world for the tests on circumstances and on the registers of income, debts and care."""

from __future__ import annotations

import functools

import numpy as np
import polars as pl
import pyarrow as pa

from kansrijke_start.synthetic import (
    birth_events,
    circumstances,
    draws,
    health_monitor,
    lives,
    parameters_loader,
    population,
    registers_children,
    registers_hospital,
    registers_income_care,
    registers_social,
)
from kansrijke_start.synthetic.parameters_loader import Parameters
from kansrijke_start.synthetic.population import Population
from kansrijke_start.synthetic.world import World

FRACTION = 0.02
SEED = 2024
MENTAL_ATC4 = ["N06A", "N05A", "N06B", "N07B"]


@functools.cache
def parameters(scenario: str = "default") -> Parameters:
    return parameters_loader.load(scenario)


@functools.cache
def people(seed: int = SEED, fraction: float = FRACTION) -> Population:
    return population.build(parameters(), fraction=fraction, seed=seed)


@functools.cache
def world(scenario: str = "default", seed: int = SEED, fraction: float = FRACTION) -> World:
    settings = parameters(scenario)
    who = people(seed, fraction)
    drawn = circumstances.draw(who, settings, seed=seed)
    events = birth_events.draw(who, drawn, settings, seed=seed)
    courses = lives.build(who, drawn, settings, seed=seed, death_day=events.death_day)
    return World(seed, fraction, scenario, settings, who, drawn, courses, events)


@functools.cache
def register(component: str, scenario: str = "default", seed: int = SEED, fraction: float = FRACTION) -> pl.DataFrame:
    """All files of a register, with the file year; text columns as text."""
    tables: list[pa.Table] = []
    registers = {
        **registers_income_care.REGISTERS,
        **registers_hospital.REGISTERS,
        **registers_social.REGISTERS,
        **registers_children.REGISTERS,
        **health_monitor.REGISTERS,
    }
    made = registers[component](world(scenario, seed, fraction))
    for year, table in made:
        plain = pa.table(
            {
                name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
        )
        tables.append(plain.append_column("file_year", pa.array(np.full(table.num_rows, year, dtype=np.int64))))
    return pl.DataFrame(pl.concat([pl.DataFrame(pl.from_arrow(table)) for table in tables], how="diagonal_relaxed"))


def numbers(index: np.ndarray, who: Population) -> list[str | None]:
    """RIN of persons; null for nobody."""
    rin = draws.number_in_register(who.seed, "person", np.maximum(index, 0))
    return [
        f"{number:09d}" if person >= 0 else None for number, person in zip(rin.tolist(), index.tolist(), strict=True)
    ]


@functools.cache
def births(scenario: str = "default", seed: int = SEED, fraction: float = FRACTION) -> pl.DataFrame:
    """Births of the Regiobeeld population with the four risk factors, from the registers and the definitions alone."""
    here = world(scenario, seed, fraction)
    data = here.population.births
    rows = np.flatnonzero(data.in_regiobeeld)
    frame = pl.DataFrame(
        {
            "birth": rows,
            "birth_year": data.birth_year[rows].astype(np.int64),
            "mother": numbers(data.mother[rows], here.population),
            "other": numbers(data.other_parent[rows], here.population),
            "borough": np.array(["elsewhere", *here.population.regions.borough_codes])[
                here.population.regions.borough[data.region[rows]]
            ],
            "single_parent": here.circumstances.single_parent[data.event[rows]],
        }
    ).with_columns(year=pl.col("birth_year") - 1, snapshot=pl.max_horizontal("birth_year", pl.lit(2019)))
    parents = pl.concat(
        [
            frame.select("birth", "year", "snapshot", role=pl.lit(role), person=pl.col(role))
            for role in ("mother", "other")
        ]
    ).drop_nulls("person")

    def load(component: str) -> pl.DataFrame:
        return register(component, scenario, seed, fraction)

    def flag(name: str, found: pl.DataFrame, keys: list[str], on: list[str]) -> None:
        nonlocal frame
        hits = parents.join(found.select(keys).unique(), left_on=on, right_on=keys, how="semi")
        frame = frame.with_columns(pl.col("birth").is_in(hits["birth"].unique().implode()).alias(name))

    flag("premium_defaulter", load("WANBZVWTAB"), ["rinpersoon", "file_year"], ["person", "year"])
    debts = load("PROBLEMATISCHESCHULDENTAB").filter(pl.col("smalle_def_problematische_schulden") == 1)
    flag("problematic_debt", debts, ["rinpersoon", "file_year"], ["person", "snapshot"])
    medication = load("MEDICIJNTAB").filter(pl.col("atc4").is_in(MENTAL_ATC4))
    flag("medication", medication, ["rinpersoon", "file_year"], ["person", "year"])
    costs = ["zvwkgenbasggz", "zvwkspecggz", "zvwkggzzpmtotaal"]
    care = load("ZVWZORGKOSTENTAB").filter(pl.sum_horizontal(pl.col(costs).fill_null(0)) > 0)
    flag("care", care, ["rinpersoon", "file_year"], ["person", "year"])
    reference = parents.with_columns(on=pl.concat_str(pl.col("year"), pl.lit("1231")))
    for name, component, start, end, keep in (
        ("wsnp", "WSNPPERSBUS", "wsnpdatumtoelaat", "wsnpdatumbeein", pl.lit(True)),
        ("social_assistance", "SECMBUS", "aanvsecm", "eindsecm", pl.col("secm") == "22"),
        ("tozo", "SECMBUS", "aanvsecm", "eindsecm", (pl.col("secm") == "22") & (pl.col("xkoppelzelfstsecm") == "1")),
    ):
        spells = load(component).filter(keep).select("rinpersoon", start, end)
        hits = reference.join(spells, left_on="person", right_on="rinpersoon").filter(
            (pl.col(start) <= pl.col("on")) & (pl.col(end) >= pl.col("on"))
        )
        frame = frame.with_columns(pl.col("birth").is_in(hits["birth"].unique().implode()).alias(name))
    households = load("KOPPELPERSOONHUISHOUDEN").join(
        load("INHATAB").select("rinpersoonhkw", "file_year", "inharmsoc"), on=["rinpersoonhkw", "file_year"]
    )
    income = (
        parents.join(households, left_on=["person", "year"], right_on=["rinpersoon", "file_year"])
        .sort("birth", "role")
        .unique("birth", keep="first", maintain_order=True)
        .select("birth", "inharmsoc")
    )
    return (
        frame.join(income, on="birth", how="left")
        .with_columns(
            income_below_120=(pl.col("inharmsoc") >= 0) & (pl.col("inharmsoc") < 120),
            debt=pl.any_horizontal("wsnp", "premium_defaulter", "problematic_debt"),
            mental_health=pl.any_horizontal("care", "medication"),
        )
        .with_columns(
            low_income=pl.col("income_below_120").fill_null(False) | pl.col("social_assistance"),
            premium_defaulter=pl.col("premium_defaulter") & ~pl.col("wsnp"),
            problematic_debt_only=pl.col("problematic_debt") & ~pl.col("wsnp") & ~pl.col("premium_defaulter"),
            social_assistance_excluding_tozo=pl.col("social_assistance") & ~pl.col("tozo"),
        )
        .with_columns(
            count=pl.sum_horizontal(
                *(pl.col(name).cast(pl.Int8) for name in ("low_income", "single_parent", "debt", "mental_health"))
            )
        )
    )


def realised(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares by birth year and region (netherlands, amsterdam, elsewhere, boroughs), with the number of births."""
    shares = (
        [
            pl.col(name).fill_null(False).mean().alias(name)
            for name in (
                "low_income",
                "income_below_120",
                "social_assistance",
                "social_assistance_excluding_tozo",
                "single_parent",
                "debt",
                "wsnp",
                "premium_defaulter",
                "problematic_debt_only",
                "mental_health",
            )
        ]
        + [(pl.col("count") == number).mean().alias(f"count_{number}") for number in range(5)]
        + [
            (pl.col("count") >= 3).mean().alias("count_3+"),
            (pl.col("count") > 0).mean().alias("any"),
        ]
    )
    inside = pl.col("borough") != "elsewhere"
    parts = [
        frame.with_columns(region=pl.lit("netherlands")),
        frame.with_columns(region=pl.when(inside).then(pl.lit("amsterdam")).otherwise(pl.lit("elsewhere"))),
        frame.filter(inside).with_columns(region=pl.col("borough")),
    ]
    return pl.concat(
        [
            part.group_by("birth_year", "region")
            .agg(*shares, births=pl.len())
            .unpivot(index=["birth_year", "region", "births"], variable_name="indicator", value_name="realised")
            for part in parts
        ]
    )
