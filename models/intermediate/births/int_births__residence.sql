-- Residence in the first period after birth: the first BRP address on or after birth (A-28). A stillborn child
-- has no address of its own: the mother's counts.
with births as (

    select
        birth_id,
        case when is_live_birth then birth_id else mother_id end as resident_id,
        coalesce(birth_date, make_date(birth_year, 1, 1)) as birth_date
    from {{ ref('int_births__all') }}

),

addresses as (

    select
        person_id,
        address_object_id,
        valid_from,
        valid_to
    from {{ ref('stg_gbaadresobjectbus') }}
    where valid_from is not null

),

addresses_from_birth_on as (

    select
        births.birth_id,
        addresses.address_object_id,
        addresses.valid_from,
        greatest(addresses.valid_from, births.birth_date) as first_address_date
    from births
    inner join addresses on births.resident_id = addresses.person_id
    where addresses.valid_to is null or addresses.valid_to > births.birth_date

),

ranked as (

    select
        birth_id,
        address_object_id,
        first_address_date,
        row_number() over (
            partition by birth_id
            order by first_address_date asc, valid_from desc, address_object_id asc
        ) as address_rank
    from addresses_from_birth_on

),

first_addresses as (

    select
        birth_id,
        address_object_id,
        first_address_date
    from ranked
    where address_rank = 1

),

bag_objects as (

    select
        address_object_id,
        municipality_2021_code,
        district_2021_code,
        neighbourhood_2021_code,
        municipality_2023_code
    from {{ ref('stg_vslgwbtab') }}

),

-- Institutions and odd addresses that are not in the BAG.
other_objects as (

    select
        address_object_id,
        municipality_2021_code,
        district_2021_code,
        neighbourhood_2021_code,
        municipality_2023_code
    from {{ ref('stg_nietvslgwbtab') }}

),

with_regions as (

    select
        first_addresses.birth_id,
        first_addresses.first_address_date,
        first_addresses.address_object_id,
        coalesce(bag_objects.municipality_2021_code, other_objects.municipality_2021_code)
            as municipality_2021_code,
        coalesce(bag_objects.district_2021_code, other_objects.district_2021_code) as district_2021_code,
        coalesce(bag_objects.neighbourhood_2021_code, other_objects.neighbourhood_2021_code)
            as neighbourhood_2021_code,
        coalesce(bag_objects.municipality_2023_code, other_objects.municipality_2023_code)
            as municipality_2023_raw_code
    from first_addresses
    left join bag_objects on first_addresses.address_object_id = bag_objects.address_object_id
    left join other_objects on first_addresses.address_object_id = other_objects.address_object_id

),

districts as (

    select
        district_code,
        area_code,
        borough_code
    from {{ ref('amsterdam_districts_2021') }}

),

-- A municipality that had merged before the division of 2023 but still carries its old code there: Weesp, since
-- 24 March 2022 part of Amsterdam, is the known case. Split municipalities cannot be mapped by code.
mergers as (

    select
        old_municipality_code,
        new_municipality_code
    from {{ ref('municipal_mergers') }}
    where
        first_year between {{ var('region_year_regiobeeld') }} + 1 and {{ var('region_year_kennisnotitie') }}
        and not is_split
        and old_municipality_code != new_municipality_code

),

ggd_regions as (

    select
        municipality_code,
        ggd_region_code
    from {{ ref('municipalities') }}
    where year = {{ var('region_year_kennisnotitie') }}

),

births_with_regions as (

    select
        births.birth_id,
        with_regions.first_address_date,
        with_regions.address_object_id,
        with_regions.municipality_2021_code,
        with_regions.district_2021_code,
        with_regions.neighbourhood_2021_code,
        districts.borough_code as borough_2021_code,
        districts.area_code as area_2021_code,
        coalesce(mergers.new_municipality_code, with_regions.municipality_2023_raw_code)
            as municipality_2023_code
    from births
    left join with_regions on births.birth_id = with_regions.birth_id
    left join districts on with_regions.district_2021_code = districts.district_code
    left join mergers on with_regions.municipality_2023_raw_code = mergers.old_municipality_code

),

final as (

    select
        births_with_regions.birth_id,
        births_with_regions.first_address_date,
        births_with_regions.address_object_id,
        births_with_regions.municipality_2021_code,
        births_with_regions.district_2021_code,
        births_with_regions.neighbourhood_2021_code,
        births_with_regions.borough_2021_code,
        births_with_regions.area_2021_code,
        births_with_regions.municipality_2023_code,
        ggd_regions.ggd_region_code as ggd_region_2023_code
    from births_with_regions
    left join ggd_regions on births_with_regions.municipality_2023_code = ggd_regions.municipality_code

)

select * from final
