-- Strict one-parent household, TYPHH 6 (A-44, A-45): not a one-person household, not "one known parent".
with births as (

    select
        birth_id,
        birth_year
    from {{ ref('int_births__all') }}

),

households as (

    select
        birth_id,
        household_type_code_at_birth,
        household_type_code_on_reference_date
    from {{ ref('int_births__households') }}

),

household_types as (

    select
        code,
        is_one_parent_household
    from {{ ref('household_types') }}

),

flags as (

    select
        births.birth_id,
        births.birth_year,
        at_birth.is_one_parent_household as is_single_parent_at_birth,
        on_reference_date.is_one_parent_household as is_single_parent_on_reference_date
    from births
    left join households on births.birth_id = households.birth_id
    left join household_types as at_birth on households.household_type_code_at_birth = at_birth.code
    left join household_types as on_reference_date
        on households.household_type_code_on_reference_date = on_reference_date.code

),

final as (

    select
        birth_id,
        birth_year,
        is_single_parent_at_birth,
        is_single_parent_on_reference_date,
        {{ chosen('single_parent_reference', {
            'birth': 'is_single_parent_at_birth',
            'reference_date': 'is_single_parent_on_reference_date'
        }) }} as is_single_parent
    from flags

)

select * from final
