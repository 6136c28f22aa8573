{# Queries of a run use as many threads as dbt itself, so that `--threads` means both. #}
{% macro use_threads() %}
    {{ return(adapter.dispatch('use_threads', 'kansrijke_start')()) }}
{% endmacro %}

{# Elsewhere the engine has its own settings for this. #}
{% macro default__use_threads() %}
    {{ return('') }}
{% endmacro %}

{% macro duckdb__use_threads() %}
    {{ return('set threads = ' ~ target.threads) }}
{% endmacro %}
