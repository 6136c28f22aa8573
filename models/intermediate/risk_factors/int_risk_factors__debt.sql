-- Debt (slide 44): restructuring (WSNP), premium default and/or problematic debt of a parent. RB-08 stacks them
-- as exclusive types: a birth already in an earlier type is not counted in a later one.
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

debts as (

    select
        parent_id,
        birth_year,
        is_wsnp,
        is_premium_defaulter,
        has_problematic_debt
    from {{ ref('int_parents__debt') }}

),

over_parents as (

    select
        parents.birth_id,
        {{ any_true('debts.is_wsnp') }} as is_wsnp,
        {{ any_true('debts.is_premium_defaulter') }} as is_premium_defaulter,
        {{ any_true('debts.has_problematic_debt') }} as has_problematic_debt
    from parents
    left join debts
        on
            parents.parent_id = debts.parent_id
            and parents.birth_year = debts.birth_year
    group by parents.birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year,
        over_parents.is_wsnp,
        over_parents.is_premium_defaulter,
        over_parents.has_problematic_debt,
        over_parents.is_wsnp or over_parents.is_premium_defaulter or over_parents.has_problematic_debt as has_debt,
        case
            when over_parents.is_wsnp then 'wsnp'
            when over_parents.is_premium_defaulter then 'default'
            when over_parents.has_problematic_debt then 'problematic'
            when not over_parents.has_problematic_debt then 'none'
        end as debt_type,
        births.birth_year < {{ var('debt_first_snapshot_year') }} as debt_is_look_ahead
    from births
    left join over_parents on births.birth_id = over_parents.birth_id

)

select * from final
