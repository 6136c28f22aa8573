-- Use and costs of both groups in every imputed set, raw and weighted, by life year and added up over the first ones:
-- the sum of the means of those who were followed then (the group shrinks: KN:L243). Raw means do not depend on
-- imputations.
{%- set care_types = care_types_of_children() %}
with pattern_sums as (

    select * from {{ ref('int_weighting__pattern_sums') }}

),

weights as (

    select
        estimand,
        imputation,
        pattern,
        is_exposed,
        weight
    from {{ ref('int_weighting__weights') }}

),

weighted as (

    select
        estimand as adjustment,
        imputation,
        pattern,
        is_exposed,
        weight
    from weights

    union all

    select
        'raw' as adjustment,
        imputation,
        pattern,
        is_exposed,
        cast(1 as double) as weight
    from weights
    where estimand = 'ate' and imputation = 1

),

summed as (

    select
        weighted.adjustment,
        weighted.imputation,
        weighted.is_exposed,
        pattern_sums.life_year,
        cast(sum(pattern_sums.children) as bigint) as children,
        {%- for care_type in care_types %}
        cast(sum(pattern_sums.{{ care_type }}_users) as bigint) as {{ care_type }}_users,
        sum(weighted.weight * pattern_sums.{{ care_type }}_users) as {{ care_type }}_weighted_users,
        sum(weighted.weight * pattern_sums.{{ care_type }}_sum) as {{ care_type }}_weighted_sum,
        max(weighted.weight * pattern_sums.{{ care_type }}_largest) as {{ care_type }}_largest,
        {%- endfor %}
        sum(weighted.weight * pattern_sums.children) as weight_sum
    from weighted
    inner join pattern_sums
        on
            weighted.pattern = pattern_sums.pattern
            and weighted.is_exposed = pattern_sums.is_exposed
            and pattern_sums.imputation in (0, weighted.imputation)
    group by weighted.adjustment, weighted.imputation, weighted.is_exposed, pattern_sums.life_year

),

by_care_type as (
    {%- for care_type in care_types %}

    select
        adjustment,
        imputation,
        is_exposed,
        life_year,
        '{{ care_type }}' as care_type,
        children,
        {{ care_type }}_users as users,
        {{ care_type }}_weighted_users / weight_sum as share_using,
        {{ care_type }}_weighted_sum / weight_sum as mean_euro,
        {{ care_type }}_largest / nullif({{ care_type }}_weighted_sum, 0) as largest_share
    from summed
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

-- Of a sum: child-years, and use as the mean share over its years. Without one of its years a sum is not known.
first_years as (
    {%- for life_years, last_life_year in first_life_years().items() %}

    select
        adjustment,
        imputation,
        is_exposed,
        '{{ life_years }}' as life_years,
        care_type,
        cast(sum(children) as bigint) as children,
        cast(sum(users) as bigint) as users,
        avg(share_using) as share_using,
        sum(mean_euro) as mean_euro,
        max(largest_share) as largest_share
    from by_care_type
    where life_year <= {{ last_life_year }}
    group by adjustment, imputation, is_exposed, care_type
    having count(*) = {{ last_life_year + 1 }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

united as (

    select
        adjustment,
        imputation,
        is_exposed,
        cast(life_year as varchar) as life_years,
        care_type,
        children,
        users,
        share_using,
        mean_euro,
        largest_share
    from by_care_type

    union all

    select * from first_years

),

final as (

    select
        adjustment,
        imputation,
        is_exposed,
        life_years,
        care_type,
        children,
        users,
        -- Rounded, so that the order of a sum of doubles cannot show.
        round(share_using, 9) as share_using,
        round(mean_euro, 6) as mean_euro,
        round(largest_share, 6) as largest_share
    from united

)

select * from final
