-- What the weights of each group are like: how many births they are worth, their range and how many were truncated;
-- averaged over the imputed sets, save the extremes.
with weights as (
    select * from {{ ref('int_weighting__weights') }}
),

balance as (
    select * from {{ ref('int_weighting__balance') }}
),

running as (
    select
        estimand,
        imputation,
        is_exposed,
        births,
        weight,
        is_truncated,
        sum(births) over (partition by estimand, imputation, is_exposed order by weight) as births_so_far,
        sum(births) over (partition by estimand, imputation, is_exposed) as all_births,
        sum(births) over (partition by estimand, imputation) as births_of_both
    from weights
),

of_imputations as (
    select
        estimand,
        imputation,
        is_exposed,
        cast(sum(births) as bigint) as births,
        cast(max(births_of_both) as bigint) as births_of_both,
        {{ effective_sample_size('weight', 'births') }} as effective_sample_size,
        min(weight) as weight_minimum,
        max(weight) as weight_maximum,
        -- The same birth as percentile_disc would choose.
        min(case when births_so_far >= all_births - floor(all_births - 0.99 * all_births) then weight end)
            as weight_p99,
        sum(case when is_truncated then births else 0 end) / cast(sum(births) as double) as share_truncated
    from running
    group by estimand, imputation, is_exposed
),

largest as (
    select
        estimand,
        max(case when not is_weighted then abs(standardised_difference) end) as largest_difference_raw,
        max(case when is_weighted then abs(standardised_difference) end) as largest_difference_weighted
    from balance
    -- The propensity is no covariate: it sums them up.
    where covariate <> 'propensity'
    group by estimand
)

select
    cast(null as integer) as birth_year,
    'country' as region_level,
    'NL' as region_code,
    'Nederland' as region_name,
    of_imputations.estimand,
    case when of_imputations.is_exposed then 'yes' else 'no' end as vulnerable,
    max(of_imputations.births) as numerator,
    max(of_imputations.births_of_both) as denominator,
    -- Rounded, so that the order of a sum of doubles cannot show.
    round(avg(of_imputations.effective_sample_size), 6) as effective_sample_size,
    round(min(of_imputations.weight_minimum), 9) as weight_minimum,
    round(max(of_imputations.weight_maximum), 9) as weight_maximum,
    round(avg(of_imputations.weight_p99), 9) as weight_p99,
    round(avg(of_imputations.share_truncated), 9) as share_truncated,
    max(largest.largest_difference_raw) as largest_difference_raw,
    max(largest.largest_difference_weighted) as largest_difference_weighted
from of_imputations
inner join largest on of_imputations.estimand = largest.estimand
group by of_imputations.estimand, of_imputations.is_exposed
