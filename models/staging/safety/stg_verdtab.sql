with source as (

    select * from {{ source('safety', 'verdtab') }}

),

renamed as (

    select
        file_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id
    from source

)

select * from renamed
