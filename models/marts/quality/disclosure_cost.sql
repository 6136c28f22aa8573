-- What the disclosure control costs: rows of the publication tables that are shown, that hide themselves, and that are
-- hidden for others. Exact numbers of rows: this table is not published.
{%- set reasons = ['unknown', 'count', 'complement', 'denominator', 'share', 'quantile', 'dominance'] %}
with pattern as (
    select * from {{ ref('int_disclosure__pattern') }}
),

counted as (
    select
        schema_name,
        table_name,
        region_level,
        count(case when not is_hidden then 1 end) as shown,
        count(case when is_hidden and is_primary then 1 end) as hidden_primary,
        count(case when is_hidden and not is_primary then 1 end) as hidden_secondary,
        {%- for reason in reasons %}
        count(case when primary_reason = '{{ reason }}' then 1 end) as hidden_for_{{ reason }},
        {%- endfor %}
        count(*) as cells
    from pattern
    group by schema_name, table_name, region_level
)

select
    schema_name,
    table_name,
    region_level,
    cells,
    shown,
    hidden_primary,
    hidden_secondary,
    {%- for reason in reasons %}
    hidden_for_{{ reason }},
    {%- endfor %}
    round(cast(shown as double) / cells, 6) as shown_share
from counted
