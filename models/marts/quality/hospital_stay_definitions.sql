-- How the two readings of a stay in hospital after birth differ: deliveries of the Regiobeeld by what each says of
-- them. Exact counts: this table is not published.
with deliveries as (
    select * from {{ ref('int_regiobeeld__deliveries') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

labels as (
    {{ labels_of('stay') }}
),

placed as (
    {{ births_by_region('deliveries', 'regions', 'exclusions') }}
),

answered as (
    select
        cell_year,
        region_level,
        region_code,
        {%- for definition in ['regiobeeld', 'rivm'] %}
        case
            when has_hospital_stay__{{ definition }} then 'yes'
            when not has_hospital_stay__{{ definition }} then 'no'
            else 'unknown'
        end as stay_{{ definition }},
        {%- endfor %}
        delivery_id
    from placed
),

counted as (
    select
        cell_year,
        region_level,
        region_code,
        stay_regiobeeld,
        stay_rivm,
        count(*) as deliveries
    from answered
    group by cell_year, region_level, region_code, stay_regiobeeld, stay_rivm
),

frame as (
    {{ cell_frame('regions', 'exclusions') }}
),

-- A row for every pair of answers, also when no delivery has it.
complete as (
    select
        frame.birth_year,
        frame.region_level,
        frame.region_code,
        frame.region_name,
        regiobeeld.code as stay_regiobeeld,
        regiobeeld.label as stay_regiobeeld_label,
        rivm.code as stay_rivm,
        rivm.label as stay_rivm_label,
        coalesce(counted.deliveries, 0) as deliveries
    from frame
    cross join labels as regiobeeld
    cross join labels as rivm
    left join counted
        on
            frame.birth_year = counted.cell_year
            and frame.region_level = counted.region_level
            and frame.region_code = counted.region_code
            and regiobeeld.code = counted.stay_regiobeeld
            and rivm.code = counted.stay_rivm
)

select
    birth_year,
    region_level,
    region_code,
    region_name,
    stay_regiobeeld,
    stay_regiobeeld_label,
    stay_rivm,
    stay_rivm_label,
    cast(deliveries as bigint) as deliveries,
    cast(
        sum(deliveries) over (partition by birth_year, region_level, region_code) as bigint
    ) as all_deliveries
from complete
