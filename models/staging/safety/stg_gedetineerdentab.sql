with source as (

    select * from {{ source('safety', 'gedetineerdentab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id
    from source

)

select * from renamed
