{% test expression_holds(model, expression) %}
{{ config(description="Fails with the rows for which the expression is false; unknown (null) passes.") }}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
