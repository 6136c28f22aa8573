-- Urbanity of the municipality where the parent lives on the reference date, in the division of 2023. Somebody without
-- an address then is unknown. The classes are a placeholder (seed municipality_urbanity).
with parents as (

    select
        parent_id,
        birth_year,
        {{ reference_date('birth_year') }} as reference_date
    from {{ ref('int_vulnerability__parents') }}

),

addresses as (

    select
        person_id,
        address_object_id,
        valid_from,
        valid_to
    from {{ ref('stg_gbaadresobjectbus') }}

),

-- The second register holds institutions and odd addresses that are not in the first: an object stands here once.
objects as (

    select
        address_object_id,
        municipality_2023_code
    from {{ ref('stg_vslgwbtab') }}

    union all

    select
        address_object_id,
        municipality_2023_code
    from {{ ref('stg_nietvslgwbtab') }}

),

-- As in the residence of births: a municipality that had merged by 2023 but still carries its old code.
mergers as (

    select
        old_municipality_code,
        new_municipality_code
    from {{ ref('municipal_mergers') }}
    where
        first_year between {{ var('region_year_regiobeeld') }} + 1 and {{ var('region_year_kennisnotitie') }}
        and not is_split
        and old_municipality_code != new_municipality_code

),

urbanity as (

    select
        municipality_code,
        urbanity_class
    from {{ ref('municipality_urbanity') }}

),

classes_of_objects as (

    select
        objects.address_object_id,
        urbanity.urbanity_class
    from objects
    left join mergers on objects.municipality_2023_code = mergers.old_municipality_code
    inner join urbanity
        on coalesce(mergers.new_municipality_code, objects.municipality_2023_code) = urbanity.municipality_code

),

addresses_of_parents as (

    select
        parents.parent_id,
        parents.birth_year,
        addresses.address_object_id,
        row_number() over (
            partition by parents.parent_id, parents.birth_year
            order by addresses.valid_from desc, addresses.address_object_id asc
        ) as address_rank
    from parents
    inner join addresses
        on
            parents.parent_id = addresses.person_id
            and {{ covers('addresses.valid_from', 'addresses.valid_to', 'parents.reference_date') }}

),

final as (

    select
        parents.parent_id,
        parents.birth_year,
        cast(classes_of_objects.urbanity_class as integer) as urbanity_class
    from parents
    left join addresses_of_parents
        on
            parents.parent_id = addresses_of_parents.parent_id
            and parents.birth_year = addresses_of_parents.birth_year
            and addresses_of_parents.address_rank = 1
    left join classes_of_objects on addresses_of_parents.address_object_id = classes_of_objects.address_object_id

)

select * from final
