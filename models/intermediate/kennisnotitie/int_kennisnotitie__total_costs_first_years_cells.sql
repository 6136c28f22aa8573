-- KN-10. Mean costs of all care in the first life years, by label: the year of birth and the five calendar years after
-- it (A-30), and with the sixth beside it. Each life year's mean is over the children who count in it, so that a child
-- that dies, leaves or is born too late for a life year is in the ones before; the means are added up. A child is in
-- several of them: the standard error is that of the sum of its parts.
{%- set periods = first_life_years() %}
with child_years as (
    select
        birth_id,
        life_year,
        total_euro,
        uses_total
    from {{ ref('int_care_costs__child_years') }}
    where
        life_year <= {{ periods.values() | max }}
        and total_euro is not null
),

births as (
    select
        birth_id,
        is_multiply_vulnerable
    from {{ ref('int_kennisnotitie__births') }}
),

means as (
    select
        life_year,
        is_multiply_vulnerable,
        known_children,
        sum_euro / known_children as mean_euro
    from {{ ref('int_care_costs__life_year_sums') }}
    where
        care_type = 'total'
        and known_children > 0
        and is_multiply_vulnerable is not null
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

groups as (
    select
        'yes' as vulnerable,
        true as is_multiply_vulnerable
    union all
    select
        'no' as vulnerable,
        false as is_multiply_vulnerable
),

periods as (
    {%- for code, last_life_year in periods.items() %}
    select
        '{{ code }}' as life_years,
        {{ last_life_year }} as last_life_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

scored as (
    select count(is_multiply_vulnerable) > 0 as has_scores
    from births
),

-- What a child adds to the sum of the means, and how far it is from what it would add with average costs.
children as (
    select
        births.is_multiply_vulnerable,
        {%- for last_life_year in periods.values() %}
        sum(case
            when child_years.life_year <= {{ last_life_year }} then child_years.total_euro / means.known_children
            else 0
        end) as part_{{ last_life_year }},
        sum(case
            when child_years.life_year <= {{ last_life_year }}
                then (child_years.total_euro - means.mean_euro) / means.known_children
            else 0
        end) as deviation_{{ last_life_year }},
        {%- endfor %}
        min(child_years.life_year) as first_life_year,
        min(case when child_years.uses_total then child_years.life_year end) as first_life_year_of_use
    from child_years
    inner join births on child_years.birth_id = births.birth_id
    inner join means
        on
            child_years.life_year = means.life_year
            and births.is_multiply_vulnerable = means.is_multiply_vulnerable
    group by child_years.birth_id, births.is_multiply_vulnerable
),

counted as (
    {%- for code, last_life_year in periods.items() %}
    select
        '{{ code }}' as life_years,
        is_multiply_vulnerable,
        count(case when first_life_year_of_use <= {{ last_life_year }} then 1 end) as users,
        count(case when first_life_year <= {{ last_life_year }} then 1 end) as children,
        max(part_{{ last_life_year }}) as largest_part,
        sum(deviation_{{ last_life_year }} * deviation_{{ last_life_year }}) as variance
    from children
    group by is_multiply_vulnerable
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Without children in one of its life years a sum is not known.
totals as (
    select
        periods.life_years,
        means.is_multiply_vulnerable,
        case when count(*) = max(periods.last_life_year) + 1 then round(sum(means.mean_euro), 6) end as total_euro
    from periods
    inner join means on periods.last_life_year >= means.life_year
    group by periods.life_years, means.is_multiply_vulnerable
)

select
    cast(null as integer) as birth_year,
    regions.region_level,
    regions.region_code,
    regions.region_name,
    periods.life_years,
    groups.vulnerable,
    case when scored.has_scores then cast(coalesce(counted.users, 0) as bigint) end as numerator,
    case when scored.has_scores then cast(coalesce(counted.children, 0) as bigint) end as denominator,
    totals.total_euro as value,
    case when counted.children > 1 then round(sqrt(counted.variance), 6) end as value_standard_error,
    case when totals.total_euro > 0 then round(counted.largest_part / totals.total_euro, 6) end as largest_share,
    not scored.has_scores as is_missing
from regions
cross join periods
cross join groups
cross join scored
left join totals
    on
        periods.life_years = totals.life_years
        and groups.is_multiply_vulnerable = totals.is_multiply_vulnerable
left join counted
    on
        periods.life_years = counted.life_years
        and groups.is_multiply_vulnerable = counted.is_multiply_vulnerable
where regions.region_level = 'country'
