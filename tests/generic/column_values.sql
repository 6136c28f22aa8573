{% test column_values(model, not_null=[], accepted_values={}) %}
{%- set rules = [] %}
{%- for column in not_null %}
{%- do rules.append({'column': column, 'breach': 'is_null', 'condition': column ~ ' is null'}) %}
{%- endfor %}
{%- for column, values in accepted_values.items() %}
{%- set condition = column ~ ' not in (' ~ sql_list(values) ~ ')' %}
{%- do rules.append({'column': column, 'breach': 'not_accepted', 'condition': condition}) %}
{%- endfor %}
with counted as (

    select
        {% for rule in rules -%}
            count(case when {{ rule.condition }} then 1 end) as {{ rule.column }}_{{ rule.breach }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from {{ model }}

),

breaches as (

    {% for rule in rules -%}
        select
            '{{ rule.column }}' as column_name,
            '{{ rule.breach }}' as breach,
            {{ rule.column }}_{{ rule.breach }} as rows_found
        from counted
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    column_name,
    breach,
    rows_found
from breaches
where rows_found > 0
{% endtest %}
