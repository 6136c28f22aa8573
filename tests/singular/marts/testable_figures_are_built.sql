with figures as (
    select
        figure_row_id,
        verdict,
        reason
    from {{ ref('published_comparison') }}
    where
        role <> 'not_testable'
        and (
            source = 'regiobeeld'
            or figure_id in (
                'KN-01', 'KN-02', 'KN-03', 'KN-04', 'KN-05', 'KN-06', 'KN-09', 'KN-10', 'KN-12', 'KN-13', 'KN-14',
                'KN-15', 'KN-17', 'KN-19'
            )
        )
),

coordinates as (
    select * from {{ ref('figure_coordinates') }}
),

found as (
    select
        figures.figure_row_id,
        count(distinct coordinates.region_code || coalesce(coordinates.breakdown_key, '')) as places,
        max(coalesce(coordinates.birth_year_to - coordinates.birth_year_from, 0)) + 1 as years,
        count(coordinates.measure) as rows_with_measure,
        count(cells.table_name) as cells_found,
        min(coalesce(cells.numerator, 1)) as smallest_numerator,
        min(cells.denominator) as smallest_denominator
    from figures
    left join coordinates on figures.figure_row_id = coordinates.figure_row_id
    left join {{ ref('int_quality__cells') }} as cells
        on
            coordinates.table_name = cells.table_name
            and coordinates.region_level = cells.region_level
            and coordinates.region_code = cells.region_code
            and coalesce(coordinates.breakdown_key, '') = cells.breakdown_key
            and case
                when coordinates.birth_year_from is null then cells.birth_year is null
                else cells.birth_year between coordinates.birth_year_from and coordinates.birth_year_to
            end
    group by figures.figure_row_id
)

select
    figures.figure_row_id,
    figures.verdict,
    figures.reason,
    found.cells_found
from figures
inner join found on figures.figure_row_id = found.figure_row_id
where
    found.rows_with_measure = 0
    -- A cell for every place and year that the figure is about, whatever the delivery holds.
    or found.cells_found <> found.places * found.years
    -- A small delivery may lack births for a share or a base for a ratio; with them, every figure has a verdict.
    or (figures.verdict = 'not_testable' and found.smallest_numerator > 0 and found.smallest_denominator > 0)
