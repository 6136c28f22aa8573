with source as (

    select * from {{ source('income_and_work', 'wsnppersbus') }}

),

renamed as (

    select
        rinpersoon as person_id,
        {{ parse_date('wsnpdatumtoelaat') }} as valid_from,
        {{ spell_end('wsnpdatumbeein') }} as valid_to
    from source

)

select * from renamed
