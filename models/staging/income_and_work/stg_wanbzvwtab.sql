with source as (

    select * from {{ source('income_and_work', 'wanbzvwtab') }}

),

renamed as (

    select
        file_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id
    from source

)

select * from renamed
