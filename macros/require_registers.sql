{# Stops a run with one sentence when no registers have been ingested. #}
{% macro require_registers() %}
    {% if execute and flags.WHICH in ['build', 'run', 'test', 'snapshot'] %}
        {% set folder = env_var('KANSRIJKE_START_REGISTERS', 'data/registers') %}
        {% set found = run_query("select count(*) from glob('" ~ folder ~ "/manifest.json')") %}
        {% if found.columns[0].values()[0] == 0 %}
            {{ exceptions.raise_compiler_error(
                "There are no registers in '" ~ folder ~ "': run `make registers` (or `kansrijke-start synthesize`"
                ~ " and `kansrijke-start ingest`) from the project root first."
            ) }}
        {% endif %}
    {% endif %}
    {{ return('') }}
{% endmacro %}
