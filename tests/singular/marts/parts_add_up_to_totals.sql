with sums as (
    select
        'parts of debt' as family,
        sum(case when part = 'total' then numerator else 0 end) as total,
        sum(case when part <> 'total' then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_factors_cells') }}
    where risk_factor = 'debt'
    group by birth_year, region_level, region_code
    union all
    select
        'numbers of risk factors' as family,
        max(denominator) as total,
        sum(case when number_of_risk_factors in ('0', '1', '2', '3', '4') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
    group by birth_year, region_level, region_code
    union all
    select
        '1+' as family,
        sum(case when number_of_risk_factors = '1+' then numerator else 0 end) as total,
        sum(case when number_of_risk_factors in ('1', '2', '3+') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
    group by birth_year, region_level, region_code
    union all
    select
        '3+' as family,
        sum(case when number_of_risk_factors = '3+' then numerator else 0 end) as total,
        sum(case when number_of_risk_factors in ('3', '4') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
    group by birth_year, region_level, region_code
    union all
    select
        'components' as family,
        sum(case when component = 'any' then numerator else 0 end) as total,
        sum(case when component <> 'any' then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_growth_decomposition_cells') }}
    group by birth_year, region_level, region_code, definition
    union all
    select
        'categories' as family,
        max(denominator) as total,
        sum(numerator) as parts
    from {{ ref('int_regiobeeld__family_profile_cells') }}
    where statistic = 'share'
    group by birth_year, region_level, region_code, characteristic
    union all
    select
        'years' as family,
        sum(case when birth_year is null then numerator else 0 end) as total,
        sum(case when birth_year is not null then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__family_profile_cells') }}
    where statistic = 'share'
    group by region_level, region_code, characteristic, category
)

select *
from sums
where total <> parts
