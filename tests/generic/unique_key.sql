{% test unique_key(model, columns, largest_share=0) %}
with keys as (

    select
        {% for column in columns %}{{ column }}, {% endfor -%}
        count(*) as rows_with_key
    from {{ model }}
    group by {% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

counted as (

    select
        sum(rows_with_key) as all_rows,
        sum(
            case
                when {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
                    then rows_with_key
                else rows_with_key - 1
            end
        ) as rows_too_many
    from keys

)

select
    all_rows,
    rows_too_many
from counted
where rows_too_many > {{ largest_share }} * all_rows
{% endtest %}
