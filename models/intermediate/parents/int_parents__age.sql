with parents as (

    select
        parent_id,
        birth_year,
        reference_date
    from {{ ref('int_parents__years') }}

),

persons as (

    select
        person_id,
        birth_date
    from {{ ref('stg_gbapersoontab') }}

),

ages as (

    select
        parents.parent_id,
        parents.birth_year,
        cast({{ whole_years('persons.birth_date', 'parents.reference_date') }} as integer) as age_years
    from parents
    left join persons on parents.parent_id = persons.person_id

)

select * from ages
