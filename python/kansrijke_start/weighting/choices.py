"""Choices of a weighting that the command line offers; apart, so that other commands need not load the rest."""

from __future__ import annotations

from enum import StrEnum


class Estimand(StrEnum):
    """Whom the groups are made alike: all rows, the exposed, or rows that could be in either group."""

    ate = "ate"
    att = "att"
    overlap = "overlap"


class Link(StrEnum):
    """How the covariates give a probability: logistic or normal."""

    logit = "logit"
    probit = "probit"
