-- Which regions make up which, for each population: a region is written level:code. Amsterdam and its boroughs, areas,
-- districts and neighbourhoods of 2021; the country, GGD regions and municipalities of 2023. Where the parts leave
-- something out (the country without its two municipalities), the sum is an upper bound.
with districts as (
    select * from {{ ref('amsterdam_districts_2021') }}
),

neighbourhoods as (
    select * from {{ ref('amsterdam_neighbourhoods_2021') }}
),

municipalities as (
    select * from {{ ref('municipalities') }}
    where year = {{ var('region_year_kennisnotitie') }}
),

populations as (
    select
        'regiobeeld' as product,
        'regiobeeld_births' as population
    union all
    select
        'regiobeeld' as product,
        'maternity_care_deliveries' as population
    union all
    select
        'regiobeeld' as product,
        'psychosocial_care_children' as population
    union all
    select
        'kennisnotitie' as product,
        'kennisnotitie_births' as population
),

city_districts as (
    select
        districts.district_code,
        {{ shown_region('districts', 'area') }} as area_code,
        {{ shown_region('districts', 'borough') }} as borough_code
    from districts
    union all
    -- Births of Amsterdam of which the neighbourhood is not known.
    select
        'other' as district_code,
        'other' as area_code,
        'other' as borough_code
),

nested as (
    {%- for code in var('regiobeeld_municipality_codes') %}
    select
        'regiobeeld' as product,
        'country:NL' as parent_region,
        'municipality:{{ code }}' as child_region,
        false as is_complete
    union all
    {%- endfor %}
    select distinct
        'regiobeeld' as product,
        'municipality:{{ var('city_municipality_code') }}' as parent_region,
        'borough:' || borough_code as child_region,
        true as is_complete
    from city_districts
    union all
    select distinct
        'regiobeeld' as product,
        'borough:' || borough_code as parent_region,
        'area:' || area_code as child_region,
        true as is_complete
    from city_districts
    union all
    select
        'regiobeeld' as product,
        'area:' || area_code as parent_region,
        'district:' || district_code as child_region,
        true as is_complete
    from city_districts
    union all
    select
        'regiobeeld' as product,
        'district:' || district_code as parent_region,
        'neighbourhood:' || neighbourhood_code as child_region,
        true as is_complete
    from neighbourhoods
    union all
    select
        'regiobeeld' as product,
        'district:other' as parent_region,
        'neighbourhood:other' as child_region,
        true as is_complete
    union all
    select distinct
        'kennisnotitie' as product,
        'country:NL' as parent_region,
        'ggd_region:' || ggd_region_code as child_region,
        true as is_complete
    from municipalities
    union all
    select
        'kennisnotitie' as product,
        'ggd_region:' || ggd_region_code as parent_region,
        'municipality:' || municipality_code as child_region,
        true as is_complete
    from municipalities
)

select
    populations.population,
    nested.parent_region,
    nested.child_region,
    nested.is_complete
from nested
inner join populations on nested.product = populations.product
