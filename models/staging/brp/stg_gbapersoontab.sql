with source as (

    select * from {{ source('brp', 'gbapersoontab') }}

),

renamed as (

    select
        rinpersoon as person_id,
        gbageslacht as sex_code,
        cast(gbageboortejaar as integer) as birth_year,
        -- Month 00 and day 00 mean unknown.
        nullif(cast(gbageboortemaand as integer), 0) as birth_month,
        nullif(cast(gbageboortedag as integer), 0) as birth_day,
        {{ earliest_date('gbageboortejaar', 'gbageboortemaand', 'gbageboortedag') }} as birth_date,
        gbageboorteland as birth_country_code,
        gbageboortelandmoeder as birth_country_mother_code,
        gbageboortelandvader as birth_country_father_code,
        gbaherkomstgroepering as origin_country_code,
        gbageneratie as generation_code,
        gbaherkomstland as origin_country_2022_code,
        gbageboortelandnl = '1' as is_born_in_netherlands
    from source

)

select * from renamed
