-- The children of the Regiobeeld with their delivery, the stay in hospital and the maternity care after it. Exclusions
-- of the maternity care theme (RB:L1146-1147, L1192-1200) are asked in this order; the first that holds counts: without
-- a known mother there is nobody whose care to look at; without a Zvw record of the mother the stay is unknown; a stay
-- in hospital after birth leaves less room for care at home.
with births as (

    select
        birth_id,
        birth_year,
        municipality_code
    from {{ ref('int_regiobeeld__births') }}

),

links as (

    select
        birth_id,
        mother_id,
        delivery_id
    from {{ ref('int_births__deliveries') }}

),

stays as (

    select
        delivery_id,
        has_zvw_record,
        has_hospital_stay,
        has_hospital_stay__regiobeeld,
        has_hospital_stay__rivm
    from {{ ref('int_hospital_stay__deliveries') }}

),

maternity_care as (

    select
        delivery_id,
        maternity_care_hours,
        maternity_care_class
    from {{ ref('int_maternity_care__deliveries') }}

),

combined as (

    select
        births.birth_id,
        births.birth_year,
        births.municipality_code,
        links.mother_id,
        -- A birth without a known mother is a delivery of its own.
        coalesce(links.delivery_id, births.birth_id) as delivery_id,
        coalesce(stays.has_zvw_record, false) as has_zvw_record,
        stays.has_hospital_stay,
        stays.has_hospital_stay__regiobeeld,
        stays.has_hospital_stay__rivm,
        maternity_care.maternity_care_hours,
        maternity_care.maternity_care_class
    from births
    left join links on births.birth_id = links.birth_id
    left join stays on links.delivery_id = stays.delivery_id
    left join maternity_care on links.delivery_id = maternity_care.delivery_id

),

final as (

    select
        birth_id,
        birth_year,
        municipality_code,
        mother_id,
        delivery_id,
        -- Twins share one maternity period: the first of the delivery's children stands for it.
        row_number() over (partition by delivery_id order by birth_id) = 1 as is_first_of_delivery,
        count(*) over (partition by delivery_id) as children_of_delivery,
        has_zvw_record,
        has_hospital_stay,
        has_hospital_stay__regiobeeld,
        has_hospital_stay__rivm,
        maternity_care_hours,
        maternity_care_class,
        case
            when mother_id is null then 'no_known_mother'
            when not has_zvw_record then 'no_zvw_record'
            when has_hospital_stay then 'hospital_stay'
        end as maternity_care_exclusion_reason
    from combined

)

select * from final
