with source as (

    select * from {{ source('income_and_work', 'koppelpersoonhuishouden') }}

),

renamed as (

    select
        file_year as income_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id,
        {{ person_id('rinpersoonshkw', 'rinpersoonhkw') }} as income_household_id
    from source

)

select * from renamed
