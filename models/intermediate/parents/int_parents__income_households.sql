-- Households of the income statistics, in the year before birth and in the year that factor_coding takes for the
-- dwelling and the vehicle. A table of its own, so that both registers are read once.
with wanted as (

    select
        parent_id,
        birth_year,
        birth_year - 1 as income_year
    from {{ ref('int_parents__years') }}

    union all

    -- As stated these are the same year: then nothing comes in twice.
    select
        parent_id,
        birth_year,
        {{ environment_year('birth_year') }} as income_year
    from {{ ref('int_parents__years') }}
    where {{ environment_year('birth_year') }} != birth_year - 1

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
        wanted.parent_id,
        wanted.birth_year,
        wanted.income_year,
        household_members.income_household_id
    from wanted
    inner join household_members
        on
            wanted.parent_id = household_members.person_id
            and wanted.income_year = household_members.income_year

),

households as (

    select
        income_year,
        income_household_id,
        income_percentile,
        income_to_social_minimum_percent,
        main_income_source_code,
        composition_code,
        household_size,
        tenure_code
    from {{ ref('stg_inhatab') }}

),

final as (

    select
        households_of_parents.parent_id,
        households_of_parents.birth_year,
        households_of_parents.income_year,
        households_of_parents.income_household_id,
        households.income_household_id is not null as is_in_income_statistics,
        households.income_percentile,
        households.income_to_social_minimum_percent,
        households.main_income_source_code,
        households.composition_code,
        households.household_size as household_persons,
        households.tenure_code
    from households_of_parents
    left join households
        on
            households_of_parents.income_household_id = households.income_household_id
            and households_of_parents.income_year = households.income_year

)

select * from final
