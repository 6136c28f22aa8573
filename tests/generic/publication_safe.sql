{% test publication_safe(model) %}
{{ config(description="Fails with the rows of a publication table that show a count of 1 to the minimum, a count that is not rounded to the base, a hidden cell with a number beside it, or a column that identifies a person, household or dwelling.") }}
{%- set measures = [] %}
{%- set keys = [] %}
{%- if execute %}
    {%- for column in adapter.get_columns_in_relation(model) %}
        {%- if modules.re.search('rinpersoon|(^|_)(person|birth|child|mother|parent|household|address_object)_id$', column.name) %}
            {%- do keys.append(column.name) %}
        {%- endif %}
        {%- if column.dtype | lower in ['bigint', 'double'] %}
            {%- do measures.append(column.name) %}
        {%- endif %}
    {%- endfor %}
{%- endif %}
{%- set base = var('rounding_base') | int %}
{%- set minimum = var('minimum_cell_count') | int %}
select *
from {{ model }}
where
    {{ 'true' if keys else 'false' }}
    {%- for count in ['numerator', 'denominator'] %}
    or ({{ count }} > 0 and {{ count }} < {{ (minimum + base // 2) // base * base }})
    or {{ count }} % {{ base }} != 0
    {%- endfor %}
    {%- for measure in measures %}
    or (is_hidden and {{ measure }} is not null)
    {%- endfor %}
{% endtest %}
