"""Pooled differences between the groups with standard errors, raw and weighted, by life year and over the first ones."""

from kansrijke_start.weighting.steps import estimates_table


def model(dbt, session):
    # On a line of its own: dbt finds what a model is configured with by reading it, and does not look into a chain.
    totals = dbt.config.meta_get("last_life_years_of_totals")
    return estimates_table(
        births=dbt.ref("int_weighting__births"),
        birth_patterns=dbt.ref("int_weighting__birth_patterns"),
        patterns=dbt.ref("int_weighting__patterns"),
        covariates=dbt.ref("int_weighting__covariates"),
        pattern_sums=dbt.ref("int_weighting__pattern_sums"),
        child_years=dbt.ref("int_care_costs__child_years"),
        truncate=float(dbt.config.meta_get("truncate")),
        last_life_year=int(dbt.config.meta_get("last_life_year")),
        last_life_years_of_totals=[int(year) for year in totals.split(",")],
    )
