with source as (

    select * from {{ source('education', 'inschrwectab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id
    from source

)

select * from renamed
