{% test complete_cells(model, dimensions) %}
with places as (

    select distinct
        birth_year,
        region_level,
        region_code
    from {{ model }}

),

counted as (

    select
        {% for dimension in dimensions %}{{ dimension }}, {% endfor -%}
        count(*) as rows_found
    from {{ model }}
    group by {% for dimension in dimensions %}{{ dimension }}{{ ', ' if not loop.last }}{% endfor %}

)

select *
from counted
where rows_found != (select count(*) from places)
{% endtest %}
