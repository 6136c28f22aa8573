{% test unique_key(model, columns, largest_share=0) %}
{%- set is_complete = columns | join(' is not null and ') ~ ' is not null' %}
{#- Hashes are counted first, as that is quick. Two keys with one hash can only raise a false alarm: equal keys have
    equal hashes. Only after an alarm the keys themselves are counted, and they decide. -#}
with quick_count as (

    select
        count(*) as all_rows,
        count(distinct case when {{ is_complete }} then {{ row_hash(columns) }} end) as distinct_hashes
    from {{ model }}

),

alarm as (

    select all_rows
    from quick_count
    where all_rows - distinct_hashes > {{ largest_share }} * all_rows

),

keys as (

    select
        {% for column in columns %}{{ column }}, {% endfor -%}
        count(*) as rows_with_key
    from {{ model }}
    cross join alarm
    group by {% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

counted as (

    select
        sum(rows_with_key) as all_rows,
        sum(case when {{ is_complete }} then rows_with_key - 1 else rows_with_key end) as rows_too_many
    from keys

)

select
    all_rows,
    rows_too_many
from counted
where rows_too_many > {{ largest_share }} * all_rows
{% endtest %}
