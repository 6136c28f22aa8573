with source as (

    select * from {{ source('care', 'mszprestatiesvekttab') }}

),

-- Codes come with blanks around them, which differ between files of the same year.
trimmed as (

    select
        file_year,
        rinpersoon,
        nullif(trim(vektmszkoppelidprestza), '') as product_link_id,
        cast(nullif(trim(vektmszbeginjaarprest), '') as integer) as product_start_year,
        vektmszbegindatumprest,
        vektmszeinddatumprest,
        nullif(trim(vektmszdbczorgproduct), '') as care_product_code,
        trim(vektmszspecialismediagnosecombinatie) as specialism_and_diagnosis,
        nullif(nullif(trim(vektmszsettingzpk), ''), '9') as setting_code
    from source

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        product_link_id,
        product_start_year,
        {{ parse_date('vektmszbegindatumprest') }} as product_start_date,
        {{ parse_date('vektmszeinddatumprest') }} as product_end_date,
        care_product_code,
        -- Characters 1-4 and 12-15 of fifteen; of another width it is not known where the parts stand.
        case when length(specialism_and_diagnosis) = 15 then nullif(substr(specialism_and_diagnosis, 1, 4), '9999') end
            as specialism_code,
        case when length(specialism_and_diagnosis) = 15 then nullif(substr(specialism_and_diagnosis, 12, 4), '9999') end
            as diagnosis_code,
        setting_code
    from trimmed

)

select * from renamed
