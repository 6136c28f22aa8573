with expected as (
    select
        'calibration' as role,
        598 as figures
    union all
    select
        'check' as role,
        42 as figures
    union all
    select
        'not_testable' as role,
        33 as figures
),

found as (
    select
        role,
        count(*) as figures
    from {{ ref('published_comparison') }}
    group by role
)

select
    expected.role,
    expected.figures,
    found.figures as figures_found
from expected
full outer join found on expected.role = found.role
where expected.figures is distinct from found.figures
