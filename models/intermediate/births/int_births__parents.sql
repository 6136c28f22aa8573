-- Legal parents (KINDOUDERTAB), not biological ones (A-25). An unknown parent has no row.
with births as (

    select
        birth_id,
        birth_year,
        reference_date,
        mother_id,
        other_parent_id
    from {{ ref('int_births__all') }}

),

addresses as (

    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('stg_gbaadresobjectbus') }}

),

parents as (

    select
        birth_id,
        'mother' as parent_role,
        mother_id as parent_id,
        birth_year,
        reference_date
    from births
    where mother_id is not null

    union all

    select
        birth_id,
        'other_parent' as parent_role,
        other_parent_id as parent_id,
        birth_year,
        reference_date
    from births
    where other_parent_id is not null

),

-- Registered: an address in the Netherlands on the reference date. Someone abroad or deceased has none.
registered as (

    select distinct
        parents.parent_id,
        parents.reference_date
    from parents
    inner join addresses
        on
            parents.parent_id = addresses.person_id
            and {{ covers('addresses.valid_from', 'addresses.valid_to', 'parents.reference_date') }}

),

with_registration as (

    select
        parents.birth_id,
        parents.parent_role,
        parents.parent_id,
        parents.birth_year,
        parents.reference_date,
        registered.parent_id is not null as is_registered_on_reference_date
    from parents
    left join registered
        on
            parents.parent_id = registered.parent_id
            and parents.reference_date = registered.reference_date

)

select * from with_registration
