-- KN-05 to KN-09. Children who use care and their mean costs, by life year, kind of care and label, over all years of
-- birth. The mean is over all children of whom the costs are known, also those without costs. Use of the general
-- practitioner is more than the registration fee; costs are given with it (gp) and without (gp_net) (A-37).
with sums as (
    select * from {{ ref('int_care_costs__life_year_sums') }}
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

life_years as (
    {% for life_year in range((var('last_life_year') | int) + 1) %}
    select {{ life_year }} as life_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

care_types as (
    {% for care_type in care_types_of_children() %}
    select '{{ care_type }}' as care_type
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

scored as (
    select count(is_multiply_vulnerable) > 0 as has_scores
    from sums
),

-- A row for every combination, also when nobody is in it.
with_numbers as (
    select
        regions.region_level,
        regions.region_code,
        regions.region_name,
        life_years.life_year,
        care_types.care_type,
        groups.vulnerable,
        coalesce(sums.users, 0) as users,
        coalesce(sums.known_children, 0) as children,
        sums.sum_euro,
        sums.sum_of_squares,
        sums.largest_euro
    from regions
    cross join life_years
    cross join care_types
    cross join groups
    left join sums
        on
            life_years.life_year = sums.life_year
            and care_types.care_type = sums.care_type
            and groups.is_multiply_vulnerable = sums.is_multiply_vulnerable
    where regions.region_level = 'country'
)

select
    cast(null as integer) as birth_year,
    with_numbers.region_level,
    with_numbers.region_code,
    with_numbers.region_name,
    cast(with_numbers.life_year as varchar) as life_year,
    with_numbers.care_type,
    with_numbers.vulnerable,
    case when scored.has_scores then cast(with_numbers.users as bigint) end as numerator,
    case when scored.has_scores then cast(with_numbers.children as bigint) end as denominator,
    case when with_numbers.children > 0 then round(with_numbers.sum_euro / with_numbers.children, 9) end as value,
    -- sqrt(variance / n), the variance with n - 1.
    case
        when with_numbers.children > 1
            then round(
                sqrt(
                    greatest(
                        with_numbers.sum_of_squares
                        - with_numbers.sum_euro * with_numbers.sum_euro / with_numbers.children, 0
                    ) / (with_numbers.children - 1) / with_numbers.children
                ), 9
            )
    end as value_standard_error,
    case
        when with_numbers.sum_euro > 0 then round(with_numbers.largest_euro / with_numbers.sum_euro, 9)
    end as largest_share,
    not scored.has_scores as is_missing
from with_numbers
cross join scored
