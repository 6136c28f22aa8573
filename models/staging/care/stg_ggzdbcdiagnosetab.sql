with source as (

    select * from {{ source('care', 'ggzdbcdiagnosetab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        -- DSM-IV codes of addiction begin with as1_4.
        coalesce(left(lower(trim(ggzdbcnevendiagnosedsmiv)), 5) = 'as1_4', false) as is_addiction_diagnosis
    from source

)

select * from renamed
