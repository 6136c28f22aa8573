with source as (

    select * from {{ source('care', 'zvwzorgkostentab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        -- Headings (ZVWK): they add up to the total.
        zvwkhuisarts as general_practitioner_costs,
        zvwkmultidisc as multidisciplinary_care_costs,
        zvwkfarmacie as pharmacy_costs,
        zvwkmondzorg as dental_care_costs,
        zvwkziekenhuis as hospital_costs,
        zvwkeerstelijnsverblijf as primary_care_stay_costs,
        zvwkparamedisch as paramedical_care_costs,
        zvwkhulpmiddel as medical_device_costs,
        zvwkziekenvervoer as patient_transport_costs,
        zvwkgeboortezorg as birth_care_costs,
        zvwkbuitenland as care_abroad_costs,
        zvwkoverig as other_care_costs,
        zvwkgenbasggz as basic_mental_health_costs,
        zvwkspecggz as specialist_mental_health_costs,
        zvwkggzzpmtotaal as mental_health_costs_zpm,
        zvwkgeriatrisch as geriatric_rehabilitation_costs,
        zvwkwykverpleging as district_nursing_costs,
        zvwkzintuiglijk as sensory_disability_care_costs,
        zvwktotaal as total_costs,
        -- Parts of a heading (NOPZVWK): already counted in it, never added to it.
        nopzvwkhuisartsinschrijf as general_practitioner_registration_costs,
        nopzvwkhuisartsconsult as general_practitioner_consultation_costs,
        nopzvwkhuisartsoverig as general_practitioner_other_costs,
        nopzvwkverloskunde as obstetrics_costs,
        nopzvwkkraamzorg as maternity_care_costs
    from source

)

select * from renamed
