-- Every row of every publication table: its exact numbers, the cells that they count, and the rule by which it may hide
-- itself. A cell is a group of births, at a time, in a region: the same cell in two tables has the same name, which is
-- what links them. A row that has no number at all (no model, masked birth days) is not in the system.
{%- set tables = linked_tables() %}
with
{%- for table, declaration in cell_tables().items() if declaration.schema %}
{{ table }}_cells as (
    select * from {{ ref(declaration.cells ~ table ~ '_cells') }}
),
{%- endfor %}

published as (
    {%- for table, declared in tables.items() %}
    {{ linked_rows(table, declared, table ~ '_cells') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    schema_name,
    table_name,
    birth_year,
    region_level,
    region_code,
    breakdown_key,
    numerator,
    denominator,
    numerator_cell,
    denominator_cell,
    complement_cell,
    follows_cell,
    price,
    rule,
    statistic,
    largest_share
from published
