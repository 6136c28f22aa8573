with source as (

    select * from {{ source('health_monitor', 'gemon') }}

),

renamed as (

    select
        file_year as survey_year,
        rinpersoon as person_id,
        cast(erv_gez_2cat as smallint) as perceived_health,
        cast(beperkt_gez as smallint) as restricted_by_health,
        cast(langdurig_ziekte as smallint) as long_term_illness,
        cast(depr_matighoog as smallint) as anxiety_depression_risk,
        cast(regie_3cat as smallint) as control_over_life,
        cast(bmi_cat as smallint) as body_mass_index,
        cast(eenz_cat as smallint) as loneliness,
        cast(moeite_ink as smallint) as difficulty_with_income,
        cast(beweegrichtlijn as smallint) as physical_activity,
        cast(overmatig_dr_2006 as smallint) as excessive_drinking,
        cast(roker as smallint) as smoking
    from source

)

select * from renamed
