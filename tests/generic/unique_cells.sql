{% test unique_cells(model, columns) %}
{{ config(description="Fails with the combinations of the given columns that occur more than once; null counts as a value (a null year of birth stands for all years together).") }}
select
    {% for column in columns %}{{ column }}, {% endfor -%}
    count(*) as rows_with_key
from {{ model }}
group by {% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %}
having count(*) > 1
{% endtest %}
