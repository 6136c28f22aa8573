-- The weighted differences that the Kennisnotitie prints (KN-11), for the comparison alone: in euro and in percent.
with estimates as (
    select * from {{ ref('int_weighting__estimates') }}
)

select
    cast(null as integer) as birth_year,
    'country' as region_level,
    'NL' as region_code,
    'Nederland' as region_name,
    life_years,
    care_type,
    adjustment,
    case statistic when 'difference' then 'euro' else 'percent' end as difference,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    value,
    standard_error as value_standard_error,
    value is null as is_missing
from estimates
where measure = 'mean_euro' and statistic in ('difference', 'relative_difference')
