with source as (

    select * from {{ source('income_and_work', 'secmbus') }}

),

renamed as (

    select
        rinpersoon as person_id,
        secm as socioeconomic_category_code,
        -- The XKOPPEL columns hold 1 or nothing: nothing means no.
        coalesce(xkoppelzelfstsecm = '1', false) as is_self_employed,
        coalesce(xkoppelbijstandsecm = '1', false) as receives_social_assistance,
        {{ parse_date('aanvsecm') }} as valid_from,
        {{ spell_end('eindsecm') }} as valid_to
    from source

)

select * from renamed
