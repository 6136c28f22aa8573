with source as (

    select * from {{ source('safety', 'verdtab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id
    from source

)

select * from renamed
