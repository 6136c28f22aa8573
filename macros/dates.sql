{# Dates of the studies: the reference date of a birth, age in whole years, dates of which only a part is known. #}

{% macro reference_date(birth_year) -%}
    make_date({{ birth_year }} - 1, 12, 31)
{%- endmacro %}

{% macro whole_years(from_date, to_date) -%}
    (
        extract(year from {{ to_date }}) - extract(year from {{ from_date }})
        - case
            when extract(month from {{ to_date }}) * 100 + extract(day from {{ to_date }})
                < extract(month from {{ from_date }}) * 100 + extract(day from {{ from_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}

{% macro earliest_date(year, month, day) -%}
    coalesce(
        {{ parse_date(year ~ " || " ~ month ~ " || " ~ day) }},
        {{ parse_date(year ~ " || " ~ month ~ " || '01'") }},
        {{ parse_date(year ~ " || '0101'") }}
    )
{%- endmacro %}

{% macro next_day(date) %}
    {{ return(adapter.dispatch('next_day', 'kansrijke_start')(date)) }}
{% endmacro %}

{% macro default__next_day(date) -%}
    ({{ date }} + 1)
{%- endmacro %}

{% macro spark__next_day(date) -%}
    date_add({{ date }}, 1)
{%- endmacro %}

{% macro add_days(date, days) %}
    {{ return(adapter.dispatch('add_days', 'kansrijke_start')(date, days)) }}
{% endmacro %}

{% macro default__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}

{% macro days_between(from_date, to_date) %}
    {{ return(adapter.dispatch('days_between', 'kansrijke_start')(from_date, to_date)) }}
{% endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    ({{ to_date }} - {{ from_date }})
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}
