with source as (

    select * from {{ source('care', 'lvbciz') }}

),

renamed as (

    select
        rinpersoon as person_id,
        true as has_intellectual_disability
    from source

)

select * from renamed
