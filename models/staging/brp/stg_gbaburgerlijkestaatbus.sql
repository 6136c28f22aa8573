with source as (

    select * from {{ source('brp', 'gbaburgerlijkestaatbus') }}

),

renamed as (

    select
        rinpersoon as person_id,
        gbaburgerlijkestaatnw as marital_status_code,
        {{ parse_date('gbaaanvangburgerlijkestaat') }} as valid_from,
        {{ spell_end('gbaeindeburgerlijkestaat') }} as valid_to
    from source

)

select * from renamed
