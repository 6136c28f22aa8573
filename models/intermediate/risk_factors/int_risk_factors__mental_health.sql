-- Mental health problems of at least one parent (slide 44). The two definitions stand side by side (A-22): the
-- Regiobeeld's, and that of the national monitor with other groups of medication.
with births as (

    select
        birth_id,
        birth_year
    from {{ ref('int_births__all') }}

),

parents as (

    select
        birth_id,
        parent_id,
        birth_year
    from {{ ref('int_births__parents') }}

),

mental_health as (

    select
        parent_id,
        birth_year,
        has_mental_health_care,
        has_psychotropic_medication__regiobeeld,
        has_mental_health_problem__regiobeeld,
        has_mental_health_problem__monitor
    from {{ ref('int_parents__mental_health') }}

),

over_parents as (

    select
        parents.birth_id,
        {{ any_true('mental_health.has_mental_health_care') }} as has_mental_health_care,
        {{ any_true('mental_health.has_psychotropic_medication__regiobeeld') }}
            as has_psychotropic_medication__regiobeeld,
        {{ any_true('mental_health.has_mental_health_problem__regiobeeld') }}
            as has_mental_health_problem__regiobeeld,
        {{ any_true('mental_health.has_mental_health_problem__monitor') }} as has_mental_health_problem__monitor
    from parents
    left join mental_health
        on
            parents.parent_id = mental_health.parent_id
            and parents.birth_year = mental_health.birth_year
    group by parents.birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year,
        over_parents.has_mental_health_care,
        over_parents.has_psychotropic_medication__regiobeeld,
        over_parents.has_mental_health_problem__regiobeeld,
        over_parents.has_mental_health_problem__monitor
    from births
    left join over_parents on births.birth_id = over_parents.birth_id

)

select * from final
