with source as (

    select * from {{ source('youth', 'jgdhulpbus') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        jgdhhulpvorm as help_form_code,
        {{ parse_date('jgdhgeldigheidbegindatum') }} as valid_from,
        {{ spell_end('jgdhgeldigheideinddatum') }} as valid_to
    from source

)

select * from renamed
