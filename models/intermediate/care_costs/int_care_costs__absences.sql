-- The calendar years in which a live-born child of the Kennisnotitie no longer counts: it has died, or it does not live
-- in the Netherlands any more (KN:L243, "from the following calendar year on"). A child lives here when it has an
-- address in the BRP; on the first day of the year is decided. A child that leaves and comes back within one year
-- stays in.
with births as (

    select birth_id
    from {{ ref('int_vulnerability__births') }}
    where is_live_birth

),

deaths as (

    select
        person_id,
        death_date
    from {{ ref('stg_gbaoverlijdentab') }}
    where death_date is not null

),

-- A spell without a known first day never counts.
addresses as (

    select
        person_id,
        address_object_id,
        valid_from,
        valid_to
    from {{ ref('stg_gbaadresobjectbus') }}
    where valid_from is not null

),

-- An open spell has no last day; spells can overlap, so that the latest end of all spells so far counts.
spells as (

    select
        births.birth_id,
        max(coalesce(addresses.valid_to, cast('9999-12-31' as date))) over (
            partition by births.birth_id
            order by addresses.valid_from, addresses.valid_to, addresses.address_object_id
            rows between unbounded preceding and current row
        ) as registered_to,
        lead(addresses.valid_from) over (
            partition by births.birth_id
            order by addresses.valid_from, addresses.valid_to, addresses.address_object_id
        ) as registered_again_from
    from births
    inner join addresses on births.birth_id = addresses.person_id

),

-- The years on whose first day no spell runs: from the one that follows the last registered day, to that of the day
-- before the next spell. A child without any spell has not left.
stays_abroad as (

    select
        birth_id,
        extract(year from {{ add_days('registered_to', -1) }}) + 1 as first_absent_year,
        {{ chosen('children_who_return', {
            'excluded': '9999',
            'included': 'coalesce(extract(year from ' ~ add_days('registered_again_from', -1) ~ '), 9999)'
        }) }} as last_absent_year,
        coalesce(extract(year from {{ add_days('registered_again_from', -1) }}), 9999) as last_year_abroad
    from spells
    where registered_to < cast('9999-12-31' as date)

),

absences as (

    select
        births.birth_id,
        'died' as absence_reason,
        extract(year from deaths.death_date) + 1 as first_absent_year,
        9999 as last_absent_year
    from births
    inner join deaths on births.birth_id = deaths.person_id

    union all

    select
        birth_id,
        'left_the_netherlands' as absence_reason,
        first_absent_year,
        last_absent_year
    from stays_abroad
    where first_absent_year <= last_year_abroad

)

-- Several absences of a kind can begin in the same year when spells are repeated.
select distinct
    birth_id,
    absence_reason,
    cast(first_absent_year as integer) as first_absent_year,
    cast(last_absent_year as integer) as last_absent_year
from absences
