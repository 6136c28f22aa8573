{# Says at the end of a build which years of birth have no days, and what that leaves empty. #}

{% macro report_masked_birth_days() %}
    {%- set date_precision = ref('int_births__date_precision') -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set relation = load_relation(date_precision) -%}
        {%- if relation is not none -%}
            {%- set found = run_query(
                'select birth_year from ' ~ relation ~ ' where is_birth_day_masked order by birth_year'
            ) -%}
            {%- set years = found.columns[0].values() | join(', ') -%}
            {%- if years -%}
                {%- do log(
                    'Birth days are masked to the first of the month in ' ~ years ~ ': neonatal death has no number for '
                    ~ 'these years (column remark of birth_events and birth_events_by_risk says so), and a stay in '
                    ~ 'hospital is looked for from the first day of the month of birth.', info=true
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}
