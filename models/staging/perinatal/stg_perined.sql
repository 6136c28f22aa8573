with source as (

    select * from {{ source('perinatal', 'perined') }}

),

renamed as (

    select
        file_year,
        rinpersoon_kind as child_id,
        cast(jaar as integer) as birth_year,
        cast(amddd as integer) as gestation_days,
        cast(amww as integer) as gestation_weeks,
        hoftiezer as birth_weight_percentile,
        cast(apgar5 as integer) as apgar_score,
        type_partus as delivery_mode_code,
        ruptuur as rupture_code,
        overdracht = 1 as has_referral,
        ziekenhuisbevalling = 1 as has_hospital_birth,
        fluxus = 1 as has_haemorrhage,
        episiotomie = 1 as has_episiotomy,
        nicuopname = 1 as has_intensive_care,
        congenafw = 1 as has_congenital_anomaly,
        ruggenprik = 1 as has_epidural
    from source

)

select * from renamed
