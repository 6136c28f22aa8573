-- Microdata, never published: every birth with its links and flags. A monitoring instrument at population level, no
-- measure for an individual (RB:L207, L239).
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
    coalesce(population.birth_id is not null and population.exclusion_reason is null, false) as is_in_regiobeeld,
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
    regiobeeld.other_parent_age_years
from births
left join population on births.birth_id = population.birth_id
left join residence on births.birth_id = residence.birth_id
left join households on births.birth_id = households.birth_id
left join low_income on births.birth_id = low_income.birth_id
left join single_parent on births.birth_id = single_parent.birth_id
left join debt on births.birth_id = debt.birth_id
left join mental_health on births.birth_id = mental_health.birth_id
left join regiobeeld on births.birth_id = regiobeeld.birth_id
