with source as (

    select * from {{ source('brp', 'gbaoverlijdentab') }}

),

renamed as (

    select
        rinpersoon as person_id,
        {{ parse_date('gbadatumoverlijden') }} as death_date
    from source

)

select * from renamed
