with expected as (
    select *
    from (values ('calibration', 598), ('check', 42), ('not_testable', 33)) as roles (role, figures)
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
