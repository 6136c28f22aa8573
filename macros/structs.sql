{# Reading of nested values. #}

{% macro struct_field(struct, field) %}
    {{ return(adapter.dispatch('struct_field', 'kansrijke_start')(struct, field)) }}
{% endmacro %}

{% macro default__struct_field(struct, field) -%}
    struct_extract({{ struct }}, '{{ field }}')
{%- endmacro %}

{% macro spark__struct_field(struct, field) -%}
    {{ struct }}.{{ field }}
{%- endmacro %}

{#- An expression of `select` that makes one row per element of a list. -#}
{% macro unnested(list_column) %}
    {{ return(adapter.dispatch('unnested', 'kansrijke_start')(list_column)) }}
{% endmacro %}

{% macro default__unnested(list_column) -%}
    unnest({{ list_column }})
{%- endmacro %}

{% macro spark__unnested(list_column) -%}
    explode({{ list_column }})
{%- endmacro %}
