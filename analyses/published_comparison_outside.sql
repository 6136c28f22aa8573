-- The figures outside their tolerance, the farthest first: what a note on a build has to explain.
select
    figure_row_id,
    indicator,
    region,
    birth_years,
    breakdown,
    bound,
    role,
    published,
    built,
    difference,
    tolerance,
    round(abs(difference) / nullif(tolerance, 0), 2) as times_tolerance
from {{ ref('published_comparison') }}
where verdict = 'outside'
order by times_tolerance desc, figure_row_id asc
