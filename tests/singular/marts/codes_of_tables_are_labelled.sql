with used as (
    {%- for table, declaration in cell_tables().items() if declaration.schema %}
    {%- set outer = loop %}
    {%- for column in declaration.breakdown %}
    select distinct
        '{{ column }}' as dimension,
        {{ column }} as code
    from {{ ref(declaration.cells ~ table ~ '_cells') }}
    union
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as varchar) as dimension,
        cast(null as varchar) as code
    where false
)

select
    labels.dimension,
    labels.code
from {{ ref('labels') }} as labels
left join used on labels.dimension = used.dimension and labels.code = used.code
where
    used.code is null
    -- These stand in columns that are no breakdown of a publication table.
    and labels.dimension not in (
        'population_reason', 'remark', 'caveat', 'stay', 'survey_item', 'survey_item_value', 'measure'
    )
