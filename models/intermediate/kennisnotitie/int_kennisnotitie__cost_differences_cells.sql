-- The differences in costs that the Kennisnotitie prints (KN-05, KN-06, KN-09, KN-10), for the comparison alone: costs
-- of children in a situation of multiple vulnerability less those of others, in euro and in percent, with errors of two
-- independent groups.
with life_year_cells as (
    select * from {{ ref('int_kennisnotitie__care_use_and_costs_cells') }}
),

total_cells as (
    select * from {{ ref('int_kennisnotitie__total_costs_first_years_cells') }}
),

costs as (
    select
        region_level,
        region_code,
        region_name,
        life_year as life_years,
        care_type,
        vulnerable,
        denominator,
        value,
        value_standard_error
    from life_year_cells
    union all
    select
        region_level,
        region_code,
        region_name,
        life_years,
        'total' as care_type,
        vulnerable,
        denominator,
        value,
        value_standard_error
    from total_cells
),

side_by_side as (
    select
        vulnerable.region_level,
        vulnerable.region_code,
        vulnerable.region_name,
        vulnerable.life_years,
        vulnerable.care_type,
        vulnerable.denominator + others.denominator as denominator,
        vulnerable.value as vulnerable_euro,
        vulnerable.value_standard_error as vulnerable_error,
        others.value as others_euro,
        others.value_standard_error as others_error
    from costs as vulnerable
    inner join costs as others
        on
            vulnerable.region_code = others.region_code
            and vulnerable.life_years = others.life_years
            and vulnerable.care_type = others.care_type
    where
        vulnerable.vulnerable = 'yes'
        and others.vulnerable = 'no'
),

differences as (
    select
        *,
        'euro' as difference,
        vulnerable_euro - others_euro as value,
        sqrt(vulnerable_error * vulnerable_error + others_error * others_error) as value_standard_error
    from side_by_side
    union all
    -- Delta method.
    select
        *,
        'percent' as difference,
        case when others_euro > 0 then 100 * (vulnerable_euro / others_euro - 1) end as value,
        case
            when others_euro > 0
                then 100 / others_euro * sqrt(
                    vulnerable_error * vulnerable_error
                    + vulnerable_euro / others_euro * (vulnerable_euro / others_euro) * others_error * others_error
                )
        end as value_standard_error
    from side_by_side
)

select
    cast(null as integer) as birth_year,
    region_level,
    region_code,
    region_name,
    life_years,
    care_type,
    difference,
    cast(null as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    round(value, 9) as value,
    round(value_standard_error, 9) as value_standard_error
from differences
