with source as (

    select * from {{ source('safety', 'gedetineerdentab') }}

),

renamed as (

    select
        file_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id
    from source

)

select * from renamed
