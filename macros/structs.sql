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
