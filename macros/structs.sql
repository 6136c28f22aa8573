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

{#- One row per element of a list; a macro for `from`: the list's own columns are read with struct_field. -#}
{% macro unnested(relation, list_column, alias) %}
    {{ return(adapter.dispatch('unnested', 'kansrijke_start')(relation, list_column, alias)) }}
{% endmacro %}

{% macro default__unnested(relation, list_column, alias) -%}
    (select unnest({{ list_column }}) as {{ alias }} from {{ relation }})
{%- endmacro %}

{% macro spark__unnested(relation, list_column, alias) -%}
    (select explode({{ list_column }}) as {{ alias }} from {{ relation }})
{%- endmacro %}
