-- HOOGSTEOPLTAB gives the state on 1 October: the file of the year before birth is the last one before the
-- reference date. A coverage register: absent means unknown, not low.
with parents as (

    select
        parent_id,
        birth_year,
        birth_year - 1 as file_year
    from {{ ref('int_parents__years') }}

),

attained as (

    select
        file_year,
        person_id,
        education_attained_code,
        is_level_followed
    from {{ ref('stg_hoogsteopltab') }}

),

levels as (

    select
        first_digit,
        education_level
    from {{ ref('education_levels') }}

),

education as (

    select
        parents.parent_id,
        parents.birth_year,
        attained.education_attained_code,
        levels.education_level,
        attained.is_level_followed
    from parents
    left join attained
        on
            parents.parent_id = attained.person_id
            and parents.file_year = attained.file_year
    left join levels on left(attained.education_attained_code, 1) = levels.first_digit

)

select * from education
