{% test same_row_count(model, compare_model, compare_where=none) %}
with counted as (

    select
        (select count(*) from {{ model }}) as rows_here,
        (select count(*) from {{ compare_model }}{% if compare_where %} where {{ compare_where }}{% endif %}) as rows_there

)

select
    rows_here,
    rows_there
from counted
where rows_here != rows_there
{% endtest %}
