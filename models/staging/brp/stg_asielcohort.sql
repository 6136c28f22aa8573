with source as (

    select * from {{ source('brp', 'asielcohort') }}

),

renamed as (

    select
        rinpersoon as person_id,
        -- Older files also hold persons outside the cohort; newer ones members alone.
        coalesce(pop_coaind = 1, true) as is_asylum_migrant
    from source

)

select * from renamed
