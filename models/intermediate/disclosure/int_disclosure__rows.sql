-- Which rows of the publication tables hide themselves, and how dear it is to hide a row for the sake of others.
with numbers as (
    select * from {{ ref('int_disclosure__numbers') }}
)

select
    cast(
        row_number() over (order by table_name, birth_year, region_level, region_code, breakdown_key) as integer
    ) as row_number,
    schema_name,
    table_name,
    birth_year,
    region_level,
    region_code,
    breakdown_key,
    numerator,
    denominator,
    numerator_cell,
    denominator_cell,
    complement_cell,
    follows_cell,
    {{ unsafe_reason() }} as primary_reason,
    -- Each small number of a row needs protection, also when another is the reason that is named.
    numerator_cell is not null and coalesce({{ is_small_count('numerator') }}, false) as has_small_numerator,
    denominator_cell is not null and coalesce({{ is_small_count('denominator') }}, false) as has_small_denominator,
    -- That nobody of a small group is left must not be seen either.
    complement_cell is not null
    and coalesce({{ is_small_count('denominator - numerator') }} or {{ unsafe_reason() }} = 'share', false)
        as has_small_complement,
    -- National and city totals are the last to be hidden, those of a neighbourhood the first; the price is declared.
    price * case
        when region_level = 'country' then 100.0
        when region_code = '{{ var('city_municipality_code') }}' then 50.0
        when region_level in ('municipality', 'ggd_region') then 20.0
        when region_code = 'other' then 1.0
        when region_level = 'borough' then 8.0
        when region_level = 'area' then 4.0
        when region_level = 'district' then 2.0
        else 1.0
    end as hiding_weight,
    -- 3: all numbers of the country, 2: of the city, 1: denominators. What is left of the city may go at once.
    case
        when region_level = 'country' then 3
        when region_code = '{{ var('city_municipality_code') }}' and schema_name = 'regiobeeld' then 2
        when region_level in ('district', 'neighbourhood') or region_code = 'other' then 0
        else 1
    end as keeping
from numbers
