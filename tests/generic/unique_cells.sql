{% test unique_cells(model, columns) %}
select
    {% for column in columns %}{{ column }}, {% endfor -%}
    count(*) as rows_with_key
from {{ model }}
group by {% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %}
having count(*) > 1
{% endtest %}
