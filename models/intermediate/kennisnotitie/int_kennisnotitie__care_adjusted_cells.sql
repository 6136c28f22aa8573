-- KN-11. Use and costs of both groups and their difference, raw and weighted for birth outcomes and birth year, by life
-- year and added up over the first ones. What remains after weighting is a decomposition and no effect: birth outcomes
-- lie after the exposure. Means are averaged over the imputed sets; intervals are of the pooled estimates.
with means as (
    select * from {{ ref('int_weighting__means') }}
),

estimates as (
    select * from {{ ref('int_weighting__estimates') }}
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

adjustments as (
    {%- for adjustment in ['raw', 'ate', 'att', 'overlap'] %}
    select '{{ adjustment }}' as adjustment
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

life_years as (
    {%- for life_year in range((var('last_life_year') | int) + 1) %}
    select '{{ life_year }}' as life_years
    union all
    {%- endfor %}
    {%- for life_years in first_life_years() %}
    select '{{ life_years }}' as life_years
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

care_types as (
    {%- for care_type in care_types_of_children() %}
    select '{{ care_type }}' as care_type
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

groups as (
    select
        'yes' as vulnerable,
        'exposed' as statistic,
        true as is_exposed
    union all
    select
        'no' as vulnerable,
        'unexposed' as statistic,
        false as is_exposed
    union all
    -- The difference has the counts of the smaller group.
    select
        'difference' as vulnerable,
        'difference' as statistic,
        true as is_exposed
),

over_imputations as (
    select
        adjustment,
        life_years,
        care_type,
        is_exposed,
        max(children) as children,
        max(users) as users,
        avg(share_using) as share_using,
        avg(mean_euro) as mean_euro,
        max(largest_share) as largest_share
    from means
    group by adjustment, life_years, care_type, is_exposed
),

statistics as (
    select
        adjustment,
        life_years,
        care_type,
        {%- for measure, column in [('mean_euro', 'value'), ('share_using', 'share')] %}
        {%- for part in ['standard_error', 'lower', 'upper'] %}
        max(case when measure = '{{ measure }}' then {{ part }} end) as {{ column }}_{{ part }},
        {%- endfor %}
        {%- endfor %}
        statistic
    from estimates
    group by adjustment, life_years, care_type, statistic
),

relative_differences as (
    select
        adjustment,
        life_years,
        care_type,
        value as relative,
        lower as relative_lower,
        upper as relative_upper
    from estimates
    where statistic = 'relative_difference' and measure = 'mean_euro'
),

weighted as (
    select count(*) > 0 as has_weights
    from means
)

select
    cast(null as integer) as birth_year,
    regions.region_level,
    regions.region_code,
    regions.region_name,
    life_years.life_years,
    care_types.care_type,
    groups.vulnerable,
    adjustments.adjustment,
    case when weighted.has_weights then coalesce(own.users, 0) end as numerator,
    case when weighted.has_weights then coalesce(own.children, 0) end as denominator,
    round(
        own.mean_euro - case when groups.vulnerable = 'difference' then others.mean_euro else 0 end, 6
    ) as value,
    statistics.value_standard_error,
    statistics.value_lower,
    statistics.value_upper,
    round(
        own.share_using - case when groups.vulnerable = 'difference' then others.share_using else 0 end, 9
    ) as share,
    statistics.share_lower,
    statistics.share_upper,
    relative_differences.relative,
    relative_differences.relative_lower,
    relative_differences.relative_upper,
    own.largest_share,
    not weighted.has_weights as is_missing
from regions
cross join life_years
cross join care_types
cross join adjustments
cross join groups
cross join weighted
left join over_imputations as own
    on
        life_years.life_years = own.life_years
        and care_types.care_type = own.care_type
        and adjustments.adjustment = own.adjustment
        and groups.is_exposed = own.is_exposed
left join over_imputations as others
    on
        own.life_years = others.life_years
        and own.care_type = others.care_type
        and own.adjustment = others.adjustment
        and own.is_exposed <> others.is_exposed
left join statistics
    on
        life_years.life_years = statistics.life_years
        and care_types.care_type = statistics.care_type
        and adjustments.adjustment = statistics.adjustment
        and groups.statistic = statistics.statistic
left join relative_differences
    on
        life_years.life_years = relative_differences.life_years
        and care_types.care_type = relative_differences.care_type
        and adjustments.adjustment = relative_differences.adjustment
        and groups.vulnerable = 'difference'
where regions.region_level = 'country'
