with expected as (
    select
        cohort,
        births_out as children
    from {{ ref('cohort_attrition') }}
    where
        reason = 'not_scored'
        and cohort not in ('kennisnotitie', 'weighting')
),

found as (
    select
        'child_years_' || life_year as cohort,
        'care_use_and_costs' as place,
        sum(denominator) as children
    from {{ ref('int_kennisnotitie__care_use_and_costs_cells') }}
    group by life_year, care_type
    union all
    select
        'youth_care_' || age as cohort,
        'youth_care' as place,
        sum(denominator) as children
    from {{ ref('int_kennisnotitie__youth_care_cells') }}
    where birth_order = 'all'
    group by age, youth_help
    union all
    select
        'youth_care_' || age as cohort,
        'youth_protection' as place,
        sum(denominator) as children
    from {{ ref('int_kennisnotitie__youth_protection_cells') }}
    where birth_order = 'all'
    group by age
    union all
    select
        'special_education' as cohort,
        'special_education' as place,
        sum(denominator) as children
    from {{ ref('int_kennisnotitie__special_education_cells') }}
)

select
    expected.cohort,
    found.place,
    expected.children,
    found.children as children_found
from expected
full outer join found on expected.cohort = found.cohort
-- Without a model there are no numbers, and nobody is left.
where expected.children is distinct from coalesce(found.children, 0)
