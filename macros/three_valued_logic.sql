{# Three-valued logic over the rows of a group: yes, no, unknown (null). #}

{% macro any_true(flag) -%}
    case
        when max(case when {{ flag }} then 1 else 0 end) = 1 then true
        when count({{ flag }}) = count(*) then false
    end
{%- endmacro %}

{% macro count_true(flags) -%}
    {%- for flag in flags %}
    case when {{ flag }} then 1 else 0 end{{ ' +' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro yes_no_unknown(flag) -%}
    case when {{ flag }} then 'yes' when not ({{ flag }}) then 'no' else 'unknown' end
{%- endmacro %}
