-- How many published figures this build meets, by figure and role. The checks, which no parameter of the synthetic twin
-- may use, are the ones that say something: they stand apart.
select
    figure_id,
    role,
    count(*) as figures,
    count(case when verdict = 'within' then 1 end) as within,
    count(case when verdict = 'outside' then 1 end) as outside,
    count(case when verdict = 'not_testable' then 1 end) as not_tested,
    round(
        100.0 * count(case when verdict = 'within' then 1 end)
        / nullif(count(case when verdict in ('within', 'outside') then 1 end), 0), 1
    ) as percentage_within
from {{ ref('published_comparison') }}
group by grouping sets ((figure_id, role), (role))
order by role, figure_id
