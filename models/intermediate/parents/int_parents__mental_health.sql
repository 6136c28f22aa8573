-- Mental health care or psychotropic medication in a calendar year before birth, t-1 by default (A-24). The costs
-- register covers the insured: absent means unknown. Medication is a presence register: absent means no.
with parents as (

    select
        parent_id,
        birth_year,
        birth_year - {{ var('mental_health_years_before_birth') }} as care_year
    from {{ ref('int_parents__years') }}

),

-- Basic and specialist care until 2021; one heading for both from 2022 (zorgprestatiemodel).
costs as (

    select
        file_year,
        person_id,
        specialist_mental_health_costs,
        basic_mental_health_costs,
        mental_health_costs_zpm
    from {{ ref('stg_zvwzorgkostentab') }}

),

atc_groups as (

    select
        atc4_code,
        max(case when definition = 'regiobeeld' then 1 else 0 end) as is_regiobeeld,
        max(case when definition = 'monitor' then 1 else 0 end) as is_monitor,
        max(case when definition = 'anxiety_depression' then 1 else 0 end) as is_anxiety_depression
    from {{ ref('atc_groups') }}
    group by atc4_code

),

-- Few of the rows are psychotropic medication: that filter comes first.
medication as (

    select
        dispensed.file_year,
        dispensed.person_id,
        max(atc_groups.is_regiobeeld) = 1 as has_regiobeeld_medication,
        max(atc_groups.is_monitor) = 1 as has_monitor_medication,
        max(atc_groups.is_anxiety_depression) = 1 as has_anxiety_depression_medication
    from {{ ref('stg_medicijntab') }} as dispensed
    inner join atc_groups on dispensed.atc4_code = atc_groups.atc4_code
    group by dispensed.file_year, dispensed.person_id

),

combined as (

    select
        parents.parent_id,
        parents.birth_year,
        case
            when
                coalesce(
                    costs.specialist_mental_health_costs,
                    costs.basic_mental_health_costs,
                    costs.mental_health_costs_zpm
                ) is not null
                then
                    coalesce(costs.specialist_mental_health_costs, 0) > 0
                    or coalesce(costs.basic_mental_health_costs, 0) > 0
                    or coalesce(costs.mental_health_costs_zpm, 0) > 0
        end as has_mental_health_care,
        coalesce(medication.has_regiobeeld_medication, false) as has_psychotropic_medication__regiobeeld,
        coalesce(medication.has_monitor_medication, false) as has_psychotropic_medication__monitor,
        coalesce(medication.has_anxiety_depression_medication, false) as has_anxiety_depression_medication
    from parents
    left join costs
        on
            parents.parent_id = costs.person_id
            and parents.care_year = costs.file_year
    left join medication
        on
            parents.parent_id = medication.person_id
            and parents.care_year = medication.file_year

),

final as (

    select
        parent_id,
        birth_year,
        has_mental_health_care,
        has_psychotropic_medication__regiobeeld,
        has_psychotropic_medication__monitor,
        has_anxiety_depression_medication,
        has_mental_health_care or has_psychotropic_medication__regiobeeld as has_mental_health_problem__regiobeeld,
        has_mental_health_care or has_psychotropic_medication__monitor as has_mental_health_problem__monitor
    from combined

)

select * from final
