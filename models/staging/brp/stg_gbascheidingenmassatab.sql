with source as (

    select * from {{ source('brp', 'gbascheidingenmassatab') }}

),

renamed as (

    select
        cast(scheidingjaar as integer) as divorce_year,
        rinpersoonpartner1s as partner_1_id,
        rinpersoonpartner2s as partner_2_id
    from source

)

select * from renamed
