with source as (

    select * from {{ source('living_environment', 'leefbaarometer') }}

),

renamed as (

    select
        cast(jaar as integer) as measurement_year,
        pc4 as postcode4,
        lbm as liveability_score
    from source

)

select * from renamed
