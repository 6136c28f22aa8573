{% test complete_cells(model, dimensions, cells_at={}) %}
{%- set is_cell_of_level = [] %}
{%- for level, condition in cells_at.items() %}
{%- do is_cell_of_level.append("(places.region_level != '" ~ level ~ "' or (" ~ condition ~ '))') %}
{%- endfor %}
with places as (

    select distinct
        birth_year,
        region_level,
        region_code
    from {{ model }}

),

combinations as (

    select distinct {{ dimensions | join(', ') }}
    from {{ model }}

),

expected as (

    select
        places.*,
        combinations.*
    from places
    cross join combinations
    where {{ is_cell_of_level | join(' and ') or 'true' }}

),

found as (

    select
        birth_year,
        region_level,
        region_code,
        {{ dimensions | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by birth_year, region_level, region_code, {{ dimensions | join(', ') }}

)

select
    coalesce(expected.region_level, found.region_level) as region_level,
    coalesce(expected.region_code, found.region_code) as region_code,
    found.rows_found
from expected
full outer join found
    on
        expected.birth_year is not distinct from found.birth_year
        and expected.region_level = found.region_level
        and expected.region_code = found.region_code
        {% for dimension in dimensions -%}
            and expected.{{ dimension }} = found.{{ dimension }}
        {% endfor %}
where found.rows_found is null or expected.region_code is null
{% endtest %}
