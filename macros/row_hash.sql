{# A number of a row's columns, equal for equal rows; different rows have the same one hardly ever. #}
{% macro row_hash(columns) %}
    {{ return(adapter.dispatch('row_hash', 'kansrijke_start')(columns)) }}
{% endmacro %}

{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
