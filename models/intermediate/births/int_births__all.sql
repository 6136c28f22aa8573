-- The one population of births: live and stillborn. Each product filters it once (A.0.1, A-41).
with live_births as (

    select
        person_id as birth_id,
        file_year as birth_year,
        birth_rank_mother
    from {{ ref('stg_gbalevendgeborenenmassatab') }}
    where file_year between {{ var('first_birth_year') }} and {{ var('last_birth_year') }}

),

stillbirths as (

    select
        person_id as birth_id,
        file_year as birth_year,
        delivery_date as birth_date,
        birth_rank_mother,
        gestation_weeks
    from {{ ref('stg_dggbapersoontab') }}
    where file_year between {{ var('first_birth_year') }} and {{ var('last_birth_year') }}

),

persons as (

    select
        person_id,
        birth_date
    from {{ ref('stg_gbapersoontab') }}

),

parents as (

    select
        child_id,
        mother_id,
        other_parent_id
    from {{ ref('stg_kindoudertab') }}

),

births as (

    select
        live_births.birth_id,
        live_births.birth_year,
        persons.birth_date,
        true as is_live_birth,
        live_births.birth_rank_mother,
        cast(null as integer) as gestation_weeks
    from live_births
    left join persons on live_births.birth_id = persons.person_id

    union all

    select
        birth_id,
        birth_year,
        birth_date,
        false as is_live_birth,
        birth_rank_mother,
        gestation_weeks
    from stillbirths

),

with_parents as (

    select
        births.birth_id,
        births.birth_year,
        births.birth_date,
        {{ reference_date('births.birth_year') }} as reference_date,
        births.is_live_birth,
        parents.mother_id,
        parents.other_parent_id,
        case when parents.mother_id is null then 0 else 1 end
        + case when parents.other_parent_id is null then 0 else 1 end as known_parent_count,
        births.birth_rank_mother,
        births.gestation_weeks
    from births
    left join parents on births.birth_id = parents.child_id

)

select * from with_parents
