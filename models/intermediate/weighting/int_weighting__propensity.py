"""Propensity of every pattern of covariates, in each imputed set."""

from kansrijke_start.weighting.steps import propensity_table


def model(dbt, session):
    return propensity_table(dbt.ref("int_weighting__patterns"), dbt.ref("int_weighting__covariates"))
