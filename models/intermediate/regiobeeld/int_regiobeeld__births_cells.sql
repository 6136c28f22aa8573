-- RB-01. Births by year and region, beside those of the first year (the base of the growth).
with births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

births_by_region as (
    {{ births_by_region('births', 'regions', 'births') }}
),

frame as (
    {{ cell_frame('regions', 'births') }}
),

counted as (
    select
        cell_year,
        region_level,
        region_code,
        count(*) as births
    from births_by_region
    group by cell_year, region_level, region_code
)

select
    frame.birth_year,
    frame.region_level,
    frame.region_code,
    frame.region_name,
    cast(coalesce(counted.births, 0) as bigint) as numerator,
    cast(coalesce(first_year.births, 0) as bigint) as denominator
from frame
left join counted
    on
        frame.birth_year = counted.cell_year
        and frame.region_level = counted.region_level
        and frame.region_code = counted.region_code
left join counted as first_year
    on
        first_year.cell_year = {{ var('regiobeeld_first_year') }}
        and frame.region_level = first_year.region_level
        and frame.region_code = first_year.region_code
