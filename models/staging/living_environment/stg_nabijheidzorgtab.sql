with source as (

    select * from {{ source('living_environment', 'nabijheidzorgtab') }}

),

renamed as (

    select
        file_year,
        soortobjectnummer || rinobjectnummer as address_object_id,
        cast(vzaanthartspr03km as integer) as practices_within_3_km
    from source

)

select * from renamed
