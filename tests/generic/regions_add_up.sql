{% test regions_add_up(model, levels, breakdown=[]) %}
{%- set dimensions = ['birth_year'] + breakdown %}
with parts as (

    select
        region_level,
        {% for dimension in dimensions %}{{ dimension }}, {% endfor -%}
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ model }}
    where region_level in ({{ sql_list(levels) }})
    group by region_level, {% for dimension in dimensions %}{{ dimension }}{{ ', ' if not loop.last }}{% endfor %}

),

city as (

    select *
    from {{ model }}
    where region_level = 'municipality' and region_code = '{{ var("city_municipality_code") }}'

)

select
    parts.*,
    city.numerator as numerator_of_city,
    city.denominator as denominator_of_city
from parts
inner join city
    on
        {% for dimension in dimensions -%}
        parts.{{ dimension }} is not distinct from city.{{ dimension }}
        {{ 'and ' if not loop.last }}
        {%- endfor %}
where parts.numerator != city.numerator or parts.denominator != city.denominator
{% endtest %}
