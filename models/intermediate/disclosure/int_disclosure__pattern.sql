-- Which rows of the publication tables are hidden: those that hide themselves, and those that show a number that nobody
-- may see, wherever it stands. A row is shown or hidden as a whole.
with published_rows as (
    select * from {{ ref('int_disclosure__rows') }}
),

cells as (
    select * from {{ ref('int_disclosure__cells') }}
)

select
    published_rows.schema_name,
    published_rows.table_name,
    published_rows.birth_year,
    published_rows.region_level,
    published_rows.region_code,
    published_rows.breakdown_key,
    published_rows.primary_reason is not null
    -- A cell of which the disclosure control says nothing is hidden.
    {%- for part, alias in [('numerator', 'numerators'), ('denominator', 'denominators'), ('follows', 'followed')] %}
    or (published_rows.{{ part }}_cell is not null and coalesce({{ alias }}.is_hidden, true))
    {%- endfor %} as is_hidden,
    -- A row that does not hide itself and is hidden protects one that does.
    published_rows.primary_reason is not null as is_primary,
    published_rows.primary_reason
from published_rows
left join cells as numerators on published_rows.numerator_cell = numerators.cell
left join cells as denominators on published_rows.denominator_cell = denominators.cell
left join cells as followed on published_rows.follows_cell = followed.cell
