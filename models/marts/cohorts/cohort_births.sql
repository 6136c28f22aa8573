-- Microdata, never published: every birth with its links and flags. A monitoring instrument at population level, no
-- measure for an individual (KN:L207, L239).
{%- set conditions = [
    'crying_baby', 'eating_disorder', 'sleep_disorder', 'threatened_development', 'other_psychosocial', 'any'
] %}
with births as (
    select * from {{ ref('int_births__all') }}
),

population as (
    select * from {{ ref('int_regiobeeld__population') }}
),

residence as (
    select * from {{ ref('int_births__residence') }}
),

households as (
    select * from {{ ref('int_births__households') }}
),

low_income as (
    select * from {{ ref('int_risk_factors__low_income') }}
),

single_parent as (
    select * from {{ ref('int_risk_factors__single_parent') }}
),

debt as (
    select * from {{ ref('int_risk_factors__debt') }}
),

mental_health as (
    select * from {{ ref('int_risk_factors__mental_health') }}
),

regiobeeld as (
    select * from {{ ref('int_regiobeeld__births') }}
),

children as (
    select * from {{ ref('int_regiobeeld__children') }}
),

deliveries as (
    select * from {{ ref('int_births__deliveries') }}
),

birth_events as (
    select * from {{ ref('int_birth_events__events') }}
),

hospital_stays as (
    select * from {{ ref('int_hospital_stay__deliveries') }}
),

maternity_care as (
    select * from {{ ref('int_maternity_care__deliveries') }}
),

psychosocial_care as (
    select * from {{ ref('int_psychosocial_care__children') }}
),

chronic_illness as (
    select * from {{ ref('int_risk_factors__chronic_illness') }}
),

-- These scores have a row for every birth of the Kennisnotitie; its own table is there only later in a build.
kennisnotitie as (
    select * from {{ ref('int_vulnerability__birth_scores') }}
),

kennisnotitie_population as (
    select * from {{ ref('int_kennisnotitie__population') }}
)

select
    births.birth_id,
    births.birth_year,
    births.birth_date,
    births.reference_date,
    births.is_live_birth,
    cast(births.gestation_weeks as integer) as gestation_weeks,
    cast(births.birth_rank_mother as integer) as birth_rank_mother,
    births.mother_id,
    births.other_parent_id,
    births.known_parent_count,
    residence.first_address_date,
    residence.address_object_id,
    residence.municipality_2021_code,
    residence.district_2021_code,
    residence.neighbourhood_2021_code,
    residence.borough_2021_code,
    residence.area_2021_code,
    residence.municipality_2023_code,
    residence.ggd_region_2023_code,
    households.household_type_code_at_birth,
    households.household_type_code_on_reference_date,
    coalesce(
        population.birth_id is not null
        and population.exclusion_reason is null
        and births.birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}, false
    ) as is_in_regiobeeld,
    population.exclusion_reason as regiobeeld_exclusion_reason,
    low_income.is_low_income,
    low_income.is_low_income_excluding_tozo,
    low_income.has_income_below_120,
    low_income.has_social_assistance,
    low_income.has_social_assistance_secm,
    low_income.has_social_assistance_household,
    low_income.has_social_assistance_excluding_tozo,
    single_parent.is_single_parent,
    single_parent.is_single_parent_at_birth,
    single_parent.is_single_parent_on_reference_date,
    debt.has_debt,
    debt.debt_type,
    debt.is_wsnp,
    debt.is_premium_defaulter,
    debt.has_problematic_debt,
    debt.debt_is_look_ahead,
    mental_health.has_mental_health_problem__regiobeeld,
    mental_health.has_mental_health_problem__monitor,
    mental_health.has_mental_health_care,
    mental_health.has_psychotropic_medication__regiobeeld,
    cast(regiobeeld.risk_factor_count as integer) as risk_factor_count,
    cast(regiobeeld.risk_factor_count_without_social_assistance as integer)
        as risk_factor_count_without_social_assistance,
    cast(regiobeeld.risk_factor_count_excluding_tozo as integer) as risk_factor_count_excluding_tozo,
    regiobeeld.has_unknown_risk_factor,
    regiobeeld.education_class,
    regiobeeld.has_middle_or_high,
    regiobeeld.origin_class,
    regiobeeld.has_parent_under_25,
    regiobeeld.mother_age_years,
    regiobeeld.other_parent_age_years,
    chronic_illness.has_chronic_illness,
    deliveries.delivery_id,
    children.is_first_of_delivery,
    birth_events.is_birth_day_masked,
    birth_events.died_within_28_days,
    birth_events.is_preterm_under_26,
    birth_events.is_preterm_26_32,
    birth_events.has_nicu_stay,
    birth_events.has_picu_stay,
    cast(birth_events.nicu_admissions as integer) as nicu_admissions,
    cast(birth_events.picu_admissions as integer) as picu_admissions,
    hospital_stays.has_zvw_record,
    hospital_stays.has_hospital_stay,
    hospital_stays.has_hospital_stay__regiobeeld,
    hospital_stays.has_hospital_stay__rivm,
    cast(maternity_care.maternity_care_costs as double) as maternity_care_costs,
    cast(maternity_care.maternity_care_hours as double) as maternity_care_hours,
    maternity_care.maternity_care_class,
    children.maternity_care_exclusion_reason
    {%- for condition in conditions %}
    {%- for age_window in ['age_2', 'age_4'] %},
    psychosocial_care.has_{{ condition }}__{{ age_window }}
    {%- endfor %}
    {%- endfor %},
    kennisnotitie.birth_id is not null as is_in_kennisnotitie,
    kennisnotitie_population.kennisnotitie_exclusion_reason,
    kennisnotitie.is_multiply_vulnerable,
    cast(kennisnotitie.vulnerability_probability as double) as vulnerability_probability,
    cast(kennisnotitie.vulnerable_share_of_imputations as double) as vulnerable_share_of_imputations,
    cast(kennisnotitie.probability_mean as double) as probability_mean
from births
left join population on births.birth_id = population.birth_id
left join residence on births.birth_id = residence.birth_id
left join households on births.birth_id = households.birth_id
left join low_income on births.birth_id = low_income.birth_id
left join single_parent on births.birth_id = single_parent.birth_id
left join debt on births.birth_id = debt.birth_id
left join mental_health on births.birth_id = mental_health.birth_id
left join regiobeeld on births.birth_id = regiobeeld.birth_id
left join children on births.birth_id = children.birth_id
left join deliveries on births.birth_id = deliveries.birth_id
left join birth_events on births.birth_id = birth_events.birth_id
-- A stillborn child shares the delivery of its twin but had no care of its own.
left join hospital_stays on births.is_live_birth and deliveries.delivery_id = hospital_stays.delivery_id
left join maternity_care on births.is_live_birth and deliveries.delivery_id = maternity_care.delivery_id
left join psychosocial_care on births.birth_id = psychosocial_care.birth_id
left join chronic_illness on births.birth_id = chronic_illness.birth_id
left join kennisnotitie on births.birth_id = kennisnotitie.birth_id
left join kennisnotitie_population on births.birth_id = kennisnotitie_population.birth_id
