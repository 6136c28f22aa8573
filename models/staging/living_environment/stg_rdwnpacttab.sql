with source as (

    select * from {{ source('living_environment', 'rdwnpacttab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id
    from source

)

select * from renamed
