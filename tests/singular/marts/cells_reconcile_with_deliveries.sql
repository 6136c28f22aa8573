{%- set years = (
    'birth_year between ' ~ var('regiobeeld_first_year') ~ ' and ' ~ var('regiobeeld_last_year')
) %}
with expected as (
    select
        cohort,
        births_out as deliveries
    from {{ ref('cohort_attrition') }}
    where
        reason = 'hospital_stay'
        and cohort in ('maternity_care', 'psychosocial_care', 'psychosocial_care_sensitivity')
    union all
    select
        'with_hospital_stay' as cohort,
        births_excluded as deliveries
    from {{ ref('cohort_attrition') }}
    where reason = 'hospital_stay' and cohort = 'maternity_care'
),

found as (
    select
        'maternity_care' as cohort,
        'int_regiobeeld__deliveries' as place,
        count(*) as deliveries
    from {{ ref('int_regiobeeld__deliveries') }}
    where maternity_care_exclusion_reason is null and {{ years }}
    union all
    select
        case hospital_stay when 'without' then 'maternity_care' else 'with_hospital_stay' end as cohort,
        'maternity_care_use' as place,
        sum(denominator) as deliveries
    from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
    where region_level = 'country'
    group by hospital_stay, maternity_care_class, statistic
    union all
    select
        'maternity_care' as cohort,
        'maternity_care_by_background' as place,
        sum(denominator) as deliveries
    from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
    where region_level = 'country' and maternity_care_class = 'all' and direction = 'share_of_class'
    group by background, category
    union all
    select
        case cohort when 'main' then 'psychosocial_care' else 'psychosocial_care_sensitivity' end as cohort,
        'psychosocial_care' as place,
        numerator as deliveries
    from {{ ref('int_regiobeeld__psychosocial_care_cells') }}
    where region_level = 'country' and condition = 'all_children' and maternity_care_class = 'total'
)

select
    expected.cohort,
    found.place,
    expected.deliveries,
    found.deliveries as deliveries_found
from expected
full outer join found on expected.cohort = found.cohort
where expected.deliveries is distinct from found.deliveries
