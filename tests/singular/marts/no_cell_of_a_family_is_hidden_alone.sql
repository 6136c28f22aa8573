with families as (
    select
        'debt' as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('risk_factors') }}
    where risk_factor = 'debt'
    group by birth_year, region_level, region_code
    union all
    select
        '1+' as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('risk_factor_counts') }}
    where number_of_risk_factors in ('1+', '1', '2', '3+')
    group by birth_year, region_level, region_code
    union all
    select
        '3+' as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('risk_factor_counts') }}
    where number_of_risk_factors in ('3+', '3', '4')
    group by birth_year, region_level, region_code
    union all
    select
        'all numbers' as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('risk_factor_counts') }}
    where number_of_risk_factors in ('0', '1', '2', '3+')
    group by birth_year, region_level, region_code
    union all
    select
        definition as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('risk_growth_decomposition') }}
    group by birth_year, region_level, region_code, definition
    union all
    select
        characteristic as family,
        birth_year,
        region_code,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells
    from {{ ref('family_profile') }}
    where statistic = 'share'
    group by birth_year, region_level, region_code, characteristic
)

select *
from families
where hidden_cells = 1
