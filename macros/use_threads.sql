{# Queries of a run use as many threads as dbt itself, so that `--threads` means both. #}
{% macro use_threads() %}
    set threads = {{ target.threads }}
{% endmacro %}
