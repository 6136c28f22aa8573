-- The Regiobeeld's births with everything its tables on births and risk factors count. Regions in the division of
-- 2021 for all years; below the municipality only for Amsterdam.
with population as (

    select
        birth_id,
        birth_year
    from {{ ref('int_regiobeeld__population') }}
    where exclusion_reason is null

),

births as (

    select
        birth_id,
        known_parent_count
    from {{ ref('int_births__all') }}

),

residence as (

    select
        birth_id,
        municipality_2021_code,
        borough_2021_code,
        area_2021_code,
        district_2021_code,
        neighbourhood_2021_code
    from {{ ref('int_births__residence') }}

),

municipalities as (

    select
        municipality_code,
        municipality_name
    from {{ ref('municipalities') }}
    where year = {{ var('region_year_regiobeeld') }}

),

boroughs as (

    select distinct
        borough_code,
        borough_name
    from {{ ref('amsterdam_districts_2021') }}

),

low_income as (

    select
        birth_id,
        is_low_income,
        is_low_income_excluding_tozo,
        has_income_below_120,
        has_social_assistance,
        has_social_assistance_excluding_tozo
    from {{ ref('int_risk_factors__low_income') }}

),

single_parent as (

    select
        birth_id,
        is_single_parent
    from {{ ref('int_risk_factors__single_parent') }}

),

debt as (

    select
        birth_id,
        has_debt,
        debt_type,
        is_wsnp,
        is_premium_defaulter,
        has_problematic_debt,
        debt_is_look_ahead
    from {{ ref('int_risk_factors__debt') }}

),

mental_health as (

    select
        birth_id,
        has_mental_health_problem__regiobeeld,
        has_mental_health_care,
        has_psychotropic_medication__regiobeeld
    from {{ ref('int_risk_factors__mental_health') }}

),

parents as (

    select
        birth_id,
        education_class,
        has_middle_or_high,
        origin_class,
        has_parent_under_25,
        mother_age_years,
        other_parent_age_years
    from {{ ref('int_regiobeeld__parents') }}

),

combined as (

    select
        population.birth_id,
        population.birth_year,
        residence.municipality_2021_code as municipality_code,
        municipalities.municipality_name,
        residence.borough_2021_code as borough_code,
        boroughs.borough_name,
        residence.area_2021_code as area_code,
        case when residence.borough_2021_code is not null then residence.district_2021_code end as district_code,
        case when residence.borough_2021_code is not null then residence.neighbourhood_2021_code end
            as neighbourhood_code,
        low_income.is_low_income,
        low_income.is_low_income_excluding_tozo,
        low_income.has_income_below_120,
        low_income.has_social_assistance,
        low_income.has_social_assistance_excluding_tozo,
        single_parent.is_single_parent,
        debt.has_debt,
        debt.debt_type,
        debt.is_wsnp,
        debt.is_premium_defaulter,
        debt.has_problematic_debt,
        debt.debt_is_look_ahead,
        mental_health.has_mental_health_problem__regiobeeld as has_mental_health_problem,
        mental_health.has_mental_health_care,
        mental_health.has_psychotropic_medication__regiobeeld as has_psychotropic_medication,
        births.known_parent_count,
        parents.education_class,
        parents.has_middle_or_high,
        parents.origin_class,
        parents.has_parent_under_25,
        parents.mother_age_years,
        parents.other_parent_age_years
    from population
    left join births on population.birth_id = births.birth_id
    left join residence on population.birth_id = residence.birth_id
    left join municipalities on residence.municipality_2021_code = municipalities.municipality_code
    left join boroughs on residence.borough_2021_code = boroughs.borough_code
    left join low_income on population.birth_id = low_income.birth_id
    left join single_parent on population.birth_id = single_parent.birth_id
    left join debt on population.birth_id = debt.birth_id
    left join mental_health on population.birth_id = mental_health.birth_id
    left join parents on population.birth_id = parents.birth_id

),

final as (

    select
        birth_id,
        birth_year,
        municipality_code,
        municipality_name,
        borough_code,
        borough_name,
        area_code,
        district_code,
        neighbourhood_code,
        is_low_income,
        is_low_income_excluding_tozo,
        has_income_below_120,
        has_social_assistance,
        has_social_assistance_excluding_tozo,
        is_single_parent,
        has_debt,
        debt_type,
        is_wsnp,
        is_premium_defaulter,
        has_problematic_debt,
        debt_is_look_ahead,
        has_mental_health_problem,
        has_mental_health_care,
        has_psychotropic_medication,
        -- The number of risk factors is the number of those that are known to be there.
        {{ count_true(['is_low_income', 'is_single_parent', 'has_debt', 'has_mental_health_problem']) }}
            as risk_factor_count,
        {{ count_true(['has_income_below_120', 'is_single_parent', 'has_debt', 'has_mental_health_problem']) }}
            as risk_factor_count_without_social_assistance,
        {{ count_true([
            'is_low_income_excluding_tozo', 'is_single_parent', 'has_debt', 'has_mental_health_problem'
        ]) }} as risk_factor_count_excluding_tozo,
        is_low_income is null
        or is_single_parent is null
        or has_debt is null
        or has_mental_health_problem is null as has_unknown_risk_factor,
        -- RB-19: income below 120 % of the social minimum, social assistance or problematic debt. Three-valued: one yes
        -- is enough, without one an unknown part leaves it unknown.
        is_low_income or has_problematic_debt as has_limited_financial_capacity,
        known_parent_count,
        education_class,
        has_middle_or_high,
        origin_class,
        has_parent_under_25,
        mother_age_years,
        other_parent_age_years
    from combined

)

select * from final
