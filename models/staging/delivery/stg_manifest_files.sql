with source as (

    select * from {{ source('delivery', 'manifest') }}

),

files as (

    select {{ unnested('registers') }} as file
    from source

),

renamed as (

    select
        {{ struct_field('file', 'component') }} as register_name,
        {{ struct_field('file', 'file_year') }} as file_year,
        {{ struct_field('file', 'source_file') }} as source_file,
        {{ struct_field('file', 'version') }} as version,
        {{ struct_field('file', 'rows') }} as register_rows,
        {{ struct_field('file', 'persons') }} as persons,
        {{ struct_field('file', 'linked_persons') }} as linked_persons
    from files

)

select * from renamed
