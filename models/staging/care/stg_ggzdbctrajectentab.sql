with source as (

    select * from {{ source('care', 'ggzdbctrajectentab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        -- Circuit 5 is addiction care.
        coalesce(trim(ggzdbccircuit) = '5', false) as is_addiction_care
    from source

)

select * from renamed
