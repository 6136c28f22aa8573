with source as (

    select * from {{ source('brp', 'kindoudertab') }}

),

renamed as (

    select
        {{ person_id('rinpersoons', 'rinpersoon') }} as child_id,
        {{ person_id('rinpersoonsma', 'rinpersoonma') }} as mother_id,
        {{ person_id('rinpersoonspa', 'rinpersoonpa') }} as other_parent_id
    from source

)

select * from renamed
