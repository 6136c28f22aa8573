-- Restructuring (WSNP) and premium default are presence registers: absent means no. The debt-problem files hold
-- everyone in the BRP on their date: absent means unknown. They begin on 1 January 2019; a birth whose reference
-- date lies before that takes the first status, which looks ahead (slide 44, A-27).
with parents as (

    select
        parent_id,
        birth_year,
        reference_date,
        birth_year - 1 as default_year,
        greatest(birth_year, {{ var('debt_first_snapshot_year') }}) as snapshot_year
    from {{ ref('int_parents__years') }}

),

restructurings as (

    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('stg_wsnppersbus') }}

),

defaulters as (

    select
        file_year,
        person_id
    from {{ ref('stg_wanbzvwtab') }}

),

-- 31 December and 1 January are the same turn of the year: the status of 1 January t is that of the reference
-- date of births in t.
snapshots as (

    select
        person_id,
        has_problematic_debt,
        has_problematic_debt_in_household,
        extract(year from {{ next_day('snapshot_date') }}) as snapshot_year
    from {{ ref('stg_problematischeschuldentab') }}

),

restructured_parents as (

    select distinct
        parents.parent_id,
        parents.birth_year
    from parents
    inner join restructurings
        on
            parents.parent_id = restructurings.person_id
            and {{ covers('restructurings.valid_from', 'restructurings.valid_to', 'parents.reference_date') }}

),

combined as (

    select
        parents.parent_id,
        parents.birth_year,
        restructured_parents.parent_id is not null as is_wsnp,
        defaulters.person_id is not null as is_premium_defaulter,
        snapshots.has_problematic_debt as has_problematic_debt_person,
        snapshots.has_problematic_debt_in_household as has_problematic_debt_household,
        {{ chosen('debt_level', {
            'person': 'snapshots.has_problematic_debt',
            'household': 'snapshots.has_problematic_debt_in_household'
        }) }} as has_problematic_debt,
        parents.snapshot_year > parents.birth_year as debt_is_look_ahead
    from parents
    left join restructured_parents
        on
            parents.parent_id = restructured_parents.parent_id
            and parents.birth_year = restructured_parents.birth_year
    left join defaulters
        on
            parents.parent_id = defaulters.person_id
            and parents.default_year = defaulters.file_year
    left join snapshots
        on
            parents.parent_id = snapshots.person_id
            and parents.snapshot_year = snapshots.snapshot_year

),

final as (

    select
        parent_id,
        birth_year,
        is_wsnp,
        is_premium_defaulter,
        has_problematic_debt_person,
        has_problematic_debt_household,
        has_problematic_debt,
        is_wsnp or is_premium_defaulter or has_problematic_debt as has_debt,
        debt_is_look_ahead
    from combined

)

select * from final
