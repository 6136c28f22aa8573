with source as (

    select * from {{ source('care', 'medicijntab') }}

),

renamed as (

    select
        file_year,
        {{ person_id('rinpersoons', 'rinpersoon') }} as person_id,
        atc4 as atc4_code
    from source

)

select * from renamed
