-- Which groups of births add up to which, whatever the place: the sums that the models of cells declare, and the
-- crosses of flags behind groups that overlap. A rest is the part of a total that no table shows.
{%- set tables = linked_tables() %}
with
{%- for table, declaration in cell_tables().items() if declaration.schema %}
{{ table }}_cells as (
    select * from {{ ref(declaration.cells ~ table ~ '_cells') }}
),
{%- endfor %}

declared as (
    {%- for table, declared in tables.items() %}
    {%- if declared.get('sums') %}
    {{ linked_sums(table, declared, table ~ '_cells') }}
    union all
    {%- endif %}
    {%- if declared.get('cross') %}
    {{ linked_crosses(table, declared) }}
    union all
    {%- endif %}
    {%- endfor %}
    select
        cast(null as varchar) as sum_name,
        cast(null as varchar) as family,
        cast(null as varchar) as region_level,
        cast(null as varchar) as population,
        cast(null as varchar) as set_name,
        cast(null as integer) as coefficient,
        cast(null as boolean) as is_possible
    where false
)

select
    sum_name,
    family,
    region_level,
    population,
    set_name,
    coefficient,
    is_possible
from declared
