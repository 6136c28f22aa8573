with source as (

    select * from {{ source('care', 'lvbbasisbestand') }}

),

renamed as (

    select
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id,
        coalesce(lvbregistratie = 1, false) as has_intellectual_disability
    from source

)

select * from renamed
