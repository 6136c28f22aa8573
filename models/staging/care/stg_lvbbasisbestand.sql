with source as (

    select * from {{ source('care', 'lvbbasisbestand') }}

),

renamed as (

    select
        rinpersoon as person_id,
        coalesce(lvbregistratie = 1, false) as has_intellectual_disability
    from source

)

select * from renamed
