with source as (

    select * from {{ source('brp', 'vslgwbtab') }}

),

renamed as (

    select
        soortobjectnummer || rinobjectnummer as address_object_id,
        'GM' || gem2021 as municipality_2021_code,
        'WK' || wc2021 as district_2021_code,
        'BU' || bc2021 as neighbourhood_2021_code,
        'GM' || gem2023 as municipality_2023_code,
        'WK' || wc2023 as district_2023_code,
        'BU' || bc2023 as neighbourhood_2023_code
    from source

)

select * from renamed
