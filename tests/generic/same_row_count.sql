{% test same_row_count(model, compare_model, where=none) %}
{{ config(description="Fails when a model has not exactly as many rows as another one, of which a condition may choose the rows: nothing is lost or doubled between two layers.") }}
with counted as (

    select
        (select count(*) from {{ model }}) as rows_here,
        (select count(*) from {{ compare_model }}{% if where %} where {{ where }}{% endif %}) as rows_there

)

select
    rows_here,
    rows_there
from counted
where rows_here != rows_there
{% endtest %}
