with source as (

    select * from {{ source('brp', 'kindoudertab') }}

),

renamed as (

    select
        rinpersoon as child_id,
        rinpersoonma as mother_id,
        rinpersoonpa as other_parent_id
    from source

)

select * from renamed
