-- KN-02, text (KN:L84, L185). The 31 factors of the model and Table 1's characteristics of the mother, by year of
-- birth, for the country and the GGD regions, whatever the label. The categories of a factor exclude one another and,
-- with `unknown` (missing in the register, before imputation), add up to all births.
with factors as (
    select * from {{ ref('int_vulnerability__factors') }}
),

births as (
    select * from {{ ref('int_vulnerability__births') }}
),

profiles as (
    select * from {{ ref('int_kennisnotitie__profiles') }}
    where parent = 'mother'
),

factor_values as (
    select * from {{ ref('vulnerability_factor_values') }}
),

background_categories as (
    select * from {{ ref('background_categories') }}
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

births_with_factors as (
    select
        births.ggd_region_code,
        factors.*
    from births
    inner join factors on births.birth_id = factors.birth_id
),

counted_by_region as (
    {%- for factor in vulnerability_factors() %}
    select
        birth_year,
        ggd_region_code,
        'factor' as kind,
        '{{ factor }}' as characteristic,
        coalesce(cast({{ factor }} as varchar), 'unknown') as category,
        count(*) as births
    from births_with_factors
    group by birth_year, ggd_region_code, {{ factor }}
    union all
    {%- endfor %}
    {%- for characteristic in background_characteristics() %}
    select
        birth_year,
        ggd_region_code,
        'characteristic' as kind,
        '{{ characteristic }}' as characteristic,
        background_{{ characteristic }} as category,
        count(*) as births
    from profiles
    group by birth_year, ggd_region_code, background_{{ characteristic }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        birth_year,
        'ggd_region' as region_level,
        ggd_region_code as region_code,
        kind,
        characteristic,
        category,
        births
    from counted_by_region
    where ggd_region_code is not null
    union all
    select
        birth_year,
        'country' as region_level,
        'NL' as region_code,
        kind,
        characteristic,
        category,
        sum(births) as births
    from counted_by_region
    group by birth_year, kind, characteristic, category
),

categories as (
    select
        'factor' as kind,
        factor as characteristic,
        cast(value as varchar) as category
    from factor_values
    union all
    select distinct
        'factor' as kind,
        factor as characteristic,
        'unknown' as category
    from factor_values
    union all
    select
        'characteristic' as kind,
        characteristic,
        category
    from background_categories
),

frame as (
    {{ cell_frame('regions', 'factor_trends') }}
),

with_numbers as (
    select
        frame.birth_year,
        frame.region_level,
        frame.region_code,
        frame.region_name,
        categories.kind,
        categories.characteristic,
        categories.category,
        cast(coalesce(counted.births, 0) as bigint) as numerator
    from frame
    cross join categories
    left join counted
        on
            frame.birth_year = counted.birth_year
            and frame.region_level = counted.region_level
            and frame.region_code = counted.region_code
            and categories.kind = counted.kind
            and categories.characteristic = counted.characteristic
            and categories.category = counted.category
)

select
    *,
    cast(sum(numerator) over (partition by birth_year, region_level, region_code, kind, characteristic) as bigint)
        as denominator
from with_numbers
