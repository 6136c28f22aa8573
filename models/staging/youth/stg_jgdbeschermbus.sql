with source as (

    select * from {{ source('youth', 'jgdbeschermbus') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        jgdbmaatregel as measure_code,
        {{ parse_date('jgdbgeldigheidbegindatum') }} as valid_from,
        {{ spell_end('jgdbgeldigheideinddatum') }} as valid_to
    from source

)

select * from renamed
