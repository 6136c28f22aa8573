-- One row per region of the Regiobeeld's tables: the indeling of 2021 for all years (A.4, geography).
-- Westpoort has hardly any inhabitants: as borough and area it is part of its neighbour (var residual_borough_joins).
-- Amsterdam births whose neighbourhood is unknown are in `other`.
with districts as (
    select * from {{ ref('amsterdam_districts_2021') }}
),

neighbourhoods as (
    select * from {{ ref('amsterdam_neighbourhoods_2021') }}
),

municipalities as (
    select * from {{ ref('municipalities') }}
),

regions as (
    select
        'country' as region_level,
        'NL' as region_code,
        'Nederland' as region_name
    union all
    select
        'municipality' as region_level,
        municipality_code as region_code,
        municipality_name as region_name
    from municipalities
    where
        year = {{ var('region_year_regiobeeld') }}
        and municipality_code in ({{ sql_list(var('regiobeeld_municipality_codes')) }})
    union all
    select distinct
        'borough' as region_level,
        borough_code as region_code,
        borough_name as region_name
    from districts
    where borough_code <> '{{ var('residual_borough_code') }}'
    union all
    select distinct
        'area' as region_level,
        area_code as region_code,
        area_name as region_name
    from districts
    where borough_code <> '{{ var('residual_borough_code') }}'
    union all
    select
        'district' as region_level,
        district_code as region_code,
        district_name as region_name
    from districts
    union all
    select
        'neighbourhood' as region_level,
        neighbourhood_code as region_code,
        neighbourhood_name as region_name
    from neighbourhoods
    {%- for level, name in [
        ('borough', 'Stadsdeel onbekend'), ('area', 'Gebied onbekend'), ('district', 'Wijk onbekend'),
        ('neighbourhood', 'Buurt onbekend')
    ] %}
    union all
    select
        '{{ level }}' as region_level,
        'other' as region_code,
        '{{ name }}' as region_name
    {%- endfor %}
)

select
    cast(region_level as varchar) as region_level,
    cast(region_code as varchar) as region_code,
    cast(region_name as varchar) as region_name
from regions
