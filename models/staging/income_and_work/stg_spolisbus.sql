with source as (

    select * from {{ source('income_and_work', 'spolisbus') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        sbasisuren as base_hours,
        scontractsoort = 'O' as is_permanent,
        spolisdienstverband = '1' as is_full_time
    from source

)

select * from renamed
