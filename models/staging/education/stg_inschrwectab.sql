with source as (

    select * from {{ source('education', 'inschrwectab') }}

),

renamed as (

    select
        file_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id
    from source

)

select * from renamed
