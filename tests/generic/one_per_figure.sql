{% test one_per_figure(model, column_names, figures) %}
{%- set breaches = ['coordinates.figure_row_id is null'] %}
{%- for column in column_names %}
{%- do breaches.append('coordinates.values_of_' ~ column ~ ' > 1') %}
{%- do breaches.append('coordinates.rows_with_' ~ column ~ ' not in (0, coordinates.rows_found)') %}
{%- endfor %}
with coordinates as (

    select
        figure_row_id,
        {% for column in column_names -%}
            count(distinct {{ column }}) as values_of_{{ column }},
            count({{ column }}) as rows_with_{{ column }},
        {% endfor -%}
        count(*) as rows_found
    from {{ model }}
    group by figure_row_id

)

select
    figures.figure_row_id,
    coordinates.rows_found
from {{ figures }} as figures
left join coordinates on figures.figure_row_id = coordinates.figure_row_id
where {{ breaches | join(' or ') }}
{% endtest %}
