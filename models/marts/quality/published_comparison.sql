-- Every published figure beside the number that this build gives for it, judged by one rule fixed beforehand:
-- half a unit of the printed precision plus three standard errors of the built number; `about` adds 10 % of the value;
-- `min` and `max` test one side. Only the role in published_figures decides what is not tested.
with figures as (
    select * from {{ ref('published_figures') }}
),

-- A figure that is a sum of cells has several coordinates, of one table and measure.
coordinates as (
    select
        figure_row_id,
        max(table_name) as table_name,
        max(measure) as measure,
        max(half_unit) as half_unit
    from {{ ref('figure_coordinates') }}
    group by figure_row_id
),

built_figures as (
    select * from {{ ref('int_quality__built_figures') }}
),

joined as (
    select
        figures.*,
        coordinates.table_name,
        coordinates.table_name in ({{ sql_list(cell_tables().keys() | list) }})
        and coordinates.measure is not null as is_table_built,
        built_figures.built,
        coalesce(coordinates.half_unit, 0.5 * power(10.0, -figures.decimals))
        + case when figures.bound = 'about' then 0.1 * abs(figures.value) else 0 end
        + 3 * built_figures.standard_error as tolerance
    from figures
    left join coordinates on figures.figure_row_id = coordinates.figure_row_id
    left join built_figures on figures.figure_row_id = built_figures.figure_row_id
),

measured as (
    select
        *,
        -- Rounded before they are compared, so that a sum of doubles cannot decide a verdict.
        round(built - value, 9) as exact_difference,
        round(tolerance, 9) as exact_tolerance
    from joined
)

select
    figure_row_id,
    figure_id,
    source,
    indicator,
    region_level,
    region,
    birth_years,
    breakdown,
    statistic,
    unit,
    bound,
    role,
    cast(value as double) as published,
    cast(round(built, 6) as double) as built,
    cast(round(exact_difference, 6) as double) as difference,
    cast(round(exact_tolerance, 6) as double) as tolerance,
    case
        when role = 'not_testable' or built is null then 'not_testable'
        when bound = 'min' then case when exact_difference >= -exact_tolerance then 'within' else 'outside' end
        when bound = 'max' then case when exact_difference <= exact_tolerance then 'within' else 'outside' end
        when abs(exact_difference) <= exact_tolerance then 'within'
        else 'outside'
    end as verdict,
    case
        when role = 'not_testable' then reason
        when not coalesce(is_table_built, false)
            then 'table ' || coalesce(table_name, 'of this figure') || ' is not built yet'
        when built is null then 'the delivery does not hold what this figure needs'
    end as reason
from measured
