with source as (

    select * from {{ source('brp', 'gbaadresobjectbus') }}

),

renamed as (

    select
        rinpersoon as person_id,
        soortobjectnummer || rinobjectnummer as address_object_id,
        {{ parse_date('gbadatumaanvangadreshouding') }} as valid_from,
        {{ spell_end('gbadatumeindeadreshouding') }} as valid_to
    from source

)

select * from renamed
