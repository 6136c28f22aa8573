"""Imputed values of the missing birth outcomes."""

from kansrijke_start.weighting.steps import impute_outcomes


def model(dbt, session):
    return impute_outcomes(
        dbt.ref("int_weighting__births"),
        count=int(dbt.config.meta_get("imputations")),
        cycles=int(dbt.config.meta_get("cycles")),
        donors=int(dbt.config.meta_get("donors")),
        seed=int(dbt.config.meta_get("seed")),
    )
