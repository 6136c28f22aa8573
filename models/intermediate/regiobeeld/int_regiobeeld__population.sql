-- Who belongs to the Regiobeeld (A-19): live births with a legal parent who is registered on the reference date. From
-- the first year that any of its tables needs; each table takes its own years from them. The reasons are asked in this
-- order; the first that holds is the one that is counted.
with births as (

    select
        birth_id,
        birth_year,
        is_live_birth,
        known_parent_count
    from {{ ref('int_births__all') }}
    where birth_year between {{ var('regiobeeld_population_first_year') }} and {{ var('regiobeeld_last_year') }}

),

parents as (

    select
        birth_id,
        max(case when is_registered_on_reference_date then 1 else 0 end) as has_registered_parent
    from {{ ref('int_births__parents') }}
    group by birth_id

),

reasons as (

    select
        births.birth_id,
        births.birth_year,
        case
            when not births.is_live_birth then 'stillborn'
            when births.known_parent_count = 0 then 'no_legal_parent'
            when coalesce(parents.has_registered_parent, 0) = 0 then 'no_registered_parent'
        end as exclusion_reason
    from births
    left join parents on births.birth_id = parents.birth_id

)

select * from reasons
