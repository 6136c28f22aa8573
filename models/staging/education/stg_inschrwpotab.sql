with source as (

    select * from {{ source('education', 'inschrwpotab') }}

),

-- Some years hold codes, others labels (registers.md 3).
renamed as (

    select
        file_year,
        rinpersoon as person_id,
        case lower(wpotypepo)
            when 'bo' then 'BO'
            when 'basisonderwijs' then 'BO'
            when 'sbo' then 'SBO'
            when 'speciaal basisonderwijs' then 'SBO'
        end as primary_education_code
    from source

)

select * from renamed
