{# Schemas carry their plain names (staging, regiobeeld, ...) so that queries and BI tools can rely on them. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}
