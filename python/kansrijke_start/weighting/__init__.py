"""Comparison of two groups after weighting: propensity, weights, weighted means, standard errors and balance.

The functions take and return plain tables, know nothing of dbt and depend neither on the order of rows nor on the
number of threads. Rows with the same covariates share a pattern: the propensity and the weights are worked out for
patterns, so that a million children with categories for covariates take as long as their few thousand patterns.

What the weighted difference means depends on the covariates. Causes of the exposure: an effect of it, if nothing is
left out. Consequences of it, as birth outcomes are of a mother's situation: what remains of the difference if they
were alike, a decomposition and no effect.
"""
