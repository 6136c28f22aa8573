-- The household of a birth on two dates (A-44, A-45): the first household record on or after birth, of the child
-- (stillborn: of the mother), and the mother's household (other parent's when she is unknown) on the reference date.
with births as (

    select
        birth_id,
        case when is_live_birth then birth_id else mother_id end as resident_id,
        coalesce(mother_id, other_parent_id) as parent_id,
        coalesce(birth_date, make_date(birth_year, 1, 1)) as birth_date,
        reference_date
    from {{ ref('int_births__all') }}

),

households as (

    select
        person_id,
        household_type_code,
        valid_from,
        valid_to
    from {{ ref('stg_gbahuishoudensbus') }}
    where valid_from is not null

),

from_birth_on as (

    select
        births.birth_id,
        households.household_type_code,
        row_number() over (
            partition by births.birth_id
            order by
                greatest(households.valid_from, births.birth_date) asc,
                households.valid_from desc,
                households.household_type_code asc
        ) as household_rank
    from births
    inner join households on births.resident_id = households.person_id
    where households.valid_to is null or households.valid_to > births.birth_date

),

on_reference_date as (

    select
        births.birth_id,
        households.household_type_code,
        row_number() over (
            partition by births.birth_id
            order by
                households.valid_from desc,
                households.household_type_code asc
        ) as household_rank
    from births
    inner join households
        on
            births.parent_id = households.person_id
            and {{ covers('households.valid_from', 'households.valid_to', 'births.reference_date') }}

),

final as (

    select
        births.birth_id,
        from_birth_on.household_type_code as household_type_code_at_birth,
        on_reference_date.household_type_code as household_type_code_on_reference_date
    from births
    left join from_birth_on
        on
            births.birth_id = from_birth_on.birth_id
            and from_birth_on.household_rank = 1
    left join on_reference_date
        on
            births.birth_id = on_reference_date.birth_id
            and on_reference_date.household_rank = 1

)

select * from final
