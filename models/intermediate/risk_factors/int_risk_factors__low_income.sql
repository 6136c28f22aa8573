-- Low income (slide 44): social assistance and/or a household income below 120 % of the social minimum.
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

incomes as (

    select
        parent_id,
        birth_year,
        has_income_below_120,
        has_social_assistance_secm,
        has_social_assistance_household,
        {{ chosen('social_assistance_source', {
            'secm': 'has_social_assistance_secm',
            'household': 'has_social_assistance_household'
        }) }} as has_social_assistance,
        {{ chosen('social_assistance_source', {
            'secm': 'has_social_assistance_secm_excluding_tozo',
            'household': 'has_social_assistance_household_excluding_tozo'
        }) }} as has_social_assistance_excluding_tozo
    from {{ ref('int_parents__income') }}

),

-- Yes when any parent has it; unknown when none has it and that of a parent is unknown.
over_parents as (

    select
        parents.birth_id,
        {{ any_true('incomes.has_income_below_120') }} as has_income_below_120,
        {{ any_true('incomes.has_social_assistance_secm') }} as has_social_assistance_secm,
        {{ any_true('incomes.has_social_assistance_household') }} as has_social_assistance_household,
        {{ any_true('incomes.has_social_assistance') }} as has_social_assistance,
        {{ any_true('incomes.has_social_assistance_excluding_tozo') }} as has_social_assistance_excluding_tozo
    from parents
    left join incomes
        on
            parents.parent_id = incomes.parent_id
            and parents.birth_year = incomes.birth_year
    group by parents.birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year,
        over_parents.has_income_below_120,
        over_parents.has_social_assistance_secm,
        over_parents.has_social_assistance_household,
        over_parents.has_social_assistance,
        over_parents.has_social_assistance_excluding_tozo,
        over_parents.has_social_assistance or over_parents.has_income_below_120 as is_low_income,
        over_parents.has_social_assistance_excluding_tozo or over_parents.has_income_below_120
            as is_low_income_excluding_tozo
    from births
    left join over_parents on births.birth_id = over_parents.birth_id

)

select * from final
