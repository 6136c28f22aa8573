{# Reading of raw register values: dates and spells. DuckDB-only syntax stays behind dispatch. #}

{% macro parse_date(text) %}
    {{ return(adapter.dispatch('parse_date', 'kansrijke_start')(text)) }}
{% endmacro %}

{% macro default__parse_date(text) -%}
    cast(try_strptime({{ text }}, '%Y%m%d') as date)
{%- endmacro %}

{% macro spark__parse_date(text) -%}
    try_to_date({{ text }}, 'yyyyMMdd')
{%- endmacro %}

{% macro spell_end(text) -%}
    {#- '88888888' and years from 2050 on both mean: still running when the file was made. -#}
    case
        when {{ text }} = '88888888' or {{ text }} >= '20500101' then cast(null as date)
        else {{ next_day(parse_date(text)) }}
    end
{%- endmacro %}

{% macro covers(valid_from, valid_to, reference_date) -%}
    ({{ valid_from }} <= {{ reference_date }} and ({{ valid_to }} is null or {{ valid_to }} > {{ reference_date }}))
{%- endmacro %}
