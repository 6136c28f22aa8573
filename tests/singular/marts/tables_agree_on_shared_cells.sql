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
)

select
    birth_year,
    region_level,
    region_code,
    cell
from shared
group by birth_year, region_level, region_code, cell
having min(numerator) <> max(numerator)
