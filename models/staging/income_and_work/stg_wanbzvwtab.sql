with source as (

    select * from {{ source('income_and_work', 'wanbzvwtab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id
    from source

)

select * from renamed
