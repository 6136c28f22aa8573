with source as (

    select * from {{ source('care', 'medicijntab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        atc4 as atc4_code
    from source

)

select * from renamed
