-- Hospital stay around a delivery (slide 44): mothers who stay longer have a right to less maternity care, so that the
-- study leaves them out. Its list is not published; the monitor's stands in for it (B.2.5). Strict: one night of the
-- mother or of one child in the window is a stay, also when care at home follows.
with births as (

    select
        birth_id,
        is_live_birth
    from {{ ref('int_births__all') }}

),

births_of_deliveries as (

    select
        birth_id,
        mother_id,
        delivery_id,
        delivery_date,
        birth_year
    from {{ ref('int_births__deliveries') }}
    where live_child_count > 0

),

date_precision as (

    select
        birth_year,
        is_birth_day_masked
    from {{ ref('int_births__date_precision') }}

),

-- Looked up there for the same deliveries, so that the large register of costs is not read again.
zvw_records as (

    select
        delivery_id,
        has_zvw_record
    from {{ ref('int_maternity_care__deliveries') }}

),

ward_days as (

    select
        person_id,
        product_link_id,
        product_start_year,
        activity_date
    from {{ ref('int_hospital_stay__ward_days') }}
    where code_group = 'overnight' and net_activity_count > 0

),

products as (

    select
        person_id,
        product_link_id,
        product_start_year,
        is_on_regiobeeld_list,
        is_on_rivm_list
    from {{ ref('int_hospital_stay__products') }}

),

deliveries as (

    select distinct
        delivery_id,
        mother_id,
        delivery_date,
        birth_year
    from births_of_deliveries

),

-- Day 0 is the day of the delivery. With masked days it can be any day of the month, so the window holds them all.
windows as (

    select
        deliveries.delivery_id,
        deliveries.mother_id,
        deliveries.birth_year,
        deliveries.delivery_date as first_day,
        {{ add_days(
            'case when date_precision.is_birth_day_masked then last_day(deliveries.delivery_date)'
            ~ ' else deliveries.delivery_date end',
            var('hospital_stay_last_day')
        ) }} as last_day
    from deliveries
    left join date_precision on deliveries.birth_year = date_precision.birth_year

),

persons as (

    select
        delivery_id,
        mother_id as person_id,
        'mother' as person_role
    from deliveries

    union all

    select
        births_of_deliveries.delivery_id,
        births_of_deliveries.birth_id as person_id,
        'child' as person_role
    from births_of_deliveries
    inner join births on births_of_deliveries.birth_id = births.birth_id
    where births.is_live_birth

),

-- An activity belongs to a product by person, link number and begin year; one without a listed product does not count.
nights_of_listed_products as (

    select
        ward_days.person_id,
        ward_days.activity_date
    from ward_days
    inner join products
        on
            ward_days.person_id = products.person_id
            and ward_days.product_link_id = products.product_link_id
            and ward_days.product_start_year = products.product_start_year
    where products.is_on_regiobeeld_list

),

regiobeeld_stays as (

    select
        persons.delivery_id,
        max(case when persons.person_role = 'mother' then 1 else 0 end) = 1 as mother_has_stay,
        max(case when persons.person_role = 'child' then 1 else 0 end) = 1 as child_has_stay
    from persons
    inner join windows on persons.delivery_id = windows.delivery_id
    inner join nights_of_listed_products as nights
        on
            persons.person_id = nights.person_id
            and nights.activity_date between windows.first_day and windows.last_day
    group by persons.delivery_id

),

rivm_stays as (

    select distinct persons.delivery_id
    from persons
    inner join deliveries on persons.delivery_id = deliveries.delivery_id
    inner join products
        on
            persons.person_id = products.person_id
            and deliveries.birth_year = products.product_start_year
    where products.is_on_rivm_list

),

combined as (

    select
        windows.delivery_id,
        windows.mother_id,
        windows.birth_year,
        zvw_records.has_zvw_record,
        -- No Zvw record: not insured or not linked, so no care can be seen and a stay is unknown. Neither is it known
        -- without a date of delivery.
        case
            when zvw_records.has_zvw_record and windows.first_day is not null
                then coalesce(regiobeeld_stays.mother_has_stay, false)
        end as mother_has_stay,
        case
            when zvw_records.has_zvw_record and windows.first_day is not null
                then coalesce(regiobeeld_stays.child_has_stay, false)
        end as child_has_stay,
        case when zvw_records.has_zvw_record then rivm_stays.delivery_id is not null end
            as has_hospital_stay__rivm
    from windows
    inner join zvw_records on windows.delivery_id = zvw_records.delivery_id
    left join regiobeeld_stays on windows.delivery_id = regiobeeld_stays.delivery_id
    left join rivm_stays on windows.delivery_id = rivm_stays.delivery_id

),

final as (

    select
        delivery_id,
        mother_id,
        birth_year,
        has_zvw_record,
        mother_has_stay,
        child_has_stay,
        mother_has_stay or child_has_stay as has_hospital_stay__regiobeeld,
        has_hospital_stay__rivm,
        {{ chosen('hospital_stay_definition', {
            'regiobeeld': 'mother_has_stay or child_has_stay',
            'rivm': 'has_hospital_stay__rivm'
        }) }} as has_hospital_stay
    from combined

)

select * from final
