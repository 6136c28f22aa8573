-- Which rows of the publication tables are hidden: those that hide themselves, and those that show a number that nobody
-- may see, wherever it stands. A row is shown or hidden as a whole.
with published_rows as (
    select * from {{ ref('int_disclosure__rows') }}
),

hidden_cells as (
    select cell
    from {{ ref('int_disclosure__cells') }}
    where is_hidden
)

select
    published_rows.schema_name,
    published_rows.table_name,
    published_rows.birth_year,
    published_rows.region_level,
    published_rows.region_code,
    published_rows.breakdown_key,
    published_rows.primary_reason is not null
    or numerators.cell is not null
    or denominators.cell is not null
    or followed.cell is not null as is_hidden,
    -- A row that does not hide itself and is hidden protects one that does.
    published_rows.primary_reason is not null as is_primary,
    published_rows.primary_reason
from published_rows
left join hidden_cells as numerators on published_rows.numerator_cell = numerators.cell
left join hidden_cells as denominators on published_rows.denominator_cell = denominators.cell
left join hidden_cells as followed on published_rows.follows_cell = followed.cell
