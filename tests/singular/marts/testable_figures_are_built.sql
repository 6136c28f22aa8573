with figures as (
    select
        published_comparison.figure_row_id,
        published_comparison.verdict,
        published_comparison.reason,
        coordinates.table_name,
        coordinates.measure,
        coordinates.birth_year_from,
        coordinates.birth_year_to,
        coordinates.region_level,
        coordinates.region_code,
        coalesce(coordinates.breakdown_key, '') as breakdown_key
    from {{ ref('published_comparison') }} as published_comparison
    left join {{ ref('figure_coordinates') }} as coordinates
        on published_comparison.figure_row_id = coordinates.figure_row_id
    where
        published_comparison.figure_id in (
            'RB-00', 'RB-01', 'RB-02', 'RB-03', 'RB-04', 'RB-05', 'RB-06', 'RB-07', 'RB-08', 'RB-09', 'RB-10', 'RB-11'
        )
        and published_comparison.role <> 'not_testable'
),

found as (
    select
        figures.figure_row_id,
        count(cells.table_name) as cells_found
    from figures
    left join {{ ref('int_quality__cells') }} as cells
        on
            figures.table_name = cells.table_name
            and figures.region_level = cells.region_level
            and figures.region_code = cells.region_code
            and figures.breakdown_key = cells.breakdown_key
            and cells.birth_year between figures.birth_year_from and figures.birth_year_to
    group by figures.figure_row_id
),

births_in_city as (
    select count(*) as births
    from {{ ref('int_regiobeeld__births') }}
    where municipality_code = '{{ var("city_municipality_code") }}'
)

select
    figures.figure_row_id,
    figures.verdict,
    figures.reason,
    found.cells_found
from figures
inner join found on figures.figure_row_id = found.figure_row_id
cross join births_in_city
where
    figures.measure is null
    -- A cell for every year that the figure is about, whatever the delivery holds.
    or found.cells_found <> figures.birth_year_to - figures.birth_year_from + 1
    -- In a tiny delivery a share may lack births and a ratio its base; in others every figure has a verdict.
    or (figures.verdict = 'not_testable' and births_in_city.births >= 2000)
