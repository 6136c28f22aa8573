-- The household of the income statistics in the calendar year before birth. A table of its own, so that only the
-- households of parents are looked up in the income register.
with parents as (

    select
        parent_id,
        birth_year,
        birth_year - 1 as income_year
    from {{ ref('int_parents__years') }}

),

household_members as (

    select
        income_year,
        person_id,
        income_household_id
    from {{ ref('stg_koppelpersoonhuishouden') }}

),

households_of_parents as (

    select
        parents.parent_id,
        parents.birth_year,
        parents.income_year,
        household_members.income_household_id
    from parents
    inner join household_members
        on
            parents.parent_id = household_members.person_id
            and parents.income_year = household_members.income_year

)

select * from households_of_parents
