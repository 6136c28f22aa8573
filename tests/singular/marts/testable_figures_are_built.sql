select
    figure_row_id,
    reason
from {{ ref('published_comparison') }}
where
    figure_id in (
        'RB-00', 'RB-01', 'RB-02', 'RB-03', 'RB-04', 'RB-05', 'RB-06', 'RB-07', 'RB-08', 'RB-09', 'RB-10', 'RB-11'
    )
    and role <> 'not_testable'
    and verdict = 'not_testable'
    -- A tiny delivery may hold no birth in a region; what no region lacks must be there.
    and figure_id <> 'RB-11'
    and exists (
        select 1
        from {{ ref('int_regiobeeld__births') }}
        where municipality_code = '{{ var("city_municipality_code") }}'
        group by municipality_code
        having count(distinct birth_year) = {{ var('regiobeeld_last_year') - var('regiobeeld_first_year') + 1 }}
    )
