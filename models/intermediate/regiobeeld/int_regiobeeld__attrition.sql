-- Every exclusion is a row: how many births in, how many out, why.
with counts as (

    select
        count(*) as all_births,
        count(case when exclusion_reason = 'stillborn' then 1 end) as stillborn,
        count(case when exclusion_reason = 'no_legal_parent' then 1 end) as no_legal_parent,
        count(case when exclusion_reason = 'no_registered_parent' then 1 end) as no_registered_parent
    from {{ ref('int_regiobeeld__population') }}

),

steps as (

    select
        1 as step,
        'stillborn' as reason,
        all_births as births_in,
        all_births - stillborn as births_out
    from counts

    union all

    select
        2 as step,
        'no_legal_parent' as reason,
        all_births - stillborn as births_in,
        all_births - stillborn - no_legal_parent as births_out
    from counts

    union all

    select
        3 as step,
        'no_registered_parent' as reason,
        all_births - stillborn - no_legal_parent as births_in,
        all_births - stillborn - no_legal_parent - no_registered_parent as births_out
    from counts

)

select * from steps
