with risk_factors as (
    select * from {{ ref('int_regiobeeld__risk_factors_cells') }}
),

shared as (
    select
        birth_year,
        region_level,
        region_code,
        'any' as cell,
        numerator
    from risk_factors
    where risk_factor = 'any'
    union all
    select
        birth_year,
        region_level,
        region_code,
        'any' as cell,
        numerator
    from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
    where number_of_risk_factors = '1+'
    union all
    select
        birth_year,
        region_level,
        region_code,
        'any' as cell,
        numerator
    from {{ ref('int_regiobeeld__risk_growth_decomposition_cells') }}
    where definition = 'stated' and component = 'any'
    union all
    select
        birth_year,
        region_level,
        region_code,
        case part when 'total' then risk_factor else part end as cell,
        numerator
    from risk_factors
    where part in ('total', 'social_assistance')
    union all
    select
        birth_year,
        region_level,
        region_code,
        characteristic as cell,
        numerator
    from {{ ref('int_regiobeeld__family_profile_cells') }}
    where
        category = 'yes'
        and birth_year is not null
        and characteristic in ('debt', 'mental_health', 'single_parent', 'social_assistance')
    union all
    select
        birth_year,
        region_level,
        region_code,
        'births' as cell,
        numerator
    from {{ ref('int_regiobeeld__births_cells') }}
    union all
    select
        birth_year,
        region_level,
        region_code,
        'births' as cell,
        denominator as numerator
    from risk_factors
    union all
    select
        birth_year,
        region_level,
        region_code,
        'births' as cell,
        denominator as numerator
    from {{ ref('int_regiobeeld__birth_events_cells') }}
    union all
    select
        birth_year,
        region_level,
        region_code,
        'any' as cell,
        numerator
    from {{ ref('int_regiobeeld__birth_events_by_risk_cells') }}
    where event = 'all_births' and has_risk_factor = 'with'
    union all
    select
        birth_year,
        region_level,
        region_code,
        'any' as cell,
        numerator
    from {{ ref('int_regiobeeld__risk_definitions_compared_cells') }}
    where clustering = 'new' and number_of_risk_factors = '1+'
    union all
    select
        birth_year,
        region_level,
        region_code,
        event as cell,
        numerator
    from {{ ref('int_regiobeeld__birth_events_cells') }}
    where counted = 'children'
    union all
    select
        birth_year,
        region_level,
        region_code,
        event as cell,
        denominator as numerator
    from {{ ref('int_regiobeeld__birth_events_by_risk_cells') }}
    where event <> 'all_births'
    union all
    select
        birth_year,
        region_level,
        region_code,
        case background when 'any_risk_factor' then 'any' else background end as cell,
        numerator
    from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
    where direction = 'share_of_births' and category = 'yes'
    union all
    select
        birth_year,
        region_level,
        region_code,
        'deliveries ' || maternity_care_class as cell,
        numerator
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    where hospital_stay = 'without' and maternity_care_class not in ('all', 'at_least_24h')
    union all
    select
        birth_year,
        region_level,
        region_code,
        'deliveries ' || maternity_care_class as cell,
        denominator as numerator
    from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
    where direction = 'share_of_class' and maternity_care_class <> 'all'
)

select
    birth_year,
    region_level,
    region_code,
    cell
from shared
group by birth_year, region_level, region_code, cell
having min(numerator) <> max(numerator)
