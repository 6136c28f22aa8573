with source as (

    select * from {{ source('care', 'mszzorgactiviteitenvekttab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        -- Blanks stand around the numbers that link, as in the products: trimmed on both sides, or they never meet.
        nullif(trim(vektmszkoppelidprestza), '') as product_link_id,
        cast(nullif(trim(vektmszbeginjaarprest), '') as integer) as product_start_year,
        nullif(trim(vektmszzorgactiviteit), '') as activity_code,
        {{ parse_date('vektmszzorgactiviteitdatum') }} as activity_date,
        vektmszaantalza as activity_count
    from source

)

select * from renamed
