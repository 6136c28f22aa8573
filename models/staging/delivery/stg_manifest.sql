with source as (

    select * from {{ source('delivery', 'manifest') }}

),

renamed as (

    select
        coalesce({{ struct_field('synthetic', 'fraction') }}, 1.0) as fraction,
        {{ struct_field('synthetic', 'seed') }} as seed,
        {{ struct_field('synthetic', 'scenario') }} as scenario,
        synthetic is not null as is_synthetic
    from source

)

select * from renamed
