-- Which births are one delivery: those of one mother at most a day apart, so that twins share one maternity period and
-- one hospital stay, also around midnight. With masked days of birth, twins on both sides of a month's end are two.
with births as (

    select
        birth_id,
        mother_id,
        birth_year,
        birth_date,
        is_live_birth
    from {{ ref('int_births__all') }}
    where mother_id is not null

),

with_previous as (

    select
        birth_id,
        mother_id,
        birth_year,
        birth_date,
        is_live_birth,
        lag(birth_date) over (partition by mother_id order by birth_date nulls last, birth_id) as previous_birth_date
    from births

),

-- A birth without a date is a delivery of its own: nothing says that it belongs to another.
numbered as (

    select
        birth_id,
        mother_id,
        birth_year,
        birth_date,
        is_live_birth,
        sum(
            case
                when {{ days_between('previous_birth_date', 'birth_date') }} <= 1 then 0
                else 1
            end
        ) over (
            partition by mother_id
            order by birth_date nulls last, birth_id
            rows between unbounded preceding and current row
        ) as delivery_number
    from with_previous

),

deliveries as (

    select
        mother_id,
        delivery_number,
        min(birth_id) as delivery_id,
        min(birth_date) as delivery_date,
        min(birth_year) as birth_year,
        cast(count(*) as integer) as child_count,
        cast(count(case when is_live_birth then 1 end) as integer) as live_child_count
    from numbered
    group by mother_id, delivery_number

),

final as (

    select
        numbered.birth_id,
        numbered.mother_id,
        deliveries.delivery_id,
        deliveries.delivery_date,
        deliveries.birth_year,
        deliveries.child_count,
        deliveries.live_child_count
    from numbered
    inner join deliveries
        on
            numbered.mother_id = deliveries.mother_id
            and numbered.delivery_number = deliveries.delivery_number

)

select * from final
