with families as (
    {%- for table, declaration in cell_tables().items() if declaration.schema %}
    {%- for relation in declaration.relations %}
    {%- set within = [declaration.axis, 'region_level', 'region_code'] + relation.get('within', []) %}
    select
        '{{ table }}, {{ loop.index }}' as family,
        '{{ relation.get('kind', 'sum') }}' as kind,
        count(*) as cells,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells,
        sum(case when is_hidden and {{ relation.get('head', 'false') }} then 1 else 0 end) as hidden_heads
    from {{ ref(table) }}
    where {{ relation.members }}
    group by {{ within | join(', ') }}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        'risk_factor_counts, all numbers' as family,
        'sum' as kind,
        count(*) as cells,
        sum(case when is_hidden then 1 else 0 end) as hidden_cells,
        0 as hidden_heads
    from {{ ref('risk_factor_counts') }}
    where number_of_risk_factors in ('0', '1', '2', '3+')
    group by birth_year, region_level, region_code
)

select *
from families
where
    (kind = 'sum' and hidden_cells = 1 and cells > 1)
    or (kind = 'together' and hidden_cells > 0 and hidden_cells < cells)
    or (kind = 'head' and hidden_heads > 0 and hidden_cells < cells)
