-- Every exact cell of every table that is built, in one shape, for the comparison with the published figures.
{%- for table, declaration in cell_tables().items() %}
select
    '{{ table }}' as table_name,
    birth_year,
    region_level,
    region_code,
    {{ breakdown_key(declaration.breakdown) }} as breakdown_key,
    numerator,
    denominator,
    {{ 'value' if declaration.has_values else 'cast(null as double)' }} as value,
    {{ 'value_standard_error' if declaration.has_values else 'cast(null as double)' }} as value_standard_error
from {{ ref(declaration.cells ~ table ~ '_cells') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
