-- Hours of maternity care (kraamzorg) of a delivery, estimated from the mother's costs (slide 44, B.2.1): what is left
-- of the costs after registration and intake, divided by the tariff of an hour less the own contribution, which the
-- costs do not hold. Twins are one delivery and share one maternity period.
with deliveries as (

    select distinct
        delivery_id,
        mother_id,
        delivery_date,
        birth_year,
        live_child_count
    from {{ ref('int_births__deliveries') }}

),

date_precision as (

    select
        birth_year,
        is_birth_day_masked
    from {{ ref('int_births__date_precision') }}

),

-- Negative amounts are settlements of other years (registers.md 3).
costs as (

    select
        file_year,
        person_id,
        case when maternity_care_costs < 0 then 0 else maternity_care_costs end as maternity_care_costs
    from {{ ref('stg_zvwzorgkostentab') }}

),

tariffs as (

    select
        year,
        {{ chosen('maternity_care_fees', {
            'home': 'registration_euro + intake_home_euro',
            'phone': 'registration_euro + intake_phone_euro',
            'none': '0'
        }) }} as fees,
        {{ chosen('maternity_care_own_contribution', {
            'subtracted': 'euro_per_hour - own_contribution_euro_per_hour',
            'ignored': 'euro_per_hour'
        }) }} as costs_per_hour
    from {{ ref('maternity_care_tariffs') }}

),

-- Deliveries of stillborn children only count here too: they have a right to maternity care.
deliveries_per_year as (

    select
        mother_id,
        birth_year,
        count(*) as delivery_count
    from deliveries
    group by mother_id, birth_year

),

-- Does the maternity period reach into the next year? With masked days any delivery of December may. When the mother
-- gives birth again in that year, its costs are those of that birth.
with_next_year as (

    select
        deliveries.delivery_id,
        deliveries.mother_id,
        deliveries.birth_year,
        this_year.delivery_count,
        next_year.mother_id is null
        and case
            when date_precision.is_birth_day_masked then extract(month from deliveries.delivery_date) = 12
            else
                extract(year from {{ add_days('deliveries.delivery_date', (var('maternity_care_days') | int) - 1) }})
                > deliveries.birth_year
        end as has_next_year
    from deliveries
    inner join deliveries_per_year as this_year
        on
            deliveries.mother_id = this_year.mother_id
            and deliveries.birth_year = this_year.birth_year
    left join deliveries_per_year as next_year
        on
            deliveries.mother_id = next_year.mother_id
            and deliveries.birth_year + 1 = next_year.birth_year
    left join date_precision on deliveries.birth_year = date_precision.birth_year
    where deliveries.live_child_count > 0

),

-- The costs register is large: it is read once, for the birth year and the next together.
wanted_years as (

    select
        delivery_id,
        mother_id,
        birth_year as cost_year,
        true as is_birth_year
    from with_next_year

    union all

    select
        delivery_id,
        mother_id,
        birth_year + 1 as cost_year,
        false as is_birth_year
    from with_next_year
    where has_next_year

),

costs_of_both_years as (

    select
        wanted_years.delivery_id,
        max(case when wanted_years.is_birth_year then 1 else 0 end) = 1 as has_zvw_record,
        max(case when wanted_years.is_birth_year then costs.maternity_care_costs end) as costs_this_year,
        max(case when not wanted_years.is_birth_year then costs.maternity_care_costs end) as costs_next_year
    from wanted_years
    inner join costs
        on
            wanted_years.mother_id = costs.person_id
            and wanted_years.cost_year = costs.file_year
    group by wanted_years.delivery_id

),

-- Deliveries of a mother in one year share its costs equally.
with_costs as (

    select
        with_next_year.delivery_id,
        with_next_year.mother_id,
        with_next_year.birth_year,
        coalesce(found.has_zvw_record, false) as has_zvw_record,
        found.costs_this_year / with_next_year.delivery_count as costs_this_year,
        coalesce(found.costs_next_year, 0) as costs_next_year
    from with_next_year
    left join costs_of_both_years as found on with_next_year.delivery_id = found.delivery_id

),

-- Registration and intake come before the birth, so in its year; fees above the costs are not carried over.
with_hours as (

    select
        with_costs.delivery_id,
        with_costs.mother_id,
        with_costs.birth_year,
        with_costs.has_zvw_record,
        round(with_costs.costs_this_year + with_costs.costs_next_year, 2) as maternity_care_costs,
        round(
            case
                when with_costs.costs_this_year > tariffs.fees
                    then (with_costs.costs_this_year - tariffs.fees) / tariffs.costs_per_hour
                when with_costs.costs_this_year <= tariffs.fees then 0
            end
            + case
                when with_costs.costs_next_year = 0 then 0
                else with_costs.costs_next_year / next_tariffs.costs_per_hour
            end,
            2
        ) as maternity_care_hours
    from with_costs
    left join tariffs on with_costs.birth_year = tariffs.year
    left join tariffs as next_tariffs on with_costs.birth_year + 1 = next_tariffs.year

),

final as (

    select
        delivery_id,
        mother_id,
        birth_year,
        has_zvw_record,
        maternity_care_costs,
        maternity_care_hours,
        case
            when maternity_care_hours = 0 then 'none'
            when maternity_care_hours < {{ var('maternity_care_middle_from_hours') }} then 'low'
            when maternity_care_hours < {{ var('maternity_care_high_from_hours') }} then 'middle'
            when maternity_care_hours >= {{ var('maternity_care_high_from_hours') }} then 'high'
        end as maternity_care_class,
        maternity_care_hours < {{ var('maternity_care_middle_from_hours') }} as has_below_24_hours
    from with_hours

)

select * from final
