-- Balance of each covariate, averaged over the imputed sets; counts are those of the group in which fewest births have
-- the value, of the first set.
with balance as (
    select * from {{ ref('int_weighting__balance') }}
),

counted as (
    select
        *,
        exposed_births_with <= unexposed_births_with as is_rarer_in_exposed
    from balance
)

select
    cast(null as integer) as birth_year,
    'country' as region_level,
    'NL' as region_code,
    'Nederland' as region_name,
    covariate,
    level,
    estimand,
    is_weighted,
    is_in_propensity,
    max(case
        when imputation = 1 then case when is_rarer_in_exposed then exposed_births_with else unexposed_births_with end
    end) as numerator,
    max(case
        when imputation = 1 then case when is_rarer_in_exposed then exposed_births else unexposed_births end
    end) as denominator,
    round(avg(standardised_difference), 9) as standardised_difference,
    round(max(abs(standardised_difference)), 9) as largest_standardised_difference,
    round(avg(variance_ratio), 9) as variance_ratio
from counted
group by covariate, level, estimand, is_weighted, is_in_propensity
