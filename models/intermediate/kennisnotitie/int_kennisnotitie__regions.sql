-- One row per region of the Kennisnotitie's tables: the division of 2023 for all years (A.4, geography).
with municipalities as (

    select
        municipality_code,
        municipality_name
    from {{ ref('municipalities') }}
    where year = {{ var('region_year_kennisnotitie') }}

),

ggd_regions as (

    select
        ggd_region_code,
        ggd_region_name
    from {{ ref('ggd_regions') }}

),

regions as (

    select
        'country' as region_level,
        'NL' as region_code,
        'Nederland' as region_name

    union all

    select
        'ggd_region' as region_level,
        ggd_region_code as region_code,
        ggd_region_name as region_name
    from ggd_regions

    union all

    select
        'municipality' as region_level,
        municipality_code as region_code,
        municipality_name as region_name
    from municipalities

)

select
    cast(region_level as varchar) as region_level,
    cast(region_code as varchar) as region_code,
    cast(region_name as varchar) as region_name
from regions
