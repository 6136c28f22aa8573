with source as (

    select * from {{ source('income_and_work', 'koppelpersoonhuishouden') }}

),

renamed as (

    select
        file_year as income_year,
        rinpersoon as person_id,
        rinpersoonhkw as income_household_id
    from source

)

select * from renamed
