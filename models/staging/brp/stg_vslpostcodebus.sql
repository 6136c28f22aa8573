with source as (

    select * from {{ source('brp', 'vslpostcodebus') }}

),

renamed as (

    select
        soortobjectnummer || rinobjectnummer as address_object_id,
        postcodenum as postcode4,
        {{ parse_date('datumaanvpostcodenumadres') }} as valid_from,
        {{ spell_end('datumeindpostcodenumadres') }} as valid_to
    from source

)

select * from renamed
