with source as (

    select * from {{ source('brp', 'gbahuishoudensbus') }}

),

renamed as (

    select
        rinpersoon as person_id,
        -- HUISHOUDNR is reused over time: the household is the number together with the begin date.
        huishoudnr || '_' || datumaanvanghh as household_id,
        typhh as household_type_code,
        plhh as household_place_code,
        cast(aantalpershh as integer) as person_count,
        cast(aantalkindhh as integer) as child_count,
        refpersoonhh = '1' as is_reference_person,
        {{ parse_date('datumaanvanghh') }} as valid_from,
        {{ spell_end('datumeindehh') }} as valid_to
    from source

)

select * from renamed
