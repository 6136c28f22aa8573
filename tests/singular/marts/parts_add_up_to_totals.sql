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
    union all
    select
        'preterm' as family,
        sum(case when event = 'preterm_under_32' then numerator else 0 end) as total,
        sum(case when event in ('preterm_under_26', 'preterm_26_32') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__birth_events_cells') }}
    group by birth_year, region_level, region_code
    union all
    select
        'with and without risk factors' as family,
        max(denominator) as total,
        sum(numerator) as parts
    from {{ ref('int_regiobeeld__birth_events_by_risk_cells') }}
    group by birth_year, region_level, region_code, event
    union all
    select
        'classes of maternity care' as family,
        max(denominator) as total,
        sum(case when maternity_care_class in ('none', 'low', 'middle', 'high') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    where region_level <> 'neighbourhood'
    group by birth_year, region_level, region_code, hospital_stay
    union all
    select
        'below and at least 24 hours' as family,
        max(denominator) as total,
        sum(case when maternity_care_class in ('below_24h', 'at_least_24h') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    group by birth_year, region_level, region_code, hospital_stay
    union all
    select
        'none and low' as family,
        sum(case when maternity_care_class = 'below_24h' then numerator else 0 end) as total,
        sum(case when maternity_care_class in ('none', 'low') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    where region_level <> 'neighbourhood'
    group by birth_year, region_level, region_code, hospital_stay
    union all
    select
        'any maternity care' as family,
        sum(case when maternity_care_class = 'all' then numerator else 0 end) as total,
        sum(case when maternity_care_class in ('low', 'middle', 'high') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    group by birth_year, region_level, region_code, hospital_stay
    union all
    select
        'classes of a group' as family,
        max(denominator) as total,
        sum(case when maternity_care_class in ('below_24h', 'middle', 'high') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
    where direction = 'share_of_group'
    group by birth_year, region_level, region_code, background, category
    union all
    select
        'groups of a class, and of all births' as family,
        max(denominator) as total,
        sum(numerator) as parts
    from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
    where direction <> 'share_of_group'
    group by birth_year, region_level, region_code, background, maternity_care_class, direction
    union all
    select
        'classes of the psychosocial cohort' as family,
        sum(case when maternity_care_class = 'total' then numerator else 0 end) as total,
        sum(case when maternity_care_class <> 'total' then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__psychosocial_care_cells') }}
    group by birth_year, region_level, region_code, cohort, age_window, condition
    union all
    select
        'numbers of a clustering' as family,
        max(denominator) as total,
        sum(case when number_of_risk_factors in ('0', '1', '2', '3', '4') then numerator else 0 end) as parts
    from {{ ref('int_regiobeeld__risk_definitions_compared_cells') }}
    group by birth_year, region_level, region_code, clustering
    union all
    select
        'sums of a clustering' as family,
        sum(case when number_of_risk_factors in ('1+', '3+') then numerator else 0 end) as total,
        sum(
            case
                when number_of_risk_factors in ('1', '2') then numerator
                when number_of_risk_factors in ('3', '4') then 2 * numerator
                else 0
            end
        ) as parts
    from {{ ref('int_regiobeeld__risk_definitions_compared_cells') }}
    group by birth_year, region_level, region_code, clustering
)

select *
from sums
where total <> parts
