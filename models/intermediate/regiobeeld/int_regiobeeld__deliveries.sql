-- Deliveries of the Regiobeeld: its children, twins once, with stay, maternity care and the backgrounds that the tables
-- on maternity care compare. Region and background are those of the delivery's first child in the population.
with children as (

    select
        birth_id,
        birth_year,
        delivery_id,
        mother_id,
        children_of_delivery,
        has_zvw_record,
        has_hospital_stay,
        has_hospital_stay__regiobeeld,
        has_hospital_stay__rivm,
        maternity_care_hours,
        maternity_care_class,
        maternity_care_exclusion_reason
    from {{ ref('int_regiobeeld__children') }}
    where is_first_of_delivery

),

births as (

    select
        birth_id,
        municipality_code,
        borough_code,
        area_code,
        district_code,
        neighbourhood_code,
        origin_class,
        is_low_income,
        is_single_parent,
        has_debt,
        has_mental_health_problem,
        has_limited_financial_capacity,
        risk_factor_count
    from {{ ref('int_regiobeeld__births') }}

),

final as (

    select
        children.delivery_id,
        children.mother_id,
        children.birth_year,
        children.children_of_delivery,
        births.municipality_code,
        births.borough_code,
        births.area_code,
        births.district_code,
        births.neighbourhood_code,
        children.has_zvw_record,
        children.has_hospital_stay,
        children.has_hospital_stay__regiobeeld,
        children.has_hospital_stay__rivm,
        children.maternity_care_hours,
        children.maternity_care_class,
        children.maternity_care_exclusion_reason,
        births.origin_class,
        births.is_low_income,
        births.is_single_parent,
        births.has_debt,
        births.has_mental_health_problem,
        births.risk_factor_count >= 1 as has_any_risk_factor,
        births.has_limited_financial_capacity
    from children
    inner join births on children.birth_id = births.birth_id

)

select * from final
